# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What CI adds: a test that was skipped for want of something that can be had is a failure."""

from __future__ import annotations

import os

import pytest

UNAVOIDABLE = (
    'no CUDA device',
    'Triton comes with CUDA builds of torch',
    'launch is not installed (it comes with ROS)',
    'needs tf2_ros (apt, or built)',
    'needs vision_msgs (apt, or built)',
    'needs cv_bridge (apt, or built)',
    'lmms-eval is not installed',
    'needs bitsandbytes',
    'tf2_ros is installed here',
    'this system has no /dev/full',
    'COLUMNS is set',
    '../shared/',
)
"""Reasons, or parts of them, that no installation takes away: all others fail under --complete."""


def pytest_configure(config: pytest.Config) -> None:
    """Give each of several processes of one run (pytest-xdist) a ROS domain of its own."""
    worker = os.environ.get('PYTEST_XDIST_WORKER', '').removeprefix('gw')
    if worker and 'ROS_DOMAIN_ID' in os.environ:
        domain = int(os.environ['ROS_DOMAIN_ID']) - 1 + 25 * int(worker)
        os.environ['ROS_DOMAIN_ID'] = str(1 + domain % 100)  # 101 is the highest safe one on Linux


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take --complete."""
    parser.addoption(
        '--complete', action='store_true', help='fail where a skipped test could have been run'
    )


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Turn success into failure where a test was skipped that could have been run."""
    if needless(session.config) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say which these were."""
    for reason in needless(config):
        terminalreporter.write_line(f'NOT COMPLETE: {reason}', red=True)


def needless(config: pytest.Config) -> list[str]:
    """Return why tests were skipped that could have been run, each reason once."""
    reporter = config.pluginmanager.getplugin('terminalreporter')
    if not config.getoption('--complete') or reporter is None:
        return []
    reasons = {str(report.longrepr[2]) for report in reporter.stats.get('skipped', [])}
    return sorted(r for r in reasons if not any(known in r for known in UNAVOIDABLE))
