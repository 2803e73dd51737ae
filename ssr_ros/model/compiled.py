# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""C++ for CPUs, where a compiler is at hand.

It is compiled for this processor when it is first wanted, and kept in the user's cache. Nothing
depends on it but speed.
"""

from __future__ import annotations

from collections.abc import Callable
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

import torch

FLAGS = ['-O3', '-ffast-math', '-march=native', '-fopenmp-simd', '-std=c++17', '-shared', '-fPIC']
# Among the start files of fast maths is one that makes the whole process flush subnormal numbers.
FLAGS += ['-nostartfiles']

logger = logging.getLogger(__name__)


def compiled(source: Path, what: str, *more: str) -> ctypes.CDLL | None:
    """Return a compiled library, or None where it cannot be had.

    Args:
        source: the C++ file.
        what: it computes, for the log.
        more: flags of the compiler.
    """
    compiler = shutil.which(os.environ.get('CXX', 'c++'))
    if compiler is None:
        logger.info('no C++ compiler: torch computes %s, which is slower', what)
        return None
    # Compiled for this very processor: in a home shared by several machines, one file for each.
    command = [compiler, *FLAGS, *more]
    build = sha256(source.read_bytes() + ' '.join([*command, _processor()]).encode())
    cache = Path(os.environ.get('XDG_CACHE_HOME') or Path.home() / '.cache') / 'ssr_ros'
    path = cache / f'{source.stem}-{build.hexdigest()[:16]}.so'
    try:
        if not path.is_file():
            cache.mkdir(parents=True, exist_ok=True)
            unfinished = path.with_suffix(f'.{os.getpid()}')
            command += [str(source), '-o', str(unfinished), '-lm']
            subprocess.run(command, check=True, capture_output=True, text=True)
            os.replace(unfinished, path)
        return ctypes.CDLL(str(path))
    except (OSError, RuntimeError, subprocess.CalledProcessError) as error:
        said = getattr(error, 'stderr', '') or error
        logger.warning('torch computes %s, which is slower: %s', what, said)
        return None


def in_shares(run: Callable[[int, int], object], count: int, share: int) -> None:
    """Call ``run(first, end)`` for shares of 0..count, on as many threads as torch has.

    Args:
        run: leaves Python for what it does.
        count: of what is shared out.
        share: so many are worth a thread of their own.
    """
    n_threads = max(1, min(torch.get_num_threads(), count // share))
    if n_threads == 1:
        run(0, count)
        return
    edges = [count * i // n_threads for i in range(n_threads + 1)]
    list(_threads(n_threads).map(run, edges[:-1], edges[1:]))


@lru_cache(maxsize=4)
def _threads(count: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(count, thread_name_prefix='compiled')


@lru_cache(maxsize=1)
def _processor() -> str:
    try:
        lines = Path('/proc/cpuinfo').read_text(encoding='utf-8').splitlines()
    except OSError:
        return platform.processor()
    return next((line for line in lines if line.startswith(('flags', 'Features'))), '')
