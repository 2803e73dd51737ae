# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Images of one grid go through the VLM's tower at once, and come out as one by one."""

import numpy as np
import pytest
import torch

from ssr_ros.model import load_reasoner
from training import stage2
from training.models.images import common_grid, ImageTokens
from training.run.settings import Stage2Settings


@pytest.fixture
def vlm():
    """Nano's: its patches lie in several windows, in another order than in the picture."""
    return load_reasoner('nano', device='cpu').vlm


def seen(vlm, sizes):
    draw = np.random.default_rng(0)
    pictures = [draw.integers(0, 255, (*size, 3), dtype=np.uint8) for size in sizes]
    prompts = [vlm.prompt.image(picture) for picture in pictures]
    patches = torch.cat([prompt.pixel_values for prompt in prompts])
    return patches, torch.cat([prompt.grid for prompt in prompts])


def test_tokens_and_gradients_are_those_of_images_one_by_one(vlm):
    patches, grids = seen(vlm, [(60, 80)] * 3)
    model = vlm.model.model
    model.visual.requires_grad_(True)
    found = []
    for at_once in (True, False):
        model.zero_grad()
        tokens = torch.stack(list(ImageTokens(model, at_once)(patches, grids, common_grid(grids))))
        tokens.square().sum().backward()
        gradient = torch.cat([p.grad.flatten() for p in model.visual.parameters()])
        found.append((tokens.detach(), gradient))
    (tokens, gradient), (one_by_one, its_gradient) = found
    assert len(tokens) == 3 and not torch.allclose(tokens[0], tokens[1], rtol=1e-2)
    largest = float(one_by_one.abs().max())
    torch.testing.assert_close(tokens, one_by_one, rtol=1e-4, atol=3e-6 * largest)
    largest = float(its_gradient.abs().max())
    torch.testing.assert_close(gradient, its_gradient, rtol=1e-3, atol=1e-5 * largest)


def test_only_images_of_one_grid_go_together_and_only_where_nobody_counts_blocks(vlm, monkeypatch):
    calls, model = [], vlm.model.model
    usual = model.get_image_features
    monkeypatch.setattr(model, 'get_image_features', lambda *a: calls.append(1) or usual(*a))
    patches, grids = seen(vlm, [(60, 80)] * 2)
    grid = common_grid(grids)
    ImageTokens(model)(patches, grids, grid)
    assert not calls
    ImageTokens(model, at_once=False)(patches, grids, grid)
    assert len(calls) == 1
    others = torch.tensor([[1, 4, 8], [1, 8, 4]])
    assert common_grid(others) is None and common_grid(others[:1]) == (1, 4, 8)
    ImageTokens(model)(patches[:64], others, None)
    assert len(calls) == 2


@pytest.mark.parametrize('save_memory', [False, True])
def test_a_tower_that_forgets_activations_is_gone_through_block_by_block(
    configure, monkeypatch, save_memory
):
    asked = []
    kept = ImageTokens.__init__
    monkeypatch.setattr(
        ImageTokens,
        '__init__',
        lambda self, model, at_once: asked.append(at_once) or kept(self, model, at_once),
    )
    stage2.main(configure(Stage2Settings, optim={'steps': 1}, model={'save_memory': save_memory}))
    assert asked == [not save_memory]
