# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Where things are: asked and answered in the words that the grounding room uses."""

from pathlib import Path
import re

import cv2
from drawn_frames import write_lines
import numpy as np
import pytest
import yaml

from ssr_ros.grounding.replies import FORMS, read_reply
from ssr_ros.grounding.vlm import VlmGrounder
from ssr_ros.model import load_reasoner
from ssr_ros.rgbd import CameraIntrinsics, RgbdFrame
from ssr_ros.scene import Gravity
from training.curation.scene import Scene, Thing
from training.curation.shards import questions, Recipe
from training.data.rows import RowFiles
from training.small import base_vlm
from training.small.readings import reading
from training.small.settings import BaseVlmSettings

RECIPES = Path(__file__).resolve().parents[2] / 'training' / 'recipes'
FORM = FORMS['qwen2_5_vl']
CAMERA = CameraIntrinsics(50.0, 50.0, 31.5, 23.5)
"""Of an image of 64 x 48."""


def thing(name, box):
    color, _, shape = name.rpartition(' ')
    low, high = np.array([0.0, 1.0, -0.3]), np.array([0.1, 1.1, -0.2])
    return Thing(name, color, shape, True, low, high, 1.2, 0.0, True, 'table', box)


BOXES = {
    'red mug': (0.25, 0.5, 0.5, 1.0),
    'blue box': (0.75, 0.0, 1.0, 0.25),
    'green mug': (0.0, 0.25, 0.125, 0.5),
}


def scene_of(boxes=BOXES, split='train'):
    things = tuple(thing(name, box) for name, box in boxes.items())
    frame = RgbdFrame(np.zeros((48, 64, 3), np.uint8), np.ones((48, 64), np.float32), CAMERA)
    level = Gravity(np.array([0.0, 1.0, 0.0]), 'given')
    names = frozenset(boxes)
    return Scene(things, len(things), names, {}, None, {}, frame, level, {'split': split})


def asked(form, **about):
    recipe = Recipe(per_frame=99, families=('place',), look_size=(140, 280))
    units = questions(scene_of(**about), 'a scene', recipe)
    return [ask for unit in units for ask in unit if ask.form == form]


def test_a_box_is_written_in_pixels_of_the_image_that_the_model_sees():
    (one,) = (ask for ask in asked('one') if ask.subjects == ('red mug',))
    assert one.answer == '[{"bbox_2d": [35, 140, 70, 280], "label": "red mug"}]'
    assert one.question == FORM.question(['red mug'])
    assert one.meta()['boxes']['blue box'] == (0.75, 0.0, 1.0, 0.25)


def test_the_grounding_room_reads_back_where_everything_is():
    for ask in asked('one') + asked('two') + asked('shape'):
        reply = read_reply(ask.answer, FORM, ask.subjects, (140, 280), (64, 48), 'vlm')
        assert reply.readable and reply.counts.used == len(reply.regions) > 0
        for region in reply.regions:
            x0, y0, x1, y1 = BOXES[region.phrase]
            assert region.box_px == pytest.approx((64 * x0, 48 * y0, 64 * x1, 48 * y1), abs=0.5)


def test_a_shape_alone_means_all_of_them_from_the_left_and_nothing_else():
    shapes = {
        ask.subjects[0]: re.findall(r'"label": "(.*?)"', ask.answer) for ask in asked('shape')
    }
    assert shapes in ({'mug': ['green mug', 'red mug']}, {'box': ['blue box']})


def test_what_is_not_there_is_denied_and_is_a_pair_that_the_split_shows():
    train, test = (asked('absent', split=split) for split in ('train', 'test'))
    assert [ask.answer for ask in train + test] == ['[]'] * len(train + test) and train
    (region,) = read_reply('[]', FORM, train[0].subjects, (140, 280), (64, 48), 'vlm').regions
    assert not region.found
    assert not {ask.subjects for ask in train} & {ask.subjects for ask in test}
    assert not {ask.subjects[0] for ask in train + test} & set(BOXES)


def test_places_are_asked_about_only_where_they_are_wanted():
    units = questions(scene_of(), 'a scene', Recipe(per_frame=99))
    assert {ask.family for unit in units for ask in unit} and not [
        ask for unit in units for ask in unit if ask.family == 'place'
    ]


def test_without_a_size_boxes_are_in_the_frames_own_pixels():
    recipe = Recipe(per_frame=99, families=('place',))
    answers = [unit[0].answer for unit in questions(scene_of(), 'a scene', recipe)]
    assert '[{"bbox_2d": [16, 24, 32, 48], "label": "red mug"}]' in answers


@pytest.mark.parametrize('name', ['nano', 'smoke'])
def test_recipes_ask_in_the_size_that_their_model_sees(name):
    sizes = yaml.safe_load((RECIPES / name / 'sizes.yaml').read_text())
    wanted = '--look-size {}x{}'.format(*sizes['vlm_image'])
    assert wanted in (RECIPES / name / 'questions.txt').read_text()
    if name == 'nano':
        assert wanted in (RECIPES / name / 'gpu.sh').read_text()


@pytest.fixture
def drawn(tmp_path):
    """Three frames with a red box in another place each, and where it is."""
    rows, boxes = [], [(4, 8, 24, 40), (36, 4, 60, 24), (20, 24, 44, 44)]
    for number, (x0, y0, x1, y1) in enumerate(boxes):
        rgb = np.full((48, 64, 3), 120, np.uint8)
        rgb[y0:y1, x0:x1] = (200, 30, 30)
        cv2.imwrite(str(tmp_path / f'{number}.png'), rgb[..., ::-1])
        cv2.imwrite(str(tmp_path / f'{number}_depth.png'), np.full((48, 64), 2000, np.uint16))
        shares = (x0 / 64, y0 / 48, x1 / 64, y1 / 48)
        rows.append(
            {
                'question': FORM.question(['red box']),
                'rationale': 'The red box is 2.00 m away.',
                'answer': FORM.answer([('red box', shares)], (112, 112)),
                'image_path': f'{number}.png',
                'depth_path': f'{number}_depth.png',
                'meta': {'family': 'place'},
            }
        )
    write_lines(tmp_path / 'places.jsonl', rows)
    return tmp_path / 'places.jsonl', boxes


def frame_of(path, number):
    rgb = cv2.imread(str(path.parent / f'{number}.png'))[..., ::-1]
    return RgbdFrame(np.ascontiguousarray(rgb), np.full((48, 64), 2.0, np.float32), CAMERA)


def test_a_small_vlm_that_was_told_places_points_at_them_through_the_grounding_room(
    configure, drawn, tmp_path
):
    path, boxes = drawn
    config = configure(
        BaseVlmSettings,
        told='reading',
        data={'train': [str(path)]},
        optim={'steps': 150, 'batch': 3, 'learning_rate': 3e-3, 'warmup': 0.1},
    )
    base_vlm.main(config)
    grounder = VlmGrounder(load_reasoner(config.run.output, device='cpu').seer)
    for number, box in enumerate(boxes):
        (region,) = grounder.locate(frame_of(path, number), ['red box'])
        assert region.box_px == pytest.approx(box, abs=1.0)


def test_no_rationale_is_put_before_a_question_about_a_place(drawn):
    path, _ = drawn
    row = RowFiles([path], '', 0.0)[0]
    assert row.asks_where
    assert [reading(row, turn) for turn in range(5)] == [row] * 5
