# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Image networks in ONNX Runtime: the answers of torch, and only networks of these weights."""

from __future__ import annotations

from collections.abc import Callable
import inspect
import json
import logging
import os
from pathlib import Path
import shutil
from types import SimpleNamespace

import numpy as np
import pytest
import torch

pytest.importorskip('onnxruntime', reason='running the networks needs the extra onnx')
pytest.importorskip('onnxscript', reason='writing the networks needs the extra export')

from model_frames import make_frame
from safetensors.torch import load_file, save_file

from ssr_ros import onnx_runtime
from ssr_ros.errors import CheckpointError, ConfigError, DeviceError
from ssr_ros.model import load_reasoner, Reasoner
from ssr_ros.model.made import export_onnx
from ssr_ros.model.onnx.entry import read_entry
from ssr_ros.model.onnx.session import cache_options, engines, pick_provider
from ssr_ros.model.spec import read_spec
from ssr_ros.model.towers import TowerOfGrid
from ssr_ros.robot.main import load_model

CPU = torch.device('cpu')


def silent(text: str) -> None:
    """Say nothing."""


@pytest.fixture(scope='module')
def exported(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny checkpoint with its networks beside it; copy it to change it."""
    folder = Path(shutil.copytree(checkpoint, tmp_path_factory.mktemp('onnx') / 'checkpoint'))
    export_onnx(str(folder), None, 'float32', silent)
    return folder


@pytest.fixture
def own(exported: Path, tmp_path: Path) -> Path:
    """A copy that a test may damage."""
    return Path(shutil.copytree(exported, tmp_path / 'own'))


def test_answers_are_those_of_torch(exported: Path, reasoner: Reasoner) -> None:
    ours = load_reasoner(exported, device='cpu')
    assert 'ONNX Runtime (cpu)' in ours.description, 'auto takes what was exported'
    frame = make_frame(seed=3)
    one, other = ours.encode(frame), reasoner.encode(frame)
    for question in ('How far is the box?', 'What is left of the chair?'):
        assert ours.ask(one, question).tokens == reasoner.ask(other, question).tokens
        torch.testing.assert_close(
            ours.latents(one, question), reasoner.latents(other, question), atol=1e-4, rtol=1e-3
        )


def test_the_tower_sees_windows_as_the_library_does(reasoner: Reasoner) -> None:
    """Four windows of which two are narrow: the order of tokens and who sees whom differ."""
    vlm = reasoner.vlm
    tower = vlm.model.model.visual
    image = np.random.default_rng(1).integers(0, 256, (64, 64, 3), np.uint8)
    prompt = vlm.prompt.image(image, (140, 168))
    assert (prompt.rows, prompt.columns) == (6, 5), 'windows are 4 x 4 tokens'
    whole = tower.fullatt_block_indexes
    tower.fullatt_block_indexes = [0]
    try:
        with torch.inference_mode():
            expected = tower(prompt.pixel_values, prompt.grid).pooler_output
            torch.testing.assert_close(
                TowerOfGrid(tower, prompt.grid)(prompt.pixel_values),
                expected,
                atol=1e-5,
                rtol=1e-4,
            )
    finally:
        tower.fullatt_block_indexes = whole


def test_a_folder_of_its_own_is_a_checkpoint(
    checkpoint: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """And float32 is not quietly made float16."""
    folder, entries = export_onnx(str(checkpoint), tmp_path / 'out', 'float16', silent)
    assert {entry.dtype for entry in entries.values()} == {'float16'}
    assert all(0 < entry.difference < 2e-2 for entry in entries.values()), 'it was compared'
    with caplog.at_level(logging.WARNING):
        assert load_reasoner(folder, device='cpu', dtype='float32').vlm.tower is None
    assert 'float32 is asked for, exported is float16' in caplog.text
    ours = load_reasoner(folder, device='cpu', encoders='onnx')
    assert ours.ask(ours.encode(make_frame(seed=1)), 'What is ahead?', 3).tokens


@pytest.mark.parametrize('part', ['clip/model', 'ssr_vlm/adapter_model'])
def test_networks_of_other_weights_are_refused_by_name(
    own: Path, part: str, caplog: pytest.LogCaptureFixture
) -> None:
    """One number changed; the adapter's, because it is merged into the tower."""
    path = own / f'{part}.safetensors'
    tensors = load_file(path)
    name = next(name for name in sorted(tensors) if 'visual' in name or part == 'clip/model')
    tensors[name].view(-1)[-1] += 1
    save_file(tensors, path)
    with pytest.raises(CheckpointError, match=r'\w+\.onnx: made from other weights .*ssr-ros'):
        load_reasoner(own, device='cpu', encoders='onnx')
    with caplog.at_level(logging.WARNING):
        ours = load_reasoner(own, device='cpu')
    assert ours.vlm.tower is None
    assert 'torch runs the encoders' in caplog.text


def test_networks_of_another_version_are_refused(own: Path) -> None:
    path = own / 'onnx/depth_encoder.json'
    path.write_text(json.dumps({**json.loads(path.read_text()), 'layout': 0}))
    with pytest.raises(CheckpointError, match=r'depth_encoder\.onnx: written by another version'):
        load_reasoner(own, device='cpu', encoders='onnx')


def test_a_network_that_was_cut_or_exchanged_is_refused(own: Path) -> None:
    path = own / 'onnx/vision_tower.onnx'
    whole = path.read_bytes()
    path.write_bytes(whole[:-100])
    with pytest.raises(CheckpointError, match='bytes, and'):
        load_reasoner(own, device='cpu', encoders='onnx')
    path.write_bytes(whole[:-100] + bytes(100))
    with pytest.raises(CheckpointError, match=r'cannot open it|holds other weights'):
        load_reasoner(own, device='cpu', encoders='onnx')


def test_a_network_of_three_gigabytes_is_as_good_as_a_small_one(own: Path) -> None:
    """As the vision tower's of the 3B size; its weights lie in a file beside it."""
    path = own / 'onnx/vision_tower.onnx'
    path.with_name(f'{path.name}.data').touch()
    os.truncate(f'{path}.data', 3_000_000_000)
    entry = json.loads((own / 'onnx/vision_tower.json').read_text())
    told = {**entry, 'bytes': entry['bytes'] + 3_000_000_000}
    (own / 'onnx/vision_tower.json').write_text(json.dumps(told))
    assert read_entry(own / 'onnx', 'vision_tower', read_spec(own)).bytes == told['bytes']


def test_networks_that_were_never_exported(checkpoint: Path) -> None:
    with pytest.raises(CheckpointError, match='not exported yet: ssr-ros export MODEL --onnx'):
        load_reasoner(checkpoint, device='cpu', encoders='onnx')


def test_the_checkpoint_says_what_runs_them(own: Path) -> None:
    yaml = own / 'reasoner.yaml'
    yaml.write_text(yaml.read_text() + 'encoders: torch\n')
    assert load_reasoner(own, device='cpu').vlm.tower is None
    assert load_reasoner(own, device='cpu', encoders='onnx:cpu').vlm.tower is not None
    yaml.write_text(yaml.read_text().replace('encoders: torch', 'encoders: onxx'))
    with pytest.raises(ConfigError, match='encoders'):
        load_reasoner(own, device='cpu')


def test_unknown_providers_and_those_for_another_device(exported: Path) -> None:
    with pytest.raises(ConfigError, match=r"'onnx:tensor-rt'.*onnx:tensorrt"):
        load_reasoner(exported, device='cpu', encoders='onnx:tensor-rt')
    with pytest.raises(ConfigError, match="'tensorrt' does not run on cpu"):
        load_reasoner(exported, device='cpu', encoders='onnx:tensorrt')
    with pytest.raises(ConfigError, match=r"'rocm': expected one of tensorrt-rtx"):
        pick_provider('rocm', CPU)


def test_a_provider_that_does_not_work_is_said_with_its_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(onnx_runtime, 'why_not', lambda word: f'{word} is asleep')
    with pytest.raises(DeviceError, match=r'no provider .* works on cpu \(cpu: cpu is asleep\)'):
        pick_provider('', CPU)


def test_one_node_is_run_to_know_a_provider() -> None:
    onnx = pytest.importorskip('onnx', reason='checking the model needs the package onnx')
    onnx.checker.check_model(onnx.load_from_string(onnx_runtime.ONE_NODE))
    assert onnx_runtime.why_not('cpu') == ''
    if not torch.cuda.is_available():
        assert onnx_runtime.why_not('cuda')


def test_engines_keep_their_digits_and_a_cache() -> None:
    half, full = torch.float16, torch.float32
    assert cache_options('cuda', Path('/a'), full) == {'use_tf32': '0'}
    assert cache_options('tensorrt-rtx', Path('/a'), half) == {'nv_runtime_cache_path': '/a'}
    kept = cache_options('tensorrt', Path('/a'), full)
    assert (kept['trt_engine_cache_path'], kept['trt_timing_cache_path']) == ('/a', '/a')
    assert (kept['trt_fp16_enable'], kept['trt_engine_cache_enable']) == ('0', '1')


def test_an_engine_of_another_version_or_card_is_never_met(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cuda = torch.device('cuda')
    found = []
    for card, version in (('Orin (nvgpu)', '1.32'), ('RTX 4090', '1.32'), ('RTX 4090', '1.33')):
        monkeypatch.setattr(torch.cuda, 'get_device_name', lambda device, card=card: card)
        monkeypatch.setattr(onnx_runtime, 'version', lambda version=version: version)
        found.append(engines(tmp_path, cuda))
    assert len(set(found)) == 3
    assert all(folder.is_dir() for folder in found)


def test_a_provider_without_kernels_for_the_card_is_found_out_by_what_it_computes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """sm_87 on a build for others: the session opens, and 1 + 1 comes back as nothing."""
    session = SimpleNamespace(
        run=lambda names, given: [np.zeros(2, np.float32)],
        get_providers=lambda: ['CUDAExecutionProvider'],
    )
    fake = SimpleNamespace(
        get_available_providers=lambda: ['CUDAExecutionProvider'],
        SessionOptions=SimpleNamespace,
        InferenceSession=lambda *given, **options: session,
    )
    monkeypatch.setattr(onnx_runtime, 'require_package', lambda package, extra: fake)
    monkeypatch.setattr(onnx_runtime, 'errors', lambda: (RuntimeError,))
    assert why_not_anew('cuda') == '1 + 1 is 0 on it: no kernels for this card'
    session.run = fail('CUDA failure 209: no kernel image is available\nmore')
    said = 'one node cannot be run: CUDA failure 209: no kernel image is available'
    assert why_not_anew('cuda') == said
    session.get_providers = lambda: ['CPUExecutionProvider']
    session.run = lambda names, given: [np.full(2, 2, np.float32)]
    assert why_not_anew('cuda') == 'its libraries cannot be loaded'


def fail(words: str) -> Callable[..., None]:
    def run(*given: object) -> None:
        raise RuntimeError(words)

    return run


def why_not_anew(word: str) -> str:
    """Ask without what was found before."""
    return str(inspect.unwrap(onnx_runtime.why_not)(word))


def test_a_folder_that_cannot_be_written(exported: Path, tmp_path: Path) -> None:
    (tmp_path / 'file').write_text('')
    with pytest.raises(CheckpointError, match='cannot be written'):
        export_onnx(str(exported), tmp_path / 'file', 'float32', silent)


def test_the_node_hands_all_its_wishes_to_the_loader(exported: Path) -> None:
    """Boxes from the VLM need its stock weights; the node's own loader took no such wish."""
    ours = load_model(
        str(exported), device='cpu', dtype='auto', encoders='onnx:cpu', keep_stock=True
    )
    assert ours.seer is not None
    assert ours.vlm.model.model.visual is not None, 'it looks in a size of its own'
