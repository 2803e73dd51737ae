# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What is in reach, and whether things are nearer or farther than a length."""

from __future__ import annotations

import re

from ssr_ros.scene.questions import relations, wording
from ssr_ros.scene.questions.asked import Asked
from ssr_ros.scene.questions.evidence import Evidence, MeasuredAnswer
from ssr_ros.scene.questions.families.passing import SIZE_CLAUSES
from ssr_ros.scene.questions.patterns import pattern
from ssr_ros.scene.questions.phrase_reading import read_phrase
from ssr_ros.scene.questions.query import Query
from ssr_ros.scene.questions.reader import reads, said
from ssr_ros.scene.questions.spelling import lengths_in

_MORE, _LESS = 'more than|at least|over|no less than', 'less than|within|under|below|at most'
_FAR = (
    f'(?:(?P<more>{_MORE}|farther than)|{_LESS}|no more than|inside of|closer than|nearer than) '
    '(?:a (?:distance|radius|range) of )?<[0-9.]+>'
)
_WIDE = (
    f'(?:(?P<more>{_MORE}|(?:larger|greater|bigger|wider) than)|{_LESS}|no more than|'
    '(?:smaller|narrower) than) <[0-9.]+>'
)
_ENDS = re.compile(' (?:and|to) ')
_WHOSE = re.compile(r'^ of (?P<whose>(?!.*\b(?:arm|robot|body)\b).+)$')
_GRIPS = pattern(r'\b(?:gripper|hands?|fingers?|claws?|jaws?|opens?|opening|stroke|wide)\b')
"""What such a length is of is no reach."""

_AFTER_NAME = pattern(r'[.,][ ]?(?:my|if|with|i|the arm)\b|[ ](?:if|with|from here|from where)\b')


@reads(
    """^(?:can|could) (?:i|we|you|(?:the|a) robot|(?:the robot|the|my|an) arm)(?: with .+?)?[ ]
    (?:reach|grasp|grab|touch|pick up|get) (?P<a>.+)$""",
    """^is (?P<a>.+?) (?:with)?in (?:my |the robot's |your |arm's |easy )?
    reach(?:ing distance)?(?P<rest>.*)$""",
)
def read_reach(match: re.Match[str]) -> Query | None:
    """Can I reach A? Is A within reach of my 70 cm arm?"""
    words = _AFTER_NAME.split(SIZE_CLAUSES.sub('', match['a']))[0]
    a, whose = read_phrase(words), _WHOSE.match(SIZE_CLAUSES.sub('', said(match, 'rest')))
    of_another = whose is not None and read_phrase(whose['whose']).kind == 'object'
    lengths = lengths_in(match.string)
    of_grip = bool(lengths) and _GRIPS.search(match.string)
    if a.indefinite or a.kind != 'object' or of_another or of_grip:
        return None
    return Query(kind='reach', a=a, bound_m=next(iter(lengths), None))


@reads(
    rf"""^(?:is|are) (?P<a>(?!there).+? and .+?) {_FAR}[ ]
    (?:apart|(?:away )?(?:of|from) (?:each other|one another))$""",
    rf"""^is (?:the )?(?:distance|gap|space|clearance|spacing) (?:between|from)[ ]
    (?P<a>.+? (?:and|to) .+?) {_WIDE}$""",
    rf'^(?:is|are) there {_WIDE} (?:of space |of room )?between (?P<a>.+ and .+)$',
    rf"""^(?:is|are) (?!there|the (?:distance|gap|space) )(?P<a>.+?) {_FAR}(?: away| far)?
    (?: (?:from|of|to) (?P<b>.+?))?$""",
)
def read_farther(match: re.Match[str]) -> Query | None:
    """Are A and B less than 60 cm apart? Is A within 80 cm? Is it more than 1 m away?"""
    named = [match['a'], said(match, 'b')] if said(match, 'b') else _ENDS.split(match['a'], 1)
    things = [thing for thing in map(read_phrase, named) if thing.kind != 'camera']
    if not things or any(thing.kind != 'object' or thing.indefinite for thing in things):
        return None
    a, b = things[0], things[1] if things[1:] else None
    return Query(
        kind='reach',
        what='beyond' if match['more'] else '',
        a=a,
        b=b,
        bound_m=lengths_in(match.string)[0],
    )


def reach(asked: Asked) -> MeasuredAnswer:
    """Say whether an object is within a length of the camera or of another object, or beyond."""
    thing = asked.thing('a')
    if asked.has('b'):
        thing, other = asked.pair()
        value = relations.gap(asked.survey, other, thing)
        where = f'from {asked.label(other)}'
    else:
        value, where = relations.distance(thing), 'away'
    text = f'{asked.label(thing)} is {asked.say(value)} {where}'
    evidence = [Evidence.of('distance', (thing.name,), value, 'camera', text)]
    if asked.query.bound_m is None:
        text = f'{text}; say how far you reach and I can tell whether it is in reach'
        return asked.number(text, value, evidence)
    room = value.beyond(asked.query.bound_m)
    within = (room if asked.what == 'beyond' else -room).verdict
    text = f'{within.opening}: {text}, and {wording.given(asked.query.bound_m)} was asked'
    return asked.yes_no(within, text, evidence)
