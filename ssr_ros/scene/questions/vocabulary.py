# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The words that are known, and what they mean: colours, nouns, comparisons, relations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, TypeVar

Meaning = TypeVar('Meaning', bound=str)

LengthUnit = Literal['mm', 'cm', 'm', 'km', 'in', 'ft', 'yd']
Dimension = Literal['width', 'depth', 'height']
Aspect = Literal[Dimension, 'distance', 'area', 'place']
"""What is compared: 'area' is that of the front, 'place' the height of the centre."""

SizeTrait = Literal[
    'taller', 'shorter', 'wider', 'narrower', 'deeper', 'shallower', 'bigger', 'smaller'
]
Trait = Literal[SizeTrait, 'closer', 'farther', 'higher', 'lower']
PlacePick = Literal['nearest', 'farthest', 'left', 'right', 'middle', 'topmost', 'lowest']
SizePick = Literal['tallest', 'shortest', 'widest', 'narrowest', 'deepest', 'biggest', 'smallest']
Pick = Literal[PlacePick, SizePick]
Order = Literal['left of', 'right of', 'above', 'below', 'in front of', 'behind']
"""A relation that has a converse, and that is so by a length."""

Contact = Literal['on', 'touching', 'beside']
MoreThan = Literal[
    'taller than',
    'shorter than',
    'wider than',
    'narrower than',
    'deeper than',
    'shallower than',
    'bigger than',
    'smaller than',
    'closer than',
    'farther than',
    'higher than',
    'lower than',
]
Relation = Literal[
    Order, Contact, MoreThan, 'between', 'nearest to', 'farthest from', 'colored as'
]

Region = Literal['left', 'right', 'top', 'bottom', 'middle', 'front', 'back']
Comparison = Literal['more than', 'less than', 'at least', 'at most', 'exactly']

CONVERSE: dict[str, str] = {}
for _one, _other in (
    ('taller', 'shorter'),
    ('wider', 'narrower'),
    ('deeper', 'shallower'),
    ('bigger', 'smaller'),
    ('closer', 'farther'),
    ('higher', 'lower'),
    ('left of', 'right of'),
    ('above', 'below'),
    ('in front of', 'behind'),
    ('left', 'right'),
):
    CONVERSE |= {_one: _other, _other: _one}


def _by_word(words: Mapping[Meaning, str]) -> dict[str, Meaning]:
    """Turn 'meaning: its words' round."""
    return {word: meaning for meaning, text in words.items() for word in text.split()}


def words(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


def one_of(words: Iterable[str]) -> str:
    """A pattern that fits any of some words, the longest first."""
    return '|'.join(sorted(words, key=len, reverse=True))


ASPECTS: dict[Trait, tuple[Aspect, int]] = {
    'taller': ('height', 1),
    'shorter': ('height', -1),
    'wider': ('width', 1),
    'narrower': ('width', -1),
    'deeper': ('depth', 1),
    'shallower': ('depth', -1),
    'bigger': ('area', 1),
    'smaller': ('area', -1),
    'closer': ('distance', -1),
    'farther': ('distance', 1),
    'higher': ('place', 1),
    'lower': ('place', -1),
}
"""What a trait compares, and whether more of it (1) or less (-1) is more so."""

_TRAIT_WORDS: dict[Trait, str] = {
    'taller': 'taller tallest tall',
    'shorter': 'shorter shortest short',
    'wider': 'wider widest wide broader broadest broad longer longest long',
    'narrower': 'narrower narrowest narrow thinner thinnest thin slimmer',
    'deeper': 'deeper deepest deep',
    'shallower': 'shallower shallowest shallow',
    'bigger': 'bigger biggest big larger largest large greater',
    'smaller': 'smaller smallest small',
    'closer': 'closer closest nearer nearest close near',
    'farther': 'farther farthest far distant remote',
    'higher': 'higher highest high',
    'lower': 'lower lowest low',
}
TRAITS = _by_word(_TRAIT_WORDS)

_PICK_WORDS: dict[Pick, str] = {
    'nearest': 'nearest closest closer nearer front',
    'farthest': 'farthest remotest farther back rear',
    'left': 'leftmost left',
    'right': 'rightmost right',
    'middle': 'middle center central',
    'topmost': 'topmost highest uppermost higher top upper',
    'lowest': 'lowest lower bottom',
    'tallest': 'tallest taller',
    'shortest': 'shortest shorter',
    'widest': 'widest broadest longest wider',
    'narrowest': 'narrowest thinnest narrower',
    'deepest': 'deepest',
    'biggest': 'biggest largest bigger larger',
    'smallest': 'smallest tiniest smaller',
}
PICKS = _by_word(_PICK_WORDS)

_DIMENSION_WORDS: dict[Literal[Dimension, 'size', 'volume'], str] = {
    'width': 'wide broad width breadth long length diameter',
    'height': 'tall high height',
    'depth': 'deep depth thick thickness',
    'size': 'big large size dimension dimensions extent small',
    'volume': 'volume',
}
DIMENSIONS = _by_word(_DIMENSION_WORDS)

_COLOR_WORDS = {
    'black': 'black',
    'gray': 'gray silver',
    'white': 'white silver beige cream',
    'red': 'red crimson scarlet maroon',
    'orange': 'orange wooden',
    'brown': 'brown maroon tan wooden beige',
    'yellow': 'yellow golden gold cream',
    'green': 'green olive turquoise teal cyan',
    'blue': 'blue navy turquoise teal cyan',
    'purple': 'purple violet lilac magenta',
    'pink': 'pink magenta',
}
COLOR_WORDS: dict[str, tuple[str, ...]] = {
    word: tuple(color for color, words in _COLOR_WORDS.items() if word in words.split())
    for text in _COLOR_WORDS.values()
    for word in text.split()
}
NEAR_COLORS = {
    'black': 'gray',
    'gray': 'black white',
    'white': 'gray yellow',
    'red': 'orange pink brown',
    'orange': 'red brown yellow',
    'brown': 'orange red black',
    'yellow': 'orange white',
    'green': '',
    'blue': 'purple',
    'purple': 'blue pink',
    'pink': 'red purple',
}
"""Colours that a camera may show where a person says the first one."""

PLANE_NOUNS = _by_word(
    {
        'floor': 'floor ground carpet',
        'table': 'table tabletop desk surface counter countertop worktop shelf board support '
        'bench workbench',
        'wall': 'wall',
        'ceiling': 'ceiling',
    }
)
ALONE = words('board ground support')
"""Of these those that are no surface with another noun before them: a bulletin board."""

ANY_SURFACE = words('surface support')
"""Of the words for tables those that a floor is called, too."""

USUAL_WIDTHS_CM = {
    'cup': (6, 12),
    'mug': (7, 14),
    'glass': (5, 10),
    'bottle': (5, 12),
    'can': (5, 10),
    'jar': (5, 14),
    'bowl': (10, 28),
    'plate': (16, 30),
    'saucer': (11, 18),
    'vase': (6, 22),
    'teapot': (12, 28),
    'kettle': (13, 28),
    'candle': (2, 12),
}
"""How wide things with a round foot are, the narrowest and the widest that people usually mean."""

CAMERA_WORDS = words(
    'me you i us camera robot here yourself myself sensor lens viewer observer'
) | {'my position', 'your position'}
GENERIC_NOUNS = words(
    'object thing item one obstacle something anything everything stuff body element entity '
    'nothing someone anyone two other rest'
)
COUNTED = words('one two other rest')
"""Of these those that stand for things, or count some: 'the red one', 'one of the mugs'."""

PRONOUNS = words('it that this')
GROUPS = words('them they these those both') | {'both of them', 'the two'}
FILLING_WORDS = words(
    'the a an any some my your all of visible other single big large small little tall very far '
    'extreme there different separate many total number each every these those that this colored '
    'two three both four away his her our their'
)
"""Words of a noun phrase that choose nothing."""

SHADES = words('dark light bright')
"""Words that choose nothing before a colour: alone a light is a thing, as a traffic light is."""

PLACE_WORDS = words('front back rear left right middle center central top upper lower bottom')
"""Words that pick by place where they stand before what they pick: 'my left' is no thing."""

OWN_SIDES = {
    **dict.fromkeys(
        words('front back rear'),
        words('door wheel tire seat leg yard garden entrance gate bumper light pocket page'),
    ),
    **dict.fromkeys(
        words('left right'),
        words('hand foot arm leg eye ear shoe boot sock glove sleeve wing wheel'),
    ),
}
"""Things of which people call one by its side, wherever it is seen: the front door, the left
shoe."""

VAGUE_SIZES = words('big large small little tall')
"""Of these those by which nothing can be counted: nobody knows from which size on."""

ARTICLES = words('the a an my your this these those')
PARTS = words(
    'edge corner side center middle top bottom end front back face surface part half tip point'
)
"""Parts of a thing that nobody points at: how far its edge is, is not how far the thing is."""

NO_THINGS = words(
    'distance difference gap measurement position location relationship relation angle ratio term '
    'room space area region spot inch foot meter'
)
"""What is measured of things or between them, and is none."""

JOINING_WORDS = words('of with for in and')
"""What may join two nouns to one name: 'can of soup', 'cup with handle'."""

LINKING_WORDS = JOINING_WORDS | words(
    'or but nor than as is are was were be been being am has have had do does did could will '
    'would should must might i we he she they them to from without into at by via if when while '
    'because so who whose what where how why which not no only just even else except besides '
    'apart again also too ever never less most between within inside outside beyond about '
    'around toward towards through during half twice times degrees percent on up down along '
    'across against above below under over near behind beside next non another its located '
    'positioned situated facing based compared relative according measured fit fits least best '
    'worst'
)
"""Words that are no part of a name: who says them says more than what a thing is."""

_NUMBER_WORDS = {
    'zero': 0.0,
    'a': 1.0,
    'an': 1.0,
    'half a': 0.5,
    'half an': 0.5,
    'a quarter of a': 0.25,
    'one and a half': 1.5,
    'a couple of': 2.0,
    'twelve': 12.0,
    'fifteen': 15.0,
    'twenty': 20.0,
    'thirty': 30.0,
    'forty': 40.0,
    'fifty': 50.0,
    'hundred': 100.0,
}
_ONE_TO_TEN = 'one two three four five six seven eight nine ten'
SMALL_NUMBERS = {word: number for number, word in enumerate(_ONE_TO_TEN.split(), 1)}
NUMBER_WORDS = {**_NUMBER_WORDS, **{word: float(n) for word, n in SMALL_NUMBERS.items()}}
ORDINALS = ('', '', 'second', 'third', 'fourth', 'fifth')
RANKS = {'first': 1, '1st': 1, '2nd': 2, '3rd': 3, '4th': 4, '5th': 5} | {
    word: rank for rank, word in enumerate(ORDINALS) if word
}
