# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The lifecycle node ``ssr``: what exists in which state, and the wiring between the parts."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray
from rclpy.callback_groups import CallbackGroup, MutuallyExclusiveCallbackGroup
from rclpy.clock import Clock, ClockType
from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn
from rclpy.timer import Timer

from ssr_ros.engine import diagnostics
from ssr_ros.engine.answering import Answering, Reply
from ssr_ros.engine.cameras import NodeSettings
from ssr_ros.engine.grounders import configured
from ssr_ros.engine.reasoner import Reasoner
from ssr_ros.engine.request import Code, refusal, Refused
from ssr_ros.engine.rounds import Rounds
from ssr_ros.engine.settings import Settings
from ssr_ros.engine.transforms import RigidTransform
from ssr_ros.engine.worker import Worker
from ssr_ros.errors import ConfigError, quoted, SsrError
from ssr_ros.robot.bond import LifeSign
from ssr_ros.robot.camera import Camera
from ssr_ros.robot.endpoints import Endpoints, NOT_ACTIVE
from ssr_ros.robot.messages import diagnostic_array
from ssr_ros.robot.parameters import Parameters
from ssr_ros.robot.rclpy_gaps import destroy_state_machine, logged, survive_impossible_transitions
from ssr_ros.robot.transforms import Transforms

SHUTTING_DOWN = Refused(Code.NOT_ACTIVE, 'the node is shutting down')


@dataclass(frozen=True)
class Loaded:
    """What configuring brings and cleaning up frees."""

    reasoner: Reasoner
    answerings: dict[str, Answering]


class SsrNode(LifecycleNode):
    """Answers spatial questions about the newest RGB-D frame.

    Args:
        load: makes the reasoner, called as ``load_reasoner`` is.

    Attributes:
        quick: the group of the callbacks that never wait for anything.

    Raises:
        ConfigError: a parameter is not known, or has a wrong value.
    """

    def __init__(self, load: Callable[..., Any], **kwargs: Any) -> None:
        super().__init__('ssr', automatically_declare_parameters_from_overrides=True, **kwargs)
        survive_impossible_transitions(self)
        self._load = load
        self._given = Parameters(self, self._settings_changed)
        self.quick = MutuallyExclusiveCallbackGroup()
        self._cameras = {
            name: Camera(
                self,
                name,
                partial(self._settings_of, name),
                self.quick,
                self._transform,
                self._wake,
            )
            for name in self._given.settings.names
        }
        self._turns = deque(self._cameras.values())
        self._endpoints = Endpoints(self, lambda: self.settings, self._show, self.quick)
        self._failure: Refused | None = None
        self._loaded: Loaded | None = None
        self._worker: Worker | None = None
        self._transforms: Transforms | None = None
        self._rounds: Rounds | None = None
        self._life = LifeSign(self)
        self._diagnostics = self.create_publisher(DiagnosticArray, '/diagnostics', 10)
        self.every(1.0, self._once_a_second, self.quick)

    @property
    def settings(self) -> Settings:
        """The current settings, as far as no camera has others of its own."""
        return self._given.settings.shared

    @property
    def is_active(self) -> bool:
        """Whether questions are answered."""
        return self._endpoints.is_open

    def bring_up(self) -> None:
        """Configure and activate, as soon as the executor spins."""

        def once() -> None:
            timer.cancel()
            try:
                if self.trigger_configure() == TransitionCallbackReturn.SUCCESS:
                    self.trigger_activate()
            except RuntimeError as error:
                if self.context.ok():
                    self.get_logger().warning(f'somebody else does the transitions: {error}')

        timer = self.every(0.0, once, MutuallyExclusiveCallbackGroup())

    def end(self) -> None:
        """Let every waiting caller go, for the end of the process."""
        self._endpoints.close(SHUTTING_DOWN)
        self._life.close()
        self._stop_rounds()
        self._stop_worker(SHUTTING_DOWN, wait_s=1.0)

    def destroy_node(self) -> None:
        """Leave the ROS graph, and take what lies in shared memory along."""
        if hasattr(self, '_endpoints'):  # a wrong parameter ends the making before; Kilted's
            self._endpoints.destroy()  # context then destroys what there is of the node
        destroy_state_machine(self)
        super().destroy_node()

    def note_failure(self, why: Refused | None) -> None:
        """Remember why the node cannot become active, for whoever asks; None: nothing is wrong."""
        self._failure = why
        self._endpoints.close(why or NOT_ACTIVE)

    @logged
    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Load and warm up the model."""
        model = self.settings.model
        self.get_logger().info(f'loading {model.path} (device {model.device}, {model.dtype})')
        try:
            self._settings_changed(self._given.settings)
            reasoner = self._load_in_worker()
            grounders = configured(self.settings.grounding, reasoner)
        except SsrError as error:
            code, text = refusal(error)
            why = Refused(code, f'the node could not be configured: {text}')
            self.note_failure(why)
            if self.context.ok():
                self.get_logger().error(str(why))
            self._free(why)
            return TransitionCallbackReturn.FAILURE
        self.note_failure(None)
        answerings = {
            name: camera.answered_by(reasoner, grounders) for name, camera in self._cameras.items()
        }
        self._loaded = Loaded(reasoner, answerings)
        self.get_logger().info(f'ready: {reasoner.description}')
        if not reasoner.trained:
            self.get_logger().warning('UNTRAINED WEIGHTS: the text of every answer is noise')
        return super().on_configure(state)

    @logged
    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Subscribe to the camera and answer questions."""
        if self._loaded is None or self._worker is None:
            raise RuntimeError('rclpy activates what was not configured')
        for camera in self._cameras.values():
            camera.open()
        done = super().on_activate(state)
        self._endpoints.open(self._loaded.answerings, self._worker)
        self._rounds = Rounds(self._show_what_is_due)
        if not self.settings.auto_activate:  # somebody manages it, and may look after it
            self._life.open()
        return done

    @logged
    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Unsubscribe and let go of frames and what was computed from them; the weights stay."""
        self._endpoints.close(NOT_ACTIVE)
        self._close_cameras()
        return super().on_deactivate(state)

    @logged
    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Free the model and the device."""
        self._free(NOT_ACTIVE)
        return super().on_cleanup(state)

    @logged
    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Do what deactivate and cleanup do."""
        if self._endpoints.is_open:
            self.on_deactivate(state)
        return self.on_cleanup(state)

    @logged
    def on_error(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Go back to unconfigured, with nothing held."""
        self._close_cameras()
        self._free(self._failure or NOT_ACTIVE)
        return TransitionCallbackReturn.SUCCESS

    def _load_in_worker(self) -> Reasoner:
        """Load and warm up where the model will be used.

        This thread, which rclpy's state machine is held by, is let go when the node is to end:
        else its participant, and with it shared memory, would outlive the process.

        Raises:
            SsrError: it cannot be loaded, or the node is shutting down.
        """
        settings, model = self.settings, self.settings.model
        self._worker = Worker(
            settings.question.max_waiting,
            lambda: self.settings.answer.limit_s,
            self._between_questions,
        )

        def load() -> Reasoner:
            stock = {'keep_stock': True} if settings.grounding.vlm else {}
            reasoner: Reasoner = self._load(
                model.path,
                device=model.device,
                dtype=model.dtype,
                encoders=model.encoders,
                memory_budget_gb=model.memory_budget_gb,
                **stock,
            )
            try:
                reasoner.warm_up()
            except SsrError:
                reasoner.release()
                raise
            return reasoner

        reasoner: Reasoner = self._worker.submit(load, limited=False).result()
        return reasoner

    def _stop_worker(self, because: Refused, wait_s: float) -> None:
        stopped = self._worker is None or self._worker.stop(because, wait_s)
        if not stopped and self.context.ok():
            self.get_logger().warning('the worker is still busy with the last question')

    def _free(self, because: Refused) -> None:
        """Let go of the worker, the model and the device."""
        stuck = self._worker is not None and self._worker.stuck
        self._stop_worker(because, wait_s=1.0 if stuck else 30.0)
        loaded, self._loaded, self._worker = self._loaded, None, None
        if loaded is not None:
            loaded.reasoner.release()

    def _transform(self, target: str, header: Any) -> RigidTransform:
        if target == header.frame_id:
            return RigidTransform.identity(target)
        if self._transforms is None:
            raise Refused(
                Code.NO_TRANSFORM,
                f'no transform from {quoted(header.frame_id)} to {quoted(target)}: tf2_ros is not '
                'installed (apt package ros-$ROS_DISTRO-tf2-ros-py)',
            )
        return self._transforms.lookup(target, header)

    def _settings_of(self, camera: str) -> Settings:
        return self._given.settings.of(camera)

    def _show(self, reply: Reply) -> None:
        self._cameras[reply.request.camera].show_later(reply)
        self._wake()

    def _wake(self) -> None:
        rounds = self._rounds
        if rounds is not None:
            rounds.wake()

    def _show_what_is_due(self) -> None:
        """Send what nobody asks for, in a thread of its own."""
        for camera in self._cameras.values():
            if self._endpoints.is_open:
                camera.show()

    def _between_questions(self) -> None:
        """Remember what is seen; after one frame has been read, questions come first again."""
        for _ in range(len(self._turns)):
            camera = self._turns[0]
            self._turns.rotate(-1)
            if self._endpoints.is_open and camera.look_ahead():
                return

    def _close_cameras(self) -> None:
        self._life.close()
        self._stop_rounds()
        for camera in self._cameras.values():
            camera.close()

    def _stop_rounds(self) -> None:
        rounds, self._rounds = self._rounds, None
        if rounds is not None and not rounds.stop() and self.context.ok():
            self.get_logger().warning('what is sent without a question is still being computed')

    def _prepare_transforms(self, settings: Settings) -> None:
        """Listen to tf where a setting needs it.

        Raises:
            ConfigError: it does, and tf2_ros is not installed.
        """
        if self._transforms is not None:
            return
        if settings.target_frame or settings.gravity.frame:
            self._transforms = Transforms(self)
        elif settings.gravity.imu_topic:
            with suppress(ConfigError):  # an IMU in the camera's own frame needs none
                self._transforms = Transforms(self)

    def _settings_changed(self, settings: NodeSettings) -> None:
        for name, camera in self._cameras.items():
            self._prepare_transforms(settings.of(name))
            camera.settle(settings.of(name))

    def every(self, period_s: float, callback: Callable[[], None], group: CallbackGroup) -> Timer:
        """Call something again and again, whatever clock the node goes by."""
        # On the steady clock: under use_sim_time the node's own stands still without /clock.
        clock = Clock(clock_type=ClockType.STEADY_TIME)
        return self.create_timer(period_s, callback, callback_group=group, clock=clock)

    def _once_a_second(self) -> None:
        if self._worker is not None:
            self._worker.let_go_if_stuck()
        for camera in self._cameras.values():
            if self._endpoints.is_open:
                camera.ask_for_latched_info()
        self._publish_diagnostics()

    def _publish_diagnostics(self) -> None:
        loaded = self._loaded
        statuses = [
            diagnostics.worker_status(self._worker, self._endpoints.tally),
            diagnostics.model_status(
                loaded.reasoner if loaded else None, self.settings, str(self._failure or '')
            ),
        ]
        cameras = self._cameras.values()
        if self._endpoints.is_open:
            statuses = [*(camera.status() for camera in cameras), *statuses]
        self._diagnostics.publish(
            diagnostic_array(
                statuses,
                self.get_fully_qualified_name(),
                ', '.join(camera.topic for camera in cameras),
                self.get_clock().now().to_msg(),
            )
        )
