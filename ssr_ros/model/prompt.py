# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The chat prompt around an image and a question, token by token.

``[system][user: image | <tor> x n, facts, newline, question][assistant:``, made from the
checkpoint's own chat template and cut where the image ends: what stands before does not depend on
the question.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
import torch
from torch import Tensor
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import smart_resize

from ssr_ros.errors import CheckpointError
from ssr_ros.model.tokens import SsrTokenizer

PLACEHOLDER = 'the-question-stands-here'


@dataclass(frozen=True)
class ImagePrompt:
    """The prompt up to the end of the image, before the model has read it.

    Attributes:
        ids: tokens; the image's placeholders stand at ``place`` and after.
        place: index of the first placeholder.
        rows: of image tokens.
        columns: of image tokens.
        pixel_values: patches, as the vision tower wants them.
        grid: (1, 3) time, rows and columns of patches.
    """

    ids: list[int]
    place: int
    rows: int
    columns: int
    pixel_values: Tensor
    grid: Tensor

    def positions(self) -> Tensor:
        """Return (3, tokens) int64 rotary positions: time, row, column.

        Text counts up in all three planes; the image's tokens share one time and count their rows
        and columns from there; text goes on after the larger of the two (Qwen2-VL, arXiv
        2409.12191, section 2.1).
        """
        n_image = self.rows * self.columns
        before = torch.arange(self.place).expand(3, -1)
        image = self.place + torch.stack(
            [
                torch.zeros(n_image, dtype=torch.int64),
                torch.arange(self.rows).repeat_interleave(self.columns),
                torch.arange(self.columns).repeat(self.rows),
            ]
        )
        resume = self.place + max(self.rows, self.columns)
        n_after = len(self.ids) - self.place - n_image
        after = (resume + torch.arange(n_after)).expand(3, -1)
        return torch.cat([before, image, after], dim=1)


class ChatPrompt:
    """Turns images and questions into what Qwen2.5-VL reads.

    Attributes:
        tokenizer: with ``<tor>``.
        image_size: (width, height) that an image is squashed to first.
    """

    def __init__(
        self,
        tokenizer: SsrTokenizer,
        image_processor: Any,
        chat_template: str,
        image_id: int,
        image_size: tuple[int, int],
    ) -> None:
        """Cut the chat template at the question.

        Raises:
            CheckpointError: the template does not show one image before the user's text.
        """
        self.tokenizer = tokenizer
        self.image_size = image_size
        self._image_processor = image_processor
        self._image_id = image_id
        content = [{'type': 'image'}, {'type': 'text', 'text': PLACEHOLDER}]
        chat = tokenizer.render_chat([{'role': 'user', 'content': content}], chat_template)
        before, _, after = chat.partition(PLACEHOLDER)
        self._ids_before = tokenizer.encode(before)
        self._ids_after = tokenizer.encode(after)
        if self._ids_before.count(image_id) != 1 or not after:
            raise CheckpointError('the chat template must show one image before the user text')

    def picture(
        self, rgb: NDArray[np.uint8], image_size: tuple[int, int] | None = None
    ) -> Image.Image:
        """Resize as upstream does: squash to ``image_size``, then to whole merged patches."""
        patch = self._image_processor.patch_size * self._image_processor.merge_size
        width, height = image_size or self.image_size
        squashed = Image.fromarray(rgb).resize((width, height), Image.Resampling.BICUBIC)
        height, width = smart_resize(height, width, factor=patch)
        return squashed.resize((width, height), Image.Resampling.BICUBIC)

    def tokens_of(self, size: tuple[int, int]) -> tuple[int, int]:
        """Return how many tokens an image of whole merged patches is wide and high."""
        patch = self._image_processor.patch_size * self._image_processor.merge_size
        return size[0] // patch, size[1] // patch

    def image(
        self, rgb: NDArray[np.uint8], image_size: tuple[int, int] | None = None
    ) -> ImagePrompt:
        """Return the prompt up to the end of an image, (H, W, 3) uint8.

        Args:
            rgb: the image.
            image_size: (width, height) that it is squashed to; None: as SSR was trained.
        """
        picture = self.picture(rgb, image_size)
        inputs = self._image_processor(images=picture, return_tensors='pt')
        grid = inputs['image_grid_thw']
        merge = self._image_processor.merge_size
        rows, columns = int(grid[0, 1]) // merge, int(grid[0, 2]) // merge
        place = self._ids_before.index(self._image_id)
        image_ids = [self._image_id] * (rows * columns)
        ids = [*self._ids_before[:place], *image_ids, *self._ids_before[place + 1 :]]
        return ImagePrompt(ids, place, rows, columns, inputs['pixel_values'], grid)

    def question(self, question: str, n_tor: int, facts: str = '') -> list[int]:
        """Return the tokens after the image: ``<tor>`` x n, newline, question, turn end.

        What is told of the measurement stands in a paragraph of its own before the question.
        """
        user = self.tokenizer.encode_user_text(_told(facts) + '\n' + question)
        return [self.tokenizer.tor_id] * n_tor + user + self._ids_after

    def tokens_told(self, question: str, facts: str) -> int:
        """Return how many tokens the facts add to ``question``."""
        return len(self.question(question, 0, facts)) - len(self.question(question, 0))

    def stock_question(self, question: str) -> list[int]:
        """Return the tokens after the image as the model was asked before SSR."""
        return self.tokenizer.encode_user_text(question) + self._ids_after


def _told(facts: str) -> str:
    return f'\n{facts}\n' if facts else ''
