# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""How long the stages of an answer took."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter


class Stopwatch:
    """Times stages; prefixes say whose they are."""

    def __init__(self) -> None:
        self._start_s = perf_counter()
        self._ms: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time a ``with`` block."""
        start_s = perf_counter()
        yield
        self._ms[name] = (perf_counter() - start_s) * 1e3

    def add(self, prefix: str, timings_ms: dict[str, float]) -> None:
        """Take over stages that somebody else has timed."""
        self._ms.update({f'{prefix}.{name}': ms for name, ms in timings_ms.items()})

    def total(self) -> dict[str, float]:
        """Return all stages in order, and the whole, in milliseconds."""
        return {**self._ms, 'total': (perf_counter() - self._start_s) * 1e3}
