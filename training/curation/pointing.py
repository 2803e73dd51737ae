# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Where a named thing is, asked of the whole model and answered with a field of the picture.

``ssr_ros.model.pointing`` asks the same words. Of several things that one name fits, each is as
right as the others: a model that learns from all of them shares its belief out among them.
"""

from __future__ import annotations

from collections.abc import Iterator
import random

from ssr_ros.scene.fields import answer_in, field_of, NOWHERE, question_for
from training.curation.ask import Ask, Fact, far
from training.curation.places import not_there
from training.curation.scene import Scene, Thing

POINT = 'point'


def pointing_questions(scene: Scene, chance: random.Random) -> Iterator[Ask]:
    """Ask for each thing, for one of a shape and for one that is not there.

    Args:
        scene: what is known.
        chance: decides which of them.
    """

    def ask(form: str, name: str, thing: Thing | None) -> Ask:
        return Ask(
            POINT,
            form,
            question_for(name),
            answer_in(field_of(thing.box)) if thing else NOWHERE,
            (far(thing),) if thing else (Fact('There is none.', ('where',)),),
            '',
            secret=('where', f'distance {thing.name}' if thing else ''),
            subjects=(name,),
            needs_depth=False,
        )

    for thing in scene.objects:
        yield ask('one', thing.name, thing)
    if scene.objects and scene.n_objects == len(scene.objects):
        one = chance.choice(scene.objects)
        yield ask('kind', one.shape, one)
        if nearly := not_there(scene):
            yield ask('absent', chance.choice(nearly), None)
