# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A model that was taught in which field of the picture things are, and measured things in it.

The model knows what is called how and about where; measuring knows exactly where things are, and
no names. So the thing is meant that stands where the model believes the name to be; and where no
thing was told, what stands off the planes in the likeliest field, or a patch there of the colour
that the name says: small and flat things are measured once somebody points at them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ssr_ros.errors import GroundingError, QuestionError
from ssr_ros.grounding.patches import patches
from ssr_ros.rgbd import RgbdFrame
from ssr_ros.scene import measure, SceneFacts, SceneObject
from ssr_ros.scene.fields import FIELDS
from ssr_ros.scene.geometry.grid import BoolImage
from ssr_ros.scene.geometry.pointing import Pointing
from ssr_ros.scene.grounded import Box, Grounded
from ssr_ros.scene.names import fit, plain_name
from ssr_ros.scene.questions.vocabulary import COLOR_WORDS, NEAR_COLORS

MOST_KEPT = 4
"""So many frames are kept as the model read them."""

LEAST = 0.005
"""What is believed less is denied: a quarter of what who knows nothing believes of each field."""

REACHES = (0.0, 0.5, 1.0)
"""Of a field, on every side: so far beyond it a thing in it is looked for while it is cut off."""

BLUR = 0.2
"""Of a field: so near a line between two a thing may be in both, for its middle was measured."""


class Map(Protocol):
    """Where a model believes a thing to be: ``ssr_ros.model.pointing.Pointed``."""

    @property
    def shares(self) -> NDArray[np.float64]:
        """(FIELDS, FIELDS), of each field of the picture."""

    @property
    def nowhere(self) -> float:
        """That it is not there."""


class Pointer(Protocol):
    """A model that reads a frame once and is asked for names in it; a Reasoner may have one."""

    def read(self, frame: RgbdFrame) -> Any:
        """Read a frame."""

    def point(self, seen: Any, name: str) -> Map:
        """Say where in what was read a thing of this name is."""


@dataclass
class _Looked:
    """A frame, as the model read it once it had to; what is measured in it and was taken for."""

    frame: RgbdFrame
    facts: SceneFacts
    seen: Any = None
    taken_for: dict[SceneObject, tuple[str, float]] = field(default_factory=dict)

    @property
    def things(self) -> tuple[SceneObject, ...]:
        """What was told without anybody pointing."""
        return self.facts.objects

    def meant(self, name: str, found: Map) -> tuple[SceneObject | None, float]:
        """Return what a name means, and how much a map believes in that; 0 without a thing."""
        size = self.frame.width, self.frame.height
        shares = {thing: _share(found, thing.box_px, size) for thing in _may_be(name, self.things)}
        best = max(shares, key=lambda thing: shares[thing], default=None)
        if best is not None and shares[best] >= LEAST:
            return best, shares[best]
        if self.things and found.nowhere <= 1 / 2:
            there = self._standing_in(name, _field(found, size))
            if there is not None:
                return there, float(found.shares.max())
            share, patch = self._patch(name, found)
            there = None if patch is None else self._pointing.thing(patch)
            if there is not None:
                return there, share
        return best, 0.0 if best is None else shares[best]

    def _standing_in(self, name: str, box: Box) -> SceneObject | None:
        """What may be of a name in a field, as far as it reaches beyond it."""
        found = None
        for reach in REACHES:
            around = _around(box, reach, self.frame)
            thing = self._pointing.thing(around)
            if thing is None or not self._stands(thing) or not _may_be(name, [thing]):
                break
            found = thing
            if not _is_cut(thing.box_px, around, self.frame):
                break
        return found

    def _patch(self, name: str, found: Map) -> tuple[float, BoolImage | None]:
        """The patch of a name's colour, of no told thing, that a map believes in most."""
        taken = np.zeros((self.frame.height, self.frame.width), np.bool_)
        for thing in self.things:
            taken |= thing.mask
        size = self.frame.width, self.frame.height
        shares = (
            (_share(found, box, size), mask)
            for box, mask in patches(self.frame.rgb, _colors_in(name)[1], taken)
        )
        best = max(shares, key=lambda each: each[0], default=(0.0, None))
        return best if best[0] >= LEAST else (0.0, None)

    def _stands(self, thing: SceneObject) -> bool:
        """Whether most of it is of no plane: a piece of a table is no thing."""
        on_planes = sum(np.count_nonzero(thing.mask & plane.mask) for plane in self.facts.planes)
        return bool(on_planes <= thing.pixels / 2)

    @cached_property
    def _pointing(self) -> Pointing:
        return Pointing(self.facts)


@dataclass(frozen=True)
class _Heard:
    """What the model says of a name: of all that may be it, the thing that it believes in most."""

    name: str
    found: Map
    thing: SceneObject | None
    share: float

    @property
    def is_there(self) -> bool:
        return self.found.nowhere <= 1 / 2 and self.share >= LEAST


class PointingGrounder:
    """Asks a model in which field a thing is, and takes what is measured there.

    Attributes:
        name: what its regions carry as their source.
        by_whole_name: it is asked for 'orange ball': of a 'ball' it would point at any.
        looks: frames that the model has read.
        passes: names that it was asked for.
    """

    by_whole_name = True

    def __init__(self, pointer: Pointer, name: str = 'vlm') -> None:
        self.name = name
        self.looks = self.passes = 0
        self._pointer = pointer
        self._kept: list[_Looked] = []

    def know(self, frame: RgbdFrame, facts: SceneFacts, seen: Any = None) -> None:
        """Take what was found out about a frame, so that nothing is done twice.

        Args:
            frame: the frame.
            facts: what was measured in it.
            seen: the frame as the model read it; None where it has not.
        """
        if all(looked.frame is not frame for looked in self._kept):
            self._keep(_Looked(frame, facts, seen))

    def locate(self, frame: RgbdFrame, phrases: Sequence[str]) -> list[Grounded]:
        """Ask for each phrase.

        The measured thing where the model believes the name to be most is meant; its score is how
        much. What is measured to be of another colour than the name says is not, nor is what it
        believes more to be something else that it was asked for, nor what it hardly believes in.
        Where none is meant, what stands in the likeliest field is, or a patch of its colour; where
        nothing is measured in the picture, that field is given.

        Raises:
            GroundingError: a phrase is no text, or too long to be read.
            DeviceError: out of memory.
        """
        looked = self._look(frame)
        # All are heard before one is placed: a thing is what it is believed to be most, whichever
        # of two names was said first.
        heard = [self._heard(looked, phrase) for phrase in phrases]
        return [
            self._placed(looked, phrase, found)
            for phrase, found in zip(phrases, heard, strict=True)
        ]

    def _heard(self, looked: _Looked, phrase: str) -> _Heard:
        name = plain_name(phrase)
        try:
            found = self._pointer.point(looked.seen, name)
        except QuestionError as error:
            raise GroundingError(f'{self.name} cannot look for {phrase!r}: {error}') from error
        self.passes += 1
        best, share = looked.meant(name, found)
        heard = _Heard(name, found, best, share)
        if best is not None and heard.is_there:
            _, belief = looked.taken_for.get(best, (name, 0.0))
            if heard.share >= belief:
                looked.taken_for[best] = name, heard.share
        return heard

    def _placed(self, looked: _Looked, phrase: str, heard: _Heard) -> Grounded:
        size, found = (looked.frame.width, looked.frame.height), heard.found
        denied = Grounded(phrase, source=self.name)
        if found.nowhere <= 1 / 2 and not looked.things:
            return Grounded(phrase, _field(found, size), float(found.shares.max()), self.name)
        if heard.thing is None or not heard.is_there:
            return denied
        other, belief = looked.taken_for[heard.thing]
        is_another = not (fit(heard.name, other) or fit(other, heard.name))
        if belief > heard.share and is_another:
            return denied
        return Grounded(phrase, score=heard.share, source=self.name, mask=heard.thing.mask)

    def _look(self, frame: RgbdFrame) -> _Looked:
        looked = next((each for each in self._kept if each.frame is frame), None)
        if looked is None:
            looked = _Looked(frame, measure(frame))
            self._keep(looked)
        if looked.seen is None:
            looked.seen = self._pointer.read(frame)
            self.looks += 1
        return looked

    def _keep(self, looked: _Looked) -> None:
        self._kept = [*self._kept[1 - MOST_KEPT :], looked]


def _may_be(name: str, things: Sequence[SceneObject]) -> list[SceneObject]:
    """The things of the colour that a name says, or of one near it: light changes colours."""
    said, near = _colors_in(name)
    return [
        thing for thing in things if not said or thing.color in near or thing.second_color in said
    ]


def _colors_in(name: str) -> tuple[set[str], set[str]]:
    """The colours that a name says; and these and those that light may make of them."""
    said = {color for word in name.split() for color in COLOR_WORDS.get(word, ())}
    return said, said | {other for color in said for other in NEAR_COLORS[color].split()}


def _share(found: Map, box: Sequence[float], size: tuple[int, int]) -> float:
    """How much a map believes in the middle of a box in pixels, which is known to BLUR."""
    (x0, y0, x1, y1), (width, height) = box, size
    across, down = (_near((x0 + x1) / 2 / width), _near((y0 + y1) / 2 / height))
    return float(down @ found.shares @ across)


def _near(share: float) -> NDArray[np.float64]:
    """(FIELDS,) how much of what is BLUR or less from a place on one side lies in each field."""
    edges = np.arange(1, FIELDS)
    below = np.clip((edges - (FIELDS * share - BLUR)) / (2 * BLUR), 0, 1)
    return np.diff(below, prepend=0, append=1)


def _field(found: Map, size: tuple[int, int]) -> Box:
    """The likeliest field, in pixels."""
    row, column = divmod(int(found.shares.argmax()), FIELDS)
    width, height = (side / FIELDS for side in size)
    return column * width, row * height, (column + 1) * width, (row + 1) * height


def _around(box: Box, reach: float, frame: RgbdFrame) -> Box:
    """A box and so much of its sides around it, within the picture."""
    x0, y0, x1, y1 = box
    dx, dy = reach * (x1 - x0), reach * (y1 - y0)
    return max(0, x0 - dx), max(0, y0 - dy), min(frame.width, x1 + dx), min(frame.height, y1 + dy)


def _is_cut(inner: Box, outer: Box, frame: RgbdFrame) -> bool:
    """Whether a box reaches an edge of one around it that is none of the picture's."""
    (x0, y0, x1, y1), (left, top, right, bottom) = inner, outer
    return bool(
        (x0 < left + 1 and left > 0)
        or (y0 < top + 1 and top > 0)
        or (x1 > right - 1 and right < frame.width)
        or (y1 > bottom - 1 and bottom < frame.height)
    )
