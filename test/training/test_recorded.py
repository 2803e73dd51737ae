# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Recorded steps learn what launched ones learn."""

from dataclasses import dataclass

import pytest

pytest.importorskip('accelerate')

from safetensors.torch import load_file
import torch

from ssr_ros.errors import ConfigError
from training import stage1, stage2
from training.models.losses import IGNORE, label_losses, losses_everywhere
from training.run.recorded import filled
from training.run.settings import Stage1Settings, Stage2Settings
from training.small import latents
from training.small.settings import LatentsSettings


@pytest.mark.parametrize(
    ('main', 'kind', 'more'),
    [
        (stage1.main, Stage1Settings, {'model': {'n_tor': 0}}),
        (latents.main, LatentsSettings, {'keep_rationale': 0.5}),
        (latents.main, LatentsSettings, {'look_up': 1.0}),
        (latents.main, LatentsSettings, {'optim': {'tor_proj': 0.25}}),
    ],
)
def test_they_end_at_the_same_weights(configure, main, kind, more):
    optim = {'steps': 6, 'batch': 4, 'learning_rate': 1e-3, **more.get('optim', {})}
    ways = {}
    for recorded in (False, True):
        told = {**more, 'optim': {**optim, 'recorded': recorded}, 'data': {'kept': 2}}
        checkpoint = main(configure(kind, f'recorded_{recorded}', **told))
        ways[recorded] = load_file(checkpoint / 'trained.safetensors')
    assert len(ways[False]) > 20
    for name, launched in ways[False].items():
        assert torch.allclose(launched, ways[True][name], atol=2e-5), name


def test_a_stage_that_trains_more_than_midi_or_adds_up_passes_is_refused(configure):
    with pytest.raises(ConfigError, match='alone, got 1, 1 and AnswerModel'):
        stage2.main(configure(Stage2Settings, optim={'recorded': True}))
    with pytest.raises(ConfigError, match='got 1, 2 and Stage1Model'):
        stage1.main(configure(Stage1Settings, optim={'recorded': True, 'accumulate': 2}))


@dataclass(frozen=True)
class Texts:
    ids: torch.Tensor
    labels: torch.Tensor | None
    seen: torch.Tensor
    frames: torch.Tensor


def test_a_batch_is_filled_up_behind_what_it_holds():
    given = Texts(torch.ones(3, 33).long(), None, torch.ones(3, 5, 7), torch.tensor([0, 1, 2]))
    found = filled(given, {'ids': 0, 'labels': IGNORE, 'seen': 0}, rows=8)
    assert found.ids.shape == (3, 64) and found.seen.shape == (4, 5, 7)
    assert found.labels is None and found.frames is given.frames
    assert found.ids[:, :33].eq(1).all() and found.ids[:, 33:].eq(0).all()
    assert found.seen[:3].eq(1).all() and found.seen[3].eq(0).all()


def test_losses_at_all_places_are_those_of_the_labels_and_0_elsewhere():
    labels = torch.tensor([[3, IGNORE, 1], [IGNORE, IGNORE, 0]])
    logits = torch.randn(2, 3, 5, generator=torch.Generator().manual_seed(0))
    found = losses_everywhere(logits, labels)
    assert torch.equal(found, label_losses(logits[labels != IGNORE], labels))
    assert found[0, 1] == found[1, 0] == found[1, 1] == 0 and found[0, 0] > 0
