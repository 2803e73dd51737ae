# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The end of a process in which nothing of Python runs any more."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
import ctypes
import faulthandler

STDERR = 2
CLOCK_MONOTONIC = 1
SIGEV_THREAD = 2

TRACEBACK_S = 0.5
"""What writing the traceback may take."""


class _Event(ctypes.Structure):
    """C's ``struct sigevent``: call ``function(argument)`` in a thread of its own."""

    _fields_ = (
        ('argument', ctypes.c_void_p),
        ('signal', ctypes.c_int),
        ('notify', ctypes.c_int),
        ('function', ctypes.c_void_p),
        ('attributes', ctypes.c_void_p),
        ('reserved', ctypes.c_char * 64),
    )


class _Times(ctypes.Structure):
    """C's ``struct itimerspec``: seconds and nanoseconds, of the interval and of the first."""

    _fields_ = (('interval', ctypes.c_long * 2), ('first', ctypes.c_long * 2))


@contextmanager
def end_after(limit_s: float, exit_code: int) -> Iterator[None]:
    """End the process, with a traceback, where what is done in here takes longer.

    Even where C code holds the interpreter, so that neither a thread nor a signal's handler of
    Python runs. ``faulthandler`` alone would do, but it knows no exit code but 1.

    Args:
        limit_s: seconds.
        exit_code: with which the process ends; 1 where the C library has no timers (macOS).
    """
    timer = _ending_timer(limit_s + TRACEBACK_S, exit_code)
    faulthandler.dump_traceback_later(limit_s, exit=timer is None, file=STDERR)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
        if timer is not None:
            ctypes.CDLL(None).timer_delete(timer)


def _ending_timer(seconds: float, exit_code: int) -> ctypes.c_void_p | None:
    """Return what has been started to call C's ``_exit``, None where there is no such timer."""
    library, timer = ctypes.CDLL(None), ctypes.c_void_p()
    if not hasattr(library, 'timer_create'):
        return None
    function = ctypes.cast(library._exit, ctypes.c_void_p)
    event = _Event(argument=exit_code, notify=SIGEV_THREAD, function=function)
    if library.timer_create(CLOCK_MONOTONIC, ctypes.byref(event), ctypes.byref(timer)):
        return None
    whole_s = int(seconds)
    times = _Times(first=(whole_s, int((seconds - whole_s) * 1e9)))
    library.timer_settime(timer, 0, ctypes.byref(times), None)
    return timer
