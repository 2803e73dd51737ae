# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Procedural RGB-D worlds: rooms, tabletops and shelves with settled objects, and their truth.

::

    from training.worlds import add_noise, sample_world

    world = sample_world(7, kind='tabletop', split='train')   # drawn from the seed, then settled
    view = world.render()                   # RenderedView: frame (clean), segmentation, truth
    view = world.render(3, (256, 192))      # another of its cameras, at a size of your choice
    depth_m = add_noise(view.frame.depth_m, 'stereo', seed=7)
    for thing in view.truth.objects:        # seen objects; truth.things has all, furniture too
        print(thing.name, thing.distance_m, thing.size_m, thing.support)
    views = world.render_sequence(60, rate_hz=15)             # a moving camera, stamped frames

The same arguments give the same bytes: pictures, masks and truth. Train, val and test draw from
separate seeds and show separate (colour, shape) pairs; kitchens occur in test alone. Sizes are
drawn without regard to the distance. What the numbers of the truth mean, and in which frame, is
said at ``ViewTruth``, ``ThingTruth`` and ``PlaneTruth``.

To render a data set to disk, or a contact sheet to look at::

    python -m training.worlds --out worlds/train --count 1000 --split train --seed 0
    python -m training.worlds --preview sheet.png

Of the kinds, 'room', 'tabletop' and 'shelf' are drawn; a 'display' (a few large objects, each on a
plinth, whose place in the picture does not tell their distance) is made only when it is named.
"""

from training.worlds.cameras import Camera, look_at
from training.worlds.describe import gravity_frame
from training.worlds.noise import add_noise, NOISE_MODELS
from training.worlds.opengl import RenderError
from training.worlds.palette import combinations, SPLITS
from training.worlds.rooms import HELD_OUT_ROOM, ROOM_TYPES
from training.worlds.truth import BACKGROUND, FLOOR, PlaneTruth, ThingTruth, ViewTruth
from training.worlds.world import KINDS, RenderedView, sample_world, World

__all__ = [
    'BACKGROUND',
    'FLOOR',
    'HELD_OUT_ROOM',
    'KINDS',
    'NOISE_MODELS',
    'ROOM_TYPES',
    'SPLITS',
    'Camera',
    'PlaneTruth',
    'RenderError',
    'RenderedView',
    'ThingTruth',
    'ViewTruth',
    'World',
    'add_noise',
    'combinations',
    'gravity_frame',
    'look_at',
    'sample_world',
]
