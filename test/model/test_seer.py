# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Asked where things are, the model is the one that it was before SSR, to the bit."""

from __future__ import annotations

from dataclasses import replace

from model_frames import make_frame
import pytest
import torch
import yaml

from ssr_ros.grounding.vlm import VlmGrounder
from ssr_ros.model import load_reasoner
from ssr_ros.model.seer import own_size

QUESTION = 'Locate every instance of: mug.'


@pytest.fixture(scope='module')
def kept(checkpoint):
    return load_reasoner(checkpoint, device='cpu', keep_stock=True)


@pytest.fixture(scope='module')
def stock(checkpoint, tmp_path_factory):
    """The same checkpoint without its adapter."""
    return load_without(('adapter',), checkpoint, tmp_path_factory)


def load_without(keys, checkpoint, tmp_path_factory):
    content = yaml.safe_load((checkpoint / 'reasoner.yaml').read_text())
    parts = ('image_encoder', 'depth_encoder', 'mamba', 'midi', 'vlm')
    content |= {part: str(checkpoint / content[part]) for part in parts}
    for key in keys:
        del content[key]
    path = tmp_path_factory.mktemp('stock') / 'reasoner.yaml'
    path.write_text(yaml.safe_dump(content))
    return load_reasoner(path, device='cpu')


@pytest.mark.parametrize('size', [(640, 480), (1280, 720), (4000, 3000), (64, 48), (20, 900)])
def test_the_image_is_read_in_whole_squares_and_at_most_a_megapixel(size):
    width, height = own_size(*size)
    assert width % 28 == height % 28 == 0
    assert width * height <= 1_000_000 or min(size) < 28


def test_without_its_adapter_the_model_says_what_the_stock_model_says(kept, stock):
    frame = make_frame(112, 84)
    seen = [reasoner.seer.look(frame) for reasoner in (kept, stock)]
    assert seen[0].image_size == (112, 112), 'as its yaml says'
    for one, other in zip(seen[0].prefix.keys_values, seen[1].prefix.keys_values, strict=True):
        assert torch.equal(one[0], other[0]) and torch.equal(one[1], other[1])
    texts = [
        reasoner.seer.reply(each, QUESTION, 12)
        for reasoner, each in zip((kept, stock), seen, strict=True)
    ]
    assert texts[0] == texts[1]


def test_a_model_of_all_sizes_sees_the_image_in_its_own(checkpoint, tmp_path_factory):
    reasoner = load_without(('adapter', 'look_size'), checkpoint, tmp_path_factory)
    assert reasoner.seer.look(make_frame(112, 84)).image_size == (112, 84)


def test_the_adapter_makes_a_difference_here(kept, stock):
    """Else the test above could not fail."""
    prefixes = [r.encode(make_frame()).image_prefix.keys_values[-1][0] for r in (kept, stock)]
    assert not torch.equal(*prefixes)


def test_asking_for_boxes_changes_no_answer(kept, reasoner):
    frame = make_frame()
    before = reasoner.ask(reasoner.encode(frame), 'How far is it?', 8)
    kept.seer.reply(kept.seer.look(frame), QUESTION, 4)
    after = kept.ask(kept.encode(frame), 'How far is it?', 8)
    assert after.tokens == before.tokens


def test_weights_that_were_not_kept_are_not_there_to_ask(reasoner):
    assert reasoner.seer is None


def test_the_image_is_read_once_for_a_grounder(stock):
    grounder = VlmGrounder(stock.seer)
    frame = replace(make_frame(112, 84))
    for _ in range(2):
        with pytest.raises(Exception, match='nothing to read there'):
            grounder.locate(frame, ['mug'])  # random weights write no boxes
    assert (grounder.looks, grounder.passes) == (1, 2)
