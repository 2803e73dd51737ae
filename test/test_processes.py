# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Children of another environment must not load this one's libraries."""

from __future__ import annotations

from pathlib import Path
import runpy

import pytest

SCRIPT = Path(__file__).resolve().parent.parent / 'scripts' / 'processes.py'
clean_environment = runpy.run_path(str(SCRIPT))['clean_environment']


def test_what_belongs_to_the_environment_is_taken_out_and_the_rest_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A leaked LD_LIBRARY_PATH makes another environment's rclpy fail to import."""
    monkeypatch.setenv('LD_LIBRARY_PATH', '/venv/ros/lib:/opt/cuda/lib:/venv/lib')
    monkeypatch.setenv('PATH', '/venv/bin:/usr/bin')
    monkeypatch.setenv('_ROS_WHEELS_BOOTSTRAP_COMPLETE', '1')
    monkeypatch.setenv('ROS_DOMAIN_ID', '7')
    environment = clean_environment('/venv')
    assert environment['LD_LIBRARY_PATH'] == '/opt/cuda/lib'
    assert environment['PATH'] == '/usr/bin'
    assert environment['ROS_DOMAIN_ID'] == '7'
    assert '_ROS_WHEELS_BOOTSTRAP_COMPLETE' not in environment


def test_a_path_that_only_this_environment_used_disappears(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An empty entry would mean the current folder."""
    monkeypatch.setenv('LD_LIBRARY_PATH', '/venv/lib')
    assert 'LD_LIBRARY_PATH' not in clean_environment('/venv')


def test_a_folder_with_a_similar_name_is_not_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('PATH', '/venv-old/bin')
    assert clean_environment('/venv')['PATH'] == '/venv-old/bin'


def test_what_proc_tells_in_kilobytes_comes_as_bytes(tmp_path):
    from ssr_ros.machine import told_bytes

    status = tmp_path / 'status'
    status.write_text('VmPeak:\t 900 kB\nVmHWM:\t  12 kB\n', encoding='ascii')
    assert told_bytes(str(status), 'VmHWM') == 12 * 1024
    assert told_bytes(str(status), 'VmRSS') is None
    assert told_bytes(str(tmp_path / 'none'), 'VmHWM') is None
