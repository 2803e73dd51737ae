# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What a container asks the real node once a minute, to be called healthy."""

import os
from pathlib import Path
import subprocess
import sys

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / 'docker' / 'healthcheck.py'
if not SCRIPT.exists():
    pytest.skip('only in the source tree', allow_module_level=True)


def asked(namespace, **environment):
    """Run the script; return its exit code and what it printed."""
    done = subprocess.run(
        [sys.executable, str(SCRIPT)],
        env={**os.environ, 'SSR_NAMESPACE': namespace, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert 'Traceback' not in done.stderr, done.stderr
    return done.returncode, done.stdout.strip()


def test_an_active_node_is_healthy_and_an_inactive_one_only_where_that_is_meant(robot):
    assert asked(robot.namespace) == (0, 'active')
    assert robot.change('deactivate')
    assert asked(robot.namespace) == (1, 'inactive')
    assert asked(robot.namespace, SSR_HEALTHY='active inactive') == (0, 'inactive')


def test_where_nobody_answers_it_says_who_was_asked(ros):
    assert asked('/nobody/') == (1, '/nobody/ssr/get_state did not answer')
