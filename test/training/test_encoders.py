# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Vision towers learn what patches show; everything else of the checkpoint stays as it was."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from safetensors.torch import load_file
import torch

from ssr_ros.errors import ConfigError
from ssr_ros.model import load_reasoner
from ssr_ros.settings import build
from training.models.losses import IGNORE
from training.run.failures import DataError
from training.small import align, base_vlm, deepen, encoders, graft
from training.small.labels import DISTANCES_M, patch_classes, patch_distances
from training.small.patches import TOWERS
from training.small.settings import BaseVlmSettings, EncodersSettings
from training.worlds.palette import COLORS, SHAPES

CHAIR = {'role': 'furniture', 'color': '', 'shape': 'chair', 'distance_m': 2.0}
BALL = {'role': 'object', 'color': 'red', 'shape': 'ball', 'distance_m': 1.0}


def scene():
    """Draw 32x32 pixels: a chair in the right half, a ball on its upper part, a wall behind."""
    labels = np.zeros((32, 32), np.int32)
    labels[:, 16:] = 1
    labels[0:8, 20:28] = 2
    depth_m = np.full((32, 32), 3.0, np.float32)
    depth_m[:, 16:] = 2.0
    depth_m[0:8, 20:28] = 1.1
    return labels, depth_m, [CHAIR, BALL]


@pytest.fixture
def worlds(tmp_path):
    """Write four views in the layout of training.worlds; a ball, a box, a ball, a box."""
    labels, depth_m, _ = scene()
    folder = tmp_path / 'worlds'
    for number in range(4):
        shape, bgr = [('ball', (30, 30, 200)), ('box', (200, 30, 30))][number % 2]
        things = [CHAIR, {**BALL, 'shape': shape}]
        rgb = np.full((32, 32, 3), 40 * number, np.uint8)
        rgb[labels == 2] = bgr
        pictures = {
            'rgb': rgb,
            'depth': (1000 * depth_m).astype(np.uint16),
            'segmentation': labels.astype(np.uint8),
        }
        for name, picture in pictures.items():
            (folder / name / '000').mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(folder / name / '000' / f'{number:06d}_0.png'), picture)
        camera = {'fx': 30.0, 'fy': 30.0, 'cx': 15.5, 'cy': 15.5, 'width': 32, 'height': 32}
        (folder / 'truth' / '000').mkdir(parents=True, exist_ok=True)
        truth = {'intrinsics': camera, 'things': things}
        (folder / 'truth' / '000' / f'{number:06d}_0.json').write_text(json.dumps(truth))
    return folder


@pytest.fixture
def settings(worlds, untrained, tmp_path):
    def make(output='towers', steps=4, vlm=True, **run):
        tree = {
            'vlm': vlm,
            'worlds': [str(worlds)],
            'val_worlds': [str(worlds)],
            'model': {'start': str(untrained)},
            'optim': {'steps': steps, 'batch': 2, 'learning_rate': 1e-3},
            'run': {'output': str(tmp_path / output), **run},
        }
        return build(EncodersSettings, tree)

    return make


def test_towers_before_midi_go_on_and_the_vlm_stays_where_that_is_wanted(settings, untrained):
    config = settings('without', vlm=False)
    folder = encoders.main(config)
    before, after = load_reasoner(untrained), load_reasoner(config.run.output)
    assert not (folder / 'vlm').exists()
    for name in ('image_encoder', 'depth_encoder'):
        old, new = (getattr(each, name).model.state_dict() for each in (before, after))
        assert any(not torch.equal(old[key], new[key]) for key in old), name
    old, new = (each.vlm.model.state_dict() for each in (before, after))
    assert all(torch.equal(old[key], new[key]) for key in old)
    told = json.loads((Path(config.run.output) / 'log.jsonl').read_text().splitlines()[-1])
    assert 'depth_distance' in told and not any(name.startswith('vlm') for name in told)


def test_a_patch_shows_the_object_even_where_furniture_covers_more_of_it():
    labels, _, things = scene()
    color, kind, across, down = patch_classes(labels, things, (2, 2)).reshape(4, 2, 2).tolist()
    # The ball takes a quarter of the upper right patch, the chair the rest of it.
    assert color == [[0, 1 + list(COLORS).index('red')], [0, 0]]
    assert kind == [[0, 2 + SHAPES.index('ball')], [0, 1]]
    assert across == [[IGNORE, 7], [IGNORE, IGNORE]], 'the ball is centred at 24 of 32'
    assert down == [[IGNORE, 1], [IGNORE, IGNORE]]


def test_a_patch_of_an_object_is_as_far_as_the_object_and_an_unknown_one_has_no_label():
    labels, depth_m, things = scene()
    depth_m[16:, :16] = np.nan
    steps = patch_distances(labels, depth_m, things, 2).tolist()

    def step(distance_m):
        return int(np.digitize(distance_m, DISTANCES_M)) - 1

    assert steps == [step(3.0), step(1.0), IGNORE, step(2.0)]


def test_only_the_towers_change_and_the_base_vlm_starts_from_them(settings, untrained, configure):
    config = settings()
    newest = encoders.main(config)
    for part, old in (('image_encoder', 'clip'), ('depth_encoder', 'siglip')):
        before = load_file(untrained / old / 'model.safetensors')
        after = load_file(newest / part / 'model.safetensors')
        assert any(not torch.equal(before[name], after[name]) for name in before)
    before = load_file(untrained / 'vlm' / 'model.safetensors')
    after = load_file(newest / 'vlm' / 'model.safetensors')
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert changed and all('visual' in name for name in changed)
    assert not load_reasoner(config.run.output).trained, 'towers alone answer nothing'
    base_vlm.main(configure(BaseVlmSettings, 'base', model={'start': config.run.output}))


def test_an_interrupted_run_goes_on_bit_for_bit(settings):
    whole = encoders.main(settings('whole'))
    encoders.main(settings('parts', stop_after=2))
    parts = encoders.main(settings('parts'))
    for name in ('image_encoder', 'depth_encoder', 'vlm'):
        a, b = (load_file(folder / name / 'model.safetensors') for folder in (whole, parts))
        assert all(torch.equal(a[key], b[key]) for key in a), name


def test_every_head_learns(settings):
    config = settings(steps=60)
    encoders.main(config)
    lines = Path(config.run.output, 'log.jsonl').read_text().splitlines()
    logged = [json.loads(line) for line in lines]
    train = [line for line in logged if line['part'] == 'train']
    heads = [f'{tower}_{what}' for tower, told in TOWERS.items() for what in told]
    for head in [*heads, 'depth_distance']:
        assert train[-1][head] < 0.7 * train[0][head], head
    assert set(heads) < set(logged[-1]), 'the validation views are read as well'


def test_broken_views_are_counted_and_too_many_stop_the_run(settings, worlds):
    (worlds / 'depth' / '000' / '000001_0.png').write_bytes(b'no picture')
    with pytest.raises(DataError, match='broken'):
        encoders.main(settings())


def test_aligned_words_resemble_the_patches_that_show_them(worlds, untrained, tmp_path):
    target = tmp_path / 'aligned'
    found = align.main(str(untrained), target, worlds, views=4)
    before = load_file(untrained / 'midi' / 'model.safetensors')
    after = load_file(found / 'model.safetensors')
    assert {n: t.shape for n, t in before.items()} == {n: t.shape for n, t in after.items()}

    reasoner = load_reasoner(untrained)
    patches = align.look(reasoner, worlds, 4, 0)
    reasoner.midi.load_state_dict(after)
    shown = reasoner.midi.image_proj(patches.image)
    assert 0.5 < float(shown.std()) / align.SCALE < 2
    color, kind = patches.classes[:, 0], patches.classes[:, 1]
    ball = shown[kind == 2 + SHAPES.index('ball')].mean(0)
    (word,) = reasoner.midi_tokenizer.encode(' ball')
    meaning = after[align.EMBEDDINGS][word]
    assert torch.cosine_similarity(meaning, ball - shown[color > 0].mean(0), dim=0) > 0.999
    mixing = after['mamba.backbone.layers.0.mixer.x_proj.weight']
    assert torch.equal(mixing[-16:], mixing[-32:-16]), 'what is asked for is what was written'
    with pytest.raises(ConfigError, match='exists'):
        align.main(str(untrained), target, worlds)
    with pytest.raises(ConfigError, match='no rendered views'):
        align.main(str(untrained), tmp_path / 'other', tmp_path)


def test_an_affine_map_between_tokens_is_found_and_checked_on_views_that_it_was_not_fitted_to():
    draw = torch.Generator().manual_seed(0)
    tokens = torch.randn(24, 9, 8, generator=draw)
    weight, bias = torch.randn(5, 8, generator=draw), torch.randn(5, generator=draw)
    found = graft.fitted(tokens, tokens @ weight.T + bias)
    assert torch.allclose(found[0], weight, atol=1e-3)
    assert torch.allclose(found[1], bias, atol=1e-3)
    assert found[2] > 0.999
    *_, share = graft.fitted(tokens, torch.randn(24, 9, 5, generator=draw))
    assert share < 0.1, 'noise is not found again'
    with pytest.raises(ConfigError, match='the same patches'):
        graft.fitted(tokens, tokens[:, 1:])


def test_a_midi_behind_new_towers_reads_what_it_read_and_the_rest_stays(
    settings, untrained, worlds, tmp_path
):
    encoders.main(settings())
    towers, target = tmp_path / 'towers', tmp_path / 'grafted'
    shares = graft.main(str(untrained), str(towers), target, worlds, views=4)
    assert set(shares) == {'image', 'depth'}
    old, new = load_reasoner(untrained), load_reasoner(target)
    before, after = (align.look(reasoner, worlds, 4, 0) for reasoner in (old, new))
    assert not torch.equal(before.depth, after.depth), 'the towers are new'
    read = old.midi.depth_proj(before.depth), new.midi.depth_proj(after.depth)
    assert (read[0] - read[1]).std() < 0.2 * read[0].std()
    assert new.midi.tor_proj[0].weight.equal(old.midi.tor_proj[0].weight)
    with pytest.raises(ConfigError, match='exists'):
        graft.main(str(untrained), str(towers), target, worlds)


def test_a_deeper_midi_says_what_it_said_and_can_learn_more(untrained, tmp_path):
    target = tmp_path / 'deeper'
    before = load_reasoner(untrained)
    layers = before.midi.mamba.sizes.layers
    assert deepen.main(str(untrained), target, layers=2) == layers + 2
    after = load_reasoner(target)
    assert after.midi.mamba.sizes.layers == layers + 2
    config = json.loads((target / 'mamba' / 'config.json').read_text())
    assert config['num_hidden_layers'] == layers + 2
    draw = torch.Generator().manual_seed(0)
    read = torch.randn(1, 20, before.midi.mamba.sizes.width, generator=draw)
    old, new = (reasoner.midi.mamba(read)[0] for reasoner in (before, after))
    assert torch.equal(old, new)
    after.midi.requires_grad_(True)
    after.midi.mamba(read)[0].square().sum().backward()
    last = after.midi.mamba.backbone.layers[-1].mixer
    assert last.out_proj.weight.grad.abs().max() > 0, 'a new layer learns from the first step'
    with pytest.raises(ConfigError, match='exists'):
        deepen.main(str(untrained), target)
    with pytest.raises(ConfigError, match='layers=0'):
        deepen.main(str(untrained), tmp_path / 'other', layers=0)
