# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Untrained CLIP and SigLIP towers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from transformers import (
    CLIPVisionConfig,
    CLIPVisionModel,
    SiglipVisionConfig,
    SiglipVisionModel,
)

from training.run.saving import save_json
from training.small.sizes import PATCH, Sizes

SCALING = {'do_resize': True, 'do_rescale': True, 'do_normalize': True, 'resample': 3}

CLIP_PIXELS = {
    'image_mean': [0.48145466, 0.4578275, 0.40821073],
    'image_std': [0.26862954, 0.26130258, 0.27577711],
}


def write_encoders(folder: Path, sizes: Sizes, dtype: torch.dtype) -> None:
    """Write both towers with their preprocessing."""
    common: dict[str, Any] = {
        'hidden_size': sizes.vision_width,
        'intermediate_size': 2 * sizes.vision_width,
        'num_hidden_layers': sizes.vision_layers,
        'num_attention_heads': max(1, sizes.vision_width // 16),
        'image_size': sizes.image_side,
        'patch_size': PATCH,
    }
    size = {'size': {'height': sizes.image_side, 'width': sizes.image_side}}
    CLIPVisionModel(CLIPVisionConfig(**common)).to(dtype).save_pretrained(folder / 'clip')
    clip = {
        'image_processor_type': 'CLIPImageProcessor',
        # The whole picture, squashed as SigLIP's is: the same patch of both shows the same place.
        'do_center_crop': False,
        'do_convert_rgb': True,
    }
    save_json(
        {**SCALING, **size, **clip, **CLIP_PIXELS}, folder / 'clip' / 'preprocessor_config.json'
    )
    SiglipVisionModel(SiglipVisionConfig(**common)).to(dtype).save_pretrained(folder / 'siglip')
    siglip = {
        'image_processor_type': 'SiglipImageProcessor',
        'image_mean': [0.5] * 3,
        'image_std': [0.5] * 3,
    }
    save_json({**SCALING, **size, **siglip}, folder / 'siglip' / 'preprocessor_config.json')
