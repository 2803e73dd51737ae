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
from ssr_ros.scene.labels import Box, Place, Places, Point
from ssr_ros.scene.questions import wording

Color = tuple[int, int, int]
"""Red first, 0 to 255."""

_PLANE_TINTS: dict[str, Color] = {
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
    for number, thing in reversed(list(enumerate(facts.objects))):
        _outline(picture, thing, _BOX_COLORS[number % len(_BOX_COLORS)])
    labels = _Labels(picture, scale)
    labels.keep_in_view(facts.objects)
    for number, thing in enumerate(facts.objects):
        texts = f'{thing.name}  {wording.length(thing.distance_m)}', thing.name
        color = _BOX_COLORS[number % len(_BOX_COLORS)]
        labels.write(texts, thing.box_px, _middle(thing.mask), color)
    for plane in facts.planes:
        labels.write([plane.name], _middle(plane.mask), plane.mask, _PLANE_TINTS[plane.role])
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
        middle = _middle(thing.mask)
        labels.write([str(number)], middle, middle, color)
    return picture


def _tint(picture: NDArray[np.uint8], mask: BoolImage, color: Color, share: float) -> None:
    blended = picture[mask] * np.float32(1 - share) + np.float32(share) * np.array(color)
    picture[mask] = blended.astype(np.uint8)


def _outline(picture: NDArray[np.uint8], thing: SceneObject, color: Color) -> None:
    contours, _ = cv2.findContours(
        thing.mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE
    )
    _tint(picture, thing.mask, color, 0.18)
    cv2.drawContours(picture, contours, -1, color, 1, cv2.LINE_AA)
    x0, y0, x1, y1 = thing.box_px
    cv2.rectangle(picture, (x0, y0), (x1 - 1, y1 - 1), color, 2 if picture.shape[1] >= 480 else 1)


def _middle(mask: BoolImage) -> Point:
    """The point that lies deepest inside a mask."""
    inside = np.pad(mask, 1).astype(np.uint8)
    deep = cv2.distanceTransform(inside, cv2.DIST_L2, 3)
    row, column = np.unravel_index(int(np.argmax(deep)), deep.shape)
    return int(column) - 1, int(row) - 1


def _centered(at: Point, size: Point) -> Box:
    """What a label of some size stands right above, if its middle is at a point."""
    left, low = at[0] - size[0] // 2, at[1] - size[1] // 2 + size[1]
    return left, low, left + size[0], low


class _Labels:
    """Writes labels that never lie over each other, and keep inside the image."""

    def __init__(self, picture: NDArray[np.uint8], scale: float) -> None:
        self.picture = picture
        self.scale = scale
        self.places = Places(*picture.shape[:2])

    def keep_in_view(self, things: Sequence[SceneObject]) -> None:
        """Hide as little of things as may be."""
        for thing in things:
            width, height = self._size(thing.name)
            self.places.keep_in_view(thing.mask, width * height)

    def write(
        self, texts: Sequence[str], at: Box | Point, inside: Point | BoolImage, color: Color
    ) -> None:
        """Write the text for which there is the best place; every shorter one costs something.

        Args:
            texts: from long to short.
            at: box to write above, or the point that is the middle of the text.
            inside: see Places.best.
            color: red first.
        """
        best: tuple[Place, str] | None = None
        for number, text in enumerate(texts):
            size = self._size(text)
            home = at if len(at) == 4 else _centered(at, size)
            place = self.places.best(size, home, inside)
            if place is not None and (best is None or place.cost + number < best[0].cost):
                best = place, text
        if best is None:
            return
        place, text = best
        self.places.take(place)
        if place.line is not None:
            cv2.line(self.picture, *place.line, color, 1, cv2.LINE_AA)
            cv2.circle(self.picture, place.line[1], 2, color, -1, cv2.LINE_AA)
        ink = (0, 0, 0) if sum(color) > 330 else (255, 255, 255)
        x0, y0, x1, y1 = place.box
        cv2.rectangle(self.picture, (x0, y0), (x1 - 1, y1 - 1), color, -1)
        at_text = (x0 + 3, y1 - self._extent(text)[2] - 2)
        cv2.putText(self.picture, text, at_text, _FONT, self.scale, ink, 1, cv2.LINE_AA)

    def _size(self, text: str) -> Point:
        width, height, base = self._extent(text)
        return width + 6, height + base + 4

    def _extent(self, text: str) -> tuple[int, int, int]:
        """Width, height and what hangs below the line."""
        (width, height), base = cv2.getTextSize(text, _FONT, self.scale, 1)
        return width, height, base
