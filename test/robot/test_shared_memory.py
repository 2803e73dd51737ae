# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

import fcntl
from types import SimpleNamespace

from ssr_ros.robot import shared_memory
from ssr_ros.robot.shared_memory import dead_segments, lack_of_room

MIB = 1 << 20


def segment(folder, number):
    path = folder / f'fastrtps_{number:016x}'
    path.write_bytes(bytes(3 * MIB))
    lock = path.with_name(f'{path.name}_el')
    lock.touch()
    return path, lock


def test_a_segment_is_dead_when_nobody_holds_its_lock(tmp_path):
    alive, lock = segment(tmp_path, 1)
    dead, _ = segment(tmp_path, 2)
    (tmp_path / 'fastrtps_port7411_el').touch()
    (tmp_path / 'somebody_elses').touch()
    with lock.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert dead_segments(tmp_path) == [dead]
    assert dead_segments(tmp_path) == [alive, dead]


def test_too_little_room_is_said_with_the_cure_and_who_takes_it(tmp_path, monkeypatch):
    usage = SimpleNamespace(total=64 * MIB, used=0, free=40 * MIB)
    monkeypatch.setattr(shared_memory.shutil, 'disk_usage', lambda folder: usage)
    assert lack_of_room(tmp_path) == ''
    usage.free = 20 * MIB
    assert '20 of 64 MB' in lack_of_room(tmp_path) and '--ipc=host' in lack_of_room(tmp_path)
    assert 'dead' not in lack_of_room(tmp_path)
    segment(tmp_path, 7)
    assert '1 dead segments of killed processes hold 3 MB' in lack_of_room(tmp_path)
    assert 'fastrtps_0000000000000007' in lack_of_room(tmp_path)


def test_where_there_is_no_shared_memory_nothing_is_said(tmp_path):
    assert lack_of_room(tmp_path / 'none') == '' and dead_segments(tmp_path / 'none') == []
