# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The answer that a written-out chain of reasons ends with.

A model that explains does not write 'The green mug.' but '1.05 m is less than 1.56 m, so the green
mug is closer.' What such a last sentence says is put into the words of a short answer, which is
then read like any other.
"""

from __future__ import annotations

from collections.abc import Mapping
import re
from typing import Any

from ssr_ros.evaluation.reading import kind_of, lengths_m, plain, POINT, read

SENTENCE = re.compile(r'[^\s].*?(?:[.!?](?=\s|$)|$)', re.DOTALL)
OPPOSITES = {
    'to left of': 'to right of',
    'lower than': 'higher than',
    'in front of': 'behind',
    'closer': 'farther',
    'nearer': 'farther',
}
OPPOSITE = OPPOSITES | {right: left for left, right in OPPOSITES.items()} | {'farther': 'closer'}

COMPARING = ('closer', 'size', 'left_right', 'above_below', 'front_behind')
LENGTHS = {
    ('distance', 'camera'): 'nearest part of (?:it|{})',
    ('depth', 'point'): 'depth there',
    ('free_space', 'ahead'): 'way is free',
    ('gap', 'gap'): 'gap between them',
    ('gap', 'centres'): '^distance between their centres',
    ('gap', 'level'): 'horizontal distance',
    ('gap', 'vertical'): 'difference in height',
}
"""What a sentence says that states the length asked for; {} is the first subject."""


def sentences(text: str) -> list[str]:
    """Cut a text into sentences; the points in numbers end none."""
    return SENTENCE.findall(text.strip())


def last_conclusion(text: str, meta: Mapping[str, Any]) -> str:
    """Return the short answer that the last sentence of a text states.

    A last sentence that is itself a short answer is returned as it stands. What is about something
    else than was asked comes back in a form that no scorer can read.

    Args:
        text: reasons in words.
        meta: of the question's row.
    """
    found = sentences(text)
    if not found:
        return ''
    last, kind = found[-1], kind_of(meta)
    # A sentence about a length has to be about the one that was asked for.
    is_short = kind != 'length' or ' is ' not in last
    if kind not in READERS or (is_short and read(last, meta) is not None):
        return last
    return READERS[kind](last, meta)


def _yes_no(last: str, meta: Mapping[str, Any]) -> str:
    said, family = plain(last), meta['family']
    if ends := re.search(r' (yes|no)$', said):
        return ends[1]
    if family in ('exists', 'support'):
        thing = re.escape(plain(meta['subjects'][-1]))
        found = re.fullmatch(rf'(?:there is|(?:so )?(?:it|.+) is)( not?)?(?: on)? {thing}', said)
        return _either(not found[1]) if found else last
    if family == 'vacant':
        size = re.search(r' is (more|less) than ', said)
        return _either(size[1] == 'more') if size else last
    return _compared(last, said, meta)


def _either(is_so: bool) -> str:
    return 'yes' if is_so else 'no'


def _compared(last: str, said: str, meta: Mapping[str, Any]) -> str:
    """Both 'so B is behind A' and 'so A is in front of B' say no to 'Is A behind B?'."""
    relation = plain(str(meta['form']).removeprefix('whether')) or 'closer'
    named = _named(said, meta)
    is_first = named == plain(meta['subjects'][0])
    if not named or meta['family'] not in COMPARING:
        return last
    if relation in said:
        return _either(is_first)
    return _either(not is_first) if OPPOSITE.get(relation, '\0') in said else last


def _side(last: str, meta: Mapping[str, Any]) -> str:
    said = plain(last)
    found = re.findall(r'to (left|right) of', said)
    named = _named(said, meta)
    if len(found) != 1 or not named:
        return last
    if named == plain(meta['subjects'][0]):
        return str(found[0])
    return 'left' if found[0] == 'right' else 'right'


def _count(last: str, meta: Mapping[str, Any]) -> str:
    found = re.match(r'there (?:is|are) (no|\d+) ', plain(last))
    return ('0' if found[1] == 'no' else found[1]) if found else last


def _hour(last: str, meta: Mapping[str, Any]) -> str:
    found = re.findall(r"\b\d{1,2} o'?clock", plain(last))
    return str(found[0]) if len(found) == 1 else last


def _name(last: str, meta: Mapping[str, Any]) -> str:
    said = plain(last)
    if meta['family'] == 'attribute':
        # 'The ball is red.', 'It is a ball.': the question gives the other half of the name.
        found = re.fullmatch(r'.+ is (\w+(?: \w+)?)', said)
        if found and meta['form'] == 'shape':
            color = plain(meta['subjects'][0]).partition(' ')[0]
            return f'{color} {found[1]}'
        return found[1] if found else last
    if meta['family'] == 'support':
        found = re.search(r' on (\w+(?: \w+)*)$', said)
        return found[1] if found else last
    if meta['family'] == 'nearest':
        word = 'farthest' if meta['form'] == 'farthest' else 'nearest'
        found = re.fullmatch(rf'(.+) is {word}', said)
        return found[1] if found else last
    # 'closer' and 'farther' are two questions: a sentence about the other one is no answer.
    asked = str(meta['form']).removeprefix('which').strip()
    return _named(said, meta) if asked in said.split() and _named(said, meta) else last


def _named(said: str, meta: Mapping[str, Any]) -> str:
    """Return the subject that a sentence speaks of: the one it names first."""
    names = [plain(name) for name in meta.get('subjects', ())]
    places = {name: re.search(rf'\b{re.escape(name)}\b', said) for name in names}
    found = {name: place.start() for name, place in places.items() if place}
    return min(found, key=lambda name: found[name], default='')


def _length(last: str, meta: Mapping[str, Any]) -> str:
    form = (meta['family'], meta['form'])
    about = LENGTHS.get(form, f'{meta["form"]} of {{}}')  # 'the width of the mug'
    subject = re.escape(plain([*meta['subjects'], ''][0]))
    found = lengths_m(last)
    is_it = re.search(about.format(subject), plain(last))
    return f'{found[0]:.4f} m' if is_it and len(found) == 1 else ''


def _point(last: str, meta: Mapping[str, Any]) -> str:
    found = POINT.search(last)
    return found[0] if found else last


READERS = {
    'yes_no': _yes_no,
    'side': _side,
    'count': _count,
    'hour': _hour,
    'name': _name,
    'length': _length,
    'point': _point,
}
