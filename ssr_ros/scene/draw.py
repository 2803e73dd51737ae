# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The annotated picture: boxes, names, distances, and the planes tinted."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ssr_ros.rgbd import RgbdFrame
from ssr_ros.scene.facts import SceneFacts
from ssr_ros.scene.geometry.grid import BoolImage
from ssr_ros.scene.geometry.objects import SceneObject
from ssr_ros.scene.questions import wording

_PLANE_TINTS = {
    'support': (70, 170, 110),
    'top': (150, 190, 90),
    'wall': (90, 120, 200),
    'ceiling': (170, 120, 190),
    'slope': (190, 150, 80),
    'surface': (150, 150, 150),
}
_BOX_COLORS = (
    (255, 196, 0),
    (0, 200, 255),
    (255, 96, 160),
    (140, 230, 60),
    (255, 128, 48),
    (180, 140, 255),
)
_FONT = cv2.FONT_HERSHEY_SIMPLEX
_NUMBER_ROWS = 480
"""Rows of an image on which OpenCV's letters, 22 pixels high, are a twentieth of it."""

_MOST_STEPS = 12
"""A label stands at most so many of its heights off; one without room is left out."""


def annotate(frame: RgbdFrame, facts: SceneFacts) -> NDArray[np.uint8]:
    """Draw the facts over the colour image.

    Args:
        frame: the frame that was measured.
        facts: its facts.

    Returns:
        (H, W, 3) uint8, red first.
    """
    picture = np.array(frame.rgb, np.uint8)
    for plane in facts.planes:
        _tint(picture, plane.mask, _PLANE_TINTS[plane.role], 0.30)
    scale = max(0.35, 0.45 * frame.width / 640)
    labels = _Labels(picture, scale)
    for number, thing in reversed(list(enumerate(facts.objects))):
        color = _BOX_COLORS[number % len(_BOX_COLORS)]
        _outline(picture, thing, color)
    for plane in facts.planes:
        labels.write(_middle(plane.mask), plane.name, _PLANE_TINTS[plane.role], center=True)
    for number, thing in enumerate(facts.objects):
        text = f'{thing.name}  {wording.length(thing.distance_m)}'
        corner = (thing.box_px[0], thing.box_px[1])
        labels.write(corner, text, _BOX_COLORS[number % len(_BOX_COLORS)])
    return picture


def number_things(rgb: NDArray[np.uint8], things: Sequence[SceneObject]) -> NDArray[np.uint8]:
    """Write 1, 2, 3 ... into the middle of things, large enough for a model that sees 256 pixels.

    Args:
        rgb: (H, W, 3) uint8 image that they are in.
        things: in the order of their numbers.

    Returns:
        a copy with the numbers.
    """
    picture = np.array(rgb, np.uint8)
    labels = _Labels(picture, max(0.5, picture.shape[0] / _NUMBER_ROWS))
    for number, thing in enumerate(things, 1):
        color = _BOX_COLORS[(number - 1) % len(_BOX_COLORS)]
        labels.write(_middle(thing.mask), str(number), color, center=True)
    return picture


def _tint(
    picture: NDArray[np.uint8], mask: BoolImage, color: tuple[int, int, int], share: float
) -> None:
    blended = picture[mask] * np.float32(1 - share) + np.float32(share) * np.array(color)
    picture[mask] = blended.astype(np.uint8)


def _outline(picture: NDArray[np.uint8], thing: SceneObject, color: tuple[int, int, int]) -> None:
    contours, _ = cv2.findContours(
        thing.mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE
    )
    _tint(picture, thing.mask, color, 0.18)
    cv2.drawContours(picture, contours, -1, color, 1, cv2.LINE_AA)
    x0, y0, x1, y1 = thing.box_px
    cv2.rectangle(picture, (x0, y0), (x1 - 1, y1 - 1), color, 2 if picture.shape[1] >= 480 else 1)


def _middle(mask: BoolImage) -> tuple[int, int]:
    """The point that lies deepest inside a mask."""
    inside = np.pad(mask, 1).astype(np.uint8)
    deep = cv2.distanceTransform(inside, cv2.DIST_L2, 3)
    row, column = np.unravel_index(int(np.argmax(deep)), deep.shape)
    return int(column) - 1, int(row) - 1


class _Labels:
    """Writes labels that never lie over each other, and keep inside the image."""

    def __init__(self, picture: NDArray[np.uint8], scale: float) -> None:
        self.picture = picture
        self.scale = scale
        self.taken: list[tuple[int, int, int, int]] = []

    def write(
        self, at: tuple[int, int], text: str, color: tuple[int, int, int], center: bool = False
    ) -> None:
        text = text.replace('°', ' deg')
        (width, height), base = cv2.getTextSize(text, _FONT, self.scale, 1)
        width, height = width + 6, height + base + 4
        x, y = (at[0] - width // 2, at[1] - height // 2) if center else (at[0], at[1] - height)
        box = self._place(x, y, width, height)
        if box is None:
            return
        self.taken.append(box)
        ink = (0, 0, 0) if sum(color) > 330 else (255, 255, 255)
        cv2.rectangle(self.picture, box[:2], (box[2], box[3]), color, -1)
        at_text = (box[0] + 3, box[3] - base - 1)
        cv2.putText(self.picture, text, at_text, _FONT, self.scale, ink, 1, cv2.LINE_AA)

    def _place(self, x: int, y: int, width: int, height: int) -> tuple[int, int, int, int] | None:
        """The free place nearest to where a label should stand, or None where all is full."""
        rows, columns = self.picture.shape[:2]
        steps = sorted(
            (
                (abs(down) * height + abs(right) * width / 2, down, right)
                for down in range(-_MOST_STEPS, _MOST_STEPS + 1)
                for right in (0, -1, 1)
            ),
        )
        for _, down, right in steps:
            left = max(0, min(x + right * width // 2, columns - width - 1))
            top = max(0, min(y + down * height, rows - height - 1))
            box = (left, top, left + width, top + height)
            if not any(_overlap(box, other) for other in self.taken):
                return box
        return None


def _overlap(one: tuple[int, int, int, int], other: tuple[int, int, int, int]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
