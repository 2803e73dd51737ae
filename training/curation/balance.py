# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Keep the questions whose answers cannot be guessed from the question alone.

Questions come in units: the orders of naming that belong together stay together. A unit whose two
orders have different answers is balanced in itself. Of the others, a form with up to three answers
keeps as many units of each as of the rarest; a form with more keeps at most as many of each as the
middle answer has.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
import statistics

FEW_ANSWERS = 3


@dataclass(frozen=True)
class Unit:
    """A question, or the two orders of one.

    Attributes:
        key: unique.
        family: of the questions.
        form: of the questions.
        verdicts: of each; '' for an open answer.
    """

    key: str
    family: str
    form: str
    verdicts: tuple[str, ...]

    @property
    def is_even(self) -> bool:
        """Whether there is nothing to balance."""
        return self.verdicts[0] == '' or len(set(self.verdicts)) > 1


def balanced(units: Iterable[Unit], per_family: int = 0) -> set[str]:
    """Return the keys of the units to keep.

    Args:
        units: all of them.
        per_family: most units of one family; 0 for no limit.
    """
    forms: dict[tuple[str, str], list[Unit]] = defaultdict(list)
    for unit in units:
        forms[unit.family, unit.form].append(unit)
    families: dict[str, list[Unit]] = defaultdict(list)
    for (family, _), members in sorted(forms.items()):
        even = [unit for unit in members if unit.is_even]
        families[family] += even + _levelled([unit for unit in members if not unit.is_even])
    kept = set()
    for members in families.values():
        shuffled = sorted(members, key=_lot)
        limit = per_family or len(shuffled)
        kept |= {
            unit.key for unit in (shuffled if len(shuffled) <= limit else _cut(shuffled, limit))
        }
    return kept


def _levelled(units: list[Unit]) -> list[Unit]:
    answers: dict[str, list[Unit]] = defaultdict(list)
    for unit in units:
        answers[unit.verdicts[0]].append(unit)
    if not answers:
        return []
    counts = [len(members) for members in answers.values()]
    # A yes without a no teaches to say yes.
    few = len(answers) <= FEW_ANSWERS
    limit = (min(counts) if len(counts) > 1 else 0) if few else int(statistics.median(counts))
    return [unit for members in answers.values() for unit in sorted(members, key=_lot)[:limit]]


def _cut(units: list[Unit], limit: int) -> list[Unit]:
    """Cut a family evenly over its forms and answers, so that it stays balanced."""
    groups: dict[tuple[str, ...], list[Unit]] = defaultdict(list)
    for unit in units:
        key = (unit.form, *unit.verdicts)
        groups[key].append(unit)
    kept: list[Unit] = []
    share = 0
    while True:
        row = [members[share] for _, members in sorted(groups.items()) if len(members) > share]
        if not row or len(kept) + len(row) > limit:
            return kept or row[:limit]
        kept += row
        share += 1


def _lot(unit: Unit) -> str:
    """Draw a lot that depends on the unit alone: more frames do not reshuffle the others."""
    return sha256(unit.key.encode()).hexdigest()
