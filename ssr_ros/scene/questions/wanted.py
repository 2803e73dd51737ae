# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What an answer must be to be one at all: yes or no, a number of things, a length, a colour.

The first words of a question say so, whatever it is about. By that a question is not taken for
another one, and what a model says is not handed on as an answer where it is none: 1.3 m are no
number of mugs.
"""

from __future__ import annotations

import re
from typing import get_args, Literal

from ssr_ros.scene.questions.query import Kind
from ssr_ros.scene.questions.rewording import reworded
from ssr_ros.scene.questions.spelling import asked_unit, plain, without_amounts
from ssr_ros.scene.questions.vocabulary import COLOR_WORDS, DIMENSIONS, one_of, SMALL_NUMBERS

Wanted = Literal['yes or no', 'one of two', 'a number of things', 'a length', 'a colour', 'words']

YES_OR_NO: frozenset[Kind] = frozenset(
    (
        *('is more', 'is beyond', 'is most', 'on side', 'related', 'is colored'),
        *('number is', 'counts compared', 'same color', 'grip'),
        *('exists', 'all', 'empty', 'is over times'),
    )
)
"""Kinds of queries that are answered by yes, no or 'I cannot tell' and nothing else."""

_WHETHER: frozenset[Kind] = YES_OR_NO | frozenset[Kind](
    (
        'as much',
        'is times',
        'passage',
        'free',
        'is free',
        'obstacle',
        'reach',
        'vacant',
        'camera tilt',
    )
)
_ONE_OF_TWO: frozenset[Kind] = frozenset(
    ('which', 'which of several', 'which side of', 'which side', 'most free', 'more numerous')
)
_NOT_IN_WORDS = YES_OR_NO | {'as much', 'is times', 'reach', 'count', 'how many more', 'passage'}
_KINDS: dict[Wanted, frozenset[Kind]] = {
    'yes or no': _WHETHER,
    'one of two': _WHETHER | _ONE_OF_TWO,
    'a number of things': frozenset(('count', 'how many more')),
    'a length': frozenset(get_args(Kind)) - YES_OR_NO - {'count', 'color', 'called', 'describe'},
    'a colour': frozenset(('color',)),
    'words': frozenset(get_args(Kind)) - _NOT_IN_WORDS,
}
"""Which kinds of queries can be answered so."""

_SIZED = one_of(word for word in DIMENSIONS)
_ASKS: tuple[tuple[Wanted | None, str], ...] = (
    (None, 'how many (?:degrees|times)'),
    ('a number of things', '(?:how many|count|(?:what is )?(?:the )?(?:number|count) of)'),
    ('a colour', '(?:what|which) color (?:is|are|does|do)'),
    ('a length', f'how (?:far|close|near|{_SIZED}) (?:is|are)'),
    ('a length', rf'(?:what|which) (?:is|are) (?:the )?(?:distance|gap|{_SIZED})'),
    ('yes or no', 'can you (?:see|find|detect|spot|reach|grab|grasp|fit|pass)'),
    (None, '(?:can|could|will|would) you'),
    (
        'yes or no',
        '(?:is|are|was|were|does|do|did|has|have|am|can|could|should|will|would|may|must)',
    ),
    (None, r'.*\b(?:number|digit|time|price|percent|age|weight|angle|ratio|speed)'),
    ('words', '(?:what|which|who|whose|where|why|when|how heavy)'),
)
"""The first that fits the beginning of a plain question; None: it may want anything."""

_TELLS: dict[Wanted, re.Pattern[str]] = {
    'yes or no': re.compile(r'(?:yes|no|yeah|yep|nope|true|false|correct|incorrect|i cannot)\b'),
    'a number of things': re.compile(
        rf'(?:\D*\b)?(?:[0-9]{{1,9}}|{one_of(SMALL_NUMBERS)}|none|no|zero|nothing)\b'
    ),
    'a colour': re.compile(rf'.*\b(?:{one_of(COLOR_WORDS)})\b'),
}


def wanted(question: str) -> Wanted | None:
    """Return what would be an answer to a question; None where that is not known."""
    text, unit = asked_unit(reworded(plain(question)))
    if unit is not None and text.startswith('how'):
        return 'a length'
    for answer, pattern in _ASKS:
        if re.match(rf'{pattern}\b', text):
            return 'one of two' if answer == 'yes or no' and ' or ' in text else answer
    return None


def may_be(answer: Wanted | None, kind: Kind) -> bool:
    """Whether a query of some kind is answered by what is wanted."""
    return answer is None or kind in _KINDS[answer]


def tells(answer: Wanted | None, text: str) -> bool:
    """Whether a text is an answer of the wanted sort, right or wrong."""
    said = plain(text)
    if answer is None:
        return bool(said)
    rest = without_amounts(said)
    if answer == 'a length':
        return rest != said
    has_words = bool(re.search('[a-z]{2}', rest))
    if answer in ('words', 'one of two'):
        return has_words and (answer != 'words' or not _TELLS['yes or no'].fullmatch(rest))
    return bool(_TELLS[answer].match(rest))
