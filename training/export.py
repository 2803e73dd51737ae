# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Gather a trained checkpoint into one folder that stands alone.

    python -m training.export out/smoke/stage2 out/smoke/export --float16

A run's reasoner.yaml names its own parts and those that it started from, wherever they are. This
copies all of them beside one reasoner.yaml, without what only training needs.
"""

from __future__ import annotations

import argparse
from pathlib import Path
import sys

from safetensors.torch import load_file
import torch
import yaml

from ssr_ros.errors import ConfigError, SsrError
from ssr_ros.model.checkpoint import reading, weight_files
from ssr_ros.model.load import check_tor_ids
from ssr_ros.model.spec import CheckpointSpec, read_spec, YAML_NAME
from ssr_ros.model.tokens import SsrTokenizer
from training.run.exporting import copy_settings
from training.run.saving import save_folder, save_tensors

FOLDERS = {
    'image_encoder': 'clip',
    'depth_encoder': 'siglip',
    'mamba': 'mamba',
    'midi': 'midi',
    'vlm': 'vlm',
    'adapter': 'ssr_vlm',
}


def main(source: str, target: Path, float16: bool = False, note: str = '') -> int:
    """Export a checkpoint; return its size in bytes.

    Args:
        source: what ``load_reasoner`` takes.
        target: a folder that does not exist.
        float16: store 32-bit weights in 16 bits.
        note: for the yaml; the source's where ''.

    Raises:
        CheckpointError: the source cannot be read.
        ConfigError: the target exists.
        TrainingError: the target cannot be written.
    """
    spec = read_spec(source)
    if target.exists():
        raise ConfigError(f'{target} exists: name a new folder, or move it away first')
    parts = [part for part in FOLDERS if getattr(spec, part)]

    def write(folder: Path) -> None:
        for part in parts:
            _copy_part(spec.folder(part), folder / FOLDERS[part], float16, part != 'mamba')
        content: dict[str, object] = {part: FOLDERS[part] for part in parts}
        content |= _settings(spec, note)
        (folder / YAML_NAME).write_text(yaml.safe_dump(content, sort_keys=False), 'utf-8')

    save_folder(target, write)
    return sum(path.stat().st_size for path in target.rglob('*') if path.is_file())


def _settings(spec: CheckpointSpec, note: str) -> dict[str, object]:
    known = {'look_size': spec.look_size, 'depth_range_m': spec.depth_range_m}
    temperature = spec.choice_temperature
    tokenizers = [_tokenizer(spec.folder(part)) for part in ('mamba', 'vlm')]
    check_tor_ids(spec, *tokenizers)
    return {
        'n_tor': spec.n_tor,
        'image_size': list(spec.image_size),
        **spec.taught,
        **({'choice_temperature': temperature} if temperature != 1 else {}),
        **{name: list(value) for name, value in known.items() if value},
        'tor_ids': [tokenizer.tor_id for tokenizer in tokenizers],
        'trained': spec.trained,
        'note': note or spec.note,
    }


def _tokenizer(folder: Path) -> SsrTokenizer:
    with reading(folder):
        return SsrTokenizer(folder)


def _copy_part(source: Path, target: Path, float16: bool, with_weights: bool) -> None:
    # A Mamba is named for its tokenizer and settings: its weights are MIDI's.
    copy_settings(source, target)
    for file in weight_files(source) if with_weights else ():
        tensors = load_file(file)
        if float16:
            tensors = {
                name: tensor.half() if tensor.dtype == torch.float32 else tensor
                for name, tensor in tensors.items()
            }
        save_tensors(tensors, target / file.name)


def command_line() -> int:
    """Run the command; return its exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('source', help='folder or yaml of a trained checkpoint')
    parser.add_argument('target', type=Path, help='folder to make')
    parser.add_argument('--float16', action='store_true', help='store the weights in 16 bits')
    parser.add_argument('--note', default='', help='a sentence for people')
    try:
        options = parser.parse_args()
        size = main(**vars(options))
    except SsrError as error:
        print(f'{type(error).__name__}: {error}', file=sys.stderr)
        return 2
    print(f'{options.target}: {size / 1e6:.1f} MB')
    return 0


if __name__ == '__main__':
    sys.exit(command_line())
