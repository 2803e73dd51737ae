# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Rows told in other ways: how a small model that comes from nothing gets started.

What a pretrained model knows already has to be told to a small one: to make use of text in its
prompt, to look a name up instead of guessing it, to answer without writing down how.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
import random
import re

from training.data.datasets import Change
from training.data.rows import Row
from training.small.briefs import in_brief, in_fewer_words
from training.worlds.palette import COLORS, SHAPES

EXPLAIN = 'Explain.'
"""After a question: asks a VLM for the rationale in place of the answer."""

NAMES = (tuple(COLORS), SHAPES)
_NAME = re.compile(rf'\b({"|".join(name for names in NAMES for name in names)})\b', re.IGNORECASE)
_ARTICLE = re.compile(r'\b(a)n? (?=(\w))', re.IGNORECASE)


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


def answers_alone(row: Row, index: int) -> Row:
    """Put the answer in the rationale's place: MIDI learns to know it without saying how."""
    return replace(row, rationale=row.answer)


def answers_by_turns(row: Row, index: int) -> Row:
    """Put the answer in the rationale's place in every second row."""
    return answers_alone(row, index) if index % 2 else row


def briefs_by_turns(row: Row, index: int) -> Row:
    """Put the brief in the rationale's place in every second row."""
    return replace(row, rationale=in_brief(row)) if index % 2 else row


def reading(row: Row, index: int) -> Row:
    """Teach a VLM to read what stands where latents will.

    One row of five is as it is and one asks to explain; in the others the rationale, to be
    repeated or to be made use of, or the answer itself stands before the question.
    """
    return _read(row, index % 5, (row.question, row.rationale, row.answer))


def notes(row: Row, index: int) -> Row:
    """Do the same with names in the texts that the image does not show.

    In one row of six the answer stands there in fewer words.
    """
    return _read(row, index % 6, renamed((row.question, row.rationale, row.answer), index))


MIDI_TOLD: dict[str, Change | None] = {
    'rationale': None,
    'answer': answers_alone,
    'either': answers_by_turns,
    'brief': briefs_by_turns,
}
VLM_TOLD: dict[str, Change | None] = {'answer': None, 'reading': reading, 'notes': notes}


def _read(row: Row, turn: int, texts: Sequence[str]) -> Row:
    if turn == 0 or not row.rationale or row.asks_where:
        return row
    if turn == 1:
        return replace(row, question=f'{row.question} {EXPLAIN}', answer=row.rationale)
    asked, rationale, answer = texts
    if turn == 2:
        return replace(row, question=f'{rationale}\n{asked} {EXPLAIN}', answer=rationale)
    read = (rationale, answer, in_fewer_words(answer))[turn - 3]
    return replace(row, question=f'{read}\n{asked}', answer=answer)
