# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""From the words of a question to what it asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
import re
from typing import TypeGuard
import unicodedata

from ssr_ros.question import clean_question, MAX_CHARS
from ssr_ros.scene.names import plain_name
from ssr_ros.scene.questions.asides import EYES
from ssr_ros.scene.questions.called import mark_names
from ssr_ros.scene.questions.families import READERS
from ssr_ros.scene.questions.joined import claims, Halves, halves
from ssr_ros.scene.questions.patterns import pattern
from ssr_ros.scene.questions.phrase_reading import read_phrase
from ssr_ros.scene.questions.query import Joined, lengths_of, phrases_of, Query, Refusal
from ssr_ros.scene.questions.rewording import reworded
from ssr_ros.scene.questions.spelling import (
    asked_unit,
    lengths_in,
    mark_lengths,
    plain,
    spoken,
)
from ssr_ros.scene.questions.typos import misspelt
from ssr_ros.scene.questions.unmeasured import instead
from ssr_ros.scene.questions.vocabulary import words
from ssr_ros.scene.questions.wanted import may_be, wanted
from ssr_ros.scene.questions.wording import given, sentence

_NOT_FROM_GEOMETRY = 'I cannot answer this from geometry'
NOT_READ = Refusal(
    f'{_NOT_FROM_GEOMETRY}: I measure places, distances, sizes, colours and counts of what the '
    'depth shows'
)
WITH_NOT = Refusal(
    'I answer questions with "not" only where it leaves things out, as in "which objects are not '
    'on the table": please ask it without'
)
FROM_ELSEWHERE = Refusal(
    "Left, right, in front and behind are the camera's here, above and below are along gravity: I "
    'do not know what they are for other eyes, nor in the picture alone',
    'related',
)
NOT_ENGLISH = Refusal('I read questions in English only')
SEVERAL = Refusal(
    'I answer at most two questions at a time, and these only if I can read both: please ask '
    'them one by one'
)
MOST_WORDS = 100
TOO_LONG = Refusal(
    f'I read questions of at most {MOST_WORDS} words and {MAX_CHARS} characters: please ask a '
    'shorter one'
)
_FOREIGN = words(
    'der das dem ist sind wie wo welche welcher welches und oder eine einen nicht weit rechts von '
    'zum zur wieviel le la les est sont où quel quelle combien une du dans sur el los las está '
    'dónde cuál cuánto cuántos qué una del il gli dove quanto quale quanti della onde qual '
    'quantos não uma het een hoe waar hoeveel'
)
"""Little words of other languages, none of them English."""

_NEXT_QUESTION = pattern(
    r"""(?:,?[ ](?:and|or)[ ]|[.,:][ ](?:and[ ])?)
    (?=(?:how|what|which|where|who|is|are|can|does|do)\b)"""
)
_OTHER_EYES = pattern(
    rf"""\bfrom (?:the |its |his |her )?(?:\S+[ ]){{0,4}}?{EYES}\b
    |\bif (?:i|you|we) (?:were|(?:am |are )?(?:stand|sit|fac)(?:ing|e)?)\b
    |^(?:standing|sitting) (?:at|by|behind|next|on)\b|^facing[ ]"""
)
_BY_HOW_MUCH = pattern('[.,]?(?:[ ]and)? by how much$')
_IT = pattern(r'\bit\b(?! (?:to|from|until|between)\b)')
_THEY = pattern(r'\b(?:they|them)\b')
_NAMED_BEFORE = pattern(
    '^(?:i see|i have|we see|there is|here is|look at|take|consider|about)? ?(?P<np>.+)$'
)


def parse(question: str, names: Sequence[str] = ()) -> Query | Refusal:
    """Read a question in plain English, or two.

    A question is brought into one spelling, then tried against families of patterns; the first
    that fits reads it. Of two questions in one sentence both are read or none.

    Args:
        question: in words.
        names: what things are called: names are read as they are, whatever words they hold.

    Raises:
        QuestionError: it is no question in words; see clean_question.
    """
    text = plain(clean_question(question))
    if len(re.findall(r'\w+', text)) > MOST_WORDS or len(text) > MAX_CHARS:
        return TOO_LONG
    text = _BY_HOW_MUCH.sub('', reworded(text))
    if _is_foreign(text, names):
        return NOT_ENGLISH
    if re.search(r'\b(?:is|are) there no(?:thing|body|ne)?\b', text):
        return WITH_NOT
    if _OTHER_EYES.search(text):
        return FROM_ELSEWHERE
    parts = _NEXT_QUESTION.split(text)
    if len(parts) == 1:
        return _one_or_joined(text, names)
    first = _read(parts[0], names)
    if isinstance(first, Query):
        return _both(first, parts[1:], names)
    whole = _read(_about(parts[0], parts[1:]), names)
    return whole if isinstance(whole, Query) else _read(text, names)


def _both(first: Query, others: list[str], names: Sequence[str]) -> Query | Refusal:
    """Put two questions together; 'it' and 'they' in the second are what the first is about."""
    asked = others[0]
    if first.kind != 'pair' and first.a is not None and first.a.kind == 'object':
        name = re.sub('^(?:a|an|any|some|all) (?:the )?', 'the ', first.a.text)
        of_two = first.b is not None and first.b.kind == 'object' and not first.a.plural
        asked = _IT.sub(name, asked)
        asked = _THEY.sub(f'{name} and {first.b.text}' if first.b and of_two else name, asked)
    second = _read(asked, names)
    if first.kind == 'pair' and _is_their_distance(second) and not others[1:]:
        return replace(first, unit=second.unit or first.unit)  # it is told of them anyway
    chosen = first.kind in ('which', 'which of several') and _IT.search(others[0])
    chosen = chosen or (first.kind == 'pair' and _THEY.search(asked))
    if isinstance(second, Refusal) or others[1:] or chosen:
        return SEVERAL
    return replace(first, then=second)


def _is_their_distance(query: Query | Refusal) -> TypeGuard[Query]:
    """Whether it is asked how far 'they' are apart, from the end of one to that of the other."""
    if isinstance(query, Refusal) or query.kind != 'apart' or query.a is None:
        return False
    return query.a.kind == 'group' and query.what == 'gap'


def _one_or_joined(text: str, names: Sequence[str]) -> Query | Refusal:
    """Read one question, or one that asks the same of two things.

    Where it says so, it is not read otherwise: 'are both A and B within 1 m' is not about the
    distance between them.
    """
    ways = list(halves(text))
    whole = None if ways and ways[0].is_said else _read(text, names)
    if isinstance(whole, Query):
        return whole
    for way in ways:
        of_each = _of_each(way, names)
        if of_each is not None:
            return of_each
    for joined, first, other in claims(text):
        of_one = _of_one(joined, first, other, names)
        if of_one is not None:
            return of_one
    return whole or _read(text, names)


def _of_each(way: Halves, names: Sequence[str]) -> Query | None:
    """Read both halves of a question, if each asks for yes or no, and of its thing."""
    found = []
    for thing, question in zip(way.things, way.questions, strict=True):
        query = _read(question, names)
        if isinstance(query, Refusal) or not may_be('yes or no', query.kind):
            return None
        if query.a is None or query.a.text != thing:
            return None
        found.append(query)
    return replace(found[0], then=found[1], joined=way.joined)


def _of_one(joined: Joined, first: str, other: str, names: Sequence[str]) -> Query | None:
    """Read a question that says two things of one, unless the second may be said of another."""
    one = _read(first, names)
    if isinstance(one, Refusal) or not may_be('yes or no', one.kind) or one.a is None:
        return None
    others = [phrase for phrase in (one.b, one.c) if phrase is not None]
    if any(phrase.relation or phrase.region or phrase.bound for phrase in (one.a, *others)):
        return None
    if one.b is not None:
        other = _IT.sub(one.b.text, other)
    two = _read(f'{first.split(" ")[0]} {one.a.text} {other}', names)
    if isinstance(two, Refusal) or not may_be('yes or no', two.kind) or two.a is None:
        return None
    return replace(one, then=two, joined=joined) if two.a.text == one.a.text else None


def _about(before: str, questions: list[str]) -> str:
    """Put what is named before a question into it: 'the red box: how far is it'."""
    named = _NAMED_BEFORE.match(before)
    phrase = read_phrase(named['np']) if named else None
    if named is None or phrase is None or len(questions) > 1 or not _IT.search(questions[0]):
        return ''
    return _IT.sub(re.sub('^(?:a|an) ', 'the ', named['np']), questions[0])


def _read(text: str, names: Sequence[str]) -> Query | Refusal:
    """Read one question: no reader may leave out a word of a phrase, nor answer another one.

    Nor may one leave out a length.
    """
    nots = len(re.findall(r'\bnot\b', text))
    answer, left_out = wanted(text), WITH_NOT if nots else NOT_READ
    text, unit = asked_unit(mark_lengths(mark_names(text, names)))
    for reader in READERS:
        query = reader(text)
        if query is None or not may_be(answer, query.kind):
            continue
        if nots > sum(phrase.without is not None for phrase in phrases_of(query)):
            continue
        unread = next((phrase for phrase in phrases_of(query) if phrase.unread), None)
        lost = set(lengths_in(text)) - lengths_of(query)
        if unread is None and not lost:
            return replace(query, unit=unit)
        if left_out is NOT_READ:
            what, rest = spoken(text), given(max(lost, default=0.0))
            if unread is not None:
                what, rest = unread.text, spoken(unread.unread)
            ask = sentence(instead(spoken(text)) or 'please ask it in other words')[:-1]
            left_out = Refusal(
                f'I understand "{what}" only in part: "{rest}" is left over. {ask}', query.kind
            )
    why = (instead(spoken(text)) or misspelt(text)) if left_out is NOT_READ else ''
    return Refusal(f'{_NOT_FROM_GEOMETRY}: {why}') if why else left_out


def _is_foreign(text: str, names: Sequence[str]) -> bool:
    """Whether a text is not English, names left out: by its letters, or by its little words."""
    for name in names:
        text = text.replace(plain_name(name), ' ')
    letters = {character for character in text if character.isalpha()}
    if any('LATIN' not in unicodedata.name(letter, '') for letter in letters):
        return True
    return not _FOREIGN.isdisjoint(re.findall(r'\w+', text))
