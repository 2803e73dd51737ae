# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The lifecycle node ``ssr``: what exists in which state, and the wiring between the parts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
from rclpy.callback_groups import CallbackGroup, MutuallyExclusiveCallbackGroup
from rclpy.clock import Clock, ClockType
from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn
from rclpy.timer import Timer
from sensor_msgs.msg import Image
from visualization_msgs.msg import MarkerArray

from ssr_ros.engine import diagnostics
from ssr_ros.engine.answering import Answering, Reply, Scene
from ssr_ros.engine.intake import Intake
from ssr_ros.engine.refusals import Code, Refused
from ssr_ros.engine.settings import Settings
from ssr_ros.engine.transforms import RigidTransform
from ssr_ros.engine.worker import Worker
from ssr_ros.errors import SsrError
from ssr_ros.robot.endpoints import Desk, NOT_ACTIVE
from ssr_ros.robot.parameters import Parameters
from ssr_ros.robot.showing import Showing
from ssr_ros.robot.subscriptions import CameraSubscriptions
from ssr_ros.robot.transforms import Transforms
from ssr_ros.robot.transitions import logged, survive_impossible_transitions


class SsrNode(LifecycleNode):
    """Answers spatial questions about the newest RGB-D frame.

    Args:
        load: makes the reasoner, called as ``load(path, device=..., dtype=...)``.

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
        self._cameras = CameraSubscriptions(self, self.settings, self.quick)
        self._intake = Intake(
            round(self.settings.sync.tolerance_s * 1e9), self._now_ns, self._cameras.why_silent
        )
        self._showing = Showing(
            self.create_lifecycle_publisher(MarkerArray, '~/markers', 1),
            self.create_lifecycle_publisher(Image, '~/annotated', 1),
        )
        self._desk = Desk(self, lambda: self.settings, self._show_later, self.quick)
        self._to_show: Scene | None = None
        self._failure = ''
        self._reasoner: Any = None
        self._answering: Answering | None = None
        self._worker: Worker | None = None
        self._transforms: Transforms | None = None
        self._camera_watch = diagnostics.CameraWatch()
        self._diagnostics = self.create_publisher(DiagnosticArray, '/diagnostics', 10)
        self._every(1.0, self._once_a_second, self.quick)

    @property
    def settings(self) -> Settings:
        """The current settings."""
        return self._given.settings

    def bring_up(self) -> None:
        """Configure and activate, as soon as the executor spins."""

        def once() -> None:
            timer.cancel()
            try:
                if self.trigger_configure() == TransitionCallbackReturn.SUCCESS:
                    self.trigger_activate()
            except RuntimeError as error:
                self.get_logger().warning(f'somebody else does the transitions: {error}')

        timer = self._every(0.0, once, MutuallyExclusiveCallbackGroup())

    def end(self) -> None:
        """Let every waiting caller go, for the end of the process."""
        self._desk.close('the node is shutting down')
        self._stop_worker('the node is shutting down', wait_s=1.0)

    def note_failure(self, failure: str) -> None:
        """Remember why the node is not active, for whoever asks."""
        self._failure = failure
        self._desk.close(failure)

    @logged
    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Load and warm up the model."""
        model = self.settings.model
        self.get_logger().info(f'loading {model.path} (device {model.device}, {model.dtype})')
        try:
            self._prepare_transforms(self.settings)
            self._reasoner = self._load(model.path, device=model.device, dtype=model.dtype)
            self._reasoner.warm_up()
        except SsrError as error:
            self.note_failure(f'the node could not be configured: {error}')
            self.get_logger().error(self._failure)
            self._free()
            return TransitionCallbackReturn.FAILURE
        self.note_failure('')
        self._answering = Answering(
            self._reasoner, self._intake, lambda: self.settings, self._transform
        )
        self._worker = Worker(self.settings.question.max_waiting, self._show_pictures)
        self.get_logger().info(f'ready: {self._reasoner.description}')
        if not self._reasoner.trained:
            self.get_logger().warning('UNTRAINED WEIGHTS: the text of every answer is noise')
        return super().on_configure(state)

    @logged
    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Subscribe to the camera and answer questions."""
        self._camera_watch = diagnostics.CameraWatch()
        self._cameras.open(self._intake)
        done = super().on_activate(state)
        self._desk.open(self._answering, self._worker)
        return done

    @logged
    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Unsubscribe and let go of frames and what was computed from them; the weights stay."""
        self._desk.close(NOT_ACTIVE)
        self._cameras.close()
        self._intake.forget()
        self._answering.forget()
        self._to_show = None
        return super().on_deactivate(state)

    @logged
    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Free the model and the device."""
        self._stop_worker(NOT_ACTIVE)
        self._free()
        return super().on_cleanup(state)

    @logged
    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Do what deactivate and cleanup do."""
        if self._desk.is_open:
            self.on_deactivate(state)
        return self.on_cleanup(state)

    @logged
    def on_error(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Go back to unconfigured, with nothing held."""
        self._cameras.close()
        self._intake.forget()
        self._stop_worker(self._failure or NOT_ACTIVE)
        self._free()
        return TransitionCallbackReturn.SUCCESS

    def _stop_worker(self, because: str, wait_s: float = 30.0) -> None:
        reason = Refused(Code.NOT_ACTIVE, because)
        if self._worker is not None and not self._worker.stop(reason, wait_s):
            self.get_logger().warning('the worker is still busy with the last question')
        self._worker = None

    def _free(self) -> None:
        self._answering = None
        if self._reasoner is not None:
            self._reasoner.release()
        self._reasoner = None

    def _transform(self, target: str, header: Any) -> RigidTransform:
        if target == header.frame_id:
            return RigidTransform.identity(target)
        return self._transforms.lookup(target, header)

    def _show_later(self, reply: Reply) -> None:
        self._to_show = reply.scene

    def _show_pictures(self) -> None:
        """Show what was asked about, or the newest frame; the worker does it between questions."""
        try:
            self._show_what_is_due()
        except SsrError as error:
            self.get_logger().warning(f'nothing to show: {error}', throttle_duration_sec=10.0)
        except RuntimeError:  # rcl's errors are; after Ctrl-C there is nobody left to show it to
            if self.context.ok():
                raise

    def _show_what_is_due(self) -> None:
        publish, answering = self.settings.publish, self._answering
        scene, self._to_show = self._to_show, None
        if answering is None or not self._desk.is_open:
            return
        if scene is not None:
            self._showing.show(scene, publish)
        if not self._showing.is_due(publish):
            return
        snapshot = self._intake.peek()
        if snapshot is not None and self._showing.is_new(snapshot.number):
            self._showing.show(answering.picture(snapshot), publish)

    def _prepare_transforms(self, settings: Settings) -> None:
        if settings.target_frame and self._transforms is None:
            self._transforms = Transforms(self)

    def _settings_changed(self, settings: Settings) -> None:
        self._prepare_transforms(settings)
        self._intake.set_tolerance(round(settings.sync.tolerance_s * 1e9))

    def _every(self, period_s: float, callback: Callable[[], None], group: CallbackGroup) -> Timer:
        # On the steady clock: under use_sim_time the node's own stands still without /clock.
        clock = Clock(clock_type=ClockType.STEADY_TIME)
        return self.create_timer(period_s, callback, callback_group=group, clock=clock)

    def _now_ns(self) -> int:
        return self.get_clock().now().nanoseconds

    def _once_a_second(self) -> None:
        if self._desk.is_open and self._intake.infos == 0:
            self._cameras.catch_latched_info(self._intake)
        self._publish_diagnostics()

    def _publish_diagnostics(self) -> None:
        statuses = [
            diagnostics.worker_status(self._worker, self._desk.tally),
            diagnostics.model_status(self._reasoner, self.settings, self._failure),
        ]
        if self._desk.is_open:
            camera = self._camera_watch.status(self._intake, self.settings, self._now_ns())
            statuses.insert(0, camera)
        array = DiagnosticArray(status=[self._status_message(status) for status in statuses])
        array.header.stamp = self.get_clock().now().to_msg()
        self._diagnostics.publish(array)

    def _status_message(self, status: diagnostics.Status) -> DiagnosticStatus:
        values = [KeyValue(key=key, value=str(value)) for key, value in status.values.items()]
        return DiagnosticStatus(
            level=bytes([status.level]),
            name=f'{self.get_fully_qualified_name()}: {status.name}',
            message=status.message,
            hardware_id=self._cameras.topic('color'),
            values=values,
        )
