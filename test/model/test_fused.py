# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A fused step gives the tokens of transformers' own, and is put away where it does not."""

from importlib.util import find_spec
import os
from pathlib import Path
import subprocess
import sys

import kernels_in_torch
from model_frames import make_frame
import pytest
import torch
from torch.nn import functional as F

from ssr_ros.model import load_reasoner
from ssr_ros.model.fused import fused_read, FusedRead
from ssr_ros.model.static import StaticDecoder

QUESTIONS = ('How far is the red box?', 'Which one is nearer, the ball or the cup?')

needs_triton = pytest.mark.skipif(
    find_spec('triton') is None, reason='Triton comes with CUDA builds of torch'
)
needs_cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason='no CUDA device')


@pytest.fixture
def quick(monkeypatch):
    """Nano decoded with the fused step, over kernels in torch."""
    nano = load_reasoner('nano', device='cpu')
    decoder, model = nano.vlm.plain, nano.vlm.model
    nano.vlm.static = StaticDecoder(model, decoder.penalty, decoder.end_ids)
    nano.vlm.static.quick = FusedRead(model.model.language_model, kernels_in_torch)
    # The errors of a Triton that need not be there.
    monkeypatch.setattr('ssr_ros.model.fused.breaks', lambda: (RuntimeError,))
    return nano


def tokens(reasoner):
    scene = reasoner.encode(make_frame(96, 72, seed=3))
    return [reasoner.ask(scene, question, max_new_tokens=24).tokens for question in QUESTIONS]


def plain_tokens(reasoner):
    reasoner.vlm.static = None
    return tokens(reasoner)


def test_a_fused_step_gives_the_plain_tokens(quick, caplog):
    caplog.set_level('INFO')
    found = tokens(quick)
    assert 'a step is fused' in caplog.text
    assert found == plain_tokens(quick)


def test_a_step_that_differs_is_not_fused(quick, monkeypatch, caplog):
    monkeypatch.setattr(kernels_in_torch, 'gated', lambda gate, up: F.silu(gate) * up * 1.5)
    found = tokens(quick)
    assert 'a step is not fused: it would differ by' in caplog.text
    assert found == plain_tokens(quick)


def test_a_step_that_breaks_is_not_fused(quick, monkeypatch, caplog):
    def broken(gate, up):
        raise RuntimeError('no kernel image for this card')

    monkeypatch.setattr(kernels_in_torch, 'gated', broken)
    found = tokens(quick)
    assert 'a step is not fused: no kernel image' in caplog.text
    assert found == plain_tokens(quick)


def test_on_a_cpu_no_step_is_fused(reasoner):
    language = reasoner.vlm.model.model.language_model
    assert fused_read(language, torch.device('cpu')) is None


INTERPRETED = """
import sys
import torch
sys.path.insert(0, sys.argv[1])
import kernels_in_torch as ours
from ssr_ros.model import fused_kernels as kernels
torch.manual_seed(0)

def same(one, other):
    off = 1e-5 if one.dtype == torch.float32 else 2e-2  # it rounds its own way
    torch.testing.assert_close(one, other, rtol=off, atol=off)

for dtype in (torch.float32, torch.bfloat16):
    x, more = torch.randn(40), torch.randn(40).to(dtype)
    a, b = (x.clone() for _ in range(2))
    for other in (None, more):
        for weight in (torch.randn(40), torch.randn(40).to(dtype)):
            for gives in (torch.float32, dtype):
                given = (other, weight, 1e-6, gives)
                found, expected = kernels.add_and_norm(a, *given), ours.add_and_norm(b, *given)
                assert found.dtype == gives
                same(found, expected)
        torch.testing.assert_close(a, b, rtol=0, atol=0)  # sums are exact in float32
    q, k, v, cos, sin = (torch.randn(n, 8).to(dtype) for n in (6, 2, 2, 1, 1))
    place = torch.tensor([3])
    caches = [[torch.zeros(1, 2, 5, 8, dtype=dtype) for _ in range(2)] for _ in range(2)]
    found = [
        each.rotate(q, k, v, cos, sin, place, *cache)
        for each, cache in zip((kernels, ours), caches)
    ]
    same(*found)
    for pair in zip(*caches):
        same(*pair)
    gate = torch.randn(40).to(dtype)
    same(kernels.gated(gate, more), ours.gated(gate, more))
"""


@needs_triton
def test_the_kernels_in_triton_agree_when_they_are_interpreted():
    environment = {**os.environ, 'TRITON_INTERPRET': '1'}
    command = [sys.executable, '-c', INTERPRETED, str(Path(__file__).parent)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]


@needs_cuda
@needs_triton
@pytest.mark.parametrize('dtype', ['float32', 'bfloat16'])
def test_a_fused_step_gives_the_plain_tokens_on_cuda(dtype, caplog):
    caplog.set_level('INFO')
    nano = load_reasoner('nano', device='cuda', dtype=dtype)
    found = tokens(nano)
    assert 'a step is fused' in caplog.text
    nano.vlm.static = StaticDecoder(nano.vlm.model, nano.vlm.plain.penalty, nano.vlm.plain.end_ids)
    nano.vlm.static.quick = None
    assert tokens(nano) == found
