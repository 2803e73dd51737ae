# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""MIDI is asked for what it knows of a thing where a question names it."""

from dataclasses import replace
import json
import math
from pathlib import Path

import numpy as np
import pytest
from safetensors.torch import load_file
import torch

from ssr_ros.errors import ConfigError
from ssr_ros.model import load_reasoner
from training.data.rows import Row
from training.run import launch
from training.small import deepen, latents
from training.small.lookups import Asked, FACTS, Lookups, MOST_NAMED, stated_facts
from training.small.settings import LatentsSettings

LOOK = {'look_up': 3.0, 'look_up_after': 1}
NOTHING = [math.nan] * FACTS


def row_of(question, rationale, *subjects, image='a.png', **meta):
    meta = {'subjects': list(subjects), **meta}
    return Row('', question, 'Yes.', Path(image), None, rationale, meta)


@pytest.fixture
def deeper(untrained, tmp_path):
    deepen.main(str(untrained), tmp_path / 'deeper', layers=1)
    return tmp_path / 'deeper'


@pytest.mark.parametrize(
    ('rationale', 'meta', 'facts'),
    [
        ('The cup in a1 is 2.0 m away. The red cup in b1 is 50 cm away.', {}, [math.log(0.5)]),
        ('The red cup lies 15° to the left. The cup lies 9° to the right.', {}, [None, -0.5]),
        ('The red cup in c4 lies 6° to the right.', {}, [None, 0.2]),
        ('The red cup in d4 lies straight ahead.', {}, [None, 0.0]),
        (
            'The red cup in c4 is 10 cm wide, 20 cm deep and 1.00 m high.',
            {},
            [None, None, 0.0, math.log(2), math.log(10)],
        ),
        (
            'The nearest part of it is 3.00 m away.',
            {'family': 'distance', 'value': 3.0},
            [math.log(3)],
        ),
        ('The cup in a1 is 2.0 m away.', {}, []),
    ],
)
def test_facts_are_read_from_what_a_rationale_says_of_the_thing_itself(rationale, meta, facts):
    expected = [*(math.nan if fact is None else fact for fact in facts), *NOTHING][:FACTS]
    found = stated_facts(row_of('?', rationale, 'red cup', **meta), 'red cup')
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_each_thing_of_a_question_is_asked_for_at_the_end_of_its_name(untrained):
    reasoner = load_reasoner(untrained)
    tokenizer, mamba = reasoner.midi_tokenizer, reasoner.midi.mamba
    far = row_of('Is the red box far?', 'The red box in a1 is 2.00 m away.', 'red box')
    left = row_of('Is it left?', 'The red box in a1 lies 30° to the left.', 'red box')
    aside = 'The red box in a1 lies 15° to the right.'
    elsewhere = row_of('Is it?', aside, 'red box', image='b.png')
    both = row_of('Is the tin cup nearer than the red box?', '', 'red box', 'tin cup', 'lamp')
    lookups = Lookups(mamba, tokenizer, 10, 1, [far, left, elsewhere, both])
    ids = [tokenizer.encode_user_text(row.question) for row in (both, far)]
    asked = lookups.asked(ids, [both, far])
    assert asked.places.shape == (2, MOST_NAMED)
    for slot, name in enumerate((' red box', ' tin cup')):
        end = int(asked.places[0, slot])
        length = len(tokenizer.encode_user_text(name))
        assert length > 1
        assert tokenizer.decode(ids[0][end + 1 - length : end + 1]) == name
    expected = [math.log(2), -1.0, math.nan, math.nan, math.nan]
    np.testing.assert_allclose(asked.facts[0, 0], expected, rtol=1e-6)
    np.testing.assert_allclose(asked.facts[1, 0], expected, rtol=1e-6)
    assert asked.facts[0, 1:].isnan().all(), 'nothing is known of the cup, and no lamp is named'
    assert lookups.labels(asked.facts) == {'found': 4, 'kept': 4}
    alone = Lookups(mamba, tokenizer, 1, 1, [far, left, both])
    facts = torch.zeros(1, MOST_NAMED, FACTS)
    assert alone.labels(facts) == {'found': MOST_NAMED * FACTS, 'kept': FACTS}


def test_a_fact_is_asked_of_its_own_things_name_and_latent(untrained):
    """Changing the stream at one place changes the losses of one thing."""
    reasoner = load_reasoner(untrained)
    mamba = reasoner.midi.mamba
    lookups = Lookups(mamba, reasoner.midi_tokenizer, 10, 1, [])
    asked = Asked(torch.tensor([[2, 4, 0]]), torch.full((1, MOST_NAMED, FACTS), math.nan))
    asked.facts[0, :2, 0] = torch.tensor([0.5, 0.9])
    draw = torch.Generator().manual_seed(0)
    stream = torch.randn(1, 12, mamba.sizes.width, generator=draw)
    first_tor = torch.tensor([[6]])
    known = [0, FACTS]  # the distances of the first and of the second thing
    with torch.no_grad():
        before = lookups.losses([stream, stream], asked, first_tor)
        for name, places in (('found', (2, 4)), ('kept', (6, 7))):
            assert before[name].nonzero()[:, 1].tolist() == known, name
            for place, fact in zip(places, known, strict=True):
                other = stream.clone()
                other[:, place] = torch.randn(mamba.sizes.width, generator=draw)
                after = lookups.losses([other, other], asked, first_tor)
                assert (after[name] != before[name]).nonzero()[:, 1].tolist() == [fact], name


def test_what_is_looked_up_must_be_kept_by_a_layer_that_follows(configure, untrained):
    layers = load_reasoner(untrained).midi.mamba.sizes.layers
    with pytest.raises(ConfigError, match=rf'look_up_after={layers}: expected 1 to {layers - 1}'):
        latents.main(configure(LatentsSettings, look_up=1.0, look_up_after=layers))


def with_facts(frames):
    """Say of every frame's things how far they are."""
    file = frames / 'data.jsonl'
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    for row in rows:
        thing = next(word for word in row['question'].rstrip('?.').split()[::-1])
        row['meta'] = {'subjects': [thing]}
        row['rationale'] = f'The {thing} in a1 is 2.00 m away.'
    file.write_text(''.join(json.dumps(row) + '\n' for row in rows))


def test_heads_learn_from_the_stream_and_are_not_part_of_what_is_saved(configure, frames, deeper):
    with_facts(frames)
    model = {'start': str(deeper)}
    config = configure(LatentsSettings, **LOOK, model=model, optim={'steps': 30, 'batch': 4})
    plan = latents.build(launch.start(config))
    batch = plan.model.collate([plan.samples[0][index] for index in range(6)])
    with torch.no_grad():
        before = plan.model(batch)
    labels = plan.model.labels(batch)
    assert labels['found'] == labels['kept'] > 0
    folder = latents.main(config)
    state = load_file(folder / 'trained.safetensors')
    plan.model.load_state_dict(state, strict=False)
    with torch.no_grad():
        after = plan.model(batch)
    for name in ('found', 'kept'):
        assert after[name].sum() < 0.8 * before[name].sum(), name
    assert not [
        name for name in load_file(folder / 'midi' / 'model.safetensors') if 'look' in name
    ]
    plain = configure(LatentsSettings, 'plain', model=model)
    assert set(latents.build(launch.start(plain)).model(batch)) == {'words'}


def test_a_name_is_asked_for_in_the_layer_that_looks_up_and_not_before(configure, frames, deeper):
    with_facts(frames)
    config = configure(LatentsSettings, **LOOK, model={'start': str(deeper)})
    plan = latents.build(launch.start(config))
    model, mamba = plan.model, plan.model.midi.mamba
    batch = model.collate([plan.samples[0][index] for index in range(4)])
    losses = model(batch)
    losses['found'].sum().backward(retain_graph=True)
    gradients = [block.mixer.out_proj.weight.grad for block in mamba.backbone.layers]
    assert gradients[0] is not None and gradients[0].abs().max() > 0
    assert all(gradient is None for gradient in gradients[1:])
    losses['kept'].sum().backward()
    assert mamba.backbone.layers[-1].mixer.out_proj.weight.grad.abs().max() > 0
    none = replace(batch, places=None, facts=None)
    assert set(model(none)) == {'words'}
