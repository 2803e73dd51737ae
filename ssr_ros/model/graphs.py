# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""CUDA graphs: thousands of small launches recorded once and started together.

On a CPU there is nothing to record, and everything here runs as it is.
"""

from __future__ import annotations

from collections.abc import Callable
import logging

import torch
from torch import Tensor

WARM_UP = 3
"""Runs before recording, so that libraries have chosen their kernels and workspaces."""

logger = logging.getLogger(__name__)


def record(function: Callable[[], None], device: torch.device) -> Callable[[], None]:
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
    graph = torch.cuda.CUDAGraph()
    # Other threads of a node may use the device meanwhile; that spoils nothing here.
    with torch.cuda.graph(graph, capture_error_mode='thread_local'):
        function()
    return graph.replay


class Recorded:
    """A function of tensors, recorded for each combination of shapes that it is called with.

    What it returns is the caller's own: a copy of what the graph writes to.

    Attributes:
        most: shapes that are kept; beyond them it runs unrecorded.
    """

    def __init__(
        self, function: Callable[..., tuple[Tensor, ...]], device: torch.device, most: int = 2
    ) -> None:
        self.most = most
        self._function = function
        self._device = device
        self._graphs: dict[
            tuple[torch.Size, ...], tuple[Callable[[], None], list[Tensor], list[Tensor]]
        ] = {}

    def __call__(self, *given: Tensor) -> tuple[Tensor, ...]:
        """Run it."""
        if self._device.type != 'cuda' or self.most == 0:
            return self._function(*given)
        shapes = tuple(tensor.shape for tensor in given)
        if shapes not in self._graphs:
            if len(self._graphs) >= self.most:
                return self._function(*given)
            self._graphs[shapes] = self._record(given)
        replay, inputs, outputs = self._graphs[shapes]
        for ours, theirs in zip(inputs, given, strict=True):
            ours.copy_(theirs)
        replay()
        return tuple(tensor.clone() for tensor in outputs)

    def _record(
        self, given: tuple[Tensor, ...]
    ) -> tuple[Callable[[], None], list[Tensor], list[Tensor]]:
        inputs, outputs = [tensor.clone() for tensor in given], list[Tensor]()

        def run() -> None:
            outputs[:] = self._function(*inputs)

        return record(run, self._device), inputs, outputs
