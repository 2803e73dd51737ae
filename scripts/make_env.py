#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Make .venv, the environment of ./demo.sh and ./test.sh: python3 scripts/make_env.py.

Three steps, each done again only when what it is made from has changed:

1. a virtual environment;
2. the packages of setup.py's extras at the versions of requirements/, and this package itself,
   editable. Where no ROS 2 is sourced, its wheels are among them;
3. the interfaces (msg, srv, action), generated and compiled by CMake into .venv/ros.

Last it writes .venv/ros_env.sh, the one file that sets the environment: source it to work by hand.

ROS_DISTRO chooses the wheels where no ROS 2 is sourced: jazzy, or kilted in .venv-kilted.

SSR_TORCH replaces the pinned torch by a requirement, with pip's options, split as a shell would:
SSR_TORCH='torch --index-url <one with CPU builds>' or SSR_TORCH=/path/to/torch-for-jetson.whl
"""

from __future__ import annotations

from collections.abc import Callable
import fcntl
import hashlib
import json
import os
from pathlib import Path
import platform
import re
import shlex
import shutil
import subprocess
import sys
import time
from typing import Any

from machine import check_machine, ROOT, sourced_ros, stop, VENV, WHEELS
from processes import clean_environment

PYTHON = VENV / 'bin/python'
PREFIX = VENV / 'ros'
STAMPS = VENV / 'steps.json'
LOG = VENV / 'setup.log'
EXTRAS = (
    'scene',
    'model',
    'onnx',
    'export',
    'mcp',
    'bags',
    'benchmarks',
    'train',
    'rerun',
    'ray',
    'dev',
)


def main() -> None:
    """Bring .venv up to date."""
    ros = sourced_ros()
    check_machine(ros)
    torch = os.environ.get('SSR_TORCH', '')
    python = '.'.join(platform.python_version_tuple()[:2])
    made_for = f'Python {python}, {ros or "ROS 2 from wheels"}, in {ROOT}'
    packages = digest(ROOT / 'setup.py', *pins(ros, torch)) + ','.join(EXTRAS) + torch
    interfaces = digest(*files('CMakeLists.txt', 'package.xml', 'msg', 'srv', 'action'))
    # Linked, not copied: only their names matter.
    linked = ' '.join(map(str, files('config', 'foxglove', 'launch', 'rviz', 'scripts')))

    check_origin(made_for)
    step('virtual environment', made_for, lambda: make_venv(ros))
    step('packages', packages, lambda: install_packages(ros, torch))
    step('interfaces', packages + interfaces + linked, lambda: build_interfaces(ros))
    write_environment(ros)


def check_origin(made_for: str) -> None:
    """Stop when .venv belongs to another Python, ROS or place."""
    key = stamps().get('virtual environment', made_for)
    if key != made_for:
        stop(
            f'{VENV} was made for {key}; this is {made_for}',
            f'go back to that, or have it made anew: rm -r {VENV}',
        )


def files(*names: str) -> list[Path]:
    """Return the named files and the files of the named folders, sorted."""
    found = [path for name in names for path in (ROOT / name, *(ROOT / name).rglob('*'))]
    return sorted(path for path in found if path.is_file() and path.suffix != '.pyc')


def digest(*paths: Path) -> str:
    """Return one hash over the contents of files."""
    return hashlib.sha256(b'\0'.join(path.read_bytes() for path in paths)).hexdigest()


def pins(ros: str, torch: str) -> list[Path]:
    """Return the files with the tested versions of what is not brought by ROS or the user."""
    names = ['constraints'] + ['torch'] * (not torch) + [f'ros-{WHEELS}'] * (not ros)
    return [ROOT / f'requirements/{name}.txt' for name in names]


# -- the steps


def step(name: str, key: str, action: Callable[[], None]) -> None:
    """Do one step, unless it was finished with the same key before."""
    if stamps().get(name) == key:
        return
    print(f'ssr_ros: {name} ...', flush=True)
    start = time.monotonic()
    action()
    STAMPS.write_text(json.dumps({**stamps(), name: key}, indent=2), encoding='utf-8')
    print(f'ssr_ros: {name}: {time.monotonic() - start:.0f} s', flush=True)


def stamps() -> dict[str, str]:
    """Return the finished steps and their keys."""
    return json.loads(STAMPS.read_text(encoding='utf-8')) if STAMPS.exists() else {}


def make_venv(ros: str) -> None:
    """Make an empty environment, one that sees the system's packages if ROS is among them."""
    shared = ['--system-site-packages'] if ros else []
    subprocess.run([sys.executable, '-m', 'venv', *shared, VENV], check=True)


def install_packages(ros: str, torch: str) -> None:
    """Install the pinned packages, and this one so that the working tree is what runs."""
    pip = [PYTHON, '-m', 'pip', 'install', '--disable-pip-version-check', '--progress-bar=off']
    if torch:
        run([*pip, *shlex.split(torch)])
    extras = EXTRAS if ros else (*EXTRAS, f'ros-{WHEELS}')
    pip += [f'--constraint={path}' for path in pins(ros, torch)]
    run([*pip, 'setuptools'])
    run([*pip, '--no-build-isolation', '-e', f'{ROOT}[{",".join(extras)}]'])


def build_interfaces(ros: str) -> None:
    """Generate, compile and install the interfaces; the Python code is linked, not copied."""
    environment = dict(os.environ)
    if not ros:
        correct_wheels()
        environment = clean_environment(VENV)
        environment |= {'AMENT_PREFIX_PATH': str(VENV), 'CMAKE_PREFIX_PATH': str(VENV)}
    environment['PATH'] = f'{VENV / "bin"}:{environment["PATH"]}'
    source, build = link_sources(), VENV / 'build'
    shutil.rmtree(PREFIX, ignore_errors=True)  # what is no longer built must not stay
    settings = {
        'CMAKE_INSTALL_PREFIX': PREFIX,
        'Python3_EXECUTABLE': PYTHON,
        'PYTHON_EXECUTABLE': PYTHON,
        'AMENT_CMAKE_SYMLINK_INSTALL': 'ON',
        'BUILD_TESTING': 'OFF',
    }
    generator = ['-G', 'Ninja'] if shutil.which('ninja', path=environment['PATH']) else []
    chosen = [f'-D{name}={value}' for name, value in settings.items()]
    run(['cmake', '-S', source, '-B', build, *generator, *chosen], env=environment)
    run(['cmake', '--build', build, '--parallel', str(os.cpu_count())], env=environment)
    # From there, because ament leaves a list of its links where it is started.
    run(['cmake', '--install', build], env=environment, cwd=build)


def link_sources() -> Path:
    """Return a folder that looks like the repository: CMake refuses one that .venv lies in."""
    source = VENV / 'source'
    shutil.rmtree(source, ignore_errors=True)
    source.mkdir()
    for path in ROOT.iterdir():
        if not path.name.startswith('.'):
            (source / path.name).symlink_to(path)
    return source


def correct_wheels() -> None:
    """Put this machine's header folders where the ROS wheels name those of their build machine."""
    script = (
        'import numpy, sysconfig\n'
        'print(sysconfig.get_paths()["include"], numpy.get_include(), sep=chr(10))'
    )
    found = subprocess.run([PYTHON, '-c', script], check=True, capture_output=True, text=True)
    python, numpy = found.stdout.splitlines()
    for path in VENV.glob('share/*/cmake/*.cmake'):
        old = path.read_text(encoding='utf-8')
        new = re.sub(r'/opt/python/[^;"]*/include/python[0-9.]+', python, old)
        new = re.sub(r'/opt/python/[^;"]*/numpy/(_core|core)/include', numpy, new)
        if new != old:
            path.write_text(new, encoding='utf-8')


def run(command: list[object], **where: Any) -> None:
    """Run a command; show where it is every few seconds, and the end of its log if it fails."""
    words = [str(word) for word in command]
    start = time.monotonic()
    said, said_s = '', 0.0
    with LOG.open('w', encoding='utf-8') as log:
        process = subprocess.Popen(words, stdout=log, stderr=subprocess.STDOUT, **where)
    while True:
        try:
            code = process.wait(timeout=5)
            break
        except subprocess.TimeoutExpired:
            seconds, line = time.monotonic() - start, logged()[-1][:90]
            if line != said or seconds > said_s + 30:
                print(f'    {seconds:4.0f} s  {line}', flush=True)
                said, said_s = line, seconds
    if code:
        tail = '\n'.join(logged()[-30:])
        stop(f'this failed: {shlex.join(words)}\n{tail}', f'see above, or all of it in {LOG}')


def logged() -> list[str]:
    """Return what the running command has written, less its warnings."""
    lines = LOG.read_text(encoding='utf-8', errors='replace').splitlines()
    return [line.strip() for line in lines if line and not line.startswith('WARNING')] or ['']


# -- the environment


def write_environment(ros: str) -> None:
    """Write the file that is sourced before anything runs."""
    packages = next(PREFIX.rglob('ssr_ros/msg/__init__.py')).parents[2]
    libraries, prefixes = [PREFIX / 'lib'], [PREFIX]
    lines = ['# Written by scripts/make_env.py. Source it: . .venv/ros_env.sh']
    if not ros:
        libraries += [VENV / 'lib', *sorted(VENV.glob('lib/python*/site-packages/ros_*.libs'))]
        prefixes += [VENV]
        lines += ['# The wheels restart Python to set their paths; they are all set here.']
        lines += ['export _ROS_WHEELS_BOOTSTRAP_COMPLETE=1', f'export ROS_DISTRO={WHEELS}']
    for name, paths in {
        'PATH': [VENV / 'bin'],
        'PYTHONPATH': [ROOT, packages],
        'LD_LIBRARY_PATH': libraries,
        'AMENT_PREFIX_PATH': prefixes,
    }.items():
        joined = ':'.join(map(str, paths))
        lines += [f'export {name}="{joined}${{{name}:+:${name}}}"']
    old = os.environ.get('ROS_DISTRO', WHEELS) in ('humble', 'jazzy')
    profile = f'{"FASTRTPS" if old else "FASTDDS"}_DEFAULT_PROFILES_FILE'
    lines += [f'export {profile}="${{{profile}:-{ROOT}/config/fastdds.xml}}"']
    path, text = VENV / 'ros_env.sh', '\n'.join(lines) + '\n'
    if not path.exists() or path.read_text(encoding='utf-8') != text:
        path.write_text(text, encoding='utf-8')


def guarded_main() -> None:
    """Run main alone on this clone; end Ctrl-C and a folder that cannot be written in words."""
    try:
        with (ROOT / '.venv.lock').open('w') as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                print('ssr_ros: waiting for another set-up of this clone ...', flush=True)
                fcntl.flock(lock, fcntl.LOCK_EX)
            main()
    except KeyboardInterrupt:
        print('\nssr_ros: stopped; run it again to go on', file=sys.stderr)
        sys.exit(130)
    except PermissionError as error:
        stop(f'{error.filename} cannot be written', 'use a clone of your own, or change its owner')


if __name__ == '__main__':
    guarded_main()
