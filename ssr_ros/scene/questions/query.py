# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What is asked, as a value: between the words of a question and its measured answer.

``parse`` makes one of a sentence; a caller without a sentence, or a language model, makes one
with what ``FORMS`` lists::

    Query(kind='which', what='taller', a=read_phrase('the red box'), b=read_phrase('object 2'))
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import get_args, Literal

from ssr_ros.errors import QuestionError
from ssr_ros.scene.questions.phrases import Phrase
from ssr_ros.scene.questions.vocabulary import (
    Comparison,
    Contact,
    Dimension,
    LengthUnit,
    Order,
    Pick,
    Trait,
    USUAL_WIDTHS_CM,
)

_Size = Literal['distance', 'apart', 'size', 'height above', 'camera height', 'camera tilt']
_Compared = Literal[
    'which',
    'which of several',
    'is more',
    'is beyond',
    'how much more',
    'as much',
    'is most',
    'how many times',
    'is times',
    'is over times',
]
_Placed = Literal['which side of', 'which side', 'on side', 'related', 'support', 'where']
_Color = Literal['color', 'is colored', 'same color']
_Free = Literal['passage', 'free', 'is free', 'obstacle', 'most free', 'reach', 'grip', 'vacant']
_Things = Literal['count', 'number is', 'exists', 'all', 'empty', 'list', 'order', 'describe']
_Numbers = Literal['counts compared', 'how many more', 'more numerous']
_Named = Literal['find', 'pair', 'called']
Kind = Literal[_Size, _Compared, _Placed, _Color, _Free, _Things, _Numbers, _Named]
Role = Literal['a', 'b', 'c']
Apart = Literal['gap', 'center', 'horizontal', 'vertical']
Side = Literal['left', 'right']
Joined = Literal['both', 'either', 'neither']
Beyond = Literal['beyond']
Sector = Literal['left', 'ahead', 'right']


@dataclass(frozen=True)
class Form:
    """What a kind of query must say, what it may say, and what ``what`` can be."""

    must: str = ''
    may: str = ''
    what: tuple[str, ...] = ()


FORMS: dict[Kind, Form] = {
    'distance': Form('a', '', ('', 'center', 'horizontal', 'vertical')),
    'apart': Form('a', 'b', get_args(Apart)),
    'size': Form('a', '', (*get_args(Dimension), 'size', 'longest', 'volume')),
    'height above': Form('a b'),
    'camera height': Form('', 'a'),
    'camera tilt': Form(),
    'which': Form('a', 'b c', get_args(Trait)),
    'which of several': Form('a', 'c number', get_args(Trait)),
    'is more': Form('a b', 'c bound_m', get_args(Trait)),
    'is beyond': Form('a bound_m', '', get_args(Trait)),
    'how much more': Form('a b', 'c', get_args(Trait)),
    'as much': Form('a b', '', get_args(Trait)),
    'how many times': Form('a b', '', get_args(Trait)),
    'is times': Form('a b factor', '', get_args(Trait)),
    'is over times': Form('a b factor', '', get_args(Trait)),
    'is most': Form('a', 'b', get_args(Pick)),
    'which side of': Form('a b', '', ('left of', 'above', 'in front of')),
    'which side': Form('a'),
    'on side': Form('a', '', get_args(Side)),
    'related': Form('a b', 'c bound_m', (*get_args(Order), *get_args(Contact), 'between')),
    'passage': Form('a', 'b c bound_m', ('', 'width')),
    'free': Form('', 'bound_m width_m height_m', get_args(Sector)),
    'is free': Form('', 'width_m height_m', get_args(Sector)),
    'obstacle': Form('', 'bound_m width_m height_m', get_args(Sector)),
    'most free': Form('', 'width_m height_m'),
    'reach': Form('a', 'b bound_m', ('', *get_args(Beyond))),
    'grip': Form('a bound_m'),
    'vacant': Form('', 'a b bound_m', ('', *USUAL_WIDTHS_CM)),
    'count': Form('a'),
    'number is': Form('a number', '', get_args(Comparison)),
    'counts compared': Form('a b', '', ('more than', 'less than', 'exactly')),
    'how many more': Form('a b'),
    'more numerous': Form('a b'),
    'exists': Form('a'),
    'all': Form('a', 'number'),
    'empty': Form('a'),
    'list': Form('a'),
    'find': Form('a'),
    'pair': Form('a', '', ('closest', 'farthest')),
    'called': Form('a'),
    'order': Form('', 'a number', get_args(Pick)),
    'color': Form('a', '', ('', 'most')),
    'is colored': Form('a b'),
    'same color': Form('a', 'b'),
    'support': Form('a'),
    'where': Form('a', 'b'),
    'describe': Form(),
}
"""Kind -> the fields that it needs, those that it may have, and the values of ``what``."""


@dataclass(frozen=True, kw_only=True)
class Query:
    """One question, without its words.

    Attributes:
        kind: what is asked for; FORMS says with which fields.
        a: what it is asked of; a phrase for a group where it stands for both things, or for
            several that are listed.
        b: what ``a`` is compared with, or stands in relation to.
        c: a third thing: whence a distance is compared, the other end of 'between', what is to
            fit through a passage.
        what: the dimension, trait, relation, side ... that is asked for.
        bound_m: a length that is asked about, metres.
        width_m: width of what is to move, metres; None assumes one.
        height_m: its height, likewise.
        number: a number of things that is asked about, or the rank of one: 2 for the second.
        factor: how many times as much as b is asked about.
        unit: for lengths in the answer's text; None chooses cm or m.
        then: a second question that was asked with it.
        joined: how the yes and no of the two become one; None leaves them two.
    """

    kind: Kind
    a: Phrase | None = None
    b: Phrase | None = None
    c: Phrase | None = None
    what: str = ''
    bound_m: float | None = None
    width_m: float | None = None
    height_m: float | None = None
    number: int | None = None
    factor: float | None = None
    unit: LengthUnit | None = None
    then: Query | None = None
    joined: Joined | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be answered because of how it was filled in.

        Raises:
            QuestionError: the kind is unknown, or a field is missing, needless or unknown.
        """
        form = FORMS.get(self.kind)
        if form is None:
            raise QuestionError(f'no query is of kind {self.kind!r}; known: {", ".join(FORMS)}')
        must = set(form.must.split())
        may = must | set(form.may.split()) | {'kind', 'what', 'unit', 'then'}
        may |= {'joined'} if self.then is not None else set()
        given = {field.name for field in fields(self) if getattr(self, field.name) is not None}
        if must - given or given - may:
            raise QuestionError(
                f'a query of kind {self.kind!r} needs {form.must or "nothing"} and may have '
                f'{form.may or "nothing else"}; it was given {", ".join(sorted(given - {"what"}))}'
            )
        if self.what not in (form.what or ('',)):
            expected = ', '.join(form.what) or 'nothing'
            raise QuestionError(
                f'"what" of a query of kind {self.kind!r} is one of: {expected}; '
                f'it was given {self.what!r}'
            )


@dataclass(frozen=True)
class Refusal:
    """Why a question was not read.

    Attributes:
        reason: in words.
        kind: what it was nearly read as; None where it is like nothing that is measured.
    """

    reason: str
    kind: Kind | None = None


def names_in(query: Query, with_colors: bool = False) -> tuple[str, ...]:
    """Kinds of things that a query names, once each: what a source of names can point at.

    Args:
        query: a question that was read.
        with_colors: 'orange ball' and not 'ball', where the question says so.
    """
    nouns = []
    for phrase in phrases_of(query):
        noun = phrase.noun if phrase.kind == 'object' else ''
        if noun and with_colors and len(phrase.colors) == 1:
            noun = f'{phrase.colors[0]} {noun}'
        nouns.append(noun)
    then = names_in(query.then, with_colors) if query.then is not None else ()
    return tuple(dict.fromkeys(noun for noun in (*nouns, *then) if noun))


def phrases_of(query: Query) -> Iterator[Phrase]:
    """Every noun phrase of a query, each before the anchors that it stands in relation to."""

    def with_anchors(phrase: Phrase) -> Iterator[Phrase]:
        yield phrase
        left_out = () if phrase.without is None else (phrase.without,)
        for anchor in (*phrase.anchors, *phrase.also, *phrase.either, *left_out):
            yield from with_anchors(anchor)

    for phrase in (query.a, query.b, query.c):
        if phrase is not None:
            yield from with_anchors(phrase)


def lengths_of(query: Query) -> set[float]:
    """Every length that a query asks about, metres."""
    bounds = (phrase.bound.length_m for phrase in phrases_of(query) if phrase.bound is not None)
    asked = (query.bound_m, query.width_m, query.height_m)
    return {*bounds, *(length_m for length_m in asked if length_m is not None)}
