# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A rationale in so few words that latents can say it.

Latents have no room for sentences, and an answer alone is little to learn from: of two distances
"the red mug" keeps only which is less. A brief holds the figures that a rationale states of each
thing that its question names, in that order, and then the answer: ' 1.43 m 95 cm 2'. Who reads it
can compare for himself. An answer that is one of these things is told by its number in the
question: Mamba would have to spell a name that it has read, and the VLM, which answers, sees the
question too and can copy from it.
"""

from __future__ import annotations

from dataclasses import replace
import re

from training.data.rows import Row
from training.data.stand_ins import renamed

_SPARE = re.compile(r'(, )?\bthe\b|[.]$', re.IGNORECASE)
_SENTENCE = re.compile(r'(?<=[.]) ')
_STATED = (
    re.compile(r' is ([\d.]+ c?m) away'),
    re.compile(r' is (.+) wide, (.+) deep and (.+) high'),
    re.compile(r' lies (\d+)° to the (left|right)'),
    re.compile(r' lies (straight ahead)'),
)
_SIZES = _STATED[1]


def in_fewer_words(text: str) -> str:
    """Leave out 'the' and the last stop, as in a note: 'The red mug, the box.' -> ' red mug box'.

    What is left is cut by a tokenizer as it was in the sentence.
    """
    return _SPARE.sub('', text)


def in_brief(row: Row) -> str:
    """Return the figures that a rationale states of the things that are compared, and the answer.

    Every word has a space before it. Of a question about one thing the answer is all.
    """
    things = row.meta.get('subjects', ())
    if len(things) < 2 or row.meta.get('family') == 'inventory':
        return f' {in_fewer_words(row.answer).strip()}'
    sentences = _SENTENCE.split(row.rationale)
    figures = [figure for thing in things for figure in _stated(thing, sentences)]
    numbers = {thing: str(number) for number, thing in enumerate(things, 1)}
    answer = in_fewer_words(renamed(row.answer, numbers)).strip()
    return ''.join(f' {word}' for word in (*figures, answer))


def briefly(row: Row, index: int) -> Row:
    """Put the brief in the answer's place: what latents are told."""
    return replace(row, answer=in_brief(row))


def _stated(thing: str, sentences: list[str]) -> list[str]:
    own = [sentence for sentence in sentences if sentence.startswith(f'The {thing} ')]
    found = [(form, stated) for text in own for form in _STATED if (stated := form.search(text))]
    return [
        figure.removesuffix(' cm') if form is _SIZES else figure
        for form, stated in found
        for figure in stated.groups()
    ]
