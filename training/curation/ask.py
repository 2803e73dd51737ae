# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A question with its answer, and the facts that lead to it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
import random
from typing import Any

from ssr_ros.scene.grounded import Box
from ssr_ros.scene.questions import wording
from training.curation.scene import Scene, Thing

SIGMAS = 3.0
"""A measured difference below so many standard errors is a near tie, and is not asked about."""

RELATIVE = 0.08
"""So is a difference below this share of the numbers compared."""

MOST_LISTED = 8
"""A description speaks of so many things, the nearest ones."""


@dataclass(frozen=True)
class Fact:
    """One sentence, and what it gives away.

    Attributes:
        text: the sentence.
        tells: (what, of which thing) that a reader knows afterwards.
    """

    text: str
    tells: tuple[str, ...]


@dataclass(frozen=True)
class Ask:
    """One question about one scene.

    Attributes:
        family: 'closer', 'gap' ...
        form: which kind of question of the family; answers are balanced within one form.
        question: in words.
        answer: in words.
        facts: what leads to the answer.
        conclusion: the sentence that states the answer; the leakage control leaves it out.
        secret: what else would state it: facts that tell this are left out there too.
        verdict: the class to balance, '' where the answer is an open number or text.
        subjects: names of the things that it is about.
        swap: 'ab' and 'ba' for the two orders of naming; '' where there is one.
        value: the number asked for, or None.
        unit: of the value.
        needs_depth: a colour image alone does not show the answer.
        boxes: name and box of everything in view, in shares of the image, where the answer is a
            place.
    """

    family: str
    form: str
    question: str
    answer: str
    facts: tuple[Fact, ...]
    conclusion: str
    secret: tuple[str, ...] = ()
    verdict: str = ''
    subjects: tuple[str, ...] = ()
    swap: str = ''
    value: float | None = None
    unit: str = ''
    needs_depth: bool = True
    boxes: tuple[tuple[str, Box], ...] = ()

    def rationale(self, with_answer: bool = True, listed: Sequence[Fact] = ()) -> str:
        """Join the facts and the conclusion.

        Args:
            with_answer: False leaves out every sentence that states the answer.
            listed: facts to begin with; those that are also ``facts`` are said once.
        """
        facts = dict.fromkeys([*listed, *self.facts])
        if with_answer:
            return ' '.join([*(fact.text for fact in facts), self.conclusion]).strip()
        return ' '.join(fact.text for fact in facts if not set(fact.tells) & set(self.secret))

    def meta(self) -> dict[str, Any]:
        """Return what a row keeps beside the texts."""
        return {
            'family': self.family,
            'form': self.form,
            'verdict': self.verdict,
            'subjects': list(self.subjects),
            'swap': self.swap,
            'value': None if self.value is None else round(self.value, 4),
            'unit': self.unit,
            'needs_depth': self.needs_depth,
            **({'boxes': dict(self.boxes)} if self.boxes else {}),
        }


@dataclass
class Wording:
    """Chooses among ways of saying the same; both orders of a pair are worded alike."""

    chance: random.Random = field(default_factory=random.Random)

    def pick(self, *ways: str) -> str:
        """Return one of some templates."""
        return self.chance.choice(ways)


def decided(difference: float, scale: float, sigma: float, least: float) -> bool:
    """Whether a difference is no near tie.

    Args:
        difference: of two numbers.
        scale: their size.
        sigma: standard error of the difference.
        least: smallest difference that one could see.
    """
    return abs(difference) > max(least, RELATIVE * abs(scale), SIGMAS * sigma)


def metres(value_m: float) -> str:
    """Write a length: '47 cm', '1.84 m'. Digits that nobody could see are left out."""
    if abs(value_m) < 0.995:
        return f'{round(100 * value_m)} cm'
    return f'{value_m:.2f} m' if abs(value_m) < 3 else f'{value_m:.1f} m'


def far(thing: Thing) -> Fact:
    """Say how far a thing is."""
    text = f'{thing.seen.capitalize()} is {metres(thing.distance_m)} away.'
    return Fact(text, (f'distance {thing.name}',))


def placed(thing: Thing) -> Fact:
    """Say in which direction a thing lies."""
    return Fact(
        f'{thing.seen.capitalize()} lies {wording.side(thing.bearing_deg)}.',
        (f'bearing {thing.name}',),
    )


def ahead(thing: Thing) -> Fact:
    """Say how far ahead the middle of a thing is, whatever its side."""
    text = f'The middle of {thing.seen} is {metres(float(thing.center_m[1]))} ahead.'
    return Fact(text, (f'ahead {thing.name}',))


def standing(thing: Thing) -> Fact:
    """Say how high the lower and upper ends of a thing are, from the camera's height."""
    low, high = (_level(value) for value in (thing.low_m[2], thing.high_m[2]))
    text = f'{thing.seen.capitalize()} reaches from {low} to {high}.'
    return Fact(text, (f'level {thing.name}', f'height {thing.name}'))


def sized(thing: Thing) -> Fact:
    """Say how wide, deep and high a thing is."""
    width, depth, height = (metres(value) for value in thing.size_m)
    return Fact(
        f'{thing.seen.capitalize()} is {width} wide, {depth} deep and {height} high.',
        tuple(f'{side} {thing.name}' for side in ('width', 'depth', 'height')),
    )


def listing(scene: Scene) -> list[Fact]:
    """Describe the scene: one sentence a thing, from near to far."""
    facts = []
    for thing in scene.things[:MOST_LISTED]:
        facts += [far(thing), placed(thing)]
        if thing.whole:
            facts.append(sized(thing))
    return facts


def names(things: Iterable[Thing]) -> tuple[str, ...]:
    """Return the names of things."""
    return tuple(thing.name for thing in things)


def sentence(text: str) -> str:
    """Start with a capital and end with a full stop."""
    return wording.sentence(text)


def _level(value_m: float) -> str:
    where = 'above' if value_m > 0 else 'below'
    return f'{metres(abs(value_m))} {where} the camera'
