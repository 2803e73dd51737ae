# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What a short answer says, for the question that it answers.

An answer is read whole. It is never searched for a letter or a word that would be right, and what
cannot be read stays unread: the scorer counts it as wrong and as unparsed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
import re
from typing import Any

UNITS_M = {
    'mm': 0.001,
    'millimetre': 0.001,
    'millimeter': 0.001,
    'cm': 0.01,
    'centimetre': 0.01,
    'centimeter': 0.01,
    'm': 1.0,
    'metre': 1.0,
    'meter': 1.0,
    'inch': 0.0254,
    'inche': 0.0254,
    'ft': 0.3048,
    'foot': 0.3048,
    'feet': 0.3048,
}
"""Without 'in', which is a word: '2 in front of the box'. All may end in an s."""

WORDS = (
    'zero',
    'one',
    'two',
    'three',
    'four',
    'five',
    'six',
    'seven',
    'eight',
    'nine',
    'ten',
    'eleven',
    'twelve',
)

POSITIONS = {'first': 0, 'second': 1}

NUMBER = r'(?<![\w.,-])(\d{1,9}(?:\.\d{1,9})?)'
"""Neither the tail of another number nor a negative one."""

LENGTH = re.compile(rf'{NUMBER} ?({"|".join(sorted(UNITS_M, key=len, reverse=True))})s?\b', re.I)
MARGIN = re.compile(r' ?(?:±|\+/-) ?\d+(?:\.\d+)?')
RANGE = re.compile(r'\d ?(?:to|or|and|[-–/]) ?\d')
POINT = re.compile(r'\( ?(\d?\.\d{1,6}|[01]) ?, ?(\d?\.\d{1,6}|[01]) ?\)')
HOUR = re.compile(r"(\d{1,2})(?: ?o'?clock)?")
COUNT = re.compile(rf'(?:there (?:is|are) )?(\d{{1,4}}|{"|".join(WORDS)})((?: [a-z]+)*)')
NOTHING = re.compile(r'none|(?:there (?:is|are) )?no(?: \w+)? objects?(?: .+)?')
SIDE = re.compile(r'(?:it is |is )?(?:to |on )?(?:the )?(left|right)(?: side)?(?: of .+)?')
NAME = re.compile(r'[a-z]+(?: [a-z0-9]+){0,3}')
NO_NAME = {
    'is',
    'it',
    'are',
    'there',
    'this',
    'that',
    'i',
    'no',
    'not',
    'yes',
    'or',
    'and',
    'lies',
    'stands',
    'reaches',
}


@dataclass(frozen=True)
class Reading:
    """What an answer says.

    Attributes:
        kind: 'length', 'count', 'hour', 'yes_no', 'side', 'name', 'names' or 'point'.
        words: yes, no, left, right, or the names in order.
        numbers: metres, the count or hour, x and y, or the metres beside the names.
    """

    kind: str
    words: tuple[str, ...] = ()
    numbers: tuple[float, ...] = ()


def kind_of(meta: Mapping[str, Any]) -> str:
    """Return which kind of answer a question wants.

    Args:
        meta: of the question's row.
    """
    family, verdict = meta['family'], str(meta.get('verdict') or '')
    if family == 'describe' or family == 'order':
        return 'names'
    if family == 'vacant' and verdict == '':
        return 'point'
    for kind, is_it in (
        ('yes_no', verdict in ('yes', 'no')),
        ('side', verdict in ('left', 'right')),
        ('hour', meta.get('value_unit') == 'hour'),
        ('length', meta.get('value_unit') == 'm'),
        ('count', meta.get('value') is not None),
    ):
        if is_it:
            return kind
    return 'name'


def read(text: str, meta: Mapping[str, Any]) -> Reading | None:
    """Read an answer; None where it does not say what the question asks for.

    Args:
        text: the answer.
        meta: of the question's row: its family, form, verdict, value, unit and subjects.
    """
    return READERS[kind_of(meta)](text.strip(), meta)


def plain(text: str) -> str:
    """Take away what does not change the meaning: case, articles, punctuation, white space."""
    words = re.sub(r"[^\w\s.']|\.(?!\d)", ' ', text.lower().replace('\u2019', "'")).split()
    return ' '.join(word for word in words if word not in ('a', 'an', 'the'))


def lengths_m(text: str) -> list[float]:
    """Return all lengths in a text, in metres: '47 cm' and '1.84 m' give 0.47 and 1.84."""
    return [float(number) * UNITS_M[unit.lower()] for number, unit in LENGTH.findall(text)]


def choices(meta: Mapping[str, Any]) -> list[str]:
    """Return the names that a question offers; none where it is open."""
    offered = meta.get('verdict') in POSITIONS or meta.get('form') == 'of three'
    return [plain(name) for name in meta.get('subjects', ())] if offered else []


def _length(text: str, meta: Mapping[str, Any]) -> Reading | None:
    text = MARGIN.sub('', text)
    found = lengths_m(text)
    # Two lengths are no answer: a model that names enough of them would name the right one.
    return (
        Reading('length', (), (found[0],)) if len(found) == 1 and not RANGE.search(text) else None
    )


def _count(text: str, meta: Mapping[str, Any]) -> Reading | None:
    said = plain(text)
    if NOTHING.fullmatch(said):
        return Reading('count', (), (0.0,))
    found = COUNT.fullmatch(said)
    if not found or lengths_m(text) or {*WORDS, 'or'} & set(found[2].split()):
        return None
    number = WORDS.index(found[1]) if found[1] in WORDS else int(found[1])
    return Reading('count', (), (float(number),))


def _hour(text: str, meta: Mapping[str, Any]) -> Reading | None:
    found = HOUR.fullmatch(plain(text))
    is_hour = found and 1 <= int(found[1]) <= 12
    return Reading('hour', (), (float(found[1]),)) if found and is_hour else None


def _yes_no(text: str, meta: Mapping[str, Any]) -> Reading | None:
    said = re.match(r'(yes|no)\b\s*(?:[.,;:!–-]|$)', text, re.I)
    if not said or len({'yes', 'no'} & set(plain(text).split())) != 1:
        return None
    return Reading('yes_no', (said[1].lower(),))


def _side(text: str, meta: Mapping[str, Any]) -> Reading | None:
    found = SIDE.fullmatch(plain(text))
    if not found or {'left', 'right'} <= set(plain(text).split()):
        return None
    return Reading('side', (found[1],))


def _name(text: str, meta: Mapping[str, Any]) -> Reading | None:
    name, offered = plain(text), choices(meta)
    is_one = name in offered if offered else _is_name(name)
    return Reading('name', (name,)) if is_one else None


def _names(text: str, meta: Mapping[str, Any]) -> Reading | None:
    text = re.sub(r'^from [\w ]+:', '', text.strip(), flags=re.I)
    items = [item for item in re.split(r',| and (?=an? |the )', text) if item.strip()]
    names = tuple(plain(LENGTH.sub('', item)).removesuffix(' at') for item in items)
    if not names or not all(map(_is_name, names)):
        return None
    return Reading('names', names, tuple(lengths_m(text)))


def _point(text: str, meta: Mapping[str, Any]) -> Reading | None:
    found = POINT.findall(text)
    return Reading('point', (), tuple(map(float, found[0]))) if len(found) == 1 else None


def _is_name(name: str) -> bool:
    # A sentence about a thing is not its name.
    return bool(NAME.fullmatch(name)) and not NO_NAME & set(name.split())


READERS = {
    'length': _length,
    'count': _count,
    'hour': _hour,
    'yes_no': _yes_no,
    'side': _side,
    'name': _name,
    'names': _names,
    'point': _point,
}
