# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Distances: from the camera, of two things, to a surface, at a pixel."""

from __future__ import annotations

import math
import re
from typing import cast

from ssr_ros.scene.geometry.objects import SceneObject
from ssr_ros.scene.geometry.region import measure_at
from ssr_ros.scene.questions import referents, relations, surfaces, wording
from ssr_ros.scene.questions.asked import Asked
from ssr_ros.scene.questions.cannot_tell import CannotTell
from ssr_ros.scene.questions.evidence import Evidence, Frame, MeasuredAnswer
from ssr_ros.scene.questions.phrase_reading import read_phrase
from ssr_ros.scene.questions.phrases import Phrase
from ssr_ros.scene.questions.quantity import Quantity
from ssr_ros.scene.questions.query import Apart, Query
from ssr_ros.scene.questions.rationale import describe, MOST_NAMED
from ssr_ros.scene.questions.reader import ASKED, phrase, reads, said
from ssr_ros.scene.questions.regions import region_evidence
from ssr_ros.scene.questions.relations import Straight

_DISTANCE = (
    '(?:(?:horizontal|vertical|center[ -]to[ -]center|center|empty) )*'
    '(?:distance|gap|spacing|separation|clearance|free space|space|room|offset)'
)
_SIDES = ('left', 'right', 'the left', 'the right')
_CENTERS = re.compile('^(?:the )?(?:center|middle)s? of ')
_HOW: dict[str, Apart] = {
    r'\bhorizontal': 'horizontal',
    r'\b(?:vertical|difference (?:in|of) (?:height|elevation)|height difference)': 'vertical',
    r'\b(?:cent(?:er|ral)|middle)': 'center',
}
"""Beside names, which have no edge of a word within them."""


@reads(
    '^how far (?:is |are )?(?:it |there )?between (?P<both>.+)$',
    r"""^how (?:far|close|near) (?:apart |together )?(?:is|are)[ ]
    (?P<both>.+? and .+?|them|they|these|those|the two(?: .+?)?|both(?: .+?)?)
    (?: apart| together| from each other| from one another| to each other)?$""",
    rf"""(?:{ASKED}|^how (?:much|(?:big|wide|large) is the) ){_DISTANCE}[ ]
    (?:is there |there is )?between (?P<both>.+)$""",
    rf"""{ASKED}(?:difference (?:in|of) (?:height|elevation)|height difference)[ ]
    (?:between|of) (?P<both>(?:the )?(?:center|middle)s of .+)$""",
    rf'{ASKED}{_DISTANCE} (?:from|of) (?P<a>.+?) (?:to|from|and) (?P<b>.+)$',
    r"""^how (?:far|close|near)(?: away)?(?: horizontally| vertically)?[ ]
    (?:is|are) (?:it from )?(?P<a>.+?)(?: away)?
    (?<! next)(?<! close)(?<! near)(?<! adjacent) (?:from|to) (?P<b>.+)$""",
    '^how far apart are (?P<both>.+)$',
    '^how far separates? (?P<a>.+?) (?:from|and) (?P<b>.+)$',
    '^how far (?:away )?(?:from|to) (?P<b>.+?) (?:is|are|am) (?P<a>.+)$',
    '^how far from (?P<a>.+?) to (?P<b>.+)$',
)
def read_apart(match: re.Match[str]) -> Query | None:
    """How far is A from B? How far apart are they?"""
    how = next((name for words, name in _HOW.items() if re.search(words, match.string)), 'gap')
    both = _CENTERS.sub('', said(match, 'both')).split(' and ', 1)
    if len(both) == 1 and both[0]:
        return Query(kind='apart', what=how, a=read_phrase(both[0]))
    a, b = (read_phrase(part) for part in (both if both[0] else (match['a'], match['b'])))
    if a.kind == 'camera' or a.text == 'it':
        a, b = b, a
    if b.kind == 'camera' or b.text == 'it':
        return Query(kind='distance', what='' if how == 'gap' else how, a=a)
    if b.text in _SIDES:  # 'the third object from the left' is one thing
        return None
    if said(match, 'a').endswith((' nearest', ' closest')):  # one thing: 'the can nearest to B'
        return None
    if a.pick in ('nearest', 'farthest') and f'{a.text} to {b.text}' in match.string:
        a = read_phrase(f'{a.text} to {b.text}')  # the one nearest to B, not to the camera
    return Query(kind='apart', what=how, a=a, b=b)


@reads(
    r"""^how (?:far|close|near)(?: away| off)?(?: (?P<along>horizontal|vertical)ly)?[ ]
    (?:is|are|lies|lie) (?P<a>.+?)(?: away| off| now)?$""",
    '^how (?:away|far) (?:is|are) (?P<a>.+)$',
    '^how far (?:away |off )?(?P<a>.+?) (?:is|are)(?: away)?$',
    r"""^how far (?:do|must|should|would) (?:i|you|we|the robot) (?:have to |need to )?
    (?:go|drive|move|reach|travel|walk)[ ](?:to get to |to reach |before reaching |to )?
    (?P<a>.+)$""",
    '^how far (?:is it )?(?:away )?(?:from (?:me|here) )?(?:to|until) (?P<a>.+)$',
    rf"""{ASKED}(?:(?P<along>horizontal|vertical) )?(?:distance|range|depth) (?:value )?
    (?:to|of|at|for|towards?)[ ]
    (?P<a>(?:the )?(?:pixel|point|box|region)?[ ]?[\[(]?[0-9].*|.+?)
    (?: from (?:me|the camera|here|the robot))?$""",
    "^(?:what is )?(?P<a>.+?)'s distance$",
)
def read_distance(match: re.Match[str]) -> Query | None:
    """How far is A? Horizontally?"""
    return Query(kind='distance', what=said(match, 'along'), a=phrase(match, 'a'))


def distance(asked: Asked) -> MeasuredAnswer:
    """Distance from the camera to an object, a plane, a pixel or a box."""
    place = asked.phrase('a')
    if asked.what and (place.kind != 'object' or place.plural):
        raise CannotTell(f'I measure this of one object, not of "{place.text}"')
    if place.kind in ('pixel', 'box'):
        return at_place(asked)
    if place.kind == 'plane':
        return _plane_distance(asked)
    if place.plural and not place.pick and len(_several(asked)) > 1:
        return _distances(asked)
    thing = asked.thing('a')
    if asked.what:
        return _along(asked, thing)
    quantity = relations.distance(thing)
    text = f'{asked.label(thing)} is {asked.say(quantity)} away, {wording.side(thing.bearing_deg)}'
    return asked.number(text, quantity, [describe(asked.survey, thing)])


def _along(asked: Asked, thing: SceneObject) -> MeasuredAnswer:
    """How far the centre of a thing is from the camera: straight, along the ground, in height."""
    survey, along = asked.survey, cast(Straight, asked.what)
    quantity = relations.from_camera(survey, thing, along)
    where = 'away along the ground' if along == 'horizontal' else 'away'
    if along == 'vertical':
        over = wording.over(relations.elevation(survey, thing).value)
        where = f'{over} the height of the camera'
    text = f'the centre of {asked.label(thing)} is {asked.say(quantity)} {where}'
    frame: Frame = 'camera' if along == 'center' else 'gravity'
    fact = Evidence.of(f'{along}_distance', (thing.name,), quantity, frame, text)
    return asked.number(text, quantity, [fact, describe(survey, thing)])


def _several(asked: Asked) -> referents.Things:
    """What a plural means: scissors are one thing."""
    plural = asked.phrase('a')
    if plural.kind == 'group':
        return asked.survey.objects
    return referents.matching(asked.survey, plural)


def _distances(asked: Asked) -> MeasuredAnswer:
    if asked.phrase('a').noun and asked.survey.names is None:
        asked.thing('a')  # says why not
    things = _several(asked)
    parts = [f'{asked.label(t)} is {asked.say(relations.distance(t))} away' for t in things]
    evidence = [describe(asked.survey, t) for t in things[:MOST_NAMED]]
    text = wording.listing(wording.first(parts, MOST_NAMED))
    return asked.text(text, evidence, [t.name for t in things])


def _plane_distance(asked: Asked) -> MeasuredAnswer:
    surface = surfaces.plane(asked.survey, asked.phrase('a'))
    quantity = Quantity(surface.distance_m, surface.sigma_m, 'm')
    text = f'the nearest visible part of {wording.the(surface.name)} is {asked.say(quantity)} away'
    return asked.measured('distance', (surface.name,), quantity, 'camera', text)


def at_place(asked: Asked) -> MeasuredAnswer:
    """Distance of the surface at a pixel, in a box, or in the middle of the image."""
    survey, place = asked.survey, asked.phrase('a')
    width, height = survey.frame.width, survey.frame.height
    numbers = place.numbers or ((width - 1) / 2, (height - 1) / 2)
    inside = all(0 <= x <= width for x in numbers[::2]) and all(
        0 <= y <= height for y in numbers[1::2]
    )
    empty = len(numbers) == 4 and (numbers[0] >= numbers[2] or numbers[1] >= numbers[3])
    if not inside or empty:
        raise CannotTell(f'{place.text} is not inside the {width}x{height} image')
    region = cast('tuple[float, float] | tuple[float, float, float, float]', numbers)
    at = measure_at(survey.frame, region, survey.noise, survey.gravity)
    evidence = region_evidence(at)
    if not at.known:
        raise CannotTell(evidence.text.rstrip('.'), [evidence])
    quantity = Quantity(at.median_distance_m, at.margins.median_distance_m, 'm')
    depth = Quantity(at.depth_m, quantity.sigma, 'm')
    text = (
        f'the surface at {place.text} is {asked.say(quantity)} away '
        f'(depth along the optical axis {asked.say(depth)})'
    )
    return asked.number(text, quantity, [evidence])


def apart(asked: Asked) -> MeasuredAnswer:
    """Distance of two things: their gap, or of their centres, or along one direction."""
    if 'plane' in (asked.phrase('a').kind, asked.has('b') and asked.phrase('b').kind):
        return _from_plane(asked)
    a, b = asked.pair()
    how = cast(Apart, asked.what)
    if how == 'gap':
        return _gap(asked, a, b)
    quantity = relations.straight(asked.survey, a, b, how)
    words = {'center': '', 'horizontal': ' horizontally', 'vertical': ' vertically'}[how]
    both = f'{asked.label(a)} and {asked.label(b)}'
    text = f'the centres of {both} are {asked.say(quantity)} apart{words}'
    frame: Frame = 'camera' if how == 'center' else 'gravity'
    fact = Evidence.of(f'{how}_distance', (a.name, b.name), quantity, frame, text)
    return asked.number(text, quantity, [fact, *(describe(asked.survey, t) for t in (a, b))])


def _gap(asked: Asked, a: SceneObject, b: SceneObject) -> MeasuredAnswer:
    quantity = relations.gap(asked.survey, a, b)
    center = relations.straight(asked.survey, a, b, 'center')
    text = (
        f'{asked.label(a)} and {asked.label(b)} are {asked.say(quantity)} apart at their closest '
        f'visible points ({asked.say(center)} between centres)'
    )
    fact = Evidence.of('gap', (a.name, b.name), quantity, 'camera', text)
    return asked.number(text, quantity, [fact, *(describe(asked.survey, t) for t in (a, b))])


def _from_plane(asked: Asked) -> MeasuredAnswer:
    if not asked.has('b'):
        raise CannotTell('I measure a distance between two things: say which ones are meant')
    if asked.phrase('a').kind == asked.phrase('b').kind:
        return _planes_apart(asked, asked.phrase('a'), asked.phrase('b'))
    a_is_plane = asked.phrase('a').kind == 'plane'
    thing = asked.thing('b' if a_is_plane else 'a')
    surface = surfaces.plane(asked.survey, asked.phrase('a' if a_is_plane else 'b'))
    quantity = relations.distance_to_plane(asked.survey, thing, surface)
    far = asked.say(quantity)
    text = f'{asked.label(thing)} is {far} from {wording.the(surface.name)} at its nearest'
    names = (thing.name, surface.name)
    return asked.measured('distance', names, quantity, 'gravity', text)


def _planes_apart(asked: Asked, a: Phrase, b: Phrase) -> MeasuredAnswer:
    one, other = surfaces.plane(asked.survey, a), surfaces.plane(asked.survey, b)
    between = one.height_m - other.height_m
    if one is other or math.isnan(between):
        raise CannotTell(
            f'I measure heights between level surfaces, not from {a.text} to {b.text}'
        )
    quantity = Quantity(abs(between), one.sigma_m + other.sigma_m, 'm')
    names = (one.name, other.name)
    both = wording.listing([wording.the(name) for name in names])
    text = f'{both} are {asked.say(quantity)} apart in height'
    return asked.measured('height', names, quantity, 'gravity', text)
