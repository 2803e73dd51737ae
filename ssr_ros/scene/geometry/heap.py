# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Memory for images of one frame, kept for those of the next."""

from __future__ import annotations

from functools import cache

import numpy as np

KEPT_BYTES = 31 << 20
"""More is in use at no step of measuring one frame; glibc learns from blocks below 32 MB."""


@cache
def keep_freed_memory() -> None:
    """Let the C library keep what is freed, instead of asking the system for it at every step.

    glibc takes blocks of more than 128 kB from the system one by one and gives them back, page
    fault by page fault: a third of the time at 1280 x 720. It stops doing so for blocks of up to
    the size of the largest that it has seen freed (mallopt(3), M_MMAP_THRESHOLD), so one is freed
    here that nobody has touched and that costs nothing. Other C libraries do not mind.
    """
    np.empty(KEPT_BYTES, np.uint8)
