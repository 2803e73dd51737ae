# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Which of three things is the most so."""

from __future__ import annotations

import re
from typing import cast

from ssr_ros.scene.questions.asked import Asked
from ssr_ros.scene.questions.evidence import MeasuredAnswer
from ssr_ros.scene.questions.families.comparing import apart, lead, quantity_of
from ssr_ros.scene.questions.phrases import read_phrase
from ssr_ros.scene.questions.query import Query
from ssr_ros.scene.questions.reader import reads
from ssr_ros.scene.questions.vocabulary import ASPECTS, one_of, Trait, TRAITS

_ADJ = one_of(TRAITS)
_TO_ME = '(?: (?:to|from) (?:me|us|you|the camera))?'
_LIST = (
    r'(?P<list>(?!(?:to|from|than|away|one|object)\b)'
    '[^,:]+?(?:, (?:or |and )?| or )[^,:]+?(?:, (?:or |and )?| or | and )[^,:]+?)'
)
_NEXT = re.compile(r', (?:or |and )?| or | and ')


@reads(
    rf"""^(?:which|what|who)(?: one| object| thing| item)?
    (?: of (?:them|these|those|(?:the |these |those )?three))?[ ]
    (?:is|looks|stands|lies|seems) (?:the )?(?P<adj>{_ADJ})(?: one| object| away)?{_TO_ME}
    (?:[ ]?[,:]|[ ]-)?[ ]{_LIST}$""",
    rf'^which of {_LIST} is (?:the )?(?P<adj>{_ADJ})(?: one| away)?{_TO_ME}$',
    rf"""^(?:between |of |among |out of )?{_LIST}[ ]?[,:] (?:which|what)(?: one| object| thing)?
    (?: of them)? is (?:the )?(?P<adj>{_ADJ})(?: one| away)?{_TO_ME}$""",
    rf'^(?:is|are) {_LIST} (?:the )?(?P<adj>{_ADJ})(?: one)?{_TO_ME}$',
)
def read_which_of_three(match: re.Match[str]) -> Query | None:
    """Which is tallest, A, B or C?"""
    things = [read_phrase(words.strip()) for words in _NEXT.split(match['list'])]
    questions = re.search(r'\b(?:which|what)\b', match['list'])
    if questions or len(things) != 3 or any(thing.kind != 'object' for thing in things):
        return None
    a, b, c = things
    return Query(kind='which of three', what=TRAITS[match['adj']], a=a, b=b, c=c)


def which_of_three(asked: Asked) -> MeasuredAnswer:
    """Say which of three objects is more so than both others."""
    things = asked.three()
    trait = cast(Trait, asked.what)
    aspect, sense = ASPECTS[trait]
    values = [quantity_of(asked.survey, t, aspect, None).value for t in things]
    ranked = sorted(range(3), key=lambda index: -sense * values[index])
    winner, *others = (things[index] for index in ranked)
    leads = [lead(asked, winner, other) for other in others]
    evidence = (leads[0][1][0], *(facts[1] for _, facts in leads))
    name, names = asked.label(winner), [thing.name for thing in things]
    for other, (ahead, _) in zip(others, leads, strict=True):
        if not ahead.decided:
            first, second = sorted((name, asked.label(other)))
            text = (
                f'I cannot tell which is {trait} than both others: {first} and {second} differ '
                f'by {apart(asked, ahead)}, which is inside the margin'
            )
            return asked.choice(text, '', evidence, names)
    than = [
        f'than {asked.label(other)}, by {apart(asked, ahead)}'
        for other, (ahead, _) in zip(others, leads, strict=True)
    ]
    text = f'{name} is {trait} {than[0]}, and {than[1]}'
    return asked.choice(text, winner.name, evidence, [winner.name, *(t.name for t in others)])
