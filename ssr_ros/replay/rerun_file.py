# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Frames, what was measured in them and answers as a Rerun recording (.rrd), on one time line.

Everything is in the camera's optical frame (x right, y down, z forward). Entities::

    world/camera            the calibration; below it image, depth (a cloud in 3-D) and boxes
    world/cloud             the same points in their colours
    world/things            boxes around the visible surfaces, with names and distances
    world/target            what an answer is about
    answers                 questions with their answers, a log on the time line
"""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ssr_ros.engine.detections3d import Thing3d, things_3d
from ssr_ros.engine.transforms import RigidTransform
from ssr_ros.errors import ConfigError, require_package
from ssr_ros.rgbd import depth_to_millimetres, RgbdFrame
from ssr_ros.scene import SceneFacts

APPLICATION = 'ssr_ros'
TIME_LINE, FRAME_LINE = 'stamp', 'frame'

MOST_POINTS = 30_000
"""Of the coloured cloud of a frame: more make a recording large, and look the same."""

JPEG_QUALITY = 90
NAMED, UNNAMED = (60, 230, 90), (240, 200, 50)
TARGET_M = 0.02


class RerunFile:
    """A Rerun recording that is being written; use it in a ``with`` statement.

    Args:
        path: of the .rrd file; one that is there is written over.

    Raises:
        ConfigError: the file cannot be written.
        MissingPackageError: the package ``rerun`` is not installed.
    """

    def __init__(self, path: Path) -> None:
        self._rerun = require_package('rerun', 'rerun')
        try:  # Rerun itself only warns
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b'')
        except OSError as error:
            raise ConfigError(f'{path}: cannot be written ({error.strerror})') from error
        self._stream = self._rerun.RecordingStream(APPLICATION)
        self._stream.save(path, default_blueprint=self._layout())
        self._stream.set_log_time_enabled(False)  # when it was written says nothing
        self._stream.set_log_tick_enabled(False)
        coordinates = self._rerun.ViewCoordinates.RDF
        self._stream.log('world', coordinates, static=True)

    def __enter__(self) -> RerunFile:
        """Return the open file."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Write what is left, and close it."""
        self._stream.flush()
        self._stream.disconnect()

    def add_frame(self, number: int, facts: SceneFacts) -> None:
        """Write a frame and what was found in it.

        Args:
            number: of the frame in its recording.
            facts: measured in it.
        """
        frame = facts.frame
        self.set_time(frame.stamp_ns, number)
        self._add_camera(frame)
        self._add_cloud(frame)
        things = things_3d(facts, RigidTransform.identity(frame.frame_id))
        self._add_things(facts, things)

    def add_answer(self, text: str, is_answered: bool, target_m: Any = None) -> None:
        """Write an answer at the time that was set last.

        Args:
            text: question and answer.
            is_answered: else it is a warning.
            target_m: (3,) what it is about, metres; None: no place.
        """
        level = 'INFO' if is_answered else 'WARN'
        self._stream.log('answers', self._rerun.TextLog(text, level=level))
        if target_m is None:
            self._stream.log('world/target', self._rerun.Clear(recursive=False))
            return
        point = self._rerun.Points3D([target_m], radii=TARGET_M, colors=[NAMED], labels=[text])
        self._stream.log('world/target', point)

    def set_time(self, stamp_ns: int, number: int) -> None:
        """Say when the next things happened."""
        self._stream.set_time(TIME_LINE, timestamp=np.datetime64(stamp_ns, 'ns'))
        self._stream.set_time(FRAME_LINE, sequence=number)

    def _layout(self) -> Any:
        blueprint = require_package('rerun.blueprint', 'rerun')
        return blueprint.Blueprint(
            blueprint.Horizontal(
                blueprint.Spatial3DView(origin='world', name='measured'),
                blueprint.Vertical(
                    blueprint.Spatial2DView(origin='world/camera', name='image'),
                    blueprint.TextLogView(origin='answers', name='answers'),
                ),
            ),
            collapse_panels=True,
        )

    def _add_camera(self, frame: RgbdFrame) -> None:
        rerun, log = self._rerun, self._stream.log
        pinhole = rerun.Pinhole(
            image_from_camera=frame.intrinsics.as_matrix(),
            resolution=[frame.width, frame.height],
            camera_xyz=rerun.ViewCoordinates.RDF,
        )
        log('world/camera', pinhole)
        log('world/camera/image', rerun.Image(frame.rgb).compress(jpeg_quality=JPEG_QUALITY))
        millimetres = depth_to_millimetres(frame.depth_m)
        content = cv2.imencode('.png', millimetres)[1].tobytes()
        depth = rerun.EncodedDepthImage(content, media_type='image/png', meter=1000.0)
        log('world/camera/depth', depth)

    def _add_cloud(self, frame: RgbdFrame) -> None:
        points_m, known = frame.points_m(), frame.valid
        places = np.flatnonzero(known)
        places = places[:: max(1, -(-len(places) // MOST_POINTS))]
        cloud = self._rerun.Points3D(
            points_m.reshape(-1, 3)[places], colors=frame.rgb.reshape(-1, 3)[places]
        )
        self._stream.log('world/cloud', cloud)

    def _add_things(self, facts: SceneFacts, things: list[Thing3d]) -> None:
        labels = [f'{thing.name} {thing.distance_m:.2f} m' for thing in facts.objects]
        colors = [NAMED if thing.label else UNNAMED for thing in facts.objects]
        # Sides of Thing3d: along the view, across, upright; so does its turn take them.
        boxes = self._rerun.Boxes3D(
            centers=_array([thing.center_m for thing in things], 3),
            half_sizes=_array([thing.size_m for thing in things], 3) / 2,
            quaternions=_array([thing.turn for thing in things], 4),
            labels=labels,
            colors=colors,
            show_labels=True,
        )
        self._stream.log('world/things', boxes)
        flat = self._rerun.Boxes2D(
            array=_array([thing.box_px for thing in facts.objects], 4),
            array_format=self._rerun.Box2DFormat.XYXY,
            labels=labels,
            colors=colors,
        )
        self._stream.log('world/camera/things', flat)


def _array(rows: list[Any], columns: int) -> NDArray[np.float64]:
    return np.asarray(rows, np.float64).reshape(-1, columns)
