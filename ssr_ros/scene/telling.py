# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What a model is told of the measurement: a numbered table of things, and numbers on its image.

A model that was never trained with metres can so reason with them (facts in the prompt, and
set-of-marks, arXiv 2310.11441).
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ssr_ros.scene.draw import number_things
from ssr_ros.scene.facts import SceneFacts
from ssr_ros.scene.geometry.objects import SceneObject
from ssr_ros.scene.questions import wording

Telling = Literal['none', 'table', 'marks']
"""'marks' is the table, and its numbers drawn on the image."""

MOST_TOLD = 12
"""The nearest things are told: each costs about forty tokens."""


def told(facts: SceneFacts, telling: Telling) -> str:
    """Write down the nearest things of a frame, one a line.

    Args:
        facts: of the frame.
        telling: what the model is to be told; 'none' gives ''.
    """
    if telling == 'none':
        return ''
    things = facts.objects[:MOST_TOLD]
    if not things:
        return 'Measured with the depth camera: nothing stands off the surfaces.'
    drawn = ', their numbers are drawn on the image' if telling == 'marks' else ''
    number = f'{len(things)} of {wording.count(len(facts.objects), "thing")}'
    lines = [f'Measured with the depth camera, nearest first ({number}{drawn}):']
    lines += [f'{n}. {_line(thing, facts)}' for n, thing in enumerate(things, 1)]
    return '\n'.join(lines)


def with_numbers(facts: SceneFacts) -> NDArray[np.uint8]:
    """Return a copy of the frame's image, (H, W, 3) uint8, with the numbers of ``told`` on it."""
    return number_things(facts.frame.rgb, facts.objects[:MOST_TOLD])


def _line(thing: SceneObject, facts: SceneFacts) -> str:
    """One thing: what it is, where, how large; what was not measured is left out."""
    width, _, height = (float(side) for side in thing.size_m)
    least = 'at least ' if thing.touches_edge else ''
    sizes = [
        f'{least}{_metres(size)} {word}'
        for size, word in ((width, 'wide'), (height, 'high'))
        if math.isfinite(size)
    ]
    place = f'{_metres(thing.distance_m)} away, {wording.side(thing.bearing_deg)}'
    on = [] if thing.support is None else [f'on {wording.the(facts.planes[thing.support].name)}']
    return ', '.join([_called(thing), place, *sizes, *on])


def _called(thing: SceneObject) -> str:
    if not thing.label:
        return thing.name
    color = f' ({thing.color})' if thing.color and thing.color not in thing.name else ''
    return f'{thing.name}{color}'


def _metres(value_m: float) -> str:
    return f'{value_m:.2f} m'
