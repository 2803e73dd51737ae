# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Reading questions: plain words, lengths with units, and noun phrases."""

from __future__ import annotations

from dataclasses import dataclass, field
import re

from ssr_ros.scene.questions.wording import UNITS_M

_SPELLING = (
    (r'[‘’`´]', "'"), (r'[“”]', '"'), (r'\bcolou?r', 'color'), (r'\bgrey', 'gray'),
    (r'\b(centi|milli|kilo)?metre', r'\1meter'), (r'\bcentre', 'center'),
    (r"\b(what|where|how|that|there|it|who)'s\b", r'\1 is'), (r"\bi'm\b", 'i am'),
    (r"\b(is|are|does|do|was|were|has|have|would|could|should)n't\b", r'\1'),
    (r"\bcan't\b|\bcannot\b", 'can'), (r"\bi've\b", 'i have'), (r"\bfurther\b", 'farther'),
    (r'\bfurthest\b', 'farthest'), (r'\bnearby\b', 'near'),
    (r'\bto the (left|right) hand side', r'to the \1'),
    (r'\b(left|right)[- ]hand( side)?\b', r'\1'), (r'\bcentre-to-centre\b', 'center to center'),
    (r'\bplease\b', ''), ((r'\bin total\b|\baltogether\b|\bexactly\b|\bapproximately\b|'
r'\broughly\b|\bactually\b|\bcurrently\b|\bright now\b'), ''),
    (r'[?!;]+', '. '), (r'\s+', ' '),
)  # fmt: skip

_OPENINGS = re.compile(
    r'^(?:(?:hey|hi|hello|ok|okay|so|and|well|robot|now|then|also)\b[, ]*'
    r'|(?:can|could|would|will) you (?:also )?(?:tell|show|say to|give|measure for) me[, ]*'
    r'|(?:tell|show|give) me[, ]*|do you know '
    r"|i (?:want|need|would like|'d like) to know[, ]*"
    r'|from (?:here|where you are|your position|the camera)[, ]+|in the '
    r'(?:image|picture|scene)[, ]+)'
)

_INDIRECT = re.compile(
    r'^(?:if|whether) (.+?) (is|are|can|could|does|do|fits?|touch(?:es)?) (.+)$'
)

_NUMBER_WORDS = {
    'zero': 0.0, 'one': 1.0, 'a': 1.0, 'an': 1.0, 'two': 2.0, 'three': 3.0, 'four': 4.0,
    'five': 5.0, 'six': 6.0, 'seven': 7.0, 'eight': 8.0, 'nine': 9.0, 'ten': 10.0,
    'twelve': 12.0, 'fifteen': 15.0, 'twenty': 20.0, 'thirty': 30.0, 'forty': 40.0,
    'fifty': 50.0, 'hundred': 100.0, 'half a': 0.5, 'half an': 0.5, 'a quarter of a': 0.25,
    'one and a half': 1.5, 'a couple of': 2.0,
}  # fmt: skip

SMALL_NUMBERS = {
    'one': 1, 'two': 2, 'three': 3, 'four': 4, 'five': 5, 'six': 6, 'seven': 7, 'eight': 8,
    'nine': 9, 'ten': 10,
}  # fmt: skip

_UNIT_NAMES = {
    'mm': r'mm|millimeters?', 'cm': r'cms?|centimeters?', 'km': r'km|kilometers?',
    'm': r'm|meters?|mtrs?', 'in': r'in|inch(?:es)?|"', 'ft': r"ft|foot|feet|'",
    'yd': r'yds?|yards?',
}  # fmt: skip
_UNITS = '|'.join(f'(?P<{unit}>{names})' for unit, names in _UNIT_NAMES.items())
_NUMBERS = '|'.join(sorted(_NUMBER_WORDS, key=len, reverse=True))
_LENGTH = re.compile(
    rf'(?<![\w.])(?<!object )(?:(?P<number>\d+(?:[.,]\d+)?)[ '
    rf'-]?|(?P<word>{_NUMBERS})[ -])(?:{_UNITS})(?!\w)'
)
_ASKED_UNIT = re.compile(rf'\b(?:in|how many) (?:{_UNITS})(?!\w)')

COLOR_WORDS: dict[str, tuple[str, ...]] = {
    'black': ('black',), 'gray': ('gray',), 'silver': ('gray', 'white'), 'white': ('white',),
    'red': ('red',), 'crimson': ('red',), 'scarlet': ('red',), 'maroon': ('red', 'brown'),
    'orange': ('orange',), 'brown': ('brown',), 'tan': ('brown',), 'wooden': ('brown', 'orange'),
    'beige': ('brown', 'white'), 'yellow': ('yellow',), 'golden': ('yellow',), 'gold': ('yellow',),
    'green': ('green',), 'olive': ('green',), 'blue': ('blue',), 'navy': ('blue',),
    'turquoise': ('blue', 'green'), 'teal': ('blue', 'green'), 'cyan': ('blue', 'green'),
    'purple': ('purple',), 'violet': ('purple',), 'lilac': ('purple',), 'pink': ('pink',),
    'magenta': ('pink', 'purple'), 'cream': ('white', 'yellow'),
}  # fmt: skip

CAMERA_WORDS = frozenset(
    ('me', 'you', 'i', 'us', 'camera', 'robot', 'here', 'yourself', 'myself', 'sensor', 'lens',
     'viewer', 'observer', 'my position', 'your position')
)  # fmt: skip
GENERIC_NOUNS = frozenset(
    ('object', 'thing', 'item', 'one', 'obstacle', 'something', 'anything', 'everything', 'stuff',
     'body', 'element', 'entity', 'nothing', 'someone', 'anyone', 'two', 'other', 'rest')
)  # fmt: skip
PLANE_NOUNS: dict[str, str] = {
    'floor': 'floor', 'ground': 'floor', 'table': 'table', 'tabletop': 'table', 'desk': 'table',
    'surface': 'table', 'counter': 'table', 'countertop': 'table', 'worktop': 'table',
    'shelf': 'table', 'board': 'table', 'support': 'table', 'wall': 'wall', 'ceiling': 'ceiling',
    'carpet': 'floor', 'bench': 'table', 'workbench': 'table',
}  # fmt: skip
PRONOUNS = frozenset(('it', 'that', 'this'))
GROUPS = frozenset(('them', 'they', 'these', 'those', 'both', 'both of them', 'the two'))

SUPERLATIVES: dict[str, str] = {
    'nearest': 'nearest', 'closest': 'nearest', 'farthest': 'farthest', 'remotest': 'farthest',
    'leftmost': 'left', 'rightmost': 'right', 'tallest': 'tallest', 'highest': 'topmost',
    'topmost': 'topmost', 'uppermost': 'topmost', 'lowest': 'lowest', 'shortest': 'shortest',
    'biggest': 'biggest', 'largest': 'biggest', 'smallest': 'smallest', 'tiniest': 'smallest',
    'widest': 'widest', 'broadest': 'widest', 'narrowest': 'narrowest', 'thinnest': 'narrowest',
    'left': 'left', 'right': 'right', 'middle': 'middle', 'center': 'middle', 'central': 'middle',
    'deepest': 'deepest', 'longest': 'longest', 'front': 'nearest', 'back': 'farthest',
    'rear': 'farthest', 'taller': 'tallest', 'shorter': 'shortest', 'bigger': 'biggest',
    'larger': 'biggest', 'smaller': 'smallest', 'wider': 'widest', 'narrower': 'narrowest',
    'closer': 'nearest', 'nearer': 'nearest', 'farther': 'farthest', 'higher': 'topmost',
    'lower': 'lowest', 'top': 'topmost', 'bottom': 'lowest', 'upper': 'topmost',
}  # fmt: skip
_ORDINALS = {
    'first': 1, '1st': 1, 'second': 2, '2nd': 2, 'third': 3, '3rd': 3, 'fourth': 4, '4th': 4,
    'fifth': 5, '5th': 5,
}  # fmt: skip
_DETERMINERS = frozenset(
    ('the', 'a', 'an', 'any', 'some', 'my', 'your', 'all', 'of', 'visible', 'other', 'single',
     'dark', 'light', 'bright', 'big', 'large', 'small', 'little', 'tall', 'most', 'very', 'far',
     'extreme', 'there', 'different', 'separate', 'many', 'total', 'number', 'each', 'every',
     'these', 'those', 'that', 'this', 'colored', 'looking', 'at', 'all', 'two', 'three', 'both',
     'four')
)  # fmt: skip

_PLACES = {
    r'(?:to|on|in|at) (?:the |my |your |its )?(?:far |very |extreme )?(left|right|middle|center)'
    r'(?: side| half| part)?(?: of (?:the |this |that '
r')?(?:image|picture|frame|scene|view|room|camera|me|you|robot))?': r'\1',
    (r'(?:in|at|on) the (top|bottom|upper|lower)(?: half| part| side)?(?: of '
r'(?:the |this )?(?:image|picture|frame|scene|view))?'): r'\1',
}  # fmt: skip
_RELATION_WORDS = (
    ('right of', (r'(?:directly |just |immediately )?(?:(?:to|on) (?:the |its )?)?right(?: '
r'side)? of')),
    ('left of', (r'(?:directly |just |immediately )?(?:(?:to|on) (?:the |its )?)?left(?: '
r'side)? of')),
    ('in front of', r'(?:directly |just |right )?(?:in front of|before|ahead of)'),
    ('behind', r'(?:directly |just |right )?(?:behind|in back of|at the back of)'),
    ('above', r'(?:directly |just |right )?(?:above|over)'),
    ('below', r'(?:directly |just |right )?(?:below|under|underneath|beneath)'),
    ('on', (r'(?:on top of|upon|resting on|standing on|sitting on|lying on|placed '
r'on|supported by|on)')),
    ('touching', r'(?:touching|in contact with|leaning on|leaning against|against)'),
    ('beside', r'(?:next to|beside|alongside|adjacent to|near|near to|close to|by)'),
    ('between', r'(?:in between|between)'),
    ('nearest to', r'(?:closest to|nearest to)'),
    ('farthest from', r'(?:farthest from|farthest away from)'),
)  # fmt: skip
RELATION = '|'.join(f'(?P<{name.replace(" ", "_")}>{words})' for name, words in _RELATION_WORDS)
_CLAUSE = re.compile(
    rf'^(?P<head>.+?) (?:(?:that|which|who) (?:is|are|stands?|lies|lie|sits?) |'
    rf'standing |sitting |lying |placed |located |situated |resting '
    rf')?(?:{RELATION}) (?P<anchor>.+)$'
)
_EXTREME = re.compile(
    r'^(?:the )?(?:closest|nearest|(?P<far>farthest)) (?P<head>.+?) (?:to|from) (?P<anchor>.+)$'
)
_THRESHOLD = re.compile(
    r'(?:^| )(?:(?:that|which) (?:is|are) )?(?P<how>within|inside of|less '
r'than|nearer than|closer than|closer to me than|under|below|up to|no more '
r'than|'
    r'more than|farther than|farther away than|over|beyond|at least|taller '
r'than|higher than|wider than|shorter than|narrower than|lower than|'
    r'smaller than|bigger than|larger than) <(?P<bound>[\d.]+)>(?: '
r'(?P<what>away|tall|high|wide|far|of distance|distance))?'
    r'(?: (?:of|from|to) (?P<anchor>.+))?$'
)  # fmt: skip


def plain(question: str) -> str:
    """Lower case, one spelling, no polite opening, no punctuation at the end."""
    text = question.strip().lower()
    for pattern, replacement in _SPELLING:
        text = re.sub(pattern, replacement, text)
    text = text.strip(' .,:')
    opened = _OPENINGS.sub('', text).strip(' ,')
    while opened != text:
        text, opened = opened, _OPENINGS.sub('', opened).strip(' ,')
    return _INDIRECT.sub(r'\2 \1 \3', text)


def mark_lengths(text: str) -> str:
    """Write every length in metres between angle brackets: '45 cm' and 'half a meter' alike."""

    def take(match: re.Match[str]) -> str:
        digits = match['number']
        number = float(digits.replace(',', '.')) if digits else _NUMBER_WORDS[match['word']]
        unit = next(name for name in _UNIT_NAMES if match[name])
        return f'<{number * UNITS_M[unit]:.5f}>'

    return _LENGTH.sub(take, text)


def lengths_in(text: str) -> tuple[float, ...]:
    """Return the marked lengths of a text, metres."""
    return tuple(float(number) for number in re.findall(r'<([\d.]+)>', text))


def asked_unit(text: str) -> tuple[str, str | None]:
    """Cut 'in inches' or 'how many cm' out of a question: the text without it, and the unit."""
    match = _ASKED_UNIT.search(text)
    if match is None:
        return text, None
    unit = next(name for name in _UNIT_NAMES if match[name])
    if match[0].startswith('how many'):
        return text.replace(match[0], 'how', 1), unit
    return text.replace(match[0], '', 1).strip(), unit


@dataclass(frozen=True)
class Phrase:
    """What a noun phrase asks for.

    Attributes:
        text: the words.
        kind: 'object', 'camera', 'plane', 'pixel', 'box' or 'group' (a pronoun for several).
        colors: colour names that fit, () for any.
        noun: a noun that names a kind of thing, which geometry cannot tell; '' for 'object'.
        plural: whether several are meant.
        pick: '' or what singles it out: 'nearest', 'left', 'tallest' ...
        rank: 2 for 'second nearest'.
        number: of 'red object 2', or None.
        region: '' or half of the image: 'left', 'right', 'top', 'bottom', 'middle'.
        relation: '' or how it stands to the anchor: 'behind', 'on' ...
        anchor: the phrase after the relation.
        anchors: both phrases after 'between'.
        threshold: '' or a bound on a length: 'within', 'taller than' ...
        numbers: pixel or box coordinates.
    """

    text: str
    kind: str = 'object'
    colors: tuple[str, ...] = ()
    noun: str = ''
    plural: bool = False
    pick: str = ''
    rank: int = 1
    number: int | None = None
    region: str = ''
    relation: str = ''
    anchors: tuple[Phrase, ...] = ()
    threshold: str = ''
    numbers: tuple[float, ...] = field(default=())

    @property
    def indefinite(self) -> bool:
        """Whether any object would do: 'anything', 'an object', 'a red thing'."""
        return bool(
            re.match(r'(an?|any|some|anything|something|anyone|someone|nothing)\b', self.text)
        ) and not (self.pick or self.number)


def read_phrase(text: str) -> Phrase:
    """Read a noun phrase such as 'the second nearest red thing on the table'."""
    text = text.strip(' ,.')
    numbers = _coordinates(text)
    if numbers:
        return Phrase(text, 'pixel' if len(numbers) == 2 else 'box', numbers=numbers)
    bare = re.sub(r'^(?:the|a|an|my|your) ', '', text)
    if bare in CAMERA_WORDS:
        return Phrase(text, 'camera')
    if re.fullmatch(r'(?:center|middle)(?: of (?:the )?(?:image|picture|frame|view))?', bare):
        return Phrase(text, 'pixel')
    if text in GROUPS or bare in GROUPS:
        return Phrase(text, 'group', plural=True)
    match = _THRESHOLD.search(text)
    if match:
        inner = read_phrase(text[: match.start()] or 'object')
        anchors = (read_phrase(match['anchor']),) if match['anchor'] else inner.anchors
        how = match['how'] + (
            f' {match["what"]}' if match['what'] in ('tall', 'high', 'wide') else ''
        )
        numbers = (float(match['bound']),)
        return _with(inner, text=text, threshold=how, anchors=anchors, numbers=numbers)
    for pattern, where in _PLACES.items():
        match = re.search(rf'(?:^| ){pattern}$', text)
        if match:
            inner = read_phrase(text[: match.start()] or 'object')
            return _with(inner, text=text, region=match.expand(where))
    match = _EXTREME.match(text)
    if match:
        relation = 'farthest from' if match['far'] else 'nearest to'
        anchors = (read_phrase(match['anchor']),)
        return _with(read_phrase(match['head']), text=text, relation=relation, anchors=anchors)
    match = _CLAUSE.match(text)
    if match:
        return _with_clause(match)
    return _read_head(text)


def _with_clause(match: re.Match[str]) -> Phrase:
    relation = next(
        name for name, _ in _RELATION_WORDS if match[name.replace(' ', '_')] is not None
    )
    inner = read_phrase(match['head'])
    parts = re.split(r' and ', match['anchor']) if relation == 'between' else [match['anchor']]
    anchors = tuple(read_phrase(part) for part in parts)
    return _with(inner, text=match[0], relation=relation, anchors=anchors)


def relation_of(match: re.Match[str]) -> str:
    """Name the relation that a pattern made with RELATION has matched."""
    return next(name for name, _ in _RELATION_WORDS if match[name.replace(' ', '_')] is not None)


def _singular(word: str) -> str:
    """Take a plural's ending off: boxes, glasses, cups; glass and bus have none."""
    if word.endswith(('xes', 'sses', 'shes', 'ches')):
        return word[:-2]
    if word.endswith('s') and not word.endswith(('ss', 'us')) and word != 'this':
        return word[:-1]
    return word


def _read_head(text: str) -> Phrase:
    colors: tuple[str, ...] = ()
    noun, pick, rank, number, plural = '', '', 1, None, False
    for word in re.findall(r"[\w']+", text):
        single = _singular(word)
        if word.isdigit():
            number = int(word)
        elif word in _ORDINALS:
            rank = _ORDINALS[word]
        elif word in COLOR_WORDS:
            colors += COLOR_WORDS[word]
        elif word in SUPERLATIVES:
            pick = SUPERLATIVES[word]
        elif single in GENERIC_NOUNS or word in PRONOUNS:
            plural = plural or single != word
        elif word not in _DETERMINERS:
            noun, plural = (noun + ' ' + single).strip(), word != single
    bare = noun.split(' ')[-1]
    if bare in PLANE_NOUNS and not colors:
        return Phrase(text, 'plane', noun=bare, pick=pick, number=number)
    return Phrase(text, 'object', colors, noun, plural, pick, rank, number)


def _with(phrase: Phrase, **changes: object) -> Phrase:
    return Phrase(**{**phrase.__dict__, **changes})


def _coordinates(text: str) -> tuple[float, ...]:
    match = re.fullmatch(
        r'(?:the )?(?:pixel|point|box|region|area|position)?s?(?: at)? ?[\[(]?'
        r'(\d+(?:\.\d+)?(?: ?, ?\d+(?:\.\d+)?)+)[\])]?',
        text,
    )
    if match is None:
        return ()
    numbers = tuple(float(part) for part in match[1].split(','))
    return numbers if len(numbers) in (2, 4) else ()
