# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What an answer cost: work that was done, counted where it is done, and time per stage."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from time import perf_counter

import torch

from ssr_ros.errors import DeviceError


@dataclass(frozen=True)
class WorkCounters:
    """Work in units that do not depend on the machine.

    Attributes:
        encoder_calls: forward passes of the image encoder, the depth encoder and the
            vision-language model's vision tower.
        mamba_tokens: tokens that MIDI's Mamba read.
        vlm_tokens: tokens that the vision-language model's language model read.
        fact_tokens: those of them that told it what was measured.
        generated_tokens: tokens of the answer that were generated; 0 where it was chosen among
            those that the question offers.
    """

    encoder_calls: int = 0
    mamba_tokens: int = 0
    vlm_tokens: int = 0
    generated_tokens: int = 0
    fact_tokens: int = 0

    def __add__(self, other: WorkCounters) -> WorkCounters:
        return WorkCounters(**{name: n + getattr(other, name) for name, n in asdict(self).items()})


class Trace:
    """Collects work and stage times during one call.

    Attributes:
        work: counted so far.
        clock: seconds, for stages on a CPU; another one may be put in its place.
    """

    clock: Callable[[], float] = staticmethod(perf_counter)

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self.work = WorkCounters()
        self._elapsed_ms: dict[str, float] = {}
        self._events: list[tuple[str, torch.cuda.Event, torch.cuda.Event]] = []

    def count(self, **counts: int) -> None:
        """Add work that has just been done; names are those of WorkCounters."""
        self.work += WorkCounters(**counts)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time a stage, to the end of its work on the device, without waiting for that.

        Raises:
            DeviceError: the device ran out of memory in it.
        """
        with out_of_memory_is_ours(name):
            if self._device.type == 'cuda':
                start, end = _event(), _event()
                start.record()
                yield
                end.record()
                self._events.append((name, start, end))
            else:
                began = self.clock()
                yield
                self._add(name, (self.clock() - began) * 1e3)

    @property
    def timings_ms(self) -> dict[str, float]:
        """Stage -> milliseconds so far; waits for the device, once."""
        if self._events:
            torch.cuda.synchronize(self._device)
        for name, start, end in self._events:
            self._add(name, start.elapsed_time(end))
        self._events.clear()
        return dict(self._elapsed_ms)

    def _add(self, name: str, elapsed_ms: float) -> None:
        self._elapsed_ms[name] = self._elapsed_ms.get(name, 0.0) + elapsed_ms


def _event() -> torch.cuda.Event:
    return torch.cuda.Event(enable_timing=True)  # type: ignore[no-untyped-call]


@contextmanager
def out_of_memory_is_ours(doing: str) -> Iterator[None]:
    """Turn out-of-memory errors of any device into DeviceError and free what is cached.

    Raises:
        DeviceError: the device ran out of memory.
    """
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        if not _is_out_of_memory(error):
            raise
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        raise DeviceError(
            f'out of memory in {doing}: use a smaller model or dtype, or stop other programs '
            f'on this device ({str(error).splitlines()[0] if str(error) else "no details"})'
        ) from error


def _is_out_of_memory(error: BaseException) -> bool:
    # The CPU allocator and CUDA's own calls raise plain RuntimeErrors; only their words tell.
    words = str(error).lower()
    return isinstance(error, (torch.OutOfMemoryError, MemoryError)) or any(
        told in words for told in ("can't allocate memory", 'out of memory', 'alloc_failed')
    )
