# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""From named regions to things with names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from ssr_ros.errors import GroundingError
from ssr_ros.scene.geometry.grid import box_overlap
from ssr_ros.scene.geometry.objects import SceneObject
from ssr_ros.scene.geometry.pointing import Pointing
from ssr_ros.scene.geometry.survey import Survey
from ssr_ros.scene.grounded import Grounded, Names
from ssr_ros.scene.names import plain_name, without_article

MOST_REGIONS = 300
"""More named regions than this are no description of one image."""

MOSTLY_INSIDE = 0.6
"""Share of an object's pixels from which it is a piece of a thing that was pointed at."""

SAME_PLACE = 0.5
"""Overlap of two regions (intersection over union) from which both name the same thing."""


def named(survey: Survey, regions: Sequence[Grounded]) -> tuple[tuple[SceneObject, ...], Names]:
    """Find what some regions mean.

    Args:
        survey: of the frame that the regions are of.
        regions: who comes first names a thing; who comes later may add another name.

    Returns:
        the objects, those that are named and those that are not, from near to far; and what is
        known of names.

    Raises:
        GroundingError: a region lies outside the image, or there are far too many.
    """
    if len(regions) > MOST_REGIONS:
        raise GroundingError(f'at most {MOST_REGIONS} named regions are read, got {len(regions)}')
    for region in regions:
        if region.found:
            region.check_inside(survey.frame.width, survey.frame.height)
    naming = _Naming(survey)
    for region in regions:
        naming.take(region)
    names = Names(regions=tuple(regions), unmeasured=tuple(naming.unmeasured))
    return _numbered(naming.objects()), names


@dataclass(eq=False)
class _Naming:
    """Names things, one region after the other."""

    survey: Survey
    things: list[SceneObject] = field(default_factory=list)
    meant_by: list[Grounded] = field(default_factory=list)
    unmeasured: list[Grounded] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._pointing = Pointing(self.survey)

    def take(self, region: Grounded) -> None:
        """Name what a region means."""
        if region.region is None:
            return
        thing = self._pointing.thing(region.region)
        if thing is None:
            self.unmeasured.append(region)
            return
        label = without_article(region.phrase)
        for index, before in enumerate(self.things):
            if self._both_mean(index, thing, region):
                known = map(plain_name, (before.label, *before.also))
                more = () if plain_name(label) in known else (label,)
                self.things[index] = replace(before, also=(*before.also, *more))
                return
        score = region.score
        self.things.append(
            replace(thing, label=label, label_source=region.source, label_score=score)
        )
        self.meant_by.append(region)

    def _both_mean(self, index: int, thing: SceneObject, region: Grounded) -> bool:
        """Whether a thing is one that is named already: the same pixels, pointed at likewise.

        Of two boxes of one name in one place a single thing is meant, even where it is so thin
        that both hold other pixels: detectors say things twice.
        """
        before, by = self.things[index], self.meant_by[index]
        same_pixels = _overlap(before, thing) >= SAME_PLACE
        if by.box_px is None or region.box_px is None:
            return same_pixels
        same_name = plain_name(region.phrase) == plain_name(by.phrase)
        same_place = box_overlap(by.box_px, region.box_px) > SAME_PLACE
        return same_place and (same_pixels or same_name)

    def objects(self) -> list[SceneObject]:
        """The named things, and the objects that are no piece of them, from near to far."""
        masks = [thing.mask for thing in self.things]
        rest = [
            thing
            for thing in self.survey.objects
            if not any(
                np.count_nonzero(thing.mask & mask) > MOSTLY_INSIDE * thing.pixels
                for mask in masks
            )
        ]
        return sorted([*self.things, *rest], key=lambda thing: thing.distance_m)


def _numbered(objects: Sequence[SceneObject]) -> tuple[SceneObject, ...]:
    """Call things by their labels, with a number where several have the same."""
    labels = [plain_name(thing.label) for thing in objects]
    seen: dict[str, int] = {}
    result = []
    for thing, label in zip(objects, labels, strict=True):
        if thing.label:
            seen[label] = seen.get(label, 0) + 1
            alone = labels.count(label) == 1
            name = thing.label if alone else f'{thing.label} {seen[label]}'
            thing = replace(thing, name=name)
        result.append(thing)
    return tuple(result)


def _overlap(one: SceneObject, other: SceneObject) -> float:
    shared = np.count_nonzero(one.mask & other.mask)
    return float(shared / max(1, one.pixels + other.pixels - shared))
