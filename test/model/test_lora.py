# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

import json

import pytest
import torch
from transformers import Qwen2_5_VLForConditionalGeneration

from ssr_ros.errors import CheckpointError
from ssr_ros.model.lora import merge_adapter


def base(folder) -> torch.nn.Module:
    model = Qwen2_5_VLForConditionalGeneration.from_pretrained(folder / 'vlm', dtype=torch.float32)
    return model.eval().requires_grad_(False)


def logits(model: torch.nn.Module) -> torch.Tensor:
    ids = torch.arange(5, 30)[None]
    with torch.inference_mode():
        return model(input_ids=ids).logits


def test_the_merged_model_is_the_adapted_one(checkpoint):
    """Against peft, unmerged, loaded by transformers' own mapping of the old names."""
    pytest.importorskip('peft', reason='peft is only needed to train and to compare')
    adapted = base(checkpoint)
    adapted.load_adapter(str(checkpoint / 'ssr_vlm'))
    merged = base(checkpoint)
    plain = logits(merged)
    merge_adapter(merged, checkpoint / 'ssr_vlm')
    torch.testing.assert_close(logits(merged), logits(adapted.eval()), atol=1e-5, rtol=1e-5)
    assert (logits(merged) - plain).abs().max() > 0.01


def test_the_vision_tower_is_adapted_too(checkpoint):
    """Upstream's name matching also reached the vision tower's MLPs."""
    model = base(checkpoint)
    before = {n: p.clone() for n, p in model.named_parameters()}
    assert merge_adapter(model, checkpoint / 'ssr_vlm') == 2 * (2 * 7 + 2 * 3)
    changed = {n for n, p in model.named_parameters() if not torch.equal(p, before[n])}
    assert len(changed) == 2 * 7 + 2 * 3
    assert sum('visual' in name for name in changed) == 2 * 3


def test_alpha_over_rank_and_its_square_root(own_checkpoint):
    """The two scalings differ by the square root of the rank."""
    config_file = own_checkpoint / 'ssr_vlm' / 'adapter_config.json'
    config = json.loads(config_file.read_text())
    name = 'model.language_model.layers.0.mlp.up_proj.weight'
    changes = []
    for use_rslora in (False, True):
        config_file.write_text(json.dumps(config | {'use_rslora': use_rslora}))
        model = base(own_checkpoint)
        before = model.get_parameter(name).clone()
        merge_adapter(model, own_checkpoint / 'ssr_vlm')
        changes.append(model.get_parameter(name) - before)
    torch.testing.assert_close(changes[1], changes[0] * config['r'] ** 0.5, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize(
    'setting', [{'use_dora': True}, {'bias': 'all'}, {'modules_to_save': ['lm_head']}]
)
def test_an_adapter_that_a_plain_merge_cannot_express_is_refused(own_checkpoint, setting):
    config_file = own_checkpoint / 'ssr_vlm' / 'adapter_config.json'
    config_file.write_text(json.dumps(json.loads(config_file.read_text()) | setting))
    with pytest.raises(CheckpointError, match=next(iter(setting))):
        merge_adapter(base(own_checkpoint), own_checkpoint / 'ssr_vlm')
