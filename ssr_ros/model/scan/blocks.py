# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Mamba's scan for devices that are slow to start: few launches, each of them wide.

The sequence is cut into about sqrt(T) blocks that go forward side by side as if each began at
zero; then what each block inherits is carried from block to block, and what is inherited decays
through its block. 1,306 tokens take some 80 launches in place of 1,306, and no work is done twice.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F

CHUNK = 2048
"""Tokens whose states exist at the same time: 200 MB for one frame at Mamba-130m's width."""


def recur_in_steps(decay: Tensor, drive: Tensor, h: Tensor) -> Tensor:
    """Return ``h_t = decay_t h_{t-1} + drive_t`` for every t, written over ``drive``.

    Args:
        decay: (T, ...).
        drive: (T, ...), taken.
        h: (...), before the first.
    """
    for keep, add in zip(decay, drive, strict=True):
        h = add.addcmul_(keep, h)
    return drive


def recur_in_blocks(decay: Tensor, drive: Tensor, h: Tensor) -> Tensor:
    """Like ``recur_in_steps``, in about 2 sqrt(T) launches; ``drive`` may be written over."""
    time = len(drive)
    length = math.isqrt(max(time - 1, 0)) + 1
    n_blocks = -(-time // length)
    # Padding decays everything and adds nothing; it stands at the end, where nobody looks.
    padding = [0, 0] * (drive.dim() - 1) + [0, n_blocks * length - time]
    blocks = (n_blocks, length, *drive.shape[1:])
    decay, states = F.pad(decay, padding).view(blocks), F.pad(drive, padding).view(blocks)
    for t in range(1, length):
        states[:, t].addcmul_(decay[:, t], states[:, t - 1])
    decay = decay.cumprod(1)
    inherited = [h]
    for last, kept in zip(states[:-1, -1], decay[:-1, -1], strict=True):
        inherited.append(torch.addcmul(last, kept, inherited[-1]))
    states.addcmul_(decay, torch.stack(inherited)[:, None])
    return states.flatten(0, 1)[:time]


def blocked_scan(
    u: Tensor, dt: Tensor, a: Tensor, b: Tensor, c: Tensor, h: Tensor
) -> tuple[Tensor, Tensor]:
    """Compute what ``plain_scan`` computes; see there for the arguments."""
    u, dt, b, c = (x.transpose(0, 1) for x in (u, dt, b, c))
    ys = []
    for start in range(0, len(u), CHUNK):
        part = slice(start, start + CHUNK)
        decay = torch.exp(dt[part, ..., None] * a)
        drive = (dt[part] * u[part])[..., None] * b[part, :, None, :]
        states = recur_in_blocks(decay, drive, h)
        ys.append(torch.einsum('tbdn,tbn->btd', states, c[part]))
        h = states[-1].clone()
    return torch.cat(ys, dim=1), h
