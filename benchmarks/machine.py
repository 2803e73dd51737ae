# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The line that says what a figure was measured on."""

from __future__ import annotations

import os
from pathlib import Path
import platform


def machine() -> str:
    """Return processor, usable cores, Python and, where torch is loaded, its device."""
    cpuinfo = Path('/proc/cpuinfo')
    names = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    name = next((line.partition(':')[2].strip() for line in names if 'model name' in line), '')
    cores = len(os.sched_getaffinity(0))
    return f'{name or platform.machine()}, {cores} cores, Python {platform.python_version()}'
