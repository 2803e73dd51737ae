# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What is known of one frame, in one form for rendered truth and for measurements.

Lengths are metres along gravity's axes at the camera: right, forward (level), up.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from ssr_ros.rgbd import RgbdFrame
from ssr_ros.scene import Gravity, SceneFacts
from ssr_ros.scene.fields import field_of
from ssr_ros.scene.grounded import Box
from training.worlds.palette import combinations

FEWEST_PIXELS = 30
"""A thing that shows less is not asked about."""

SEEN_ENOUGH = 0.5
"""A thing of which less is seen is not asked about."""

SEEN_WHOLE = 0.9
"""A thing of which more is seen may be asked about its size."""

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Thing:
    """One thing that a question can name.

    Attributes:
        name: how a question names it, without the article; no other thing has this name.
        color: colour name, '' where that is no property of it (furniture).
        shape: 'box', 'table' ...; 'object' where the shape is not known.
        is_object: movable, not furniture.
        low_m: (3,) lower corner of its box.
        high_m: (3,) upper corner of its box.
        distance_m: from the camera to its nearest visible part.
        sigma_m: standard error of its distance and of the sides of its box.
        whole: enough of it is seen to judge its size.
        support: name of what it stands on, '' if not known.
        box: (x0, y0, x1, y1) around its visible part, in shares of the image, 0..1.
    """

    name: str
    color: str
    shape: str
    is_object: bool
    low_m: FloatArray
    high_m: FloatArray
    distance_m: float
    sigma_m: float
    whole: bool
    support: str
    box: Box

    @property
    def the(self) -> str:
        """The name with its article."""
        return f'the {self.name}'

    @property
    def seen(self) -> str:
        """The name with its article and the field of the picture where it is seen: 'c5'.

        Where a thing is seen leads from its name to its depth: two short steps for a reader.
        """
        return f'{self.the} in {field_of(self.box)}'

    @property
    def center_m(self) -> FloatArray:
        """(3,) middle of the box."""
        return (self.low_m + self.high_m) / 2

    @property
    def size_m(self) -> FloatArray:
        """(3,) width, depth, height."""
        return self.high_m - self.low_m

    @property
    def bearing_deg(self) -> float:
        """Horizontal angle from straight ahead, right positive."""
        return math.degrees(math.atan2(self.center_m[0], self.center_m[1]))


@dataclass(frozen=True, eq=False)
class Scene:
    """Everything that questions about one frame can be made from.

    Attributes:
        things: that can be asked about, from near to far.
        n_objects: number of objects in view, or None where that is not known: some are too small
            or hidden, or they were only measured.
        names: names of everything in view, small and hidden things included.
        gaps_m: (name, name) -> (least distance between the two, standard error).
        floor_m: height of the floor over the camera (negative), or None if it is not in view.
        supports_m: name of a level surface in view -> its height over the camera.
        frame: the pictures.
        gravity: where down is.
        meta: where the frame comes from.
    """

    things: tuple[Thing, ...]
    n_objects: int | None
    names: frozenset[str]
    gaps_m: Mapping[tuple[str, str], tuple[float, float]]
    floor_m: float | None
    supports_m: Mapping[str, float]
    frame: RgbdFrame
    gravity: Gravity
    meta: dict[str, Any]

    @property
    def objects(self) -> tuple[Thing, ...]:
        """The movable things, from near to far."""
        return tuple(thing for thing in self.things if thing.is_object)

    def missing(self, names: Set[str]) -> list[str]:
        """Return which names nothing in view has, sorted; none that its split never shows.

        Who only ever hears of a pair of a colour and a shape that it is not there learns that of
        the pair, and denies it wherever it is met.
        """
        absent = names - self.names
        if split := self.meta.get('split'):
            absent &= {f'{color} {shape}' for color, shape in combinations(split)}
        return sorted(absent)

    def levelled_points_m(self) -> NDArray[np.float32]:
        """Return (H, W, 3) float32 points along right, forward, up; NaN unknown."""
        axes: NDArray[np.float32] = self.gravity.axes.T.astype(np.float32)
        points: NDArray[np.float32] = self.frame.points_m() @ axes
        return points


def scene_from_truth(truth: Mapping[str, Any], frame: RgbdFrame, meta: dict[str, Any]) -> Scene:
    """Read the renderer's truth, ``ViewTruth.as_dict()``."""
    gravity = Gravity(np.array(truth['gravity'], np.float64), 'given')
    rows = truth['things']
    in_view = [row for row in rows if row['pixels']]
    objects = [row for row in in_view if row['role'] == 'object']
    once = [row for row in in_view if _kinds(in_view).count(_kind(row)) == 1]
    asked = [row for row in once if row['pixels'] >= FEWEST_PIXELS and _is_seen(row)]
    things = sorted(
        (_true_thing(row, frame, gravity) for row in asked), key=lambda t: t.distance_m
    )
    number = {row['name']: index for index, row in enumerate(rows)}
    name_of = {row['name']: _kind(row) for row in asked}
    gaps = {
        (name_of[a], name_of[b]): (float(truth['gaps_m'][number[a]][number[b]]), 0.0)
        for a in name_of
        for b in name_of
        if a != b
    }
    clear = all(row['pixels'] >= FEWEST_PIXELS and _is_seen(row) for row in objects)
    planes = [plane for plane in truth['planes'] if plane['pixels'] >= 20 * FEWEST_PIXELS]
    floor = [float(plane['offset_m']) for plane in planes if plane['owner'] == 'floor']
    supports = {
        name_of[plane['owner']]: float(plane['offset_m'])
        for plane in planes
        if plane['name'] == 'top' and plane['owner'] in name_of
    }
    return Scene(
        tuple(things),
        len(objects) if clear else None,
        frozenset(_kinds(in_view)),
        gaps,
        floor[0] if floor else None,
        supports,
        frame,
        gravity,
        meta,
    )


def scene_from_facts(facts: SceneFacts, meta: dict[str, Any]) -> Scene:
    """Read what was measured; objects are named by their colour where it is theirs alone."""
    colors = [thing.color for thing in facts.objects]
    asked = [thing for thing in facts.objects if colors.count(thing.color) == 1]
    things = []
    for thing in asked:
        margins = thing.margins
        things.append(
            Thing(
                f'{thing.color} object',
                thing.color,
                'object',
                True,
                thing.low_m,
                thing.high_m,
                thing.distance_m,
                max(margins.distance_m, *margins.size_m),
                not thing.touches_edge,
                '' if thing.support is None else facts.planes[thing.support].name,
                _in_shares(thing.box_px, facts.frame),
            )
        )
    gaps = {}
    for a, of_a in zip(things, asked, strict=True):
        for b, of_b in zip(things, asked, strict=True):
            if a is not b:
                nearest = cKDTree(of_a.points_m).query(of_b.points_m)[0].min()
                gaps[a.name, b.name] = (float(nearest), math.hypot(a.sigma_m, b.sigma_m))
    levels = {p.name: p.height_m for p in facts.planes if p.role == 'support'}
    return Scene(
        tuple(things),
        None,  # depth does not show everything: a count, or an absence, is not known
        frozenset(f'{color} object' for color in colors),
        gaps,
        levels.get('floor'),
        {name: height for name, height in levels.items() if name != 'floor'},
        facts.frame,
        facts.gravity,
        meta,
    )


def _true_thing(row: Mapping[str, Any], frame: RgbdFrame, gravity: Gravity) -> Thing:
    center = gravity.axes @ np.array(row['center_m'], np.float64)
    half = np.array(row['size_m'], np.float64) / 2
    return Thing(
        _kind(row),
        row['color'],
        row['shape'].replace('_', ' '),
        row['role'] == 'object',
        center - half,
        center + half,
        float(row['distance_m']),
        0.0,
        row['visible_fraction'] >= SEEN_WHOLE and not row['touches_edge'],
        row['support'].replace('_', ' '),
        _in_shares(row['box_px'], frame),
    )


def _kind(row: Mapping[str, Any]) -> str:
    """Return what one can call a thing by looking at it: names with numbers need a legend."""
    return f'{row["color"]} {row["shape"].replace("_", " ")}'.strip()


def _kinds(rows: list[Any]) -> list[str]:
    return [_kind(row) for row in rows]


def _is_seen(row: Mapping[str, Any]) -> bool:
    # Furniture is known by any good piece of it, but has to begin inside the image to be near.
    return bool(row['visible_fraction'] >= SEEN_ENOUGH) or (
        row['role'] == 'furniture' and bool(row['pixels'] >= 40 * FEWEST_PIXELS)
    )


def _in_shares(box_px: tuple[int, int, int, int], frame: RgbdFrame) -> Box:
    x0, y0, x1, y1 = box_px
    return x0 / frame.width, y0 / frame.height, x1 / frame.width, y1 / frame.height
