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

"""Distances, sizes and heights in numbers."""

from __future__ import annotations

from collections.abc import Callable
import re
from typing import TYPE_CHECKING

from ssr_ros.scene import referents, relations, wording
from ssr_ros.scene.evidence import Evidence, MeasuredAnswer
from ssr_ros.scene.language import Phrase, read_phrase
from ssr_ros.scene.objects import SceneObject, ScenePlane
from ssr_ros.scene.rationale import describe
from ssr_ros.scene.referents import CannotTell
from ssr_ros.scene.region import measure_at
from ssr_ros.scene.relations import Quantity

if TYPE_CHECKING:
    from ssr_ros.scene.facts import SceneFacts

Family = Callable[['SceneFacts', 're.Match[str]', 'str | None'], MeasuredAnswer | None]


def number(
    text: str, quantity: Quantity, evidence: tuple[Evidence, ...], unit: str = 'm'
) -> MeasuredAnswer:
    """Make an answer whose point is a number."""
    subjects = tuple(dict.fromkeys(name for item in evidence for name in item.subjects))
    return MeasuredAnswer(
        wording.sentence(text), True, evidence, 'number', quantity.value, quantity.sigma, unit,
        '', subjects,
    )  # fmt: skip


def fact(
    kind: str, subjects: tuple[str, ...], quantity: Quantity, text: str, frame: str = 'camera',
    unit: str = 'm',
) -> Evidence:  # fmt: skip
    """Make one piece of evidence."""
    return Evidence(
        kind, subjects, quantity.value, quantity.sigma, unit, frame, wording.sentence(text)
    )


def _between(facts: SceneFacts, match: re.Match[str], unit: str | None) -> MeasuredAnswer | None:
    """Distance of two things: between them, from one to the other, apart."""
    groups = match.groupdict()
    how = _how(match.string)
    if groups.get('both'):
        both = groups['both']
        parts = re.split(r' and ', both)
        phrases = [read_phrase(part) for part in parts]
        if len(phrases) == 1:
            pair = referents.group(facts, phrases[0])
            return distance_of(facts, pair[0], pair[1], how, unit)
        groups = {'a': parts[0], 'b': ' and '.join(parts[1:])}
    a, b = read_phrase(groups['a'] or ''), read_phrase(groups['b'] or '')
    if a.kind == 'camera':
        a, b = b, a
    if b.kind == 'camera':
        return to_camera(facts, a, unit)
    if 'plane' in (a.kind, b.kind):
        return _to_plane(facts, a, b, unit)
    said = referents.caveat(facts, a, b)
    one, other = referents.one(facts, a), referents.one(facts, b)
    if one is other:
        raise CannotTell(f'"{a.text}" and "{b.text}" are the same object, {facts.label(one)}')
    return distance_of(facts, one, other, how, unit, said)


def _how(text: str) -> str:
    if 'horizontal' in text:
        return 'horizontal'
    if 'vertical' in text:
        return 'vertical'
    return 'center' if re.search(r'cent(er|ral)|middle', text) else 'gap'


def distance_of(
    facts: SceneFacts, a: SceneObject, b: SceneObject, how: str, unit: str | None, said: str = ''
) -> MeasuredAnswer:
    """Distance of two objects: 'gap', 'center', 'horizontal' or 'vertical'."""
    if how == 'gap':
        quantity = relations.gap(facts, a, b)
        center = relations.straight(facts, a, b, 'center')
        text = (
            f'{facts.label(a)} and {facts.label(b)} are '
            f'{wording.length(quantity.value, quantity.sigma, unit)} apart at their '
            'closest visible '
            f'points ({wording.length(center.value, center.sigma, unit)} between centres)'
        )
        kind = 'gap'
    else:
        quantity = relations.straight(facts, a, b, how)
        words = {'center': '', 'horizontal': ' horizontally', 'vertical': ' vertically'}[how]
        text = (
            f'the centres of {facts.label(a)} and {facts.label(b)} are '
            f'{wording.length(quantity.value, quantity.sigma, unit)} apart{words}'
        )
        kind = f'{how}_distance'
    frame = 'camera' if how in ('gap', 'center') else 'gravity'
    evidence = (
        fact(kind, (a.name, b.name), quantity, text, frame),
        describe(facts, a),
        describe(facts, b),
    )
    return number(said + text, quantity, evidence)


def _to_plane(facts: SceneFacts, a: Phrase, b: Phrase, unit: str | None) -> MeasuredAnswer:
    if a.kind == b.kind == 'plane':
        one, other = referents.plane(facts, a), referents.plane(facts, b)
        if one is other or one.height_m != one.height_m or other.height_m != other.height_m:
            raise CannotTell(
                f'I measure heights between level surfaces, not from {a.text} to {b.text}'
            )
        quantity = Quantity(abs(one.height_m - other.height_m), one.sigma_m + other.sigma_m)
        text = (
            f'the {one.name} and the {other.name} are '
            f'{wording.length(quantity.value, quantity.sigma, unit)} apart in height'
        )
        return number(
            text, quantity, (fact('height', (one.name, other.name), quantity, text, 'gravity'),)
        )
    thing, surface = (b, a) if a.kind == 'plane' else (a, b)
    said = referents.caveat(facts, thing)
    found, on = referents.one(facts, thing), referents.plane(facts, surface)
    quantity = relations.distance_to_plane(facts, found, on)
    text = (
        f'{facts.label(found)} is '
        f'{wording.length(quantity.value, quantity.sigma, unit)} from the {on.name} '
        'at its nearest'
    )
    return number(
        said + text,
        quantity,
        (fact('distance', (found.name, on.name), quantity, text, 'gravity'),),
    )


def _camera_distance(
    facts: SceneFacts, match: re.Match[str], unit: str | None
) -> MeasuredAnswer | None:
    """Distance from the camera."""
    return to_camera(facts, read_phrase(match['a']), unit)


def to_camera(facts: SceneFacts, phrase: Phrase, unit: str | None) -> MeasuredAnswer:
    """Distance from the camera to what a phrase means: an object, a plane, a pixel or a box."""
    if phrase.kind in ('pixel', 'box'):
        return _at(facts, phrase, unit)
    if phrase.kind == 'plane':
        return _plane_distance(facts, referents.plane(facts, phrase), unit)
    if phrase.plural and not phrase.pick:
        return _distances(facts, phrase, unit)
    said = referents.caveat(facts, phrase)
    thing = referents.one(facts, phrase)
    quantity = relations.distance(thing)
    text = (
        f'{facts.label(thing)} is {wording.length(quantity.value, quantity.sigma, unit)} away, '
        f'{wording.side(thing.bearing_deg)}'
    )
    return number(said + text, quantity, (describe(facts, thing),))


def _distances(facts: SceneFacts, phrase: Phrase, unit: str | None) -> MeasuredAnswer:
    things = facts.objects if phrase.kind == 'group' else referents.matching(facts, phrase)
    if phrase.noun or not things:
        referents.one(facts, phrase)  # says why not
    parts = [
        f'{facts.label(t)} is {wording.length(t.distance_m, t.margins.distance_m, unit)} away'
        for t in things[: referents.MOST_NAMED]
    ]
    evidence = tuple(describe(facts, t) for t in things[: referents.MOST_NAMED])
    return MeasuredAnswer(
        wording.sentence(wording.listing(parts)), True, evidence,
        subjects=tuple(t.name for t in things),
    )  # fmt: skip


def _at(facts: SceneFacts, phrase: Phrase, unit: str | None) -> MeasuredAnswer:
    frame = facts.frame
    numbers = phrase.numbers or ((frame.width - 1) / 2, (frame.height - 1) / 2)
    inside = all(
        0 <= value <= limit
        for value, limit in zip(numbers, (frame.width, frame.height) * 2, strict=False)
    )
    if not inside or (
        len(numbers) == 4 and (numbers[0] >= numbers[2] or numbers[1] >= numbers[3])
    ):
        raise CannotTell(f'{phrase.text} is not inside the {frame.width}x{frame.height} image')
    region = (numbers[0], numbers[1]) if len(numbers) == 2 else (
        numbers[0], numbers[1], numbers[2], numbers[3]
    )  # fmt: skip
    at = measure_at(frame, region, facts.noise, facts.gravity)
    if not at.known:
        raise CannotTell(at.evidence.text.rstrip('.'), (at.evidence,))
    quantity = Quantity(at.median_distance_m, at.margins.median_distance_m)
    text = (
        f'the surface at {phrase.text} is {wording.length(quantity.value, quantity.sigma, unit)} '
        f'away (depth along the optical axis {wording.length(at.depth_m, quantity.sigma, unit)})'
    )
    return number(text, quantity, (at.evidence,))


def _plane_distance(facts: SceneFacts, surface: ScenePlane, unit: str | None) -> MeasuredAnswer:
    quantity = Quantity(surface.distance_m, surface.sigma_m)
    text = (
        f'the nearest visible part of the {surface.name} is '
        f'{wording.length(quantity.value, quantity.sigma, unit)} away'
    )
    return number(text, quantity, (fact('distance', (surface.name,), quantity, text),))


_DIMENSIONS = {
    'wide': 'width', 'broad': 'width', 'width': 'width', 'breadth': 'width', 'long': 'width',
    'length': 'width', 'tall': 'height', 'high': 'height', 'height': 'height', 'deep': 'depth',
    'depth': 'depth', 'thick': 'depth', 'thickness': 'depth', 'big': 'size', 'large': 'size',
    'size': 'size', 'dimension': 'size', 'dimensions': 'size', 'extent': 'size', 'small': 'size',
    'volume': 'volume',
}  # fmt: skip


def _size(facts: SceneFacts, match: re.Match[str], unit: str | None) -> MeasuredAnswer | None:
    """Width, height, depth, size or volume."""
    dimension = _DIMENSIONS[match['dim']]
    phrase = read_phrase(match['a'])
    if phrase.kind == 'camera':
        return camera_height(facts, unit) if dimension == 'height' else None
    if phrase.kind == 'plane':
        return _plane_height(facts, phrase, dimension, unit)
    if phrase.kind in ('pixel', 'box') and dimension == 'depth':
        return _at(facts, phrase, unit)
    said = referents.caveat(facts, phrase)
    thing = referents.one(facts, phrase)
    if dimension == 'volume':
        return _volume(facts, thing, said)
    least = 'at least ' if thing.touches_edge else ''
    if dimension == 'size':
        return _all_sizes(facts, thing, unit, said)
    quantity = relations.size(thing, dimension)
    word = {'width': 'wide', 'height': 'high', 'depth': 'deep'}[dimension]
    if dimension == 'depth':
        least = 'at least '
    text = (
        f'{facts.label(thing)} is {least}'
        f'{wording.length(quantity.value, quantity.sigma, unit)} {word}'
    )
    if least:
        text += ', as far as it is seen'
    return number(
        said + text, quantity, (fact(dimension, (thing.name,), quantity, text, 'gravity'),)
    )


def _all_sizes(
    facts: SceneFacts, thing: SceneObject, unit: str | None, said: str
) -> MeasuredAnswer:
    sizes = [relations.size(thing, d) for d in ('width', 'depth', 'height')]
    width, depth, height = (wording.length(s.value, s.sigma, unit) for s in sizes)
    least = 'at least ' if thing.touches_edge else ''
    text = (
        f'{facts.label(thing)} is {least}{width} wide, {least}{height} high and, as '
        'far as it is seen, '
        f'{depth} deep'
    )
    evidence = tuple(
        fact(
            d,
            (thing.name,),
            s,
            f'{facts.label(thing)} is {wording.length(s.value, s.sigma)} {w}',
            'gravity',
        )
        for d, s, w in zip(
            ('width', 'depth', 'height'), sizes, ('wide', 'deep', 'high'), strict=True
        )
    )
    largest = max((sizes[0], sizes[2]), key=lambda s: s.value)
    return number(said + text, largest, evidence)


def _volume(facts: SceneFacts, thing: SceneObject, said: str) -> MeasuredAnswer:
    quantity = relations.volume(thing)
    text = (
        f'the box around what is seen of {facts.label(thing)} holds '
        f'{1000 * quantity.value:.3g} ± {2000 * quantity.sigma:.1g} litres; its far '
        'side is not seen'
    )
    return number(
        said + text,
        quantity,
        (fact('volume', (thing.name,), quantity, text, 'gravity', 'm3'),),
        'm3',
    )


def _plane_height(
    facts: SceneFacts, phrase: Phrase, dimension: str, unit: str | None
) -> MeasuredAnswer:
    if dimension != 'height':
        raise CannotTell(
            f'I measure how high a surface lies, not the {dimension} of the {phrase.noun}'
        )
    surface = referents.plane(facts, phrase)
    if surface.height_m != surface.height_m:
        raise CannotTell(f'The upper end of the {surface.name} is not measured')
    supports = [p for p in facts.planes if p.role in ('support', 'top')]
    base = min(supports, key=lambda p: p.height_m)
    if base is surface:
        quantity = Quantity(abs(surface.height_m), surface.sigma_m)
        where = 'below' if surface.height_m < 0 else 'above'
        text = (
            f'the {surface.name} lies '
            f'{wording.length(quantity.value, quantity.sigma, unit)} {where} the '
            'camera; no lower floor is seen'
        )
    else:
        quantity = Quantity(surface.height_m - base.height_m, surface.sigma_m + base.sigma_m)
        text = (
            f'the {surface.name} lies '
            f'{wording.length(quantity.value, quantity.sigma, unit)} above the '
            f'{base.name}'
        )
    return number(text, quantity, (fact('height', (surface.name,), quantity, text, 'gravity'),))


def camera_height(facts: SceneFacts, unit: str | None) -> MeasuredAnswer:
    """Height of the camera over the lowest support."""
    supports = [p for p in facts.planes if p.role in ('support', 'top')]
    if not supports:
        raise CannotTell('The depth shows no floor or table to measure the height from')
    base = min(supports, key=lambda p: p.height_m)
    quantity = Quantity(-base.height_m, base.sigma_m)
    text = (
        f'the camera is {wording.length(quantity.value, quantity.sigma, unit)} '
        f'above the {base.name}'
    )
    return number(text, quantity, (fact('height', (base.name,), quantity, text, 'gravity'),))


def _camera_height(facts: SceneFacts, match: re.Match[str], unit: str | None) -> MeasuredAnswer:
    return camera_height(facts, unit)


def _tilt(facts: SceneFacts, match: re.Match[str], unit: str | None) -> MeasuredAnswer:
    """How far the camera looks down."""
    if not facts.gravity.known:
        raise CannotTell('No floor or table is seen, so the tilt of the camera is not known')
    tilt = Quantity(facts.gravity.tilt_deg, 0.5)
    way = 'down' if tilt.value >= 0 else 'up'
    text = f'the camera is tilted {wording.angle(tilt.value)} {way}'
    return number(text, tilt, (fact('tilt', (), tilt, text, 'gravity', 'deg'),), 'deg')


_DIST = r'(?:distance|gap|spacing|separation|clearance|free space|space|room|offset)'
_DIMS = '|'.join(sorted(_DIMENSIONS, key=len, reverse=True))

FAMILIES: tuple[tuple[re.Pattern[str], Family], ...] = (
    (
        re.compile(
            r'(?:^how high (?:is|am) (?:the camera|the robot|you|i)\b|height of (?:the '
            r'|your |my )?(?:camera|robot|sensor))'
        ),
        _camera_height,
    ),
    (
        re.compile(
            r'(?:tilt|pitch)(?:ed)?\b.*\bcamera|camera.*\b(?:tilt|pitch)|how '
            r'(?:far|much) (?:is|are) (?:the camera|you) (?:tilted|looking down)'
        ),
        _tilt,
    ),
    (
        re.compile(
            r'^how (?:far|close|near) (?:apart |together )?(?:is|are) (?P<both>.+? and '
            r'.+?|them|they|these|those|the two .+?|both .+?)(?: apart| together| from '
            r'each other| from one another| to each other)?$'
        ),
        _between,
    ),
    (
        re.compile(
            rf'(?:^|the |what |much |horizontal |vertical ){_DIST} (?:is there |there is '
            rf')?between (?P<both>.+)$'
        ),
        _between,
    ),
    (re.compile(rf'{_DIST} (?:from|of) (?P<a>.+?) (?:to|from|and) (?P<b>.+)$'), _between),
    (
        re.compile(
            r'^how (?:far|close|near)(?: away)?(?: horizontally| vertically)? '
            r'(?:is|are) (?:it from )?(?P<a>.+?)(?: away)? (?:from|to) (?P<b>.+)$'
        ),
        _between,
    ),
    (re.compile(r'^how far (?:away )?(?:from|to) (?P<b>.+?) (?:is|are) (?P<a>.+)$'), _between),
    (
        re.compile(
            r'^how (?:far|close|near)(?: away| off)? (?:is|are|lies|lie) (?P<a>.+?)(?: '
            r'away| off| now)?$'
        ),
        _camera_distance,
    ),
    (re.compile(r'^how (?:away|far) (?:is|are) (?P<a>.+)$'), _camera_distance),
    (re.compile(r'^how far (?:away |off )?(?P<a>.+?) (?:is|are)(?: away)?$'), _camera_distance),
    (
        re.compile(
            r'^how far (?:do|must|should|would) (?:i|you|we|the robot) (?:have to |need '
            r'to )?(?:go|drive|move|reach|travel|walk) (?:to |to get to |to reach '
            r'|before reaching )?(?P<a>.+)$'
        ),
        _camera_distance,
    ),
    (
        re.compile(r'^how far (?:is it )?(?:away )?(?:from (?:me|here) )?(?:to|until) (?P<a>.+)$'),
        _camera_distance,
    ),
    (
        re.compile(
            r'(?:distance|range|depth) (?:value )?(?:to|of|at|for|towards?) '
            r'(?P<a>(?:the )?(?:pixel|point|box|region)? ?[\[(]?\d.*|.+?)(?: from '
            r'(?:me|the camera|here|the robot))?$'
        ),
        _camera_distance,
    ),
    (re.compile(rf'^how (?P<dim>{_DIMS}) (?:is|are) (?P<a>.+)$'), _size),
    (re.compile(rf'^how (?P<dim>{_DIMS}) (?P<a>.+?) (?:is|are)$'), _size),
    (re.compile(rf'\b(?P<dim>{_DIMS}) of (?P<a>.+)$'), _size),
    (
        re.compile(
            r'^(?:what is |measure )(?P<a>.+?)(?:\'s)? (?P<dim>width|height|size|length|volume)$'
        ),
        _size,
    ),
    (re.compile(r'^(?:what is )?(?P<a>.+?)\'s distance$'), _camera_distance),
)
