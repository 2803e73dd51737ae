# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What is drawn: reproducible, disjoint between splits, at rest, no size that tells distance."""

from __future__ import annotations

from itertools import combinations as pairs_of
import re

import numpy as np
import pytest

from ssr_ros.errors import ConfigError
from training.worlds import combinations, HELD_OUT_ROOM, sample_world, SPLITS, World
from training.worlds.palette import COLORS, SHAPES


def test_no_colour_and_shape_meet_in_two_splits() -> None:
    for one, other in pairs_of(SPLITS, 2):
        assert not set(combinations(one)) & set(combinations(other))


@pytest.mark.parametrize('split', SPLITS)
def test_every_split_knows_every_colour_and_every_shape(split: str) -> None:
    assert {color for color, _ in combinations(split)} == set(COLORS)
    assert {shape for _, shape in combinations(split)} == set(SHAPES)


def test_objects_are_of_their_split(worlds: list[World]) -> None:
    for world in worlds:
        shown = {(thing.color, thing.shape) for thing in world.objects}
        assert shown <= set(combinations(world.split))


def test_kitchens_are_kept_for_the_test_split() -> None:
    with pytest.raises(ConfigError, match='kept for the test split'):
        sample_world(0, 'room', 'train', HELD_OUT_ROOM)
    assert sample_world(0, 'room', 'test', HELD_OUT_ROOM).room_type == HELD_OUT_ROOM
    rooms = [sample_world(seed, 'tabletop', 'test').room_type for seed in range(12)]
    assert 0 < rooms.count(HELD_OUT_ROOM) < 12


def test_splits_with_one_seed_are_different_worlds() -> None:
    """The rooms are drawn before the colours, so only separate streams make them differ."""
    rooms = [sample_world(5, 'tabletop', split, 'office').room.size_m for split in SPLITS]
    assert len(set(rooms)) == len(SPLITS)


def test_the_same_seed_settles_to_the_same_bytes() -> None:
    one, two = sample_world(3), sample_world(3)
    assert one.data.qpos.tobytes() == two.data.qpos.tobytes()
    assert one.objects[0].position_m == two.objects[0].position_m
    assert one.camera(2).position_m.tobytes() == two.camera(2).position_m.tobytes()


def test_naming_the_kind_that_is_drawn_anyway_changes_nothing() -> None:
    drawn = sample_world(4)
    assert sample_world(4, drawn.kind).data.qpos.tobytes() == drawn.data.qpos.tobytes()


def test_objects_are_at_rest_on_something(worlds: list[World]) -> None:
    for world in worlds:
        assert world.settled
        assert np.abs(world.data.qvel).max() < 0.02
        for outline in world.outlines:
            assert outline.support, f'{outline.name} of {world.kind} {world.seed} floats'
            if outline.role == 'object':
                assert _lowest(outline) > -0.002


def test_nothing_sinks_into_anything(worlds: list[World]) -> None:
    for world in worlds:
        assert min(contact.dist for contact in world.data.contact) > -0.002


def test_an_object_stands_on_the_surface_that_the_truth_names(worlds: list[World]) -> None:
    checked = 0
    for world in worlds:
        height_m = {(s.owner, s.name): s.center_m[2] for s in world.room.surfaces}
        for outline in world.outlines:
            where = (outline.support, outline.support_surface)
            if outline.role == 'object' and where in height_m:
                # What leans may touch higher up; nothing reaches below what carries it.
                assert _lowest(outline) < height_m[where] + 0.05
                checked += abs(_lowest(outline) - height_m[where]) < 0.002
    assert checked > 40


def test_size_does_not_tell_distance() -> None:
    """Rank correlation of size and distance inside each kind, over what cameras look at."""
    correlations = []
    for kind in ('room', 'tabletop', 'shelf'):
        sizes, distances = [], []
        for seed in range(14):
            world = sample_world(500 + seed, kind)
            for view in range(4):
                camera = world.camera(view)
                for outline in world.outlines:
                    points_m = np.concatenate(outline.parts_m)
                    seen = camera.to_camera(points_m)
                    if outline.role == 'object' and seen[:, 2].min() > 0.1:
                        sizes.append(float(np.ptp(points_m, axis=0).max()))
                        distances.append(float(np.linalg.norm(seen.mean(0))))
        assert max(sizes) / min(sizes) > 5
        correlations.append(_rank_correlation(sizes, distances))
    assert np.abs(correlations).max() < 0.2, correlations


def test_a_display_is_made_only_when_it_is_named() -> None:
    assert 'display' not in {sample_world(seed).kind for seed in range(12)}


def test_each_object_of_a_display_stands_on_a_plinth_of_its_own() -> None:
    repeats = 0
    for seed in range(20):
        world = sample_world(seed, 'display')
        assert 3 <= len(world.objects) <= 6
        carriers = [o.support for o in world.outlines if o.role == 'object']
        assert len(set(carriers)) == len(carriers)
        assert all(carrier.startswith('plinth') for carrier in carriers)
        colors = [thing.color for thing in world.objects]
        repeats += len(set(colors)) < len(colors)
    assert repeats <= 4


def test_on_a_display_neither_size_nor_place_in_the_picture_tells_distance() -> None:
    """Over tables the far stands higher in the picture, with a rank correlation of -0.4."""
    sizes, rows, distances = [], [], []
    whole = spread = 0
    for seed in range(25):
        world = sample_world(800 + seed, 'display')
        for view in range(2):
            camera = world.camera(view)
            seen = [
                (points_m, camera.to_camera(points_m), camera.project(camera.to_camera(points_m)))
                for outline in world.outlines
                if outline.role == 'object'
                for points_m in [np.concatenate(outline.parts_m)]
            ]
            inside = [
                (
                    float(np.ptp(world_m, axis=0).max()),
                    float(pixels[:, 1].mean()),
                    float(np.linalg.norm(camera_m, axis=1).min()),
                )
                for world_m, camera_m, pixels in seen
                if camera_m[:, 2].min() > 0.1
                and (pixels > 0).all()
                and (pixels < camera.size_px).all()
            ]
            for size, row, distance in inside:
                sizes.append(size)
                rows.append(row / camera.size_px[1])
                distances.append(distance)
            far = [distance for _, _, distance in inside]
            whole += len(inside) >= 3
            spread += len(far) > 1 and max(far) > 1.6 * min(far)
    assert abs(_rank_correlation(sizes, distances)) < 0.3
    assert abs(_rank_correlation(rows, distances)) < 0.2
    assert max(distances) / min(distances) > 3
    assert whole > 40 and spread > 40


def test_names_are_unique_and_say_colour_and_shape(worlds: list[World]) -> None:
    for world in worlds:
        names = [thing.name for thing in world.things]
        assert len(set(names)) == len(names)
        for thing in world.objects:
            assert re.fullmatch(rf'{thing.color} {thing.shape}( \d+)?', thing.name)


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        ({'seed': -1}, 'seed must be 0 or more'),
        ({'seed': 0, 'kind': 'garden'}, "unknown kind 'garden'.*tabletop"),
        ({'seed': 0, 'split': 'dev'}, "unknown split 'dev'.*train"),
        ({'seed': 0, 'room_type': 'cellar'}, "unknown room_type 'cellar'.*office"),
    ],
)
def test_unknown_choices_are_refused_with_the_known_ones(arguments: dict, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        sample_world(**arguments)


def _lowest(outline) -> float:
    return float(np.concatenate(outline.parts_m)[:, 2].min())


def _rank_correlation(a: list[float], b: list[float]) -> float:
    ranks = [np.argsort(np.argsort(values)) for values in (a, b)]
    return float(np.corrcoef(*ranks)[0, 1])
