# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A model says in which field a name is; what is measured there is meant."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from ssr_ros.errors import GroundingError, QuestionError
from ssr_ros.grounding.pointing import MOST_KEPT, PointingGrounder
from ssr_ros.grounding.sources import Sources
from ssr_ros.model.pointing import Pointed
from ssr_ros.rgbd import CameraIntrinsics, RgbdFrame
from ssr_ros.scene import measure

SIZE = (210, 140)
"""A field is 30 x 20 pixels."""

LEFT, RIGHT = (3, 55, 33, 85), (120, 55, 150, 85)
"""Two faces before a wall; their middles lie in fields a4 and e4."""


@pytest.fixture(scope='module')
def frame():
    rgb = np.full((SIZE[1], SIZE[0], 3), 120, np.uint8)
    depth_m = np.full((SIZE[1], SIZE[0]), 2.0, np.float32)
    for (x0, y0, x1, y1), color in ((LEFT, (210, 20, 20)), (RIGHT, (20, 170, 30))):
        rgb[y0:y1, x0:x1], depth_m[y0:y1, x0:x1] = color, 1.0
    made = RgbdFrame(rgb, depth_m, CameraIntrinsics(150.0, 150.0, 104.5, 69.5))
    assert len(measure(made).objects) == 2
    return made


def belief(nowhere=0.0, **fields):
    shares = np.zeros((7, 7))
    for name, share in fields.items():
        shares[int(name[1]) - 1, 'abcdefg'.index(name[0])] = share
    return Pointed(shares, nowhere)


@dataclass
class Model:
    """Believes what it is told to."""

    beliefs: dict
    reads: int = 0
    asked: list = field(default_factory=list)

    def read(self, frame):
        self.reads += 1
        return 'a frame'

    def point(self, seen, name):
        assert seen == 'a frame'
        self.asked.append(name)
        return self.beliefs[name]


def corners(region):
    rows, columns = np.nonzero(region.mask)
    return columns.min(), rows.min(), columns.max() + 1, rows.max() + 1


def test_the_thing_in_the_likeliest_field_is_meant_with_its_own_outline(frame):
    model = Model({'mug': belief(e4=0.9, a1=0.1), 'can': belief(a4=0.6, e4=0.2, g7=0.2)})
    grounder = PointingGrounder(model)
    mug, can = grounder.locate(frame, ['the Mugs', 'can'])
    assert (mug.phrase, can.phrase) == ('the Mugs', 'can')
    assert corners(mug) == pytest.approx(RIGHT, abs=2) and corners(can) == pytest.approx(
        LEFT, abs=2
    )
    assert model.asked == ['mug', 'can'], 'in the words that it was taught'
    assert mug.score > can.score > 0.3 and mug.source == 'vlm'


def test_what_is_nowhere_is_denied(frame):
    (region,) = PointingGrounder(Model({'cup': belief(0.7, a4=0.3)})).locate(frame, ['cup'])
    assert not region.found and region.phrase == 'cup'


def test_of_two_the_likelier_is_meant_and_its_score_is_the_belief(frame):
    model = Model({'mug': belief(a4=0.55, e4=0.45), 'can': belief(c1=0.8, a4=0.03)})
    (mug,), (can,) = (PointingGrounder(model).locate(frame, [name]) for name in ('mug', 'can'))
    assert corners(mug) == corners(can) == pytest.approx(LEFT, abs=2)
    assert mug.score == pytest.approx(0.55, abs=0.01), 'a guess is told as one'
    assert can.score == pytest.approx(0.03, abs=0.001)


def test_near_a_line_between_two_fields_a_thing_is_in_both(frame):
    # The middle of the right face is at 135 of 30 pixels a field: in the middle of the fifth.
    beside = Model({'a': belief(d4=1.0), 'b': belief(e4=1.0)})
    regions = [PointingGrounder(beside).locate(shifted(frame), [name])[0] for name in 'ab']
    assert [region.score for region in regions] == pytest.approx([0.5, 0.5], abs=0.15)


def shifted(frame):
    """The same frame with its things 15 pixels further to the left."""
    rgb, depth_m = np.roll(frame.rgb, -15, 1), np.roll(frame.depth_m, -15, 1)
    depth_m[:, :15] = depth_m[:, -15:] = 2.0
    rgb[:, :15] = rgb[:, -15:] = 120
    return RgbdFrame(rgb, depth_m, frame.intrinsics)


def test_what_is_hardly_believed_in_is_denied(frame):
    model = Model({'can': belief(c1=0.98, a4=0.004), 'mug': belief(c1=0.5, a4=0.006)})
    can, mug = PointingGrounder(model).locate(frame, ['can', 'mug'])
    assert not can.found and mug.found


def test_a_thing_is_not_two_things_at_once_and_the_more_believed_stays(frame):
    told = {'mug': belief(a4=0.6), 'giraffe': belief(a4=0.1), 'red mug': belief(a4=0.2)}
    mug, giraffe, red = PointingGrounder(Model(told)).locate(frame, list(told))
    assert mug.found and not giraffe.found
    assert red.found, 'a red mug is a mug'


@pytest.mark.parametrize('first', ['mug', 'giraffe'])
def test_which_of_two_names_was_said_first_does_not_decide_what_a_thing_is(frame, first):
    told = {'mug': belief(a4=0.6), 'giraffe': belief(a4=0.1)}
    names = sorted(told, key=lambda name: name != first)
    found = PointingGrounder(Model(told)).locate(frame, names)
    assert {region.phrase: region.found for region in found} == {'mug': True, 'giraffe': False}


def test_what_is_measured_to_be_of_another_colour_is_not_meant(frame):
    # The left face is red, the right one green; pink is near red, nothing is near green.
    right, left = belief(e4=0.9, a4=0.1), belief(a4=0.9, e4=0.1)
    told = {'red mug': right, 'pink can': right, 'green box': left, 'blue ball': left}
    asked = {name: PointingGrounder(Model(told)).locate(frame, [name])[0] for name in told}
    assert corners(asked['red mug']) == corners(asked['pink can']) == pytest.approx(LEFT, abs=2)
    assert corners(asked['green box']) == pytest.approx(RIGHT, abs=2)
    assert asked['green box'].score == pytest.approx(0.1, abs=0.01)
    assert not asked['blue ball'].found


def test_where_nothing_is_measured_the_field_is_given(frame):
    bare = RgbdFrame(frame.rgb, np.full_like(frame.depth_m, 2.0), frame.intrinsics)
    (region,) = PointingGrounder(Model({'fly': belief(c1=0.8, a4=0.2)})).locate(bare, ['fly'])
    assert region.box_px == (60.0, 0.0, 90.0, 20.0) and region.score == 0.8


@pytest.fixture
def knowing_one(frame):
    """Returns a grounder of which it is known that only the green face was told."""

    def grounder(told):
        facts = measure(frame)
        green = tuple(thing for thing in facts.objects if thing.color == 'green')
        assert len(green) == 1
        made = PointingGrounder(Model(told))
        made.know(frame, replace(facts, objects=green))
        return made

    return grounder


@pytest.mark.parametrize('name', ['red can', 'can'])
def test_what_was_not_told_is_measured_once_it_is_pointed_at(frame, knowing_one, name):
    (can,) = knowing_one({name: belief(a4=0.8)}).locate(frame, [name])
    assert corners(can) == pytest.approx(LEFT, abs=2) and can.score == pytest.approx(0.8)


def test_a_flat_patch_of_the_colour_that_is_said_is_measured_where_it_is_pointed_at(
    frame, knowing_one
):
    rgb = frame.rgb.copy()
    rgb[104:112, 100:108] = 200, 30, 200
    seen = replace(frame, rgb=rgb)
    note = belief(d6=0.8)
    grounder = PointingGrounder(Model({'purple note': note, 'yellow note': note, 'note': note}))
    grounder.know(seen, replace(measure(seen), objects=measure(frame).objects))
    purple, yellow, any_note = grounder.locate(seen, ['purple note', 'yellow note', 'note'])
    assert corners(purple) == pytest.approx((100, 104, 108, 112), abs=1)
    assert purple.score == pytest.approx(0.8) and not yellow.found and not any_note.found


def test_what_is_more_likely_nowhere_is_not_looked_for(frame, knowing_one, monkeypatch):
    monkeypatch.setattr('ssr_ros.grounding.pointing.Pointing', None)
    (can,) = knowing_one({'red can': belief(0.6, a4=0.4)}).locate(frame, ['red can'])
    assert not can.found


@pytest.mark.parametrize(
    ('name', 'where'),
    [
        ('green can', belief(a4=0.8)),
        ('gray can', belief(c6=0.8)),
        ('can', belief(c6=0.8)),
        ('red can', belief(0.6, a4=0.4)),
    ],
    ids=['of another colour', 'gray is only the wall', 'only wall', 'more likely nowhere'],
)
def test_nothing_that_was_not_told_is_made_up(frame, knowing_one, name, where):
    (region,) = knowing_one({name: where}).locate(frame, [name])
    assert not region.found


def test_among_other_sources_it_hears_the_colours_of_what_is_asked_for(frame):
    model = Model({'red mug': belief(a4=0.9), 'green mug': belief(e4=0.9)})
    sources = Sources([PointingGrounder(model)])
    sight = sources.look(frame, ['mug'], whole=['red mug', 'green mug'])
    assert model.asked == ['red mug', 'green mug']
    assert [region.phrase for region in sight.regions if region.found] == model.asked


def test_a_phrase_that_cannot_be_read_is_refused_as_what_cannot_be_looked_for(frame):
    class Picky(Model):
        def point(self, seen, name):
            raise QuestionError('the question is empty')

    with pytest.raises(GroundingError, match='cannot look for'):
        PointingGrounder(Picky({})).locate(frame, ['!!'])


def test_a_frame_is_read_once(frame):
    model = Model({'mug': belief(a4=1.0)})
    grounder = PointingGrounder(model)
    grounder.locate(frame, ['mug'])
    grounder.locate(frame, ['mug'])
    assert (model.reads, grounder.looks, grounder.passes) == (1, 1, 2)


def test_what_is_known_of_a_frame_is_neither_read_nor_measured_again(frame, monkeypatch):
    facts = measure(frame)
    monkeypatch.setattr('ssr_ros.grounding.pointing.measure', None)
    model = Model({'mug': belief(a4=1.0)})
    grounder = PointingGrounder(model)
    grounder.know(frame, facts, 'a frame')
    (mug,) = grounder.locate(frame, ['mug'])
    assert corners(mug) == pytest.approx(LEFT, abs=2)
    assert (model.reads, grounder.looks) == (0, 0)
    unread = PointingGrounder(model)
    unread.know(frame, facts)
    unread.locate(frame, ['mug'])
    assert (model.reads, unread.looks) == (1, 1)


def test_what_is_told_of_one_frame_again_and_again_drives_out_no_other(frame):
    model, other = Model({'mug': belief(a4=1.0)}), replace(frame)
    grounder = PointingGrounder(model)
    grounder.locate(frame, ['mug'])
    for _ in range(2 * MOST_KEPT):
        grounder.know(other, measure(other))
    grounder.locate(frame, ['mug'])
    assert model.reads == 1
