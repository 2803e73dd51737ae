# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The systemd service: its file is valid, and its command starts what it should, as it should."""

from __future__ import annotations

from configparser import RawConfigParser
import os
from pathlib import Path
import shlex
import shutil
import subprocess

import pytest

ROOT = Path(__file__).resolve().parent.parent
UNIT = ROOT / 'systemd' / 'ssr@.service'
if not UNIT.exists():
    pytest.skip('only in the source tree', allow_module_level=True)


def unit() -> RawConfigParser:
    parser = RawConfigParser(strict=True)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read(UNIT, encoding='utf-8')
    return parser


def settings() -> dict[str, str]:
    """What the environment file sets, without a shell, as systemd reads it."""
    lines = (UNIT.parent / 'ssr.env').read_text('utf-8').splitlines()
    return dict(line.split('=', 1) for line in lines if line and not line.startswith('#'))


def test_systemd_finds_no_fault_in_it(tmp_path: Path) -> None:
    if shutil.which('systemd-analyze') is None:
        assert unit().sections() == ['Unit', 'Service', 'Install']
        return
    copy = tmp_path / 'ssr@robot.service'
    shutil.copy(UNIT, copy)
    command = ['systemd-analyze', 'verify', str(copy)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and 'ssr@' not in done.stderr, done.stderr


def test_a_failed_node_is_started_again_but_not_for_ever() -> None:
    service, limits = unit()['Service'], unit()['Unit']
    assert service['Restart'] == 'on-failure'
    burst, pause_s = int(limits['StartLimitBurst']), int(service['RestartSec'])
    assert burst * pause_s < int(limits['StartLimitIntervalSec']), 'the limit would never be met'
    assert (service['KillSignal'], service['KillMode']) == ('SIGINT', 'mixed')


def started(tmp_path: Path, code: int = 0, **changed: str) -> tuple[int, list[str]]:
    """Run the command with a ros2 that writes down how it was called; return its exit code too."""
    workspace, venv, heard = tmp_path / 'a work space', tmp_path / 'venv', tmp_path / 'heard'
    (workspace / 'install').mkdir(parents=True)
    (venv / 'bin').mkdir(parents=True)
    (workspace / 'install/setup.bash').write_text(
        'export PATH="/usr/bin:/bin" WORKSPACE=entered\n'
    )
    (venv / 'bin/activate').write_text(f'export PATH="{venv}/bin:$PATH"\n')
    ros2 = venv / 'bin/ros2'
    ros2.write_text(f'#!/bin/sh\nprintf "%s\\n" "$WORKSPACE" "$@" > "{heard}"\nexit {code}\n')
    ros2.chmod(0o755)
    given = {**settings(), 'SSR_WORKSPACE': str(workspace), 'SSR_VENV': str(venv), **changed}
    # systemd itself leaves $NAME in quotes alone where it stands within a longer word.
    command = shlex.split(unit()['Service']['ExecStart'])
    done = subprocess.run(command, env={'PATH': os.defpath, **given}, check=False)
    return done.returncode, heard.read_text('utf-8').splitlines() if heard.exists() else []


def test_the_command_enters_the_work_space_then_the_virtual_environment_and_launches(
    tmp_path: Path,
) -> None:
    code, heard = started(tmp_path)
    arguments = ['log_level:=info', 'camera:=realsense', 'model:=nano']
    assert (code, heard) == (0, ['entered', 'launch', 'ssr_ros', 'ssr.launch.py', *arguments])


def test_its_exit_code_is_that_of_the_launch(tmp_path: Path) -> None:
    assert started(tmp_path, code=1)[0] == 1


def test_a_work_space_that_is_not_there_is_a_failure_and_starts_nothing(tmp_path: Path) -> None:
    code, heard = started(tmp_path, SSR_WORKSPACE='/nowhere')
    assert code != 0 and not heard


def test_every_argument_that_it_sets_is_one_of_the_launch_file() -> None:
    launch = (ROOT / 'launch/ssr.launch.py').read_text('utf-8')
    words = f'{unit()["Service"]["ExecStart"]} {settings()["SSR_ARGUMENTS"]}'
    for argument in (word.partition(':=')[0] for word in words.split() if ':=' in word):
        assert f"'{argument}'" in launch
