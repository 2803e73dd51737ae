# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""An untrained MIDI."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from ssr_ros.model.mamba import MambaSizes
from ssr_ros.model.midi import Midi
from training.run.saving import save_json, save_tensors
from training.small.sizes import Sizes


def write_midi(folder: Path, sizes: Sizes, vocabulary: int, dtype: torch.dtype) -> None:
    """Write MIDI, and the settings of its Mamba."""
    width = sizes.midi_width
    mamba = MambaSizes(
        vocabulary=vocabulary,
        width=width,
        layers=sizes.midi_layers,
        inner=2 * width,
        state=sizes.midi_state,
        dt_rank=max(1, width // 16),
    )
    midi = untrained_midi(mamba, sizes)
    (folder / 'midi').mkdir(parents=True, exist_ok=True)
    tensors = {name: value.detach().to(dtype) for name, value in midi.named_parameters()}
    save_tensors(tensors, folder / 'midi' / 'model.safetensors')
    save_json(
        {
            'architectures': ['MIDI'],
            'model_type': 'MIDI',
            'image_dim': sizes.vision_width,
            'depth_dim': sizes.vision_width,
            'mamba_path_or_name': 'mamba',
            'llm_path_or_name': 'llm',
        },
        folder / 'midi' / 'config.json',
    )
    _write_mamba_settings(folder / 'mamba', mamba)


def untrained_midi(mamba: MambaSizes, sizes: Sizes) -> Midi:
    """Make a MIDI that has learnt nothing, from torch's random numbers."""
    midi = Midi(mamba, sizes.vision_width, sizes.vision_width, sizes.vlm_width)
    layers: Any = midi.mamba.backbone.layers
    for layer in layers:
        # Step sizes between 0.001 and 0.1 at the start (Mamba paper, section 3.6).
        steps = torch.exp(torch.empty(mamba.inner).uniform_(-6.9, -2.3))
        layer.mixer.dt_proj.bias.data = steps + torch.log(-torch.expm1(-steps))
    torch.nn.init.normal_(midi.mamba.backbone.embeddings.weight, std=0.1)
    return midi


def _write_mamba_settings(folder: Path, mamba: MambaSizes) -> None:
    save_json(
        {
            'architectures': ['MambaForCausalLM'],
            'model_type': 'mamba',
            'vocab_size': mamba.vocabulary,
            'hidden_size': mamba.width,
            'intermediate_size': mamba.inner,
            'state_size': mamba.state,
            'num_hidden_layers': mamba.layers,
            'conv_kernel': mamba.conv_kernel,
            'time_step_rank': mamba.dt_rank,
            'layer_norm_epsilon': mamba.epsilon,
            'use_bias': False,
            'use_conv_bias': True,
        },
        folder / 'config.json',
    )
