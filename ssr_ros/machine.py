# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What a figure was measured on, and of which code; names no host."""

from __future__ import annotations

import os
from pathlib import Path
import platform
import subprocess

from ssr_ros import __version__


def machine() -> str:
    """Return processor, usable cores and Python."""
    cpuinfo = Path('/proc/cpuinfo')
    names = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    name = next((line.partition(':')[2].strip() for line in names if 'model name' in line), '')
    cores = len(os.sched_getaffinity(0))
    return f'{name or platform.machine()}, {cores} cores, Python {platform.python_version()}'


def revision() -> str:
    """Return the version, and the commit where this runs from a git tree."""
    root = Path(__file__).resolve().parent.parent
    if not (root / '.git').exists():
        return __version__
    command = ['git', '-C', str(root), 'describe', '--always', '--dirty', '--exclude=*']
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=10)
    except (OSError, subprocess.SubprocessError):
        return __version__
    return f'{__version__} ({done.stdout.strip()})'


def told_bytes(file: str, key: str) -> int | None:
    """Return what a file of /proc tells in kB, as bytes; None where nobody tells."""
    try:
        lines = Path(file).read_text(encoding='ascii').splitlines()
    except OSError:
        return None
    kilobytes = [line.split()[1] for line in lines if line.startswith(f'{key}:')]
    return 1024 * int(kilobytes[0]) if kilobytes else None
