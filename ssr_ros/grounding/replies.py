# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What a vision-language model is asked for boxes with, and how its reply is read.

Models are trained to write boxes as JSON: Qwen2.5-VL in pixels of the image that it was given
(arXiv 2502.13923, section 2.1: absolute coordinates), Qwen3-VL in thousandths of the sides. A
reply is a text from outside: everything in it may be wrong, and what is, is counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
import json
import math
import re
from typing import Any

from ssr_ros.errors import ConfigError, GroundingError
from ssr_ros.grounding.sources import with_denials
from ssr_ros.scene.geometry.grid import box_overlap
from ssr_ros.scene.grounded import Box, Grounded, is_name, Pixel
from ssr_ros.scene.names import Fit, fit, plain_name

MOST_CHARACTERS = 1_000_000
MOST_REGIONS = 100
MOST_UNREAD = 300
"""Characters before a list or within an entry, after which nothing readable is to be hoped for."""

LEAST_PX = 2.0
"""Smaller boxes hold nothing."""

SAME_BOX = 0.9
"""Overlap (intersection over union) from which two boxes of one name are the same one."""


@dataclass(frozen=True)
class ReplyForm:
    """How a family of models writes places.

    Attributes:
        full_scale: the value that stands for a whole side of the image; None: its size in pixels.
        box_key: the JSON key of a box, [x0, y0, x1, y1].
        point_key: the JSON key of a point, [x, y].
        prompt: the question, with {phrases} where the names go.
    """

    full_scale: float | None
    box_key: str
    point_key: str
    prompt: str

    def question(self, phrases: Sequence[str]) -> str:
        """Return what to ask for some names."""
        return self.prompt.format(phrases=', '.join(phrases))

    def answer(self, places: Sequence[tuple[str, Box]], image_size: tuple[int, int]) -> str:
        """Write what is read below: a reply that small models are taught.

        Args:
            places: name and box (x0, y0, x1, y1) in shares of the sides, 0..1.
            image_size: (width, height) of the image that the model sees.
        """
        full = self.full_scale
        sides = 2 * (image_size if full is None else (full, full))
        return json.dumps(
            [
                {
                    self.box_key: [round(v * s) for v, s in zip(box, sides, strict=True)],
                    'label': name,
                }
                for name, box in places
            ]
        )


_PROMPT = (
    'Locate every instance of: {phrases}. Output the bbox coordinates in JSON format, one entry '
    'for each instance with "bbox_2d" and "label", and [] where there is none.'
)
FORMS: Mapping[str, ReplyForm] = {
    'qwen2_5_vl': ReplyForm(None, 'bbox_2d', 'point_2d', _PROMPT),
    'qwen3_vl': ReplyForm(1000.0, 'bbox_2d', 'point_2d', _PROMPT),
}
"""By the model_type that a checkpoint's config.json names."""


def form_of(family: str) -> ReplyForm:
    """Return the form of a family of models.

    Raises:
        ConfigError: the family is not known.
    """
    if family not in FORMS:
        raise ConfigError(
            f'no way to read boxes of the model family {family!r} is known; known: '
            f'{", ".join(FORMS)}'
        )
    return FORMS[family]


@dataclass
class ReplyCounts:
    """What became of the entries of a reply; together they are all of them.

    Attributes:
        used: became regions.
        broken: were no JSON, or had no name or no four (two) finite numbers.
        swapped: had corners in another order, which was put right; these are used, too.
        empty: had no area in the image.
        outside: lay outside the image.
        duplicates: repeated another entry.
        unasked: named something that was not asked for.
        too_many: came after the first MOST_REGIONS.
    """

    used: int = 0
    broken: int = 0
    swapped: int = 0
    empty: int = 0
    outside: int = 0
    duplicates: int = 0
    unasked: int = 0
    too_many: int = 0


@dataclass(frozen=True)
class Reply:
    """A reply as it was read.

    Attributes:
        regions: in pixels of the frame, then the phrases that were denied.
        counts: what became of the entries.
        readable: whether there was a list of entries at all, be it empty. An unreadable reply
            denies nothing.
    """

    regions: tuple[Grounded, ...]
    counts: ReplyCounts
    readable: bool


@dataclass
class _Reader:
    """Turns entries into regions, one by one."""

    form: ReplyForm
    phrases: Sequence[str]
    image_size: tuple[int, int]
    frame_size: tuple[int, int]
    source: str
    counts: ReplyCounts = field(default_factory=ReplyCounts)
    regions: list[Grounded] = field(default_factory=list)

    def read(self, entry: Any) -> None:
        if len(self.regions) >= MOST_REGIONS:
            self.counts.too_many += 1
            return
        name = self._name(entry)
        if name is None:
            return
        box, point = _numbers(entry, self.form.box_key, 4), _numbers(entry, self.form.point_key, 2)
        if box is not None:
            self._keep_box(name, box)
        elif point is not None:
            self._keep_point(name, point)
        else:
            self.counts.broken += 1

    def _name(self, entry: Any) -> str | None:
        """The name of an entry, if it was asked for; counts what is none."""
        label = entry.get('label') if isinstance(entry, dict) else None
        if isinstance(entry, dict) and label is None and len(self.phrases) == 1:
            return plain_name(self.phrases[0])
        if not isinstance(label, str) or not label.strip():
            self.counts.broken += 1
            return None
        best = max(self.phrases, key=lambda phrase: fit(phrase, label), default='')
        if not best or not fit(best, label):
            self.counts.unasked += 1
            return None
        # A label that says more than the phrase ('white mug' for 'mug') tells several apart.
        more = fit(best, label) is Fit.KIND and is_name(label)
        return plain_name(label if more else best)

    def _keep_box(self, name: str, numbers: tuple[float, ...]) -> None:
        x0, y0, x1, y1 = self._scaled(numbers)
        swapped = x0 > x1 or y0 > y1
        x0, x1, y0, y1 = min(x0, x1), max(x0, x1), min(y0, y1), max(y0, y1)
        width, height = self.frame_size
        box = max(x0, 0.0), max(y0, 0.0), min(x1, float(width)), min(y1, float(height))
        if x0 >= width or y0 >= height or x1 <= 0 or y1 <= 0:
            self.counts.outside += 1
        elif box[2] - box[0] < LEAST_PX or box[3] - box[1] < LEAST_PX:
            self.counts.empty += 1
        else:
            self.counts.swapped += swapped
            self._keep(Grounded(name, box, source=self.source))

    def _keep_point(self, name: str, numbers: tuple[float, ...]) -> None:
        u, v = self._scaled(numbers)
        if 0 <= round(u) < self.frame_size[0] and 0 <= round(v) < self.frame_size[1]:
            self._keep(Grounded(name, source=self.source, point_px=(u, v)))
        else:
            self.counts.outside += 1

    def _keep(self, region: Grounded) -> None:
        if any(_same_place(region, other) for other in self.regions):
            self.counts.duplicates += 1
            return
        self.counts.used += 1
        self.regions.append(region)

    def _scaled(self, numbers: tuple[float, ...]) -> tuple[float, ...]:
        """From the model's coordinates to pixels of the frame; values are x, y, x, y ..."""
        full = self.form.full_scale
        sides = self.image_size if full is None else (full, full)
        return tuple(
            value * self.frame_size[index % 2] / sides[index % 2]
            for index, value in enumerate(numbers)
        )


def read_reply(
    text: str,
    form: ReplyForm,
    phrases: Sequence[str],
    image_size: tuple[int, int],
    frame_size: tuple[int, int],
    source: str,
) -> Reply:
    """Read boxes and points out of a model's reply.

    Args:
        text: what the model wrote.
        form: how its family writes places.
        phrases: what was asked for; a label must answer to one of them.
        image_size: (width, height) of the image that the model saw.
        frame_size: (width, height) of the frame: the regions are in its pixels.
        source: who is being read.
    """
    reader = _Reader(form, phrases, image_size, frame_size, source)
    entries = _entries(text, reader.counts)
    if entries is None:
        return Reply((), reader.counts, False)
    for entry in entries:
        reader.read(entry)
    if reader.counts.broken and not reader.regions:
        return Reply((), reader.counts, False)
    regions = with_denials(reader.regions, phrases, source)
    return Reply(tuple(regions), reader.counts, True)


def check_readable(reply: Reply, text: str, source: str) -> tuple[Grounded, ...]:
    """Return the regions of a reply.

    Raises:
        GroundingError: it held no list of places.
    """
    if not reply.readable:
        raise GroundingError(
            f'{source} was asked for boxes in JSON and wrote {text[:80]!r}: nothing to read there'
        )
    return reply.regions


def may_go_on(text: str) -> bool:
    """Whether a reply that is still being written may become more places than it has.

    It may not where its list is whole, and where MOST_UNREAD characters in a row are neither an
    entry nor the beginning of one: a model that babbles is not listened to any longer.
    """
    text = _after_fence(text)
    start = _start(text)
    value = None if start is None else _decode(text, start)
    if value is not None and (isinstance(value[0], dict) or _holds_objects(value[0])):
        return False
    whole = [] if start is None else list(_whole_objects(text, start))
    return len(text) - (whole[-1][1] if whole else 0) <= MOST_UNREAD


def _holds_objects(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(entry, dict) for entry in value)


def _entries(text: str, counts: ReplyCounts) -> list[Any] | None:
    """The entries of the first JSON list or object in a reply; None where there is none.

    A reply that was cut off in the middle still has whole entries before the cut.
    """
    text = _after_fence(text[:MOST_CHARACTERS])
    start = _start(text)
    if start is None:
        counts.broken += 1
        return None
    value = _decode(text, start)
    if value is not None:
        return value[0] if isinstance(value[0], list) else [value[0]]
    whole = [entry for entry, _ in _whole_objects(text, start)]
    counts.broken += 1
    return whole or None


def _after_fence(text: str) -> str:
    fenced = _FENCE.search(text)
    return text[fenced.end() :] if fenced else text


def _start(text: str) -> int | None:
    """Where the first list or object begins, or None."""
    starts = [place for place in (text.find('['), text.find('{')) if place >= 0]
    return min(starts, default=None)


def _whole_objects(text: str, start: int) -> Iterator[tuple[Any, int]]:
    """The JSON objects of a list and where each ends, up to the first that is not whole."""
    if text[start] != '[':
        return
    place = start + 1
    while len(text) > place:
        while place < len(text) and text[place] in ' \t\r\n,':
            place += 1
        value = _decode(text, place) if text[place : place + 1] == '{' else None
        if value is None:
            return
        yield value
        place = value[1]


def _decode(text: str, start: int) -> tuple[Any, int] | None:
    try:
        return _DECODER.raw_decode(text, start)
    except (ValueError, RecursionError):
        return None


def _refuse_constant(name: str) -> float:
    raise ValueError(f'{name} is no number of JSON')


_FENCE = re.compile(r'```(?:json|JSON)?\s*')
_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)


def _numbers(entry: Any, key: str, count: int) -> tuple[float, ...] | None:
    """The numbers at a key, or None where they are not so many finite numbers."""
    values = entry.get(key) if isinstance(entry, dict) else None
    if not isinstance(values, list) or len(values) != count:
        return None
    if not all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in values):
        return None
    if not all(abs(value) < 1e6 for value in values):  # whole numbers of JSON know no bound
        return None
    numbers = tuple(float(value) for value in values)
    return numbers if all(map(math.isfinite, numbers)) else None


def _same_place(one: Grounded, other: Grounded) -> bool:
    if one.phrase != other.phrase:
        return False
    if one.box_px is not None and other.box_px is not None:
        return box_overlap(one.box_px, other.box_px) > SAME_BOX
    if one.point_px is not None and other.point_px is not None:
        return _apart_px(one.point_px, other.point_px) < 2
    return False


def _apart_px(one: Pixel, other: Pixel) -> float:
    return math.hypot(one[0] - other[0], one[1] - other[1])
