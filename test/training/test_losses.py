# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What a sample's loss is does not depend on the company it keeps."""

from dataclasses import replace

import pytest
import torch

from ssr_ros.model import load_reasoner
from ssr_ros.model.tokens import insert_tor
from ssr_ros.rgbd import CameraIntrinsics, load_frame
from training.data.frames import Sample
from training.data.lengths import cut_words, Lengths
from training.run import launch
from training.run.batches import to_device
from training.run.settings import DataSettings, Stage1Settings, Stage2Settings
from training.small.briefs import in_fewer_words
from training.small.latents import build as build_latents
from training.small.readings import notes, reading, renamed
from training.small.settings import LatentsSettings
from training.stage1 import build as build_stage1
from training.stage2 import build as build_stage2


def stage_of(configure, kind, build, **more):
    config = configure(kind, **more)
    plan = build(launch.start(config))
    train, _ = plan.samples
    return plan.model.eval(), [train[index] for index in range(len(train))]


def means(model, samples):
    """Return name -> per sample mean loss over its labels."""
    batch = to_device(model.collate(samples), torch.device('cpu'))
    with torch.no_grad():
        losses = model(batch)
    return {name: value.sum(1) / (value != 0).sum(1) for name, value in losses.items()}


@pytest.mark.parametrize(
    ('kind', 'build'),
    [
        (Stage1Settings, build_stage1),
        (LatentsSettings, build_latents),
        (Stage2Settings, build_stage2),
    ],
)
def test_a_batch_of_mixed_lengths_gives_each_sample_the_loss_it_gives_alone(
    configure, kind, build
):
    model, samples = stage_of(configure, kind, build)
    together = means(model, samples)
    assert len({len(sample.row.rationale) for sample in samples}) > 3
    for index, sample in enumerate(samples):
        for name, alone in means(model, [sample]).items():
            near = pytest.approx(float(alone[0]), rel=1e-6, abs=1e-5)
            assert float(together[name][index]) == near, (name, index)


@pytest.mark.parametrize(
    ('kind', 'build'),
    [
        (Stage1Settings, build_stage1),
        (LatentsSettings, build_latents),
        (Stage2Settings, build_stage2),
    ],
)
def test_a_frame_of_several_samples_is_encoded_once_and_changes_no_loss(configure, kind, build):
    model, samples = stage_of(configure, kind, build)
    there = [samples[i] for i in (0, 1)]
    # Every question about every frame, in turn.
    mixed = [
        replace(frame, row=replace(frame.row, question=other.row.question))
        for other in samples[:4]
        for frame in there
    ]
    alone = [means(model, [sample]) for sample in mixed]
    seen = []
    for tower in (model.encoders.image, model.encoders.depth):
        tower.register_forward_hook(lambda *call: seen.append(len(call[-1].last_hidden_state)))
    for name, values in means(model, mixed).items():
        expected = [float(own[name]) for own in alone]
        assert values.tolist() == pytest.approx(expected, rel=1e-6, abs=1e-5)
    assert seen == [2, 2], 'one colour and one depth image of each frame'


def test_a_stand_in_adds_no_loss_and_no_label(configure):
    model, samples = stage_of(configure, Stage1Settings, build_stage1)
    batch = model.collate([replace(samples[0], counts=False)])
    assert model.labels(batch) == {'mamba': 0, 'llm': 0}
    losses = model(batch)
    assert all(float(value.detach().sum()) == 0 for value in losses.values())
    sum(value.sum() for value in losses.values()).backward()
    assert not any(p.grad.any() for p in model.midi.parameters() if p.grad is not None)


def test_stage_2_predicts_the_first_answer_token_as_the_reasoner_does(configure, untrained):
    """Guards positions, image tokens, latents and prompt order against the inference path."""
    model, samples = stage_of(configure, Stage2Settings, build_stage2, lora={'rank': 0})
    reasoner = load_reasoner(untrained, device='cpu')
    for sample in samples[:3]:
        losses = model(model.collate([sample]))['answer']
        first = losses.detach()[losses != 0][0]
        row = sample.row
        frame = load_frame(row.image_path, row.depth_path, CameraIntrinsics(50.0, 50.0, 32, 24))
        encoded = reasoner.encode(frame)
        latents = reasoner.latents(encoded, row.question)[None]
        logits = reasoner.vlm.first_logits([encoded.image_prefix], latents, [row.question])
        token = reasoner.vlm.tokenizer.encode_user_text(row.answer)[0]
        assert abs(float(first + logits.log_softmax(-1)[0, token])) < 1e-4


def test_the_latents_overwrite_the_tor_row_so_that_it_has_no_gradient(configure, untrained):
    model, samples = stage_of(configure, Stage2Settings, build_stage2, lora={'rank': 0})
    tor_id = load_reasoner(untrained).vlm.prompt.tokenizer.tor_id
    rows = model.vlm.get_input_embeddings().weight.requires_grad_(True)
    model(model.collate(samples[:2]))['answer'].sum().backward()
    gradient = rows.grad.abs().sum(1)
    assert gradient[model.vlm.config.text_config.eos_token_id] > 0, 'other rows are read'
    assert gradient[tor_id] == 0


def test_a_text_is_cut_at_whole_words_and_leaves_room_for_the_latent_tokens(configure):
    tokenizer = launch.start(configure(Stage1Settings)).parts.tokenizer()
    text = ' '.join(['object'] * 300)
    lengths = Lengths(DataSettings(question_tokens=40, rationale_tokens=64, answer_tokens=30))
    for cut, most, tokens in (
        (lengths.question(text, tokenizer), 40, tokenizer.encode),
        (
            lengths.rationale(text, tokenizer, 10),
            64,
            lambda t: tokenizer.encode(insert_tor(t, 10)),
        ),
        (lengths.answer(text, tokenizer), 29, tokenizer.encode),
    ):
        assert text.startswith(cut) and cut.endswith('object')
        assert most / 2 < len(tokens(cut)) <= most
    assert lengths.question('short text', tokenizer) == 'short text'


def test_a_vlm_may_learn_to_read_what_stands_where_latents_will(configure):
    _, plain = stage_of(configure, Stage2Settings, build_stage2)
    for index, was in enumerate(sample.row for sample in plain):
        row = reading(was, index)
        asked, rationale, told = was.question, was.rationale, was.answer
        assert (row.question, row.answer) == (
            (asked, told),
            (f'{asked} Explain.', rationale),
            (f'{rationale}\n{asked} Explain.', rationale),
            (f'{rationale}\n{asked}', told),
            (f'{told}\n{asked}', told),
        )[index % 5]
        without = replace(was, rationale='')
        assert reading(without, index) == without, 'there is nothing to read'


def test_notes_are_about_things_that_the_image_does_not_show(configure):
    _, plain = stage_of(configure, Stage2Settings, build_stage2)
    for index, was in enumerate(sample.row for sample in plain):
        row = notes(was, index)
        texts = (was.question, was.rationale, was.answer)
        asked, rationale, told = renamed(texts, index)
        assert (row.question, row.answer) == (
            (texts[0], texts[2]),
            (f'{texts[0]} Explain.', texts[1]),
            (f'{rationale}\n{asked} Explain.', rationale),
            (f'{rationale}\n{asked}', told),
            (f'{told}\n{asked}', told),
            (f'{in_fewer_words(told)}\n{asked}', told),
        )[index % 6]


def test_a_word_without_end_is_cut_in_bounded_time():
    counted = []

    def count(text):
        counted.append(len(text))
        return len(text) // 2

    assert cut_words('x' * 10_000_000, count, 100) == 'x' * 200
    assert max(counted) < 10_000 and len(counted) < 20


def test_samples_carry_what_their_stage_reads(configure):
    _, samples = stage_of(configure, Stage1Settings, build_stage1)
    assert all(isinstance(sample, Sample) and sample.prompt is None for sample in samples)
