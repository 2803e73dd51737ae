# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Numbers of things that are compared: with a number, and with each other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
import re
from typing import TypeVar

from ssr_ros.scene.questions import referents, surfaces
from ssr_ros.scene.questions.asked import Asked
from ssr_ros.scene.questions.cannot_tell import CannotTell, require_down
from ssr_ros.scene.questions.evidence import Evidence, MeasuredAnswer
from ssr_ros.scene.questions.families.counting import may_hide, maybe_more, require_depth
from ssr_ros.scene.questions.phrase_reading import read_phrase
from ssr_ros.scene.questions.phrases import Phrase
from ssr_ros.scene.questions.quantity import Quantity, Verdict
from ssr_ros.scene.questions.query import Query
from ssr_ros.scene.questions.reader import phrase, reads, said
from ssr_ros.scene.questions.relation_words import RELATION_WORDS
from ssr_ros.scene.questions.vocabulary import Comparison, one_of, SMALL_NUMBERS

Compared = TypeVar('Compared')

_MANY = 1_000_000
"""As many things as pixels without depth may hide."""

_COMPARISONS: dict[str, Comparison] = {
    'more than': 'more than',
    'less than': 'less than',
    'fewer than': 'less than',
    'at least': 'at least',
    'at most': 'at most',
    'exactly': 'exactly',
}
_SEEN = '(?: (?:are|is) there| (?:do|can) (?:you|i|we) see)?'
_NUMBER_OF = '(?:the )?(?:number|count|amount) of'
_PLACED = (
    rf'(?:{"|".join(RELATION_WORDS.values())}|within|(?:to|on|at|in) (?:the |my |your )?(?:far )?'
    '(?:left|right|middle|center|front|back|top|bottom))\\b'
)
_HEAD = re.compile(rf'(?P<head>.+?) (?:that are )?{_PLACED}')
_ONLY_PLACED = re.compile(_PLACED)


@reads(
    rf"""^(?:are|is) there (?:(?P<how>{one_of(_COMPARISONS)})[ ])?
    (?P<number>[0-9]{{1,9}}|{one_of(SMALL_NUMBERS)}) (?!of\b)(?P<a>.+)$"""
)
def read_number_is(match: re.Match[str]) -> Query | None:
    """Are there more than 3 objects? Are there two mugs?"""
    word = match['number']
    if not match['how'] and word in ('one', '1'):
        return None  # 'is there one red object' asks for any
    return Query(
        kind='number is',
        what=_COMPARISONS.get(match['how'], 'exactly'),
        number=SMALL_NUMBERS.get(word) or int(word),
        a=phrase(match, 'a'),
    )


@reads(
    r"""^(?:are|is) there (?:(?P<more>more)|(?P<less>fewer|less)) (?!than\b)(?P<a>.+?) than[ ]
    (?P<b>.+)$""",
    '^(?:are|is) there as (?:many|much) (?P<a>.+?) as (?P<b>.+)$',
    r"""^(?:are|is) there (?:an equal number|the same number|equal numbers|the same amount) of[ ]
    (?P<a>.+?) (?:and|as) (?P<b>.+)$""",
    rf"""^(?:is|are) {_NUMBER_OF} (?P<a>.+?)[ ]
    (?:(?P<more>greater|larger|bigger|higher|more)|(?P<less>less|fewer|smaller|lower)) than[ ]
    (?:(?:{_NUMBER_OF}|that of) )?(?P<b>.+)$""",
    rf"""^(?:is|are) {_NUMBER_OF} (?P<a>.+?) (?:the same as|equal to)[ ]
    (?:(?:{_NUMBER_OF}|that of) )?(?P<b>.+)$""",
    rf'^(?:do|does) {_NUMBER_OF} (?P<a>.+?) and {_NUMBER_OF} (?P<b>.+?) (?:equal|agree)$',
)
def read_counts_compared(match: re.Match[str]) -> Query | None:
    """Are there more mugs than boxes? As many? Is the number of mugs less than that of boxes?"""
    what = 'more than' if said(match, 'more') else 'exactly'
    what = 'less than' if said(match, 'less') else what
    a, b = _both(match)
    return Query(kind='counts compared', what=what, a=a, b=b)


@reads(
    rf"""^how many (?P<how>more|fewer|less) (?P<a>.+?){_SEEN}[ ]
    than(?: there are)? (?P<b>.+?){_SEEN}$"""
)
def read_how_many_more(match: re.Match[str]) -> Query | None:
    """How many more mugs than boxes are there?"""
    a, b = _both(match)
    a, b = (a, b) if match['how'] == 'more' else (b, a)
    return Query(kind='how many more', a=a, b=b)


@reads(
    '^(?:are|is) there more (?P<a>.+?) or (?:more )?(?P<b>.+)$',
    '^(?:of )?(?:what|which) are there more(?: of)?[,:]? (?P<a>.+?) or (?P<b>.+)$',
)
def read_more_numerous(match: re.Match[str]) -> Query | None:
    """Are there more mugs or boxes?"""
    a, b = _both(match)
    return Query(kind='more numerous', a=a, b=b)


def _both(match: re.Match[str]) -> tuple[Phrase, Phrase]:
    """The things that are counted: 'more mugs on the table than on the floor' are mugs both."""
    a, b = match['a'], match['b']
    if _ONLY_PLACED.match(b):
        head = _HEAD.match(a)
        b = f'{head["head"] if head else a} {b}'
    return read_phrase(a), read_phrase(b)


@dataclass(frozen=True)
class Tally:
    """How many things fit a phrase.

    Attributes:
        phrase: that they fit.
        names: of those that do for certain.
        open: how many there are of which it cannot be told.
        more: words about these, and about what may be hidden.
        hidden: whether there may be any number of others where depth is unknown.
    """

    phrase: Phrase
    names: tuple[str, ...]
    open: int
    more: str
    hidden: bool

    @property
    def least(self) -> int:
        """So many there are."""
        return len(self.names)

    @property
    def most(self) -> int:
        """And not more than these."""
        return self.least + self.open + _MANY * self.hidden

    def fact(self, text: str) -> Evidence:
        """Put it into words, as one piece of evidence."""
        number = Quantity(float(self.least), self.open / 2, '')
        return Evidence.of('count', self.names, number, 'camera', text)


def tally(asked: Asked, wanted: Phrase) -> Tally:
    """Count what fits a phrase, things or surfaces.

    Raises:
        CannotTell: what is meant cannot be told.
    """
    survey = asked.survey
    require_depth(survey)
    if wanted.kind == 'plane':
        if wanted.bound is not None:
            raise CannotTell(f'I count surfaces wherever they are, not only "{wanted.text}"')
        planes = surfaces.planes_called(survey, wanted.noun)
        if not planes:
            require_down(survey)
        return Tally(wanted, tuple(plane.name for plane in planes), 0, '', False)
    sure, unsure = referents.fitting(survey, wanted)
    hidden = may_hide(survey, wanted)
    more = maybe_more(survey, unsure) + (f'; {hidden}, there may be more' if hidden else '')
    names = tuple(thing.name for thing in sure)
    return Tally(wanted, names, len(unsure), more, bool(hidden))


def number_is(asked: Asked) -> MeasuredAnswer:
    """Say whether there are more, fewer or as many as a number."""
    counted, bound = tally(asked, asked.phrase('a')), asked.query.number or 0
    least, most = counted.least, counted.most
    verdict = {
        'more than': _is_so(least > bound, most > bound),
        'less than': _is_so(most < bound, least < bound),
        'at least': _is_so(least >= bound, most >= bound),
        'at most': _is_so(most <= bound, least <= bound),
        'exactly': _is_so(least == bound == most, least <= bound <= most),
    }[asked.what]
    text = f'there {"is" if least == 1 else "are"} {least}{counted.more}'
    fact = counted.fact(text)
    return asked.yes_no(verdict, f'{verdict.opening}: {text}', [fact], counted.names)


def _is_so(surely: bool, maybe: bool) -> Verdict:
    return Verdict.of(surely) if surely or not maybe else Verdict.UNSURE


def counts_compared(asked: Asked) -> MeasuredAnswer:
    """Say whether there are more, fewer or as many of one sort as of another."""
    index = ('more than', 'less than', 'exactly').index(asked.what)
    a, b, verdict = _tallies(asked, lambda a, b: _compared(a, b)[index])
    text, facts = _in_words(a, b)
    return asked.yes_no(verdict, f'{verdict.opening}: {text}', facts, (*a.names, *b.names))


def how_many_more(asked: Asked) -> MeasuredAnswer:
    """Say how many more there are of one sort than of another; none where there are fewer."""
    a, b, (least, most) = _tallies(
        asked, lambda a, b: (max(0, a.least - b.most), max(0, a.most - b.least))
    )
    text, facts = _in_words(a, b)
    if a.hidden or b.hidden:
        raise CannotTell(f'I cannot tell: {text}')
    number = Quantity(float(least), (most - least) / 2, '')
    many = f'{least}' if least == most else f'{least} to {most}'
    return asked.count(f'{many} more: {text}', number, facts, (*a.names, *b.names))


def more_numerous(asked: Asked) -> MeasuredAnswer:
    """Say of which of two sorts there are more."""
    a, b, (more, less, alike) = _tallies(asked, _compared)
    text, facts = _in_words(a, b)
    said_so = 'I cannot tell'
    if alike is Verdict.YES:
        said_so = 'as many'
    elif Verdict.YES in (more, less):
        said_so = f'more of "{(a if more is Verdict.YES else b).phrase.text}"'
    return asked.text(f'{said_so}: {text}', facts, (*a.names, *b.names))


def _tallies(
    asked: Asked, compare: Callable[[Tally, Tally], Compared]
) -> tuple[Tally, Tally, Compared]:
    """Count both sorts and compare them.

    'More mugs than boxes on the table' may speak of all mugs or of those on the table.

    Raises:
        CannotTell: one cannot be counted, or it makes a difference which mugs are meant.
    """
    one, other = asked.phrase('a'), asked.phrase('b')
    a, b = tally(asked, one), tally(asked, other)
    compared = compare(a, b)
    placed = (other.relation or other.region or other.bound) and one.kind == 'object'
    if placed and not (one.relation or one.region or one.bound):
        there = replace(
            one,
            relation=other.relation,
            anchors=other.anchors,
            region=other.region,
            bound=other.bound,
        )
        if compare(tally(asked, there), b) != compared:
            raise CannotTell(
                f'All of "{one.text}", or only those that are where "{other.text}" are? That '
                'makes a difference here, so please say it of both'
            )
    return a, b, compared


def _compared(a: Tally, b: Tally) -> tuple[Verdict, Verdict, Verdict]:
    """Whether there are more of a, fewer, or as many."""
    as_many = a.least == a.most == b.least == b.most
    return (
        _is_so(a.least > b.most, a.most > b.least),
        _is_so(a.most < b.least, a.least < b.most),
        _is_so(as_many, a.least <= b.most and b.least <= a.most),
    )


def _in_words(a: Tally, b: Tally) -> tuple[str, list[Evidence]]:
    texts = [f'I count {each.least} of "{each.phrase.text}"{each.more}' for each in (a, b)]
    facts = [each.fact(text) for each, text in zip((a, b), texts, strict=True)]
    return f'{texts[0]}, and {texts[1].removeprefix("I count ")}', facts
