# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""From noun phrases to the objects that they mean, or to why that cannot be told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
import math

from ssr_ros.scene.geometry.objects import SceneObject, ScenePlane
from ssr_ros.scene.geometry.survey import Survey
from ssr_ros.scene.questions import relations, wording
from ssr_ros.scene.questions.evidence import Evidence
from ssr_ros.scene.questions.phrases import Phrase, PLANE_NOUNS
from ssr_ros.scene.questions.relations import Quantity

Things = tuple[SceneObject, ...]
MOST_NAMED = 6


class CannotTell(Exception):
    """A question that geometry does not answer; the text says why. Never leaves this room."""

    def __init__(self, reason: str, evidence: Sequence[Evidence] = ()) -> None:
        super().__init__(reason)
        self.evidence = tuple(evidence)


_MEASURES: dict[str, Callable[[Survey, SceneObject], Quantity]] = {
    'nearest': lambda facts, thing: _negative(relations.distance(thing)),
    'farthest': lambda facts, thing: relations.distance(thing),
    'left': lambda facts, thing: Quantity(-thing.bearing_deg, thing.margins.bearing_deg),
    'right': lambda facts, thing: Quantity(thing.bearing_deg, thing.margins.bearing_deg),
    'tallest': lambda facts, thing: relations.size(thing, 'height'),
    'shortest': lambda facts, thing: _negative(relations.size(thing, 'height')),
    'widest': lambda facts, thing: relations.size(thing, 'width'),
    'longest': lambda facts, thing: relations.size(thing, 'width'),
    'narrowest': lambda facts, thing: _negative(relations.size(thing, 'width')),
    'deepest': lambda facts, thing: relations.size(thing, 'depth'),
    'biggest': lambda facts, thing: relations.size(thing, 'area'),
    'smallest': lambda facts, thing: _negative(relations.size(thing, 'area')),
    'topmost': lambda facts, thing: Quantity(float(thing.high_m[2]), thing.margins.size_m[2]),
    'lowest': lambda facts, thing: Quantity(-float(thing.low_m[2]), thing.margins.size_m[2]),
}


def _negative(quantity: Quantity) -> Quantity:
    return Quantity(-quantity.value, quantity.sigma)


def measure_of(pick: str, facts: Survey, thing: SceneObject) -> Quantity:
    """The quantity that a superlative compares; larger is more so."""
    return _MEASURES[pick](facts, thing)


def matching(facts: Survey, phrase: Phrase) -> Things:
    """All objects that fit a phrase, its superlative left out, from near to far."""
    things = facts.objects
    if phrase.number is not None:
        suffix = f'object {phrase.number}'
        things = tuple(t for t in things if t.name.endswith(f' {suffix}'))
    if phrase.colors:
        things = tuple(t for t in things if t.color in phrase.colors)
    if phrase.region:
        things = tuple(t for t in things if _in_region(facts, t, phrase.region))
    if phrase.threshold and phrase.numbers:
        things = tuple(t for t in things if _within(facts, t, phrase))
    if phrase.relation in ('nearest to', 'farthest from'):
        return things
    if phrase.relation:
        things = tuple(t for t in things if related(facts, t, phrase) == 1)
    return things


def one(facts: Survey, phrase: Phrase) -> SceneObject:
    """The object that a phrase means.

    Raises:
        CannotTell: there is none, there are several, or the noun is not geometry's to tell.
    """
    candidates = matching(facts, phrase)
    _check_noun(facts, phrase, candidates)
    if not candidates:
        raise CannotTell(_none_text(facts, phrase))
    if phrase.relation in ('nearest to', 'farthest from'):
        return _extreme_from(facts, phrase, candidates)
    pick = phrase.pick or ('' if not phrase.region or phrase.plural else phrase.region)
    pick = {'top': 'topmost', 'bottom': 'lowest', 'upper': 'topmost', 'lower': 'lowest'}.get(
        pick, pick
    )
    if pick:
        return picked(facts, candidates, pick, phrase.rank)
    if len(candidates) > 1:
        raise CannotTell(
            f'"{phrase.text}" fits {len(candidates)} objects: {describe_all(facts, candidates)}. '
            'Say which one is meant'
        )
    return candidates[0]


def caveat(facts: Survey, *phrases: Phrase) -> str:
    """What has to be said before an answer about nouns that colour or place alone picked out."""
    assumed = []
    for phrase in phrases:
        if phrase.kind == 'object' and phrase.noun:
            assumed.append(f'"{phrase.text}" to be {facts.label(one(facts, phrase))}')
    if not assumed:
        return ''
    return f'Taking {wording.listing(assumed)} (depth does not tell what a thing is): '


def group(facts: Survey, phrase: Phrase, number: int = 2) -> Things:
    """Exactly so many objects, as 'them' and 'the two boxes' mean.

    Raises:
        CannotTell: there are more or fewer.
    """
    found = facts.objects if phrase.kind == 'group' else matching(facts, phrase)
    if len(found) != number:
        raise CannotTell(
            f'"{phrase.text}" should mean {number} objects, and the depth shows '
            f'{describe_all(facts, found) or "none"}. Say which ones are meant'
        )
    return found


def plane(facts: Survey, phrase: Phrase) -> ScenePlane:
    """The plane that a phrase means.

    Raises:
        CannotTell: there is none, or there are several.
    """
    role = PLANE_NOUNS[phrase.noun]
    supports = sorted(
        (p for p in facts.planes if p.role in ('support', 'top')), key=lambda p: p.height_m
    )
    found = {
        'floor': supports[:1],
        'table': supports if len(supports) == 1 else supports[1:],
        'wall': [p for p in facts.planes if p.role == 'wall'],
        'ceiling': [p for p in facts.planes if p.role == 'ceiling'],
    }[role]
    if phrase.number is not None:
        found = [p for p in found if p.name.endswith(f' {phrase.number}')]
    if not found:
        raise CannotTell(f'The depth shows no {phrase.noun}')
    if role == 'wall' or (role == 'table' and phrase.pick == 'nearest'):
        return min(found, key=lambda p: p.distance_m)
    if len(found) > 1:
        names = wording.listing([_plane_text(p) for p in found])
        raise CannotTell(f'There are several raised surfaces: {names}. Say which one is meant')
    return found[0]


def _plane_text(surface: ScenePlane) -> str:
    where = 'below' if surface.height_m < 0 else 'above'
    height = wording.length(abs(surface.height_m))
    return f'{surface.name} ({height} {where} the camera)'


def picked(facts: Survey, things: Things, pick: str, rank: int = 1) -> SceneObject:
    """The most extreme of some objects, if it is so beyond its margin.

    Raises:
        CannotTell: two of them are too alike, or there are too few.
    """
    if pick == 'middle':
        return _middle(facts, things)
    if rank > len(things):
        raise CannotTell(f'The depth shows only {wording.count(len(things), "such object")}')
    order = sorted(things, key=lambda t: -measure_of(pick, facts, t).value)
    for other in (rank - 2, rank):
        if not 0 <= other < len(order):
            continue
        apart = measure_of(pick, facts, order[rank - 1]) - measure_of(pick, facts, order[other])
        if apart.sign == 0:
            pair = describe_all(facts, (order[rank - 1], order[other]))
            raise CannotTell(
                f'I cannot tell which is the {pick} one: {pair} differ by less than the margin'
            )
    return order[rank - 1]


def _middle(facts: Survey, things: Things) -> SceneObject:
    if len(things) % 2 == 0:
        raise CannotTell(f'There is no middle one among {len(things)} objects')
    return sorted(things, key=lambda t: t.bearing_deg)[len(things) // 2]


def _extreme_from(facts: Survey, phrase: Phrase, things: Things) -> SceneObject:
    """The candidate nearest to (or farthest from) the anchor, beyond its margin."""
    if phrase.anchors[0].kind == 'camera':
        pick = 'nearest' if phrase.relation == 'nearest to' else 'farthest'
        return picked(facts, things, pick)
    anchor = one(facts, phrase.anchors[0])
    others = [t for t in things if t is not anchor]
    if not others:
        raise CannotTell(f'The depth shows no other object than {facts.label(anchor)}')
    gaps = [(relations.gap(facts, anchor, t), t) for t in others]
    gaps.sort(key=lambda pair: pair[0].value, reverse=phrase.relation != 'nearest to')
    if len(gaps) > 1 and (gaps[1][0] - gaps[0][0]).sign == 0:
        pair = describe_all(facts, (gaps[0][1], gaps[1][1]))
        raise CannotTell(
            f'I cannot tell which is nearer to {facts.label(anchor)}: {pair} differ by less than '
            'the margin'
        )
    return gaps[0][1]


def related(facts: Survey, thing: SceneObject, phrase: Phrase) -> int:
    """Whether an object stands to the phrase's anchors as it says: 1, -1 or 0 (cannot tell)."""
    if phrase.relation == 'between':
        pair = phrase.anchors
        both = (
            (one(facts, pair[0]), one(facts, pair[1])) if len(pair) == 2 else group(facts, pair[0])
        )
        return is_between(facts, thing, both[0], both[1])
    anchor = phrase.anchors[0]
    if anchor.kind == 'camera':
        return _to_camera(facts, thing, phrase.relation)
    if anchor.kind == 'plane':
        return to_plane(facts, thing, plane(facts, anchor), phrase.relation)
    other = one(facts, anchor)
    if other is thing:
        return -1
    if phrase.relation in ('above', 'below') and not relations.overlap_on_ground(thing, other):
        return -1
    return relation_sign(facts, thing, other, phrase.relation)


def relation_sign(facts: Survey, a: SceneObject, b: SceneObject, relation: str) -> int:
    """Whether a stands in a relation to b: 1 yes, -1 no, 0 inside the margin."""
    if relation == 'touching':
        return relations.touching(facts, a, b)[0]
    if relation == 'on':
        return relations.stands_on(facts, a, b)[0]
    if relation == 'beside':
        apart = relations.gap(facts, a, b).value
        return 1 if apart < max(a.size_m.max(), b.size_m.max()) else -1
    quantity = relation_quantity(facts, a, b, relation)
    return quantity.sign


def relation_quantity(facts: Survey, a: SceneObject, b: SceneObject, relation: str) -> Quantity:
    """By how much a is left of, right of, above, below, in front of or behind b."""
    if relation in ('left of', 'right of'):
        quantity = relations.right_of(facts, a, b)
    elif relation in ('above', 'below'):
        quantity = relations.above(facts, a, b)
    else:
        quantity = relations.in_front_of(facts, a, b)
    return _negative(quantity) if relation in ('left of', 'below', 'behind') else quantity


def is_between(facts: Survey, thing: SceneObject, a: SceneObject, b: SceneObject) -> int:
    """Whether an object lies between two others as the camera sees them, left to right."""
    if thing is a or thing is b:
        return -1
    low, high = sorted((a, b), key=lambda t: t.bearing_deg)
    signs = (
        relations.right_of(facts, thing, low).sign,
        relations.right_of(facts, high, thing).sign,
    )
    return -1 if -1 in signs else min(signs)


def to_plane(facts: Survey, thing: SceneObject, surface: ScenePlane, relation: str) -> int:
    """Whether an object stands on, above or below a plane."""
    foot = Quantity(float(thing.low_m[2]) - surface.height_m, thing.margins.size_m[2])
    if surface.role in ('support', 'top') and relation in ('on', 'touching', 'above', 'below'):
        if relation in ('on', 'touching'):
            return (
                1 if thing.support is not None and facts.planes[thing.support] is surface else -1
            )
        return foot.sign if relation == 'above' else -foot.sign
    between = relations.distance_to_plane(facts, thing, surface)
    if relation in ('touching', 'on', 'beside'):
        reach = 2 * between.sigma + 0.02 * thing.distance_m
        return 1 if between.value < reach else -1
    if relation == 'in front of':
        return 1
    raise CannotTell(f'I cannot tell what is {relation} the {surface.name}')


def _to_camera(facts: Survey, thing: SceneObject, relation: str) -> int:
    if relation in ('in front of', 'beside', 'nearest to'):
        return 1
    if relation in ('left of', 'right of'):
        sign = Quantity(thing.bearing_deg, thing.margins.bearing_deg).sign
        return sign if relation == 'right of' else -sign
    height = float(relations.place(facts, thing)[2])
    sign = Quantity(height, thing.margins.center_m[1]).sign
    if relation in ('above', 'below'):
        return sign if relation == 'above' else -sign
    raise CannotTell(f'The camera does not see what is {relation} it')


def _in_region(facts: Survey, thing: SceneObject, region: str) -> bool:
    x = (thing.box_px[0] + thing.box_px[2]) / 2 / facts.frame.width
    y = (thing.box_px[1] + thing.box_px[3]) / 2 / facts.frame.height
    return {
        'left': x < 0.5, 'right': x >= 0.5, 'top': y < 0.5, 'upper': y < 0.5, 'bottom': y >= 0.5,
        'lower': y >= 0.5, 'middle': abs(x - 0.5) < 1 / 6, 'center': abs(x - 0.5) < 1 / 6,
    }[region]  # fmt: skip


def threshold_quantity(facts: Survey, thing: SceneObject, phrase: Phrase) -> Quantity:
    """How far an object is inside of the phrase's bound (positive: it fulfils it)."""
    how, bound = phrase.threshold, phrase.numbers[0]
    if any(word in how for word in ('tall', 'high', 'short', 'lower')):
        quantity = relations.size(thing, 'height')
    elif any(word in how for word in ('wid', 'narrow', 'bigger', 'larger', 'smaller')):
        quantity = relations.size(thing, 'width')
    elif phrase.anchors and phrase.anchors[0].kind == 'object' and not phrase.relation:
        quantity = relations.gap(facts, one(facts, phrase.anchors[0]), thing)
    else:
        quantity = relations.distance(thing)
    more = ('more', 'farther', 'over', 'beyond', 'least', 'taller', 'higher', 'wider', 'bigger',
            'larger')  # fmt: skip
    sign = 1 if how.split(' ')[0] in more or how == 'at least' else -1
    return Quantity(sign * (quantity.value - bound), quantity.sigma)


def _within(facts: Survey, thing: SceneObject, phrase: Phrase) -> bool:
    by_thing = phrase.anchors and phrase.anchors[0].kind == 'object' and not phrase.relation
    if by_thing and one(facts, phrase.anchors[0]) is thing:
        return False
    return threshold_quantity(facts, thing, phrase).value > 0


def _check_noun(facts: Survey, phrase: Phrase, candidates: Things) -> None:
    """Refuse a kind of thing (mug, chair) unless colour or number leaves one object only."""
    if not phrase.noun or phrase.kind != 'object':
        return
    if phrase.colors and len(candidates) == 1 and not phrase.pick:
        return
    shown = describe_all(facts, candidates or facts.objects)
    raise CannotTell(
        f'I cannot tell which object is the {phrase.noun}: depth shows shapes and places, not '
        f'what a thing is. It shows {shown or "no object"}'
    )


def _none_text(facts: Survey, phrase: Phrase) -> str:
    if not facts.valid_ratio:
        return 'No pixel has depth, so nothing can be measured'
    shown = describe_all(facts, facts.objects)
    return f'The depth shows nothing that fits "{phrase.text}". It shows {shown or "no object"}'


def describe_all(facts: Survey, things: Things) -> str:
    """Name objects with their place: 'the red object (47 cm, 3° to the left) and 2 more'."""
    named = [
        f'{facts.label(t)} ({wording.length(t.distance_m)}, {wording.side(t.bearing_deg)})'
        for t in things
    ]
    return wording.listing(wording.first(named, MOST_NAMED))


def rounded_degrees(value: float) -> float:
    """Degrees in -180..180."""
    return math.remainder(value, 360.0)
