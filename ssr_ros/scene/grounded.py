# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A region of an image with a name: what somebody who knows names points at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
import math
import unicodedata

import numpy as np
from numpy.typing import NDArray

from ssr_ros.errors import GroundingError

Pixel = tuple[float, float]
Box = tuple[float, float, float, float]
BoolImage = NDArray[np.bool_]

MOST_CHARACTERS = 120
"""Longer names are none: a reply that runs on must not become a label."""


@dataclass(frozen=True, eq=False)
class Grounded:
    """A name and where it is in the image, as one source says.

    At most one of box, mask and point is given. None of them means that the source looked for the
    name and did not find it, which is worth knowing: such a name is denied.

    Attributes:
        phrase: what is there, in words: 'mustard bottle'.
        box_px: (x0, y0, x1, y1) pixels, half-open; it may reach beyond the image.
        score: 0..1, how sure the source is; NaN where it does not say.
        source: who says so: 'detections', 'vlm', 'server', 'detector' or any other word.
        mask: (H, W) bool.
        point_px: (u, v) pixel, column first.

    Raises:
        GroundingError: no name, several regions, numbers that are not finite, an empty box or
            mask, or a score outside 0..1.
    """

    phrase: str
    box_px: Box | None = None
    score: float = math.nan
    source: str = 'given'
    mask: BoolImage | None = None
    point_px: Pixel | None = None

    def __post_init__(self) -> None:
        _check_name(self.phrase)
        given = [part for part in (self.box_px, self.mask, self.point_px) if part is not None]
        if len(given) > 1:
            raise GroundingError(
                f'{self.phrase!r}: one region is expected, a box, a mask or a point, got '
                f'{len(given)}'
            )
        if not (math.isnan(self.score) or 0 <= self.score <= 1):
            raise GroundingError(
                f'{self.phrase!r}: a score lies in 0..1, or is NaN for "not said", got '
                f'{self.score}'
            )
        if self.box_px is not None:
            x0, y0, x1, y1 = box = _numbers(self.phrase, self.box_px, 4)
            if x1 <= x0 or y1 <= y0:
                raise GroundingError(
                    f'{self.phrase!r}: the box {box} is empty; expected (x0, y0, x1, y1) with '
                    'x0 < x1 and y0 < y1'
                )
            object.__setattr__(self, 'box_px', box)
        if self.point_px is not None:
            object.__setattr__(self, 'point_px', _numbers(self.phrase, self.point_px, 2))
        if self.mask is not None and (self.mask.ndim != 2 or not self.mask.any()):
            raise GroundingError(
                f'{self.phrase!r}: the mask is empty or has not the shape (H, W): '
                f'{self.mask.shape}'
            )

    @property
    def found(self) -> bool:
        """False where the source looked for the name and found nothing."""
        return self.region is not None

    @property
    def region(self) -> Box | BoolImage | Pixel | None:
        """The box, the mask or the point."""
        if self.box_px is not None:
            return self.box_px
        return self.mask if self.mask is not None else self.point_px

    def check_inside(self, width: int, height: int) -> None:
        """Refuse a region that belongs to an image of another size.

        Raises:
            GroundingError: it holds no pixel of the image, or the mask has another shape.
        """
        if self.mask is not None:
            fits = self.mask.shape == (height, width)
        elif self.box_px is not None:
            x0, y0, x1, y1 = self.box_px
            across = min(width, round(x1)) - max(0, round(x0))
            fits = across > 0 and min(height, round(y1)) - max(0, round(y0)) > 0
        else:
            u, v = self.point_px or (0, 0)
            fits = 0 <= round(u) < width and 0 <= round(v) < height
        if not fits:
            raise GroundingError(
                f'{self.phrase!r} from {self.source}: the region lies outside the '
                f'{width}x{height} image: it was found in another image, or in another size of it'
            )


@dataclass(frozen=True, eq=False, kw_only=True)
class Names:
    """What was said of names in one frame.

    Attributes:
        regions: what the sources pointed at, and what they looked for in vain.
        unmeasured: those regions whose depth is not known: they are named and have no number.
    """

    regions: tuple[Grounded, ...]
    unmeasured: tuple[Grounded, ...] = ()

    @property
    def sources(self) -> tuple[str, ...]:
        """Who looked."""
        return tuple(dict.fromkeys(region.source for region in self.regions))

    @property
    def phrases(self) -> tuple[str, ...]:
        """All names that were said, once each."""
        return tuple(dict.fromkeys(region.phrase for region in self.regions))


def is_name(text: str) -> bool:
    """Whether a text can be a name: not empty, not long, and nothing but characters."""
    return bool(text.strip()) and len(text) <= MOST_CHARACTERS and _is_text(text)


def _is_text(text: str) -> bool:
    return not any(unicodedata.category(character).startswith('C') for character in text)


def _check_name(name: str) -> None:
    if not isinstance(name, str) or not is_name(name):
        shown = name[:40] if isinstance(name, str) else name
        raise GroundingError(
            f'a named region needs a name of 1 to {MOST_CHARACTERS} plain characters, got '
            f'{shown!r}'
        )


def _numbers(name: str, values: Sequence[float], count: int) -> tuple[float, ...]:
    try:
        numbers = tuple(float(value) for value in values)
    except (TypeError, ValueError, OverflowError) as error:
        raise GroundingError(f'{name!r}: expected {count} numbers, got {values!r}') from error
    if len(numbers) != count or not all(math.isfinite(value) for value in numbers):
        raise GroundingError(f'{name!r}: expected {count} finite numbers, got {values!r}')
    return numbers
