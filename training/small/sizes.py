# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The numbers of a small SSR."""

from __future__ import annotations

from dataclasses import dataclass

from ssr_ros.settings import setting

PATCH = 14


@dataclass(frozen=True)
class Sizes:
    """The numbers of a small SSR; every layer count, width and image size can be chosen.

    Attributes:
        vision_width: of both encoders and of the VLM's vision tower.
        vision_layers: of each of the three.
        image_side: pixels of the square that both encoders see; a multiple of 14.
        midi_width: of MIDI's Mamba.
        midi_layers: of MIDI's Mamba.
        midi_state: numbers that each channel of it keeps.
        vlm_width: of the language model, a multiple of 32.
        vlm_layers: of the language model.
        vlm_image: (width, height) that the VLM's image is squashed to.
        vocabulary: of both tokenizers, before special tokens.
        n_tor: latent tokens.
        choose: of the answers that a question offers the likeliest is given; otherwise it writes.
        point: it is taught in which field of the picture a thing is.
        depth_range_m: (nearest, farthest) of the depth pictures; () stretches each one.
        adapter_rank: of a random LoRA adapter; 0 for none.
    """

    vision_width: int = setting(32, least=16, most=4096)
    vision_layers: int = setting(2, least=1, most=256)
    image_side: int = setting(56, least=28, most=4096)
    midi_width: int = setting(48, least=16, most=8192)
    midi_layers: int = setting(2, least=1, most=256)
    midi_state: int = setting(16, least=1, most=256)
    vlm_width: int = setting(64, least=32, most=16384)
    vlm_layers: int = setting(2, least=1, most=256)
    vlm_image: tuple[int, int] = setting((112, 112), least=28, most=4096)
    vocabulary: int = setting(400, least=256, most=1_000_000)
    n_tor: int = setting(10, least=0, most=256)
    choose: bool = False
    point: bool = False
    depth_range_m: tuple[float, ...] = ()
    adapter_rank: int = setting(0, least=0, most=4096)
