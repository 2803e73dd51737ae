# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Which scene a request is about: of the newest frame, or one that is remembered."""

from __future__ import annotations

from collections.abc import Callable
import math
import threading
from typing import Any

from ssr_ros.engine.calibration import check_usable, content
from ssr_ros.engine.gravity import Down
from ssr_ros.engine.intake import Intake, Moment, Snapshot
from ssr_ros.engine.memory import SceneMemory
from ssr_ros.engine.request import Code, Refused, Request
from ssr_ros.engine.scenes import Scene
from ssr_ros.engine.settings import Settings
from ssr_ros.engine.stopwatch import Stopwatch
from ssr_ros.engine.transforms import RigidTransform
from ssr_ros.rgbd import messages as images
from ssr_ros.rgbd.calibration import CameraRules


class Recall:
    """Makes scenes of what has arrived, once, and finds those that were made before.

    Args:
        intake: where frames come from.
        settings: gives the current settings.
        transform: gives the transform to a frame id at a header's stamp.
        gravity: gives where down is in a header's frame, if the robot knows.
        topic: name of the colour topic, remappings applied.

    Attributes:
        memory: what is kept.
    """

    def __init__(
        self,
        intake: Intake,
        settings: Callable[[], Settings],
        transform: Callable[[str, Any], RigidTransform],
        gravity: Callable[[Any], Down | None],
        topic: str,
    ) -> None:
        self.memory = SceneMemory(lambda: settings().memory)
        self._intake, self._settings, self._topic = intake, settings, topic
        self._transform, self._gravity = transform, gravity
        self._making = threading.Lock()
        self._made: Scene | None = None

    def chosen(self, request: Request, watch: Stopwatch) -> tuple[Scene, float]:
        """Return the scene that a request is about, and its age in milliseconds.

        Raises:
            SsrError: there is none, or the frame cannot be used.
        """
        self.forget_what_is_void()
        if request.is_past:
            scene = self._remembered(request, watch)
            return scene, scene.moment.age_ms(*self._intake.now())
        settings = self._settings()
        snapshot, age_ms = self._intake.newest(request.max_age_ms or settings.max_frame_age_ms)
        with watch.stage('frame.convert'):
            return self.scene_of(snapshot), age_ms

    def placed(self, scene: Scene) -> RigidTransform:
        """Return the transform to the frame that positions are given in.

        Raises:
            Refused: NO_TRANSFORM, when tf2 does not know it.
        """
        target = self._settings().target_frame or scene.header.frame_id
        if target not in scene.transforms:
            scene.transforms[target] = self._transform(target, scene.header)
        return scene.transforms[target]

    def scene_of(self, snapshot: Snapshot) -> Scene:
        """Return the scene that belongs to a snapshot; another thread may have made it.

        Raises:
            SsrError: the frame cannot be used.
        """
        settings = self._settings()
        key = (snapshot.number, content(snapshot.info), told_to_frames(settings))
        with self._making:
            if self._made is not None and self._made.key == key:
                return self._made
            found = self.memory.find(key)
            if found is not None:
                return found
            color, calibration = snapshot.pair.color, settings.camera_info
            rules = CameraRules(calibration.images, calibration.distortion, self._topic)
            frame = images.rgbd_frame(
                color, snapshot.pair.depth, snapshot.info, settings.depth.max_m, rules
            )
            frame.check_depth()
            noise, down = settings.depth.noise_model, self._gravity(color.header)
            self._made = Scene(key, snapshot.moment, frame, color.header, noise, down)
            return self._made

    def forget_what_is_void(self) -> None:
        """Drop what was seen before time went back, or was made under other settings."""
        (now_ns, _), epoch = self._intake.now(), self._intake.epoch
        told = told_to_frames(self._settings())

        def is_of_this_time(scene: Scene) -> bool:
            return scene.moment.epoch == epoch and not scene.moment.is_yet_to_come(now_ns)

        self.memory.keep_only(is_of_this_time, 'time went back')
        self.memory.keep_only(lambda scene: scene.key[-1] == told, 'settings')

    def forget(self) -> None:
        """Let go of all scenes, and with them of the device memory that they take."""
        self._made = None
        self.memory.clear()

    def _remembered(self, request: Request, watch: Stopwatch) -> Scene:
        """Return the scene that lies nearest to the time that is asked about."""
        now, tolerance_s = self._intake.now(), self._settings().memory.tolerance_s
        distance_s = _distance_from(request, now)
        kept, snapshot = self.memory.nearest(distance_s), self._intake.peek()
        to_kept_s = math.inf if kept is None else distance_s(kept.moment)
        to_newest_s = math.inf if snapshot is None else distance_s(snapshot)
        if kept is not None and to_kept_s <= min(to_newest_s, tolerance_s):
            return kept
        if snapshot is not None and to_newest_s <= tolerance_s:
            check_usable(snapshot.info)
            with watch.stage('frame.convert'):
                return self.scene_of(snapshot)
        raise Refused(Code.NOT_KEPT, self._why_not_kept(request, now))

    def _why_not_kept(self, request: Request, now: tuple[int, float]) -> str:
        ages_s = sorted(scene.moment.age_ms(*now) / 1e3 for scene in self.memory.scenes)
        when = f'{request.ago_s:g} s ago'
        if request.stamp_ns:
            when = f'at stamp {request.stamp_ns / 1e9:.3f} s'
        kept = 'nothing yet'
        if ages_s:
            scenes = f'{len(ages_s)} scene{"s"[: len(ages_s) > 1]}'
            kept = f'{scenes} from {ages_s[-1]:.1f} s to {ages_s[0]:.1f} s ago'
        tolerance_s = self._settings().memory.tolerance_s
        return (
            f'what was seen {when} is not remembered within memory.tolerance_s ({tolerance_s:g} '
            f's); kept: {kept}{self._why_no_more()}'
        )

    def _why_no_more(self) -> str:
        settings, dropped = self._settings().memory, self.memory.counts.dropped
        if dropped['count'] or dropped['bytes']:
            return (
                f'; raise memory.max_scenes ({settings.max_scenes}) or memory.max_mb '
                f'({settings.max_mb}) to keep more'
            )
        if not settings.rate_hz:
            return '; memory.rate_hz is 0, so that only what was asked about is kept: set it to 1'
        if dropped['time went back']:
            return '; time has gone back (a bag loops, a simulation restarts), which clears it'
        return ''


def told_to_frames(settings: Settings) -> tuple[object, ...]:
    """Return the settings that a frame and what is measured in it rest on."""
    return settings.depth, settings.camera_info, settings.camera, settings.gravity


def _distance_from(request: Request, now: tuple[int, float]) -> Callable[[Moment], float]:
    """Return what tells how far a moment lies from the one that is asked about, in seconds."""
    if request.stamp_ns:
        return lambda moment: abs(moment.stamp_ns - request.stamp_ns) / 1e9
    came_ns, came_s = request.came or now
    return lambda moment: abs(moment.age_ms(came_ns, came_s) / 1e3 - request.ago_s)
