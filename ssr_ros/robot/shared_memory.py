# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The shared memory that images travel through: is there room, and who left pieces of it behind.

Fast DDS gives every process a segment in /dev/shm and keeps a lock on the file of the same name
with ``_el`` for as long as the process lives. Needs no ROS.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
import re
import shutil

SHARED_MEMORY = Path('/dev/shm')
SEGMENT = re.compile(r'(fastrtps|fastdds)_[0-9a-f]{16}')
SEGMENT_BYTES = 16 << 20
"""What config/fastdds.xml gives to each process."""

MIB = 1 << 20


def dead_segments(folder: Path = SHARED_MEMORY) -> list[Path]:
    """Return the segments whose process is gone: killed, or ended without taking leave."""
    if not folder.is_dir():
        return []
    found = sorted(path for path in folder.iterdir() if SEGMENT.fullmatch(path.name))
    return [path for path in found if _is_abandoned(path.with_name(f'{path.name}_el'))]


def lack_of_room(folder: Path = SHARED_MEMORY) -> str:
    """Say what keeps images from getting through, and the cure; empty where there is room."""
    if not folder.is_dir():
        return ''
    room = shutil.disk_usage(folder)
    if room.free >= 2 * SEGMENT_BYTES:
        return ''
    text = (
        f'{folder} has {room.free // MIB} of {room.total // MIB} MB left and Fast DDS wants '
        f'{SEGMENT_BYTES // MIB} MB for each process: images are lost. In a container give it '
        'more (docker run --ipc=host, or --shm-size=512m)'
    )
    dead = dead_segments(folder)
    return f'{text}. {dead_words(dead)}' if dead else text


def dead_words(dead: list[Path]) -> str:
    """Name segments that nobody uses any more, and how to remove them."""
    size = sum(path.stat().st_size for path in dead if path.exists()) // MIB
    names = ' '.join(str(path) for path in dead[:3]) + (' ...' if len(dead) > 3 else '')
    return (
        f'{len(dead)} dead segments of killed processes hold {size} MB ({names}): '
        '`fastdds shm clean` removes them, or rm'
    )


def _is_abandoned(lock: Path) -> bool:
    try:
        file = os.open(lock, os.O_RDONLY)
    except OSError:  # gone meanwhile, or somebody else's
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(file)
    return True
