# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Texts in one spelling, with the lengths in them marked."""

from __future__ import annotations

from dataclasses import dataclass
import re

from ssr_ros.scene.questions.numerals import in_digits
from ssr_ros.scene.questions.quantity import Unit
from ssr_ros.scene.questions.vocabulary import (
    COLOR_WORDS,
    DIMENSIONS,
    LengthUnit,
    NUMBER_WORDS,
    one_of,
    SMALL_NUMBERS,
    TRAITS,
)
from ssr_ros.scene.questions.wording import given, UNITS_M

_UNIT_WORDS = '[cm]?m|(?:centi|milli)?met(?:er|re)s?|inches|feet|ft'
_NEGATED = 'is|are|does|do|was|were|has|have|would|could|should|can|did'
_THANKS = '(?:thanks|thank you|thx|cheers|please|pls|plz)'
_SPELLING = (
    ('[‘’`´]', "'"),
    ('[“”]', '"'),
    ('[\u2190-\u2bff\ufe0e\ufe0f\u200d\U0001f000-\U0001faff]+', ' '),  # arrows, signs, emoji
    (r'^\s*"(.*)"[ .?!]*$', r'\1'),
    (rf'[ ,.?!]+{_THANKS}(?: (?:very much|so much|a lot|in advance|robot))?[ .!]*$', ' '),
    (r'(?<=\w)\(s\)', 's'),
    ('[<>]', ' '),  # they are the marks of a length, which nobody else may set
    (r'\bcolou?r', 'color'),
    (r'\bgrey', 'gray'),
    (r'\b(centi|milli|kilo)?metre', r'\1meter'),
    (r'\bcentre', 'center'),
    (r'\b(of|in) (the|this|that) (?:photo(?:graph)?|snapshot)\b', r'\1 \2 image'),
    (r"\b(what|where|how|that|there|it|who|which|which one|far|tall|wide|big)'s\b", r'\1 is'),
    (r'^(what|where)s\b', r'\1 is'),
    (r'^about (?=how\b)', ''),
    (r"\bi'm\b", 'i am'),
    (r"\bi've\b", 'i have'),
    (r"\bi'd\b", 'i would'),
    (r"\b(what|where|how|there|they|who|which)'re\b", r'\1 are'),
    (r"\bain't\b", "isn't"),
    (r"\bcan't\b|\bcannot\b", "cann't"),
    (rf'\b({_NEGATED})nt\b', r"\1n't"),
    (rf",? (?:{_NEGATED})n't (?:it|they|that|there|he|she)\?*$", ', right'),
    (rf"(^|[.,:] )({_NEGATED})n't\b", r'\1\2'),  # who asks so thinks that it is
    (rf"\b({_NEGATED})n't\b", r'\1 not'),
    (rf' ?\((?:in )?({_UNIT_WORDS})\)', r' in \1'),
    (r'\binfront\b', 'in front'),
    (' [-–—]+ (?=(?:how|what|where|is|are)\\b)', ', '),
    (r'\b(left|right|top|upper)[- ]most\b', r'\1most'),
    (r'\bback packs?\b', 'backpack'),
    (r'\bfurther\b', 'farther'),
    (r'\bmore (?:near|close)\b', 'closer'),
    (r'\bmore far\b', 'farther'),
    (r'\bmost (?:near|close)\b', 'nearest'),
    (r'\bmost far(?: away)?\b', 'farthest'),
    (rf'\b({one_of(word for word in TRAITS if word.endswith("er"))}) then (?=\w)', r'\1 than '),
    (r'\bthere only (?=(?:one|two|three|[0-9]+)\b)', 'there exactly '),
    (r'\bfurthest\b', 'farthest'),
    (r'\bnearby\b', 'near'),
    (r'\b(farther|closer|nearer) (?:away|off) (?=(?:than|from|to)\b)', r'\1 '),
    (rf'\bthe ([\w ]+?) (?:that|which) (?:is|are) ({one_of(COLOR_WORDS)})\b', r'the \2 \1'),
    (r'^hows? (?=far|tall|wide|big|high|deep)', 'how '),
    ('^what distance (?:is it|is there) to ', 'how far is it to '),
    ('^point (?:me to|out) ', 'where is '),
    (r'\bto the (left|right) hand side', r'to the \1'),
    (r'\b(left|right)[- ]hand( side)?\b', r'\1'),
    (r'\b(?:please|in total|altogether|approximately|roughly|actually|currently|right now)\b', ''),
    (rf'\bexactly\b(?! (?:[0-9]|{one_of(SMALL_NUMBERS)}))', ''),
    (r'\b(table|desk|counter|bench)[- ]tops?\b', r'\1'),
    ('[?!;]+', '. '),
    (r'\s+', ' '),
)

_OPENINGS = re.compile(
    r"""^(?:
    (?:hey|hi|hello|ok|okay|so|and|well|robot|now|then|also|u+h+m*|u+m+|h+m+|erm?|sorry
        |excuse[ ]me)\b[., ]*
    |(?:can|could|would|will)[ ]you[ ](?:also[ ])?
        (?:tell[ ]me|show[ ]me|give[ ]me|say[ ]to[ ]me|measure[ ]for[ ]me)[, ]*
    |(?:tell|show|give)[ ]me[, ]*
    |do[ ]you[ ]know[ ]
    |i[ ](?:want|need|would[ ]like)[ ]to[ ]know[, ]*
    |from[ ](?:here|where[ ]you[ ]are|your[ ]position|the[ ]camera)[, ]+
    |in[ ]the[ ](?:image|picture|scene)[, ]+
    )""",
    re.VERBOSE,
)
_INDIRECT = re.compile(
    r'^(?:if|whether) (?!(?:i|you|we) (?:am|are|were|stand|sit|face|want|need)\b)(.+?)'
    ' (is|are|can|could|does|do|fits?|touch(?:es)?) (.+)$'
)
_UNIT_NAMES: dict[LengthUnit, str] = {
    'mm': 'mm|millimeters?',
    'cm': 'cms?|centimeters?',
    'km': 'km|kilometers?',
    'm': 'm|meters?|mtrs?',
    'in': 'in(?! (?:front|the)\\b)|inch(?:es)?|"',
    'ft': "ft|foot|feet|'",
    'yd': 'yds?|yards?',
}
_UNITS = '|'.join(f'(?P<{unit}>{names})' for unit, names in _UNIT_NAMES.items())
NUMBER = '[0-9]{1,9}(?:[.,][0-9]{1,20})?'
_AMOUNT = re.compile(
    rf'(?<![\w.])(?<!object )(?:(?P<number>{NUMBER})[ -]?|(?P<word>{one_of(NUMBER_WORDS)})[ -])'
    rf'(?:(?P<power>sq|square|cu|cubic) )?(?:{_UNITS}|(?P<liter>l|lit(?:er|re)s?))'
    r'(?:\^?(?P<exponent>[23²³]))?(?!\w)'
)
_MARK = re.compile('<([0-9]+[.][0-9]{5})>')
_NAME = re.compile(r'(?<!\w)_(\w+)')
_ASKED_UNIT = re.compile(rf'\b(?P<how>in|how many) (?:(?:square|cubic) )?(?:{_UNITS})(?!\w)')
_COMPARED = re.compile(rf'(?:of|{one_of([word for word in TRAITS if word.endswith("er")])})\b')
_SIZED = re.compile(rf'(?:{one_of(DIMENSIONS)})\b')


@dataclass(frozen=True)
class Amount:
    """A length, area or volume that a text names, in its unit."""

    value: float
    unit: Unit


def plain(question: str) -> str:
    """Lower case, one spelling, no polite opening, no punctuation at the end."""
    text = question.strip().lower()
    for pattern, replacement in _SPELLING:
        text = re.sub(pattern, replacement, text)
    text = in_digits(text.strip(' .,:'))
    opened = _OPENINGS.sub('', text).strip(' ,')
    while opened != text:
        text, opened = opened, _OPENINGS.sub('', opened).strip(' ,')
    return _INDIRECT.sub(r'\2 \1 \3', text)


def amounts_in(text: str) -> list[Amount]:
    """Find the lengths, areas and volumes of a plain text: '45 cm', 'half a meter', '2 m2'."""
    return [_amount(match) for match in _AMOUNT.finditer(text)]


def without_amounts(text: str) -> str:
    """Take the lengths, areas and volumes out of a plain text."""
    return _AMOUNT.sub('', text).strip(' .,')


def mark_lengths(text: str) -> str:
    """Write every length of a plain text in metres between angle brackets."""

    def take(match: re.Match[str]) -> str:
        amount = _amount(match)
        return f'<{amount.value:.5f}>' if amount.unit == 'm' else match[0]

    return _AMOUNT.sub(take, text)


def lengths_in(text: str) -> tuple[float, ...]:
    """Return the marked lengths of a text, metres."""
    return tuple(float(number) for number in _MARK.findall(text))


def spoken(text: str) -> str:
    """Write marked lengths and names as they are said."""
    text = _MARK.sub(lambda match: given(float(match[1])), text)
    return _NAME.sub(lambda match: match[1].replace('_', ' '), text)


def asked_unit(text: str) -> tuple[str, LengthUnit | None]:
    """Cut 'in inches' or 'how many cm' out of a question: the text without it, and the unit."""
    match = _ASKED_UNIT.search(text)
    if match is None:
        return text, None
    before, after = text[: match.start()], text[match.end() :].strip()
    if match['how'] == 'in':
        return f'{before}{after}'.replace('()', '').replace('  ', ' ').strip(), _unit(match)
    how = 'how' if _SIZED.match(after) else 'how far'
    how = 'how much' if _COMPARED.match(after) or before.endswith('by ') else how
    return f'{before}{how} {after.removeprefix("of ")}', _unit(match)


def _unit(match: re.Match[str]) -> LengthUnit:
    return next(name for name in _UNIT_NAMES if match[name])


def _amount(match: re.Match[str]) -> Amount:
    number = _number(match['number']) if match['number'] else NUMBER_WORDS[match['word']]
    if match['liter']:
        return Amount(number / 1000, 'm3')
    factor = UNITS_M[_unit(match)]
    power = match['power'] or match['exponent'] or ''
    if power in ('sq', 'square', '2', '²'):
        return Amount(number * factor**2, 'm2')
    if power:
        return Amount(number * factor**3, 'm3')
    return Amount(number * factor, 'm')


def _number(digits: str) -> float:
    """Read '1.5', '1,5' and '1,500'."""
    return float(re.sub(',([0-9]{3})$', r'\1', digits).replace(',', '.'))
