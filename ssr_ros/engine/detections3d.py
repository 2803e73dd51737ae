# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Measured things as a vision_msgs/Detection3DArray, for RViz, MoveIt and nav2 to read.

Knows the fields and no package: the classes of the messages are given, so a node fills those of
vision_msgs, which is on robots only, and a bag those of its own typestore.
"""

from __future__ import annotations

from collections.abc import Callable
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
    turn = _turn(facts.gravity.axes, transform)
    found = [_detection(thing, facts, header, transform, turn, types) for thing in facts.objects]
    return types('vision_msgs/msg/Detection3DArray')(header=header, detections=found)


def _turn(axes: NDArray[np.float64], transform: RigidTransform) -> NDArray[np.float64]:
    """Quaternion (x, y, z, w) of a box whose sides run along gravity's right, forward, up."""
    right, forward, up = axes
    sides = np.stack([forward, -right, up], axis=1)
    return np.asarray(Rotation.from_matrix(transform.rotation @ sides).as_quat())


def _detection(
    thing: SceneObject,
    facts: SceneFacts,
    header: Any,
    transform: RigidTransform,
    turn: NDArray[np.float64],
    types: MessageTypes,
) -> Any:
    width, depth, height = (float(side) for side in thing.high_m - thing.low_m)
    middle_m = facts.gravity.axes.T @ (thing.low_m + thing.high_m) / 2
    box = types('vision_msgs/msg/BoundingBox3D')(
        center=_pose(transform.point(middle_m), turn, types),
        size=types('geometry_msgs/msg/Vector3')(x=depth, y=width, z=height),
    )
    seen = types('geometry_msgs/msg/PoseWithCovariance')(
        pose=_pose(transform.point(thing.center_m), turn, types),
        covariance=_covariance(thing, transform),
    )
    results = [
        types('vision_msgs/msg/ObjectHypothesisWithPose')(
            hypothesis=types('vision_msgs/msg/ObjectHypothesis')(class_id=name, score=score),
            pose=seen,
        )
        for name, score in _hypotheses(thing)
    ]
    return types('vision_msgs/msg/Detection3D')(header=header, results=results, bbox=box, id='')


def _hypotheses(thing: SceneObject) -> list[tuple[str, float]]:
    """What a thing is called, and how sure who says so is; only the first name has a score."""
    if not thing.label:
        return [(UNKNOWN, math.nan)]
    return [(thing.label, float(thing.label_score)), *((name, math.nan) for name in thing.also)]


def _pose(point_m: NDArray[np.float64], turn: NDArray[np.float64], types: MessageTypes) -> Any:
    x, y, z = (float(value) for value in point_m)
    qx, qy, qz, qw = (float(value) for value in turn)
    return types('geometry_msgs/msg/Pose')(
        position=types('geometry_msgs/msg/Point')(x=x, y=y, z=z),
        orientation=types('geometry_msgs/msg/Quaternion')(x=qx, y=qy, z=qz, w=qw),
    )


def _covariance(thing: SceneObject, transform: RigidTransform) -> NDArray[np.float64]:
    """(36,) of x, y, z, metres, and the angles about them, rad, as PoseWithCovariance has them."""
    covariance = np.diag([0.0, 0.0, 0.0, ANY_TURN, ANY_TURN, ANY_TURN])
    along_camera = np.diag(np.square(thing.margins.center_m))
    covariance[:3, :3] = transform.rotation @ along_camera @ transform.rotation.T
    return covariance.reshape(36)
