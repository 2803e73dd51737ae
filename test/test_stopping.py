# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What stops a program takes effect where nothing is left halfway."""

import signal
import threading

import pytest

from ssr_ros.stopping import exit_code_of, held_back, stopped_by_sigterm, undisturbed


@pytest.mark.parametrize(
    ('sign', 'code'), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=('SIGINT', 'SIGTERM')
)
def test_what_is_begun_is_done_before_a_signal_takes_effect(sign, code):
    done = []
    with pytest.raises(KeyboardInterrupt) as stop, stopped_by_sigterm():
        with held_back():
            signal.raise_signal(sign)
            done.append('whole')
        done.append('never')
    assert done == ['whole']
    assert exit_code_of(stop.value) == code


@pytest.fixture(autouse=True)
def terminal():
    """A shell's background jobs have SIGINT ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_a_signal_that_is_ignored_stays_ignored():
    with undisturbed(), held_back():
        for sign in (signal.SIGINT, signal.SIGTERM):
            signal.raise_signal(sign)


def test_handlers_are_put_back():
    before = [signal.getsignal(sign) for sign in (signal.SIGINT, signal.SIGTERM)]
    with stopped_by_sigterm(), undisturbed(), held_back():
        pass
    assert [signal.getsignal(sign) for sign in (signal.SIGINT, signal.SIGTERM)] == before


def test_in_another_thread_nothing_is_handled():
    failed = []

    def work():
        try:
            with stopped_by_sigterm(), undisturbed(), held_back():
                pass
        except ValueError as error:  # signal only works in main thread
            failed.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert not failed


def test_who_was_not_stopped_has_another_exit_code():
    assert (exit_code_of(None), exit_code_of(ValueError(), 2)) == (1, 2)
