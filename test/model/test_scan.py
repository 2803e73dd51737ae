# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Every scan computes what the plain one does: outputs, last state, and all gradients."""

from functools import partial
from importlib.util import find_spec
import os
import subprocess
import sys
from types import SimpleNamespace

import pytest
import torch

from ssr_ros.model import scan as scans
from ssr_ros.model.scan import (
    blocked_scan,
    blocks,
    card,
    describe_scan,
    native,
    plain_mix,
    plain_scan,
    scan,
)
from ssr_ros.model.scan.blocks import recur_in_blocks, recur_in_steps
from ssr_ros.model.scan.gradients import BLOCKS_CHUNK, scan_with_gradients, STEPS_CHUNK

LENGTHS = [1, 2, 5, STEPS_CHUNK, 2 * STEPS_CHUNK + 3, 75]


def inputs(length, dtype=torch.float64, state=4, inner=3):
    torch.manual_seed(length)
    batch = 2
    u, dt = torch.randn(batch, length, inner), torch.rand(batch, length, inner)
    a = -torch.rand(inner, state) - 0.1
    b, c = torch.randn(batch, length, state), torch.randn(batch, length, state)
    h = torch.randn(batch, inner, state)
    return [x.to(dtype).requires_grad_() for x in (u, dt, a, b, c, h)]


def with_gradients(function, given):
    """Return y, the last state and the gradients of a sum that no gradient can hide in."""
    y, h = function(*given)
    weigh = torch.arange(1, y.numel() + 1, dtype=y.dtype, device=y.device).view_as(y).cos()
    ((y * weigh).sum() + (h * h).sum()).backward()
    return [y, h, *(x.grad for x in given)]


def test_by_hand():
    """One channel, one state: h = 0.5 * 8 + 2 * 3 * 1, y = 10 h; then again from there."""
    half = torch.tensor(0.5).log()
    u, dt, b, c = (torch.tensor([[[x], [x]]]) for x in (3.0, 2.0, 1.0, 10.0))
    a, h = half.view(1, 1) / 2, torch.tensor([[[8.0]]])
    for function in (plain_scan, blocked_scan, scan):
        y, last = function(u, dt, a, b, c, h)
        torch.testing.assert_close(y.flatten(), torch.tensor([100.0, 110.0]))
        torch.testing.assert_close(last.flatten(), torch.tensor([11.0]))
        assert h.item() == 8.0


@pytest.mark.parametrize('blocks', [False, True])
@pytest.mark.parametrize('length', [*LENGTHS, 2 * BLOCKS_CHUNK + 1])
def test_outputs_state_and_all_gradients_equal_those_of_the_plain_scan(length, blocks):
    function = partial(scan_with_gradients, blocks=blocks)
    found = [with_gradients(each, inputs(length)) for each in (function, plain_scan)]
    for ours, plain in zip(*found, strict=True):
        torch.testing.assert_close(ours, plain, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize('length', LENGTHS)
def test_the_scan_in_blocks_computes_the_same(length, monkeypatch):
    monkeypatch.setattr(blocks, 'CHUNK', 40)
    given = [x.detach() for x in inputs(length)]
    for ours, plain in zip(blocked_scan(*given), plain_scan(*given), strict=True):
        torch.testing.assert_close(ours, plain, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize('length', LENGTHS)
def test_a_recurrence_in_blocks_is_that_in_steps(length):
    decay, drive = torch.rand(length, 2, 3), torch.randn(length, 2, 3)
    found = [f(decay, drive.clone(), torch.ones(2, 3)) for f in (recur_in_blocks, recur_in_steps)]
    torch.testing.assert_close(*found)


def test_blocks_take_few_launches():
    """What they are for: two square roots of the tokens, not one launch for each."""
    counted = []

    class Count(torch.utils._python_dispatch.TorchDispatchMode):
        def __torch_dispatch__(self, function, types, args=(), kwargs=None):
            counted.append(function)
            return function(*args, **(kwargs or {}))

    given = [x.detach() for x in inputs(1306, torch.float32)]
    with Count():
        blocked_scan(*given)
    arithmetic = [f for f in counted if f.overloadpacket.__name__.startswith('addcmul')]
    assert len(arithmetic) == 36 + 36


@pytest.fixture
def compiler(tmp_path, monkeypatch):
    monkeypatch.setenv('XDG_CACHE_HOME', str(tmp_path))
    native.native_scan.cache_clear()
    yield monkeypatch
    native.native_scan.cache_clear()


def compiled(state):
    found = native.native_scan(state)
    if found is None:
        pytest.skip('no C++ compiler')
    return found


@pytest.mark.parametrize('state', [1, 7, 16, 64])
@pytest.mark.parametrize('length', [1, 31, 32, 75])
def test_the_compiled_scan_computes_the_same_for_any_state(length, state):
    compiled(state)
    found = []
    for function, dtype in ((scan, torch.float32), (plain_scan, torch.float64)):
        given = inputs(length, dtype, state)
        # As Mamba gives them: views that are not contiguous.
        given[0] = given[0].detach().transpose(1, 2).contiguous().transpose(1, 2).requires_grad_()
        found.append(with_gradients(function, given))
    assert 'NativeScan' in type(found[0][0].grad_fn).__name__
    for ours, plain in zip(*found, strict=True):
        torch.testing.assert_close(ours, plain.float(), rtol=1e-4, atol=1e-4)


def test_inference_is_compiled_too_and_on_several_threads():
    compiled(16)
    given = [x.detach() for x in inputs(40, torch.float32, state=16, inner=4 * native.SHARE + 5)]
    expected = plain_scan(*given)
    before = given[-1].clone()
    n_threads = torch.get_num_threads()
    try:
        for count in (1, 3):
            torch.set_num_threads(count)
            for ours, plain in zip(compiled(16).forward(*given), expected, strict=True):
                torch.testing.assert_close(ours, plain, rtol=1e-4, atol=1e-4)
    finally:
        torch.set_num_threads(n_threads)
    assert torch.equal(given[-1], before)
    assert describe_scan(torch.device('cpu'), 16) == 'compiled'


def test_the_library_is_kept_for_each_state_size(compiler, tmp_path):
    for state in (3, 3, 4):
        compiled(state)
    assert len(list((tmp_path / 'ssr_ros').glob('scan-*.so'))) == 2


def test_loading_the_library_leaves_the_arithmetic_of_the_process_alone(compiler):
    """Fast maths once made every subnormal number of the process a zero."""
    code = (
        'import sys; from ssr_ros.model.scan.native import native_scan; '
        'assert native_scan(16); print(sys.float_info.min / 2 > 0)'
    )
    done = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == 'True'


def test_without_a_compiler_the_scan_runs_in_torch(compiler):
    compiler.setenv('CXX', 'no-such-compiler')
    y, _ = scan(*inputs(3, torch.float32, state=16))
    assert 'TorchScan' in type(y.grad_fn).__name__
    given = [x.detach() for x in inputs(3, torch.float32, state=16)]
    assert torch.equal(scan(*given)[0], plain_scan(*given)[0])
    assert describe_scan(torch.device('cpu'), 16) == 'in torch'


def test_a_compiler_that_fails_is_reported_and_costs_nothing_but_speed(compiler, caplog):
    compiler.setattr(native, 'SOURCE', native.SOURCE.with_name('plain.py'))
    assert native.native_scan(16) is None
    assert 'which is slower' in caplog.text


def test_a_device_that_launches_runs_in_blocks(monkeypatch):
    """On the meta device, which like a GPU is no CPU."""
    asked = []
    monkeypatch.setattr(scans, 'blocked_scan', lambda *given: asked.append(given) or given)
    scan(*(x.detach().to('meta') for x in inputs(3)))
    assert len(asked) == 1
    assert describe_scan(torch.device('meta'), 16) == 'in blocks'


def test_the_gradient_of_the_state_before_reaches_across_chunks():
    given = inputs(STEPS_CHUNK + 2)
    y, _ = scan(*given)
    y[:, -1].sum().backward()
    assert given[-1].grad.abs().max() > 0


INTERPRETED = {
    'scan': """
import torch
from ssr_ros.model.scan.card import difference
from ssr_ros.model.scan.in_triton import triton_scan
for sizes in ((2, 5, 3, 4), (2, 32, 4, 16), (1, 75, 10, 8), (2, 100, 6, 32)):
    print(difference(triton_scan, sizes, torch.device('cpu')))
""",
    'mix': """
import torch
from ssr_ros.model.scan.card import mix_difference
from ssr_ros.model.scan.mixing_in_triton import triton_mix
for *sizes, taps in ((2, 1, 3, 4, 4), (1, 2, 40, 16, 4), (2, 30, 5, 32, 3), (1, 150, 6, 4, 4)):
    print(mix_difference(triton_mix, sizes, taps, torch.device('cpu')))
""",
}


@pytest.mark.skipif(find_spec('triton') is None, reason='Triton comes with CUDA builds of torch')
@pytest.mark.parametrize('what', INTERPRETED)
def test_the_kernels_in_triton_agree_when_they_are_interpreted(what):
    environment = {**os.environ, 'TRITON_INTERPRET': '1'}
    command = [sys.executable, '-c', INTERPRETED[what]]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if 'only 0-dimensional arrays can be converted' in done.stderr:
        pytest.skip("this Triton's interpreter knows no loops with this NumPy")
    assert done.returncode == 0, done.stderr[-2000:]
    assert max(map(float, done.stdout.split())) < 1e-5


def triton_there(monkeypatch):
    """Let it seem so."""
    monkeypatch.setattr(card, 'find_spec', lambda name: name)
    for module in ('triton.runtime.errors', 'triton.compiler.errors'):
        errors = SimpleNamespace(TritonError=OSError, CompilationError=OSError)
        monkeypatch.setitem(sys.modules, module, errors)


def test_without_triton_a_failure_is_what_it_was(monkeypatch):
    """Whoever catches what kernels raise must not raise that Triton is missing instead."""
    monkeypatch.setattr(card, 'find_spec', lambda name: None)
    for name in ('triton', 'triton.runtime.errors', 'triton.compiler.errors'):
        monkeypatch.setitem(sys.modules, name, None)  # importing it raises
    with pytest.raises(RuntimeError, match='the kernel broke'):
        try:
            raise RuntimeError('the kernel broke')
        except card.breaks() as error:
            assert isinstance(error, RuntimeError)
            raise


def test_a_kernel_that_is_wrong_or_not_there_is_not_used(monkeypatch, caplog):
    cpu = torch.device('cpu')

    def wrong(u, dt, a, b, c, h):
        return plain_scan(u, dt, a, b, 0.99 * c, h)

    assert card.difference(plain_scan, (2, 20, 6, 4), cpu) < 1e-5
    assert card.difference(wrong, (2, 20, 6, 4), cpu) > 1e-3
    assert card.card_scan(cpu, 12) is None, 'no power of two'
    triton_there(monkeypatch)
    for scan_there, expected in ((wrong, None), (plain_scan, plain_scan)):
        kernel = SimpleNamespace(triton_scan=scan_there)
        monkeypatch.setitem(sys.modules, 'ssr_ros.model.scan.in_triton', kernel)
        card.card_scan.cache_clear()
        assert card.card_scan(cpu, 16) is expected
    card.card_scan.cache_clear()
    assert 'Triton differs' in caplog.text


def test_a_fused_mix_that_is_wrong_or_slower_is_not_used(monkeypatch, caplog):
    """Each of its results counts: output, window, state."""
    cpu, sizes = torch.device('cpu'), (2, 20, 6, 4)

    def wrong_in(place):
        def mix(*given):
            found = list(plain_mix(*given, plain_scan))
            if place is not None:
                found[place] = found[place] * 0.99
            return tuple(found)

        return mix

    assert card.mix_difference(wrong_in(None), sizes, 4, cpu) < 1e-5
    for place in range(3):
        assert card.mix_difference(wrong_in(place), sizes, 4, cpu) > 1e-3
    assert card.card_mix(cpu, 12, 4) is None, 'no power of two'
    triton_there(monkeypatch)
    monkeypatch.setattr(card, 'FRAME', (1, 20, 6))
    right, times = wrong_in(None), [2.0, 1.0, 1.0, 2.0]
    monkeypatch.setattr(card, 'card_scan', lambda device, state: None)
    monkeypatch.setattr(card, 'seconds_of', lambda run, device: run() and times.pop(0))
    for mix_there, expected in ((wrong_in(1), None), (right, None), (right, right)):
        kernel = SimpleNamespace(triton_mix=mix_there)
        monkeypatch.setitem(sys.modules, 'ssr_ros.model.scan.mixing_in_triton', kernel)
        card.card_mix.cache_clear()
        assert card.card_mix(cpu, 16, 4) is expected
    card.card_mix.cache_clear()
    assert not times
    assert 'around the scan runs in torch: Triton differs' in caplog.text


def test_the_fused_mix_is_for_reading_in_float32_with_our_scan(monkeypatch):
    """What puts another scan in its place, or learns, goes the plain way."""
    monkeypatch.setattr(scans, 'card_mix', lambda *where: lambda *given: 'fused')
    monkeypatch.setattr(scans, 'plain_mix', lambda *given: 'plain')

    def way(recur=scan, device='cuda', dtype=torch.float32, learns=False):
        given = SimpleNamespace(device=torch.device(device), dtype=dtype, requires_grad=False)
        weight = torch.zeros(2, 1, 4, requires_grad=learns)
        weights = scans.MixWeights(weight, None, *[weight] * 5)
        return scans.mix(given, given, given, weights, recur)

    assert way() == 'fused'
    assert way(recur=plain_scan) == way(device='cpu') == way(dtype=torch.float64) == 'plain'
    assert way(learns=True) == 'plain'
    with torch.no_grad():
        assert way(learns=True) == 'fused'


@pytest.mark.skipif(not torch.cuda.is_available(), reason='no CUDA device')
@pytest.mark.parametrize('length', LENGTHS)
def test_cuda_computes_the_same_without_gradients(length):
    given = [x.detach() for x in inputs(length, torch.float32, 16, 9)]
    found = scan(*(x.cuda() for x in given))
    for one, plain in zip(found, plain_scan(*(x.double() for x in given)), strict=True):
        torch.testing.assert_close(one.cpu(), plain.float(), rtol=1e-4, atol=1e-4)


@pytest.mark.skipif(not torch.cuda.is_available(), reason='no CUDA device')
def test_cuda_computes_the_same():
    given = [x.detach() for x in inputs(75, torch.float32)]
    ours = [x.cuda().requires_grad_() for x in given]
    found = with_gradients(lambda *each: scan(*each), ours)
    expected = with_gradients(plain_scan, inputs(75))
    for one, plain in zip(found, expected, strict=True):
        torch.testing.assert_close(one.cpu(), plain.float(), rtol=1e-4, atol=1e-4)
