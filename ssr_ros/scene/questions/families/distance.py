# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Distances: from the camera, of two things, to a surface, at a pixel."""

from __future__ import annotations

import re

from ssr_ros.scene.geometry.objects import SceneObject, ScenePlane
from ssr_ros.scene.geometry.region import measure_at
from ssr_ros.scene.geometry.survey import Survey
from ssr_ros.scene.questions import referents, relations, wording
from ssr_ros.scene.questions.asked import asked, fact, number
from ssr_ros.scene.questions.evidence import MeasuredAnswer
from ssr_ros.scene.questions.phrases import Phrase, read_phrase
from ssr_ros.scene.questions.rationale import describe
from ssr_ros.scene.questions.referents import CannotTell
from ssr_ros.scene.questions.regions import region_evidence
from ssr_ros.scene.questions.relations import Quantity

_DIST = r'(?:distance|gap|spacing|separation|clearance|free space|space|room|offset)'


@asked(
    r'^how (?:far|close|near) (?:apart |together )?(?:is|are) (?P<both>.+? and '
    r'.+?|them|they|these|those|the two .+?|both .+?)(?: apart| together| from '
    r'each other| from one another| to each other)?$',
    rf'(?:^|the |what |much |horizontal |vertical ){_DIST} (?:is there |there is '
    rf')?between (?P<both>.+)$',
    rf'{_DIST} (?:from|of) (?P<a>.+?) (?:to|from|and) (?P<b>.+)$',
    r'^how (?:far|close|near)(?: away)?(?: horizontally| vertically)? '
    r'(?:is|are) (?:it from )?(?P<a>.+?)(?: away)? (?:from|to) (?P<b>.+)$',
    r'^how far (?:away )?(?:from|to) (?P<b>.+?) (?:is|are) (?P<a>.+)$',
)
def answer_between(facts: Survey, match: re.Match[str], unit: str | None) -> MeasuredAnswer | None:
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
    if a.kind == 'camera' or a.text == 'it':
        a, b = b, a
    if b.kind == 'camera' or b.text == 'it':
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
    facts: Survey, a: SceneObject, b: SceneObject, how: str, unit: str | None, said: str = ''
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


def _to_plane(facts: Survey, a: Phrase, b: Phrase, unit: str | None) -> MeasuredAnswer:
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


@asked(
    r'^how (?:far|close|near)(?: away| off)? (?:is|are|lies|lie) (?P<a>.+?)(?: '
    r'away| off| now)?$',
    r'^how (?:away|far) (?:is|are) (?P<a>.+)$',
    r'^how far (?:away |off )?(?P<a>.+?) (?:is|are)(?: away)?$',
    r'^how far (?:do|must|should|would) (?:i|you|we|the robot) (?:have to |need '
    r'to )?(?:go|drive|move|reach|travel|walk) (?:to |to get to |to reach '
    r'|before reaching )?(?P<a>.+)$',
    r'^how far (?:is it )?(?:away )?(?:from (?:me|here) )?(?:to|until) (?P<a>.+)$',
    r'(?:distance|range|depth) (?:value )?(?:to|of|at|for|towards?) '
    r'(?P<a>(?:the )?(?:pixel|point|box|region)? ?[\[(]?\d.*|.+?)(?: from '
    r'(?:me|the camera|here|the robot))?$',
    r'^(?:what is )?(?P<a>.+?)\'s distance$',
)
def answer_camera_distance(
    facts: Survey, match: re.Match[str], unit: str | None
) -> MeasuredAnswer | None:
    """Distance from the camera."""
    return to_camera(facts, read_phrase(match['a']), unit)


def to_camera(facts: Survey, phrase: Phrase, unit: str | None) -> MeasuredAnswer:
    """Distance from the camera to what a phrase means: an object, a plane, a pixel or a box."""
    if phrase.kind in ('pixel', 'box'):
        return at_place(facts, phrase, unit)
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


def _distances(facts: Survey, phrase: Phrase, unit: str | None) -> MeasuredAnswer:
    things = facts.objects if phrase.kind == 'group' else referents.matching(facts, phrase)
    if phrase.noun or not things:
        referents.one(facts, phrase)  # says why not
    parts = [
        f'{facts.label(t)} is {wording.length(t.distance_m, t.margins.distance_m, unit)} away'
        for t in things
    ]
    evidence = tuple(describe(facts, t) for t in things[: referents.MOST_NAMED])
    return MeasuredAnswer(
        wording.sentence(wording.listing(wording.first(parts, referents.MOST_NAMED))),
        True,
        evidence,
        subjects=tuple(t.name for t in things),
    )


def at_place(facts: Survey, phrase: Phrase, unit: str | None) -> MeasuredAnswer:
    """Distance of the surface at a pixel, in a box, or in the middle of the image."""
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
        raise CannotTell(region_evidence(at).text.rstrip('.'), (region_evidence(at),))
    quantity = Quantity(at.median_distance_m, at.margins.median_distance_m)
    text = (
        f'the surface at {phrase.text} is {wording.length(quantity.value, quantity.sigma, unit)} '
        f'away (depth along the optical axis {wording.length(at.depth_m, quantity.sigma, unit)})'
    )
    return number(text, quantity, (region_evidence(at),))


def _plane_distance(facts: Survey, surface: ScenePlane, unit: str | None) -> MeasuredAnswer:
    quantity = Quantity(surface.distance_m, surface.sigma_m)
    text = (
        f'the nearest visible part of the {surface.name} is '
        f'{wording.length(quantity.value, quantity.sigma, unit)} away'
    )
    return number(text, quantity, (fact('distance', (surface.name,), quantity, text),))
