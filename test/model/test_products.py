# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""On a CPU without instructions for 16 bits weights alone are in them, and all else in float32."""

from model_frames import make_frame
import pytest
from safetensors.torch import load_file, save_file
import torch
from torch import nn
from torch.nn import functional as F

from ssr_ros.model import load_reasoner, products
from ssr_ros.model.products import reader, wide_product, WideLinear

NARROW = (torch.bfloat16, torch.float16)


@pytest.fixture
def no_instructions(monkeypatch):
    monkeypatch.setattr(products, 'multiplies_in', lambda dtype: dtype == torch.float32)


@pytest.fixture
def no_compiler(monkeypatch):
    monkeypatch.setattr(products, 'reader', lambda: None)


def made(rows, columns, dtype, biased=True):
    draw = torch.Generator().manual_seed(0)
    linear = nn.Linear(columns, rows, bias=biased)
    for parameter in linear.parameters():
        parameter.data = torch.randn(parameter.shape, generator=draw)
    linear.to(dtype).__class__ = WideLinear
    return linear, torch.randn(2, 5, columns, generator=draw)


def exact(linear, x):
    bias = None if linear.bias is None else linear.bias.double()
    return F.linear(x.double(), linear.weight.double(), bias)


@pytest.mark.parametrize('dtype', NARROW)
@pytest.mark.parametrize('biased', [True, False])
@pytest.mark.parametrize('numbers', [1 << 20, 64 * 7, 1])
def test_a_product_is_that_of_float32(monkeypatch, dtype, biased, numbers):
    """Whole, in blocks of which the last is smaller, and row by row."""
    monkeypatch.setattr(products, 'NUMBERS', numbers)
    linear, x = made(50, 64, dtype, biased)
    found = wide_product(x, linear.weight, linear.bias)
    assert (found.dtype, found.shape) == (torch.float32, (2, 5, 50))
    torch.testing.assert_close(found.double(), exact(linear, x), rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize('biased', [True, False])
@pytest.mark.parametrize('rows', [1, 3, 4, 50])
@pytest.mark.parametrize('threads', [1, 3])
@torch.inference_mode()
def test_one_token_is_read_in_float32_by_compiled_code(monkeypatch, rows, biased, threads):
    """Rows that are read together, those that are left, and several threads."""
    if reader() is None:
        pytest.skip('no C++ compiler')
    monkeypatch.setattr(products, 'SHARE', 16 * 61)
    monkeypatch.setattr(torch, 'get_num_threads', lambda: threads)
    linear, x = made(rows, 61, torch.bfloat16, biased)
    for token in (x[:1, :1], x[1, 2], x.expand(3, 2, 5, 61)[0, 1, 3:4]):
        found = linear(token)
        assert (found.dtype, found.shape) == (torch.float32, (*token.shape[:-1], rows))
        torch.testing.assert_close(found.double(), exact(linear, token), rtol=1e-5, atol=1e-4)


@torch.inference_mode()
def test_a_weight_that_does_not_lie_row_after_row_is_left_to_torch():
    """Compiled code is told where it begins, not how far apart its rows are."""
    linear, x = made(50, 64, torch.bfloat16)
    linear.weight = nn.Parameter(linear.weight.t().contiguous().t())
    token = x[:1, :1]
    torch.testing.assert_close(linear(token).double(), exact(linear, token), rtol=0.02, atol=0.2)


@torch.inference_mode()
def test_without_a_compiler_torch_multiplies_one_token_as_it_can(no_compiler):
    linear, x = made(50, 64, torch.bfloat16)
    token = x[:1, :1]
    expected = F.linear(token.bfloat16(), linear.weight, linear.bias).float()
    torch.testing.assert_close(linear(token), expected, rtol=0, atol=0)
    assert not torch.allclose(linear(token).double(), exact(linear, token), rtol=1e-5, atol=1e-4)


@torch.inference_mode()
def test_only_one_token_is_not_widened(monkeypatch):
    widened = []
    usual = products.wide_product
    monkeypatch.setattr(
        products, 'wide_product', lambda x, *given: widened.append(len(x)) or usual(x, *given)
    )
    wide = WideLinear(8, 3, dtype=torch.bfloat16)
    for tokens in (1, 2, 3):
        wide(torch.ones(tokens, 8))
    assert widened == [2, 3]


def test_only_as_much_as_a_block_is_widened_at_a_time(monkeypatch):
    monkeypatch.setattr(products, 'NUMBERS', 1024)
    made = []

    class Noting(torch.utils._python_dispatch.TorchDispatchMode):
        def __torch_dispatch__(self, function, types, args=(), kwargs=None):
            found = function(*args, **(kwargs or {}))
            if isinstance(found, torch.Tensor) and found.dtype == torch.float32:
                made.append(found.untyped_storage().nbytes() // 4)
            return found

    weight = torch.zeros(640, 64, dtype=torch.bfloat16)
    with Noting(), torch.inference_mode():
        wide_product(torch.zeros(1, 64), weight, None)
    assert made and max(made) == 1024


def parts(reasoner):
    return reasoner.vlm.model, reasoner.image_encoder.model, reasoner.depth_encoder.model


@torch.inference_mode()
def test_beside_weights_in_16_bits_nothing_is_rounded(no_instructions, own_checkpoint):
    """Encoders, tower, latents, keys and values, logits: what float32 makes of such weights."""
    file = own_checkpoint / 'vlm' / 'model.safetensors'  # its head, too
    tensors = {name: tensor.bfloat16() for name, tensor in load_file(file).items()}
    save_file(tensors, file, metadata={'format': 'pt'})
    narrow, full = (load_reasoner(own_checkpoint, 'cpu', kind) for kind in ('bfloat16', 'float32'))
    for pair in zip(parts(narrow), parts(full), strict=True):
        for ours, theirs in zip(*(model.parameters() for model in pair), strict=True):
            theirs.data = ours.float()
    found = []
    for reasoner in (narrow, full):
        vlm, encoded = reasoner.vlm, reasoner.encode(make_frame())
        latents, prefix = reasoner.latents(encoded, 'why?')[None], encoded.image_prefix
        logits = vlm.first_logits([prefix], latents, ['why?'])
        found.append([*prefix.keys_values[-1], latents, logits])
    for ours, theirs in zip(*found, strict=True):
        assert ours.dtype == torch.float32
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-4)


def test_a_loaded_model_multiplies_so_where_the_cpu_has_no_instructions(no_instructions):
    narrow, full = (load_reasoner('nano', 'cpu', dtype) for dtype in ('bfloat16', 'float32'))
    for reasoner, kind in ((narrow, WideLinear), (full, nn.Linear)):
        for part in parts(reasoner):
            found = {type(module) for module in part.modules()} & {nn.Linear, WideLinear}
            assert found == {kind}


def test_a_cpu_that_has_instructions_multiplies_as_before(monkeypatch):
    monkeypatch.setattr(products, 'multiplies_in', lambda dtype: True)
    model = load_reasoner('nano', 'cpu', 'bfloat16').vlm.model
    assert not any(isinstance(module, WideLinear) for module in model.modules())


def test_gradients_go_through_as_before():
    module = nn.Linear(16, 8).to(torch.bfloat16)
    module.__class__ = WideLinear
    x = torch.ones(4, 16, requires_grad=True)
    module(x).sum().backward()
    assert module.weight.grad is not None and bool(module.weight.grad.any())
    assert x.grad is not None and x.grad.dtype == torch.float32 and bool(x.grad.any())
