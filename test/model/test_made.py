# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Checkpoints made from checkpoints: merged for good, and quantised."""

from __future__ import annotations

import json
from pathlib import Path
import sys

from model_frames import make_frame
import pytest
from safetensors.torch import load_file, save_file
import torch
from torch import nn

from ssr_ros import cli
from ssr_ros.errors import CheckpointError, ConfigError, DeviceError
from ssr_ros.model import load_reasoner, memory, Reasoner, rewrite
from ssr_ros.model.made import merge, quantise_vlm
from ssr_ros.model.quantised import group_of, quantise, QuantisedLinear

QUESTION = 'How far is the box?'


def silent(text: str) -> None:
    """Say nothing."""


def tokens(reasoner: Reasoner) -> tuple[int, ...]:
    return reasoner.ask(reasoner.encode(make_frame(seed=2)), QUESTION, 8).tokens


@pytest.fixture(scope='module')
def merged(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp('made') / 'merged'
    merge(str(checkpoint), folder, silent)
    return folder


@pytest.fixture(scope='module')
def quantised(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp('made') / 'int8'
    quantise_vlm(str(checkpoint), folder, 8, silent)
    return folder


def test_a_merged_folder_answers_alike_and_stands_alone(merged: Path, reasoner: Reasoner) -> None:
    ours = load_reasoner(merged, device='cpu')
    assert tokens(ours) == tokens(reasoner)
    for name, weight in reasoner.vlm.model.named_parameters():
        assert torch.equal(ours.vlm.model.get_parameter(name), weight), name
    assert 'merged from' in ours.description
    text = (merged / 'reasoner.yaml').read_text()
    assert 'adapter' not in text
    assert str(merged.parent) not in text, 'parts are named as they lie beside the yaml'


def test_what_is_merged_in_16_bits_is_what_loading_would_make_of_it(
    checkpoint: Path, tmp_path: Path
) -> None:
    """But for MIDI, which stays in float32, and for what stays so beside 16 bits."""
    assert (
        cli.main(['merge', str(checkpoint), '--out', str(tmp_path / 'out'), '--dtype', 'bfloat16'])
        == 0
    )
    ours, theirs = (
        load_reasoner(folder, device='cpu', dtype='bfloat16')
        for folder in (tmp_path / 'out', checkpoint)
    )
    for part in ('vlm', 'image_encoder', 'depth_encoder'):
        expected = getattr(theirs, part).model.named_parameters()
        for name, weight in expected:
            found = getattr(ours, part).model.get_parameter(name)
            assert found.dtype == weight.dtype
            assert torch.equal(found, weight), name
        narrow = load_file(tmp_path / 'out' / part / 'model.safetensors')
        assert {torch.bfloat16, torch.float32} == {tensor.dtype for tensor in narrow.values()}
    midi = load_file(tmp_path / 'out/midi/model.safetensors')
    assert {tensor.dtype for tensor in midi.values()} == {torch.float32}
    assert tokens(ours) == tokens(theirs)


def test_what_is_merged_is_not_merged_again(merged: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r'merged from .*: it has no adapter, there is nothing'):
        merge(str(merged), tmp_path / 'again', silent)
    assert not (tmp_path / 'again').exists()


def test_nothing_is_written_over(checkpoint: Path, merged: Path) -> None:
    with pytest.raises(CheckpointError, match='is there already: name a new folder'):
        merge(str(checkpoint), merged, silent)


def test_stock_weights_cannot_be_had_of_a_merged_folder(merged: Path) -> None:
    with pytest.raises(ConfigError, match='use the checkpoint that it was merged from'):
        load_reasoner(merged, device='cpu', keep_stock=True)
    assert load_reasoner(merged, device='cpu').seer is None, 'its weights are not the stock ones'


def test_an_adapter_that_does_not_fit_is_refused_while_merging(
    own_checkpoint: Path, tmp_path: Path
) -> None:
    path = own_checkpoint / 'ssr_vlm/adapter_model.safetensors'
    tensors = load_file(path)
    tensors.pop(sorted(tensors)[0])
    save_file(tensors, path)
    with pytest.raises(CheckpointError, match='missing'):
        merge(str(own_checkpoint), tmp_path / 'out', silent)


def test_large_models_are_written_in_several_files(
    checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reasoner: Reasoner
) -> None:
    monkeypatch.setattr(rewrite, 'MOST_IN_ONE_FILE', 100_000)
    merge(str(checkpoint), tmp_path / 'out', silent)
    files = sorted(path.name for path in (tmp_path / 'out/vlm').glob('*.safetensors'))
    assert len(files) > 2
    index = json.loads((tmp_path / 'out/vlm/model.safetensors.index.json').read_text())
    assert set(index['weight_map'].values()) == set(files)
    assert tokens(load_reasoner(tmp_path / 'out', device='cpu')) == tokens(reasoner)


def test_codes_of_8_bits() -> None:
    weight = torch.tensor([[1.0, -0.5, 0.25, 0.0], [0.0, 0.0, 0.0, 0.0]])
    made = quantise(weight, 8)
    assert made['codes'].tolist() == [[127, -64, 32, 0], [0, 0, 0, 0]]
    assert made['scales'][0].item() == pytest.approx(1 / 127, rel=4e-3)


def test_codes_of_4_bits() -> None:
    """Fifteen steps from the lowest to the highest, the even column in the low half."""
    row = torch.arange(32) % 16 - 8.0
    made = quantise(row.repeat(16, 1), 4)
    assert made['scales'].shape == (1, 16, 2)
    assert made['scales'][0, 0].tolist() == [1.0, 0.0]
    assert made['codes'][0, :4].tolist() == [0x10, 0x32, 0x54, 0x76]


@pytest.mark.parametrize(('bits', 'most'), [(8, 0.01), (4, 0.15)])
@pytest.mark.parametrize('n_rows', [1, 40])
def test_the_kernels_multiply_what_is_meant(bits: int, most: float, n_rows: int) -> None:
    torch.manual_seed(0)
    linear = nn.Linear(256, 48, bias=True).requires_grad_(False)
    ours = QuantisedLinear(linear, bits)
    made = quantise(linear.weight, bits)
    ours.codes, ours.scales = made['codes'], made['scales']
    x = torch.randn(2, n_rows, 256)
    meant = ours.weight.float()
    assert (meant - linear.weight).abs().max() < most * linear.weight.abs().max()
    expected = nn.functional.linear(x, meant, linear.bias)
    torch.testing.assert_close(
        ours(x.bfloat16()).float(), expected, atol=0.05, rtol=0.05, msg='in 16 bits, by a kernel'
    )


def test_a_row_that_has_no_group_stays_as_it_is() -> None:
    assert group_of(32, 384, 4) == 128
    assert group_of(32, 96, 4) == 32
    assert group_of(32, 100, 4) is None
    assert group_of(10, 128, 4) is None
    assert group_of(10, 100, 8) == 100
    with pytest.raises(ConfigError, match='32 x 100 cannot be quantised to 4 bits'):
        quantise(torch.ones(32, 100), 4)


def test_a_quantised_folder_says_so_and_answers(quantised: Path, reasoner: Reasoner) -> None:
    ours = load_reasoner(quantised, device='cpu')
    assert '8 bits, from' in ours.description
    kept = [m for m in ours.vlm.model.modules() if isinstance(m, QuantisedLinear)]
    layers = ours.vlm.model.config.text_config.num_hidden_layers
    assert len(kept) == 7 * layers, 'q, k, v, o, gate, up, down of every layer and no others'
    config = json.loads((quantised / 'vlm/config.json').read_text())
    assert config['quantization_config'] == {'quant_method': 'ssr_ros', 'bits': 8}
    assert tokens(ours)
    wide = load_reasoner(quantised, device='cpu', dtype='float32')
    before = reasoner.encode(make_frame(seed=2))
    after = wide.encode(make_frame(seed=2))
    expected = reasoner.vlm.first_logits(
        [before.image_prefix], reasoner.latents(before, QUESTION)[None], [QUESTION]
    )
    found = wide.vlm.first_logits(
        [after.image_prefix], wide.latents(after, QUESTION)[None], [QUESTION]
    )
    assert nn.functional.cosine_similarity(expected, found).item() > 0.999


def test_quantising_twice_is_refused(quantised: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match='quantised already'):
        quantise_vlm(str(quantised), tmp_path / 'again', 4, silent)
    with pytest.raises(ConfigError, match='there is nothing to merge'):
        merge(str(quantised), tmp_path / 'again', silent)


def test_a_quantised_folder_needs_less_memory(
    quantised: Path, merged: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, 'bytes_there', lambda device: 0)
    with pytest.raises(DeviceError, match='vlm'):
        load_reasoner(quantised, device='cpu', dtype='float32')
    sizes = [
        sum(p.stat().st_size for p in (folder / 'vlm').glob('*.safetensors'))
        for folder in (quantised, merged)
    ]
    assert sizes[0] < 0.8 * sizes[1]


def test_an_adapter_for_quantised_weights_is_refused(quantised: Path, checkpoint: Path) -> None:
    yaml = quantised / 'adapter.yaml'
    text = (quantised / 'reasoner.yaml').read_text()
    yaml.write_text(f'{text}adapter: {checkpoint / "ssr_vlm"}\n')
    with pytest.raises(ConfigError, match='merge first, then quantise'):
        load_reasoner(yaml, device='cpu')
    with pytest.raises(ConfigError, match='merge first, then quantise'):
        merge(str(yaml), quantised / 'out', silent)


THEIRS = {
    'gptq': {
        'bits': 4,
        'checkpoint_format': 'gptq',
        'damp_percent': 0.1,
        'desc_act': False,
        'group_size': 128,
        'lm_head': False,
        'meta': {'quantizer': ['gptqmodel:1.9.0']},
        'sym': True,
        'true_sequential': True,
    },
    'awq': {
        'bits': 4,
        'group_size': 128,
        'modules_to_not_convert': ['visual'],
        'version': 'gemm',
        'zero_point': True,
    },
    'bitsandbytes': {
        '_load_in_4bit': True,
        '_load_in_8bit': False,
        'bnb_4bit_compute_dtype': 'bfloat16',
        'bnb_4bit_quant_storage': 'uint8',
        'bnb_4bit_quant_type': 'nf4',
        'bnb_4bit_use_double_quant': True,
        'llm_int8_enable_fp32_cpu_offload': False,
        'llm_int8_has_fp16_weight': False,
        'llm_int8_skip_modules': ['lm_head', 'visual'],
        'llm_int8_threshold': 6.0,
        'load_in_4bit': True,
        'load_in_8bit': False,
    },
    'fp8': {'activation_scheme': 'dynamic', 'weight_block_size': [128, 128]},
}
"""Method -> what config.json of such a folder says beside its name."""


@pytest.mark.parametrize(
    ('method', 'words'),
    [
        ('gptq', 'needs gptqmodel and optimum: install'),
        ('awq', 'needs gptqmodel and accelerate: install'),
        ('bitsandbytes', 'needs bitsandbytes and accelerate: install'),
        ('fp8', 'which is not supported'),
    ],
)
def test_others_quantisations_are_refused_by_the_name_of_what_reads_them(
    own_checkpoint: Path,
    method: str,
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr('ssr_ros.model.folder.find_spec', lambda name: None)
    path = own_checkpoint / 'vlm/config.json'
    how = {'quant_method': method, **THEIRS[method]}
    path.write_text(json.dumps({**json.loads(path.read_text()), 'quantization_config': how}))
    with pytest.raises(CheckpointError, match=rf'quantised \({method}\), .*{words}'):
        load_reasoner(own_checkpoint, device='cpu')
    out = str(own_checkpoint / 'again')
    assert cli.main(['quantise', str(own_checkpoint), '--bits', '4', '--out', out]) == 2
    assert f'quantised already ({method})' in capsys.readouterr().err


@pytest.mark.parametrize(
    ('method', 'there', 'missing'),
    [('gptq', 'gptqmodel', 'optimum'), ('awq', 'gptqmodel', 'accelerate')],
)
def test_one_of_two_packages_is_not_enough(
    own_checkpoint: Path, method: str, there: str, missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Transformers would say so after gigabytes of other parts have been read."""
    found = {there: True}.get
    monkeypatch.setattr('ssr_ros.model.folder.find_spec', found)
    path = own_checkpoint / 'vlm/config.json'
    how = {'quant_method': method, **THEIRS[method]}
    path.write_text(json.dumps({**json.loads(path.read_text()), 'quantization_config': how}))
    with pytest.raises(CheckpointError, match=rf'which needs {missing}: install'):
        load_reasoner(own_checkpoint, device='cpu')


def test_an_export_without_its_packages_names_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, 'onnx', None)
    assert cli.main(['export', 'nano', '--onnx', '--out', str(tmp_path / 'out')]) == 2
    said = capsys.readouterr().err.splitlines()[-1]
    assert "'onnx', which is not installed" in said
    assert "pip install '.[export]'" in said
    assert not (tmp_path / 'out').exists()


def test_weights_that_bitsandbytes_quantised_are_loaded(own_checkpoint: Path) -> None:
    pytest.importorskip('bitsandbytes', reason='reading such weights needs bitsandbytes')
    from transformers import BitsAndBytesConfig, Qwen2_5_VLForConditionalGeneration

    folder = own_checkpoint / 'vlm'
    how = BitsAndBytesConfig(load_in_4bit=True, llm_int8_skip_modules=['lm_head', 'visual'])
    model = Qwen2_5_VLForConditionalGeneration.from_pretrained(folder, quantization_config=how)
    for path in folder.glob('*.safetensors'):
        path.unlink()
    model.save_pretrained(folder)
    yaml = own_checkpoint / 'reasoner.yaml'
    lines = yaml.read_text().splitlines()
    yaml.write_text('\n'.join(line for line in lines if not line.startswith('adapter:')))
    assert tokens(load_reasoner(own_checkpoint, device='cpu'))
