# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Weights of 4 bits go through torch's kernel, or through ours where that is right and quicker."""

from functools import partial
from importlib.util import find_spec

from by_themselves import agree
import kernels_in_torch
import pytest
import torch
from torch import nn

from ssr_ros.model import four_bits
from ssr_ros.model.four_bits import by_kernel, by_torch, Codes, own_product, quickest
from ssr_ros.model.quantised import quantise, QuantisedLinear

CPU = torch.device('cpu')

needs_triton = pytest.mark.skipif(
    find_spec('triton') is None, reason='Triton comes with CUDA builds of torch'
)
needs_cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason='no CUDA device')


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """Small matrices, and the errors of a Triton that need not be there."""
    for name, size in (('ROWS', 32), ('COLUMNS', 256), ('MATRICES', 2)):
        monkeypatch.setattr(four_bits, name, size)
    monkeypatch.setattr(four_bits, 'breaks', lambda: (RuntimeError,))


def timed(monkeypatch, seconds):
    """Let each way take its seconds, torch's first."""
    made = [each for each in seconds for _ in range(2)]
    monkeypatch.setattr(four_bits, 'seconds_of', lambda run, device: made.pop(0))


@pytest.mark.parametrize(
    ('seconds', 'tile'), [((1.0, 2.0, 3.0), None), ((3.0, 1.0, 2.0), 1), ((3.0, 2.0, 1.0), 2)]
)
def test_the_quickest_multiplies(monkeypatch, seconds, tile):
    timed(monkeypatch, seconds)
    found = quickest(kernels_in_torch, CPU, torch.bfloat16)
    assert (found and found.keywords['tile']) == tile


def test_a_question_and_an_answer_count(monkeypatch):
    """A token that is a tenth slower is worth it where a question is quicker by forty tokens."""
    made = [40.0, 1.0, 1.0, 1.1, 40.0, 0.9]
    monkeypatch.setattr(four_bits, 'seconds_of', lambda run, device: made.pop(0))
    assert quickest(kernels_in_torch, CPU, torch.bfloat16).keywords['tile'] == 1


def test_a_kernel_that_breaks_or_differs_is_left_out(monkeypatch, caplog):
    right = kernels_in_torch.narrow_product

    def wrong(x, codes, scales, tile):
        if tile == 1:
            raise RuntimeError('too many registers')
        return right(x, codes, scales, tile) * (1.5 if len(x) == 1 else 1.0)

    monkeypatch.setattr(kernels_in_torch, 'narrow_product', wrong)
    monkeypatch.setattr(four_bits, 'seconds_of', lambda run, device: 1.0)
    assert quickest(kernels_in_torch, CPU, torch.bfloat16) is None
    assert 'by 1: left out: too many registers' in caplog.text
    assert 'by 2: left out: 1 tokens: differs by 5.' in caplog.text


def linear(rows, columns):
    like = nn.Linear(columns, rows).to(torch.bfloat16)
    module, parts = QuantisedLinear(like, 4), quantise(like.weight, 4)
    module.codes, module.scales = parts['codes'], parts['scales'].bfloat16()
    return module


@pytest.mark.parametrize('columns', [256, 96])
@torch.inference_mode()
def test_a_module_multiplies_by_our_kernel_where_that_was_chosen(monkeypatch, columns):
    """Not a matrix whose rows are no whole groups of 128."""
    used = []

    def counted(*given):
        used.append(given)
        return kernels_in_torch.narrow_product(*given)

    kernels = type('Kernels', (), {'GROUP': 128, 'narrow_product': staticmethod(counted)})
    ours = partial(by_kernel, kernels=kernels, tile=1)
    modules = [linear(32, columns) for _ in range(2)]
    modules[1].load_state_dict(modules[0].state_dict())
    x = torch.randn(2, 3, columns).bfloat16()
    expected = modules[0](x)
    monkeypatch.setattr(four_bits, 'own_product', lambda device, dtype: ours)
    torch.testing.assert_close(modules[1](x), expected, rtol=3e-2, atol=3e-2)
    assert len(used) == (columns == 256)
    assert modules[1].codes is None, 'they are not kept twice'


def test_on_a_cpu_torch_multiplies():
    assert own_product(CPU, torch.bfloat16) is None


COMPARED = """
import sys
import torch
sys.path.insert(0, sys.argv[1])
import interpreted
import kernels_in_torch as ours
from ssr_ros.model import narrow_kernels as kernels
from ssr_ros.model.quantised import quantise
on_card = sys.argv[2:] == ['cuda']
torch.set_default_device('cuda' if on_card else 'cpu')
torch.manual_seed(0)
for dtype in (torch.float16, torch.bfloat16):
    # The second is read in two goes, and in four parts where there are many tokens.
    for rows, columns in ((48, 256), (16, 2304), (80, 128)):
        parts = quantise(torch.randn(rows, columns) / columns**0.5, 4)
        codes, scales = parts['codes'], parts['scales'].to(dtype)
        # An interpreter multiplies no matrices in bfloat16.
        for tokens in (1, 2, 40, 130) if on_card or dtype == torch.float16 else (1,):
            x = torch.randn(tokens, columns).to(dtype)
            for tile in kernels.TILES if tokens == 1 else kernels.TILES[:1]:
                found = kernels.narrow_product(x, codes, scales, tile)
                assert found.dtype == dtype
                off = 2e-3 if dtype == torch.float16 else 2e-2
                expected = ours.narrow_product(x, codes, scales, tile)
                torch.testing.assert_close(found, expected, rtol=off, atol=off)
"""


@needs_triton
def test_the_kernels_for_4_bits_agree_when_they_are_interpreted():
    agree(COMPARED, 'cpu', TRITON_INTERPRET='1')


@needs_cuda
@needs_triton
def test_the_kernels_for_4_bits_agree_on_cuda():
    agree(COMPARED, 'cuda')


@needs_cuda
def test_whoever_multiplies_on_cuda_gives_what_the_codes_mean(monkeypatch):
    monkeypatch.undo()  # the true sizes and errors
    device, dtype = torch.device('cuda'), torch.bfloat16
    made = four_bits.made(device, dtype, 128, 0)
    ours = own_product(device, dtype)
    for tokens in (1, 64):
        x = torch.randn(tokens, four_bits.COLUMNS, device=device, dtype=dtype)
        exact = x.float() @ made.meant().float().t()
        for product in (by_torch(made), *([] if ours is None else [partial(ours, made)])):
            off = (product(x) - exact).abs().max() / exact.abs().max()
            assert off < four_bits.AGREEMENT


def test_codes_mean_what_was_quantised():
    weight = torch.randn(32, 256, generator=torch.Generator().manual_seed(0))
    parts = quantise(weight, 4)
    meant = Codes(parts['codes'], parts['scales'].float(), 128).meant()
    step = (weight.amax() - weight.amin()) / 15
    assert float((meant - weight).abs().max()) < float(step)
