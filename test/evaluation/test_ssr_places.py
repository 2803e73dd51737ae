# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Who points at the right thing, of several in view."""

from dataclasses import dataclass, replace
import json

import cv2
import numpy as np
import pytest

pytest.importorskip('torch', reason='torch is missing')

from benchmarks import ssr
from benchmarks.ssr_places import ALL, ask_places, CLOSE, DENIED, judged, POINTED, pointed_at
from benchmarks.ssr_rows import read_test
from ssr_ros.errors import ConfigError
from ssr_ros.grounding import Grounded
from ssr_ros.grounding.replies import FORMS
from training.small.new_checkpoint import write_checkpoint
from training.small.sizes import Sizes

FORM = FORMS['qwen2_5_vl']
BOXES = {'red mug': (0, 0, 20, 20), 'blue mug': (30, 0, 50, 20), 'box': (15, 0, 35, 20)}


def region(name, box=None):
    return Grounded(name, box)


def meta(form, *subjects):
    return {'form': form, 'subjects': list(subjects)}


def test_the_thing_that_a_box_overlaps_most_is_pointed_at():
    assert pointed_at(region('x', (2, 2, 19, 22)), BOXES) == 'red mug'
    assert pointed_at(region('x', (14, 0, 30, 20)), BOXES) == 'box'
    assert pointed_at(region('x', (60, 60, 70, 70)), BOXES) == ''


def test_each_thing_that_was_asked_for_counts():
    given = [region('red mug', (0, 0, 20, 20)), region('blue mug', (40, 0, 46, 6))]
    found = judged(meta('two', 'red mug', 'blue mug'), BOXES, given)
    assert found == [(POINTED, True), (CLOSE, True), (POINTED, True), (CLOSE, False)]
    exchanged = [replace(given[1], phrase='red mug'), replace(given[0], phrase='blue mug')]
    assert not any(right for _, right in judged(meta('one', 'red mug'), BOXES, exchanged))
    twice = [region('red mug', (0, 0, 20, 20)), region('red mug', (30, 0, 50, 20))]
    assert judged(meta('one', 'red mug'), BOXES, twice)[0] == (POINTED, False)
    assert judged(meta('one', 'red mug'), BOXES, None)[0] == (POINTED, False)


def test_a_shape_means_all_of_it_and_nothing_is_denied_in_silence():
    both = [region('red mug', (0, 0, 20, 20)), region('blue mug', (30, 0, 50, 20))]
    assert judged(meta('shape', 'mug'), BOXES, both) == [(ALL, True)]
    assert judged(meta('shape', 'mug'), BOXES, both[:1]) == [(ALL, False)]
    assert judged(meta('absent', 'gray cone'), BOXES, [region('gray cone')]) == [(DENIED, True)]
    assert judged(meta('absent', 'gray cone'), BOXES, None) == [(DENIED, False)]
    assert judged(meta('absent', 'gray cone'), BOXES, both[:1]) == [(DENIED, False)]


@dataclass
class Seen:
    image_size: tuple[int, int]


class Knowing:
    """A model that knows where the mug is, in pixels of the 140 x 140 image that it sees."""

    family = 'qwen2_5_vl'

    def look(self, frame):
        return Seen((140, 140))

    def reply(self, seen, question, most, goes_on):
        if 'cone' in question:
            return '[]'
        return FORM.answer([('red mug', (0.0, 0.0, 0.5, 0.5))], seen.image_size)


@dataclass
class Reasoner:
    seer: object
    pointer: object = None


@pytest.fixture
def rows(tmp_path):
    cv2.imwrite(str(tmp_path / '0.png'), np.full((48, 64, 3), 120, np.uint8))
    cv2.imwrite(str(tmp_path / '0_depth.png'), np.full((48, 64), 2000, np.uint16))
    boxes = {'red mug': [0.0, 0.0, 0.5, 0.5], 'box': [0.5, 0.5, 1.0, 1.0]}
    known = {
        'family': 'place',
        'boxes': boxes,
        'intrinsics': {'fx': 60.0, 'fy': 60.0, 'cx': 32.0, 'cy': 24.0},
    }
    asked = (('one', 'red mug'), ('one', 'box'), ('absent', 'gray cone'))
    lines = [
        {
            'question': FORM.question([name]),
            'answer': '[]',
            'image_path': '0.png',
            'depth_path': '0_depth.png',
            'meta': {**known, 'form': form, 'subjects': [name], 'unit': name},
        }
        for form, name in asked
    ]
    path = tmp_path / 'places.jsonl'
    path.write_text(''.join(json.dumps(line) + '\n' for line in lines), encoding='utf-8')
    return path


def test_places_are_asked_through_the_grounding_room(rows):
    found = ask_places(Reasoner(Knowing()), *read_test(rows, 0))
    assert (found[POINTED]['n'], found[POINTED]['right']) == (2, 1), 'it takes the box for a mug'
    assert (found[DENIED]['n'], found[DENIED]['right']) == (1, 1)
    assert found['unreadable'] == 0


def test_a_model_whose_own_weights_are_gone_is_not_asked(rows):
    with pytest.raises(ConfigError, match='keep_stock'):
        ask_places(Reasoner(None), *read_test(rows, 0))


def test_the_table_asks_the_whole_model_where_it_points_and_the_base_where_it_does_not(
    rows, tmp_path, monkeypatch
):
    asked = []
    monkeypatch.setattr(
        ssr, 'ask_places', lambda reasoner, *_: asked.append(reasoner.description) or {}
    )
    monkeypatch.setattr(ssr, 'rationale_quality', lambda *_: {})
    for name, sizes in (('boxes', Sizes(adapter_rank=2)), ('points', Sizes(point=True))):
        folder = tmp_path / name
        for run in ('base', 'stage2'):
            write_checkpoint(folder / run, sizes, seed=0, note=run)
        options = ['--test', rows, '--train', rows, '--places', rows, '--runs', folder]
        parsed = ssr.parser().parse_args([*map(str, options), '--device', 'cpu'])
        benchmark = ssr.Benchmark(parsed)
        for run in ('base', 'stage2'):
            benchmark._run(run, [])
    assert len(asked) == 2 and 'base' in asked[0] and 'stage2' in asked[1]
