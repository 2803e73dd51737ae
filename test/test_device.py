# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What ``ssr-ros check`` says of GPUs that are not here: torch is played by a fake."""

from types import SimpleNamespace

import pytest

from ssr_ros.commands import findings
from ssr_ros.commands.device import judge, look_at_gpu

NO_IMAGE = 'CUDA error: no kernel image is available for execution on the device'
GENERIC = ['sm_80', 'sm_90', 'sm_100', 'sm_110', 'sm_120']


class Ones:
    """A matrix of ones on a GPU that computes, or does not."""

    def __init__(self, total=64.0**3, error=None):
        self.total, self.error = total, error

    def __matmul__(self, other):
        if self.error:
            raise self.error
        return self

    def sum(self):
        return self

    def item(self):
        return self.total


def torch_on(name, capability, codes, **computing):
    """A torch that holds code for some GPUs and sees one."""
    cuda = SimpleNamespace(
        mem_get_info=lambda: (28_000 << 20, 30_000 << 20),
        get_device_name=lambda: name,
        get_device_capability=lambda: capability,
        get_arch_list=lambda: codes,
    )
    return SimpleNamespace(cuda=cuda, ones=lambda shape, device: Ones(**computing))


def verdict(*seen, **computing):
    return judge(look_at_gpu(torch_on(*seen, **computing)), '2.11.0+cu126')


def test_a_gpu_that_torch_has_code_for_and_that_computes_is_ok():
    state, detail, cure = verdict('RTX 4090', (8, 9), ['sm_80', 'sm_86', 'sm_89'])
    assert (state, cure) == ('ok', '')
    assert detail == 'RTX 4090 (sm_89), 28000 of 30000 MiB free'


def test_an_orin_without_code_is_found_though_cuda_is_available():
    """With JetPack 6 and torch 2.11 from the general index everything loads and nothing runs."""
    state, detail, cure = verdict('Orin', (8, 7), GENERIC, error=RuntimeError(f'{NO_IMAGE}\nmore'))
    assert state == 'broken'
    assert detail == f'Orin (sm_87): {NO_IMAGE}; torch 2.11.0+cu126 holds {" ".join(GENERIC)}'
    assert 'with JetPack 6 https://pypi.jetson-ai-lab.io/jp6/cu126' in cure
    assert 'get_arch_list() must name sm_87' in cure
    assert 'model.device:=cpu' in cure


def test_an_orin_that_computes_without_its_own_code_is_not_called_broken():
    """JetPack 7 runs what was built for sm_80."""
    state, detail, cure = verdict('Orin', (8, 7), GENERIC)
    assert (state, cure) == ('ok', '')
    assert 'torch holds no sm_87, and computes there even so' in detail


def test_a_thor_is_sent_to_the_builds_for_cuda_13():
    codes = ['sm_80', 'sm_90', 'sm_100', 'sm_120']
    state, _, cure = verdict('Thor', (11, 0), codes, error=RuntimeError(NO_IMAGE))
    assert state == 'broken'
    assert 'whl/cu130' in cure


def test_an_old_card_is_told_which_code_it_needs():
    state, _, cure = verdict('GTX 1080', (6, 1), ['sm_75', 'sm_80'], error=RuntimeError(NO_IMAGE))
    assert state == 'broken'
    assert 'a torch that holds sm_61' in cure


@pytest.mark.parametrize('said', ['CUDA error: unspecified launch failure', ''])
def test_where_the_code_is_there_the_driver_is_named(said):
    state, detail, cure = verdict('H100', (9, 0), ['sm_90'], error=RuntimeError(said))
    assert state == 'broken'
    assert (said or 'RuntimeError') in detail
    assert 'driver' in cure
    assert 'install' not in cure


def test_a_wrong_sum_is_an_error_too():
    state, detail, _ = verdict('H100', (9, 0), ['sm_90'], total=0.0)
    assert state == 'broken'
    assert 'was 0.0' in detail


def test_a_driver_that_cannot_be_started_is_a_finding_not_a_traceback(monkeypatch):
    torch = pytest.importorskip('torch', reason='torch is not installed')

    def fail():
        raise RuntimeError('CUDA driver initialization failed\nmore')

    monkeypatch.setattr(torch.cuda, 'is_available', lambda: True)
    monkeypatch.setattr(torch.cuda, 'mem_get_info', fail)
    (found,) = (each for each in findings.collect() if each.name == 'device')
    assert (found.state, found.detail) == ('broken', 'CUDA driver initialization failed')
    assert 'model.device:=cpu' in found.cure
