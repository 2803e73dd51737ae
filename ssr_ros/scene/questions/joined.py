# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What is asked of two things ('are both A and B red'), or twice of one: 'is A on B and red'."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
import re
from typing import cast

from ssr_ros.scene.questions import wording
from ssr_ros.scene.questions.evidence import MeasuredAnswer
from ssr_ros.scene.questions.measures import MORE
from ssr_ros.scene.questions.patterns import pattern
from ssr_ros.scene.questions.phrase_reading import QUALIFYING, read_phrase
from ssr_ros.scene.questions.quantity import Verdict
from ssr_ros.scene.questions.query import Joined
from ssr_ros.scene.questions.vocabulary import COLOR_WORDS, one_of

_JOINED = re.compile(
    '(?P<be>is|are|do|does) (?:(?P<how>both|either|neither|(?:at least )?one of) (?:of )?)?'
    '(?!there )(?P<a>.+?) (?P<join>and|or|nor) (?P<rest>.+)'
)
_ALSO = pattern(
    rf"""[ ](?P<join>and|or) (?:(?:is|are)[ ](?!it\b|they\b))?
    (?=(?:{QUALIFYING})|(?:{MORE})\b.* than |(?:{one_of(COLOR_WORDS)})$)"""
)
_JOINED_BY: dict[Joined, str] = {'both': 'and', 'either': 'and or', 'neither': 'or nor'}
_OPENINGS: dict[Joined, dict[Verdict, str]] = {
    'both': {Verdict.YES: 'yes, both', Verdict.NO: 'no, not both'},
    'either': {Verdict.YES: 'yes, at least one', Verdict.NO: 'no, neither'},
    'neither': {Verdict.YES: 'yes, neither', Verdict.NO: 'no, at least one'},
}


@dataclass(frozen=True)
class Halves:
    """One way to part a question into two of one thing each.

    Attributes:
        joined: how their answers are put together.
        is_said: whether a word of the question says so: 'both', 'either', 'neither'.
        things: the two things, in words.
        questions: what is asked of each.
    """

    joined: Joined
    is_said: bool
    things: tuple[str, str]
    questions: tuple[str, str]


def halves(text: str) -> Iterator[Halves]:
    """Part a plain question after each word that the second thing may end with."""
    match = _JOINED.fullmatch(text)
    if match is None:
        return
    rest = match['rest'].replace(' both ', ' ') if match['join'] == 'and' else match['rest']
    asks_each = 'both' if match['join'] == 'and' else 'either'  # 'are A and B red'
    how = match['how'] or asks_each
    joined = cast(Joined, 'either' if how.endswith('one of') else how)
    if match['join'] not in _JOINED_BY[joined].split():
        return
    if match['a'].split()[-1] in COLOR_WORDS:
        return  # 'the red and the blue mug': the red one is a mug, too
    is_said = match['how'] is not None or rest != match['rest']
    if not is_said and read_phrase(match['a']).relation:
        return  # 'the space between A and B' is no thing and B
    words = rest.split()
    for end in range(1, len(words)):
        things = match['a'], ' '.join(words[:end])
        of_it = ' '.join(words[end:])
        first, second = (f'{match["be"]} {thing} {of_it}' for thing in things)
        yield Halves(joined, is_said, things, (first, second))


def claims(text: str) -> Iterator[tuple[Joined, str, str]]:
    """Part a plain question that says two things of one: how they are joined, and both."""
    match = re.match(r'(?:is|are) (?!there )(?!.*\b(?:that|which|who)\b)', text)
    for also in _ALSO.finditer(text) if match else ():
        first = re.sub(rf' (?:both|either) (?={QUALIFYING})', ' ', text[: also.start()])
        yield ('both' if also['join'] == 'and' else 'either'), first, text[also.end() :]


def put_together(joined: Joined, both: MeasuredAnswer, *each: MeasuredAnswer) -> MeasuredAnswer:
    """Turn two answers of yes or no into one.

    Args:
        joined: how.
        both: the texts and the evidence of the two.
        each: the two.
    """
    if not both.answered:
        return both
    told = [one.value if one.kind == 'yes_no' else None for one in each]  # 'beside' is a length
    so = [Verdict.UNSURE if value is None else Verdict.of(bool(value)) for value in told]
    verdict = Verdict.all(*so) if joined == 'both' else Verdict.any(*so)
    verdict = ~verdict if joined == 'neither' else verdict
    opening = wording.sentence(_OPENINGS[joined].get(verdict, verdict.opening))
    return replace(both, kind='yes_no', value=verdict.number, text=f'{opening} {both.text}')
