# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Latents learn to be words, and texts can be said in other ways."""

from dataclasses import replace
import re

import pytest
from safetensors.torch import load_file
import torch

from ssr_ros.errors import ConfigError
from ssr_ros.model import load_reasoner
from training import stage1
from training.models.losses import IGNORE
from training.run import launch
from training.run.settings import Stage1Settings
from training.small import latents
from training.small.briefs import briefly, in_fewer_words
from training.small.readings import NAMES, renamed
from training.small.settings import LatentsSettings


@torch.no_grad()
def mean_loss(model, batch):
    return float(model(batch)['words'].mean())


def parts_of(config):
    """Return the model, its samples, and the tokenizers of MIDI and of the teacher."""
    stage = launch.start(config)
    plan = latents.build(stage)
    return plan.model, plan.samples[0], (stage.parts.tokenizer(), stage.parts.load_teacher()[1])


def test_a_latent_that_is_a_word_is_taken_for_it_whatever_the_scale():
    words = torch.randn(200, 32, generator=torch.Generator().manual_seed(0))
    for scale, offset in ((1.0, 0.0), (0.01, 0.0), (100.0, 3.0)):
        table = words * scale + offset
        chance = latents.nearness(table, table).softmax(-1)
        assert chance.diagonal().min() > 0.99
        middle = latents.nearness(table.mean(0, keepdim=True), table).softmax(-1)
        assert middle.max() < 0.9, 'between the words none is meant'


def test_latents_can_be_told_the_figures_before_the_answer(configure):
    _, plain, _ = parts_of(configure(LatentsSettings, told='answer'))
    model, brief, (_, teacher) = parts_of(configure(LatentsSettings, told='brief'))
    assert [each.row for each in brief] == [briefly(each.row, 0) for each in plain]
    compares = {
        'rationale': 'The cup in a1 is 2.0 m away. The box in b1 is 1.1 m away.',
        'meta': {'subjects': ['box', 'cup']},
    }
    row = briefly(replace(plain[0].row, answer='The box.', **compares), 0)
    (words,) = model.collate([replace(plain[0], row=row)]).words.tolist()
    told = teacher.encode_user_text(' 1.1 m 2.0 m 1')
    assert words[: len(told)] == told[: len(words)]


def test_each_latent_is_told_its_word_and_the_rest_the_end_of_the_line(configure):
    config = configure(LatentsSettings)
    model, train, tokenizers = parts_of(config)
    batch = model.collate([train[index] for index in range(6)])
    teacher = tokenizers[1]
    for row, index in zip(batch.words.tolist(), range(6), strict=True):
        told = teacher.encode_user_text(in_fewer_words(train[index].row.answer))
        assert 0 < len(told) < 10 and row[: len(told)] == told
        assert teacher.decode(row[len(told) :]) == '\n' * (10 - len(told))
    tor = tokenizers[0].tor_id
    assert (batch.mamba_ids == tor).sum(1).tolist() == [10] * 6
    batch.words[2] = IGNORE
    assert model.labels(batch) == {'words': 50}
    assert model(batch)['words'][2].sum() == 0


def test_latents_begin_as_what_midi_would_write(configure, untrained):
    config = configure(LatentsSettings)
    model, train, tokenizers = parts_of(config)
    samples = [train[index] for index in range(len(train))]
    mamba, teacher = tokenizers
    words = load_reasoner(untrained).vlm.model.get_input_embeddings().weight
    midi = model.midi

    def mistake():
        off = []
        for sample in samples:
            asked = mamba.encode_user_text(sample.row.question)
            said = in_fewer_words(sample.row.answer)
            written, told = mamba.encode_user_text(said), teacher.encode_user_text(said)
            assert len(written) == len(told)
            visual = midi.embed_visual(*model.encoders(sample.image[None], sample.depth[None]))
            _, state = midi.mamba(visual)
            hidden, _ = midi.mamba(midi.mamba.embed(torch.tensor([asked + written])), state)
            latent = midi.tor_proj(hidden[0, len(asked) - 1 : -1])
            off.append((latent - words[torch.tensor(told)]).square().sum(1))
        return float(torch.cat(off).mean())

    with torch.no_grad():
        fitted = mistake()
        midi.tor_proj[2].reset_parameters()
        assert fitted < 0.5 * mistake()
        table = midi.mamba.backbone.embeddings.weight
        last = {mamba.encode_user_text(sample.row.question)[-1] for sample in samples}
        assert len(last) == 1 and torch.allclose(table[mamba.tor_id], table[last.pop()])


def test_latents_that_say_answers_already_begin_as_they_are(configure, untrained):
    model, *_ = parts_of(configure(LatentsSettings, as_written=False))
    before = load_file(untrained / 'midi' / 'model.safetensors')
    assert all(before[name].equal(value) for name, value in model.midi.state_dict().items())


def test_a_rationale_is_asked_of_every_so_many_rows(configure):
    kept = {'keep_rationale': 1.0}
    model, train, _ = parts_of(configure(LatentsSettings, **kept))
    fewer, *_ = parts_of(configure(LatentsSettings, **kept, rationale_every=3))
    samples = [train[index] for index in range(6)]
    whole, some = model.collate(samples), fewer.collate(samples)
    assert some.words.equal(whole.words) and len(some.written_ids) == 2
    alone = model.collate([samples[0], samples[3]])
    losses = fewer(some)['rationale'].sum(1), model(alone)['rationale'].sum(1)
    assert torch.allclose(*losses, atol=1e-4)


def test_tor_proj_may_learn_more_slowly_than_the_rest(configure, untrained):
    before = load_file(untrained / 'midi' / 'model.safetensors')
    moved = {}
    for name, share in (('whole', 1.0), ('half', 0.5), ('none', 0.0)):
        optim = {'steps': 1, 'batch': 2, 'learning_rate': 1e-3, 'tor_proj': share}
        folder = stage1.main(configure(Stage1Settings, name, optim={**optim, 'warmup': 0.0}))
        after = load_file(folder / 'midi' / 'model.safetensors')
        moved[name] = {key: (after[key] - before[key]).abs().max() for key in before}
    for key in before:
        share = 0.5 if key.startswith('tor_proj') else 1.0
        assert torch.allclose(moved['half'][key], share * moved['whole'][key], rtol=1e-2)
        assert (moved['none'][key] == 0) == key.startswith('tor_proj')


def test_latents_learn_while_everything_else_stays(configure, untrained):
    config = configure(
        LatentsSettings, optim={'steps': 30, 'batch': 6, 'learning_rate': 3e-3, 'warmup': 0.1}
    )
    model, train, _ = parts_of(config)
    batch = model.collate([train[index] for index in range(6)])
    before = mean_loss(model, batch)
    checkpoint = latents.main(config)
    trained = load_reasoner(config.run.output)
    model.midi.load_state_dict(trained.midi.state_dict())
    assert mean_loss(model, batch) < 0.7 * before
    assert {path.name for path in checkpoint.iterdir() if path.is_dir()} == {'midi'}
    assert (
        load_file(untrained / 'midi' / 'model.safetensors').keys()
        == load_file(checkpoint / 'midi' / 'model.safetensors').keys()
    )


def test_without_latents_there_is_nothing_to_learn(configure):
    with pytest.raises(ConfigError, match='0 latents have nothing to say'):
        latents.main(configure(LatentsSettings, model={'n_tor': 0}))


def test_renamed_texts_agree_and_every_pair_of_names_comes_up():
    pairs = set()
    for seed in range(2000):
        texts = renamed(('Is there an orange mug?', 'The orange mug in a3.', 'Orange.'), seed)
        article, color, shape = re.fullmatch(r'Is there (an?) (\w+) (\w+)\?', texts[0]).groups()
        assert texts[1:] == [f'The {color} {shape} in a3.', f'{color.capitalize()}.']
        assert article == ('an' if color == 'orange' else 'a')
        pairs.add((color, shape))
    assert len(pairs) == len(NAMES[0]) * len(NAMES[1])
    assert renamed(('The nearest is 1.35 m away.',), 0) == ['The nearest is 1.35 m away.']


@pytest.mark.parametrize(
    ('text', 'fewer'),
    [
        ('The red mug.', ' red mug'),
        ('1.35 m.', '1.35 m'),
        ('The red mug, the blue box.', ' red mug blue box'),
        ('Yes.', 'Yes'),
    ],
)
def test_a_note_keeps_the_words_that_count(text, fewer):
    assert in_fewer_words(text) == fewer
