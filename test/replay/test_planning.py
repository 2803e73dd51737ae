# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Which question is asked of which frame."""

import pytest

pytest.importorskip('rosbags.rosbag2', reason='bags are read through rosbags')
pytest.importorskip('yaml', reason='question files are yaml')

from bag_recorder import Recorder, START_NS, STEP_NS

from ssr_ros.bags.index import index_bag
from ssr_ros.bags.read import open_bag
from ssr_ros.errors import ConfigError
from ssr_ros.replay.planning import check_every_question_is_asked, plan
from ssr_ros.replay.question_file import load_questions

LOST = (4, 5, 6, 7, 8, 9, 10, 11, 12)


@pytest.fixture
def index(tmp_path):
    """Of 20 frames, 0.1 s apart, nine of which are lost; a latched info long before them."""
    with Recorder(tmp_path / 'bag') as bag:
        bag.info('/eye/camera_info', START_NS - 7 * 10**9, latched=True)
        for number in range(20):
            at_ns = START_NS + number * STEP_NS
            if number not in LOST:
                bag.image('/eye/rgb', at_ns)
            bag.image('/eye/depth', at_ns, '16UC1')
    with open_bag(tmp_path / 'bag') as bag:
        return index_bag(bag, bag.find_rgbd())


def planned(tmp_path, index, text, name='bag'):
    """Return (id, tenth of a second, or None without a frame)."""
    path = tmp_path / 'q.yaml'
    path.write_text(text, encoding='utf-8')
    return [
        (each.question.id, each.place and (each.place.stamp_ns - START_NS) // STEP_NS)
        for each in plan(load_questions(path), index, name)
    ]


def test_times_count_from_the_first_image_and_take_the_nearest_frame(tmp_path, index):
    text = 'within_s: 0.11\nquestions:\n  - {ask: Q, at: [0.31, 0.26, 1.49, 0.8, 9]}\n'
    assert planned(tmp_path, index, text) == [
        ('q1', None),
        ('q1', None),
        ('q1', 3),
        ('q1', 3),
        ('q1', 15),
    ]


def test_a_stamp_that_lost_its_last_digits_still_means_its_frame(tmp_path, index):
    stamp = (START_NS + 3 * STEP_NS) / 1e9
    text = f'questions:\n  - {{ask: Q, stamp: {stamp - 1e-4:.4f}}}\n'
    assert planned(tmp_path, index, text) == [('q1', 3)]


def test_every_n_seconds_asks_no_frame_twice_and_names_gaps(tmp_path, index):
    text = 'within_s: 0.12\nquestions:\n  - {ask: Q, every_s: 0.05}\n'
    found = planned(tmp_path, index, text)
    frames = [place for _, place in found if place is not None]
    assert frames == [0, 1, 2, 3, 13, 14, 15, 16, 17, 18, 19]
    assert len(found) - len(frames) == 15, 'from 0.45 to 1.15 s there is no frame near'


def test_once_is_asked_at_the_first_frame_of_the_whole_or_of_each_scene(tmp_path, index):
    assert planned(tmp_path, index, 'questions:\n  - {ask: Q, once: yes}\n') == [('q1', 0)]
    scenes = 'scenes: [{name: a, from: 0.15, to: 0.5}, {name: b, from: 1.4, to: 3}]\n'
    asked = 'questions:\n  - {ask: Q, once: yes}\n  - {ask: R, once: yes, scene: b}\n'
    assert planned(tmp_path, index, scenes + asked) == [('q1', 2), ('q1', 14), ('q2', 14)]


def test_a_scene_bounds_what_is_asked_again_and_again(tmp_path, index):
    text = (
        'scenes: [{name: a, from: 0.1, to: 0.3, bag: bag}, '
        '{name: a, from: 0, to: 9, bag: other}]\n'
        'questions:\n  - {ask: Q, every_s: 0.1, scene: a}\n'
    )
    assert planned(tmp_path, index, text) == [('q1', 1), ('q1', 2)]


def test_questions_of_one_frame_stand_together_in_the_order_of_the_file(tmp_path, index):
    text = 'at: [0.2, 0]\nquestions:\n  - {ask: Q}\n  - {ask: R}\n'
    assert planned(tmp_path, index, text) == [('q1', 0), ('q2', 0), ('q1', 2), ('q2', 2)]


def test_a_question_for_another_recording_is_left_out_here_and_refused_if_for_none(
    tmp_path, index
):
    text = 'questions:\n  - {ask: Q, at: 0, bag: kitchen}\n'
    assert planned(tmp_path, index, text) == []
    asked = load_questions(tmp_path / 'q.yaml')
    check_every_question_is_asked(asked, ['yard', 'kitchen'])
    with pytest.raises(ConfigError, match="line 2: 'q1' is for kitchen, and the recordings are"):
        check_every_question_is_asked(asked, ['yard'])


def test_why_there_is_no_frame_is_said(tmp_path, index):
    (tmp_path / 'q.yaml').write_text('questions:\n  - {ask: Q, at: 60}\n')
    (asking,) = plan(load_questions(tmp_path / 'q.yaml'), index, 'bag')
    assert asking.why_none.startswith('no frame near 60.000 s: the images are from 0 to 1.900 s')
