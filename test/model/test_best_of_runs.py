# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Of several runs the shortest counts, and kernels begin early only where that was shorter."""

from types import SimpleNamespace

import pytest
import torch

from ssr_ros.model import fused
from ssr_ros.model.graphs import best_seconds, ROUNDS


def test_the_shortest_of_some_runs_counts():
    times = iter([0.0, 5.0, 10.0, 12.0, *(t for n in range(ROUNDS - 2) for t in (20.0, 29.0))])
    runs = []
    found = best_seconds(lambda: runs.append(1), torch.device('cpu'), lambda: next(times))
    assert found == 2.0 and len(runs) == ROUNDS


@pytest.mark.parametrize(
    ('capability', 'seconds', 'agree', 'early'),
    [
        ((9, 0), {False: 3.0, True: 2.0}, True, True),
        ((9, 0), {False: 2.0, True: 3.0}, True, False),
        ((9, 0), {False: 3.0, True: 2.0}, False, False),
        ((8, 9), {False: 3.0, True: 2.0}, True, False),
    ],
)
def test_kernels_begin_early_where_the_card_can_and_is_quicker_so(
    monkeypatch, capability, seconds, agree, early
):
    step = SimpleNamespace(early=False)
    monkeypatch.setattr(torch.cuda, 'get_device_capability', lambda device: capability)
    monkeypatch.setattr(fused, 'agrees', lambda *given: agree)
    monkeypatch.setattr(fused, 'seconds_of', lambda run, device: seconds[step.early])
    embeds = SimpleNamespace(device=SimpleNamespace(type='cuda'))
    fused._begin_early(step, None, (None, embeds, None, None))
    assert step.early is early


def test_kernels_that_cannot_be_timed_begin_as_usual(monkeypatch):
    def broken(run, device):
        raise RuntimeError('no such launch')

    step = SimpleNamespace(early=False)
    monkeypatch.setattr(torch.cuda, 'get_device_capability', lambda device: (9, 0))
    monkeypatch.setattr(fused, 'breaks', lambda: (RuntimeError,))
    monkeypatch.setattr(fused, 'seconds_of', broken)
    embeds = SimpleNamespace(device=SimpleNamespace(type='cuda'))
    fused._begin_early(step, None, (None, embeds, None, None))
    assert step.early is False
