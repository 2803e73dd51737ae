# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The published order of work for every question, on the same weights: what ours is held against.

Everything again for each question: both encoders, the library's Mamba over the whole sequence with
its language-model head, and the whole chat prompt with its image through the library's VLM; then
token by token over a cache that grows. As shipped it runs in float32 with the adapter beside the
weights, which ``with_adapter`` puts there. Written from the method's description.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn, Tensor
from transformers import DynamicCache, MambaConfig, MambaForCausalLM

from ssr_ros.model.decode import pick, read
from ssr_ros.model.mamba import Mamba
from ssr_ros.model.reasoner import Reasoner
from ssr_ros.rgbd import RgbdFrame

RANK = 64
TARGETS = ('q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj')


def library_mamba(ours: Mamba) -> MambaForCausalLM:
    """Return transformers' Mamba with the same weights."""
    sizes = ours.sizes
    config = MambaConfig(
        vocab_size=sizes.vocabulary,
        hidden_size=sizes.width,
        intermediate_size=sizes.inner,
        expand=sizes.inner // sizes.width,
        state_size=sizes.state,
        num_hidden_layers=sizes.layers,
        conv_kernel=sizes.conv_kernel,
        time_step_rank=sizes.dt_rank,
        layer_norm_epsilon=sizes.epsilon,
        use_bias=sizes.linear_bias,
        use_conv_bias=sizes.conv_bias,
    )
    theirs = MambaForCausalLM(config).eval().requires_grad_(False)
    theirs.backbone.load_state_dict(ours.backbone.state_dict())
    theirs.tie_weights()
    return theirs


class Beside(nn.Module):
    """A linear module with a low-rank product beside it, not merged."""

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        self.linear = linear
        like = linear.weight
        self.a = like.new_zeros(RANK, linear.in_features)
        self.b = like.new_zeros(linear.out_features, RANK)

    def forward(self, x: Tensor) -> Tensor:
        """Add the product, which is zero: the work is done, the tokens are the same."""
        base: Tensor = self.linear(x)
        return base + (x @ self.a.T) @ self.b.T * 0.25


@contextmanager
def with_adapter(model: nn.Module) -> Iterator[None]:
    """Put an adapter beside every linear module that the released one has, and take it away."""
    found = [
        (model.get_submodule(name.rpartition('.')[0]), name.rpartition('.')[2], module)
        for name, module in model.named_modules()
        if isinstance(module, nn.Linear) and name.rpartition('.')[2] in TARGETS
    ]
    for parent, name, module in found:
        setattr(parent, name, Beside(module))
    try:
        yield
    finally:
        for parent, name, module in found:
            setattr(parent, name, module)


class Published:
    """Answers as the published code does."""

    def __init__(self, reasoner: Reasoner) -> None:
        self._reasoner = reasoner
        self._mamba = library_mamba(reasoner.midi.mamba).to(reasoner.device)

    @property
    def language(self) -> nn.Module:
        """The model that an adapter stands beside."""
        model: nn.Module = self._reasoner.vlm.model
        return model

    @torch.inference_mode()
    def tokens(self, frame: RgbdFrame, question: str, n_tokens: int) -> Iterator[int]:
        """Yield the tokens of an answer, whether one of them ends it or not."""
        vlm = self._reasoner.vlm
        ids, arguments = self._prompt(frame, question)
        cache, seen = DynamicCache(), torch.zeros(1, vlm.model.config.text_config.vocab_size)
        seen = seen.bool().to(vlm.device)
        seen.scatter_(1, ids, True)
        vlm.model.model.rope_deltas = None
        out = vlm.model(input_ids=ids, past_key_values=cache, use_cache=True, **arguments)
        for number in range(n_tokens):
            picked = pick(out.logits[:, -1].float(), seen, vlm.plain.penalty)
            yield from read(picked)
            if number + 1 < n_tokens:
                out = vlm.model(input_ids=picked[:, :1], past_key_values=cache, use_cache=True)

    def _prompt(self, frame: RgbdFrame, question: str) -> tuple[Tensor, dict[str, Any]]:
        reasoner, vlm = self._reasoner, self._reasoner.vlm
        prompt = vlm.prompt.image(frame.rgb)
        ids = torch.tensor(
            [prompt.ids + vlm.prompt.question(question, reasoner.n_tor)], device=vlm.device
        )
        embeds = vlm.model.get_input_embeddings()(ids)
        embeds[ids == vlm.tokenizer.tor_id] = self._latents(frame, question).to(embeds.dtype)
        return ids, {
            'inputs_embeds': embeds,
            'pixel_values': prompt.pixel_values.to(vlm.device),
            'image_grid_thw': prompt.grid.to(vlm.device),
            'mm_token_type_ids': (ids == vlm.model.config.image_token_id).int(),
        }

    def _latents(self, frame: RgbdFrame, question: str) -> Tensor:
        reasoner, tokenizer = self._reasoner, self._reasoner.midi_tokenizer
        midi = reasoner.midi
        visual = midi.embed_visual(
            reasoner.image_encoder(frame.rgb).float(),
            reasoner.depth_encoder(reasoner.depth_encoder.picture(frame.depth_m)).float(),
        )
        ids = tokenizer.encode_user_text(question) + [tokenizer.tor_id] * reasoner.n_tor
        text = midi.mamba.embed(torch.tensor([ids], device=reasoner.device))
        hidden = self._mamba(
            inputs_embeds=torch.cat([visual, text], dim=1), output_hidden_states=True
        ).hidden_states[-1]
        latents: Tensor = midi.tor_proj(hidden[0, -reasoner.n_tor :])
        return latents
