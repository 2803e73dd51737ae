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

"""How long each stage of an answer takes."""

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
