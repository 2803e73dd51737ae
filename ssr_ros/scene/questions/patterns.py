# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Patterns of plain English."""

from __future__ import annotations

from collections.abc import Mapping
import re
from typing import TypeVar

Name = TypeVar('Name', bound=str)


def pattern(text: str) -> re.Pattern[str]:
    """Compile a re.VERBOSE pattern in which a space between two words on one line is a space."""
    return re.compile(re.sub(r'(?<=\S) (?=\S)', r'\\ ', text), re.VERBOSE)


def named(words: Mapping[Name, str]) -> str:
    """Return a pattern of alternatives, each a group of its name."""
    return '|'.join(f'(?P<{name.replace(" ", "_")}>{text})' for name, text in words.items())


Wording = tuple[re.Pattern[str], str]
"""What may be said, and how it is put plainly."""


def wordings(*said: tuple[str, str]) -> tuple[Wording, ...]:
    """Compile pairs of a re.VERBOSE pattern and what is put in its place."""
    return tuple((pattern(text), plainly) for text, plainly in said)


def put_plainly(text: str, said: tuple[Wording, ...]) -> str:
    """Put each of some wordings in its place, one after the other."""
    for each, plainly in said:
        text = each.sub(plainly, text).strip(' ,')
    return text
