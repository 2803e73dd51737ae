# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

from model_frames import make_frame
import numpy as np
from PIL import Image
import pytest
import torch

from ssr_ros.model.prompt import ImagePrompt
from ssr_ros.model.trace import Trace

CPU = torch.device('cpu')


@pytest.mark.parametrize(('rows', 'columns'), [(4, 4), (9, 9), (3, 7), (7, 3)])
def test_positions_are_the_librarys(reasoner, rows, columns):
    """Ours are explicit; theirs are guessed from ids and remembered on the model."""
    model = reasoner.vlm.model
    ids = [5, 6, 7] + [model.config.image_token_id] * (rows * columns) + [8, 9]
    grid = torch.tensor([[1, 2 * rows, 2 * columns]])
    ours = ImagePrompt(ids, 3, rows, columns, torch.empty(0), grid).positions()
    tensor = torch.tensor([ids])
    types = (tensor == model.config.image_token_id).int()
    theirs, _ = model.model.get_rope_index(tensor, types, image_grid_thw=grid)
    assert torch.equal(ours, theirs[:, 0])


def test_a_stale_rope_delta_does_not_matter(reasoner):
    encoded = reasoner.encode(make_frame())
    expected = reasoner.ask(encoded, 'what is near?', max_new_tokens=8).tokens
    reasoner.vlm.model.model.rope_deltas = torch.tensor([[-77]])
    assert reasoner.ask(encoded, 'what is near?', max_new_tokens=8).tokens == expected
    reasoner.vlm.model.model.rope_deltas = None


def test_asking_never_changes_the_prefix(reasoner):
    encoded = reasoner.encode(make_frame())
    before = [t.clone() for pair in encoded.image_prefix.keys_values for t in pair]
    reasoner.ask(encoded, 'what is near?', max_new_tokens=5)
    after = [t for pair in encoded.image_prefix.keys_values for t in pair]
    assert all(torch.equal(was, now) for was, now in zip(before, after, strict=True))


def test_the_image_is_squashed_and_rounded_to_merged_patches(reasoner):
    """256 x 256 becomes 252 x 252 as upstream's processor has it; small stays a whole patch."""
    prompt = reasoner.vlm.prompt
    rgb = np.zeros((30, 90, 3), np.uint8)
    sizes = {}
    for asked in ((256, 256), (100, 200), (28, 28)):
        prompt.image_size, kept = asked, prompt.image_size
        sizes[asked] = prompt.picture(rgb).size
        prompt.image_size = kept
    assert sizes == {(256, 256): (252, 252), (100, 200): (112, 196), (28, 28): (56, 56)}
    assert isinstance(prompt.picture(rgb), Image.Image)


def test_decoding_stops_at_the_end_token(reasoner, monkeypatch):
    encoded = reasoner.encode(make_frame())
    whole = reasoner.ask(encoded, 'what is near?', max_new_tokens=12).tokens
    end = whole[4]
    first = whole.index(end)
    monkeypatch.setattr(reasoner.vlm.plain, 'end_ids', frozenset([end]))
    answer = reasoner.ask(encoded, 'what is near?', max_new_tokens=12)
    assert answer.tokens == whole[: first + 1]
    assert answer.work.generated_tokens == first + 1


def test_reading_an_image_counts_one_encoder_call(reasoner):
    trace = Trace(CPU)
    prefix = reasoner.vlm.read_image(make_frame().rgb, trace)
    assert trace.work.encoder_calls == 1
    assert trace.work.vlm_tokens == len(prefix.ids)
    assert set(trace.timings_ms) == {'vision_tower', 'vlm_prefix'}
