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

"""Which object, what is there, where, how many, in what order, of what colour."""

from __future__ import annotations

from itertools import pairwise
import re
from typing import TYPE_CHECKING

from ssr_ros.scene import referents, relations, wording
from ssr_ros.scene.answers_compare import yes_no
from ssr_ros.scene.answers_distance import fact, Family
from ssr_ros.scene.evidence import Evidence, MeasuredAnswer
from ssr_ros.scene.language import Phrase, read_phrase, RELATION, relation_of
from ssr_ros.scene.objects import SceneObject
from ssr_ros.scene.rationale import describe, how_many
from ssr_ros.scene.referents import CannotTell, Things
from ssr_ros.scene.relations import Quantity

if TYPE_CHECKING:
    from ssr_ros.scene.facts import SceneFacts


def fitting(facts: SceneFacts, phrase: Phrase) -> tuple[Things, Things]:
    """Objects that fit a phrase, and those of which that cannot be told.

    Raises:
        CannotTell: the phrase names a kind of thing, or something that the depth does not show.
    """
    if phrase.noun and phrase.kind == 'object':
        referents.one(facts, phrase)  # says why a kind of thing cannot be counted
    sure: list[SceneObject] = []
    unsure: list[SceneObject] = []
    plain = Phrase(
        phrase.text, colors=phrase.colors, number=phrase.number, region=phrase.region, plural=True
    )
    for thing in referents.matching(facts, plain):
        if any(_is_named(facts, thing, anchor) for anchor in phrase.anchors):
            continue
        if not phrase.relation and not phrase.threshold and _is_furniture(facts, thing):
            continue
        verdict = _verdict(facts, thing, phrase)
        if verdict >= 0:
            (sure if verdict else unsure).append(thing)
    return tuple(sure), tuple(unsure)


def _is_furniture(facts: SceneFacts, thing: SceneObject) -> bool:
    """Whether an object is told of as a raised surface already: a table is not counted."""
    return thing.top is not None


def _is_named(facts: SceneFacts, thing: SceneObject, anchor: Phrase) -> bool:
    return anchor.kind == 'object' and referents.one(facts, anchor) is thing


def _verdict(facts: SceneFacts, thing: SceneObject, phrase: Phrase) -> int:
    verdict = 1
    if phrase.threshold:
        verdict = referents.threshold_quantity(facts, thing, phrase).sign
    if phrase.relation and verdict >= 0:
        verdict = min(verdict, referents.related(facts, thing, phrase))
    return verdict


def _count(facts: SceneFacts, match: re.Match[str], unit: str | None) -> MeasuredAnswer | None:
    """How many ...?"""
    groups = match.groupdict()
    words = f'{groups["np"]} {groups.get("rest") or ""}'.strip()
    phrase = read_phrase(words)
    if phrase.kind == 'plane':
        return _count_planes(facts, phrase)
    if re.fullmatch(r'(?:different )?colors?', words):
        return _count_colors(facts)
    _require_depth(facts)
    sure, unsure = fitting(facts, phrase)
    names = f': {wording.listing([facts.label(t) for t in sure])}' if 0 < len(sure) <= 8 else ''
    verb = 'is' if len(sure) == 1 else 'are'
    what = _what(phrase)
    text = f'there {verb} {wording.count(len(sure), "object")}{what}{names}'
    text += _maybe(facts, unsure) + _tables(facts, phrase)
    value = float(len(sure))
    evidence = (
        fact(
            'count',
            tuple(t.name for t in sure),
            Quantity(value, float(len(unsure)) / 2),
            text,
            unit='',
        ),
    )
    return MeasuredAnswer(
        wording.sentence(text), True, evidence + tuple(describe(facts, t) for t in sure[:8]),
        'count', value, len(unsure) / 2, '', '', tuple(t.name for t in sure),
    )  # fmt: skip


def _maybe(facts: SceneFacts, unsure: Things) -> str:
    if not unsure:
        return ''
    return f'; of {wording.listing([facts.label(t) for t in unsure])} it cannot be told'


def _tables(facts: SceneFacts, phrase: Phrase) -> str:
    """Say which objects were not counted because they are told of as surfaces."""
    tables = [t for t in facts.objects if _is_furniture(facts, t)]
    if not tables or phrase.relation or phrase.threshold or phrase.colors:
        return ''
    names = wording.listing(
        ['the ' + facts.planes[t.top].name for t in tables if t.top is not None]
    )
    return f' ({names} not counted)'


def _what(phrase: Phrase) -> str:
    """The words of a phrase after its noun, to repeat in the answer."""
    words = re.sub(
        r'^(?:(?:the|an?|any|some|all|many|different|visible|other|single|total) )*',
        '',
        phrase.text,
    )
    match = re.match(
        (
            r'(?P<before>(?:[\w-]+ )*?)(?:objects?|things?|items?|obstacles?|anything|'
            r'something|ones?)\b ?(?P<after>.*)'
        ),
        words,
    )
    if match is None:
        return ''
    after = re.sub(r'<([\d.]+)>', lambda m: wording.given(float(m[1])), match['after'].strip())
    colors = f' that look {match["before"].strip()}' if phrase.colors else ''
    return f'{colors}{" " + after if after else ""}'


def _require_depth(facts: SceneFacts) -> None:
    if not facts.valid_ratio:
        raise CannotTell('No pixel has depth, so nothing can be measured')


def _count_planes(facts: SceneFacts, phrase: Phrase) -> MeasuredAnswer:
    roles = {'wall': ('wall',), 'ceiling': ('ceiling',)}.get(phrase.noun, ('support', 'top'))
    found = [p for p in facts.planes if p.role in roles]
    text = f'the depth shows {wording.count(len(found), "such surface")}'
    if found:
        text += f': {wording.listing(["the " + p.name for p in found])}'
    value = Quantity(float(len(found)), 0.0)
    evidence = fact('count', tuple(p.name for p in found), value, text, unit='')
    return MeasuredAnswer(wording.sentence(text), True, (evidence,), 'count', value.value, 0.0)


def _count_colors(facts: SceneFacts) -> MeasuredAnswer:
    colors = sorted({t.color for t in facts.objects})
    text = f'the objects have {wording.count(len(colors), "colour")}: {wording.listing(colors)}'
    return MeasuredAnswer(
        wording.sentence(text), True, (how_many(facts),), 'count', float(len(colors)), 0.0
    )


def _exists(facts: SceneFacts, match: re.Match[str], unit: str | None) -> MeasuredAnswer | None:
    """Is there anything ...?"""
    groups = match.groupdict()
    words = f'{groups["np"]} {groups.get("rest") or ""}'.strip()
    if re.search(r'\b(?:room|space|place|gap)\b', words):
        return None
    words = re.sub(
        r' (?:here|there|visible|in (?:the |this )?(?:image|picture|scene|view|frame|room))$',
        '',
        words,
    )
    phrase = read_phrase(words)
    if phrase.kind == 'plane':
        return _plane_exists(facts, phrase)
    if phrase.kind == 'camera':
        return None
    _require_depth(facts)
    sure, unsure = fitting(facts, phrase)
    evidence = tuple(describe(facts, t) for t in (sure or unsure)[: referents.MOST_NAMED])
    names = tuple(t.name for t in sure)
    if sure:
        text = f'yes: {referents.describe_all(facts, sure[: referents.MOST_NAMED])}'
        return yes_no('', text + _maybe(facts, unsure), 1, evidence, names)
    if unsure:
        text = (
            f'I cannot tell: {referents.describe_all(facts, unsure)} may or may not be; '
            'the margin decides'
        )
        return yes_no('', text, 0, evidence, ())
    known = f'{100 * facts.valid_ratio:.0f} %'
    text = f'no, none that the depth shows (known for {known} of the image)'
    return yes_no('', text, -1, (how_many(facts),), ())


def _plane_exists(facts: SceneFacts, phrase: Phrase) -> MeasuredAnswer:
    try:
        surface = referents.plane(facts, phrase)
    except CannotTell as reason:
        return yes_no('', f'{reason}', -1, (how_many(facts),), ())
    quantity = Quantity(surface.distance_m, surface.sigma_m)
    text = (
        f'the {surface.name} is {wording.length(quantity.value, quantity.sigma)} '
        'away at its nearest'
    )
    return yes_no(
        '',
        f'yes, {text}',
        1,
        (fact('distance', (surface.name,), quantity, text),),
        (surface.name,),
    )


def _superlative(
    facts: SceneFacts, match: re.Match[str], unit: str | None
) -> MeasuredAnswer | None:
    """What is the closest thing? Which object is tallest? Which is nearest to B?"""
    words = match['np']
    phrase = read_phrase(words)
    if phrase.kind != 'object' or not (
        phrase.pick or phrase.relation in ('nearest to', 'farthest from')
    ):
        return None
    _require_depth(facts)
    if not facts.objects:
        raise CannotTell('The depth shows no object that stands off its surroundings')
    thing = referents.one(facts, phrase)
    evidence = describe(facts, thing)
    return MeasuredAnswer(
        evidence.text,
        True,
        (evidence, *_runner_up(facts, phrase, thing)),
        'choice',
        None,
        None,
        '',
        thing.name,
        (thing.name,),
    )


def _runner_up(facts: SceneFacts, phrase: Phrase, thing: SceneObject) -> tuple[Evidence, ...]:
    others = [t for t in referents.matching(facts, phrase) if t is not thing]
    return (describe(facts, others[0]),) if others else ()


def _what_is(facts: SceneFacts, match: re.Match[str], unit: str | None) -> MeasuredAnswer | None:
    """What is behind B? What is on the table? What is between A and B?"""
    relation = relation_of(match)
    if relation in ('nearest to', 'farthest from'):
        return _superlative_from(facts, match['b'], relation)
    phrase = read_phrase(f'objects {match[relation.replace(" ", "_")]} {match["b"]}')
    if relation == 'beside':
        return _superlative_from(facts, match['b'], 'nearest to')
    sure, unsure = fitting(facts, phrase)
    evidence = tuple(describe(facts, t) for t in (sure + unsure)[: referents.MOST_NAMED])
    names = tuple(t.name for t in sure)
    if not sure and not unsure:
        text = 'nothing that the depth shows'
        return MeasuredAnswer(
            wording.sentence(text), True, (how_many(facts),), 'text', None, None, '', '', names
        )
    text = referents.describe_all(facts, sure[: referents.MOST_NAMED]) or 'nothing for certain'
    return MeasuredAnswer(
        wording.sentence(text + _maybe(facts, unsure)), True, evidence, 'choice', None, None, '',
        names[0] if len(names) == 1 else '', names,
    )  # fmt: skip


def _superlative_from(facts: SceneFacts, anchor: str, relation: str) -> MeasuredAnswer:
    phrase = Phrase(anchor, relation=relation, anchors=(read_phrase(anchor),))
    thing = referents.one(facts, phrase)
    evidence = [describe(facts, thing)]
    if phrase.anchors[0].kind == 'object':
        other = referents.one(facts, phrase.anchors[0])
        between = relations.gap(facts, other, thing)
        text = (
            f'{facts.label(thing)} is {wording.length(between.value, between.sigma)} '
            f'from {facts.label(other)}'
        )
        evidence.insert(0, fact('gap', (thing.name, other.name), between, text))
    return MeasuredAnswer(
        evidence[0].text,
        True,
        tuple(evidence),
        'choice',
        None,
        None,
        '',
        thing.name,
        (thing.name,),
    )


def _where(facts: SceneFacts, match: re.Match[str], unit: str | None) -> MeasuredAnswer | None:
    """Where is A? In which direction is A from B?"""
    groups = match.groupdict()
    phrase = read_phrase(groups['a'])
    if phrase.kind == 'plane':
        return _plane_exists(facts, phrase)
    if phrase.kind != 'object':
        return None
    said = referents.caveat(facts, phrase)
    thing = referents.one(facts, phrase)
    origin = read_phrase(groups['b']) if groups.get('b') else None
    if origin is not None and origin.kind == 'object':
        return _from_other(facts, thing, origin, unit, said)
    direction = relations.direction_deg(facts, None, thing)
    height = float(relations.place(facts, thing)[2])
    where = 'above' if height >= 0 else 'below'
    text = (
        f'{facts.label(thing)} is '
        f'{wording.length(thing.distance_m, thing.margins.distance_m, unit)} away, '
        f'{wording.side(direction.value)} ({wording.clock(direction.value)}), its centre '
        f'{wording.length(abs(height), thing.margins.center_m[1], unit)} {where} the camera'
    )
    evidence = (
        describe(facts, thing),
        fact(
            'bearing',
            (thing.name,),
            direction,
            f'{facts.label(thing)} is {wording.side(direction.value)}',
            unit='deg',
        ),
    )
    return MeasuredAnswer(
        wording.sentence(said + text), True, evidence, 'direction', direction.value,
        direction.sigma, 'deg', '', (thing.name,),
    )  # fmt: skip


def _from_other(
    facts: SceneFacts, thing: SceneObject, origin: Phrase, unit: str | None, said: str
) -> MeasuredAnswer:
    other = referents.one(facts, origin)
    said = said or referents.caveat(facts, origin)
    if other is thing:
        raise CannotTell(f'Both names mean the same object, {facts.label(thing)}')
    direction = relations.direction_deg(facts, other, thing)
    parts = []
    for relation in ('left of', 'above', 'in front of'):
        quantity = referents.relation_quantity(facts, thing, other, relation)
        if quantity.sign:
            true = (
                relation
                if quantity.sign > 0
                else {'left of': 'right of', 'above': 'below', 'in front of': 'behind'}[relation]
            )
            spoken = {
                'left of': 'to the left',
                'right of': 'to the right',
                'in front of': 'in front',
            }.get(true, true)
            parts.append(f'{wording.length(abs(quantity.value), quantity.sigma, unit)} {spoken}')
    where = wording.listing(parts) or 'at the same place, as far as can be told,'
    text = (
        f'{facts.label(thing)} is {where} of {facts.label(other)}'
        if parts and parts[-1].endswith(('left', 'right', 'front'))
        else f'seen from {facts.label(other)}, {facts.label(thing)} is {where}'
    )
    text += f'; {wording.clock(direction.value)}, where 12 points away from the camera'
    evidence = (fact('direction', (other.name, thing.name), direction, text, 'gravity', 'deg'),)
    return MeasuredAnswer(
        wording.sentence(said + text), True, evidence, 'direction', direction.value,
        direction.sigma, 'deg', '', (thing.name, other.name),
    )  # fmt: skip


def _order(facts: SceneFacts, match: re.Match[str], unit: str | None) -> MeasuredAnswer | None:
    """List the objects from left to right, by distance, by height."""
    text = match.string
    _require_depth(facts)
    if not facts.objects:
        raise CannotTell('The depth shows no object that stands off its surroundings')
    if re.search(r'left to right|right to left', text):
        pick, words = (
            ('right', 'from left to right')
            if 'left to right' in text
            else ('left', 'from right to left')
        )
    elif re.search(r'tall|height|high', text):
        pick, words = 'shortest', 'from tallest to shortest'
    elif re.search(r'size|big|large|small', text):
        pick, words = 'smallest', 'from biggest to smallest front'
    elif re.search(r'wid', text):
        pick, words = 'narrowest', 'from widest to narrowest'
    elif re.search(r'far\w* to (?:the )?(?:near|clos)', text):
        pick, words = 'nearest', 'from far to near'
    else:
        pick, words = 'farthest', 'from near to far'
    things = sorted(facts.objects, key=lambda t: referents.measure_of(pick, facts, t).value)
    names = [facts.label(things[0])]
    for before, thing in pairwise(things):
        apart = referents.measure_of(pick, facts, thing) - referents.measure_of(
            pick, facts, before
        )
        names.append(('about equal: ' if apart.sign == 0 else '') + facts.label(thing))
    return MeasuredAnswer(
        wording.sentence(f'{words}: {", ".join(names)}'), True,
        tuple(describe(facts, t) for t in things[:8]), 'text',
        subjects=tuple(t.name for t in things),
    )  # fmt: skip


def _color(facts: SceneFacts, match: re.Match[str], unit: str | None) -> MeasuredAnswer | None:
    """What colour is A?"""
    phrase = read_phrase(match['a'])
    if phrase.kind != 'object':
        return None
    thing = referents.one(facts, phrase)
    share = f'{100 * thing.color_share:.0f} % of its pixels'
    text = f'{facts.label(thing)} looks {thing.color} ({share})'
    value = Quantity(thing.color_share, 0.0)
    return MeasuredAnswer(
        wording.sentence(text), True, (fact('color', (thing.name,), value, text, unit=''),),
        'color', None, None, '', thing.color, (thing.name,),
    )  # fmt: skip


def _standing_on(
    facts: SceneFacts, match: re.Match[str], unit: str | None
) -> MeasuredAnswer | None:
    """What is A standing on?"""
    phrase = read_phrase(match['a'])
    if phrase.kind != 'object':
        return None
    said = referents.caveat(facts, phrase)
    thing = referents.one(facts, phrase)
    for other in facts.objects:
        if other is not thing:
            sign, lift = relations.stands_on(facts, thing, other)
            if sign == 1:
                return _stands(facts, thing, other.name, facts.label(other), lift, said)
    if thing.support is None:
        raise CannotTell(f'What {facts.label(thing)} stands on is not seen')
    surface = facts.planes[thing.support]
    lift = Quantity(float(thing.low_m[2]) - surface.height_m, thing.margins.size_m[2])
    return _stands(facts, thing, surface.name, f'the {surface.name}', lift, said)


def _stands(
    facts: SceneFacts, thing: SceneObject, name: str, label: str, lift: Quantity, said: str
) -> MeasuredAnswer:
    text = f'{facts.label(thing)} stands on {label}'
    evidence = fact('on', (thing.name, name), lift, text, 'gravity')
    return MeasuredAnswer(
        wording.sentence(said + text), True, (evidence,), 'choice', choice=name,
        subjects=(thing.name, name),
    )  # fmt: skip


_ANY = (
    r'(?:an?y?|some) (?:[\w-]+ '
    r')?(?:object|thing|item|obstacle|one)s?|anything|something|anyone|someone'
)
FAMILIES: tuple[tuple[re.Pattern[str], Family], ...] = (
    (re.compile(r'(?:what|which) color (?:is|are|does|do) (?P<a>.+?)(?: have)?$'), _color),
    (re.compile(r'(?:the )?color of (?P<a>.+)$'), _color),
    (
        re.compile(
            r'^(?:list|order|sort|rank|enumerate|name)\b|\border\b.*\b(?:objects|'
            r'things)|(?:objects|things).*\b(?:from (?:left|right|near|clos|far)|in '
            r'order|by (?:distance|depth|height|size))'
        ),
        _order,
    ),
    (re.compile(r'^how many (?P<np>.+?) (?:are|is) there(?: (?P<rest>.+))?$'), _count),
    (
        re.compile(
            r'^how many (?P<np>.+?) (?:do|can) (?:you|i|we) '
            r'(?:see|find|count|detect)(?: (?P<rest>.+))?$'
        ),
        _count,
    ),
    (
        re.compile(
            r'^how many (?P<np>.+?) (?:are|is|stand|stands|lie|lies|sit|sits) '
            r'(?:visible|present|in view|in (?:the |this '
            r')?(?:image|picture|scene|view|frame|room))$'
        ),
        _count,
    ),
    (
        re.compile(
            r'^how many (?P<np>.+?) (?:are|is|stand|stands|lie|lies|sit|sits) (?P<rest>.+)$'
        ),
        _count,
    ),
    (
        re.compile(
            r'^(?:how many|count|number of|what is the number of)(?: the| all)? (?P<np>.+)$'
        ),
        _count,
    ),
    (re.compile(r'^(?:is|are) there (?P<np>.+)$'), _exists),
    (re.compile(r'^(?:do|can) (?:you|we|i) (?:see|find|detect|spot) (?P<np>.+)$'), _exists),
    (
        re.compile(
            rf'^(?:is|are|does) (?P<np>{_ANY})(?: '
            rf'(?:is|are|stand|lie|sit|standing|lying))? (?P<rest>.+)$'
        ),
        _exists,
    ),
    (
        re.compile(
            r'^what (?:is|does) (?P<a>.+?) '
            r'(?:standing|sitting|resting|lying|stand|sit|rest|lie) on$'
        ),
        _standing_on,
    ),
    (
        re.compile(
            r'^what (?:supports|carries|is under|is below|is underneath|is beneath) (?P<a>.+)$'
        ),
        _standing_on,
    ),
    (
        re.compile(
            r'^where (?:is|are) (?P<a>.+?) (?:relative to|with respect to|in relation '
            r'to|compared to|compared with|as seen from|seen from|from) (?P<b>.+)$'
        ),
        _where,
    ),
    (
        re.compile(
            r'(?:which|what) (?:direction|way|bearing|angle|clock position|clock '
            r"direction|o'clock)(?: position)? (?:is|are|lies) (?P<a>.+?)(?: "
            r'(?:from|relative to|as seen from|seen from) (?P<b>.+))?$'
        ),
        _where,
    ),
    (
        re.compile(
            r'(?:direction|bearing|angle|clock position|position|location|whereabouts) '
            r'(?:to|of) (?P<a>.+?)(?: (?:from|relative to) (?P<b>.+))?$'
        ),
        _where,
    ),
    (re.compile(r'^where (?:is|are) (?P<a>.+)$'), _where),
    (
        re.compile(
            rf'^(?:what|which|who)(?: objects?| things?| items?| one)?(?: '
            rf'(?:is|are|lies|stands|sits|lie|stand|sit))(?: located| standing| placed| '
            rf'lying)? (?:{RELATION}) (?P<b>.+)$'
        ),
        _what_is,
    ),
    (
        re.compile(
            r'^(?:what|which|who)(?: is| are)? '
            r'(?:(?:objects?|things?|items?|ones?|obstacles?) (?:is|are) )?(?:the '
            r')?(?P<np>.+)$'
        ),
        _superlative,
    ),
    (re.compile(r'^(?:find|locate|identify|point to|show)(?: me)? (?P<np>.+)$'), _superlative),
    (re.compile(r'^(?:find|locate)(?: me)? (?P<a>.+)$'), _where),
)
