# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The compiled scan (``scan.cpp``) for CPUs: a library for each state size."""

from __future__ import annotations

import ctypes
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ssr_ros.compiled import compiled, FAST
from ssr_ros.model.shares import in_shares

SOURCE = Path(__file__).with_name('scan.cpp')

MAX_STATE = 1024
"""Larger states are left to torch; Mamba's are 16."""

SHARE = 64
"""Channels that are worth a thread of their own."""


class NativeScan:
    """The functions of the compiled library, for contiguous float32 tensors on the CPU."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self._library = library
        library.scan_chunks.restype = ctypes.c_int64

    def forward(
        self, u: Tensor, dt: Tensor, a: Tensor, b: Tensor, c: Tensor, h: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Compute what ``plain_scan`` computes, on as many threads as torch has."""
        u, dt, a, b, c = (x.contiguous() for x in (u, dt, a, b, c))
        y, h = torch.empty_like(u), h.clone(memory_format=torch.contiguous_format)
        arguments = self._arguments(u.shape, u, dt, a, b, c, h, y, None)

        def run(first: int, end: int) -> None:
            self._library.scan_forward(*arguments, ctypes.c_int64(first), ctypes.c_int64(end))

        in_shares(run, u.shape[2], SHARE)
        return y, h

    def forward_and_keep(
        self, u: Tensor, dt: Tensor, a: Tensor, b: Tensor, c: Tensor, h: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return y, the last state, and the states between chunks for ``backward``."""
        u, dt, a, b, c = (x.contiguous() for x in (u, dt, a, b, c))
        (batch, time, channels), state = u.shape, a.shape[1]
        chunks = self._library.scan_chunks(ctypes.c_int64(time))
        y, kept = torch.empty_like(u), u.new_empty(batch, chunks, channels, state)
        h = h.clone(memory_format=torch.contiguous_format)
        share = (ctypes.c_int64(0), ctypes.c_int64(channels))
        self._library.scan_forward(*self._arguments(u.shape, u, dt, a, b, c, h, y, kept), *share)
        return y, h, kept

    def backward(
        self, inputs: tuple[Tensor, ...], kept: Tensor, grad_y: Tensor, grad_h: Tensor
    ) -> tuple[Tensor, ...]:
        """Return the gradients of u, dt, a, b, c and h."""
        u, dt, a, b, c = (x.contiguous() for x in inputs)
        flow = grad_h.clone(memory_format=torch.contiguous_format)
        grads = [torch.empty_like(u), torch.empty_like(dt)]
        grads += [torch.zeros_like(x) for x in (a, b, c)]
        # Held by a name: the library must not read what has been given back.
        grad_y = grad_y.contiguous()
        self._library.scan_backward(
            *self._arguments(u.shape, u, dt, a, b, c, kept, grad_y, flow, *grads)
        )
        return (*grads, flow)

    def _arguments(self, shape: torch.Size, *tensors: Tensor | None) -> list[Any]:
        sizes = [ctypes.c_int64(size) for size in shape]
        return [*sizes, *(ctypes.c_void_p(x.data_ptr() if x is not None else 0) for x in tensors)]


@lru_cache(maxsize=16)
def native_scan(state: int) -> NativeScan | None:
    """Return the compiled scan for a state size, or None where it cannot be had."""
    if not 1 <= state <= MAX_STATE:
        return None
    library = compiled(SOURCE, 'the scan', 'torch', *FAST, f'-DSCAN_STATE={state}')
    return None if library is None else NativeScan(library)
