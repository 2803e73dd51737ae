# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What other programs take from the node as it is: things, surfaces, where the thing is."""

from __future__ import annotations

from collections.abc import Callable
import importlib
from typing import Any

from geometry_msgs.msg import PointStamped
import numpy as np
from rclpy.lifecycle import LifecycleNode
from std_msgs.msg import Header

from ssr_ros.engine.answering import Answered, Answering, Reply
from ssr_ros.engine.detections3d import detections_3d
from ssr_ros.engine.intake import Intake
from ssr_ros.engine.pace import Pace
from ssr_ros.engine.settings import PublishSettings
from ssr_ros.engine.transforms import RigidTransform
from ssr_ros.msg import Scene
from ssr_ros.robot.messages import point, scene_message
from ssr_ros.scene import SceneFacts

NO_VISION_MSGS = (
    'the package vision_msgs is not installed: ~/detections is not published (sudo apt install '
    'ros-$ROS_DISTRO-vision-msgs); ~/answer and ~/measure hold the same objects'
)


class Outputs:
    """Publishes things and surfaces without being asked, and what an answer is about.

    ``~/objects`` is our own message, ``~/detections`` that of vision_msgs, and ``~/target`` is
    where nav2 and MoveIt are to go.

    Args:
        node: the publishers are its own.
        below: the name of the camera that they stand below; '' is none.
        settings: gives the current settings.

    Attributes:
        pace: how often things were sent without a question, and how often not in time.
    """

    def __init__(
        self, node: LifecycleNode, below: str, settings: Callable[[], PublishSettings]
    ) -> None:
        self._settings, self.pace = settings, Pace()
        self._target = node.create_lifecycle_publisher(PointStamped, own(below, 'target'), 10)
        self._objects = node.create_lifecycle_publisher(Scene, own(below, 'objects'), 1)
        self._detections: Any = None
        try:
            detections = message_type('vision_msgs/msg/Detection3DArray')
        except ModuleNotFoundError:
            node.get_logger().info(NO_VISION_MSGS)
        else:
            self._detections = node.create_lifecycle_publisher(
                detections, own(below, 'detections'), 10
            )

    def refresh(self, answering: Answering, intake: Intake) -> None:
        """Send what is seen, where it is due and somebody listens.

        Raises:
            SsrError: the frame cannot be used.
        """
        rate_hz, snapshot = self._settings().objects_rate_hz, intake.peek()
        if not (self._objects.get_subscription_count() or self._has_readers()):
            self.pace.rest()
        elif snapshot is not None and self.pace.is_due(rate_hz, snapshot.number):
            reply = answering.glimpse(snapshot, wait_s=0.5 / rate_hz)
            self._objects.publish(scene_message(reply))
            self.show_things(reply.facts, _header(reply), reply.transform)

    def show(self, reply: Reply) -> None:
        """Publish where the thing asked about is, if there is one, and what else was measured."""
        header = _header(reply)
        if isinstance(reply, Answered) and np.isfinite(reply.one.target_m).all():
            at = point(reply.transform.point(reply.one.target_m))
            self._target.publish(PointStamped(header=header, point=at))
        self.show_things(reply.facts, header, reply.transform)

    def show_things(self, facts: SceneFacts, header: Header, transform: RigidTransform) -> None:
        """Publish the things of a frame as detections, where somebody listens.

        Args:
            facts: of the frame.
            header: of its colour image, in the frame id of ``transform``.
            transform: to the frame that the boxes are given in.
        """
        if self._has_readers():
            self._detections.publish(detections_3d(facts, header, transform, message_type))

    def _has_readers(self) -> bool:
        return self._detections is not None and self._detections.get_subscription_count() > 0


def own(below: str, name: str) -> str:
    """Return a topic of the node's own, below a camera's name where it has one."""
    return f'~/{below}/{name}' if below else f'~/{name}'


def _header(reply: Reply) -> Header:
    return Header(stamp=reply.header.stamp, frame_id=reply.transform.frame_id)


def message_type(name: str) -> type:
    """Return an installed message class by its full name, 'vision_msgs/msg/Detection3D'.

    Raises:
        ModuleNotFoundError: its package is not installed.
    """
    package, _, kind = name.split('/')
    found: type = getattr(importlib.import_module(f'{package}.msg'), kind)
    return found
