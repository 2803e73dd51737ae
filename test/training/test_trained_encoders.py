# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Stage 2 with towers that learn too: at their share of the rate, exported, refused where not."""

import pytest
from safetensors.torch import load_file
import torch

from ssr_ros.errors import ConfigError
from ssr_ros.model import load_reasoner
from ssr_ros.rgbd import CameraIntrinsics, load_frame
from training import stage2
from training.models.interpreter import POOLING
from training.run.settings import Stage2Settings

PARTS = {'image': 'image_encoder', 'depth': 'depth_encoder'}
STEP = {'steps': 1, 'learning_rate': 1e-3, 'warmup': 0.0}


def tensors(folder):
    return {
        f'{name}.{key.removeprefix("vision_model.")}': tensor
        for name, part in PARTS.items()
        for key, tensor in load_file(folder / part / 'model.safetensors').items()
    }


def test_towers_learn_at_their_share_of_the_rate(configure):
    found = {}
    for name, share in (('still', 1e-9), ('half', 0.5), ('whole', 1.0)):
        config = configure(Stage2Settings, name, encoders=share, optim=STEP)
        found[name] = tensors(stage2.main(config))
    moved = {
        name: {key: float((after[key] - found['still'][key]).abs().max()) for key in after}
        for name, after in found.items()
    }
    learnt = [key for key in moved['whole'] if not key.startswith(POOLING)]
    assert len(learnt) > 20 and {key.partition('.')[0] for key in learnt} == {'image', 'depth'}
    assert all(moved['whole'][key] == 0 for key in moved['whole'] if key not in learnt)
    for key in learnt:
        assert moved['whole'][key] > 0, key
        assert moved['half'][key] == pytest.approx(0.5 * moved['whole'][key], rel=2e-2), key


def test_what_towers_have_learnt_is_what_the_run_answers_with(configure, untrained, frames):
    config = configure(Stage2Settings, encoders=1.0, optim={**STEP, 'learning_rate': 1e-2})
    folder = stage2.main(config)
    trained = load_reasoner(config.run.output)
    state = load_file(folder / 'trained.safetensors')
    loaded = trained.image_encoder.model.state_dict(), trained.depth_encoder.model.state_dict()
    for name, weights in zip(PARTS, loaded, strict=True):
        own = {key for key in state if key.startswith(f'encoders.{name}.')}
        assert own and all(
            state[key].equal(weights[key.removeprefix(f'encoders.{name}.')]) for key in own
        )
    pair = frames / '0.png', frames / '0_depth.png'
    frame = load_frame(*pair, CameraIntrinsics(50.0, 50.0, 32.0, 24.0))
    before = load_reasoner(untrained).image_encoder(frame.rgb)
    assert not torch.allclose(before, trained.image_encoder(frame.rgb), atol=1e-3)


def test_towers_stay_as_published_where_nobody_asks(configure):
    folder = stage2.main(configure(Stage2Settings, optim=STEP))
    assert not any((folder / part).exists() for part in PARTS.values())
    assert not any(
        key.startswith('encoders.') for key in load_file(folder / 'trained.safetensors')
    )


@pytest.mark.parametrize('more', [{'with_midi': False}, {'data': {'feature_cache': 'kept'}}])
def test_towers_that_nobody_reads_or_whose_features_are_kept_are_refused(configure, more):
    with pytest.raises(ConfigError, match='encoders: what is trained is read by MIDI'):
        stage2.main(configure(Stage2Settings, encoders=0.5, **more))
