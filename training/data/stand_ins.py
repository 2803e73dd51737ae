# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Other names for the things of a question, for the VLM alone.

Which of two things is nearer, the latents say; what it is called, the question says. A small VLM
learns the names of training by heart instead: of "the pink cone or the gray mug", where no gray
mug was met in training, it makes "the gray cone". So it hears some questions with other names,
which it can only copy: any word may follow another in them. MIDI, which has to find the things in
the picture, still hears the true ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
import random
import re

from training.data.rows import Row, RowFiles

LOOKED_AT = 4000
"""Rows, evenly taken, whose words may stand in for others."""

DRAWS = 100
"""After so many there are not enough names, and a row stays as it is."""

_HEARD = 'heard'
_WORD = re.compile(r'\b[a-z]{4,}\b')


class StandIns:
    """Gives the things of some rows other names, always the same ones to the same row.

    Half of them are names of other things. The others are two words of which at least one is no
    part of a name, such as 'gray from': two parts of names that are never met in training as the
    name of a thing are not met here either.
    """

    def __init__(self, rows: RowFiles | Sequence[Row], share: float, seed: int) -> None:
        """Collect names and words.

        Args:
            rows: of training; there are no other words than theirs.
            share: of the rows whose answer names one of several things.
            seed: of what is chosen.
        """
        step = max(1, len(rows) // LOOKED_AT)
        looked_at = [rows[index] for index in range(0, len(rows), step)]
        self._names = sorted({thing for row in looked_at for thing in _things(row)})
        parts = {word for name in self._names for word in name.split()}
        texts = (text for row in looked_at for text in (row.question, row.rationale))
        words = {word for text in texts for word in _WORD.findall(text)}
        self._parts, self._words = sorted(parts), sorted(words - parts)
        self._share, self._seed = share, seed

    def __call__(self, row: Row, index: int) -> Row:
        """Note in a row which other names the VLM hears, if it is one of the share."""
        things, chance = _things(row), random.Random(f'{self._seed} {index}')
        named = len(things) > 1 and any(thing in row.answer for thing in things)
        if not named or chance.random() >= self._share:
            return row
        others: set[str] = set()
        for _ in range(DRAWS):
            if len(others) < len(things):
                others.add(self._another(chance))
        if len(others) < len(things):
            return row
        names = dict(zip(things, chance.sample(sorted(others), len(things)), strict=True))
        return replace(row, meta=row.meta | {_HEARD: names})

    def _another(self, chance: random.Random) -> str:
        if not self._words or chance.random() < 1 / 2:
            return chance.choice(self._names)
        words = [chance.choice(self._words), chance.choice(self._parts + self._words)]
        chance.shuffle(words)
        return ' '.join(words)


def as_heard(row: Row) -> Row:
    """Return the question and the answer as the VLM hears and gives them."""
    names = row.meta.get(_HEARD)
    if not names:
        return row
    return replace(row, question=renamed(row.question, names), answer=renamed(row.answer, names))


def renamed(text: str, names: Mapping[str, str]) -> str:
    """Put other names in the place of some, all at once, the longest first."""
    longest_first = sorted(names, key=len, reverse=True)
    words = '|'.join(map(re.escape, longest_first))
    return re.sub(rf'\b(?:{words})\b', lambda name: names[name[0]], text) if words else text


def _things(row: Row) -> list[str]:
    return list(row.meta.get('subjects', ()))
