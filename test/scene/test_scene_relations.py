# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Relations between objects, each with a margin; both orders of naming agree."""

from __future__ import annotations

import itertools

import pytest
from rendered import Box, render

from ssr_ros.scene import measure
from ssr_ros.scene.questions import relations, standing
from ssr_ros.scene.questions.quantity import Verdict
from ssr_ros.scene.questions.vocabulary import CONVERSE

YES, NO, UNSURE = Verdict.YES, Verdict.NO, Verdict.UNSURE


def named(facts, color):
    return next(o for o in facts.objects if o.color == color)


def pair(*things, **how):
    facts = measure(render(things, size=(640, 480), **how).frame)
    return facts, [named(facts, thing.color) for thing in things]


def test_left_and_right_are_as_the_camera_sees_them(facts):
    red, blue = facts.object_named('red object 1'), named(facts, 'blue')
    assert relations.right_of(facts, blue, red).verdict is YES
    assert relations.right_of(facts, red, blue).verdict is NO


def test_left_is_not_told_where_picture_and_room_disagree():
    facts, (near, far) = pair(
        Box('red', (0.35, 0.9), (0.1, 0.1, 0.2)), Box('blue', (0.6, 2.2), (0.2, 0.2, 0.3))
    )
    assert near.bearing_deg > far.bearing_deg and near.center_m[0] < far.center_m[0]
    assert relations.right_of(facts, far, near).verdict is UNSURE


@pytest.mark.parametrize(
    'relation', ['left of', 'right of', 'above', 'below', 'in front of', 'behind']
)
def test_every_relation_turns_round_with_its_names(facts, relation):
    for a, b in itertools.permutations(facts.objects, 2):
        verdict = standing.to_thing(facts, a, b, relation)
        assert verdict is ~standing.to_thing(facts, b, a, relation)
        assert verdict is standing.to_thing(facts, b, a, CONVERSE[relation])


def test_gap_is_between_surfaces_and_centre_distance_is_not():
    facts, (a, b) = pair(
        Box('red', (-0.2, 1.2), (0.2, 0.1, 0.2)), Box('blue', (0.25, 1.2), (0.2, 0.1, 0.2))
    )
    assert relations.gap(facts, a, b).value == pytest.approx(0.25, abs=0.01)
    assert relations.straight(facts, a, b, 'center').value == pytest.approx(0.45, abs=0.02)
    assert relations.straight(facts, a, b, 'vertical').value == pytest.approx(0, abs=0.01)
    assert relations.gap(facts, b, a).value == pytest.approx(0.25, abs=0.01)


def test_horizontal_distance_follows_the_ground_not_the_image():
    facts, (a, b) = pair(
        Box('red', (0, 1.0), (0.1, 0.1, 0.1)), Box('blue', (0, 1.8), (0.1, 0.1, 0.1)), tilt_deg=40
    )
    assert relations.straight(facts, a, b, 'horizontal').value == pytest.approx(0.8, abs=0.02)


def test_things_side_by_side_touch_and_things_apart_do_not():
    facts, (a, b, c) = pair(
        Box('red', (-0.2, 1.2), (0.2, 0.2, 0.2)),
        Box('blue', (0.0, 1.2), (0.2, 0.2, 0.3)),
        Box('green', (0.4, 1.2), (0.2, 0.2, 0.2)),
    )
    assert relations.touching(facts, a, b)[0] is YES
    assert relations.touching(facts, b, c)[0] is NO


def test_a_contact_at_a_side_that_is_hardly_seen_cannot_be_told_from_a_gap():
    """The nearest readings of the red side lie as far off the blue corner as off each other."""
    facts, (a, b) = pair(
        Box('red', (-0.2, 1.2), (0.2, 0.2, 0.2)),
        Box('blue', (0.0, 1.25), (0.2, 0.2, 0.3)),
    )
    verdict, gap = relations.touching(facts, a, b)
    assert verdict is UNSURE and gap.decided
    answer = facts.answer('Is the red object touching the blue object?')
    assert answer.value is None and answer.text.startswith('I cannot tell: there are 1.1 ± 0.6 cm')


def test_a_thing_on_a_thing_is_on_it_and_not_on_the_floor():
    facts, (cup, box, other) = pair(
        Box('red', (0, 1.3), (0.1, 0.1, 0.1), foot=0.2),
        Box('blue', (0, 1.3), (0.3, 0.3, 0.2)),
        Box('green', (0.5, 1.3), (0.1, 0.1, 0.1)),
    )
    assert relations.stands_on(facts, cup, box)[0] is YES
    assert relations.stands_on(facts, box, cup)[0] is NO
    assert relations.stands_on(facts, other, box)[0] is NO
    assert cup.support is None and other.support is not None


def test_direction_is_zero_away_from_the_camera_and_positive_to_the_right():
    facts, (a, behind, right) = pair(
        Box('red', (0, 1.0), (0.1, 0.1, 0.1)),
        Box('blue', (0, 2.0), (0.1, 0.1, 0.3)),
        Box('green', (0.6, 1.0), (0.1, 0.1, 0.1)),
    )
    assert relations.direction_deg(facts, a, behind).value == pytest.approx(0, abs=3)
    assert relations.direction_deg(facts, a, right).value == pytest.approx(90, abs=5)
    assert relations.direction_deg(facts, right, a).value == pytest.approx(-90, abs=5)


def test_equal_things_are_not_told_apart():
    facts, (a, b) = pair(
        Box('red', (-0.2, 1.2), (0.1, 0.1, 0.2)),
        Box('blue', (0.2, 1.2), (0.1, 0.1, 0.201)),
        noise=0.003,
    )
    assert (relations.size(a, 'height') - relations.size(b, 'height')).verdict is UNSURE
    assert (relations.distance(a) - relations.distance(b)).verdict is UNSURE
    assert relations.in_front_of(facts, a, b).verdict is UNSURE


def test_distance_to_the_wall(facts):
    wall = next(p for p in facts.planes if p.role == 'wall')
    gap = relations.distance_to_plane(facts, named(facts, 'green'), wall)
    assert gap.value == pytest.approx(3.0 - 1.875, abs=0.16)  # its back is not seen
