# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Write an untrained SSR checkpoint of any size, in exactly the layout of the released ones.

    python -m training.small.new_checkpoint out/untrained --seed 0
    python -m training.small.new_checkpoint out/untrained midi_width=128 --corpus questions.jsonl

A model from nothing starts from such a folder, and the tests use tiny ones.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch
from transformers.utils import logging as transformers_logging
import yaml

from ssr_ros.errors import SsrError
from training.data.rows import RowFiles
from training.run.tree import read_settings
from training.small.new_midi import write_midi
from training.small.new_tokenizer import write_tokenizer
from training.small.new_vision import write_encoders
from training.small.new_vlm import write_adapter, write_vlm
from training.small.sizes import Sizes

CORPUS = (
    'How far is the red box from the camera? The nearest object is the blue ball, 1.24 m away.',
    'Which is closer, the green cylinder or the yellow box? The green cylinder is closer.',
    'Is the white cup left or right of the black bottle? It is to the left, by 0.35 metres.',
    'How many objects are on the table? There are three objects on the table.',
    'How wide is the orange box? It is 12 cm wide, 30 cm tall and 25 cm deep.',
    'Can a robot of 45 cm pass between them? Yes, the gap is 0.8 m wide. No, it is too narrow.',
    'The purple capsule stands behind the brown box, above the floor and below the shelf.',
)
"""Enough text for an untrained model's tokenizer; training brings its own."""


def write_checkpoint(
    folder: Path,
    sizes: Sizes,
    seed: int = 0,
    corpus: Iterable[str] = CORPUS,
    dtype: torch.dtype = torch.float32,
    note: str = '',
) -> Path:
    """Write a whole checkpoint with random weights.

    The same arguments give the same bytes.

    Args:
        folder: is made.
        sizes: of everything.
        seed: of the weights.
        corpus: text that the tokenizers are made from.
        dtype: that the weights are stored in.
        note: goes into the yaml.

    Returns:
        The reasoner.yaml.
    """
    torch.manual_seed(seed)
    corpus = list(corpus)
    vocabulary = write_tokenizer(folder / 'mamba', corpus, sizes.vocabulary, chat=False)
    write_encoders(folder, sizes, dtype)
    write_midi(folder, sizes, vocabulary, dtype)
    vlm = write_vlm(folder / 'vlm', sizes, corpus, dtype)
    settings: dict[str, Any] = {
        'image_encoder': 'clip',
        'depth_encoder': 'siglip',
        'mamba': 'mamba',
        'midi': 'midi',
        'vlm': 'vlm',
        'n_tor': sizes.n_tor,
        'image_size': list(sizes.vlm_image),
        'look_size': list(sizes.vlm_image),
        'trained': False,
    }
    settings |= {word: True for word in ('choose', 'point') if getattr(sizes, word)}
    if sizes.depth_range_m:
        settings['depth_range_m'] = list(sizes.depth_range_m)
    if sizes.adapter_rank:
        write_adapter(folder / 'ssr_vlm', vlm, sizes.adapter_rank)
        settings['adapter'] = 'ssr_vlm'
    if note:
        settings['note'] = note
    for file in folder.rglob('*.safetensors'):
        file.chmod(0o644)  # the library writes them for their owner alone
    path = folder / 'reasoner.yaml'
    path.write_text(yaml.safe_dump(settings, sort_keys=False), encoding='utf-8')
    return path


def main() -> None:
    """Command line."""
    transformers_logging.disable_progress_bar()
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('folder', type=Path)
    parser.add_argument(
        'sizes', nargs='*', metavar='YAML|KEY=VALUE', help='fields of Sizes, e.g. midi_width=128'
    )
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument(
        '--corpus', action='append', metavar='JSONL', help='rows whose words the tokenizers learn'
    )
    parser.add_argument('--float16', action='store_true', help='store the weights in 16 bits')
    parser.add_argument('--note', default='')
    options = parser.parse_args()
    dtype = torch.float16 if options.float16 else torch.float32
    try:
        sizes = read_settings(Sizes, options.sizes)
        corpus = _texts(options.corpus) if options.corpus else CORPUS
    except SsrError as error:
        parser.exit(2, f'{type(error).__name__}: {error}\n')
    path = write_checkpoint(options.folder, sizes, options.seed, corpus, dtype, options.note)
    print(f'wrote {path}')


def _texts(files: list[str]) -> list[str]:
    rows = RowFiles(files, '', max_broken=0.01)
    texts = (
        (row.question, row.rationale, row.answer) for row in (rows[i] for i in range(len(rows)))
    )
    return [text for row in texts for text in row]


if __name__ == '__main__':
    main()
