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
# Where no ROS 2 is sourced its wheels are installed: those of this distribution, each in a folder
# of its own. What sources one sets ROS_VERSION too; a bare ROS_DISTRO is a choice of wheels.
FOLDERS = {'jazzy': '.venv', 'kilted': '.venv-kilted'}
WHEELS = 'jazzy' if 'ROS_VERSION' in os.environ else os.environ.get('ROS_DISTRO') or 'jazzy'
VENV = ROOT / FOLDERS.get(WHEELS, '.venv')


def stop(problem: str, cure: str) -> NoReturn:
    """End with a problem and its cure."""
    sys.exit(f'ssr_ros: {problem}\n    Cure: {cure}')


def sourced_ros() -> str:
    """Return the name of the ROS 2 that is sourced in this shell, '' if none is."""
    name = f'ROS 2 {os.environ.get("ROS_DISTRO", "")}'.strip()
    found = importlib.util.find_spec('rclpy')
    parents = Path(found.origin).parents if found and found.origin else ()
    others = {ROOT / folder for folder in FOLDERS.values()} - {VENV}
    if other := others & set(parents):
        stop(f'this shell has the environment of {other.pop()}', 'use a new shell')
    if parents and VENV not in parents:
        return name
    if 'ROS_VERSION' in os.environ:
        stop(
            f'{name} is sourced, but {sys.executable} cannot import its rclpy',
            "name ROS's own Python: PYTHON=/usr/bin/python3 ./demo.sh",
        )
    if WHEELS not in FOLDERS:
        stop(
            f'ROS_DISTRO is {WHEELS}, which is not sourced here and has no wheels',
            f'. /opt/ros/{WHEELS}/setup.sh, or one of these: {", ".join(FOLDERS)}',
        )
    return ''


def check_machine(ros: str) -> None:
    """Stop where something is missing that pip cannot bring."""
    if not (3, 10) <= sys.version_info[:2] <= (3, 14):
        stop(
            f'Python 3.10 to 3.14 is needed, this is {platform.python_version()}',
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


if __name__ == '__main__':  # which environment is it?
    print(VENV)
