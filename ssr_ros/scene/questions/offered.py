# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The answers that a question offers: one of them is right, whatever the scene.

And the other way to ask it: who is asked "Which is nearer, A or B?" should say nothing else to
"B or A?". A model's answer leans to what is named first, or last; asked both ways, it does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations
import re
from typing import get_args

from ssr_ros.scene.questions.parsing import parse
from ssr_ros.scene.questions.query import Query, Refusal
from ssr_ros.scene.questions.vocabulary import Order
from ssr_ros.scene.questions.wanted import YES_OR_NO
from ssr_ros.scene.questions.wording import sentence

MOST_ORDERED = 3
"""Of four things there are 24 orders: too many to choose among."""

SIDES = {
    'left of': ('Left.', 'Right.'),
    'above': ('Above.', 'Below.'),
    'in front of': ('In front.', 'Behind.'),
}


@dataclass(frozen=True)
class Way:
    """A way to ask a question.

    Attributes:
        text: the question.
        answers: that it offers; those in one place mean the same in all ways.
    """

    text: str
    answers: tuple[str, ...]


def ways(question: str) -> tuple[Way, ...]:
    """Return the ways to ask a question that offers its answers; none where it is open.

    The first is its own. The second, of a comparison, has the two things exchanged.
    """
    query = parse(question)
    answers = offered(query)
    if not answers or isinstance(query, Refusal):
        return ()
    own, exchanged = Way(question, answers), _exchanged(question, query)
    if exchanged is None:
        return (own,)
    return own, Way(exchanged, answers if query.kind == 'which' else answers[::-1])


def _exchanged(question: str, query: Query) -> str | None:
    """Return a question about two things with each in the other's place, where that is one."""
    turns = query.kind in ('which', 'is more', 'which side of')
    if not turns and not (query.kind == 'related' and query.what in get_args(Order)):
        return None
    if query.a is None or query.b is None or query.bound_m is not None:
        return None  # neither of two may be 10 cm taller than the other
    a, b = query.a.text, query.b.text
    either = re.compile(rf'\b(?:{re.escape(a)}|{re.escape(b)})\b', re.IGNORECASE)
    found = [name.lower() for name in either.findall(question)]
    if sorted(found) != sorted((a.lower(), b.lower())):
        return None
    return either.sub(lambda name: b if name[0].lower() == a.lower() else a, question)


def offered(query: Query | Refusal) -> tuple[str, ...]:
    """Return the answers that a question offers, as sentences; none where it is open.

    "Which is nearer, A or B?" offers the two as it calls them, an order of three all orders of
    them, one of more none. Two questions in one sentence offer nothing.
    """
    if isinstance(query, Refusal) or query.then is not None:
        return ()
    if query.kind in YES_OR_NO:
        return 'Yes.', 'No.'
    if query.kind == 'which side':
        return SIDES['left of']
    if query.kind == 'which side of':
        return SIDES[query.what]
    listed = query.a.anchors if query.a is not None and query.a.kind == 'several' else ()
    both = [each for each in (query.a, query.b) if each is not None]
    things = [each.text for each in (both if query.kind == 'which' else listed)]
    if len(set(things)) < max(2, len(things)):
        return ()
    if query.kind in ('which', 'which of several'):
        return tuple(map(sentence, things))
    if query.kind == 'order' and len(things) <= MOST_ORDERED:
        return tuple(sentence(', '.join(one)) for one in permutations(things))
    return ()
