# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Widths, heights, sizes and volumes; heights of surfaces and of the camera."""

from __future__ import annotations

import math
import re
from typing import cast

from ssr_ros.scene.geometry.objects import SceneObject
from ssr_ros.scene.questions import relations, surfaces, wording
from ssr_ros.scene.questions.asked import Asked
from ssr_ros.scene.questions.cannot_tell import CannotTell, require_down
from ssr_ros.scene.questions.evidence import Evidence, MeasuredAnswer
from ssr_ros.scene.questions.quantity import Quantity
from ssr_ros.scene.questions.query import Query
from ssr_ros.scene.questions.reader import ASKED, phrase, reads, said
from ssr_ros.scene.questions.vocabulary import Dimension, DIMENSIONS, one_of, PLANE_NOUNS

TILT_SIGMA_DEG = 0.5
_WORD = one_of(DIMENSIONS)
_DIMENSIONS = f'(?:{_WORD})(?:(?:, | and |, and | by | x )(?:how |the |its )?(?:{_WORD}))+'
_ALONG = ',? (?:from (?:front to back|side to side|(?:top|head) to (?:bottom|foot))|across),?'
_FLOOR = '(?: (?:above|over|off|from) (?:the )?(?:floor|ground))?'
_SAID: dict[Dimension, str] = {'width': 'wide', 'height': 'high', 'depth': 'deep'}


@reads(
    rf'^how (?P<dim>{_WORD})(?:{_ALONG})? (?:is|are) (?P<a>.+)$',
    rf'^how (?P<dim>{_WORD}) (?P<a>.+?) (?:is|are)$',
    rf'^how {_DIMENSIONS} (?:is|are) (?P<a>.+)$',
    rf'{ASKED}{_DIMENSIONS} of (?P<a>.+)$',
    rf'{ASKED}(?P<dim>{_WORD}) of (?P<a>.+)$',
    r"""^(?:what is |measure )(?P<a>.+?)(?:'s)? (?P<dim>width|height|size|length|volume)$""",
)
def read_size(match: re.Match[str]) -> Query | None:
    """How wide is A?"""
    dimension, a = DIMENSIONS[said(match, 'dim') or 'size'], phrase(match, 'a')
    if a is not None and a.kind == 'camera':
        is_asked = dimension == 'height' and not a.relation
        return Query(kind='camera height') if is_asked else None
    if a is not None and a.kind in ('pixel', 'box') and dimension == 'depth':
        return Query(kind='distance', a=a)
    return Query(kind='size', what=dimension, a=a)


@reads(
    '^how (?:high|far|tall) (?:up )?(?:is|are|am) (?P<a>.+?) (?:above|over|off) (?P<b>.+)$',
    '^how (?:high|far) (?:above|over|off) (?P<b>.+?) (?:is|are|am) (?P<a>.+)$',
    rf'{ASKED}(?:height|elevation) of (?P<a>.+?) (?:above|over|off|from) (?P<b>.+)$',
)
def read_height_above(match: re.Match[str]) -> Query | None:
    """How high is A above the table?"""
    a, b = phrase(match, 'a'), phrase(match, 'b')
    if a is None or b is None or b.kind != 'plane':
        return None
    if a.kind == 'camera':
        return Query(kind='camera height', a=None if PLANE_NOUNS[b.noun] == 'floor' else b)
    if a.kind == 'plane':
        return Query(kind='apart', what='vertical', a=a, b=b)
    return Query(kind='height above', a=a, b=b)


@reads(
    rf'^how high (?:up )?(?:is|are|am) (?:the camera|the robot|you|i){_FLOOR}$',
    rf'{ASKED}height of (?:the |your |my )?(?:camera|robot|sensor){_FLOOR}$',
    "^what is (?:your|my|the (?:camera|robot|sensor)'s) height$",
)
def read_camera_height(match: re.Match[str]) -> Query | None:
    """How high is the camera?"""
    return Query(kind='camera height')


@reads(
    rf'{ASKED}(?:tilt|pitch)(?: angle)? of (?:the |your |my )?camera$',
    rf"{ASKED}(?:your |my )?(?:camera(?:'s)?|camera is) (?:tilt|pitch)(?: angle)?$",
    '^how (?:far|much) (?:is|are|am) (?:the camera|you|i) (?:tilted|pitched|looking down)',
    '^is the camera (?:tilted|pitched|looking down)',
)
def read_tilt(match: re.Match[str]) -> Query | None:
    """How far does the camera look down?"""
    return Query(kind='camera tilt')


@reads(
    rf"""{ASKED}(?:length of (?:the )?)?longest (?:side|dimension|edge|extent)(?: \([^)]*\))? of[ ]
    (?P<a>.+)$""",
    '^how long is the longest (?:side|dimension|edge|extent) of (?P<a>.+)$',
)
def read_longest(match: re.Match[str]) -> Query | None:
    """What is the length of the longest side of A?"""
    a = phrase(match, 'a')
    return Query(kind='size', what='longest', a=a) if a and a.kind == 'object' else None


def size(asked: Asked) -> MeasuredAnswer:
    """Width, height, depth, volume of an object, or all; the height of a surface."""
    if asked.phrase('a').kind == 'plane':
        return _plane_height(asked)
    if asked.what == 'size':
        return _all_sizes(asked)
    if asked.what == 'volume':
        return _volume(asked)
    if asked.what == 'longest':
        return _longest(asked)
    thing, dimension = asked.thing('a'), cast(Dimension, asked.what)
    quantity = relations.size(thing, dimension)
    least = _least(asked, thing, dimension)
    seen = ', as far as it is seen' if least else ''
    text = f'{asked.label(thing)} is {least}{asked.say(quantity)} {_SAID[dimension]}{seen}'
    return asked.measured(dimension, (thing.name,), quantity, 'gravity', text)


def _least(asked: Asked, thing: SceneObject, dimension: Dimension) -> str:
    """'at least ' where not all of a side is seen; the far side never is."""
    far_side = dimension == 'depth'
    hidden = far_side or relations.is_least(asked.survey, thing, dimension)
    return 'at least ' if hidden else ''


def _all_sizes(asked: Asked) -> MeasuredAnswer:
    thing = asked.thing('a')
    sizes = {dimension: relations.size(thing, dimension) for dimension in _SAID}
    width, height, depth = (asked.say(quantity) for quantity in sizes.values())
    wide, high = _least(asked, thing, 'width'), _least(asked, thing, 'height')
    text = (
        f'{asked.label(thing)} is {wide}{width} wide, {high}{height} high and, as far as it is '
        f'seen, {depth} deep'
    )
    evidence = [
        Evidence.of(
            dimension,
            (thing.name,),
            quantity,
            'gravity',
            f'{asked.label(thing)} is {wording.amount(quantity)} {_SAID[dimension]}',
        )
        for dimension, quantity in sizes.items()
    ]
    largest = max(sizes['width'], sizes['height'], key=lambda quantity: quantity.value)
    return asked.number(text, largest, evidence)


def _longest(asked: Asked) -> MeasuredAnswer:
    thing = asked.thing('a')
    sizes = {dimension: relations.size(thing, dimension) for dimension in _SAID}
    dimension = max(sizes, key=lambda each: sizes[each].value)
    least = _least(asked, thing, dimension)
    text = (
        f'the longest side of what is seen of {asked.label(thing)} is its {dimension}: '
        f'{least}{asked.say(sizes[dimension])}'
    )
    return asked.measured(dimension, (thing.name,), sizes[dimension], 'gravity', text)


def _volume(asked: Asked) -> MeasuredAnswer:
    thing = asked.thing('a')
    quantity = relations.volume(thing)
    text = (
        f'the box around what is seen of {asked.label(thing)} holds {asked.say(quantity)}; its '
        'far side is not seen'
    )
    return asked.measured('volume', (thing.name,), quantity, 'gravity', text)


def _plane_height(asked: Asked) -> MeasuredAnswer:
    noun = asked.phrase('a').noun
    if asked.what != 'height':
        raise CannotTell(f'I measure how high a surface lies, not the {asked.what} of the {noun}')
    surface = surfaces.plane(asked.survey, asked.phrase('a'))
    level = surfaces.level_planes(asked.survey)
    if math.isnan(surface.height_m) or not level:
        raise CannotTell(f'The upper end of {wording.the(surface.name)} is not measured')
    if level[0] is surface:
        quantity = Quantity(surface.height_m, surface.sigma_m, 'm')
        where = f'{wording.over(quantity.value)} the camera; no lower floor is seen'
    else:
        sigma_m = surface.sigma_m + level[0].sigma_m
        quantity = Quantity(surface.height_m - level[0].height_m, sigma_m, 'm')
        where = f'above {wording.the(level[0].name)}'
    text = f'{wording.the(surface.name)} lies {asked.say(abs(quantity))} {where}'
    return asked.measured('height', (surface.name,), abs(quantity), 'gravity', text)


def height_above(asked: Asked) -> MeasuredAnswer:
    """How high an object hangs or stands over a surface: its foot and its top."""
    surface = surfaces.plane(asked.survey, asked.phrase('b'))
    if surface not in surfaces.level_planes(asked.survey):
        raise CannotTell(f'Nothing is measured as above {wording.the(surface.name)}')
    thing = asked.thing('a')
    label = asked.label(thing)
    foot = relations.foot_above(thing, surface)
    top = Quantity(float(thing.high_m[2]) - surface.height_m, foot.sigma, 'm')
    evidence = [
        Evidence.of(
            'height_above',
            (thing.name, surface.name),
            quantity,
            'gravity',
            f'the {part} of {label} is {asked.say(quantity)} above {wording.the(surface.name)}',
        )
        for part, quantity in (('foot', foot), ('top', top))
    ]
    text = f'{evidence[0].text.rstrip(".")}, its top {asked.say(top)}'
    return asked.number(text, foot, evidence)


def camera_height(asked: Asked) -> MeasuredAnswer:
    """Height of the camera over a surface, or over the lowest one."""
    level = surfaces.level_planes(asked.survey)
    if not level:
        require_down(asked.survey)
        raise CannotTell('The depth shows no floor or table to measure the height from')
    surface = surfaces.plane(asked.survey, asked.phrase('a')) if asked.has('a') else level[0]
    if math.isnan(surface.height_m):
        raise CannotTell(f'Nothing is measured as above {wording.the(surface.name)}')
    quantity = Quantity(-surface.height_m, surface.sigma_m, 'm')
    where = wording.over(quantity.value)
    text = f'the camera is {asked.say(abs(quantity))} {where} {wording.the(surface.name)}'
    return asked.measured('height', (surface.name,), quantity, 'gravity', text)


def camera_tilt(asked: Asked) -> MeasuredAnswer:
    """How far the camera looks down."""
    if not asked.survey.gravity.known:
        raise CannotTell('No floor or table is seen, so the tilt of the camera is not known')
    tilt = Quantity(asked.survey.gravity.tilt_deg, TILT_SIGMA_DEG, 'deg')
    way = 'down' if tilt.value >= 0 else 'up'
    text = f'the camera is tilted {wording.angle(tilt.value)} {way}'
    return asked.measured('tilt', (), tilt, 'gravity', text)
