# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The vision-language model as it was before SSR: asked where things are, in its own words.

It reads the image in a size of its own, for boxes want pixels (a small model in the one size that
it was trained on), gets no latents, and runs on its own weights: the adapter was trained on other
answers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
import math

import torch

from ssr_ros.model.decode import ImagePrefix, Request
from ssr_ros.model.lora import StockWeights
from ssr_ros.model.trace import Trace
from ssr_ros.model.vlm import VisionLanguageModel
from ssr_ros.rgbd import RgbdFrame

MOST_PIXELS = 1_000_000
SIDE_FACTOR = 28
"""An image of sides that are multiples of this is not resized again: 14-pixel patches, 2 x 2."""


@dataclass(frozen=True)
class Seen:
    """An image as the model read it.

    Attributes:
        prefix: what it remembers of it.
        image_size: (width, height) in which it saw it, pixels: boxes are in these.
    """

    prefix: ImagePrefix
    image_size: tuple[int, int]


class Seer:
    """Asks the stock model about an image that it reads once.

    Attributes:
        family: its model_type, which says how it writes boxes.
        trace: of what was done last.
    """

    def __init__(
        self,
        vlm: VisionLanguageModel,
        stock: StockWeights | None,
        look_size: tuple[int, int] | None = None,
    ) -> None:
        self.family = str(vlm.model.config.model_type)
        self.trace = Trace(vlm.device)
        self._vlm, self._stock, self._size = vlm, stock or StockWeights(), look_size

    def look(self, frame: RgbdFrame) -> Seen:
        """Read the image of a frame.

        Raises:
            DeviceError: out of memory.
        """
        self.trace = Trace(self._vlm.device)
        size = own_size(*(self._size or (frame.width, frame.height)))
        with self._stock.in_place():
            return Seen(self._vlm.read_image(frame.rgb, self.trace, size), size)

    @torch.inference_mode()
    def reply(
        self,
        seen: Seen,
        question: str,
        max_new_tokens: int,
        goes_on: Callable[[str], bool] = lambda text: True,
    ) -> str:
        """Answer a question about what was seen, greedily.

        Args:
            seen: what ``look`` gave.
            question: in words.
            max_new_tokens: how many are written at most.
            goes_on: asked of the text so far, after every token; False ends the reply.

        Raises:
            DeviceError: out of memory.
            CheckpointError: the weights give values that are not numbers.
        """
        self.trace = Trace(self._vlm.device)
        ids = self._vlm.prompt.stock_question(question)
        with self._stock.in_place():
            embeds = self._vlm.embed(ids)
            request = Request(prefix=seen.prefix, ids=ids, embeds=embeds)
            text, tokens = '', []
            for row in self._vlm.plain.generate([request], max_new_tokens, self.trace):
                tokens += [row[0]] if row[0] is not None else []
                text = self._vlm.tokenizer.decode(tokens)
                if not goes_on(text):
                    break
        return text


def own_size(width: int, height: int, most_pixels: int = MOST_PIXELS) -> tuple[int, int]:
    """The size that an image is read in: whole squares, no more pixels than it has."""
    scale = min(1.0, math.sqrt(most_pixels / (width * height)))
    across, down = (
        max(SIDE_FACTOR, int(side * scale) // SIDE_FACTOR * SIDE_FACTOR)
        for side in (width, height)
    )
    return across, down
