# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""How long texts may be, and lists of numbers made equally long."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from ssr_ros.model.tokens import insert_tor, SsrTokenizer
from training.run.settings import DataSettings

LONGEST_WORD = 64
"""Characters that a token may stand for, generously: spaces and dashes come in long tokens."""


class Lengths:
    """Cuts texts to the longest that the models are trained on."""

    def __init__(self, settings: DataSettings) -> None:
        self._settings = settings

    def question(self, text: str, tokenizer: SsrTokenizer) -> str:
        """Cut a question."""
        return _cut_user_text(text, tokenizer, self._settings.question_tokens)

    def rationale(self, text: str, tokenizer: SsrTokenizer, n_tor: int) -> str:
        """Cut a rationale so that its latent tokens fit as well."""

        def count(cut: str) -> int:
            return len(tokenizer.encode(insert_tor(cut, n_tor)))

        if n_tor == 0 and _is_short(text, self._settings.rationale_tokens):
            return text
        return cut_words(text, count, self._settings.rationale_tokens)

    def answer(self, text: str, tokenizer: SsrTokenizer) -> str:
        """Cut an answer so that its end token fits as well."""
        return _cut_user_text(text, tokenizer, self._settings.answer_tokens - 1)


def cut_words(text: str, count: Callable[[str], int], most: int) -> str:
    """Cut a text to whole words so that ``count`` of it is at most ``most``.

    A single word that is longer than that is cut as well.
    """
    text = text[: LONGEST_WORD * most]  # no token is longer: the rest is not worth counting
    words = text.split(' ')
    while len(words) > 1 and (length := count(' '.join(words))) > most:
        words = words[: min(len(words) - 1, max(1, len(words) * most // length))]
    cut = ' '.join(words)
    while len(cut) > 1 and (length := count(cut)) > most:
        cut = cut[: min(len(cut) - 1, max(1, len(cut) * most // length))]
    return cut


def _cut_user_text(text: str, tokenizer: SsrTokenizer, most: int) -> str:
    if _is_short(text, most):
        return text
    return cut_words(text, lambda cut: len(tokenizer.encode_user_text(cut)), most)


def _is_short(text: str, most: int) -> bool:
    """Say whether a text has at most so many tokens, whatever they are: each has a byte."""
    return len(text.encode()) <= most


def pad(rows: Sequence[Sequence[int]], value: int) -> Tensor:
    """Stack lists of numbers, padded on the right."""
    longest = max(map(len, rows))
    return torch.tensor([[*row, *[value] * (longest - len(row))] for row in rows])
