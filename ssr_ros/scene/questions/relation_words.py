# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""How one thing stands to another, in words."""

from __future__ import annotations

import re

from ssr_ros.scene.questions.patterns import named
from ssr_ros.scene.questions.vocabulary import Relation

_JUST = '(?:directly |just |immediately )?'
_BY = '(?:(?<=placed )|(?<=located )|(?<=situated )|(?<=positioned )|(?<![a-z]{3}ed ))by'
"""What is covered or surrounded by a thing is not told to be beside it."""

RELATION_WORDS: dict[Relation, str] = {
    'right of': rf'{_JUST}(?:(?:to|on|at) (?:the |its )?)?right(?: side)? of',
    'left of': rf'{_JUST}(?:(?:to|on|at) (?:the |its )?)?left(?: side)? of',
    'in front of': '(?:directly |just |right )?(?:in front of|before|ahead of)',
    'behind': '(?:directly |just |right )?(?:behind|in back of|at the back of)',
    'above': '(?:directly |just |right )?(?:above|over)',
    'below': '(?:directly |just |right )?(?:below|under|underneath|beneath)',
    'on': '(?:(?:resting|standing|sitting|lying|placed|hanging|stacked) on|on top of|upon|'
    'supported by|on)',
    'touching': '(?:touching|in (?:direct |physical )?contact with|leaning on|leaning against'
    '|against)',
    'beside': '(?:directly |just |right |immediately )?'
    f'(?:next to|beside|alongside|adjacent to|near to|near|close to|{_BY})',
    'between': '(?:in between|between)',
    'nearest to': '(?:closest to|nearest to)',
    'farthest from': '(?:farthest from|farthest away from)',
}
RELATION = named(RELATION_WORDS)


def relation_of(match: re.Match[str]) -> Relation:
    """Name the relation that a pattern made with RELATION has matched."""
    return next(name for name in RELATION_WORDS if match[name.replace(' ', '_')] is not None)
