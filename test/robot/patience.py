# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""How long the tests of this room wait for other processes."""

import time

PATIENCE_S = 30.0
"""What takes milliseconds on a quiet machine may take long on a busy one: no test is of time."""


def wait_for(condition, explain=lambda: 'it did not happen in time', timeout_s=PATIENCE_S):
    """Poll until a condition holds; fail with an explanation after a time."""
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end, explain()
        time.sleep(0.02)
