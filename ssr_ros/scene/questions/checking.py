# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Hold what a model says against what was measured."""

from __future__ import annotations

from collections.abc import Callable
import re

from ssr_ros.scene.geometry.survey import Survey
from ssr_ros.scene.questions import wording
from ssr_ros.scene.questions.evidence import Agreement, AnswerKind, Check, MeasuredAnswer
from ssr_ros.scene.questions.quantity import Verdict
from ssr_ros.scene.questions.spelling import amounts_in, NUMBER, plain
from ssr_ros.scene.questions.vocabulary import COLOR_WORDS, CONVERSE, SMALL_NUMBERS

MOST_SIGMAS = 3.0
ROUNDING = 0.1
"""A model may round a number by this share: 'about 2 m' does not contradict 1.84 m."""

ROUNDING_DEG = 2.0
"""Angles are said in whole degrees, and sides of what is nearly ahead not at all."""

_DEGREES = re.compile(
    r'(?P<number>[0-9]{1,9}(?:\.[0-9]{1,9})?) ?(?:°|deg(?:rees?)?\b)'
    '(?: (?:to (?:the|my|your) )?(?P<side>left|right))?'
)
_CLOCK = re.compile(r"\b(?P<hour>1[0-2]|[1-9]) ?o'?clock")
_NUMBER = re.compile(r'(?<![\d.])([0-9]{1,9})(?![\d.])')
_TIMES = re.compile(rf'(?<![\d.])({NUMBER}) times\b')
_NONE = re.compile(r'\b(?:no|none|zero|nothing)\b')
_YES_NO = re.compile(r'\b(?:(yes|yeah|yep|true|correct)|no|nope|false|incorrect)\b')
_NO_NOUN = re.compile(
    'objects?|things?|ones?|item|is|are|was|and|or|on|in|at|to|than|that|which|because|has|looks|'
    'appears|seems|stands|it'
)
"""What follows a colour without naming a kind of thing."""

_SAID_AS = {
    'left': 'left',
    'right': 'right',
    'left of': 'left',
    'right of': 'right',
    'above': 'above|over|higher',
    'below': 'below|under|lower|beneath',
    'in front of': 'in front|before|closer|nearer',
    'behind': 'behind|farther',
    'ahead': 'ahead|straight|forward|front',
    'taller': 'taller|higher',
    'shorter': 'shorter|lower',
    'wider': 'wider|broader|longer',
    'narrower': 'narrower|thinner',
    'deeper': 'deeper',
    'shallower': 'shallower',
    'bigger': 'bigger|larger|greater',
    'smaller': 'smaller',
    'closer': 'closer|nearer',
    'farther': 'farther',
    'higher': 'higher|above',
    'lower': 'lower|below',
}
"""How a model may say a side, a relation or a trait."""


def check(survey: Survey, measured: MeasuredAnswer, model_text: str) -> Check:
    """Compare a model's answer with the measured one.

    It contradicts when it is off the measured value by more than three standard errors and what
    the model may have rounded off; what does not answer, or cannot be told, is UNKNOWN. Only like
    units are compared: 40 cm says nothing about an area.
    """
    if not measured.answered:
        reason = f'Not measured: {measured.text}'
        return Check(agreement=Agreement.UNKNOWN, measured=measured, reason=reason)
    verdict = _CHECKS[measured.kind](survey, measured, plain(model_text))
    agreement, word = _AGREEMENTS[verdict]
    reason = f'"{model_text.strip()}" {word} what was measured: {measured.text}'
    if verdict is Verdict.UNSURE:
        reason = 'The two answers cannot be compared.'
    return Check(agreement=agreement, measured=measured, reason=reason)


_AGREEMENTS = {
    Verdict.YES: (Agreement.AGREES, 'agrees with'),
    Verdict.NO: (Agreement.CONTRADICTS, 'contradicts'),
    Verdict.UNSURE: (Agreement.UNKNOWN, ''),
}


def _number(survey: Survey, measured: MeasuredAnswer, said: str) -> Verdict:
    if measured.value is None:
        return Verdict.UNSURE
    if measured.unit == 'deg':
        return _direction(survey, measured, said)
    value, slack = abs(measured.value), MOST_SIGMAS * (measured.sigma or 0.0)
    values = [amount.value for amount in amounts_in(said) if amount.unit == measured.unit]
    if not measured.unit:
        values = [float(number.replace(',', '.')) for number in _TIMES.findall(said)]
    if not values:
        return Verdict.UNSURE
    near = any(abs(value - v) <= slack + ROUNDING * v for v in values)
    turned = measured.choice and _side(measured.choice, said) is Verdict.NO
    return Verdict.of(near and not turned)


def _count(survey: Survey, measured: MeasuredAnswer, said: str) -> Verdict:
    numbers = [int(digits) for digits in _NUMBER.findall(said)]
    numbers += [n for word, n in SMALL_NUMBERS.items() if re.search(rf'\b{word}\b', said)]
    numbers += [0] if _NONE.search(said) else []
    if not numbers or measured.value is None:
        return Verdict.UNSURE
    most = measured.value + 2 * (measured.sigma or 0.0)
    return Verdict.of(any(measured.value <= number <= most for number in numbers))


def _yes_no(survey: Survey, measured: MeasuredAnswer, said: str) -> Verdict:
    match = _YES_NO.search(said)
    if match is None or measured.value is None:
        return Verdict.UNSURE
    return Verdict.of((match[1] is not None) == bool(measured.value))


def _choice(survey: Survey, measured: MeasuredAnswer, said: str) -> Verdict:
    if not measured.choice:
        return Verdict.UNSURE
    if measured.choice in _SAID_AS:
        return _side(measured.choice, said)
    named = _first_named(survey, said)
    return Verdict.UNSURE if named is None else Verdict.of(named == measured.choice)


def _side(choice: str, said: str) -> Verdict:
    """Whether a text says a side, or the other one; unsure where it says both or neither."""
    here, there = (
        name is not None and re.search(rf'\b(?:{_SAID_AS[name]})', said) is not None
        for name in (choice, CONVERSE.get(choice))
    )
    return Verdict.UNSURE if here == there else Verdict.of(here)


def _first_named(survey: Survey, said: str) -> str | None:
    """The object or plane that a text names first, if its words fit one only."""
    places = [(said.find(plane.name), plane.name) for plane in survey.planes]
    words_of = {thing.name: _words(survey.label(thing)) for thing in survey.objects}
    for thing in survey.objects:
        places.append((said.find(survey.label(thing).removeprefix('the ')), thing.name))
        if sum(other.color == thing.color for other in survey.objects) == 1:
            words = [word for word, names in COLOR_WORDS.items() if names == (thing.color,)]
            found = re.search(rf'\b(?:{"|".join(words)})\b(?: ([a-z]+))?', said)
            if found:
                others = set[str]().union(
                    *(w for name, w in words_of.items() if name != thing.name)
                )
                fits = _may_be_called(words_of[thing.name], found[1], others)
                places.append((found.start(), thing.name if fits else ''))
    return min(((at, name) for at, name in places if at >= 0), default=(0, ''))[1] or None


def _may_be_called(own: set[str], said: str | None, others: set[str]) -> bool:
    """Whether the word after a colour may be of what has these words: no cylinder is a mug."""
    if said is None or said in own or _NO_NOUN.fullmatch(said):
        return True
    return 'object' in own and said not in others


def _words(label: str) -> set[str]:
    return set(re.findall('[a-z]+', label))


def _direction(survey: Survey, measured: MeasuredAnswer, said: str) -> Verdict:
    if measured.value is None:
        return Verdict.UNSURE
    hour, angle = _CLOCK.search(said), _DEGREES.search(said)
    if hour:
        return Verdict.of(wording.clock(measured.value) == f"{hour['hour']} o'clock")
    slack = MOST_SIGMAS * (measured.sigma or 0.0) + ROUNDING_DEG
    side = 'right' if measured.value > 0 else 'left'
    if angle:
        value = float(angle['number'])
        near = abs(abs(measured.value) - value) <= slack + ROUNDING * value
        return Verdict.of(near and angle['side'] in (None, side))
    return Verdict.UNSURE if abs(measured.value) <= slack else _side(side, said)


def _color(survey: Survey, measured: MeasuredAnswer, said: str) -> Verdict:
    words = [word for word in re.findall(r'\w+', said) if word in COLOR_WORDS]
    if not words:
        return Verdict.UNSURE
    return Verdict.of(any(measured.choice in COLOR_WORDS[word] for word in words))


def _nothing(survey: Survey, measured: MeasuredAnswer, said: str) -> Verdict:
    return Verdict.UNSURE


_CHECKS: dict[AnswerKind, Callable[[Survey, MeasuredAnswer, str], Verdict]] = {
    'number': _number,
    'count': _count,
    'yes_no': _yes_no,
    'choice': _choice,
    'direction': _direction,
    'color': _color,
    'text': _nothing,
}
