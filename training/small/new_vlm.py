# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""An untrained Qwen2.5-VL, and an adapter of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tokenizers import Tokenizer
import torch
from torch import nn
from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration

from training.models.adapter import PROJECTIONS
from training.run.saving import save_json, save_tensors
from training.small.new_tokenizer import write_tokenizer
from training.small.new_vision import CLIP_PIXELS
from training.small.sizes import PATCH, Sizes

MERGED_PATCH = 2 * PATCH


def write_vlm(folder: Path, sizes: Sizes, corpus: list[str], dtype: torch.dtype) -> nn.Module:
    """Write the model with its tokenizer and preprocessing; return it."""
    vocabulary = write_tokenizer(folder, corpus, sizes.vocabulary, chat=True)
    ids = Tokenizer.from_file(str(folder / 'tokenizer.json'))
    config = Qwen2_5_VLConfig(
        text_config=_text(sizes, vocabulary, ids),
        vision_config=_vision(sizes),
        tie_word_embeddings=False,
        image_token_id=ids.token_to_id('<|image_pad|>'),
        video_token_id=ids.token_to_id('<|video_pad|>'),
        vision_start_token_id=ids.token_to_id('<|vision_start|>'),
        vision_end_token_id=ids.token_to_id('<|vision_end|>'),
    )
    model: Any = Qwen2_5_VLForConditionalGeneration(config)
    # They start as one, as those of Qwen2.5-VL-3B are: repeating the prompt is soon learned.
    model.lm_head.weight.data.copy_(model.get_input_embeddings().weight.data)
    model.to(dtype)
    ends = [ids.token_to_id('<|im_end|>'), ids.token_to_id('<|endoftext|>')]
    model.generation_config.eos_token_id = ends
    model.generation_config.pad_token_id = ends[1]
    model.save_pretrained(folder)
    pixels = {
        'image_processor_type': 'Qwen2VLImageProcessor',
        'patch_size': PATCH,
        'merge_size': 2,
        'temporal_patch_size': 2,
        'size': {'shortest_edge': MERGED_PATCH**2, 'longest_edge': 12845056},
    }
    save_json({**pixels, **CLIP_PIXELS}, folder / 'preprocessor_config.json')
    whole: nn.Module = model
    return whole


def write_adapter(folder: Path, vlm: nn.Module, rank: int) -> None:
    """Write a random LoRA adapter with the module names that released adapters carry."""
    tensors = {}
    for name, module in vlm.named_modules():
        if isinstance(module, nn.Linear) and name.rpartition('.')[2] in PROJECTIONS:
            old = name.replace('model.language_model.', 'model.').replace('model.visual', 'visual')
            key = f'base_model.model.{old}.lora_'
            tensors[f'{key}A.weight'] = torch.randn(rank, module.in_features) * 0.1
            tensors[f'{key}B.weight'] = torch.randn(module.out_features, rank) * 0.1
    folder.mkdir(parents=True, exist_ok=True)
    save_tensors(tensors, folder / 'adapter_model.safetensors')
    save_json(
        {
            'peft_type': 'LORA',
            'task_type': 'CAUSAL_LM',
            'r': rank,
            'lora_alpha': 16,
            'lora_dropout': 0.05,
            'bias': 'none',
            'target_modules': list(PROJECTIONS),
        },
        folder / 'adapter_config.json',
    )


def _text(sizes: Sizes, vocabulary: int, ids: Any) -> dict[str, Any]:
    heads = sizes.vlm_width // 32
    return {
        'vocab_size': vocabulary,
        'hidden_size': sizes.vlm_width,
        'intermediate_size': 2 * sizes.vlm_width,
        'num_hidden_layers': sizes.vlm_layers,
        'num_attention_heads': heads,
        'num_key_value_heads': heads,
        'max_position_embeddings': 4096,
        'bos_token_id': ids.token_to_id('<|endoftext|>'),
        'eos_token_id': ids.token_to_id('<|im_end|>'),
        'rope_parameters': {
            'rope_type': 'default',
            'rope_theta': 1e6,
            'mrope_section': [4, 6, 6],  # half of a head's width of 32
        },
    }


def _vision(sizes: Sizes) -> dict[str, Any]:
    return {
        'depth': sizes.vision_layers,
        'hidden_size': sizes.vision_width,
        'intermediate_size': 2 * sizes.vision_width,
        'num_heads': max(1, sizes.vision_width // 16),
        'out_hidden_size': sizes.vlm_width,
        'fullatt_block_indexes': list(range(sizes.vision_layers)),
        'patch_size': PATCH,
    }
