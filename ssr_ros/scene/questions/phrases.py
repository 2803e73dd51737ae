# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Noun phrases: what a question speaks of."""

from __future__ import annotations

from dataclasses import dataclass
import re
from typing import Literal

from ssr_ros.scene.questions.vocabulary import Aspect, Pick, Region, Relation

_ANY = re.compile(r'(?:an?|any|some|anything|something|anyone|someone|nothing)\b')
PhraseKind = Literal['object', 'camera', 'plane', 'pixel', 'box', 'group', 'several']


@dataclass(frozen=True, kw_only=True)
class Bound:
    """A least or a largest value of what a phrase means: 'within 1 m', 'taller than 20 cm'.

    Attributes:
        aspect: 'distance' (from the anchor, where there is one), 'height' or 'width'.
        least: whether the value must be larger than the bound, not smaller.
        length_m: the bound, metres.
    """

    aspect: Aspect
    least: bool
    length_m: float


@dataclass(frozen=True, kw_only=True)
class Phrase:
    """What a noun phrase asks for.

    Attributes:
        text: the words, to be said back.
        kind: 'object', 'camera', 'plane', 'pixel', 'box', 'group' (a pronoun for several) or
            'several' (a list of things, which are its anchors).
        colors: colour names that fit, () for any.
        loosely: whether its colour has no name here: turquoise is green or blue, and not all green
            is turquoise.
        noun: a noun that names a kind of thing, which geometry cannot tell; '' for 'object'. A
            name that is known ('coffee can') is taken whole.
        plural: whether several are meant.
        pick: what singles it out, or None.
        rank: 2 for 'second nearest'.
        number: of 'red object 2', or None.
        region: the part of the view that it lies in, or None.
        relation: how it stands to the anchors, or None.
        anchors: the phrase after the relation or the bound; two after 'between'.
        bound: a bound on its size or distance, or None.
        numbers: pixel or box coordinates.
        also: what it must be besides: 'left of A' of what is 'behind B and left of A'.
        either: of which it must be one: 'red things' and 'cups', where it is either.
        without: what is left out of it ('other than the mug', 'that are not red'), or None.
        vague: a word for a size that nobody can measure by ('small'), or ''.
        unread: the first word that says something which none of these fields holds ('twice'), or
            ''. A question with such a phrase is not what it was taken for.
    """

    text: str
    kind: PhraseKind = 'object'
    colors: tuple[str, ...] = ()
    loosely: bool = False
    noun: str = ''
    plural: bool = False
    pick: Pick | None = None
    rank: int = 1
    number: int | None = None
    region: Region | None = None
    relation: Relation | None = None
    anchors: tuple[Phrase, ...] = ()
    bound: Bound | None = None
    numbers: tuple[float, ...] = ()
    also: tuple[Phrase, ...] = ()
    either: tuple[Phrase, ...] = ()
    without: Phrase | None = None
    vague: str = ''
    unread: str = ''

    @property
    def indefinite(self) -> bool:
        """Whether any object would do: 'anything', 'an object', 'a red thing'."""
        return bool(_ANY.match(self.text)) and not (self.pick or self.number)
