# Copyright 2026 The ssr_ros authors
#
# Licensed under the Apache License, Version 2.0 (the "License");
# you may not use this file except in compliance with the License.
# You may obtain a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS,
# WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
# See the License for the specific language governing permissions and
# limitations under the License.

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
