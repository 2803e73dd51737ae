# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Runs that end before their steps are over: nothing that was learned is lost."""

from functools import partial
import os
import signal
import time

import pytest

pytest.importorskip('accelerate')

from safetensors.torch import load_file
import torch

from training import stage1
from training.run.clock import asked_to_stop, Clock, never
from training.run.settings import Stage1Settings


def test_a_clock_begins_with_the_first_step_and_ends_at_what_comes_first(monkeypatch):
    now = {'monotonic': 50.0, 'time': 1000.0}
    for name in now:
        monkeypatch.setattr(time, name, lambda name=name: now[name])
    for minutes, until, expected in ((1.0, 0.0, 0.5), (1.0, 1040.0, 0.75), (0.0, 1300.0, 0.1)):
        clock = Clock(minutes, until)
        assert clock.decides
        clock.start()
        now['monotonic'] += 30
        clock.start()  # a second time changes nothing
        assert clock.seconds() == 30 and clock.share() == pytest.approx(expected)
    endless = Clock(0, 0)
    endless.start()
    now['monotonic'] += 1e6
    assert not endless.decides and endless.share() == 0
    late = Clock(0, until=900.0)
    late.start()
    assert late.share() == 1, 'the one step of a run that comes too late moves nothing'


@pytest.mark.parametrize('before', [signal.default_int_handler, signal.SIG_IGN])
def test_who_asks_is_heard_once_and_then_obeyed_at_once(before, request):
    request.addfinalizer(partial(signal.signal, signal.SIGINT, signal.getsignal(signal.SIGINT)))
    signal.signal(signal.SIGINT, before)
    with asked_to_stop() as asked:
        assert not asked()
        os.kill(os.getpid(), signal.SIGINT)
        assert asked()
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(1)
    assert signal.getsignal(signal.SIGINT) is before
    assert not never()


def test_a_run_that_is_asked_to_stop_saves_its_step_and_goes_on_exactly(configure, monkeypatch):
    optim = {'steps': 5, 'batch': 2}
    whole = stage1.main(configure(Stage1Settings, 'whole', optim=optim))
    steps = []
    clipped = torch.nn.utils.clip_grad_norm_

    def ask(*args, **kwargs):
        steps.append(1)
        if len(steps) == 2:
            os.kill(os.getpid(), signal.SIGINT)
        return clipped(*args, **kwargs)

    monkeypatch.setattr(torch.nn.utils, 'clip_grad_norm_', ask)
    config = configure(Stage1Settings, 'asked', optim=optim)
    assert stage1.main(config).name == 'step-00000002'
    again = stage1.main(config)
    assert again.name == 'step-00000005'
    ours, theirs = (load_file(path / 'trained.safetensors') for path in (again, whole))
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)


def test_a_run_whose_time_is_up_makes_one_step_and_is_over(configure):
    config = configure(Stage1Settings, optim={'steps': 5, 'until': time.time() - 5})
    assert stage1.main(config).name == 'step-00000001'
    assert stage1.main(config).name == 'step-00000001'
