# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Other names for the things of a question, for the VLM alone.

Which of two things is nearer, the latents say; what it is called, the question says. A small VLM
learns the names of training by heart instead, and answers with one of them where it should copy.
So it hears some questions with other names, which it can only copy: MIDI, which has to find the
things in the picture, still hears the true ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
import random
import re

from training.data.rows import Row, RowFiles

LOOKED_AT = 4000
"""Rows, evenly taken, whose names may stand in for others."""

_HEARD = 'heard'


class StandIns:
    """Gives the things of some rows other names, always the same ones to the same row."""

    def __init__(self, rows: RowFiles | Sequence[Row], share: float, seed: int) -> None:
        """Collect names.

        Args:
            rows: of training; no other names are used than theirs.
            share: of the rows whose answer names one of several things.
            seed: of what is chosen.
        """
        step = max(1, len(rows) // LOOKED_AT)
        looked_at = (rows[index] for index in range(0, len(rows), step))
        self._names = sorted({thing for row in looked_at for thing in _things(row)})
        self._share, self._seed = share, seed

    def __call__(self, row: Row, index: int) -> Row:
        """Note in a row which other names the VLM hears, if it is one of the share."""
        things, chance = _things(row), random.Random(f'{self._seed} {index}')
        named = len(things) > 1 and any(thing in row.answer for thing in things)
        if not named or len(things) > len(self._names) or chance.random() >= self._share:
            return row
        names = dict(zip(things, chance.sample(self._names, len(things)), strict=True))
        return replace(row, meta=row.meta | {_HEARD: names})


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
