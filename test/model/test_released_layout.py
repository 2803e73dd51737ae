# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The released 7B checkpoints, name by name and shape by shape, without their weights.

The names are written out here from the description of the release, not taken from our modules.
"""

from __future__ import annotations

import pytest
import torch
from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration

from ssr_ros.errors import TensorMismatchError
from ssr_ros.model.lora import AdapterConfig, plan
from ssr_ros.model.midi import Midi

WIDTH, LAYERS, INNER, STATE, CONV, DT_RANK = 768, 24, 1536, 16, 4, 48
QWEN_7B, MLP_7B, KV_7B, LAYERS_7B = 3584, 18944, 512, 28
VISION, VISION_MLP, VISION_BLOCKS = 1280, 3420, 32
LORA_RANK = 64
PROJECTIONS = ('q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj')


def released_midi() -> dict[str, tuple[int, ...]]:
    mixer = {
        'A_log': (INNER, STATE),
        'D': (INNER,),
        'conv1d.bias': (INNER,),
        'conv1d.weight': (INNER, 1, CONV),
        'dt_proj.bias': (INNER,),
        'dt_proj.weight': (INNER, DT_RANK),
        'in_proj.weight': (2 * INNER, WIDTH),
        'out_proj.weight': (WIDTH, INNER),
        'x_proj.weight': (DT_RANK + 2 * STATE, INNER),
    }
    shapes = {'mamba.backbone.embeddings.weight': (50280, WIDTH)}
    for layer in range(LAYERS):
        prefix = f'mamba.backbone.layers.{layer}.'
        shapes |= {f'{prefix}mixer.{name}': shape for name, shape in mixer.items()}
        shapes[f'{prefix}norm.weight'] = (WIDTH,)
    shapes['mamba.backbone.norm_f.weight'] = (WIDTH,)
    for name, inputs, outputs in (
        ('image_proj', 1024, WIDTH),
        ('depth_proj', 1152, WIDTH),
        ('tor_proj', WIDTH, QWEN_7B),
    ):
        shapes[f'{name}.0.weight'] = (outputs, inputs)
        shapes[f'{name}.2.weight'] = (outputs, outputs)
        shapes[f'{name}.0.bias'] = shapes[f'{name}.2.bias'] = (outputs,)
    return shapes


def released_adapter() -> dict[str, tuple[int, ...]]:
    """Module names as transformers 4 had them; its name matching also reached the vision MLPs."""
    language = {
        'self_attn.q_proj': (QWEN_7B, QWEN_7B),
        'self_attn.k_proj': (QWEN_7B, KV_7B),
        'self_attn.v_proj': (QWEN_7B, KV_7B),
        'self_attn.o_proj': (QWEN_7B, QWEN_7B),
        'mlp.gate_proj': (QWEN_7B, MLP_7B),
        'mlp.up_proj': (QWEN_7B, MLP_7B),
        'mlp.down_proj': (MLP_7B, QWEN_7B),
    }
    vision = {
        'mlp.gate_proj': (VISION, VISION_MLP),
        'mlp.up_proj': (VISION, VISION_MLP),
        'mlp.down_proj': (VISION_MLP, VISION),
    }
    modules = {
        f'model.layers.{layer}.{name}': size
        for layer in range(LAYERS_7B)
        for name, size in language.items()
    }
    modules |= {
        f'visual.blocks.{block}.{name}': size
        for block in range(VISION_BLOCKS)
        for name, size in vision.items()
    }
    shapes = {}
    for module, (inputs, outputs) in modules.items():
        shapes[f'base_model.model.{module}.lora_A.weight'] = (LORA_RANK, inputs)
        shapes[f'base_model.model.{module}.lora_B.weight'] = (outputs, LORA_RANK)
    return shapes


@pytest.fixture(scope='module')
def qwen_7b() -> torch.nn.Module:
    """Qwen2.5-VL-7B at its true size, on the meta device."""
    config = Qwen2_5_VLConfig(
        text_config={
            'vocab_size': 152064,
            'hidden_size': QWEN_7B,
            'intermediate_size': MLP_7B,
            'num_hidden_layers': LAYERS_7B,
            'num_attention_heads': 28,
            'num_key_value_heads': 4,
            'rope_parameters': {
                'rope_type': 'default',
                'rope_theta': 1e6,
                'mrope_section': [16, 24, 24],
            },
        },
        vision_config={
            'depth': VISION_BLOCKS,
            'hidden_size': VISION,
            'intermediate_size': VISION_MLP,
            'num_heads': 16,
            'out_hidden_size': QWEN_7B,
        },
    )
    with torch.device('meta'):
        return Qwen2_5_VLForConditionalGeneration(config)


def test_midi_7b_has_exactly_the_254_released_tensors():
    shapes = released_midi()
    assert len(shapes) == 254
    with torch.device('meta'):
        midi = Midi.from_shapes(shapes, 'released')
    assert {name: tuple(p.shape) for name, p in midi.named_parameters()} == shapes


def test_the_teacher_does_not_confuse_the_sizes():
    shapes = released_midi() | {'llm.model.embed_tokens.weight': (152064, QWEN_7B)}
    with torch.device('meta'):
        assert Midi.from_shapes(shapes, 'released').tor_proj[2].out_features == QWEN_7B


def test_a_checkpoint_without_its_telling_tensors_is_refused():
    shapes = released_midi()
    del shapes['tor_proj.0.weight']
    with pytest.raises(TensorMismatchError, match=r'tor_proj\.0\.weight'):
        Midi.from_shapes(shapes, 'released')


def test_all_584_adapter_tensors_find_their_module(qwen_7b):
    shapes = released_adapter()
    assert len(shapes) == 584
    config = AdapterConfig(rank=LORA_RANK, scale=0.25, target_modules=PROJECTIONS)
    pairs = plan(shapes, qwen_7b, config, 'released')
    assert len(pairs) == 292
    assert sorted(name for pair in pairs.values() for name in pair.values()) == sorted(shapes)


def test_qwen_7b_has_its_published_number_of_parameters(qwen_7b):
    """8.29 B with the vision tower: the meta model is the true one, not a look-alike."""
    assert sum(p.numel() for p in qwen_7b.parameters()) == 8_292_166_656
