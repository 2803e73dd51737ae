# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""How much memory the arrays and tensors of a value take, to the byte."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np


def bytes_of(*values: Any) -> int:
    """Return the bytes of all arrays and tensors that are reached from some values.

    What two of them share is counted once, and what a view keeps alive is counted whole. Tensors
    are known by their storage, so this needs no torch.
    """
    return sum(dict(_buffers(values, set())).values())


def _buffers(value: Any, seen: set[int]) -> Iterator[tuple[Any, int]]:
    """Yield (what tells a buffer from others, its bytes)."""
    if id(value) in seen:
        return
    seen.add(id(value))
    if isinstance(value, np.ndarray):
        while isinstance(value.base, np.ndarray):
            value = value.base
        yield id(value), value.nbytes
    elif hasattr(value, 'untyped_storage'):
        storage = value.untyped_storage()
        yield (str(storage.device), storage.data_ptr()), storage.nbytes()
    else:
        for part in _parts(value):
            yield from _buffers(part, seen)


def _parts(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        yield from value.values()
    elif isinstance(value, (list, tuple, set, frozenset)):
        yield from value
    elif not isinstance(value, type):
        yield from getattr(value, '__dict__', {}).values()
