# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The compiled scan (``native.cpp``) for CPUs, where a C++ compiler is at hand.

It is compiled for a state size and this processor when it is first wanted, and kept in the user's
cache. Nothing depends on it but speed.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
import ctypes
from functools import lru_cache
from hashlib import sha256
import logging
import os
from pathlib import Path
import platform
import shutil
import subprocess
from typing import Any

import torch
from torch import Tensor

SOURCE = Path(__file__).with_name('native.cpp')
FLAGS = ['-O3', '-ffast-math', '-march=native', '-fopenmp-simd', '-std=c++17', '-shared', '-fPIC']
# Among the start files of fast maths is one that makes the whole process flush subnormal numbers.
FLAGS += ['-nostartfiles']

MAX_STATE = 1024
"""Larger states are left to torch; Mamba's are 16."""

SHARE = 64
"""Channels that are worth a thread of their own."""

logger = logging.getLogger(__name__)


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
        channels = u.shape[2]
        n_threads = max(1, min(torch.get_num_threads(), channels // SHARE))
        edges = [channels * i // n_threads for i in range(n_threads + 1)]

        def run(number: int) -> None:
            share = (ctypes.c_int64(edges[number]), ctypes.c_int64(edges[number + 1]))
            self._library.scan_forward(*arguments, *share)

        if n_threads == 1:
            run(0)
        else:
            list(_threads(n_threads).map(run, range(n_threads)))
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


@lru_cache(maxsize=4)
def _threads(count: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(count, thread_name_prefix='scan')


@lru_cache(maxsize=16)
def native_scan(state: int) -> NativeScan | None:
    """Return the compiled scan for a state size, or None where it cannot be had."""
    compiler = shutil.which(os.environ.get('CXX', 'c++'))
    if compiler is None or not 1 <= state <= MAX_STATE:
        logger.info('no C++ compiler, or a large state: the scan runs in torch, which is slower')
        return None
    # Compiled for this very processor: in a home shared by several machines, one file for each.
    command = [compiler, *FLAGS, f'-DSCAN_STATE={state}']
    build = sha256(SOURCE.read_bytes() + ' '.join([*command, _processor()]).encode())
    cache = Path(os.environ.get('XDG_CACHE_HOME') or Path.home() / '.cache') / 'ssr_ros'
    path = cache / f'scan-{build.hexdigest()[:16]}.so'
    try:
        if not path.is_file():
            cache.mkdir(parents=True, exist_ok=True)
            unfinished = path.with_suffix(f'.{os.getpid()}')
            command += [str(SOURCE), '-o', str(unfinished), '-lm']
            subprocess.run(command, check=True, capture_output=True, text=True)
            os.replace(unfinished, path)
        return NativeScan(ctypes.CDLL(str(path)))
    except (OSError, RuntimeError, subprocess.CalledProcessError) as error:
        said = getattr(error, 'stderr', '') or error
        logger.warning('the scan runs in torch, which is slower: %s', said)
        return None


def _processor() -> str:
    try:
        lines = Path('/proc/cpuinfo').read_text(encoding='utf-8').splitlines()
    except OSError:
        return platform.processor()
    return next((line for line in lines if line.startswith(('flags', 'Features'))), '')
