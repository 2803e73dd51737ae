# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What a user sees when a checkpoint is damaged."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from safetensors.torch import load_file, save_file
import torch
import yaml

from ssr_ros.errors import CheckpointError, ConfigError, DeviceError, TensorMismatchError
from ssr_ros.model import load_reasoner, presets
from ssr_ros.model.checkpoint import TensorFiles
from ssr_ros.model.spec import read_spec

MIDI = 'midi/model.safetensors'
VLM = 'vlm/model.safetensors'
ADAPTER = 'ssr_vlm/adapter_model.safetensors'


def edit(file: Path, change) -> None:
    tensors = load_file(file)
    change(tensors)
    save_file(tensors, file, metadata={'format': 'pt'})


def load(folder: Path):
    return load_reasoner(folder, device='cpu')


@pytest.mark.parametrize(
    ('file', 'name'),
    [
        (MIDI, 'depth_proj.2.bias'),
        (MIDI, 'mamba.backbone.layers.1.mixer.D'),
        (VLM, 'model.layers.1.self_attn.q_proj.bias'),
        ('clip/model.safetensors', 'post_layernorm.weight'),
        ('siglip/model.safetensors', 'embeddings.patch_embedding.weight'),
        (ADAPTER, 'base_model.model.model.layers.0.mlp.up_proj.lora_B.weight'),
    ],
)
def test_a_missing_tensor_is_named(own_checkpoint, file, name):
    dropped = []

    def drop(tensors):
        dropped.extend(full for full in tensors if full.endswith(name))
        del tensors[dropped[0]]

    edit(own_checkpoint / file, drop)
    with pytest.raises(TensorMismatchError) as error:
        load(own_checkpoint)
    assert len(error.value.missing) == 1
    module = name.removeprefix('base_model.model.model.').removeprefix('model.')
    assert module.split('.lora_')[0] in str(error.value)


@pytest.mark.parametrize('file', [MIDI, VLM, ADAPTER])
def test_a_left_over_tensor_is_named(own_checkpoint, file):
    edit(own_checkpoint / file, lambda tensors: tensors.update(stray=torch.zeros(3)))
    with pytest.raises(TensorMismatchError, match='stray') as error:
        load(own_checkpoint)
    assert error.value.unexpected == ('stray',)


@pytest.mark.parametrize('file', [MIDI, VLM, ADAPTER])
def test_a_tensor_of_the_wrong_shape_is_named_with_both_shapes(own_checkpoint, file):
    suffix = {
        MIDI: 'image_proj.2.weight',
        VLM: 'layers.0.mlp.up_proj.weight',
        ADAPTER: 'layers.0.mlp.up_proj.lora_A.weight',
    }[file]

    def shrink(tensors):
        name = next(name for name in tensors if name.endswith(suffix) and 'visual' not in name)
        tensors[name] = tensors[name][:, 1:].contiguous()

    edit(own_checkpoint / file, shrink)
    with pytest.raises(TensorMismatchError, match=r'expected \[\d+, \d+\], found') as error:
        load(own_checkpoint)
    assert len(error.value.wrong_shape) == 1


def test_the_teacher_is_never_read(own_checkpoint, monkeypatch):
    """Stage-1 checkpoints hold 7.6 B parameters of it; leaving it out changes nothing."""
    reference = load(own_checkpoint).midi.state_dict()
    edit(
        own_checkpoint / MIDI,
        lambda tensors: tensors.update({'llm.model.norm.weight': torch.zeros(9)}),
    )
    read = []
    tensors = TensorFiles.tensors

    def watch(self, names):
        read.extend(names)
        return tensors(self, names)

    monkeypatch.setattr(TensorFiles, 'tensors', watch)
    again = load(own_checkpoint).midi.state_dict()
    assert not [name for name in read if name.startswith('llm.')]
    assert all(torch.equal(reference[name], again[name]) for name in reference)


def test_the_disk_is_asked_for_what_is_read_and_for_nothing_before_it(tmp_path, monkeypatch):
    """A teacher of 15 GB may lie before what is wanted of a file; each byte is asked for once."""
    file = tmp_path / 'model.safetensors'
    save_file({name: torch.zeros(1000) for name in 'abcdefgh'}, file)
    length = int.from_bytes(file.read_bytes()[:8], 'little')
    asked = []
    monkeypatch.setattr('ssr_ros.model.checkpoint.AHEAD', 6000)
    monkeypatch.setattr(
        'os.posix_fadvise', lambda _, at, size, advice: asked.append((at - 8 - length, size))
    )
    files = TensorFiles(tmp_path)
    assert [name for name, _ in files.tensors(['h', 'b', 'c'])] == ['b', 'c', 'h']
    assert asked == [(4000, 10000), (14000, 4000), (28000, 10000)]


def test_the_disk_is_asked_piece_by_piece(tmp_path, monkeypatch):
    """Of 128 MB asked for at once a kernel reads 8, or a tenth of one."""
    file = tmp_path / 'model.safetensors'
    save_file({name: torch.zeros(1000) for name in 'ab'}, file)
    begin = 8 + int.from_bytes(file.read_bytes()[:8], 'little')
    asked = []
    monkeypatch.setattr('ssr_ros.model.checkpoint.AHEAD', 6000)
    monkeypatch.setattr('ssr_ros.model.checkpoint.PIECE', 3000)
    monkeypatch.setattr(
        'os.posix_fadvise', lambda _, at, size, advice: asked.append((at - begin, size))
    )
    files = TensorFiles(tmp_path)
    assert next(files.tensors(['a', 'b']))[0] == 'a'
    assert asked == [(0, 3000), (3000, 3000), (6000, 3000), (9000, 1000)]


def test_a_pickle_is_refused_and_not_opened(own_checkpoint):
    """The file would raise at once if anything unpickled it."""
    (own_checkpoint / MIDI).unlink()
    (own_checkpoint / 'midi' / 'pytorch_model.bin').write_bytes(b'not even a pickle')
    with pytest.raises(CheckpointError, match=r'pickle \(pytorch_model.bin\).*safetensors'):
        load(own_checkpoint)


def test_a_tensor_in_two_files_is_refused(own_checkpoint):
    """A file that was left behind would win by its name, without a word."""
    tensors = {n: torch.zeros_like(t) for n, t in load_file(own_checkpoint / MIDI).items()}
    save_file(tensors, own_checkpoint / 'midi' / 'zz_old.safetensors')
    with pytest.raises(CheckpointError, match=r'is in model\.safetensors and in zz_old'):
        load(own_checkpoint)


def test_quantised_weights_are_refused_not_read_as_numbers(own_checkpoint):
    edit(
        own_checkpoint / MIDI,
        lambda tensors: tensors.update(
            {'tor_proj.0.bias': tensors['tor_proj.0.bias'].to(torch.int8)}
        ),
    )
    with pytest.raises(CheckpointError, match='I8: quantised'):
        load(own_checkpoint)


def test_weights_that_give_no_numbers_give_no_answer(own_checkpoint):
    """The first token would win every time: an answer of exclamation marks."""
    edit(own_checkpoint / MIDI, lambda tensors: tensors['tor_proj.2.weight'].fill_(3e38))
    with pytest.raises(CheckpointError, match='not numbers'):
        load(own_checkpoint).warm_up()


def test_a_config_of_a_larger_model_is_refused_before_memory_is_taken(own_checkpoint, monkeypatch):
    config_file = own_checkpoint / 'vlm' / 'config.json'
    config = json.loads(config_file.read_text())
    config['text_config']['intermediate_size'] = 50_000
    config_file.write_text(json.dumps(config))
    loader = 'ssr_ros.model.pretrained.no_init_weights'
    monkeypatch.setattr(loader, lambda *args, **kwargs: pytest.fail('it was built'))
    with pytest.raises(CheckpointError, match=r'describes [\d,]+ parameters and the files hold'):
        load(own_checkpoint)


@pytest.mark.parametrize(
    ('file', 'change'),
    [
        ('vlm/config.json', {'text_config': {'num_hidden_layers': 'two'}}),
        ('ssr_vlm/adapter_config.json', {'lora_alpha': None}),
        ('ssr_vlm/adapter_config.json', {'lora_alpha': 'four'}),
        ('vlm/generation_config.json', {'repetition_penalty': 'x'}),
    ],
)
def test_a_setting_of_the_wrong_type_is_no_traceback(own_checkpoint, file, change):
    path = own_checkpoint / file
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(CheckpointError, match=file.split('/')[0]):
        load(own_checkpoint)


def test_a_home_that_nobody_has_is_no_traceback(own_checkpoint):
    settings(own_checkpoint, midi='~nobody-here/midi')
    with pytest.raises(CheckpointError, match='nobody-here'):
        load(own_checkpoint)


@pytest.mark.parametrize('file', [MIDI, VLM, ADAPTER, 'clip/model.safetensors'])
def test_a_truncated_file_is_named(own_checkpoint, file):
    path = own_checkpoint / file
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(CheckpointError, match=path.parent.name):
        load(own_checkpoint)


@pytest.mark.parametrize('file', ['vlm/config.json', 'mamba/tokenizer.json', 'mamba/config.json'])
def test_a_broken_json_is_named(own_checkpoint, file):
    (own_checkpoint / file).write_text('{"half": ')
    with pytest.raises(CheckpointError, match=file.split('/')[0]):
        load(own_checkpoint)


def settings(folder: Path, **changes) -> None:
    path = folder / 'reasoner.yaml'
    content = yaml.safe_load(path.read_text()) | changes
    path.write_text(yaml.safe_dump(content))


def test_an_unknown_key_is_an_error_with_the_nearest_one(own_checkpoint):
    settings(own_checkpoint, n_tors=10)
    with pytest.raises(ConfigError, match=r"'n_tors'.*'n_tor'"):
        read_spec(own_checkpoint)


@pytest.mark.parametrize(
    ('key', 'value'),
    [
        ('n_tor', 'ten'),
        ('n_tor', -1),
        ('n_tor', True),
        ('depth_range_m', 4.0),
        ('depth_range_m', [4.0, 0.3]),
        ('depth_range_m', [0.3, 100.0]),
        ('image_size', 256),
        ('image_size', [256]),
        ('image_size', [0, 256]),
        ('vlm', None),
        ('adapter', 3),
        ('trained', 'no'),
    ],
)
def test_an_impossible_value_names_its_key(own_checkpoint, key, value):
    settings(own_checkpoint, **{key: value})
    with pytest.raises(ConfigError, match=key):
        read_spec(own_checkpoint)


def test_a_part_that_is_nowhere_is_named(own_checkpoint):
    settings(own_checkpoint, midi='mid')
    with pytest.raises(CheckpointError, match=r"midi: 'mid' is neither a folder"):
        load(own_checkpoint)


def test_parts_of_different_widths_do_not_fit(own_checkpoint, tmp_path):
    from training.small.new_checkpoint import write_checkpoint
    from training.small.sizes import Sizes

    write_checkpoint(tmp_path / 'wide', Sizes(vision_width=48))
    settings(own_checkpoint, depth_encoder=str(tmp_path / 'wide' / 'siglip'))
    with pytest.raises(ConfigError, match='depth encoder width is 48 and MIDI was trained for 32'):
        load(own_checkpoint)


def test_a_checkpoint_that_is_not_there_lists_the_presets():
    with pytest.raises(CheckpointError, match='nano'):
        load_reasoner('nanoo')


def test_a_device_that_is_not_there_says_so(checkpoint):
    with pytest.raises(DeviceError, match='CUDA devices'):
        load_reasoner(checkpoint, device='cuda:31')
    with pytest.raises(ConfigError, match='expected auto, cpu, cuda'):
        load_reasoner(checkpoint, device='gpu')
    with pytest.raises(ConfigError, match='bfloat16'):
        load_reasoner(checkpoint, device='cpu', dtype='int4')


def test_every_preset_can_be_read():
    assert 'nano' in presets()
    for name in presets():
        assert read_spec(name).n_tor > 0


def test_the_same_seed_writes_the_same_bytes(checkpoint, tmp_path):
    from training.small.new_checkpoint import write_checkpoint
    from training.small.sizes import Sizes

    write_checkpoint(tmp_path / 'again', Sizes(adapter_rank=4, n_tor=6), seed=1)
    for file in sorted(checkpoint.rglob('*')):
        if file.is_file():
            again = tmp_path / 'again' / file.relative_to(checkpoint)
            assert again.read_bytes() == file.read_bytes(), file.name
