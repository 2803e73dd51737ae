# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Child processes that do not outlive the demo, whatever happens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
import ctypes
from functools import partial
import os
from pathlib import Path
import signal
import subprocess
import sys
from types import TracebackType

from ssr_ros.errors import SsrError

PATIENCE_S = (5.0, 2.0, 2.0)
"""How long a child may take to end after SIGINT, SIGTERM and SIGKILL."""

TAIL_LINES = 12

PR_SET_PDEATHSIG = 1
"""Of Linux's prctl."""


class Children:
    """Starts Python modules with this interpreter and stops them at the end of the ``with`` block.

    They run in sessions of their own: Ctrl-C reaches the demo alone, which then stops them in
    order. Their output goes to log files.

    Args:
        log_dir: folder for the logs; it is made.
        environment: for all of them.
    """

    def __init__(self, log_dir: Path, environment: Mapping[str, str]) -> None:
        self._log_dir = log_dir
        self._environment = dict(environment)
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Children:
        """Return itself."""
        try:
            self._log_dir.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SsrError(f'{self._log_dir}: cannot be made ({error.strerror})') from error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop all, the last started first."""
        for name in reversed(list(self._running)):
            _stop(self._running.pop(name))

    def start(self, name: str, module: str, arguments: Sequence[str]) -> None:
        """Start ``python -m module arguments``."""
        with self.log(name).open('wb') as log:
            self._running[name] = subprocess.Popen(
                [sys.executable, '-m', module, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self._environment,
                start_new_session=True,
                preexec_fn=partial(_end_with_parent, os.getpid()),
            )

    def log(self, name: str) -> Path:
        """Return the log file of a child."""
        return self._log_dir / f'{name}.log'

    def check(self) -> None:
        """Do nothing while all run.

        Raises:
            SsrError: one has ended; the message holds the end of its log.
        """
        for name, child in self._running.items():
            code = child.poll()
            if code is not None:
                raise SsrError(
                    f'{name} ended by itself with exit code {code}. The end of {self.log(name)}:\n'
                    + self.tail(name)
                )

    def ended(self, name: str) -> int | None:
        """Return the exit code of a child that has ended, or None while it runs."""
        return self._running[name].poll()

    def tail(self, name: str, lines: int = TAIL_LINES) -> str:
        """Return the last lines of a child's log."""
        text = self.log(name).read_text(encoding='utf-8', errors='replace')
        return (
            '\n'.join(f'    {line}' for line in text.splitlines()[-lines:]) or '    (it is empty)'
        )


def _end_with_parent(parent: int) -> None:
    """Have the kernel end this child when its parent has died, be it by kill -9."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it died before this was said
        os._exit(1)


def _stop(child: subprocess.Popen[bytes]) -> None:
    """Ask a child to end, more and more firmly; its own children with it."""
    for sign, patience_s in zip(
        (signal.SIGINT, signal.SIGTERM, signal.SIGKILL), PATIENCE_S, strict=True
    ):
        if child.poll() is not None:
            return
        try:
            os.killpg(child.pid, sign)
        except ProcessLookupError:
            return
        try:
            child.wait(patience_s)
        except subprocess.TimeoutExpired:
            continue
