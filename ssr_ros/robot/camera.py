# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""One camera of the node: what is taken from it, and what is sent about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from rclpy.callback_groups import CallbackGroup
from rclpy.lifecycle import LifecycleNode

from ssr_ros.engine import diagnostics
from ssr_ros.engine.answering import Answering, Reply
from ssr_ros.engine.intake import Intake
from ssr_ros.engine.reasoner import Reasoner
from ssr_ros.engine.settings import Settings
from ssr_ros.engine.transforms import RigidTransform
from ssr_ros.errors import SsrError
from ssr_ros.grounding import Grounder
from ssr_ros.robot.gravity import LiveGravity
from ssr_ros.robot.naming import NameSubscriptions
from ssr_ros.robot.outputs import Outputs
from ssr_ros.robot.pictures import Pictures
from ssr_ros.robot.subscriptions import CameraSubscriptions


class Camera:
    """Takes one camera's topics between ``open`` and ``close``, and sends what is seen.

    Args:
        node: subscriptions and publishers are its own.
        name: the camera's; '' where it is the only one.
        settings: gives this camera's current settings.
        group: of the callbacks that take messages.
        transform: gives the transform from a header's frame to another at its stamp.
        on_pair: called whenever a pair of images is complete; must be quick.

    Attributes:
        name: the camera's.
        intake: what has arrived.
    """

    def __init__(
        self,
        node: LifecycleNode,
        name: str,
        settings: Callable[[], Settings],
        group: CallbackGroup,
        transform: Callable[[str, Any], RigidTransform],
        on_pair: Callable[[], None],
    ) -> None:
        self.name = name
        self._node, self._settings, self._group = node, settings, group
        self._transform = transform
        self._topics = CameraSubscriptions(node, settings(), group, name)
        self.intake = Intake(
            round(settings().sync.tolerance_s * 1e9),
            lambda: int(node.get_clock().now().nanoseconds),
            self._topics.why_silent,
            on_pair,
        )
        self._names = NameSubscriptions(node, settings().grounding, group)
        self._gravity = LiveGravity(node, settings, transform)
        self._outputs = Outputs(node, name, lambda: settings().publish)
        self._pictures = Pictures(node, name, lambda: settings().publish)
        self._watch = diagnostics.CameraWatch()
        self._answering: Answering | None = None

    @property
    def topic(self) -> str:
        """The colour topic, namespace and remappings applied."""
        return self._topics.topic('color')

    def answered_by(self, reasoner: Reasoner, grounders: Sequence[Grounder]) -> Answering:
        """Make what answers questions about this camera, with a model that others may share."""
        self._answering = Answering(
            reasoner,
            self.intake,
            self._settings,
            self._transform,
            self._gravity.down,
            self.topic,
            self.name,
            self._names.detectors,
            grounders,
        )
        return self._answering

    def open(self) -> None:
        """Subscribe."""
        self._watch = diagnostics.CameraWatch(self.topic, self.name)
        self._topics.open(self.intake)
        self._gravity.open(self._group)
        self._names.open()

    def close(self) -> None:
        """Unsubscribe, and let go of frames and what was computed from them."""
        self._topics.close()
        self._gravity.close()
        self._names.close()
        self.intake.forget()
        if self._answering is not None:
            self._answering.forget()
        self._pictures.forget()

    def settle(self, settings: Settings) -> None:
        """Take over settings that have changed."""
        self.intake.set_tolerance(round(settings.sync.tolerance_s * 1e9))

    def show_later(self, reply: Reply) -> None:
        """Send what an answer is about, and remember it for the pictures."""
        self._outputs.show(reply)
        self._pictures.show_later(reply)

    def show(self) -> None:
        """Send what is due without a question."""
        if self._answering is None:
            return
        try:
            self._outputs.refresh(self._answering, self.intake)
            self._pictures.refresh(self._answering, self.intake)
        except SsrError as error:
            self._node.get_logger().warning(f'nothing to show: {error}', throttle_duration_sec=10)
        except RuntimeError:  # rcl's errors are; after Ctrl-C there is nobody left to show it to
            if self._node.context.ok():
                raise

    def look_ahead(self) -> bool:
        """Remember the newest frame if that is due; return whether the model has read it."""
        try:
            return self._answering is not None and self._answering.look_ahead()
        except SsrError as error:
            self._node.get_logger().warning(f'not kept: {error}', throttle_duration_sec=10)
            return False

    def ask_for_latched_info(self) -> None:
        """Ask for a camera_info that was sent once, where none has come."""
        if self.intake.infos == 0:
            self._topics.catch_latched_info(self.intake)

    def status(self) -> diagnostics.Status:
        """Report on the time since the last call."""
        doubts = self._topics.crowded()
        if self._gravity.trouble:
            doubts.append(f'where down is could not be told: {self._gravity.trouble}')
        status = self._watch.status(self.intake, self._settings(), self.intake.now()[0], doubts)
        if self._answering is not None:
            status.values.update(diagnostics.memory_values(self._answering.memory))
        status.values['objects sent'] = self._outputs.pace.kept
        status.values['objects not sent in time'] = self._outputs.pace.missed
        return status
