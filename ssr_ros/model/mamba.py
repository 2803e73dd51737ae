# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Mamba-1 that can stop after any token and go on later, exactly.

SSR reads a frame once and is asked about it many times, so the state after the visual tokens has
to be kept and continued with several tokens at once. The implementation in transformers carries
the convolution window in that case but restarts the recurrence at zero, without an error; hence
this one, over the same weights and parameter names (``backbone.layers.N.mixer...``).

Formulas: Gu and Dao, "Mamba", arXiv 2312.00752, section 3 and algorithm 2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import nn, Tensor
from torch.nn import functional as F

from ssr_ros.model.scan import mix, MixWeights, scan


@dataclass(frozen=True)
class MambaSizes:
    """The numbers that make up a Mamba; the defaults are mamba-130m's."""

    vocabulary: int = 50280
    width: int = 768
    layers: int = 24
    inner: int = 1536
    state: int = 16
    conv_kernel: int = 4
    dt_rank: int = 48
    conv_bias: bool = True
    linear_bias: bool = False
    epsilon: float = 1e-5


@dataclass(frozen=True)
class MambaState:
    """What a Mamba remembers of the tokens it has read; its size does not grow with them.

    Never written to: continuing returns a new state.

    Attributes:
        conv: per layer the last inputs of the convolution, (B, inner, conv_kernel - 1).
        ssm: per layer the recurrent state, (B, inner, state).
        n_tokens: how many tokens were read.
    """

    conv: tuple[Tensor, ...]
    ssm: tuple[Tensor, ...]
    n_tokens: int = 0

    @property
    def nbytes(self) -> int:
        """Memory of the tensors in bytes."""
        return sum(tensor.nbytes for tensor in self.conv + self.ssm)

    @classmethod
    def stack(cls, states: Sequence[MambaState]) -> MambaState:
        """Join the states of several scenes along the batch dimension."""
        if len(states) == 1:
            return states[0]
        return cls(
            conv=tuple(
                torch.cat(tensors) for tensors in zip(*(s.conv for s in states), strict=True)
            ),
            ssm=tuple(
                torch.cat(tensors) for tensors in zip(*(s.ssm for s in states), strict=True)
            ),
            n_tokens=max(state.n_tokens for state in states),
        )

    def pick(self, rows: Tensor) -> MambaState:
        """Return the states of some rows of the batch, (B,) int64; one may be named often."""
        return MambaState(
            tuple(tensor.index_select(0, rows) for tensor in self.conv),
            tuple(tensor.index_select(0, rows) for tensor in self.ssm),
            self.n_tokens,
        )


class RmsNorm(nn.Module):
    """Root mean square layer norm."""

    def __init__(self, width: int, epsilon: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.epsilon = epsilon

    def forward(self, x: Tensor) -> Tensor:
        """Normalise the last dimension."""
        return F.rms_norm(x, x.shape[-1:], self.weight, self.epsilon)


class MambaMixer(nn.Module):
    """One selective state space layer.

    Attributes:
        scan: runs the recurrence; another one that computes the same may be put in its place, and
            then nothing around it is fused.
    """

    def __init__(self, sizes: MambaSizes) -> None:
        super().__init__()
        self.scan = scan
        self.in_proj = nn.Linear(sizes.width, 2 * sizes.inner, bias=sizes.linear_bias)
        self.conv1d = nn.Conv1d(
            sizes.inner, sizes.inner, sizes.conv_kernel, groups=sizes.inner, bias=sizes.conv_bias
        )
        self.x_proj = nn.Linear(sizes.inner, sizes.dt_rank + 2 * sizes.state, bias=False)
        self.dt_proj = nn.Linear(sizes.dt_rank, sizes.inner)
        self.A_log = nn.Parameter(
            torch.arange(1, sizes.state + 1).float().log().repeat(sizes.inner, 1)
        )
        self.D = nn.Parameter(torch.ones(sizes.inner))
        self.out_proj = nn.Linear(sizes.inner, sizes.width, bias=sizes.linear_bias)

    def forward(self, x: Tensor, conv: Tensor, ssm: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Read tokens after a state.

        Args:
            x: (B, T, width).
            conv: (B, inner, conv_kernel - 1), the last inputs of the convolution.
            ssm: (B, inner, state), the recurrent state.

        Returns:
            (B, T, width) and the two states after the last token.
        """
        weights = MixWeights(
            self.conv1d.weight,
            self.conv1d.bias,
            self.x_proj.weight,
            self.dt_proj.weight,
            self.dt_proj.bias,
            self.A_log,
            self.D,
        )
        y, conv, ssm = mix(self.in_proj(x), conv, ssm, weights, self.scan)
        return self.out_proj(y), conv, ssm


class MambaBlock(nn.Module):
    """Norm, mixer, residual."""

    def __init__(self, sizes: MambaSizes) -> None:
        super().__init__()
        self.norm = RmsNorm(sizes.width, sizes.epsilon)
        self.mixer = MambaMixer(sizes)

    def forward(self, x: Tensor, conv: Tensor, ssm: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Like MambaMixer.forward, with the residual added."""
        y, conv, ssm = self.mixer(self.norm(x), conv, ssm)
        return x + y, conv, ssm


class MambaBackbone(nn.Module):
    """Embeddings, blocks and the last norm."""

    def __init__(self, sizes: MambaSizes) -> None:
        super().__init__()
        self.embeddings = nn.Embedding(sizes.vocabulary, sizes.width)
        self.layers = nn.ModuleList(MambaBlock(sizes) for _ in range(sizes.layers))
        self.norm_f = RmsNorm(sizes.width, sizes.epsilon)

    def forward(self, x: Tensor, state: MambaState) -> tuple[Tensor, MambaState]:
        """Read embedded tokens after a state.

        Args:
            x: (B, T, width), T at least 1.
            state: what was read before; it is not changed.

        Returns:
            (B, T, width) after the last norm, and the state after the last token.
        """
        convs, ssms = [], []
        for layer, conv, ssm in zip(self.layers, state.conv, state.ssm, strict=True):
            x, conv, ssm = layer(x, conv, ssm)
            convs.append(conv)
            ssms.append(ssm)
        after = MambaState(tuple(convs), tuple(ssms), state.n_tokens + x.shape[1])
        return self.norm_f(x), after


class Mamba(nn.Module):
    """A Mamba language model whose head is tied to its embeddings."""

    def __init__(self, sizes: MambaSizes) -> None:
        super().__init__()
        self.sizes = sizes
        self.backbone = MambaBackbone(sizes)

    def embed(self, ids: Tensor) -> Tensor:
        """(B, T) ids -> (B, T, width)."""
        embedded: Tensor = self.backbone.embeddings(ids)
        return embedded

    def forward(self, x: Tensor, state: MambaState | None = None) -> tuple[Tensor, MambaState]:
        """Read embedded tokens after a state, or from the beginning; see MambaBackbone.forward."""
        if state is None:
            state = self.empty_state(x.shape[0])
        out: tuple[Tensor, MambaState] = self.backbone(x, state)
        return out

    def logits(self, hidden: Tensor) -> Tensor:
        """(..., width) -> (..., vocabulary)."""
        return F.linear(hidden, self.backbone.embeddings.weight)

    def empty_state(self, batch: int) -> MambaState:
        """Return the state before the first token."""
        like = self.backbone.embeddings.weight
        size = self.sizes
        conv = like.new_zeros(batch, size.inner, size.conv_kernel - 1)
        ssm = like.new_zeros(batch, size.inner, size.state)
        return MambaState((conv,) * size.layers, (ssm,) * size.layers)
