# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Questions made from a recording: what geometry can answer there, for people to correct.

A measured value stands where the right answer belongs, and says so: ``to_be_corrected: yes``.
Until that line is taken away the question is asked and not scored, for whoever measures would be
right by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations, zip_longest
import json
import math
import re

from ssr_ros.bags.index import BagIndex, FramePlace
from ssr_ros.scene import MeasuredAnswer, SceneFacts, SceneObject

MOST_THINGS = 3
"""Things of a frame that are asked about, the nearest ones."""

DIGITS = 3

OF_THE_FRAME = (
    'How many objects are there?',
    'What is the nearest object?',
    'How far is the nearest object?',
    'How much free space is there ahead?',
    'How far is the wall?',
)
OF_A_THING = ('How far is the {0}?', 'Is the {0} on the table?')
OF_A_WHOLE_THING = ('How wide is the {0}?', 'How tall is the {0}?')
OF_TWO = (
    'Which is closer, the {0} or the {1}?',
    'Is the {0} to the left of the {1}?',
    'What is the distance between the {0} and the {1}?',
    'Is the {1} taller than the {0}?',
)

HEAD = """\
# Questions that geometry can answer about {name}, with what was measured there.
#
# Every "expect" is a PROPOSAL, TO BE CORRECTED BY PEOPLE: look at the picture, put in what is
# true (a tape measure knows), delete questions that make no sense, and take "to_be_corrected"
# away. With that line a question is asked and not scored.
#
# Then: ssr-ros bag evaluate {name} --questions THIS_FILE
questions:
"""


@dataclass(frozen=True)
class Proposal:
    """A question about one frame, with the answer that geometry gives.

    Attributes:
        place: the frame.
        question: in plain English.
        answer: what was measured.
        expect: the same, as question files have it.
    """

    place: FramePlace
    question: str
    answer: MeasuredAnswer
    expect: str


def spread(index: BagIndex, count: int) -> list[FramePlace]:
    """Return so many frames, evenly over the recording: the middle of each part."""
    places = index.places
    wanted = min(count, len(places))
    return [places[(2 * number + 1) * len(places) // (2 * wanted)] for number in range(wanted)]


def proposals(place: FramePlace, facts: SceneFacts, most: int) -> list[Proposal]:
    """Return what geometry can answer about a frame, decided answers only.

    Args:
        place: where the frame is.
        facts: of it.
        most: how many questions.
    """
    found: list[Proposal] = []
    said = _said(facts)
    for question in _questions(facts):
        answer = facts.answer(question)
        expect = expectation(answer, said.get(answer.choice, answer.choice))
        if answer.answered and expect:
            found.append(Proposal(place, question, answer, expect))
        if len(found) == most:
            break
    return found


def expectation(answer: MeasuredAnswer, choice: str = '') -> str:
    """Write an answer as a question file's ``expect``; '' where it cannot be told so.

    Args:
        answer: what was measured.
        choice: what people call what was chosen.
    """
    value = answer.value
    if answer.kind in ('choice', 'color') and choice:
        return f'{{choice: {json.dumps(choice)}}}'
    if value is None or not math.isfinite(value):
        return ''
    if answer.kind == 'yes_no':
        return 'yes' if value else 'no'
    if answer.kind == 'count':
        return f'{{count: {value:.0f}}}'
    if answer.kind == 'number':
        unit = answer.unit or 'none'
        return f'{{number: {value:.{DIGITS}g}, unit: {unit}, tolerance: 15%}}'
    return ''


def as_yaml(name: str, made: Iterable[Proposal], pictures: dict[int, str]) -> str:
    """Return a question file.

    Args:
        name: of the recording.
        made: its questions, frame by frame.
        pictures: frame number -> file of its picture, for whoever corrects.
    """
    lines, shown, numbers = [HEAD.format(name=name)], -1, dict[int, int]()
    for proposal in made:
        frame = proposal.place.number
        if frame != shown:
            shown = frame
            lines.append(f'# Frame {frame}{_picture_words(pictures.get(frame))}\n')
        numbers[frame] = numbers.get(frame, 0) + 1
        lines.append(_entry(proposal, numbers[frame]))
    return ''.join(lines)


def _entry(proposal: Proposal, number: int) -> str:
    return (
        f'- id: f{proposal.place.number:06}-{number:02}\n'
        f'  ask: {json.dumps(proposal.question, ensure_ascii=False)}\n'
        f'  stamp: {proposal.place.stamp_ns}\n'
        f'  expect: {proposal.expect}\n'
        f'  to_be_corrected: yes  # measured: {" ".join(proposal.answer.text.split())}\n'
    )


def _picture_words(picture: str | None) -> str:
    return '' if picture is None else f': {picture}'


def _questions(facts: SceneFacts) -> Iterator[str]:
    """Questions of all kinds in turn, so that a few are of every kind."""
    things = _things(facts)
    of_things = [
        form.format(name)
        for name, thing in things.items()
        for form in (*OF_A_THING, *(() if thing.touches_edge else OF_A_WHOLE_THING))
    ]
    of_two = []
    for number, (one, other) in enumerate(combinations(things, 2)):
        # Every second pair the other way round: else the nearer is always named first.
        pair = (other, one) if number % 2 else (one, other)
        of_two += [form.format(*pair) for form in OF_TWO]
    for some in zip_longest(OF_THE_FRAME, of_things, of_two):
        yield from (question for question in some if question is not None)


def _things(facts: SceneFacts) -> dict[str, SceneObject]:
    """The nearest things by the names that people would use."""
    said = _said(facts)
    nearest = sorted(facts.objects, key=lambda thing: thing.distance_m)[:MOST_THINGS]
    return {said[thing.name]: thing for thing in nearest}


def _said(facts: SceneFacts) -> dict[str, str]:
    """Name -> the same without its number, where one thing alone is called so."""
    every = [_spoken(thing.name) for thing in facts.objects]
    names = [thing.name for thing in facts.objects]
    return {name: _spoken(name) if every.count(_spoken(name)) == 1 else name for name in names}


def _spoken(name: str) -> str:
    """'pink object' of 'pink object 1'."""
    return re.sub(r' \d+$', '', name)
