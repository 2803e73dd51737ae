# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What is left over of a noun phrase: words that are no part of a name and choose nothing."""

from __future__ import annotations

import re

from ssr_ros.scene.names import singular
from ssr_ros.scene.questions.vocabulary import (
    ARTICLES,
    COLOR_WORDS,
    COUNTED,
    DIMENSIONS,
    FILLING_WORDS,
    GENERIC_NOUNS,
    JOINING_WORDS,
    LINKING_WORDS,
    NO_THINGS,
    one_of,
    OWN_SIDES,
    PARTS,
    PICKS,
    PLACE_WORDS,
    PRONOUNS,
    RANKS,
    SHADES,
)

WORDS = re.compile(r"[\w']+")
_NEXT_SENTENCE = re.compile(r'\. (\w+)')
_HYPHENATED = re.compile(rf'\b(?!non-(?:{one_of(COLOR_WORDS)})\b)\w+(?:-\w+)+')
_ADVERB = re.compile(
    r'\w{3,}(?:ally|tely|tly|sely)|fully|partly|nearly|clearly|almost|hardly|barely|much|quite|rather'
)
_MOST = re.compile(r'\w{3,}est')
_NO_SUPERLATIVES = frozenset(('forest', 'harvest', 'request', 'contest', 'tempest', 'everest'))


def left_over(text: str) -> str:
    """The first word of a noun phrase that is neither its noun nor says which one is meant; ''.

    A noun may have several words and be joined of two, as the can of soup is. What follows
    'object' names nothing any more: 'the red object twice' is more than a red object. No name goes
    on over an article or into the next sentence.
    """
    sentence = _NEXT_SENTENCE.search(text)
    if sentence:
        return str(sentence[1])
    words: list[str] = WORDS.findall(text)
    numbers = [word for word in words if word.isdigit()]
    if len(numbers) > 1:
        return numbers[1]
    compounds = {word for each in _HYPHENATED.findall(text) for word in each.split('-')}
    unknown = [word for i, word in enumerate(words) if not _is_known(words, i)]
    if unknown and singular(unknown[-1]) in NO_THINGS:
        return unknown[-1]
    heads = (i for i, word in enumerate(words) if is_generic(word) and word not in COUNTED)
    head = next(heads, len(words))
    joined = ''
    for place, word in enumerate(words):
        if joined and (word in COLOR_WORDS or (word in PICKS and _is_known(words, place))):
            return joined  # the bottle with the red cap is not red
        of = words[place - 1] if place > 0 else ''
        if (word in PICKS or word in DIMENSIONS) and of.endswith("'s"):
            return of
        if word in ARTICLES and place > 0 and not _goes_before_article(words, place - 1):
            return words[place + 1] if words[place + 1 :] else word
        if _is_known(words, place):
            continue
        joined = joined or (word if word in JOINING_WORDS else '')
        joins = word in JOINING_WORDS and unknown[0] != word != unknown[-1]
        joins = joins and not _is_no_thing(words[place - 1])
        opens = ' '.join(words[place : place + 2]) in ('and the', 'and a')
        links = word in LINKING_WORDS and word not in compounds
        if links and (opens or not joins or head < len(words)):
            return word
        if place > head or is_generic(word.removesuffix("'s")) or _is_remark(word):
            return word
    return _chooses_nothing(words)


def _chooses_nothing(words: list[str]) -> str:
    """The first word that should choose among things and does not, where it stands; ''.

    A place word chooses among what is named after it: the stove top is no topmost stove, and my
    left is no thing at all. Nobody knows other than what the other one is, and a second one is
    second in some order.
    """
    things = [place for place, word in enumerate(words) if _is_thing(words, place)]
    last = things[-1] if things else -1
    for place, word in enumerate(words):
        if singular(word) == 'other' or (word in PLACE_WORDS and place > last):
            return word
    picks = [w for i, w in enumerate(words) if w in PICKS and not is_own_side(words, i)]
    ranks = [word for word in words if word in RANKS]
    if picks[1:] or (ranks and not picks):
        return (picks[1:] or ranks)[0]
    return words[-1] if words and not things and words[-1] in FILLING_WORDS else ''


def _is_thing(words: list[str], place: int) -> bool:
    """Whether a word stands for things, or for one that is known by its colour or number."""
    word = words[place]
    if word[0] in '_0123456789' or word in COLOR_WORDS or (is_generic(word) and word != 'other'):
        return True
    return not _is_known(words, place)


def is_own_side(words: list[str], place: int) -> bool:
    """Whether a word for a place is part of what a thing is called: the front left wheel."""
    sided = OWN_SIDES.get(words[place], frozenset())
    if not sided or place + 1 == len(words):
        return False
    return singular(words[place + 1]) in sided or is_own_side(words, place + 1)


def fills(words: list[str], place: int) -> bool:
    """Whether a word chooses nothing where it stands."""
    word = words[place]
    if word in SHADES:
        return words[place + 1 : place + 2] != [] and words[place + 1] in COLOR_WORDS
    return word in FILLING_WORDS


def is_generic(word: str) -> bool:
    """Whether a word stands for any thing: 'object', 'one', 'it'."""
    return singular(word) in GENERIC_NOUNS or word in PRONOUNS


def _is_known(words: list[str], place: int) -> bool:
    """Whether a word singles out, chooses nothing, stands for any thing or is a known name."""
    word = words[place]
    if word == 'of':
        return place > 0 and words[place - 1] in FILLING_WORDS | COUNTED
    if word[0] in '_0123456789' or is_generic(word) or fills(words, place):
        return True
    if is_own_side(words, place):
        return False
    return any(word in some for some in (RANKS, COLOR_WORDS, PICKS))


def _goes_before_article(words: list[str], place: int) -> bool:
    """Whether an article may follow a word: 'all the mugs', 'the pillow with the face'."""
    word = words[place]
    return word in FILLING_WORDS or word in COUNTED or word in JOINING_WORDS


def _is_no_thing(word: str) -> bool:
    """Whether a word names where or how much a thing is: the edge of a table is no thing."""
    return word in PARTS or word in DIMENSIONS or singular(word) in NO_THINGS


def _is_remark(word: str) -> bool:
    """Whether a word says how, or chooses by what nobody measures: 'diagonally', 'thickest'."""
    most = _MOST.fullmatch(word) and word not in _NO_SUPERLATIVES
    return bool(most or _ADVERB.fullmatch(word))
