# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Measured things as a vision_msgs/Detection3DArray, for RViz, MoveIt and nav2 to read.

Knows the fields and no package: the classes of the messages are given, so a node fills those of
vision_msgs, which is on robots only, and a bag those of its own typestore.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from ssr_ros.engine.transforms import RigidTransform
from ssr_ros.scene import SceneFacts, SceneObject

MessageTypes = Callable[[str], Callable[..., Any]]
"""Gives the class of a message by its full name, 'vision_msgs/msg/Detection3D'."""

UNKNOWN = 'unknown'
"""Class of a thing that nobody has named: RViz wants one hypothesis of every detection."""

ANY_TURN = math.pi**2 / 3
"""Variance of an angle of which nothing is known, rad2: how a thing is turned is not measured."""


def detections_3d(
    facts: SceneFacts, header: Any, transform: RigidTransform, types: MessageTypes
) -> Any:
    """Write the things of a frame, from near to far, those without a name too.

    Of each detection ``bbox`` is the box around the visible surface, x along the view (level), y
    to the left and z up, as REP 103 has it; ``results`` hold what the sources call it, with their
    score (NaN: they do not say) and the mean point of that surface, with its covariance; ``id``
    is empty, for nothing is followed from frame to frame.

    Args:
        facts: of one frame.
        header: of the frame's colour image, in the frame id of ``transform``.
        transform: from the camera frame to the frame that the boxes are given in.
        types: classes of the messages; their constructors take the fields by name.

    Returns:
        a vision_msgs/msg/Detection3DArray of these types.
    """
    found = [detection(thing, header, types) for thing in things_3d(facts, transform)]
    return types('vision_msgs/msg/Detection3DArray')(header=header, detections=found)


@dataclass(frozen=True)
class Thing3d:
    """A measured thing in plain numbers, all of them along the axes of one frame.

    Attributes:
        names: (name, score), what the sources call it; NaN: they do not say how sure they are.
        seen_m: mean point of its visible surface, metres.
        spread_m2: (9,) covariance of that, row by row.
        center_m: middle of the box around the visible surface.
        size_m: sides of that box: along the view, across it, upright.
        turn: how the box is turned, a quaternion x, y, z, w.
    """

    names: tuple[tuple[str, float], ...]
    seen_m: tuple[float, ...]
    spread_m2: tuple[float, ...]
    center_m: tuple[float, ...]
    size_m: tuple[float, ...]
    turn: tuple[float, ...]


def things_3d(facts: SceneFacts, transform: RigidTransform) -> list[Thing3d]:
    """Return the things of a frame, from near to far.

    Args:
        facts: of the frame.
        transform: from the camera frame to the frame that the numbers are given in.
    """
    turn = _plain(_turn(facts.gravity.axes, transform))
    return [_thing(thing, facts, transform, turn) for thing in facts.objects]


def _thing(
    thing: SceneObject, facts: SceneFacts, transform: RigidTransform, turn: tuple[float, ...]
) -> Thing3d:
    width, depth, height = (float(side) for side in thing.high_m - thing.low_m)
    middle_m = facts.gravity.axes.T @ (thing.low_m + thing.high_m) / 2
    along_camera = np.diag(np.square(thing.margins.center_m))
    return Thing3d(
        names=tuple(_hypotheses(thing)),
        seen_m=_plain(transform.point(thing.center_m)),
        spread_m2=_plain(transform.rotation @ along_camera @ transform.rotation.T),
        center_m=_plain(transform.point(middle_m)),
        size_m=(depth, width, height),
        turn=turn,
    )


def detection(thing: Thing3d, header: Any, types: MessageTypes) -> Any:
    """Write a thing as a vision_msgs/msg/Detection3D of these types."""
    depth, width, height = thing.size_m
    box = types('vision_msgs/msg/BoundingBox3D')(
        center=_pose(thing.center_m, thing.turn, types),
        size=types('geometry_msgs/msg/Vector3')(x=depth, y=width, z=height),
    )
    seen = types('geometry_msgs/msg/PoseWithCovariance')(
        pose=_pose(thing.seen_m, thing.turn, types), covariance=_covariance(thing.spread_m2)
    )
    results = [
        types('vision_msgs/msg/ObjectHypothesisWithPose')(
            hypothesis=types('vision_msgs/msg/ObjectHypothesis')(class_id=name, score=score),
            pose=seen,
        )
        for name, score in thing.names
    ]
    return types('vision_msgs/msg/Detection3D')(header=header, results=results, bbox=box, id='')


def _plain(values: NDArray[np.float64]) -> tuple[float, ...]:
    return tuple(float(value) for value in values.reshape(-1))


def _turn(axes: NDArray[np.float64], transform: RigidTransform) -> NDArray[np.float64]:
    """Quaternion (x, y, z, w) of a box whose sides run along gravity's right, forward, up."""
    right, forward, up = axes
    sides = np.stack([forward, -right, up], axis=1)
    return np.asarray(Rotation.from_matrix(transform.rotation @ sides).as_quat())


def _hypotheses(thing: SceneObject) -> list[tuple[str, float]]:
    """What a thing is called, and how sure who says so is; only the first name has a score."""
    if not thing.label:
        return [(UNKNOWN, math.nan)]
    return [(thing.label, float(thing.label_score)), *((name, math.nan) for name in thing.also)]


def _pose(point_m: Sequence[float], turn: Sequence[float], types: MessageTypes) -> Any:
    (x, y, z), (qx, qy, qz, qw) = point_m, turn
    return types('geometry_msgs/msg/Pose')(
        position=types('geometry_msgs/msg/Point')(x=x, y=y, z=z),
        orientation=types('geometry_msgs/msg/Quaternion')(x=qx, y=qy, z=qz, w=qw),
    )


def _covariance(spread_m2: Sequence[float]) -> NDArray[np.float64]:
    """(36,) of x, y, z, metres, and the angles about them, rad, as PoseWithCovariance has them."""
    covariance = np.diag([0.0, 0.0, 0.0, ANY_TURN, ANY_TURN, ANY_TURN])
    covariance[:3, :3] = np.reshape(spread_m2, (3, 3))
    return covariance.reshape(36)
