# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A vision-language model on another machine, behind an OpenAI-compatible address.

Nothing is sent anywhere unless a URL is set: the image leaves the robot.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
import math
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ssr_ros.chat_server import ChatServer, ChatSettings
from ssr_ros.errors import ConfigError, GroundingError, ServerError
from ssr_ros.grounding.replies import check_readable, form_of, read_reply, ReplyCounts
from ssr_ros.rgbd import RgbdFrame
from ssr_ros.scene.grounded import Grounded

SIDE_FACTOR = 28
"""The model sees whole squares of so many pixels; an image of such sides is not resized again."""


@dataclass(frozen=True)
class ServerSettings(ChatSettings):
    """Where the server is and how it is asked; the rest is of ChatSettings.

    Attributes:
        family: how the model writes boxes, one of ssr_ros.grounding.replies.FORMS.
        most_pixels: the image is made smaller than this.
    """

    key_variable: str = 'SSR_GROUNDING_KEY'
    family: str = 'qwen2_5_vl'
    most_pixels: int = 1_000_000

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.most_pixels < SIDE_FACTOR**2:
            raise ConfigError(
                f'expected most_pixels of at least {SIDE_FACTOR**2}, got {self.most_pixels}'
            )
        form_of(self.family)


class ServerGrounder:
    """Asks a server where things are.

    Attributes:
        name: what its regions carry as their source.
        settings: where it is and how it is asked.
        counts: what became of the entries of the last reply.
    """

    def __init__(self, settings: ServerSettings, name: str = 'server') -> None:
        self.name = name
        self.settings = settings
        self.counts = ReplyCounts()
        self._form = form_of(settings.family)
        self._server = ChatServer(settings)

    @property
    def calls(self) -> int:
        """Requests sent so far."""
        return self._server.calls

    def locate(self, frame: RgbdFrame, phrases: Sequence[str]) -> list[Grounded]:
        """Send the image and the names once, and read the boxes.

        Raises:
            GroundingError: the server does not answer, refuses, or writes no boxes.
        """
        if not phrases:
            return []
        picture = fit_pixels(frame.rgb, self.settings.most_pixels)
        text = self._ask(picture, self._form.question(phrases))
        reply = read_reply(
            text,
            self._form,
            phrases,
            (picture.shape[1], picture.shape[0]),
            (frame.width, frame.height),
            self.name,
        )
        self.counts = reply.counts
        return list(check_readable(reply, text, self.name))

    def _ask(self, rgb: NDArray[np.uint8], question: str) -> str:
        content: list[dict[str, Any]] = [
            {'type': 'image_url', 'image_url': {'url': _data_url(rgb)}},
            {'type': 'text', 'text': question},
        ]
        try:
            return self._server.ask(content)
        except ServerError as error:
            raise GroundingError(str(error)) from error


def _data_url(rgb: NDArray[np.uint8]) -> str:
    done, encoded = cv2.imencode('.png', cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))
    if not done:
        raise GroundingError(f'the image {rgb.shape} could not be written as PNG')
    return 'data:image/png;base64,' + base64.b64encode(encoded.tobytes()).decode('ascii')


def fit_pixels(rgb: NDArray[np.uint8], most_pixels: int) -> NDArray[np.uint8]:
    """Resize an image to sides that are multiples of SIDE_FACTOR, at most so many pixels."""
    height, width = rgb.shape[:2]
    scale = min(1.0, math.sqrt(most_pixels / (width * height)))
    sides = [
        max(SIDE_FACTOR, int(side * scale) // SIDE_FACTOR * SIDE_FACTOR)
        for side in (width, height)
    ]
    if sides == [width, height]:
        return rgb
    return np.asarray(cv2.resize(rgb, (sides[0], sides[1]), interpolation=cv2.INTER_AREA))
