# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0


"""The compiled scan (``scan.cpp``) for training on CPUs, where a C++ compiler is at hand.

It is compiled when it is first wanted and kept in the user's cache. At nano's size it takes an
eighth of the time of the same scan in torch. Nothing depends on it but speed.
"""

from __future__ import annotations

import ctypes
from functools import lru_cache
from hashlib import sha256
import logging
import os
from pathlib import Path
import platform
import shutil
import subprocess

import torch
from torch import Tensor

SOURCE = Path(__file__).with_name('scan.cpp')
FLAGS = ['-O3', '-ffast-math', '-march=native', '-fopenmp-simd', '-std=c++17', '-shared', '-fPIC']

logger = logging.getLogger(__name__)


class NativeScan:
    """The functions of the compiled library, on contiguous float32 tensors."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self._library = library
        library.scan_chunks.restype = library.scan_state_size.restype = ctypes.c_int64
        self.state_size = int(library.scan_state_size())

    def forward(
        self, u: Tensor, dt: Tensor, a: Tensor, b: Tensor, c: Tensor, h: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return y, the last state, and the states between chunks for ``backward``."""
        (batch, time, channels), state = u.shape, a.shape[1]
        chunks = self._library.scan_chunks(ctypes.c_int64(time))
        y, kept = torch.empty_like(u), u.new_empty(batch, chunks, channels, state)
        h = h.clone()
        self._call('scan_forward', u.shape, u, dt, a, b, c, h, y, kept)
        return y, h, kept

    def backward(
        self, inputs: tuple[Tensor, ...], kept: Tensor, grad_y: Tensor, grad_h: Tensor
    ) -> tuple[Tensor, ...]:
        """Return the gradients of u, dt, a, b, c and h."""
        u, dt, a, b, c = inputs
        flow = grad_h.clone(memory_format=torch.contiguous_format)
        grads = [torch.empty_like(u), torch.empty_like(dt)]
        grads += [torch.zeros_like(x) for x in (a, b, c)]
        self._call(
            'scan_backward', u.shape, u, dt, a, b, c, kept, grad_y.contiguous(), flow, *grads
        )
        return (*grads, flow)

    def _call(self, name: str, shape: torch.Size, *tensors: Tensor) -> None:
        sizes = [ctypes.c_int64(size) for size in shape]
        getattr(self._library, name)(*sizes, *(ctypes.c_void_p(x.data_ptr()) for x in tensors))


@lru_cache(maxsize=1)
def native_scan() -> NativeScan | None:
    """Return the compiled scan, or None where it cannot be had."""
    compiler = shutil.which(os.environ.get('CXX', 'c++'))
    if compiler is None:
        logger.info('no C++ compiler: the scan runs in torch, some eight times slower')
        return None
    # Compiled for this very processor: in a home shared by several machines, one file for each.
    build = sha256(SOURCE.read_bytes() + ' '.join([*FLAGS, compiler, _processor()]).encode())
    cache = Path(os.environ.get('XDG_CACHE_HOME') or Path.home() / '.cache') / 'ssr_ros'
    path = cache / f'scan-{build.hexdigest()[:16]}.so'
    try:
        if not path.is_file():
            cache.mkdir(parents=True, exist_ok=True)
            unfinished = path.with_suffix(f'.{os.getpid()}')
            command = [compiler, *FLAGS, str(SOURCE), '-o', str(unfinished), '-lm']
            subprocess.run(command, check=True, capture_output=True, text=True)
            os.replace(unfinished, path)
        return NativeScan(ctypes.CDLL(str(path)))
    except (OSError, subprocess.CalledProcessError) as error:
        said = getattr(error, 'stderr', '') or error
        logger.warning('the scan runs in torch, some eight times slower: %s', said)
        return None


def _processor() -> str:
    try:
        lines = Path('/proc/cpuinfo').read_text(encoding='utf-8').splitlines()
    except OSError:
        return platform.processor()
    return next((line for line in lines if line.startswith(('flags', 'Features'))), '')
