# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""C++ for CPUs, where a compiler is at hand.

It is compiled for this processor when it is first wanted, and kept in the user's cache. Nothing
depends on it but speed.
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
from threading import Lock

_FLAGS = ('-O3', '-march=native', '-std=c++17', '-shared', '-fPIC')
# Among the start files of fast maths is one that makes the whole process flush subnormal numbers.
FAST = (*_FLAGS, '-ffast-math', '-fopenmp-simd', '-nostartfiles')
# Every sum and product is rounded by itself, as NumPy rounds them: the same numbers bit for bit.
EXACT = (*_FLAGS, '-ffp-contract=off')

_ONE_AT_A_TIME = Lock()

logger = logging.getLogger(__name__)


def compiled(source: Path, what: str, twin: str, *flags: str) -> ctypes.CDLL | None:
    """Return a compiled library, or None where it cannot be had.

    Args:
        source: the C++ file.
        what: it computes, for the log.
        twin: what computes it where there is no compiler.
        flags: of the compiler.
    """
    compiler = shutil.which(os.environ.get('CXX', 'c++'))
    if compiler is None:
        logger.info('no C++ compiler: %s computes %s, which is slower', twin, what)
        return None
    # Compiled for this very processor: in a home shared by several machines, one file for each.
    command = [compiler, *flags]
    build = sha256(source.read_bytes() + ' '.join([*command, _processor()]).encode())
    cache = Path(os.environ.get('XDG_CACHE_HOME') or Path.home() / '.cache') / 'ssr_ros'
    path = cache / f'{source.stem}-{build.hexdigest()[:16]}.so'
    try:
        with _ONE_AT_A_TIME:  # threads of one process would write to one file
            if not path.is_file():
                cache.mkdir(parents=True, exist_ok=True)
                unfinished = path.with_suffix(f'.{os.getpid()}')
                command += [str(source), '-o', str(unfinished), '-lm']
                subprocess.run(command, check=True, capture_output=True, text=True)
                os.replace(unfinished, path)
        return ctypes.CDLL(str(path))
    except (OSError, RuntimeError, subprocess.CalledProcessError) as error:
        said = getattr(error, 'stderr', '') or error
        logger.warning('%s computes %s, which is slower: %s', twin, what, said)
        return None


@lru_cache(maxsize=1)
def _processor() -> str:
    try:
        lines = Path('/proc/cpuinfo').read_text(encoding='utf-8').splitlines()
    except OSError:
        return platform.processor()
    return next((line for line in lines if line.startswith(('flags', 'Features'))), '')
