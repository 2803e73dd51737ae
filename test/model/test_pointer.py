# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A model that was taught to point believes in fields as far as it would answer with them."""

from __future__ import annotations

import math

from model_frames import make_frame
import pytest
import torch

from ssr_ros.errors import ConfigError, QuestionError
from ssr_ros.model import load_reasoner
from ssr_ros.model.choosing import choose, Chosen
from ssr_ros.model.pointing import Pointer, SPREAD
from ssr_ros.model.trace import Trace
from ssr_ros.scene.fields import (
    ALL,
    answer_in,
    field_of,
    field_place,
    question_for,
    question_whether,
)
from ssr_ros.scene.questions.offered import Way


@pytest.fixture(scope='module')
def pointing(checkpoint, tmp_path_factory):
    """The checkpoint, said to point."""
    folder = tmp_path_factory.mktemp('pointing')
    for part in checkpoint.iterdir():
        if part.is_dir():
            (folder / part.name).symlink_to(part)
    yaml = (checkpoint / 'reasoner.yaml').read_text()
    (folder / 'reasoner.yaml').write_text(yaml + 'point: true\n')
    return load_reasoner(folder, device='cpu', keep_stock=True)


def test_fields_are_named_from_the_upper_left():
    assert (ALL[0], ALL[1], ALL[7], ALL[-1], len(set(ALL))) == ('a1', 'b1', 'a2', 'g7', 49)
    assert [field_place(*at) for at in ((0.0, 0.0), (0.99, 0.5), (1.0, 1.0), (-1, 2))] == [
        (0, 0),
        (3, 6),
        (6, 6),
        (6, 0),
    ]
    assert field_of((0.0, 0.5, 0.5, 1.0)) == 'b6'


def test_a_belief_is_the_mean_of_what_the_vlm_would_answer_and_midi_write(pointing):
    encoded = pointing.encode(make_frame())
    found = pointing.pointer.point(encoded, 'red mug')
    assert found.shares.sum() + found.nowhere == pytest.approx(1.0)
    question, fields = 'Where is the red mug?', ('b1', 'a2')
    assert question_for('red mug') == question
    answers = tuple(f'Yes, in {field}.' for field in fields)
    assert answers == tuple(map(answer_in, fields))
    (chosen,) = choose(
        pointing.vlm,
        [encoded.image_prefix],
        pointing.latents(encoded, question)[None],
        [(Way(question, answers),)],
        Trace(pointing.device),
    )
    assert chosen.likelihood == max(chosen.shares) and sum(chosen.shares) == pytest.approx(1)
    written = [written_out(pointing, encoded, question, f'The red mug in {f}') for f in fields]
    one, other = (math.sqrt(a * b) for a, b in zip(chosen.shares[:2], written, strict=True))
    assert found.shares[0, 1] / found.shares[1, 0] == pytest.approx(one / other, rel=1e-3)


def test_a_model_that_is_certain_is_heard(pointing, monkeypatch):
    certain = Chosen((), 1.0, (0.0, 1.0, *[0.0] * 47)), Chosen((), 1.0, (1.0, 0.0))
    monkeypatch.setattr('ssr_ros.model.pointing.choose', lambda *_: certain)
    found = pointing.pointer.point(pointing.encode(make_frame()), 'mug')
    assert found.shares[0, 1] == pytest.approx(1.0) and found.nowhere == 0.0


def test_what_is_not_there_is_asked_for_and_a_map_that_is_spread_speaks_against_it(
    pointing, monkeypatch
):
    asked, even = [], [1 / 49] * 49

    def believing(shares, no):
        def chosen(vlm, prefixes, latents, questions, trace):
            asked.extend(way.text for (way,) in questions)
            return Chosen((), 1.0, tuple(shares)), Chosen((), 1.0, (1 - no, no))

        return chosen

    monkeypatch.setattr(Pointer, '_written', lambda *_: 0.0)
    encoded, found = pointing.encode(make_frame()), {}
    for name, shares in (('spread', even), ('two', [0.5, 0.5, *[0.0] * 47])):
        for no in (0.5, 0.9):
            monkeypatch.setattr('ssr_ros.model.pointing.choose', believing(shares, no))
            found[name, no] = pointing.pointer.point(encoded, 'orange mug')
    assert asked[:2] == ['Where is the orange mug?', 'Is there an orange mug?']
    assert question_whether('mug') == 'Is there a mug?'
    # Two fields are more than one: the square roots of 0.5 and 0.5, as shares, are two still.
    odds = {key: one.nowhere / (1 - one.nowhere) for key, one in found.items()}
    assert odds['two', 0.5] == pytest.approx(2 / SPREAD, rel=1e-3)
    assert odds['two', 0.9] == pytest.approx(9 * 2 / SPREAD, rel=1e-3)
    assert odds['spread', 0.5] == pytest.approx(49 / SPREAD, rel=1e-3)
    for one in found.values():
        assert one.shares.sum() + one.nowhere == pytest.approx(1.0)


@torch.inference_mode()
def written_out(reasoner, encoded, question, text):
    """How likely MIDI writes the end of a text, after 'in', token by token."""
    tokenizer, mamba, total = reasoner.midi_tokenizer, reasoner.midi.mamba, 1.0
    ids = tokenizer.encode_user_text(question) + tokenizer.encode_user_text(text)
    begins = len(ids) - len(tokenizer.encode_user_text(text.rpartition(' in')[2]))
    for place in range(begins, len(ids)):
        hidden, _ = mamba(mamba.embed(torch.tensor([ids[:place]])), encoded.mamba_state)
        total *= float(mamba.logits(hidden[:, -1]).softmax(-1)[0, ids[place]])
    return total


@torch.inference_mode()
def test_texts_of_any_length_are_as_likely_alone_as_beside_others(pointing):
    state, midi = pointing.encode(make_frame()).mamba_state, pointing.midi
    texts = [[5], [7, 8, 9], [5, 6]]
    together = midi.likelihoods(state, [3, 4], texts)
    alone = [float(midi.likelihoods(state, [3, 4], [text])[0]) for text in texts]
    assert together.tolist() == pytest.approx(alone, abs=1e-4) and together[2] < together[0]


def test_another_name_is_another_question(pointing):
    encoded = pointing.encode(make_frame())
    one, other = (pointing.pointer.point(encoded, name) for name in ('red mug', 'blue box'))
    assert abs(one.shares - other.shares).max() > 0
    with pytest.raises(QuestionError):
        pointing.pointer.point(encoded, ' ')


def test_it_reads_a_frame_as_for_any_question(pointing):
    frame = make_frame()
    one = pointing.pointer.point(pointing.pointer.read(frame), 'mug')
    other = pointing.pointer.point(pointing.encode(frame), 'mug')
    assert (one.shares == other.shares).all()


def test_who_was_not_taught_to_has_no_pointer_and_who_points_keeps_no_stock(reasoner, pointing):
    assert reasoner.pointer is None
    assert pointing.seer is None, 'boxes are not asked for'


def test_a_merged_model_may_point_though_boxes_can_no_longer_be_asked(own_checkpoint):
    path = own_checkpoint / 'reasoner.yaml'
    content = ''.join(
        line for line in path.read_text().splitlines(True) if not line.startswith('adapter')
    )
    path.write_text(content + 'merged: true\n')
    with pytest.raises(ConfigError, match='merged'):
        load_reasoner(own_checkpoint, device='cpu', keep_stock=True)
    path.write_text(content + 'merged: true\npoint: true\n')
    assert load_reasoner(own_checkpoint, device='cpu', keep_stock=True).pointer is not None
