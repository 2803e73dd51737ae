# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What the device can do at most, measured in the same run: bytes and multiplications a second."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

import torch
from torch.nn import functional as F

from ssr_ros.model.graphs import best_seconds

Clock = Callable[[], float]
"""Returns seconds."""

MATVEC_ROWS, MATVEC_COLUMNS = 11_008, 2048
"""Of a matrix of the 3B MLP."""


@dataclass(frozen=True)
class Roof:
    """The best of some runs.

    Attributes:
        copy: bytes read and written a second by a large copy.
        matmul: floating-point operations a second of a square product, in the models' dtype.
        matmul_float32: the same in float32, in which Mamba runs.
        matvec: bytes of weights a second that one token goes through, in the models' dtype.
    """

    copy: float
    matmul: float
    matmul_float32: float
    matvec: float

    def seconds(self, flops: float, n_bytes: float, wide: bool) -> float:
        """Return the least time that work takes; ``wide`` where it is in float32."""
        rate = self.matmul_float32 if wide else self.matmul
        return max(flops / rate, n_bytes / self.copy)


def measure_roof(device: torch.device, dtype: torch.dtype, clock: Clock = perf_counter) -> Roof:
    """Measure; takes a second or two, and 1 GB on a GPU."""
    return Roof(
        copy=_copy(device, clock),
        matmul=_matmul(device, dtype, clock),
        matmul_float32=_matmul(device, torch.float32, clock),
        matvec=_matvec(device, dtype, clock),
    )


def _copy(device: torch.device, clock: Clock) -> float:
    size = 1 << (29 if device.type == 'cuda' else 28)
    one = torch.ones(size, dtype=torch.uint8, device=device)
    other = torch.empty_like(one)
    return 2 * size / best_seconds(lambda: other.copy_(one), device, clock)


def _matmul(device: torch.device, dtype: torch.dtype, clock: Clock) -> float:
    side = 8192 if device.type == 'cuda' else 768
    one = torch.randn(side, side, device=device).to(dtype)
    return 2 * side**3 / best_seconds(lambda: F.linear(one, one), device, clock)


def _matvec(device: torch.device, dtype: torch.dtype, clock: Clock) -> float:
    """Go through matrices that no cache holds together."""
    count = 24 if device.type == 'cuda' else 8
    weights = [
        torch.full((MATVEC_ROWS, MATVEC_COLUMNS), 0.01, dtype=dtype, device=device)
        for _ in range(count)
    ]
    token = torch.ones(1, MATVEC_COLUMNS, dtype=dtype, device=device)

    def run() -> None:
        for weight in weights:
            F.linear(token, weight)

    return sum(weight.nbytes for weight in weights) / best_seconds(run, device, clock)
