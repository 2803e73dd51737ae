# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Which of several things is the most so."""

from __future__ import annotations

import re
from typing import cast

from ssr_ros.scene.questions import wording
from ssr_ros.scene.questions.asked import Asked
from ssr_ros.scene.questions.cannot_tell import CannotTell
from ssr_ros.scene.questions.evidence import MeasuredAnswer
from ssr_ros.scene.questions.families.comparing import (
    apart,
    lead,
    origin_in,
    quantity_of,
    said,
    whence,
)
from ssr_ros.scene.questions.phrase_reading import several
from ssr_ros.scene.questions.query import Query
from ssr_ros.scene.questions.reader import reads
from ssr_ros.scene.questions.vocabulary import (
    ASPECTS,
    CONVERSE,
    one_of,
    ORDINALS,
    RANKS,
    Trait,
    TRAITS,
)

_ADJ = rf'(?:(?P<rank>{one_of(RANKS)})[ -])?(?P<adj>{one_of(TRAITS)})'
_TO = '(?: (?:to|from) (?P<c>(?:the )?[^,:()]+?))?'
_ONE = '(?: one| object| thing| item)?'
_OR = '(?:, (?:or |and )?| or )'
_LIST = (
    r'(?P<list>(?!(?:to|from|than|away|one|object)\b)'
    rf'[^,:()]+?(?:{_OR}[^,:()]+?)+(?:{_OR}| and )[^,:()]+?)'
)
_THESE = (
    '(?:them|(?:the |these |those )?(?:three|four|five|objects|things|items|ones)|these|those)'
)
_NEXT = re.compile(r', (?:or |and )?| or | and ')


@reads(
    rf"""^(?:which|what|who){_ONE} (?:is|looks|stands|lies) (?:the )?{_ADJ}{_ONE}(?: away)?
    {_TO} (?:of|among|out of) {_LIST}$""",
    rf"""^(?:which|what|who){_ONE}(?: of {_THESE})?[ ]
    (?:is|looks|stands|lies|seems) (?:the )?{_ADJ}{_ONE}(?: away)?{_TO}
    (?:[ ]?[,:]|[ ]-)[ ]{_LIST}$""",
    rf"""^(?:which|what|who){_ONE}(?: of {_THESE})?[ ]
    (?:is|looks|stands|lies|seems) (?:the )?{_ADJ}{_ONE}(?: away)?[ ]{_LIST}$""",
    rf"""^(?:which|what) of (?:{_THESE} \()?{_LIST}\)? is (?:the )?{_ADJ}{_ONE}(?: away)?
    {_TO}$""",
    rf"""^(?:between |of |among |out of )?{_LIST}[ ]?[,:] (?:which|what){_ONE}
    (?: of them)? is (?:the )?{_ADJ}{_ONE}(?: away)?{_TO}$""",
    rf'^(?:is|are) {_LIST} (?:the )?{_ADJ}(?: one)?{_TO}$',
)
def read_which_of_several(match: re.Match[str]) -> Query | None:
    """Which is tallest, A, B or C? Which of these (A, B, C, D) is closest to E?"""
    things = several([words.strip() for words in _NEXT.split(match['list'])])
    questions = re.search(r'\b(?:which|what)\b', match['list'])
    if questions or any(thing.kind != 'object' for thing in things.anchors):
        return None
    rank = RANKS[match['rank'] or 'first']
    return Query(
        kind='which of several',
        what=TRAITS[match['adj']],
        a=things,
        c=origin_in(match),
        number=rank if rank > 1 else None,
    )


def which_of_several(asked: Asked) -> MeasuredAnswer:
    """Say which of some objects is more so than all others, or than all but one or two.

    Raises:
        CannotTell: there are not so many.
    """
    things, origin, rank = asked.several(), whence(asked), asked.query.number or 1
    trait = cast(Trait, asked.what)
    aspect, sense = ASPECTS[trait]
    if rank > len(things):
        raise CannotTell(f'You name {wording.count(len(things), "object")} only')
    values = [quantity_of(asked.survey, t, aspect, origin).value for t in things]
    ranked = sorted(range(len(things)), key=lambda index: -sense * values[index])
    others = [things[index] for index in ranked]
    winner = others.pop(rank - 1)
    leads = [lead(asked, winner, other, origin) for other in others]
    evidence = (leads[0][1][0], *(facts[1] for _, facts in leads))
    name, names = asked.label(winner), [thing.name for thing in things]
    most = f'the {ORDINALS[rank]} {trait.removesuffix("er")}est'
    for other, (ahead, _) in zip(others, leads, strict=True):
        if not ahead.decided:
            first, second = sorted((name, asked.label(other)))
            every = 'both' if len(others) == 2 else 'all'
            which = most if rank > 1 else f'{trait} than {every} others'
            text = (
                f'I cannot tell which is {which}: {first} and {second} differ '
                f'by {apart(asked, ahead)}, which is inside the margin'
            )
            return asked.choice(text, '', evidence, names)
    words = {0: said(asked, CONVERSE[trait]), rank - 1: said(asked, trait)}  # each said once
    than = [
        f'{words.get(place, "")} than {asked.label(other)}, by {apart(asked, ahead)}'.strip()
        for place, (other, (ahead, _)) in enumerate(zip(others, leads, strict=True))
    ]
    is_most = f'{most}: ' if rank > 1 else ''
    text = f'{name} is {is_most}{", ".join(than[:-1])}, and {than[-1]}'
    return asked.choice(text, winner.name, evidence, [winner.name, *(t.name for t in others)])
