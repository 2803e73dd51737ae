# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Which ROS 2 the set-up takes: the one that is sourced, or which wheels, and in which folder."""

from __future__ import annotations

import importlib.util
from pathlib import Path
import runpy
from types import SimpleNamespace
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = ROOT / 'scripts' / 'machine.py'
if not SCRIPT.exists():
    pytest.skip('only in the source tree', allow_module_level=True)


def machine(
    monkeypatch: pytest.MonkeyPatch, rclpy: str = '', **environment: str
) -> SimpleNamespace:
    """Return what the script makes of an environment, with rclpy in that folder or nowhere."""
    for name in ('ROS_DISTRO', 'ROS_VERSION'):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    found = SimpleNamespace(origin=f'{rclpy}/rclpy/__init__.py') if rclpy else None
    monkeypatch.setattr(importlib.util, 'find_spec', lambda name: found)
    parts: dict[str, Any] = runpy.run_path(str(SCRIPT))
    return SimpleNamespace(venv=parts['VENV'], ros=parts['sourced_ros'])


@pytest.mark.parametrize(
    ('given', 'folder'),
    [
        ({}, '.venv'),
        ({'ROS_DISTRO': 'jazzy'}, '.venv'),
        ({'ROS_DISTRO': 'kilted'}, '.venv-kilted'),
    ],
)
def test_a_bare_distribution_chooses_wheels_in_a_folder_of_their_own(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], folder: str
) -> None:
    chosen = machine(monkeypatch, **given)
    assert chosen.venv == ROOT / folder
    assert chosen.ros() == ''


def test_a_sourced_ros_is_taken_whatever_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    sourced = {'ROS_DISTRO': 'kilted', 'ROS_VERSION': '2'}
    chosen = machine(monkeypatch, '/opt/ros/kilted/lib/python3.12/site-packages', **sourced)
    assert chosen.venv == ROOT / '.venv'
    assert chosen.ros() == 'ROS 2 kilted'


@pytest.mark.parametrize(
    ('rclpy', 'given', 'words'),
    [
        ('', {'ROS_DISTRO': 'lyrical'}, r'lyrical, which is not sourced.*\n.*/opt/ros/lyrical'),
        ('', {'ROS_DISTRO': 'jazzy', 'ROS_VERSION': '2'}, 'jazzy is sourced, but'),
        (str(ROOT / '.venv/lib'), {'ROS_DISTRO': 'kilted'}, r'environment of .*/\.venv\n'),
        (str(ROOT / '.venv-kilted/lib'), {}, r'environment of .*/\.venv-kilted\n'),
    ],
)
def test_what_cannot_go_together_is_refused_with_a_cure(
    monkeypatch: pytest.MonkeyPatch, rclpy: str, given: dict[str, str], words: str
) -> None:
    """Two environments in one shell load one's libraries into the other's Python."""
    chosen = machine(monkeypatch, rclpy, **given)
    with pytest.raises(SystemExit, match=words) as stopped:
        chosen.ros()
    assert 'Cure: ' in str(stopped.value)
