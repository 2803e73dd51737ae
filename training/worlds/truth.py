# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What is true of one view: every thing's place, size, visibility and support.

Frames: 'camera' is the optical frame (x right, y down, z forward). 'Gravity frame' has the same
origin, y along gravity, z along the heading of the camera (its forward axis laid level; for a
camera that looks straight up or down, the top of its image), x to the right.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

BACKGROUND, FLOOR = 0, -1
"""Segmentation ids of walls and ceiling, and of the floor; things count from 1."""


@dataclass(frozen=True, eq=False)
class ThingTruth:
    """One object or piece of furniture in one view.

    Attributes:
        name: unique in the world: 'red mug', 'blue box 2', 'table'.
        role: 'object' (movable, settled) or 'furniture' (fixed).
        color: true colour name; '' for furniture.
        shape: 'box', 'mug'... or the kind of furniture.
        id: its value in the segmentation image.
        pixels: number of visible pixels; 0 for a thing out of view or hidden.
        visible_fraction: visible pixels over the pixels that its whole silhouette would have with
            nothing before it and no image border; 0 where it reaches behind the camera.
        box_px: (x0, y0, x1, y1) of the visible pixels, half-open; None where there are none.
        touches_edge: a visible pixel lies on the image border.
        center_m: (3,) camera frame: centre of its box in the gravity frame, hidden parts included.
        size_m: (3,) width, depth, height: extent of the whole thing along x, z, y of the gravity
            frame.
        visible_size_m: (3,) the same of the visible surface points alone; None without pixels.
        visible_center_m: (3,) camera frame: mean of the visible surface points.
        distance_m: distance from the optical centre to the nearest visible surface point.
        median_distance_m: median of that distance over the visible pixels.
        nearest_depth_m, median_depth_m: the same two along the optical axis.
        support: name of what carries it: a thing, 'floor', or '' for nothing (furniture stands on
            'floor').
        support_surface: 'floor', 'top', 'board 2'...; the name of the thing for another object.
    """

    name: str
    role: str
    color: str
    shape: str
    id: int
    pixels: int
    visible_fraction: float
    box_px: tuple[int, int, int, int] | None
    touches_edge: bool
    center_m: NDArray[np.float64]
    size_m: NDArray[np.float64]
    visible_size_m: NDArray[np.float64] | None
    visible_center_m: NDArray[np.float64] | None
    distance_m: float | None
    median_distance_m: float | None
    nearest_depth_m: float | None
    median_depth_m: float | None
    support: str
    support_surface: str


@dataclass(frozen=True, eq=False)
class PlaneTruth:
    """One horizontal carrying surface in one view.

    Attributes:
        name: 'floor', 'top', 'board 2', 'seat'.
        owner: the thing that it belongs to, or 'floor'.
        normal: (3,) unit, camera frame, pointing up.
        offset_m: normal . p for its points p; minus the camera's height above the plane.
        height_m: height above the floor.
        pixels: number of visible pixels on it.
    """

    name: str
    owner: str
    normal: NDArray[np.float64]
    offset_m: float
    height_m: float
    pixels: int


@dataclass(frozen=True, eq=False)
class ViewTruth:
    """What is true of one view of one world.

    Attributes:
        split, seed, kind, room_type: which world.
        view: which of its cameras; -1 for one given from outside.
        settled: whether all objects had come to rest.
        intrinsics: fx, fy, cx, cy, width, height in pixels.
        camera_position_m: (3,) in the world (z up, origin on the floor).
        world_from_camera: (3, 3) rotation.
        gravity: (3,) unit, camera frame: where things fall.
        planes: the floor first.
        things: all things of the world, seen or not, in the order of their ids 1, 2, ...
        gaps_m: (N, N) least distance between the surfaces of two things, hollows filled; 0 on
            contact, and on the diagonal.
    """

    split: str
    seed: int
    kind: str
    room_type: str
    view: int
    settled: bool
    intrinsics: dict[str, Any]
    camera_position_m: NDArray[np.float64]
    world_from_camera: NDArray[np.float64]
    gravity: NDArray[np.float64]
    planes: tuple[PlaneTruth, ...]
    things: tuple[ThingTruth, ...]
    gaps_m: NDArray[np.float64]

    @property
    def objects(self) -> tuple[ThingTruth, ...]:
        """The movable things of which at least one pixel is seen."""
        return tuple(thing for thing in self.things if thing.role == 'object' and thing.pixels)

    def thing(self, name: str) -> ThingTruth:
        """Return a thing by name.

        Raises:
            KeyError: the world has no such thing.
        """
        for thing in self.things:
            if thing.name == name:
                return thing
        raise KeyError(f'no {name!r}; there are: {", ".join(t.name for t in self.things)}')

    def as_dict(self) -> dict[str, Any]:
        """Return plain numbers, strings and lists, ready for JSON; lengths to 0.01 mm."""
        return {**_plain(asdict(self)), 'intrinsics': self.intrinsics}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, np.ndarray):
        return np.round(value, 6 if value.ndim == 2 and value.shape == (3, 3) else 5).tolist()
    if isinstance(value, float):
        return round(value, 5)
    return value
