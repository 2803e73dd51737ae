# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``ssr-ros check``: what is installed, what is missing, and what to do about it."""

from __future__ import annotations

import argparse
from dataclasses import asdict
import platform
import sys
from typing import TYPE_CHECKING

from ssr_ros import __version__
from ssr_ros.commands import show
from ssr_ros.errors import ConfigError, require_package

if TYPE_CHECKING:
    from ssr_ros.commands.findings import Finding
    from ssr_ros.engine.diagnostics import Status

SUMMARY = (
    'say what is installed, what is missing and what to do; exit code 1 if anything needed is'
)
EXAMPLE = 'ssr-ros check\n  ssr-ros check --robot --namespace /robot1'

LEVELS = ('ok', 'warning', 'error')
MOST_SECONDS = 600.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this verb's arguments."""
    parser.add_argument(
        '--robot', action='store_true', help='look at the running node and its cameras instead'
    )
    parser.add_argument('--namespace', default='', help='of the node')
    parser.add_argument(
        '--seconds', type=float, default=5.0, metavar='S', help='how long to listen to a camera'
    )


def run(options: argparse.Namespace) -> int:
    """Print the findings; return 0 when nothing that is needed is missing, else 1."""
    if options.robot:
        return _look_at_robot(options)
    from ssr_ros.commands.findings import collect

    show.progress('looking (importing torch takes a few seconds) ...')
    findings = collect()
    ready = all(finding.state == 'ok' for finding in findings if finding.needed)
    if options.json:
        report = {
            'ssr_ros': __version__,
            'python': platform.python_version(),
            'executable': sys.executable,
            'platform': platform.platform(),
            'ready': ready,
            'findings': [asdict(finding) for finding in findings],
        }
        show.print_json(report)
        return 0 if ready else 1
    print(f'  ssr_ros {__version__}, Python {platform.python_version()}, {platform.platform()}')
    print(f'  {sys.executable}\n')
    rows = [(f.group, f.name, _state(f), f.detail) for f in findings]
    print(show.table(('for', 'what', 'state', 'version or detail'), rows))
    _print_cures([finding for finding in findings if finding.state != 'ok'])
    print('\n  ' + ('Ready: everything needed is there.' if ready else 'Not ready yet.'))
    return 0 if ready else 1


def _look_at_robot(options: argparse.Namespace) -> int:
    if not 0 < options.seconds <= MOST_SECONDS:
        raise ConfigError(f'--seconds must be above 0 and at most {MOST_SECONDS:g}')
    require_package('rclpy', 'ros')
    from ssr_ros.robot.inspection import Inspection

    show.progress(f'listening for {options.seconds:g} s a camera ...')
    with Inspection(options.namespace, options.seconds) as inspection:
        exit_code = _tell(inspection.look(), options.json)
        inspection.close(exit_code)
    return exit_code


def _tell(found: list[Status], as_json: bool) -> int:
    """Print before the ROS graph is left, in which Fast DDS may hang; return the exit code."""
    ready = all(status.level < 2 for status in found)
    if as_json:
        lines = [{**asdict(each), 'level': LEVELS[each.level]} for each in found]
        show.print_json({'ready': ready, 'findings': lines})
    label = 1 + max(len(status.name) for status in found)
    for status in () if as_json else found:
        print(show.wrap(status.name, f'{LEVELS[status.level]}: {status.message}', label))
        for key, value in status.values.items():
            print(show.wrap('', f'{key}: {value}', label))
    if not as_json:
        print('\n  ' + ('Ready: questions can be answered.' if ready else 'Not ready yet.'))
    sys.stdout.flush()
    return 0 if ready else 1


def _print_cures(wanting: list[Finding]) -> None:
    """Print each cure once, with what it is good for; the needed ones first."""
    names: dict[str, list[str]] = {}
    for finding in sorted(wanting, key=lambda each: not each.needed):
        names.setdefault(finding.cure, []).append(finding.name)
    if names:
        print('\n  What to do:')
    for cure, for_what in names.items():
        print(show.wrap('-', cure, label_width=2))
        print(show.wrap('', f'for {", ".join(for_what)}', label_width=2))
    if any(finding.needed for finding in wanting):
        print('\n  Or all at once, in a virtual environment of its own: ./demo.sh')


def _state(finding: Finding) -> str:
    if finding.state == 'ok' or finding.needed:
        return finding.state
    return f'{finding.state} (optional)'
