# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""CUDA graphs: thousands of small launches recorded once and started together.

On a CPU there is nothing to record, and everything here runs as it is.
"""

from __future__ import annotations

from collections.abc import Callable
import logging
from time import perf_counter

import torch
from torch import Tensor

WARM_UP = 3
"""Runs before recording, so that libraries have chosen their kernels and workspaces."""

MOST = 4
"""Shapes of a stage that are recorded: of questions, those of up to 32, 64, 128 and 256 tokens."""

LEAST = 32
"""Tokens that a question is at least padded to."""

ROUNDS = 5
"""Runs of which the shortest counts."""

logger = logging.getLogger(__name__)


def record(function: Callable[[], object], device: torch.device) -> Callable[[], object]:
    """Return what does again what ``function`` does, on the same tensors.

    Args:
        function: reads and writes tensors that stay where they are; it must not wait for the
            device. It is run a few times here.
        device: of the tensors.
    """
    if device.type != 'cuda':
        return function
    stream = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
    stream.wait_stream(torch.cuda.current_stream(device))
    with torch.cuda.stream(stream):
        for _ in range(WARM_UP):
            function()
    torch.cuda.current_stream(device).wait_stream(stream)
    graph, callers = torch.cuda.CUDAGraph(), torch.cuda.current_stream(device)
    try:
        # Other threads of a node may use the device meanwhile; that spoils nothing here.
        with torch.cuda.graph(graph, capture_error_mode='thread_local'):
            function()
    finally:
        torch.cuda.set_stream(callers)  # one that breaks leaves its own behind
    return graph.replay


def seconds_of(function: Callable[[], object], device: torch.device) -> float:
    """Return how long the device takes for a function once it is recorded: the best of some runs.

    Raises:
        RuntimeError: it cannot be recorded.
    """
    return best_seconds(record(function, device), device)


def best_seconds(
    call: Callable[[], object],
    device: torch.device,
    clock: Callable[[], float] = perf_counter,
) -> float:
    """Return the shortest of some runs, to the end of the device's work."""
    seconds = []
    for _ in range(ROUNDS):
        wait(device)
        start = clock()
        call()
        wait(device)
        seconds.append(clock() - start)
    return min(seconds)


def wait(device: torch.device) -> None:
    """Wait for the device to have done everything."""
    if device.type == 'cuda':
        torch.cuda.synchronize(device)


class Recorded:
    """A stage: a function of tensors, recorded for each combination of shapes it is called with.

    What it returns is the caller's own: a copy of what the graph writes to. A function that cannot
    be recorded, for whatever reason, is launched.

    Attributes:
        most: shapes that are kept; beyond them it is launched. 0 on a CPU: always.
    """

    def __init__(
        self,
        function: Callable[..., tuple[Tensor, ...]],
        device: torch.device,
        most: int | None = None,
    ) -> None:
        self.most = (MOST if device.type == 'cuda' else 0) if most is None else most
        self._function = function
        self._device = device
        self._graphs: dict[tuple[torch.Size, ...], _Graph | None] = {}

    def anew(self, most: int) -> Recorded:
        """Return the same stage with nothing recorded."""
        return Recorded(self._function, self._device, most)

    def padded(self, length: int) -> int:
        """Return how long something should be made, so that few lengths are to be recorded."""
        return max(LEAST, 1 << (length - 1).bit_length()) if self.most else length

    def __call__(self, *given: Tensor) -> tuple[Tensor, ...]:
        """Run it."""
        shapes = tuple(tensor.shape for tensor in given)
        if shapes not in self._graphs and len(self._graphs) < self.most:
            self._graphs[shapes] = self._recorded(given)
        graph = self._graphs.get(shapes) if self.most else None
        return self._function(*given) if graph is None else graph(given)

    def _recorded(self, given: tuple[Tensor, ...]) -> _Graph | None:
        try:
            return _Graph(self._function, given, self._device)
        except RuntimeError as error:
            name = getattr(self._function, '__qualname__', 'a stage')
            logger.warning('%s is launched, as it cannot be recorded: %s', name, error)
            return None


class _Graph:
    """A function recorded for tensors of some shapes."""

    def __init__(
        self,
        function: Callable[..., tuple[Tensor, ...]],
        given: tuple[Tensor, ...],
        device: torch.device,
    ) -> None:
        self._inputs, self._outputs = [tensor.clone() for tensor in given], list[Tensor]()

        def run() -> None:
            self._outputs[:] = function(*self._inputs)

        self._replay = record(run, device)

    def __call__(self, given: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        """Run it again on other tensors."""
        torch._foreach_copy_(self._inputs, list(given))
        self._replay()
        copies = [torch.empty_like(tensor) for tensor in self._outputs]
        torch._foreach_copy_(copies, self._outputs)
        return tuple(copies)
