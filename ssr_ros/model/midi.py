# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""MIDI, the Mamba-based image-depth interpreter: visual tokens and a question -> latent rationale.

Parameter names are those of the released checkpoints; the numbers come from their tensors.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import nn, Tensor

from ssr_ros.errors import TensorMismatchError
from ssr_ros.model.mamba import Mamba, MambaSizes, MambaState

TEACHER_PREFIX = 'llm.'
"""Stage-1 checkpoints also hold the frozen teacher; leaving it out changes no latent by a bit."""

TIED_HEAD = 'mamba.lm_head.weight'

Shapes = Mapping[str, tuple[int, ...]]


def projector(inputs: int, outputs: int) -> nn.Sequential:
    """Linear, GELU, Linear, with bias: the form of all three projectors."""
    return nn.Sequential(nn.Linear(inputs, outputs), nn.GELU(), nn.Linear(outputs, outputs))


class Midi(nn.Module):
    """The interpreter.

    Attributes:
        mamba: reads ``[image tokens][depth tokens][question][<tor> x n]``.
        image_proj: image encoder width -> Mamba width.
        depth_proj: depth encoder width -> Mamba width.
        tor_proj: Mamba width -> width of the vision-language model.
    """

    def __init__(self, sizes: MambaSizes, image_dim: int, depth_dim: int, llm_dim: int) -> None:
        super().__init__()
        self.mamba = Mamba(sizes)
        self.image_proj = projector(image_dim, sizes.width)
        self.depth_proj = projector(depth_dim, sizes.width)
        self.tor_proj = projector(sizes.width, llm_dim)

    @classmethod
    def from_shapes(cls, shapes: Shapes, source: str, epsilon: float = 1e-5) -> Midi:
        """Build the module that a checkpoint's tensors are for, without weights.

        The path to a Mamba in a released ``config.json`` is one of its authors' machine, so the
        sizes are read off the tensors.

        Args:
            shapes: tensor name -> shape.
            source: what to name in an error.
            epsilon: of the Mamba's norms; the one number that no tensor tells.

        Raises:
            TensorMismatchError: a tensor that tells the sizes is missing or has the wrong rank.
        """
        layer = 'mamba.backbone.layers.0.mixer.'
        telling = {
            'mamba.backbone.embeddings.weight': 2,
            layer + 'A_log': 2,
            layer + 'conv1d.weight': 3,
            layer + 'dt_proj.weight': 2,
            'image_proj.0.weight': 2,
            'depth_proj.0.weight': 2,
            'tor_proj.0.weight': 2,
        }
        missing = [name for name in telling if name not in shapes]
        wrong = {
            name: ((0,) * rank, shapes[name])
            for name, rank in telling.items()
            if name in shapes and len(shapes[name]) != rank
        }
        if missing or wrong:
            raise TensorMismatchError(source, missing, (), wrong)
        vocabulary, width = shapes['mamba.backbone.embeddings.weight']
        inner, state = shapes[layer + 'A_log']
        sizes = MambaSizes(
            vocabulary=vocabulary,
            width=width,
            layers=_count_layers(shapes),
            inner=inner,
            state=state,
            conv_kernel=shapes[layer + 'conv1d.weight'][2],
            dt_rank=shapes[layer + 'dt_proj.weight'][1],
            conv_bias=layer + 'conv1d.bias' in shapes,
            linear_bias=layer + 'in_proj.bias' in shapes,
            epsilon=epsilon,
        )
        return cls(
            sizes,
            image_dim=shapes['image_proj.0.weight'][1],
            depth_dim=shapes['depth_proj.0.weight'][1],
            llm_dim=shapes['tor_proj.0.weight'][0],
        )

    def embed_visual(self, image_embeds: Tensor, depth_embeds: Tensor) -> Tensor:
        """(B, Ni, image_dim) and (B, Nd, depth_dim) -> (B, Ni + Nd, width)."""
        return torch.cat([self.image_proj(image_embeds), self.depth_proj(depth_embeds)], dim=1)

    def read_frame(self, image_embeds: Tensor, depth_embeds: Tensor) -> MambaState:
        """Read the visual tokens of a frame: what frame time leaves for ask time."""
        state: MambaState
        _, state = self.mamba(self.embed_visual(image_embeds, depth_embeds))
        return state

    def latents(self, state: MambaState, ids: Tensor, tor_places: Tensor) -> Tensor:
        """Read a question and its ``<tor>`` tokens after a frame.

        Args:
            state: of the frames, batch B.
            ids: (B, T) question and ``<tor>`` ids, padded on the right with anything.
            tor_places: (B, n) int64, where in each row its ``<tor>`` stand.

        Returns:
            (B, n, llm_dim): the latent rationales.
        """
        hidden, _ = self.mamba(self.mamba.embed(ids), state)
        picked = hidden.gather(1, tor_places[..., None].expand(-1, -1, hidden.shape[-1]))
        latents: Tensor = self.tor_proj(picked)
        return latents

    def likelihoods(
        self, state: MambaState, told: Sequence[int], texts: Sequence[Sequence[int]]
    ) -> Tensor:
        """Return how likely it writes each of some texts after what it was told.

        Args:
            state: of one frame.
            told: ids, at least one.
            texts: K rows of ids, each with at least one.

        Returns:
            (K,) float32, the logarithms.
        """
        device, mamba = state.conv[0].device, self.mamba
        longest = max(map(len, texts))
        ids = torch.tensor(
            [[*text, *[0] * (longest - len(text))] for text in texts], device=device
        )
        lengths = torch.tensor([len(text) for text in texts], device=device)
        hidden, state = mamba(mamba.embed(torch.tensor([list(told)], device=device)), state)
        hidden = hidden[:, -1:].expand(len(texts), -1, -1)
        if longest > 1:
            rest, _ = mamba(mamba.embed(ids[:, :-1]), MambaState.stack([state] * len(texts)))
            hidden = torch.cat([hidden, rest], dim=1)
        each = mamba.logits(hidden).log_softmax(-1).gather(2, ids[..., None])[..., 0]
        read = torch.arange(longest, device=device) < lengths[:, None]
        return torch.where(read, each, 0).sum(1)


def _count_layers(shapes: Shapes) -> int:
    prefix = 'mamba.backbone.layers.'
    numbers = {name[len(prefix) :].split('.')[0] for name in shapes if name.startswith(prefix)}
    # How many there are, not the highest: a gap is found when the tensors are compared.
    return len(numbers)
