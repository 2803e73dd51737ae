# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Widths, heights, sizes and volumes; heights of surfaces and of the camera."""

from __future__ import annotations

import re

from ssr_ros.scene.geometry.objects import SceneObject
from ssr_ros.scene.geometry.survey import Survey
from ssr_ros.scene.questions import referents, relations, wording
from ssr_ros.scene.questions.asked import asked, fact, number
from ssr_ros.scene.questions.evidence import MeasuredAnswer
from ssr_ros.scene.questions.families.distance import at_place
from ssr_ros.scene.questions.phrases import Phrase, read_phrase
from ssr_ros.scene.questions.referents import CannotTell
from ssr_ros.scene.questions.relations import Quantity

_DIMENSIONS = {
    'wide': 'width', 'broad': 'width', 'width': 'width', 'breadth': 'width', 'long': 'width',
    'length': 'width', 'tall': 'height', 'high': 'height', 'height': 'height', 'deep': 'depth',
    'depth': 'depth', 'thick': 'depth', 'thickness': 'depth', 'big': 'size', 'large': 'size',
    'size': 'size', 'dimension': 'size', 'dimensions': 'size', 'extent': 'size', 'small': 'size',
    'volume': 'volume',
}  # fmt: skip


_DIMS = '|'.join(sorted(_DIMENSIONS, key=len, reverse=True))


@asked(
    rf'^how (?P<dim>{_DIMS}) (?:is|are) (?P<a>.+)$',
    rf'^how (?P<dim>{_DIMS}) (?P<a>.+?) (?:is|are)$',
    rf'\b(?P<dim>{_DIMS}) of (?P<a>.+)$',
    r'^(?:what is |measure )(?P<a>.+?)(?:\'s)? (?P<dim>width|height|size|length|volume)$',
)
def answer_size(facts: Survey, match: re.Match[str], unit: str | None) -> MeasuredAnswer | None:
    """Width, height, depth, size or volume."""
    dimension = _DIMENSIONS[match['dim']]
    phrase = read_phrase(match['a'])
    if phrase.kind == 'camera':
        return camera_height(facts, unit) if dimension == 'height' else None
    if phrase.kind == 'plane':
        return _plane_height(facts, phrase, dimension, unit)
    if phrase.kind in ('pixel', 'box') and dimension == 'depth':
        return at_place(facts, phrase, unit)
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


@asked(
    r'^how (?:high|far|tall) (?:up )?(?:is|are) (?P<a>.+?) (?:above|over|off) (?P<b>.+)$',
    r'\b(?:height|elevation) of (?P<a>.+?) (?:above|over|off) (?P<b>.+)$',
)
def answer_height_above(
    facts: Survey, match: re.Match[str], unit: str | None
) -> MeasuredAnswer | None:
    """How high an object hangs or stands over a surface: its foot and its top."""
    over = read_phrase(match['b'])
    if over.kind != 'plane':
        return None
    phrase = read_phrase(match['a'])
    if phrase.kind in ('plane', 'camera'):
        return None
    surface = referents.plane(facts, over)
    if surface.role not in ('support', 'top'):
        raise CannotTell(f'Nothing is measured as above the {surface.name}')
    said = referents.caveat(facts, phrase)
    thing = referents.one(facts, phrase)
    foot, top = relations.heights_above(thing, surface)
    label = facts.label(thing)
    texts = [
        f'the {part} of {label} is {wording.length(q.value, q.sigma, unit)} above the '
        f'{surface.name}'
        for part, q in (('foot', foot), ('top', top))
    ]
    names = (thing.name, surface.name)
    evidence = (
        fact('height_above', names, foot, texts[0], 'gravity'),
        fact('height_above', names, top, texts[1], 'gravity'),
    )
    reach = wording.length(top.value, top.sigma, unit)
    return number(f'{said}{texts[0]}, its top {reach}', foot, evidence)


def _all_sizes(facts: Survey, thing: SceneObject, unit: str | None, said: str) -> MeasuredAnswer:
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


def _volume(facts: Survey, thing: SceneObject, said: str) -> MeasuredAnswer:
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
    facts: Survey, phrase: Phrase, dimension: str, unit: str | None
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


def camera_height(facts: Survey, unit: str | None) -> MeasuredAnswer:
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


@asked(
    r'(?:^how high (?:is|am) (?:the camera|the robot|you|i)\b|height of (?:the '
    r'|your |my )?(?:camera|robot|sensor))',
)
def answer_camera_height(facts: Survey, match: re.Match[str], unit: str | None) -> MeasuredAnswer:
    """How high is the camera?"""
    return camera_height(facts, unit)


@asked(
    r'(?:tilt|pitch)(?:ed)?\b.*\bcamera|camera.*\b(?:tilt|pitch)|how '
    r'(?:far|much) (?:is|are) (?:the camera|you) (?:tilted|looking down)',
)
def answer_tilt(facts: Survey, match: re.Match[str], unit: str | None) -> MeasuredAnswer:
    """How far the camera looks down."""
    if not facts.gravity.known:
        raise CannotTell('No floor or table is seen, so the tilt of the camera is not known')
    tilt = Quantity(facts.gravity.tilt_deg, 0.5)
    way = 'down' if tilt.value >= 0 else 'up'
    text = f'the camera is tilted {wording.angle(tilt.value)} {way}'
    return number(text, tilt, (fact('tilt', (), tilt, text, 'gravity', 'deg'),), 'deg')
