# Copyright 2026 The ssr_ros authors
#
# Licensed under the Apache License, Version 2.0 (the "License");
# you may not use this file except in compliance with the License.
# You may obtain a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS,
# WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
# See the License for the specific language governing permissions and
# limitations under the License.

"""Moving and placing: what fits through, how far the way is free, what is in reach."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ssr_ros.scene import referents, relations, space, wording
from ssr_ros.scene.answers_compare import yes_no
from ssr_ros.scene.answers_distance import fact, Family, number
from ssr_ros.scene.evidence import Evidence, MeasuredAnswer
from ssr_ros.scene.language import lengths_in, Phrase, PLANE_NOUNS, read_phrase
from ssr_ros.scene.objects import SceneObject
from ssr_ros.scene.rationale import describe
from ssr_ros.scene.referents import CannotTell
from ssr_ros.scene.relations import Quantity

if TYPE_CHECKING:
    from ssr_ros.scene.facts import SceneFacts

_SIZE_CLAUSES = re.compile(
    r',? ?(?:if |when |and |assuming |given )?(?:i am|we are|it is|the robot '
    r'is|my width is|our width is|'
    r'my robot is|the vehicle is) <[\d.]+>(?: wide| across| in width)?'
    r'|,? ?(?:with|given|for|by|at) (?:a |the |my )?(?:width|robot '
    r'width|diameter|arm|reach|robot|body)?'
    r'(?: of| that is| which is)? ?<[\d.]+>(?:[- ]wide)?(?: \w+)?(?: wide| across)?'
    r'|<[\d.]+>(?:[- ]wide)?'
)


def _passable(facts: SceneFacts, match: re.Match[str], unit: str | None) -> MeasuredAnswer | None:
    """Can I drive between A and B? I am 45 cm wide."""
    text = match.string
    widths = lengths_in(text)
    rest = text[match.start('rest') :]
    rest = re.split(r'[.]\s|\. |, (?:if|i|and|with|my|given)\b|\bif\b', rest)[0]
    rest = _SIZE_CLAUSES.sub('', rest).strip(' ,.')
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
    facts: SceneFacts, phrase: Phrase, width: Quantity, gap_text: str,
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


def _pair(facts: SceneFacts, rest: str) -> tuple[SceneObject, SceneObject]:
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


def _free(facts: SceneFacts, match: re.Match[str], unit: str | None) -> MeasuredAnswer | None:
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
        room = Quantity(sector.free.value - needed[0], sector.free.sigma)
        sign = room.sign if sector.blocked or room.sign > 0 else 0
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


def _reach(facts: SceneFacts, match: re.Match[str], unit: str | None) -> MeasuredAnswer | None:
    """Can I reach A? Is A within 80 cm? Is A within reach of my 70 cm arm?"""
    reach = lengths_in(match.string)
    words = _SIZE_CLAUSES.sub('', match['a'])
    words = re.split(r'[.,] ?(?:my|if|with|i|the arm)\b| (?:with|from here|from where)\b', words)[
        0
    ].strip(' ,.')
    phrase = read_phrase(words)
    if phrase.indefinite or phrase.kind != 'object':
        return None
    origin = None
    if match.groupdict().get('b'):
        anchor = read_phrase(match['b'])
        if anchor.kind == 'object' and anchor.text not in ('reach', 'my reach', "arm's reach"):
            origin = referents.one(facts, anchor)
    said = referents.caveat(facts, phrase)
    thing = referents.one(facts, phrase)
    value = relations.distance(thing) if origin is None else relations.gap(facts, origin, thing)
    where = 'away' if origin is None else f'from {facts.label(origin)}'
    text = f'{facts.label(thing)} is {wording.length(value.value, value.sigma, unit)} {where}'
    evidence = (fact('distance', (thing.name,), value, text),)
    if not reach:
        return number(
            f'{said}{text}; say how far you reach and I can tell whether it is in reach',
            value,
            evidence,
        )
    room = Quantity(reach[0] - value.value, value.sigma)
    words = {1: 'yes', -1: 'no', 0: 'I cannot tell, it is inside the margin'}[room.sign]
    return yes_no(
        said,
        f'{words}: {text}, and the reach is {wording.given(reach[0])}',
        room.sign,
        evidence,
        (thing.name,),
    )


def _vacant(facts: SceneFacts, match: re.Match[str], unit: str | None) -> MeasuredAnswer | None:
    """Where could I put a plate down? Is there room on the table for a 20 cm box?"""
    text = match.string
    needed = lengths_in(text)
    on = next((word for word in re.findall(r'\w+', text) if word in PLANE_NOUNS), '')
    if on:
        surfaces = [referents.plane(facts, Phrase(on, 'plane', noun=on))]
    else:
        surfaces = [p for p in facts.planes if p.role in ('support', 'top')]
    if not surfaces:
        raise CannotTell('The depth shows no level surface to put anything on')
    places = [found for surface in surfaces if (found := space.vacant_place(facts, surface))]
    if not places:
        raise CannotTell('I see no free part of the surface that is large enough to measure')
    best = max(places, key=lambda p: p.diameter.value)
    words = (
        f'the largest free disc on the {best.plane} measures '
        f'{wording.length(best.diameter.value, best.diameter.sigma, unit)} across, '
        f'{wording.length(best.distance_m)} away, {wording.side(best.bearing_deg)}'
    )
    evidence = (fact('vacant', (best.plane,), best.diameter, words, 'gravity'),)
    if not needed:
        return number(words, best.diameter, evidence)
    room = Quantity(best.diameter.value - needed[0], best.diameter.sigma)
    opening = {1: 'yes', -1: 'no', 0: 'I cannot tell'}[room.sign]
    return yes_no('', f'{opening}: {words}', room.sign, evidence, (best.plane,))


_MOVE = (
    r'(?:drive|pass|go|fit|get|squeeze|move|walk|roll|slide|steer|travel|'
    r'navigate|slip|maneuver|manoeuvre|run|come)'
)
FAMILIES: tuple[tuple[re.Pattern[str], Family], ...] = (
    (re.compile(rf'\b{_MOVE}\b.*?\b(?:through )?(?:in )?between (?P<rest>.+)$'), _passable),
    (
        re.compile(
            r'(?:gap|space|room|passage|opening|way) between (?P<rest>.+?) (?:is '
            r')?(?:wide|big|large) enough'
        ),
        _passable,
    ),
    (
        re.compile(r'(?:enough|sufficient) (?:room|space|clearance).*?between (?P<rest>.+)$'),
        _passable,
    ),
    (
        re.compile(
            r'(?:wide|big|large) (?:is )?(?:the )?(?:gap|passage|opening|space) between '
            r'(?P<rest>.+)$'
        ),
        _passable,
    ),
    (
        re.compile(r'^(?:where|on what|on which).*\b(?:put|place|set|lay|drop|leave|park)\b'),
        _vacant,
    ),
    (
        re.compile(
            r'(?:is there|is|are there).*\b(?:room|free space|space|place|vacant|empty '
            r'spot|free spot|spot)\b.*\b(?:on|for)\b'
        ),
        _vacant,
    ),
    (re.compile(r'(?:can|could|may) (?:i|we|you) (?:put|place|set|lay).*\bon\b'), _vacant),
    (
        re.compile(
            r'how (?:far|long|much farther) can (?:i|we|you|the robot) '
            r'(?:drive|go|move|travel|walk|roll|proceed|advance)'
        ),
        _free,
    ),
    (
        re.compile(
            r'(?:can|could|may) (?:i|we|you|the robot) (?:safely '
            r')?(?:drive|go|move|travel|walk|roll|proceed|advance)(?: \w+)?(?: '
            r'(?:straight|forward|forwards|ahead|on|left|right|by|for|to the left|to '
            r'the right|<[\d.]+>))'
        ),
        _free,
    ),
    (
        re.compile(
            r'(?:way|path|road|route|lane|space|area|corridor)(?: \w+){0,3} '
            r'(?:free|clear|blocked|open|empty)'
        ),
        _free,
    ),
    (
        re.compile(
            r'(?:free|clear|open|empty) (?:distance|space|way|path|room|road|area)(?: '
            r'is there)?(?: (?:ahead|in front|to the|on '
            r'the|before|straight|i|forward)|$)'
        ),
        _free,
    ),
    (
        re.compile(
            r'which (?:way|direction|side) '
            r'(?:is|has|should|can|offers).*(?:free|clear|open|space|go|drive|room)'
        ),
        _free,
    ),
    (
        re.compile(
            r'^(?:can|could) (?:i|we|you|the robot|the arm|my arm|a robot|an arm)(?: '
            r'with .+?)? (?:reach|grasp|grab|touch|pick up|get) (?P<a>.+)$'
        ),
        _reach,
    ),
    (
        re.compile(
            r"^is (?P<a>.+?) (?:with)?in (?:my |the robot's |your |arm's |easy "
            r')?reach(?:ing distance)?(?P<rest>.*)$'
        ),
        _reach,
    ),
    (
        re.compile(
            r'^is (?!there)(?P<a>.+?) (?:within|inside of|less than|closer than|nearer '
            r'than) (?:a (?:distance|radius|range) of )?<[\d.]+>(?: away)?(?: '
            r'(?:of|from|to) (?P<b>.+?))?$'
        ),
        _reach,
    ),
)
