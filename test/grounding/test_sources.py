# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Detections belong to one image; several sources are asked in turn."""

from __future__ import annotations

import numpy as np
import pytest

from ssr_ros.errors import GroundingError
from ssr_ros.grounding import Detections, DetectionsGrounder, Grounded, Sources
from ssr_ros.rgbd import CameraIntrinsics, RgbdFrame

MUG = Grounded('cup', (10, 10, 20, 20), 0.8, 'detections')
CHAIR = Grounded('chair', (30, 10, 50, 40), 0.6, 'detections')


def frame(stamp_ns=1000, frame_id='camera'):
    rgb, depth_m = np.zeros((48, 64, 3), np.uint8), np.ones((48, 64), np.float32)
    return RgbdFrame(rgb, depth_m, CameraIntrinsics(60, 60, 31.5, 23.5), stamp_ns, frame_id)


class Asked:
    """A source that knows some things and remembers what it was asked."""

    def __init__(self, name, knows=(), fails=False):
        self.name, self.knows, self.fails, self.questions = name, knows, fails, []

    def locate(self, frame, phrases):
        self.questions.append(tuple(phrases))
        if self.fails:
            raise GroundingError('out of order')
        return [
            Grounded(p, (1, 1, 9, 9), source=self.name)
            if p in self.knows
            else Grounded(p, source=self.name)
            for p in phrases
        ]


def detector(*regions, tolerance_ns=0, **belongs):
    grounder = DetectionsGrounder(tolerance_ns=tolerance_ns)
    grounder.put(Detections(regions, **{'stamp_ns': 1000, 'frame_id': 'camera', **belongs}))
    return grounder


def test_detections_of_the_image_are_given_and_what_is_not_there_is_denied():
    found = detector(MUG, CHAIR).locate(frame(), ['mugs', 'fork'])
    assert [(r.phrase, r.found) for r in found] == [
        ('cup', True),
        ('chair', True),
        ('fork', False),
    ]
    assert found[-1].source == 'detections'


@pytest.mark.parametrize(
    ('belongs', 'reason'),
    [
        ({'frame_id': 'other_camera'}, "'other_camera' and the image is of frame 'camera'"),
        ({'stamp_ns': 2000}, 'stamp 2000 ns and the image of 1000 ns'),
        ({'width': 640, 'height': 480}, '640x480 images and the image is 64x48'),
    ],
)
def test_detections_of_another_image_are_refused_by_name(belongs, reason):
    with pytest.raises(GroundingError, match=reason):
        detector(MUG, **belongs).locate(frame(), ['mug'])


def test_a_box_outside_the_image_means_that_the_detector_saw_another_size():
    far = Grounded('cup', (500, 300, 600, 400), 0.9, 'detections')
    with pytest.raises(GroundingError, match=r'outside the 64x48 image'):
        detector(MUG, far).locate(frame(), ['mug'])


def test_stamps_may_differ_by_the_tolerance_and_the_nearest_image_counts():
    grounder = detector(MUG, tolerance_ns=100, stamp_ns=1090)
    grounder.put(Detections((CHAIR,), 950, 'camera'))
    assert [r.phrase for r in grounder.locate(frame(), ['chair'])] == ['chair']
    assert [r.phrase for r in grounder.locate(frame(1080), ['cup'])] == ['cup']
    with pytest.raises(GroundingError, match='stamp'):
        grounder.locate(frame(1191), ['cup'])


def test_an_image_in_which_nothing_was_detected_denies_every_name():
    assert [r.found for r in detector().locate(frame(), ['mug', 'fork'])] == [False, False]


def test_no_detections_at_all_is_not_a_denial():
    with pytest.raises(GroundingError, match='is the detector running'):
        DetectionsGrounder().locate(frame(), ['mug'])


def test_old_detections_are_forgotten():
    grounder = DetectionsGrounder()
    for stamp_ns in range(100):
        grounder.put(Detections((MUG,), stamp_ns, 'camera'))
    grounder.locate(frame(99), ['mug'])
    with pytest.raises(GroundingError, match='stamp 36 ns'):
        grounder.locate(frame(0), ['mug'])


def test_ten_thousand_boxes_are_cut_to_the_surest():
    boxes = [Grounded('cup', (i % 50, 0, 60, 40), i / 20000) for i in range(10_000)]
    found = detector(*boxes).locate(frame(), ['cup'])
    assert len(found) == 300
    assert min(r.score for r in found) == pytest.approx(0.485, abs=1e-3)


def test_what_the_first_source_finds_is_not_asked_of_the_next():
    first, second = Asked('first', knows=['mug']), Asked('second', knows=['fork'])
    sight = Sources([first, second]).look(frame(), ['mug', 'fork'])
    assert first.questions == [('mug', 'fork')]
    assert second.questions == [('fork',)]
    assert [(r.phrase, r.source) for r in sight.regions if r.found] == [
        ('mug', 'first'),
        ('fork', 'second'),
    ]
    assert sight.asked == ('first', 'second')


def test_what_is_known_of_a_frame_is_not_asked_again_nor_is_what_was_denied():
    source = Asked('vlm', knows=['mug'])
    sources = Sources([source])
    before = sources.look(frame(), ['mug', 'fork'])
    after = sources.look(frame(), ['mugs', 'fork'], known=before.regions)
    assert len(source.questions) == 1
    assert after.asked == ()
    assert after.regions == before.regions


def test_who_points_at_one_thing_is_asked_with_colours_for_what_no_other_knows():
    pointing, boxes = Asked('pointing', knows=['red mug']), Asked('boxes')
    pointing.by_whole_name = True
    whole, sources = ['red mug', 'blue mug', 'fork'], Sources([pointing, boxes])
    sight = sources.look(frame(), ['mug', 'fork'], whole=whole)
    assert pointing.questions == [('red mug', 'blue mug', 'fork')]
    assert boxes.questions == [('fork',)], 'a mug was pointed at'
    sources.look(frame(), ['mug'], known=sight.regions, whole=['green mug', 'red mug'])
    assert pointing.questions[1:] == [('green mug',)]
    known = [Grounded('mug', (1, 1, 9, 9), source='detections')]
    sources.look(frame(), ['mug'], known=known, whole=['red mug'])
    assert len(pointing.questions) == 2, 'which mug is red can be measured'


def test_a_source_that_fails_is_named_and_the_next_one_goes_on():
    sight = Sources([Asked('broken', fails=True), Asked('vlm', ['mug'])]).look(frame(), ['mug'])
    assert sight.refusals == ('broken could not look: out of order',)
    assert [r.source for r in sight.regions] == ['vlm']


def test_where_no_source_can_look_nothing_is_denied():
    sources = Sources([Asked('one', fails=True), Asked('two', fails=True)])
    with pytest.raises(GroundingError, match=r'one could not look.*two could not look'):
        sources.locate(frame(), ['mug'])
