# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The scan for training computes what the plain one does, gradients included."""

import pytest
import torch

from ssr_ros.model.mamba import selective_scan
from training.models import scan_native
from training.models.scan import CHUNK, scan


def inputs(length, dtype=torch.float64, state=4):
    torch.manual_seed(length)
    batch, inner = 2, 3
    u, dt = torch.randn(batch, length, inner), torch.rand(batch, length, inner)
    a = -torch.rand(inner, state) - 0.1
    b, c = torch.randn(batch, length, state), torch.randn(batch, length, state)
    h = torch.randn(batch, inner, state)
    return [x.to(dtype).requires_grad_() for x in (u, dt, a, b, c, h)]


@pytest.mark.parametrize('length', [1, 5, CHUNK, 2 * CHUNK + 3])
def test_outputs_state_and_all_gradients_equal_those_of_the_plain_scan(length):
    found = []
    for function in (scan, selective_scan):
        given = inputs(length)
        y, h = function(*given)
        # Both results weigh differently at every place, so that no gradient can hide.
        weigh = torch.arange(1, y.numel() + 1, dtype=y.dtype).view_as(y).cos()
        ((y * weigh).sum() + (h * h).sum()).backward()
        found.append([y, h, *(x.grad for x in given)])
    for ours, plain in zip(*found, strict=True):
        torch.testing.assert_close(ours, plain, rtol=1e-9, atol=1e-9)


@pytest.fixture
def compiler(tmp_path, monkeypatch):
    monkeypatch.setenv('XDG_CACHE_HOME', str(tmp_path))
    scan_native.native_scan.cache_clear()
    yield monkeypatch
    scan_native.native_scan.cache_clear()


@pytest.mark.parametrize('length', [1, 31, 32, 75])
def test_the_compiled_scan_computes_the_same(length, compiler, tmp_path):
    native = scan_native.native_scan()
    if native is None:
        pytest.skip('no C++ compiler')
    assert len(list((tmp_path / 'ssr_ros').glob('scan-*.so'))) == 1
    found = []
    for function, dtype in ((scan, torch.float32), (selective_scan, torch.float64)):
        given = inputs(length, dtype, state=native.state_size)
        # As Mamba gives them: views that are not contiguous.
        given[0] = given[0].detach().transpose(1, 2).contiguous().transpose(1, 2).requires_grad_()
        y, h = function(*given)
        weigh = torch.arange(1, y.numel() + 1, dtype=y.dtype).view_as(y).cos()
        ((y * weigh).sum() + (h * h).sum()).backward()
        found.append([y, h, *(x.grad for x in given)])
    assert type(found[0][0].grad_fn).__name__ == '_NativeScanBackward'
    for ours, plain in zip(*found, strict=True):
        torch.testing.assert_close(ours, plain.float(), rtol=2e-5, atol=2e-5)


def test_without_a_compiler_the_scan_runs_in_torch(compiler):
    compiler.setenv('CXX', 'no-such-compiler')
    y, _ = scan(*inputs(3, torch.float32, state=16))
    assert type(y.grad_fn).__name__ == '_ScanBackward'


def test_a_compiler_that_fails_is_reported_and_costs_nothing_but_speed(compiler, caplog):
    compiler.setattr(scan_native, 'SOURCE', scan_native.SOURCE.with_name('scan.py'))
    assert scan_native.native_scan() is None
    assert 'eight times slower' in caplog.text


def test_the_gradient_of_the_state_before_reaches_across_chunks():
    given = inputs(CHUNK + 2)
    y, _ = scan(*given)
    y[:, -1].sum().backward()
    assert given[-1].grad.abs().max() > 0
