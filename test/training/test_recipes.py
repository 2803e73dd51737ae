# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Every recipe can be read, fits its neighbours, and stage 1 starts from published parts."""

from dataclasses import fields
from itertools import pairwise
import os
from pathlib import Path
import re
import shutil
import subprocess

import pytest
from safetensors.torch import load_file, save_file
import torch
import yaml

from ssr_ros.errors import ConfigError
from ssr_ros.model import load_reasoner
from training import stage1
from training.run.settings import (
    DataSettings,
    ModelSettings,
    OptimSettings,
    RunSettings,
    Stage1Settings,
    Stage2Settings,
)
from training.run.tree import read_settings
from training.small.settings import (
    BaseVlmSettings,
    EncodersSettings,
    LatentsSettings,
    MambaSettings,
)
from training.small.sizes import Sizes

RECIPES = Path(__file__).resolve().parents[2] / 'training' / 'recipes'
GROUPS = {
    'optim': OptimSettings,
    'run': RunSettings,
    'data': DataSettings,
    'model': ModelSettings,
}
KINDS = {
    'base_vlm': BaseVlmSettings,
    'stage1': Stage1Settings,
    'stage2': Stage2Settings,
    'stage2_without_midi': Stage2Settings,
    'stage2_no_rationale': Stage2Settings,
    'encoders': EncodersSettings,
    'base_vlm_notes': BaseVlmSettings,
    'mamba': MambaSettings,
    'latents': LatentsSettings,
    'latents_no_rationale': LatentsSettings,
    'sizes': Sizes,
    'sizes_wide': Sizes,
}


@pytest.mark.parametrize(
    'path', sorted(RECIPES.glob('*/*.yaml')), ids=lambda p: f'{p.parent.name}/{p.stem}'
)
def test_a_recipe_names_only_settings_that_exist(path):
    settings = read_settings(KINDS[path.stem], [str(path)])
    if not path.stem.startswith('sizes'):
        assert settings.run.output.startswith('out/'), 'which git ignores'
        assert str(path.relative_to(RECIPES.parents[1])) in path.read_text(), 'its command'


@pytest.mark.parametrize(
    ('name', 'stages'),
    [
        ('smoke', ['base_vlm', 'stage1']),
        ('smoke', ['base_vlm', 'latents', 'stage2']),
        ('nano', ['base_vlm', 'base_vlm_notes', 'stage1']),
        ('nano', ['base_vlm_notes', 'latents', 'stage2']),
        ('nano', ['base_vlm_notes', 'latents_no_rationale', 'stage2_no_rationale']),
        ('nano', ['base_vlm_notes', 'stage2_without_midi']),
        ('ssr-3b', ['stage1', 'stage2']),
        ('ssr-7b', ['stage1', 'stage2']),
    ],
)
def test_each_stage_starts_where_the_one_before_it_ends(name, stages):
    paths = [RECIPES / name / f'{stage}.yaml' for stage in stages]
    settings = [read_settings(KINDS[path.stem], [str(path)]) for path in paths]
    for before, after in pairwise(settings):
        assert after.model.start == before.run.output


@pytest.mark.parametrize('name', ['smoke', 'nano'])
def test_a_midi_is_named_at_the_step_where_its_run_ends(name):
    runs = [
        read_settings(KINDS[path.stem], [str(path)])
        for path in (RECIPES / name).glob('*.yaml')
        if not path.stem.startswith('sizes')
    ]
    ends = {f'{run.run.output}/checkpoints/step-{run.optim.steps:08d}/midi' for run in runs}
    named = {run.model.midi for run in runs} - {'', f'out/{name}/aligned/midi'}
    assert named and named <= ends


def test_the_large_recipes_hold_the_papers_numbers():
    for name in ('ssr-3b', 'ssr-7b'):
        one = read_settings(Stage1Settings, [str(RECIPES / name / 'stage1.yaml')])
        two = read_settings(Stage2Settings, [str(RECIPES / name / 'stage2.yaml')])
        gpus = yaml.safe_load((RECIPES / 'fsdp.yaml').read_text())['num_processes']
        assert one.optim.batch * one.optim.accumulate * gpus == 32
        assert (one.optim.learning_rate, one.optim.warmup, one.optim.epochs) == (2e-5, 0.02, 2)
        assert (two.lora.rank, two.lora.alpha, two.lora.dropout) == (64, 16, 0.05)
        assert one.model.n_tor == 10 and one.model.bf16 and two.optim.epochs == 1


def test_stage_1_starts_from_a_published_mamba_with_new_projectors(
    configure, untrained, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(untrained / 'mamba', 'mamba')
    midi = load_file(untrained / 'midi' / 'model.safetensors')
    mamba = {n.removeprefix('mamba.'): t for n, t in midi.items() if n.startswith('mamba.')}
    save_file(mamba, 'mamba/model.safetensors')
    parts = {
        'image_encoder': str(untrained / 'clip'),
        'depth_encoder': str(untrained / 'siglip'),
        'mamba': 'mamba',
        'vlm': str(untrained / 'vlm'),
        'image_size': [112, 112],
        'start': '',
    }
    config = configure(Stage1Settings, model=parts, optim={'steps': 1, 'learning_rate': 0.0})
    trained = load_file(stage1.main(config) / 'midi' / 'model.safetensors')
    assert trained.keys() == midi.keys()
    for name in midi:
        same = torch.equal(trained[name], midi[name])
        assert same == name.startswith('mamba.'), name
    assert load_reasoner(config.run.output).n_tor == 10
    with pytest.raises(ConfigError, match='model: vlm: needed'):
        stage1.main(configure(Stage1Settings, 'other', model={**parts, 'vlm': ''}))


@pytest.mark.parametrize('script', ['nano/gpu.sh', 'nano/gpu_on.sh', 'ssr-7b/train.sh', 'run.sh'])
def test_a_script_names_only_settings_and_recipes_that_exist(script):
    text = (RECIPES / script).read_text()
    known = {f'{group}.{each.name}' for group, kind in GROUPS.items() for each in fields(kind)}
    named = set(re.findall(r'\b((?:optim|run|data|model)\.[a-z]\w*)=', text))
    assert named <= known and named
    assert subprocess.run(['bash', '-n', RECIPES / script], check=False).returncode == 0


def test_what_the_gpu_recipe_carries_is_pinned_as_everywhere():
    def pins(path):
        lines = path.read_text().splitlines()
        return {line.partition(' ;')[0] for line in lines if re.match(r'\w', line)}

    carried = pins(RECIPES / 'nano' / 'carry.txt') - {'importlib_resources==7.1.0'}
    everywhere = {
        line.lower() for line in pins(RECIPES.parents[1] / 'requirements/constraints.txt')
    }
    assert len(carried) == 4 and carried <= everywhere


def test_every_recipe_has_a_command_that_runs_it():
    script = (RECIPES / 'run.sh').read_text()
    for path in (RECIPES / name for name in ('smoke', 'nano', 'ssr-3b', 'ssr-7b')):
        assert path.name in script
        assert (path / 'worlds.txt').exists() != os.access(path / 'train.sh', os.X_OK)
