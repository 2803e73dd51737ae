# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The loaded model is asked for boxes: one look for a frame, one pass for a question."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from ssr_ros.errors import ConfigError, GroundingError
from ssr_ros.grounding.replies import may_go_on
from ssr_ros.grounding.sources import Sources
from ssr_ros.grounding.vlm import VlmGrounder
from ssr_ros.rgbd import CameraIntrinsics, RgbdFrame

BOX = '[{"bbox_2d": [28, 28, 56, 56], "label": "mug"}]'


class Seer:
    """A model that writes what it is told to."""

    def __init__(self, text=BOX, family='qwen2_5_vl'):
        self.text, self.family, self.asked = text, family, []

    def look(self, frame):
        return SimpleNamespace(image_size=(112, 84))

    def reply(self, seen, question, max_new_tokens, goes_on):
        self.asked.append(question)
        written = ''
        while goes_on(written) and len(written) < len(self.text):
            written = self.text[: len(written) + 1]
        return written


@pytest.fixture
def frame():
    rgb, depth_m = np.zeros((168, 224, 3), np.uint8), np.ones((168, 224), np.float32)
    return RgbdFrame(rgb, depth_m, CameraIntrinsics(200, 200, 111.5, 83.5))


def test_all_names_are_asked_for_in_one_pass_and_boxes_are_those_of_the_frame(frame):
    seer = Seer()
    grounder = VlmGrounder(seer)
    regions = grounder.locate(frame, ['mug', 'fork'])
    assert [(r.phrase, r.box_px) for r in regions] == [
        ('mug', (56.0, 56.0, 112.0, 112.0)),
        ('fork', None),
    ]
    assert len(seer.asked) == 1 and 'mug, fork' in seer.asked[0]
    assert grounder.counts.used == 1


def test_thousandths_are_read_where_the_family_writes_them(frame):
    text = '[{"bbox_2d": [250, 500, 500, 1000], "label": "mug"}]'
    regions = VlmGrounder(Seer(text, 'qwen3_vl')).locate(frame, ['mug'])
    assert regions[0].box_px == (56.0, 84.0, 112.0, 168.0)


def test_an_image_is_read_once_and_what_is_known_is_not_asked_again(frame):
    grounder = VlmGrounder(Seer())
    sources = Sources([grounder])
    first = sources.look(frame, ['mug'])
    second = sources.look(frame, ['mug', 'bowl'], first.regions)
    third = sources.look(frame, ['bowl'], second.regions)
    assert (grounder.looks, grounder.passes) == (1, 2)
    assert third.asked == ()


def test_a_model_that_writes_prose_denies_nothing(frame):
    with pytest.raises(GroundingError, match='vlm was asked for boxes in JSON'):
        VlmGrounder(Seer('The mug is on the table.')).locate(frame, ['mug'])


ENTRY = '{"bbox_2d": [28, 28, 56, 56], "label": "mug"}'


@pytest.mark.parametrize(
    ('text', 'written'),
    [
        ('The mug. ' * 90, 301),
        ('[' * 600, 301),
        ('[{"label": "' + 'mug ' * 200, 301),
        (f'[{ENTRY}] and then {"so on " * 90}', len(ENTRY) + 2),
        (f'As in [1], it is: ```json\n[{ENTRY}]\n``` Well.', len(ENTRY) + 28),
        ('[] is what I see. ' * 40, 2),
    ],
    ids=['prose', 'brackets', 'an endless name', 'a whole list', 'fenced', 'nothing'],
)
def test_a_model_is_not_listened_to_beyond_what_a_list_of_places_can_need(text, written):
    assert len(Seer(text).reply(None, '', 512, may_go_on)) == written


def test_a_long_list_is_written_to_its_end():
    text = f'[{", ".join([ENTRY] * 40)}]'
    assert Seer(text).reply(None, '', 512, may_go_on) == text


def test_a_family_whose_boxes_nobody_can_read_is_refused():
    with pytest.raises(ConfigError, match='moondream'):
        VlmGrounder(Seer(family='moondream'))
