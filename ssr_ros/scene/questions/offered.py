# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The answers that a question offers: one of them is right, whatever the scene."""

from __future__ import annotations

from itertools import permutations

from ssr_ros.scene.questions.query import Kind, Query, Refusal
from ssr_ros.scene.questions.wording import sentence

YES_OR_NO: frozenset[Kind] = frozenset(
    ('is more', 'is beyond', 'is most', 'on side', 'related', 'number is', 'exists', 'empty')
)
SIDES = {
    'left of': ('Left.', 'Right.'),
    'above': ('Above.', 'Below.'),
    'in front of': ('In front.', 'Behind.'),
}


def offered(query: Query | Refusal) -> tuple[str, ...]:
    """Return the answers that a question offers, as sentences; none where it is open.

    "Which is nearer, A or B?" offers the two as it calls them, an order of three all orders of
    them. Two questions in one sentence offer nothing.
    """
    if isinstance(query, Refusal) or query.then is not None:
        return ()
    if query.kind in YES_OR_NO:
        return 'Yes.', 'No.'
    if query.kind == 'which side':
        return SIDES['left of']
    if query.kind == 'which side of':
        return SIDES[query.what]
    things = [each.text for each in (query.a, query.b, query.c) if each is not None]
    if query.kind == 'which':
        things = things[:2]  # the third is where it is measured from
    if len(set(things)) < max(2, len(things)):
        return ()
    if query.kind in ('which', 'which of three'):
        return tuple(map(sentence, things))
    if query.kind == 'order':
        return tuple(sentence(', '.join(one)) for one in permutations(things))
    return ()
