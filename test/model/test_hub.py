# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Fetching from a hub on this machine: what is needed, said first, gone on with, no pickle."""

from __future__ import annotations

from collections.abc import Iterator
import json
import logging
from pathlib import Path
import shutil

from fake_hub import COMMIT, FakeHub
import pytest
from safetensors.torch import load_file, save_file
import torch
import yaml

from ssr_ros import cli
from ssr_ros.errors import CheckpointError
from ssr_ros.model import load_reasoner
from ssr_ros.model.fetching import fetch_parts
from ssr_ros.model.hub import fetch

PARTS = {
    'image_encoder': 'clip',
    'depth_encoder': 'siglip',
    'mamba': 'mamba',
    'midi': 'midi',
    'vlm': 'vlm',
    'adapter': 'ssr_vlm',
}


@pytest.fixture
def hub(
    checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[FakeHub, Path]]:
    """A hub that has the tiny checkpoint, an empty cache, and the folder that it serves."""
    root = tmp_path / 'hub'
    for folder in PARTS.values():
        shutil.copytree(checkpoint / folder, root / 'them' / folder)
    served = FakeHub(root)
    for module in ('constants', 'hf_api', '_snapshot_download', 'file_download'):
        for name, value in (('ENDPOINT', served.url), ('HF_HUB_CACHE', str(tmp_path / 'cache'))):
            monkeypatch.setattr(f'huggingface_hub.{module}.{name}', value, raising=False)
    template = served.url + '/{repo_id}/resolve/{revision}/{filename}'
    monkeypatch.setattr('huggingface_hub.constants.HUGGINGFACE_CO_URL_TEMPLATE', template)
    monkeypatch.setattr('huggingface_hub.hf_api.api.endpoint', served.url)
    monkeypatch.setenv('SSR_ROS_CACHE', str(tmp_path / 'ours'))
    fetch.cache_clear()
    yield served, root / 'them'
    fetch.cache_clear()
    served.close()


@pytest.fixture
def named(checkpoint: Path, tmp_path: Path) -> Path:
    """The tiny checkpoint's yaml with its parts named on the hub."""
    content = yaml.safe_load((checkpoint / 'reasoner.yaml').read_text())
    content |= {part: f'them/{folder}' for part, folder in PARTS.items()}
    path = tmp_path / 'named.yaml'
    path.write_text(yaml.safe_dump(content))
    return path


def test_a_checkpoint_comes_whole_and_says_how_much_it_is(
    hub: tuple[FakeHub, Path], named: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert load_reasoner(named, device='cpu').n_tor == 6
    assert 'them/clip: fetching 3 files, 0.0' in caplog.text
    sent = dict(hub[0].sent)
    assert load_reasoner(named, device='cpu').n_tor == 6
    assert hub[0].sent == sent, 'the second time it is there'


def test_the_mamba_comes_without_weights(hub: tuple[FakeHub, Path]) -> None:
    save_file({'a': torch.zeros(10)}, hub[1] / 'mamba/model.safetensors')
    folder = fetch('them/mamba', 'mamba')
    assert (folder / 'tokenizer.json').is_file()
    assert 'model.safetensors' not in hub[0].sent
    assert (fetch('them/mamba', '') / 'model.safetensors').is_file(), 'training begins with them'


def test_the_teacher_of_midi_stays_on_the_hub(hub: tuple[FakeHub, Path], named: Path) -> None:
    folder = hub[1] / 'midi'
    own = load_file(folder / 'model.safetensors')
    (folder / 'model.safetensors').unlink()
    split = {
        'model-00001-of-00003.safetensors': own,
        'model-00002-of-00003.safetensors': {'llm.layer.weight': torch.zeros(1000)},
    }
    for file, tensors in split.items():
        save_file(tensors, folder / file)
    where = {name: file for file, tensors in split.items() for name in tensors}
    index = folder / 'model.safetensors.index.json'
    index.write_text(json.dumps({'metadata': {}, 'weight_map': where}))
    assert load_reasoner(named, device='cpu').n_tor == 6
    assert 'model-00001-of-00003.safetensors' in hub[0].sent
    assert 'model-00002-of-00003.safetensors' not in hub[0].sent


def test_a_download_that_was_broken_off_goes_on(hub: tuple[FakeHub, Path]) -> None:
    path = hub[1] / 'vlm/model.safetensors'
    save_file({'a': torch.zeros(9_000_000)}, path)
    served = hub[0]
    served.cut['model.safetensors'] = 20_000_000
    folder = fetch('them/vlm', 'vlm')
    assert (folder / 'model.safetensors').read_bytes() == path.read_bytes()
    begins = served.starts['model.safetensors']
    assert begins[0] == 0
    assert begins[1] > 0, 'the second request asks for the rest alone'


def test_pickles_alone_are_answered_with_what_helps(
    hub: tuple[FakeHub, Path], named: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = hub[1] / 'clip/model.safetensors'
    tensors = load_file(path)
    path.unlink()
    torch.save(tensors, path.with_name('pytorch_model.bin'))
    with pytest.raises(CheckpointError, match=r'pickles \(pytorch_model.bin\).*--convert-pickles'):
        load_reasoner(named, device='cpu')
    assert 'pytorch_model.bin' not in hub[0].sent
    assert cli.main(['fetch', str(named), '--convert-pickles']) == 0
    assert COMMIT in capsys.readouterr().out
    assert load_reasoner(named, device='cpu').n_tor == 6


def test_a_pickle_that_would_run_code_is_not_converted(
    hub: tuple[FakeHub, Path], named: Path, tmp_path: Path
) -> None:
    class Runs:
        def __reduce__(self) -> tuple[object, ...]:
            return Path.write_text, (tmp_path / 'it-ran', 'x')

    (hub[1] / 'clip/model.safetensors').unlink()
    torch.save({'a': Runs()}, hub[1] / 'clip/pytorch_model.bin')
    with pytest.raises(CheckpointError, match='pickles cannot be converted'):
        list(fetch_parts(str(named), convert=True))
    assert not (tmp_path / 'it-ran').exists()
    with pytest.raises(CheckpointError, match='are pickles'):
        load_reasoner(named, device='cpu')


def test_without_a_network_what_was_fetched_is_used(
    hub: tuple[FakeHub, Path], caplog: pytest.LogCaptureFixture
) -> None:
    before = fetch('them/siglip', 'depth_encoder')
    fetch.cache_clear()
    hub[0].close()
    with caplog.at_level(logging.WARNING):
        assert fetch('them/siglip', 'depth_encoder') == before
    with pytest.raises(CheckpointError, match=r'them/clip: cannot be fetched .*local folder'):
        fetch('them/clip', 'image_encoder')


def test_a_repository_that_is_not_there(hub: tuple[FakeHub, Path]) -> None:
    with pytest.raises(CheckpointError, match='them/nothing: cannot be fetched'):
        fetch('them/nothing', 'vlm')


def test_the_released_checkpoint_names_commits() -> None:
    """All but the two that nobody here could look up."""
    spec = Path(cli.__file__).parent / 'presets/ssr-7b/reasoner.yaml'
    content = yaml.safe_load(spec.read_text())
    pinned = {p for p in PARTS if len(str(content[p]).partition('@')[2]) == 40}
    assert pinned == {'image_encoder', 'depth_encoder', 'mamba', 'vlm'}
