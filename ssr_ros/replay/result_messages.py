# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What was answered about a recording, as messages of the standard types and of vision_msgs.

The classes come from a ``rosbags`` typestore, so neither ROS nor vision_msgs has to be installed;
the definitions go into the recording with them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
import math
from typing import Any

import numpy as np

from ssr_ros.engine.detections3d import detection, Thing3d
from ssr_ros.errors import require_package
from ssr_ros.replay.rows import AnswerRow

VISION = {
    'vision_msgs/msg/ObjectHypothesis': 'string class_id\nfloat64 score\n',
    'vision_msgs/msg/ObjectHypothesisWithPose': (
        'vision_msgs/ObjectHypothesis hypothesis\ngeometry_msgs/PoseWithCovariance pose\n'
    ),
    'vision_msgs/msg/BoundingBox3D': 'geometry_msgs/Pose center\ngeometry_msgs/Vector3 size\n',
    'vision_msgs/msg/Detection3D': (
        'std_msgs/Header header\nvision_msgs/ObjectHypothesisWithPose[] results\n'
        'vision_msgs/BoundingBox3D bbox\nstring id\n'
    ),
    'vision_msgs/msg/Detection3DArray': (
        'std_msgs/Header header\nvision_msgs/Detection3D[] detections\n'
    ),
}
"""Fields of vision_msgs 4 (Humble and later), as its interface files have them."""

DETECTIONS, MARKERS = 'vision_msgs/msg/Detection3DArray', 'visualization_msgs/msg/MarkerArray'
ANSWER, LOG = 'std_msgs/msg/String', 'rcl_interfaces/msg/Log'
TARGET = 'geometry_msgs/msg/PointStamped'

INFO, WARN = 20, 30
"""Levels of rcl_interfaces/Log."""

CUBE, SPHERE, TEXT, DELETE_ALL = 1, 2, 9, 3
"""Types of visualization_msgs/Marker, and an action."""

GREEN, YELLOW, WHITE = (0.2, 0.9, 0.3, 1.0), (0.95, 0.8, 0.2, 0.35), (1.0, 1.0, 1.0, 1.0)
TEXT_M, TARGET_M = 0.05, 0.04
BEFORE_M = (0.0, -0.3, 1.0)
"""Where an answer stands that is about no place: before the camera."""

NO_TURN = (0.0, 0.0, 0.0, 1.0)

NUMBERS = ('seen_m', 'spread_m2', 'center_m', 'size_m', 'turn')


class Messages:
    """Makes the messages of a row.

    Attributes:
        store: the ``rosbags`` typestore that knows their types.
    """

    def __init__(self) -> None:
        typesys = require_package('rosbags.typesys', 'bags')
        self.store = typesys.get_typestore(typesys.Stores.ROS2_HUMBLE)
        for name, fields in VISION.items():
            self.store.register(typesys.get_types_from_msg(fields, name))

    def of(self, row: AnswerRow) -> dict[str, tuple[str, Any]]:
        """Return topic -> type and message of one row that has a frame."""
        header = self._header(row)
        # An answer of a running node tells where its things are, not how their boxes lie.
        things = [(each, thing_of(each['in_3d'])) for each in row.objects if 'in_3d' in each]
        found = {
            '/ssr/log': (LOG, self._log(row)),
            '/ssr/answer_row': (ANSWER, self._new(ANSWER, data=row.to_line().strip())),
            '/ssr/markers': (MARKERS, self._markers(row, header, things)),
            '/ssr/detections': (
                DETECTIONS,
                self._new(
                    DETECTIONS,
                    header=header,
                    detections=[detection(thing, header, self._type) for _, thing in things],
                ),
            ),
        }
        if row.target_m is not None:
            point = self._point(row.target_m)
            found['/ssr/target'] = (TARGET, self._new(TARGET, header=header, point=point))
        return found

    def _type(self, name: str) -> Any:
        return self.store.types[name]

    def _new(self, kind: str, /, **fields: Any) -> Any:
        return self.store.types[kind](**fields)

    def _stamp(self, row: AnswerRow) -> Any:
        sec, nanosec = divmod(row.stamp_ns or 0, 1_000_000_000)
        return self._new('builtin_interfaces/msg/Time', sec=sec, nanosec=nanosec)

    def _header(self, row: AnswerRow) -> Any:
        return self._new('std_msgs/msg/Header', stamp=self._stamp(row), frame_id=row.frame_id)

    def _log(self, row: AnswerRow) -> Any:
        return self._new(
            LOG,
            stamp=self._stamp(row),
            level=WARN if row.source == 'none' or row.verdict == 'wrong' else INFO,
            name=row.question_id,
            msg=in_words(row),
            file='',
            function='',
            line=0,
        )

    def _markers(
        self, row: AnswerRow, header: Any, things: Sequence[tuple[Mapping[str, Any], Thing3d]]
    ) -> Any:
        markers = [self._marker(header, 'boxes', 0, CUBE, action=DELETE_ALL)]
        for number, (about, thing) in enumerate(things):
            color = (*GREEN[:3], YELLOW[3]) if about['label'] else YELLOW
            size_m = [max(side, 0.001) for side in thing.size_m]
            markers.append(
                self._marker(
                    header, 'boxes', number, CUBE, thing.center_m, thing.turn, size_m, color
                )
            )
            at_m = _above(thing.center_m, thing.size_m[2] / 2 + TEXT_M)
            markers.append(self._text(header, 'names', number, at_m, _label(about), WHITE))
        target_m = row.target_m
        said_m = BEFORE_M if target_m is None else _above(target_m, 3 * TEXT_M)
        markers.append(self._text(header, 'answer', 0, said_m, in_words(row), GREEN))
        if target_m is not None:
            size_m = [TARGET_M] * 3
            markers.append(
                self._marker(header, 'target', 0, SPHERE, target_m, NO_TURN, size_m, GREEN)
            )
        return self._new(MARKERS, markers=markers)

    def _text(
        self, header: Any, kind: str, number: int, at_m: Sequence[float], words: str, color: Any
    ) -> Any:
        size_m = (0.0, 0.0, TEXT_M)
        return self._marker(header, kind, number, TEXT, at_m, NO_TURN, size_m, color, words)

    def _marker(
        self,
        header: Any,
        kind: str,
        number: int,
        shape: int,
        at_m: Sequence[float] = (0.0, 0.0, 0.0),
        turn: Sequence[float] = NO_TURN,
        size_m: Sequence[float] = (0.0, 0.0, 0.0),
        color: Sequence[float] = (0.0, 0.0, 0.0, 0.0),
        words: str = '',
        action: int = 0,
    ) -> Any:
        new = self._new
        turned = new('geometry_msgs/msg/Quaternion', **dict(zip('xyzw', turn, strict=True)))
        return new(
            'visualization_msgs/msg/Marker',
            header=header,
            ns=kind,
            id=number,
            type=shape,
            action=action,
            pose=new('geometry_msgs/msg/Pose', position=self._point(at_m), orientation=turned),
            scale=new('geometry_msgs/msg/Vector3', **dict(zip('xyz', size_m, strict=True))),
            color=new('std_msgs/msg/ColorRGBA', **dict(zip('rgba', color, strict=True))),
            lifetime=new('builtin_interfaces/msg/Duration', sec=0, nanosec=0),
            frame_locked=False,
            points=[],
            colors=[],
            texture_resource='',
            texture=new(
                'sensor_msgs/msg/CompressedImage',
                header=header,
                format='',
                data=np.zeros(0, np.uint8),
            ),
            uv_coordinates=[],
            text=words,
            mesh_resource='',
            mesh_file=new(
                'visualization_msgs/msg/MeshFile', filename='', data=np.zeros(0, np.uint8)
            ),
            mesh_use_embedded_materials=False,
        )

    def _point(self, at_m: Sequence[float]) -> Any:
        x, y, z = at_m
        return self._new('geometry_msgs/msg/Point', x=x, y=y, z=z)


def in_words(row: AnswerRow) -> str:
    """Return question and answer, and what it was worth, for people."""
    said = f'{row.question} {row.answer} [{row.source}]'
    if row.verdict is None or row.expected is None:
        return said
    return f'{said} ({row.verdict}; expected {row.expected["text"]})'


def _label(about: Mapping[str, Any]) -> str:
    name, distance_m = str(about['name']), about['distance_m']
    return name if distance_m is None else f'{name}\n{distance_m:.2f} m'


def thing_of(values: Mapping[str, Any]) -> Thing3d:
    """Return a thing as a row has it; a score that is not known is null there."""
    names = tuple((str(name), math.nan if s is None else float(s)) for name, s in values['names'])
    numbers = {name: tuple(map(float, values[name])) for name in NUMBERS}
    return Thing3d(names=names, **numbers)


def _above(at_m: Sequence[float], by_m: float) -> tuple[float, float, float]:
    """Higher in the picture: y of an optical frame points down."""
    x, y, z = at_m
    return (x, y - by_m, z)
