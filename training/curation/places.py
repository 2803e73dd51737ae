# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Where things are in the picture, asked and answered as a vision-language model's family does.

These rows are for the VLM as it is before SSR: ``ssr_ros.grounding`` asks the same words, and
reads the replies that they teach.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
import random

from ssr_ros.grounding.replies import form_of
from ssr_ros.scene.grounded import Box
from training.curation.ask import Ask, Fact, far, names
from training.curation.scene import Scene, Thing

PLACE = 'place'
FORM = form_of('qwen2_5_vl')
"""All models that are trained here are of this family."""


def place_questions(
    scene: Scene, look_size: Sequence[int], chance: random.Random
) -> Iterator[Ask]:
    """Ask for one thing, for two, for all of a shape, and for one that is not there.

    Args:
        scene: what is known.
        look_size: (width, height) of the image that the VLM sees; () for the frame's own.
        chance: decides which of them.
    """
    width, height = look_size or (scene.frame.width, scene.frame.height)
    objects = scene.objects

    def ask(form: str, phrases: Sequence[str], found: Sequence[Thing]) -> Ask:
        boxes = tuple((thing.name, _rounded(thing.box)) for thing in scene.things)
        return Ask(
            PLACE,
            form,
            FORM.question(phrases),
            FORM.answer([(thing.name, thing.box) for thing in found], (width, height)),
            tuple(far(thing) for thing in found) or (Fact('There is none.', ()),),
            '',
            subjects=tuple(phrases),
            needs_depth=False,
            boxes=boxes,
        )

    for thing in objects:
        yield ask('one', (thing.name,), (thing,))
    for _ in range(len(objects) // 2):
        two = chance.sample(objects, 2)
        yield ask('two', names(two), two)
    if objects and scene.n_objects == len(objects):
        shape = chance.choice(objects).shape
        alike = [thing for thing in objects if thing.shape == shape]
        yield ask('shape', (shape,), sorted(alike, key=lambda thing: thing.box))
        if nearly := not_there(scene):
            yield ask('absent', (chance.choice(nearly),), ())


def not_there(scene: Scene) -> list[str]:
    """Pairs of a colour and a shape in view, apart."""
    return scene.missing({f'{a.color} {b.shape}' for a in scene.objects for b in scene.objects})


def _rounded(box: Box) -> Box:
    x0, y0, x1, y1 = (round(share, 4) for share in box)
    return x0, y0, x1, y1
