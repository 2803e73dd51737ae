# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The whole of SSR in one pass per question, through transformers' own modules.

This is what upstream does for every question, and it shares no code with ``encode`` and ``ask``:
the yardstick for both their numbers and their cost.
"""

from __future__ import annotations

import torch
from torch import Tensor

from ssr_ros.model import EncodedFrame, Reasoner
from ssr_ros.model.bench.published import library_mamba
from ssr_ros.model.encoders import depth_picture
from ssr_ros.rgbd import RgbdFrame


@torch.inference_mode()
def run(reasoner: Reasoner, frame: RgbdFrame, question: str) -> tuple[Tensor, Tensor]:
    """Return latents (n_tor, width) and the first answer token's logits (vocabulary,)."""
    latents = one_pass_latents(reasoner, frame, question)
    return latents, one_pass_logits(reasoner, frame, question, latents)


def one_pass_latents(reasoner: Reasoner, frame: RgbdFrame, question: str) -> Tensor:
    """Read image, depth, question and ``<tor>`` tokens as one sequence."""
    midi, tokenizer = reasoner.midi, reasoner.midi_tokenizer
    visual = midi.embed_visual(
        reasoner.image_encoder(frame.rgb).float(),
        reasoner.depth_encoder(depth_picture(frame.depth_m)).float(),
    )
    ids = tokenizer.encode_user_text(question) + [tokenizer.tor_id] * reasoner.n_tor
    sequence = torch.cat(
        [visual, midi.mamba.embed(torch.tensor([ids], device=reasoner.device))], dim=1
    )
    mamba = library_mamba(midi.mamba).to(reasoner.device)
    hidden = mamba.backbone(inputs_embeds=sequence, use_cache=False).last_hidden_state
    latents: Tensor = midi.tor_proj(hidden[0, sequence.shape[1] - reasoner.n_tor :])
    return latents


def one_pass_logits(
    reasoner: Reasoner, frame: RgbdFrame, question: str, latents: Tensor
) -> Tensor:
    """Read the whole chat prompt at once and let the library place the image."""
    vlm = reasoner.vlm
    prompt = vlm.prompt.image(frame.rgb)
    ids = torch.tensor(
        [prompt.ids + vlm.prompt.question(question, reasoner.n_tor)], device=vlm.device
    )
    embeds = vlm.model.get_input_embeddings()(ids)
    embeds[ids == vlm.tokenizer.tor_id] = latents.to(embeds.dtype)
    vlm.model.model.rope_deltas = None
    logits: Tensor = vlm.model(
        input_ids=ids,
        inputs_embeds=embeds,
        pixel_values=prompt.pixel_values.to(vlm.device),
        image_grid_thw=prompt.grid.to(vlm.device),
        mm_token_type_ids=(ids == vlm.model.config.image_token_id).int(),
        use_cache=False,
    ).logits[0, -1]
    return logits.float()


@torch.inference_mode()
def split_logits(reasoner: Reasoner, encoded: EncodedFrame, question: str) -> Tensor:
    """Return the first answer token's logits from an encoded frame, (vocabulary,)."""
    latents = reasoner.latents(encoded, question)
    return reasoner.vlm.first_logits([encoded.image_prefix], latents[None], [question])[0]
