# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""On a CPU without instructions for 16 bits products are in float32, a block at a time."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from ssr_ros.model import load_reasoner, products
from ssr_ros.model.products import FEW, wide_product, WideLinear

NARROW = (torch.bfloat16, torch.float16)


def no_instructions(monkeypatch):
    monkeypatch.setattr(products, 'multiplies_in', lambda dtype: dtype == torch.float32)


@pytest.mark.parametrize('dtype', NARROW)
@pytest.mark.parametrize('biased', [True, False])
@pytest.mark.parametrize('numbers', [1 << 20, 64 * 7, 1])
def test_a_product_is_that_of_float32_rounded_once(monkeypatch, dtype, biased, numbers):
    """Whole, in blocks of which the last is smaller, and row by row."""
    monkeypatch.setattr(products, 'NUMBERS', numbers)
    draw = torch.Generator().manual_seed(0)
    x = torch.randn(2, 5, 64, generator=draw).to(dtype)
    weight = torch.randn(50, 64, generator=draw).to(dtype)
    bias = torch.randn(50, generator=draw).to(dtype) if biased else None
    exact = F.linear(x.double(), weight.double(), None if bias is None else bias.double())
    found = wide_product(x, weight, bias)
    assert (found.dtype, found.shape) == (dtype, (2, 5, 50))
    off = (found.double() - exact).abs()
    half_a_step = torch.finfo(dtype).eps / 2 * exact.abs()
    assert bool((off <= half_a_step * 1.01 + 1e-5).all())


@torch.inference_mode()
def test_a_module_is_nearer_to_float32_so_and_one_token_goes_as_before():
    draw = torch.Generator().manual_seed(0)
    plain = nn.Linear(512, 96).to(torch.bfloat16)
    wide = nn.Linear(512, 96).to(torch.bfloat16)
    wide.load_state_dict(plain.state_dict())
    wide.__class__ = WideLinear
    x = torch.randn(40, 512, generator=draw).to(torch.bfloat16)
    exact = F.linear(x.float(), plain.weight.float(), plain.bias.float())
    near, before = ((module(x).float() - exact).abs().mean() for module in (wide, plain))
    assert near <= before
    torch.testing.assert_close(wide(x[: FEW - 1]), plain(x[: FEW - 1]), rtol=0, atol=0)


def test_only_as_much_as_a_block_is_widened_at_a_time(monkeypatch):
    monkeypatch.setattr(products, 'NUMBERS', 1024)
    made = []

    class Noting(torch.utils._python_dispatch.TorchDispatchMode):
        def __torch_dispatch__(self, function, types, args=(), kwargs=None):
            found = function(*args, **(kwargs or {}))
            if isinstance(found, torch.Tensor) and found.dtype == torch.float32:
                made.append(found.numel())
            return found

    x, weight = (torch.zeros(rows, 64, dtype=torch.bfloat16) for rows in (8, 640))
    with Noting(), torch.inference_mode():
        wide_product(x, weight, None)
    assert made and max(made) == 1024


def test_a_loaded_model_multiplies_so_where_the_cpu_has_no_instructions(monkeypatch):
    no_instructions(monkeypatch)
    narrow, full = (load_reasoner('nano', 'cpu', dtype) for dtype in ('bfloat16', 'float32'))
    for reasoner, kind in ((narrow, WideLinear), (full, nn.Linear)):
        parts = (reasoner.vlm.model, reasoner.image_encoder.model, reasoner.depth_encoder.model)
        for part in parts:
            found = {type(module) for module in part.modules()} & {nn.Linear, WideLinear}
            assert found == {kind}


def test_a_cpu_that_has_instructions_multiplies_as_before(monkeypatch):
    monkeypatch.setattr(products, 'multiplies_in', lambda dtype: True)
    model = load_reasoner('nano', 'cpu', 'bfloat16').vlm.model
    assert not any(isinstance(module, WideLinear) for module in model.modules())


def test_gradients_go_through_as_before():
    module = nn.Linear(16, 8).to(torch.bfloat16)
    module.__class__ = WideLinear
    module(torch.ones(FEW, 16, dtype=torch.bfloat16)).sum().backward()
    assert module.weight.grad is not None and bool(module.weight.grad.any())


@torch.inference_mode()
def test_only_from_a_few_tokens_on_a_weight_is_widened(monkeypatch):
    widened = []
    usual = products.wide_product
    monkeypatch.setattr(
        products, 'wide_product', lambda x, *given: widened.append(len(x)) or usual(x, *given)
    )
    wide = WideLinear(8, 3, dtype=torch.bfloat16)
    for tokens in range(1, FEW + 2):
        wide(torch.ones(tokens, 8, dtype=torch.bfloat16))
    assert widened == [FEW, FEW + 1]
