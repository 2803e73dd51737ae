# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Parts of a frame's reading side by side on CUDA streams; elsewhere one after the other."""

from __future__ import annotations

from collections.abc import Callable
import logging
from typing import Any, TypeVar

import torch

Result = TypeVar('Result')

logger = logging.getLogger(__name__)


class Lanes:
    """Streams that part at ``begin`` and come together again at ``join``.

    What a lane makes may be read after it was joined, for as long as anybody likes: its memory is
    used again by that lane alone, which waits at the next ``begin`` for what was started before.

    Attributes:
        apart: False runs everything in the stream of whoever calls: the plain twin.
    """

    def __init__(self, device: torch.device, count: int, cuda: Any = None) -> None:
        """Make the streams.

        Args:
            device: of the parts.
            count: of lanes.
            cuda: what stands for ``torch.cuda``; None: that itself, on such a device only.
        """
        self._device = device
        self._cuda = torch.cuda if cuda is None and device.type == 'cuda' else cuda
        self.apart = self._cuda is not None
        self._streams = [self._cuda.Stream(device) for _ in range(count)] if self.apart else []
        if self.apart:
            logger.info('a frame is read in %d streams side by side', count)

    def begin(self) -> None:
        """Let every lane wait for what was started before."""
        for stream in self._streams if self.apart else ():
            stream.wait_stream(self._cuda.current_stream(self._device))

    def run(self, lane: int, part: Callable[[], Result]) -> Result:
        """Start a part in a lane; what it returns may be read after ``join``."""
        if not self.apart:
            return part()
        with self._cuda.stream(self._streams[lane]):
            return part()

    def join(self, *lanes: int) -> None:
        """Let what is started from now on wait for these lanes."""
        for lane in lanes if self.apart else ():
            self._cuda.current_stream(self._device).wait_stream(self._streams[lane])
