# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What this machine has, and what to do about what it lacks. Needs nothing but Python."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
import platform
import shutil
import sys
import sysconfig
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / '.venv'


def stop(problem: str, cure: str) -> NoReturn:
    """End with a problem and its cure."""
    sys.exit(f'ssr_ros: {problem}\n    Cure: {cure}')


def sourced_ros() -> str:
    """Return the name of the ROS 2 that is sourced in this shell, '' if none is."""
    found = importlib.util.find_spec('rclpy')
    name = f'ROS 2 {os.environ.get("ROS_DISTRO", "")}'.strip()
    if found and found.origin and VENV not in Path(found.origin).parents:
        return name
    if 'ROS_DISTRO' in os.environ:
        stop(
            f'{name} is sourced, but {sys.executable} cannot import its rclpy',
            "name ROS's own Python: PYTHON=/usr/bin/python3 ./demo.sh",
        )
    return ''


def check_machine(ros: str) -> None:
    """Stop where something is missing that pip cannot bring."""
    if not (3, 10) <= sys.version_info[:2] <= (3, 13):
        stop(
            f'Python 3.10 to 3.13 is needed, this is {platform.python_version()}',
            'name another one: PYTHON=/usr/bin/python3.11 ./demo.sh',
        )
    if not ros and (sys.platform, platform.machine()) != ('linux', 'x86_64'):
        stop(
            f'without a sourced ROS 2 this needs Linux on x86_64, not {platform.machine()}',
            'install ROS 2 (ros-base), then: . /opt/ros/<distribution>/setup.sh',
        )
    header = Path(sysconfig.get_paths()['include'], 'Python.h')
    there = {
        'python3-venv': importlib.util.find_spec('ensurepip'),
        'python3-dev': header.exists(),
        'gcc': shutil.which(os.environ.get('CC', 'cc')),
        'g++': shutil.which(os.environ.get('CXX', 'c++')),
        'cmake': shutil.which('cmake') or not ros,  # among the wheels
    }
    missing = ' '.join(package for package, found in there.items() if not found)
    if missing:
        stop(
            f'this machine lacks {missing}, needed to build the ROS interfaces',
            f'sudo apt install {missing}',
        )
