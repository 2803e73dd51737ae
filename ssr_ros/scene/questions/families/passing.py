# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What fits through, and how far the way is free."""

from __future__ import annotations

import re

from ssr_ros.scene.geometry.objects import SceneObject
from ssr_ros.scene.geometry.survey import Survey
from ssr_ros.scene.questions import referents, relations, space, wording
from ssr_ros.scene.questions.asked import asked, fact, number, yes_no
from ssr_ros.scene.questions.evidence import Evidence, MeasuredAnswer
from ssr_ros.scene.questions.phrases import lengths_in, Phrase, read_phrase
from ssr_ros.scene.questions.rationale import describe
from ssr_ros.scene.questions.referents import CannotTell
from ssr_ros.scene.questions.relations import Quantity

_MOVE = (
    r'(?:drive|pass|go|fit|get|squeeze|move|walk|roll|slide|steer|travel|'
    r'navigate|slip|maneuver|manoeuvre|run|come)'
)


SIZE_CLAUSES = re.compile(
    r',? ?(?:if |when |and |assuming |given )?(?:i am|we are|it is|the robot '
    r'is|my width is|our width is|'
    r'my robot is|the vehicle is) <[\d.]+>(?: wide| across| in width)?'
    r'|,? ?(?:with|given|for|by|at) (?:a |the |my )?(?:width|robot '
    r'width|diameter|arm|reach|robot|body)?'
    r'(?: of| that is| which is)? ?<[\d.]+>(?:[- ]wide)?(?: \w+)?(?: wide| across)?'
    r'|<[\d.]+>(?:[- ]wide)?'
)


@asked(
    rf'\b{_MOVE}\b.*?\b(?:through )?(?:in )?between (?P<rest>.+)$',
    r'(?:gap|space|room|passage|opening|way) between (?P<rest>.+?) (?:is '
    r')?(?:wide|big|large) enough',
    r'(?:enough|sufficient) (?:room|space|clearance).*?between (?P<rest>.+)$',
    r'(?:wide|big|large) (?:is )?(?:the )?(?:gap|passage|opening|space) between '
    r'(?P<rest>.+)$',
)
def answer_passable(
    facts: Survey, match: re.Match[str], unit: str | None
) -> MeasuredAnswer | None:
    """Can I drive between A and B? I am 45 cm wide."""
    text = match.string
    widths = lengths_in(text)
    rest = text[match.start('rest') :]
    rest = re.split(r'[.]\s|\. |, (?:if|i|and|with|my|given)\b|\bif\b', rest)[0]
    rest = SIZE_CLAUSES.sub('', rest).strip(' ,.')
    a, b = _pair(facts, rest)
    width, blocking = space.between(facts, a, b)
    gap_text = (
        f'the passage between {facts.label(a)} and {facts.label(b)} is '
        f'{wording.length(width.value, width.sigma, unit)} wide between their visible sides'
    )
    evidence: tuple[Evidence, ...] = (
        fact('passage', (a.name, b.name), width, gap_text, 'gravity'),
    )
    names = tuple(t.name for t in (a, b, *blocking))
    if blocking:
        text = (
            f'no: {wording.listing([facts.label(t) for t in blocking])} stands between '
            f'them; {gap_text}'
        )
        return yes_no('', text, -1, evidence + tuple(describe(facts, t) for t in blocking), names)
    moving = re.search(
        r'(?:does|do|will|would|can|could) (the .+?|object .+?) (?:fit|pass|go)', text
    )
    if not widths and moving and read_phrase(moving[1]).kind == 'object':
        return _object_fits(facts, read_phrase(moving[1]), width, gap_text, evidence, names)
    if not widths:
        return number(
            f'{gap_text}; say how wide you are and I can tell whether it fits', width, evidence
        )
    room = Quantity(width.value - widths[0], width.sigma)
    return yes_no(
        '',
        f'{_fits_words(room)}: {gap_text}, and {wording.given(widths[0])} is needed',
        room.sign,
        evidence,
        names,
    )


def _object_fits(
    facts: Survey, phrase: Phrase, width: Quantity, gap_text: str,
    evidence: tuple[Evidence, ...], names: tuple[str, ...],
) -> MeasuredAnswer:  # fmt: skip
    said = referents.caveat(facts, phrase)
    thing = referents.one(facts, phrase)
    own = relations.size(thing, 'width')
    text = f'{facts.label(thing)} is {wording.length(own.value, own.sigma)} wide'
    room = width - own
    if thing.touches_edge and room.sign >= 0:
        raise CannotTell(
            f'{wording.sentence(gap_text)} {wording.sentence(text)[:-1]} at least, but '
            'it leaves the image'
        )
    both = (*evidence, fact('width', (thing.name,), own, text, 'gravity'))
    return yes_no(
        said, f'{_fits_words(room)}: {gap_text}, and {text}', room.sign, both, (*names, thing.name)
    )


def _fits_words(room: Quantity) -> str:
    return {1: 'yes', -1: 'no', 0: 'I cannot tell, the difference is inside the margin'}[room.sign]


def _pair(facts: Survey, rest: str) -> tuple[SceneObject, SceneObject]:
    parts = re.split(r' and ', rest, maxsplit=1)
    if len(parts) == 2:
        phrases = [read_phrase(part) for part in parts]
        if 'plane' in (phrases[0].kind, phrases[1].kind):
            raise CannotTell('I measure passages between objects, not along a wall')
        return referents.one(facts, phrases[0]), referents.one(facts, phrases[1])
    phrase = read_phrase(rest)
    if phrase.noun:
        found = facts.objects
        if len(found) != 2 or phrase.colors:
            referents.one(facts, phrase)
    else:
        found = referents.group(facts, phrase)
    return found[0], found[1]


@asked(
    r'how (?:far|long|much farther) can (?:i|we|you|the robot) '
    r'(?:drive|go|move|travel|walk|roll|proceed|advance)',
    r'(?:can|could|may) (?:i|we|you|the robot) (?:safely '
    r')?(?:drive|go|move|travel|walk|roll|proceed|advance)(?: \w+)?(?: '
    r'(?:straight|forward|forwards|ahead|on|left|right|by|for|to the left|to '
    r'the right|<[\d.]+>))',
    r'(?:way|path|road|route|lane|space|area|corridor)(?: \w+){0,3} '
    r'(?:free|clear|blocked|open|empty)',
    r'(?:free|clear|open|empty) (?:distance|space|way|path|room|road|area)(?: '
    r'is there)?(?: (?:ahead|in front|to the|on '
    r'the|before|straight|i|forward)|$)',
    r'how much (?:room|space|clearance) (?:is |are )?(?:there )?(?:ahead|in front|before)',
    r'which (?:way|direction|side) '
    r'(?:is|has|should|can|offers).*(?:free|clear|open|space|go|drive|room)',
    r'(?:in|blocking|obstructing) (?:my|the|our|your) (?:way|path)$',
    r'^(?:is|are) there .*(?:obstacles?|anything|something).*(?:ahead|in front of me|before me)$',
)
def answer_free(facts: Survey, match: re.Match[str], unit: str | None) -> MeasuredAnswer | None:
    """How far can I drive ahead? Is the way free for 1 m? Which way is free?"""
    text = match.string
    lengths = lengths_in(text)
    wide = re.search(
        r'(?:am|is|width of|with) <([\d.]+)>[- ]?(?:wide|across)?|<([\d.]+)>[- ]wide', text
    )
    width = float(wide[1] or wide[2]) if wide and 'wid' in text else None
    needed = [value for value in lengths if value != width]
    sectors = {s.name: s for s in space.free_sectors(facts, width / 2 if width else None)}
    if not sectors:
        raise CannotTell('Too little of the view has depth to tell how far the way is free')
    if re.search(r'which (?:way|direction|side)|where (?:is|should|can)', text):
        return _freest(sectors, unit)
    side = re.search(r'\b(left|right)\b', text)
    name = side[1] if side else 'ahead'
    if name not in sectors:
        raise CannotTell(
            f'Nothing has depth {"to the " + name if side else name}, so I cannot tell'
        )
    sector = sectors[name]
    evidence = (_sector_fact(sector, unit),)
    if needed:
        asks_for_obstacle = re.search(r'obstacle|anything|something|in (?:my|the|our) way', text)
        room = Quantity(sector.free.value - needed[0], sector.free.sigma)
        sign = room.sign if sector.blocked or room.sign > 0 else 0
        if asks_for_obstacle:
            sign = -sign
        words = {1: 'yes', -1: 'no', 0: 'I cannot tell'}[sign]
        return yes_no(
            '',
            f'{words}: {evidence[0].text[:1].lower()}{evidence[0].text[1:]}',
            sign,
            evidence,
            (),
        )
    return number(evidence[0].text, sector.free, evidence)


def _sector_fact(sector: space.FreeSector, unit: str | None) -> Evidence:
    where = sector.name if sector.name == 'ahead' else f'to the {sector.name}'
    far = wording.length(sector.free.value, sector.free.sigma, unit)
    if sector.blocked:
        text = f'The way {where} is free for {far}, up to the nearest thing above the floor.'
    else:
        text = f'Nothing stands {where} as far as the depth reaches, {far}.'
    return Evidence(
        'free_distance', (), sector.free.value, sector.free.sigma, 'm', 'gravity', text
    )


def _freest(sectors: dict[str, space.FreeSector], unit: str | None) -> MeasuredAnswer:
    order = sorted(sectors.values(), key=lambda s: -s.free.value)
    evidence = tuple(_sector_fact(s, unit) for s in order)
    best = order[0].name if order[0].name == 'ahead' else f'to the {order[0].name}'
    if len(order) > 1 and (order[0].free - order[1].free).sign == 0:
        return MeasuredAnswer(
            f'I cannot tell: the way is about equally free. {" ".join(e.text for e in evidence)}',
            True,
            evidence,
            'choice',
        )
    text = f'Most free is the way {best}. {" ".join(e.text for e in evidence)}'
    return MeasuredAnswer(text, True, evidence, 'choice', None, None, '', order[0].name)
