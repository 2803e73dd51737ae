# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Texts said in other ways: about things of other names, or in fewer words."""

from __future__ import annotations

from collections.abc import Sequence
import random
import re

from training.worlds.palette import COLORS, SHAPES

NAMES = (tuple(COLORS), SHAPES)
_NAME = re.compile(rf'\b({"|".join(name for names in NAMES for name in names)})\b', re.IGNORECASE)
_ARTICLE = re.compile(r'\b(a)n? (?=(\w))', re.IGNORECASE)
_SPARE = re.compile(r'(, )?\bthe\b|[.]$', re.IGNORECASE)


def renamed(texts: Sequence[str], seed: int) -> list[str]:
    """Exchange the colours with each other and the shapes with each other, alike in all texts.

    Every pair of names comes up: who reads such texts learns to look up a name instead of guessing
    it from the pairs that its images show.
    """
    draw = random.Random(seed)
    other: dict[str, str] = {}
    for names in NAMES:
        other |= zip(names, draw.sample(names, len(names)), strict=True)

    def name(found: re.Match[str]) -> str:
        new = other[found[0].lower()]
        return new.capitalize() if found[0][0].isupper() else new

    def article(found: re.Match[str]) -> str:
        return f'{found[1]}n ' if found[2].lower() in 'aeiou' else f'{found[1]} '

    return [_ARTICLE.sub(article, _NAME.sub(name, text)) for text in texts]


def in_fewer_words(text: str) -> str:
    """Leave out 'the' and the last stop, as in a note: 'The red mug, the box.' -> ' red mug box'.

    What is left is cut by a tokenizer as it was in the sentence.
    """
    return _SPARE.sub('', text)
