# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

import json

import pytest
from safetensors.torch import load_file, save_file
import torch
from transformers import Qwen2_5_VLForConditionalGeneration

from ssr_ros.errors import CheckpointError, TensorMismatchError
from ssr_ros.model.lora import merge_adapter, read_config


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


def configure(folder, **settings) -> None:
    path = folder / 'ssr_vlm' / 'adapter_config.json'
    path.write_text(json.dumps(json.loads(path.read_text()) | settings))


@pytest.mark.parametrize(
    'setting',
    [
        {'use_dora': True},
        {'bias': 'all'},
        {'modules_to_save': ['lm_head']},
        {'fan_in_fan_out': True},
        {'lora_bias': True},
        {'peft_type': 'IA3'},
        {'peft_type': None},
        {'init_lora_weights': 'pissa'},
        {'init_lora_weights': 'pissa_niter_16'},
        {'init_lora_weights': 'olora'},
        {'init_lora_weights': 'corda'},
        {'init_lora_weights': 'loftq'},
        {'init_lora_weights': 'lora_ga'},
        {'loftq_config': {'loftq_bits': 4}},
        {'corda_config': {'corda_method': 'kpm'}},
        {'alora_invocation_tokens': [1, 2]},
        {'layer_replication': [[0, 2], [1, 2]]},
        {'trainable_token_indices': [7]},
        {'target_parameters': ['gate_up_proj']},
        {'layers_to_transform': [0]},
        {'rank_pattern': {'q_proj': 8}},
        {'alpha_pattern': {'q_proj': 8}},
        {'exclude_modules': ['visual']},
        {'a_setting_of_next_year': 3},
        {'r': 0},
        {'r': 'four'},
        {'lora_alpha': float('nan')},
        {'lora_alpha': -16},
        {'target_modules': None},
        {'target_modules': [3]},
        {'target_modules': '(unclosed'},
    ],
    ids=str,
)
def test_an_adapter_that_a_plain_merge_cannot_express_is_refused(own_checkpoint, setting):
    configure(own_checkpoint, **setting)
    with pytest.raises(CheckpointError, match=next(iter(setting))):
        read_config(own_checkpoint / 'ssr_vlm')


@pytest.mark.parametrize(
    'setting',
    [
        {'init_lora_weights': 'gaussian', 'revision': None, 'layers_pattern': None},
        {'loftq_config': {}, 'rank_pattern': {}, 'megatron_core': 'megatron.core'},
        {'base_model_name_or_path': '/gone', 'peft_version': '0.15.2', 'lora_dropout': 0.05},
    ],
    ids=str,
)
def test_settings_that_change_nothing_are_no_hindrance(own_checkpoint, setting):
    configure(own_checkpoint, **setting)
    config = read_config(own_checkpoint / 'ssr_vlm')
    assert (config.rank, config.scale) == (4, 4.0)


def test_the_rank_in_the_settings_is_that_of_the_tensors(own_checkpoint):
    """The scale is alpha over it."""
    configure(own_checkpoint, r=8)
    with pytest.raises(TensorMismatchError, match=r'expected \[8, \d+\], found \[4, \d+\]'):
        merge_adapter(base(own_checkpoint), own_checkpoint / 'ssr_vlm')


@pytest.mark.parametrize(
    'targets',
    [
        ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'],
        r'(model\.layers|visual\.blocks)\..*_proj',
        r'.*(language_model|visual).*_proj',
    ],
    ids=['ends', 'old names', 'new names'],
)
def test_modules_that_were_trained_and_are_not_in_the_file_are_named(own_checkpoint, targets):
    """Cut to one pair of twenty, it loaded without a word."""
    configure(own_checkpoint, target_modules=targets)
    merge_adapter(base(own_checkpoint), own_checkpoint / 'ssr_vlm')
    file = own_checkpoint / 'ssr_vlm' / 'adapter_model.safetensors'
    tensors = load_file(file)
    kept = {name: tensors[name] for name in tensors if 'model.layers.0.mlp.up_proj' in name}
    save_file(kept, file)
    said = r'38 missing \(lora_A of model\.language_model'
    with pytest.raises(TensorMismatchError, match=said) as error:
        merge_adapter(base(own_checkpoint), own_checkpoint / 'ssr_vlm')
    assert len(error.value.missing) == 2 * (2 * 7 + 2 * 3) - 2


def test_a_regular_expression_that_never_ends_is_given_up(own_checkpoint):
    configure(own_checkpoint, target_modules=r'(?:(\w|[a-z]|.)+\.?)+[A-Z]')
    with pytest.raises(CheckpointError, match='Timeout'):
        merge_adapter(base(own_checkpoint), own_checkpoint / 'ssr_vlm')


def test_a_tensor_that_stands_twice_under_two_names_is_left_over(own_checkpoint):
    """Transformers 4 and 5 call the module differently: one would win without a word."""
    file = own_checkpoint / 'ssr_vlm' / 'adapter_model.safetensors'
    tensors = load_file(file)
    old = 'base_model.model.model.layers.0.mlp.up_proj.lora_A.weight'
    new = old.replace('model.model.layers', 'model.model.language_model.layers')
    save_file(tensors | {new: torch.zeros_like(tensors[old])}, file)
    with pytest.raises(TensorMismatchError) as error:
        merge_adapter(base(own_checkpoint), own_checkpoint / 'ssr_vlm')
    assert set(error.value.unexpected) < {old, new}


def test_an_adapter_with_values_that_are_not_finite_is_refused(own_checkpoint):
    file = own_checkpoint / 'ssr_vlm' / 'adapter_model.safetensors'
    tensors = load_file(file)
    tensors['base_model.model.model.layers.0.mlp.up_proj.lora_A.weight'][1, 1] = float('inf')
    save_file(tensors, file)
    with pytest.raises(CheckpointError, match=r'up_proj\.lora_A\.weight holds values'):
        merge_adapter(base(own_checkpoint), own_checkpoint / 'ssr_vlm')
