# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Recordings of both storages, damaged and read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
import random

import numpy as np

from benchmarks.fuzz_messages import frame_bytes, within_memory
from ssr_ros.bags.read import open_bag
from ssr_ros.bags.write import write_bag
from ssr_ros.rgbd import CameraIntrinsics, RgbdFrame


def damaged_bags(scratch: Path) -> Callable[[random.Random], str]:
    """Return what damages a recording: flipped bits, other bytes, cuts, holes, strange yaml."""
    for storage in ('mcap', 'sqlite3'):
        write_bag(scratch / storage, _frames(), storage)

    def case(chance: random.Random) -> str:
        folder = scratch / chance.choice(('mcap', 'sqlite3'))
        file = chance.choice(sorted(folder.iterdir()))
        path = folder if chance.random() < 0.7 or file.suffix == '.yaml' else file
        whole = file.read_bytes()
        file.write_bytes(_holed(chance, whole))
        try:
            size = sum(each.stat().st_size for each in folder.iterdir())
            within_memory(size, lambda: _read_bag(path))
        finally:
            file.write_bytes(whole)
        return file.name

    return case


def _frames() -> Iterator[RgbdFrame]:
    random_numbers = np.random.default_rng(0)
    for number in range(4):
        rgb = random_numbers.integers(0, 256, (48, 64, 3)).astype(np.uint8)
        depth_m = random_numbers.uniform(0.5, 5, (48, 64)).astype(np.float32)
        camera = CameraIntrinsics(60, 60, 31.5, 23.5)
        yield RgbdFrame(rgb, depth_m, camera, 10**18 + number * 10**8)


def _holed(chance: random.Random, whole: bytes) -> bytes:
    data, how = bytearray(whole), chance.randrange(5)
    at = chance.randrange(len(data))
    if how == 0:
        data[at] ^= 1 << chance.randrange(8)
    elif how == 1:
        for _ in range(20):
            data[chance.randrange(len(data))] = chance.randrange(256)
    elif how == 2:
        del data[at:]
    elif how == 3:
        data[at : at + 100] = bytes(len(data[at : at + 100]))
    else:
        data[at:at] = chance.randbytes(chance.randint(1, 300))
    return bytes(data)


def _read_bag(path: Path) -> int:
    with open_bag(path) as bag:
        return sum(frame_bytes(frame) for frame in bag.frames())
