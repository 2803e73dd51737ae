# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Shares of what compiled code does, one for each thread."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

import torch


def in_shares(run: Callable[[int, int], object], count: int, share: int) -> None:
    """Call ``run(first, end)`` for shares of 0..count, on as many threads as torch has.

    Args:
        run: leaves Python for what it does.
        count: of what is shared out.
        share: so many are worth a thread of their own.
    """
    n_threads = max(1, min(torch.get_num_threads(), count // share))
    if n_threads == 1:
        run(0, count)
        return
    edges = [count * i // n_threads for i in range(n_threads + 1)]
    list(_threads(n_threads).map(run, edges[:-1], edges[1:]))


@lru_cache(maxsize=4)
def _threads(count: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(count, thread_name_prefix='compiled')
