# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What will not fit is refused with the sum, before anything is allocated."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from ssr_ros.errors import DeviceError
from ssr_ros.model import load_reasoner, memory
from ssr_ros.model.made import quantise_vlm
from ssr_ros.model.memory import bytes_needed, bytes_there
from ssr_ros.model.spec import read_spec
from ssr_ros.model.wide import dtype_of
from training.small.new_checkpoint import write_checkpoint
from training.small.sizes import Sizes

CPU = torch.device('cpu')
WIDE = ('norm', 'ln_q', 'lm_head', 'patch_embed', 'position_embed', 'class_embed')
"""What stays in float32, by parts of its name."""


def parts(reasoner) -> dict[str, torch.nn.Module]:
    return {
        'image_encoder': reasoner.image_encoder.model,
        'depth_encoder': reasoner.depth_encoder.model,
        'vlm': reasoner.vlm.model,
        'midi': reasoner.midi,
    }


def parameters(reasoner) -> dict[str, int]:
    return {n: sum(p.numel() for p in part.parameters()) for n, part in parts(reasoner).items()}


def test_the_sum_is_that_of_the_loaded_model(checkpoint, reasoner):
    """Stored in float32 encoders and MIDI stay in their files; the adapter changes projections."""
    counts = parameters(reasoner)
    spec = read_spec(checkpoint)
    half = bytes_needed(spec, CPU, torch.bfloat16)
    expected = {name: (0 if name == 'midi' else 2) * n for name, n in counts.items()}
    for name, part in parts(reasoner).items():
        if name != 'midi':
            named = part.named_parameters()
            expected[name] += 2 * sum(p.numel() for n, p in named if any(w in n for w in WIDE))
    assert half == expected
    whole = bytes_needed(spec, CPU, torch.float32)
    weights = reasoner.vlm.model.named_parameters()
    changed = sum(p.numel() for n, p in weights if n.endswith('_proj.weight'))
    assert whole == {
        'image_encoder': 0,
        'depth_encoder': 0,
        'vlm': 4 * changed,
        'midi': 0,
    }
    on_cuda = bytes_needed(spec, torch.device('cuda'), torch.float32)
    assert on_cuda == {name: 4 * n for name, n in counts.items()}


def lies_in_a_file(tensor: torch.Tensor) -> bool:
    """Look up what the kernel has mapped at a tensor's place."""
    place = tensor.data_ptr()
    for line in Path('/proc/self/maps').read_text().splitlines():
        start, end = (int(each, 16) for each in line.split()[0].split('-'))
        if start <= place < end:
            return line.endswith('.safetensors')
    raise AssertionError(f'nothing is mapped at {place:#x}')


def test_what_takes_nothing_stays_in_its_file(checkpoint):
    reasoner = load_reasoner(checkpoint, device='cpu', dtype='float32')
    for name, part in parts(reasoner).items():
        inside = {n: lies_in_a_file(p) for n, p in part.named_parameters()}
        changed = {n for n in inside if name == 'vlm' and n.endswith('_proj.weight')}
        assert {n for n, stays in inside.items() if not stays} == changed


def test_what_does_not_fit_names_the_sum_and_the_dtype_that_would(tmp_path, monkeypatch):
    write_checkpoint(tmp_path, Sizes(adapter_rank=4), dtype=torch.bfloat16)
    spec = read_spec(tmp_path)
    half = sum(bytes_needed(spec, CPU, torch.bfloat16).values())
    whole = sum(bytes_needed(spec, CPU, torch.float32).values())
    assert half < whole
    loader = 'ssr_ros.model.load.load_midi'
    with monkeypatch.context() as patch:
        patch.setattr(loader, lambda *given: pytest.fail('something was loaded'))
        patch.setattr(memory, 'bytes_there', lambda device: half)
        with pytest.raises(DeviceError, match=r'float32 \(.*\) and .*: dtype bfloat16 would fit'):
            load_reasoner(tmp_path, device='cpu', dtype='float32')
        patch.setattr(memory, 'bytes_there', lambda device: 1000)
        with pytest.raises(DeviceError, match='use a smaller model'):
            load_reasoner(tmp_path, device='cpu', dtype='bfloat16')
    load_reasoner(tmp_path, device='cpu')


def test_auto_takes_the_stored_dtype_where_float32_does_not_fit(tmp_path, monkeypatch):
    write_checkpoint(tmp_path, Sizes(), dtype=torch.bfloat16)
    reasoner = load_reasoner(tmp_path, device='cpu')
    assert {p.dtype for p in reasoner.vlm.model.parameters()} == {torch.float32}
    needed = sum(bytes_needed(read_spec(tmp_path), CPU, torch.bfloat16).values())
    monkeypatch.setattr(memory, 'bytes_there', lambda device: needed)
    reasoner = load_reasoner(tmp_path, device='cpu')
    named = reasoner.vlm.model.named_parameters()
    assert {p.dtype for n, p in named if 'patch_embed' not in n} == {torch.bfloat16}
    assert {p.dtype for p in reasoner.midi.parameters()} == {torch.float32}


def test_a_budget_chooses_the_dtype_or_says_what_would_fit(tmp_path, monkeypatch):
    write_checkpoint(tmp_path, Sizes(adapter_rank=4), dtype=torch.bfloat16)
    spec = read_spec(tmp_path)
    half = sum(bytes_needed(spec, CPU, torch.bfloat16).values())
    reasoner = load_reasoner(tmp_path, device='cpu', memory_budget_gb=1.01 * half / 1e9)
    assert dtype_of(reasoner.vlm.model) == torch.bfloat16
    with pytest.raises(DeviceError, match=r'are the budget: use a smaller model'):
        load_reasoner(tmp_path, device='cpu', memory_budget_gb=1e-6)
    with pytest.raises(DeviceError, match='dtype bfloat16 would fit'):
        load_reasoner(tmp_path, device='cpu', dtype='float32', memory_budget_gb=1.01 * half / 1e9)
    cuda = torch.device('cuda')
    monkeypatch.setattr(memory, 'bytes_there', lambda device: None)
    half = sum(bytes_needed(spec, cuda, torch.bfloat16).values())
    with pytest.raises(DeviceError, match=r'are the budget: ssr-ros quantise --bits 8 would fit'):
        memory.pick_fitting(spec, cuda, [torch.bfloat16], 0.99 * half / 1e9)


def test_what_quantising_would_take_is_what_it_takes(checkpoint, tmp_path):
    quantise_vlm(str(checkpoint), tmp_path / 'int4', 4, lambda text: None)
    needed = bytes_needed(read_spec(tmp_path / 'int4'), torch.device('cuda'), torch.bfloat16)
    others = {**bytes_needed(read_spec(checkpoint), CPU, torch.bfloat16), 'vlm': 0}
    most = needed['vlm'] * 1.001 + sum(others.values())
    with pytest.raises(DeviceError, match='quantise --bits 4 would fit'):
        memory.pick_fitting(read_spec(checkpoint), CPU, [torch.bfloat16], most / 1e9)


def test_this_machine_says_what_is_free():
    there = bytes_there(CPU)
    assert there is None or there > 10_000_000
