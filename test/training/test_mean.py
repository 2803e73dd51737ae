# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A checkpoint half way between two."""

from __future__ import annotations

import shutil

import pytest

pytest.importorskip('torch')

from safetensors.torch import load_file, save_file
import torch

from ssr_ros.errors import ConfigError
from ssr_ros.model import load_reasoner
from ssr_ros.model.spec import PRESETS
from training import mean


def changed(checkpoint, target, change):
    """Copy a checkpoint whose MIDI's first tensor is changed."""
    shutil.copytree(checkpoint, target)
    file = target / 'midi/model.safetensors'
    tensors = load_file(file)
    name = sorted(tensors)[0]
    tensors[name] = change(tensors[name]).contiguous()
    save_file(tensors, file, metadata={'format': 'pt'})
    return name


@pytest.mark.parametrize('share', [0.5, 0.25])
def test_each_weight_lies_between_the_two(untrained, tmp_path, share):
    name = changed(untrained, tmp_path / 'other', lambda tensor: tensor + 1)
    assert mean.main(str(untrained), str(tmp_path / 'other'), tmp_path / 'mean', share) == 1
    one = load_file(untrained / 'midi/model.safetensors')
    between = load_file(tmp_path / 'mean/midi/model.safetensors')
    torch.testing.assert_close(between[name], one[name] + share)
    assert all(torch.equal(between[other], one[other]) for other in one if other != name)
    load_reasoner(tmp_path / 'mean')


@pytest.mark.parametrize('change', [lambda t: t[..., :-1], lambda t: torch.stack([t, t])])
def test_checkpoints_of_other_shapes_have_no_mean(untrained, tmp_path, change):
    changed(untrained, tmp_path / 'other', change)
    with pytest.raises(ConfigError, match='in one and'):
        mean.main(str(untrained), str(tmp_path / 'other'), tmp_path / 'mean')
    assert not (tmp_path / 'mean').exists()


def test_what_cannot_be_done_is_said(untrained, tmp_path):
    with pytest.raises(ConfigError, match='0 to 1'):
        mean.main(str(untrained), str(untrained), tmp_path / 'mean', 1.5)
    tmp_path.joinpath('mean').mkdir()
    with pytest.raises(ConfigError, match='exists'):
        mean.main(str(untrained), str(untrained), tmp_path / 'mean')


@pytest.mark.parametrize('turned', [False, True])
def test_an_adapter_is_not_lost_between_one_that_has_it_and_one_that_has_not(tmp_path, turned):
    shutil.copytree(PRESETS / 'nano', tmp_path / 'bare')
    settings = tmp_path / 'bare/reasoner.yaml'
    lines = settings.read_text().splitlines(keepends=True)
    settings.write_text(''.join(line for line in lines if not line.startswith('adapter')))
    two = ['nano', str(tmp_path / 'bare')]
    with pytest.raises(ConfigError, match='only one has a part "adapter"'):
        mean.main(*(two[::-1] if turned else two), tmp_path / 'mean')


def test_a_weight_that_one_of_them_has_not_is_said(untrained, tmp_path):
    shutil.copytree(untrained, tmp_path / 'other')
    file = tmp_path / 'other/midi/model.safetensors'
    tensors = load_file(file)
    del tensors[sorted(tensors)[0]]
    save_file(tensors, file, metadata={'format': 'pt'})
    with pytest.raises(ConfigError, match='differ in name'):
        mean.main(str(untrained), str(tmp_path / 'other'), tmp_path / 'mean')
