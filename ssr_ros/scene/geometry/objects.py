# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What is known about one object, one plane, and how well."""

from __future__ import annotations

from dataclasses import dataclass
import math
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ssr_ros.scene.geometry.extent import Margins
from ssr_ros.scene.geometry.grid import BoolImage
from ssr_ros.scene.geometry.planes import FloatArray

PlaneRole = Literal['support', 'top', 'wall', 'ceiling', 'slope', 'surface']
"""What a plane is to the room: a level one is a 'support' (lowest or largest) or a 'top'."""

LEVEL_ROLES: tuple[PlaneRole, ...] = ('support', 'top', 'ceiling')


@dataclass(frozen=True, eq=False, kw_only=True)
class SceneObject:
    """A connected surface that stands off its surroundings.

    What it is called, geometry does not know; somebody who does may have pointed at it.

    Every length is about the surface that the camera sees: the far side of a thing is not
    measured, so its depth is a least value, and so is each size of an object that leaves the
    image.

    Attributes:
        name: colour and number, 'red object 1', or label and number, 'mug 2', where one is known;
            numbered from near to far within a colour or label.
        box_px: (x0, y0, x1, y1) pixels, half-open.
        mask: (H, W) bool.
        center_m: (3,) float64: mean point of the visible surface, camera frame, metres.
        size_m: (3,) float64: width (across the view), depth (along the view) and height (along
            gravity) of the box around the visible surface, metres.
        low_m: (3,) float64: lower corner of the box along right, forward, up, metres; the origin
            is the camera.
        high_m: (3,) float64: its upper corner.
        points_m: (N, 3) float32: a sample of its surface, camera frame, metres.
        distance_m: from the camera to the nearest part, metres.
        median_distance_m: from the camera to the surface, metres: median over its pixels, of what
            somebody pointed at over those in the middle of the region.
        depth_m: the same along the optical axis, as a depth image shows it, metres.
        bearing_deg: horizontal angle from straight ahead to its centre, right positive, degrees.
        color: colour name, one of ssr_ros.scene.geometry.colors.COLOR_NAMES.
        color_share: share of its pixels that have this colour, 0..1.
        valid_ratio: share of its pixels that have depth, 0..1.
        touches_edge: whether it reaches the edge of what was measured: it may go on beyond.
        support: index of the plane that it stands on, or None.
        top: index of the plane that is its top (a table, a shelf), or None.
        margins: standard errors of these numbers.
        label: what a source calls it, 'mustard bottle'; '' where none does.
        label_source: who says so.
        label_score: how sure that source is, 0..1; NaN where it does not say.
        also: what else the sources call it.
        second_color: another colour that a large part of it has, or ''.
    """

    name: str
    box_px: tuple[int, int, int, int]
    mask: BoolImage
    center_m: FloatArray
    size_m: FloatArray
    low_m: FloatArray
    high_m: FloatArray
    points_m: NDArray[np.float32]
    distance_m: float
    median_distance_m: float
    depth_m: float
    bearing_deg: float
    color: str
    color_share: float
    valid_ratio: float
    touches_edge: bool
    support: int | None
    top: int | None
    margins: Margins
    label: str = ''
    label_source: str = ''
    label_score: float = math.nan
    also: tuple[str, ...] = ()
    second_color: str = ''

    @property
    def pixels(self) -> int:
        """Number of pixels in the mask."""
        return int(np.count_nonzero(self.mask))


@dataclass(frozen=True, eq=False, kw_only=True)
class ScenePlane:
    """A plane of the room.

    Attributes:
        name: 'floor', 'table', 'support surface', 'wall 1', 'ceiling' ...
        role: 'support' or 'top' (level, things stand on them), 'wall', 'ceiling', 'slope', or
            'surface' while gravity is not known.
        normal: (3,) float64 unit vector towards the camera's side, camera frame.
        offset_m: distance from the camera to the (endless) plane, metres.
        sigma_m: standard error of that distance, metres.
        distance_m: from the camera to the nearest visible part, metres.
        height_m: height of the plane over the camera (negative: below it), metres; NaN for walls.
        center_m: (3,) float64: median point of the visible part, camera frame, metres.
        tilt_deg: angle between its normal and the upward vertical: 0 floor, 90 wall; NaN while
            gravity is not known.
        rms_m: root mean square distance of its readings from it, metres.
        box_px: (x0, y0, x1, y1) pixels, half-open.
        mask: (H, W) bool.
    """

    name: str
    role: PlaneRole
    normal: FloatArray
    offset_m: float
    sigma_m: float
    distance_m: float
    height_m: float
    center_m: FloatArray
    tilt_deg: float
    rms_m: float
    box_px: tuple[int, int, int, int]
    mask: BoolImage
