# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The largest memory of a while."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import torch

from ssr_ros.machine import told_bytes


def forget_peak(device: torch.device) -> None:
    """Count the largest memory from now on."""
    if device.type == 'cuda':
        torch.cuda.reset_peak_memory_stats(device)
        return
    with suppress(OSError):  # only Linux, and not in every container
        Path('/proc/self/clear_refs').write_text('5', encoding='ascii')


def peak_bytes(device: torch.device) -> int | None:
    """Return the largest memory since then: torch's on a GPU, else the process's."""
    if device.type == 'cuda':
        return int(torch.cuda.max_memory_allocated(device))
    return told_bytes('/proc/self/status', 'VmHWM')
