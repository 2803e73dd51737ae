# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Which topics of a recording belong to one RGB-D camera."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import takewhile

from ssr_ros.errors import BagError, quoted
from ssr_ros.rgbd.depth import DEPTH_ENCODINGS
from ssr_ros.rgbd.encodings import COLOR_ENCODINGS, is_depth


@dataclass(frozen=True)
class RgbdTopics:
    """The topics of one RGB-D camera.

    Attributes:
        color: name of the colour topic, raw or compressed.
        depth: name of the depth topic, raw or compressed.
        info: name of the camera_info topic, or None where none belongs to the colour topic.
    """

    color: str
    depth: str
    info: str | None

    @property
    def is_one(self) -> bool:
        """Whether one topic carries all three (realsense2_camera_msgs/RGBD)."""
        return self.color == self.depth


@dataclass(frozen=True)
class TopicSample:
    """What the first message of a topic tells.

    Attributes:
        name: absolute topic name.
        kind: 'raw', 'compressed', 'info' or 'rgbd'.
        encoding: the encoding of a raw image, or the format of a compressed one.
        size: (width, height) in pixels; zeros where it cannot be told.
    """

    name: str
    kind: str
    encoding: str
    size: tuple[int, int]


def choose_topics(
    samples: Iterable[TopicSample],
    color: str | None = None,
    depth: str | None = None,
    info: str | None = None,
    where: str = 'the recording',
) -> RgbdTopics:
    """Choose the colour, depth and camera_info topics that go best together.

    Args:
        samples: all image and camera_info topics.
        color: the colour topic, where it was named by the user.
        depth: the depth topic, likewise.
        info: the camera_info topic, likewise.
        where: name of the recording, for the message.

    Raises:
        BagError: there is no colour or no depth topic, or a named one is something else.
    """
    samples = list(samples)
    pairs = [
        (a, b)
        for a in samples
        if _is_color_image(a) and color in (None, a.name)
        for b in samples
        if _is_depth_image(b) and depth in (None, b.name)
    ]
    whole = [s.name for s in samples if s.kind == 'rgbd' and {color, depth} <= {None, s.name}]
    if whole and not pairs:
        return RgbdTopics(whole[0], whole[0], whole[0])
    if not pairs:
        raise BagError(_nothing_found(samples, color, depth, where))
    best_color, best_depth = min(pairs, key=lambda pair: _penalty(*pair))
    return RgbdTopics(best_color.name, best_depth.name, info or _info_of(best_color, samples))


def _is_color_image(sample: TopicSample) -> bool:
    if sample.kind == 'raw':
        return sample.encoding in COLOR_ENCODINGS
    return sample.kind == 'compressed' and all(sample.size) and not is_depth(sample.encoding)


def _is_depth_image(sample: TopicSample) -> bool:
    is_image = sample.kind in ('raw', 'compressed')
    return is_image and all(sample.size) and is_depth(sample.encoding)


def _penalty(color: TopicSample, depth: TopicSample) -> tuple[object, ...]:
    """Sort key: the smallest is the best pair."""
    registered = any(word in depth.name for word in ('aligned', 'registered', 'to_color'))
    return (
        color.size != depth.size,
        not registered,
        color.encoding.startswith('mono'),  # the infrared image of a stereo camera
        depth.encoding.startswith('mono'),
        -_parts_in_common(color.name, depth.name),
        color.kind != 'raw',
        depth.kind != 'raw',
        color.name,
        depth.name,
    )


def _info_of(color: TopicSample, samples: list[TopicSample]) -> str | None:
    """Return the camera_info that has the colour topic's size and stands nearest to it by name.

    One of another size goes before none: it may be binned, or not be the first of its topic.
    """
    infos = [sample for sample in samples if sample.kind == 'info']
    if not infos:
        return None

    def penalty(info: TopicSample) -> tuple[object, ...]:
        fits = info.size in (color.size, (0, 0))
        return not fits, -_parts_in_common(info.name, color.name), info.name

    return min(infos, key=penalty).name


def _parts_in_common(a: str, b: str) -> int:
    parts = zip(a.split('/'), b.split('/'), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], parts))


def _nothing_found(
    samples: list[TopicSample], color: str | None, depth: str | None, where: str
) -> str:
    wanted = f'{color or "a colour image"} and {depth or "a depth image"}'
    held = (
        ', '.join(f'{s.name} ({quoted(s.encoding)})' for s in samples if s.kind != 'info')
        or 'none'
    )
    return (
        f'{where}: found no pair of {wanted}; its image topics are: {held}. '
        f'Depth is {", ".join(DEPTH_ENCODINGS)} or compressedDepth, in millimetres or metres'
    )
