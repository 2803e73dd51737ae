# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Comparisons of kernels, in a process of their own: Triton's interpreter is chosen once."""

from __future__ import annotations

import os
from pathlib import Path
import subprocess
import sys


def agree(script: str, where: str, **environment: str) -> None:
    """Run a comparison, which fails where they differ; it is given this folder, and where."""
    command = [sys.executable, '-c', script, str(Path(__file__).parent), where]
    environment = {**os.environ, **environment}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
