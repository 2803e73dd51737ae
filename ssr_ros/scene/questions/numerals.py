# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Lengths that are said in words or in parts, in digits: 'two and a half feet', '2 ft 6 in'."""

from __future__ import annotations

import re

from ssr_ros.scene.questions.vocabulary import one_of, SMALL_NUMBERS

_TEENS = 'eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'
_TIES = 'twenty thirty forty fifty sixty seventy eighty ninety'
_ONES = SMALL_NUMBERS | {word: number for number, word in enumerate(_TEENS.split(' '), 11)}
_TENS = {word: 10 * tens for tens, word in enumerate(_TIES.split(' '), 2)}
_HALVES = {'½': '.5', '¼': '.25', '¾': '.75', '1/2': '.5', '1/4': '.25', '3/4': '.75'}
_PARTS = {' and a half': 0.5, ' and a quarter': 0.25, ' and three quarters': 0.75}

_UNIT = (
    '(?:[cmk]?m|cms|mtrs?|in(?:ch(?:es)?)?|ft|foot|feet|yds?|yards?|(?:centi|milli|kilo)?meters?)'
    r'\b(?! (?:front|the)\b)'
)
_NUMBER = r'(?<![\w./])[0-9]+'
_HALF = '½|¼|¾|[13]/[24]'
_UP_TO_99 = rf'(?:(?:{one_of(_TENS)})(?:[ -](?:{one_of(SMALL_NUMBERS)}))?|{one_of(_ONES)})'
_IN_WORDS = re.compile(
    rf'\b(?:(?P<hundreds>an?|{one_of(SMALL_NUMBERS)}) hundred(?:(?: and)? (?P<more>{_UP_TO_99}))?'
    rf'|(?P<rest>{_UP_TO_99}))(?P<part>{one_of(_PARTS)})?(?=[ -]{_UNIT})'
)
_FEET = re.compile(
    rf"""({_NUMBER})(?: ?(?:ft|foot|feet)(?:,? and|,)? ?|')([0-9]{{1,2}}(?:\.[0-9])?)"""
    r""" ?(?:inch(?:es)?\b|in\b(?! (?:front|the)\b)|")"""
)
_METERS = re.compile(
    rf'(?<!between )({_NUMBER}) ?m(?:eters?)?(?:(?:,? and)? ([0-9]{{1,2}}) ?(?:cms?|centimeters?)'
    r'|(?:(?<=m)| )([0-9]{2})(?! ?[\w.]))(?!\w)(?! (?:wide|tall|high|long|deep)\b)'
)
_PLAINLY: tuple[tuple[str, str], ...] = (
    (rf'(?<![\w.])(\.[0-9]+)(?=[ -]?{_UNIT})', r'0\1'),
    (rf'\bthree quarters of an? (?={_UNIT})', '0.75 '),
    (rf'(?<!and )\ba half (?={_UNIT})', '0.5 '),
    (rf'\b(?:an?|one) ({_UNIT}) and a half\b', r'1.5 \1'),
    (rf'({_NUMBER}) and a half(?= {_UNIT})', r'\1.5'),
)


def in_digits(text: str) -> str:
    """Write every length of a plain text as one number in digits, in one unit."""
    text = re.sub(
        rf'(?:({_NUMBER}) ?|(?<![\w./]))({_HALF})(?: of an?(?= ))?(?=[ -]?{_UNIT})',
        lambda match: f'{match[1] or 0}{_HALVES[match[2]]}',
        text,
    )
    for said, plainly in _PLAINLY:
        text = re.sub(said, plainly, text)
    text = _IN_WORDS.sub(_in_digits, text)
    text = _FEET.sub(lambda match: f'{12 * int(match[1]) + float(match[2]):g} inches', text)
    return _METERS.sub(lambda match: f'{100 * int(match[1]) + int(match[2] or match[3])} cm', text)


def _in_digits(match: re.Match[str]) -> str:
    words = re.split('[ -]', match['more'] or match['rest'] or '')
    value = float(sum({**_ONES, **_TENS}.get(word, 0) for word in words))
    if match['hundreds']:
        value += 100 * SMALL_NUMBERS.get(match['hundreds'], 1)
    return f'{value + _PARTS.get(match["part"] or "", 0.0):g}'
