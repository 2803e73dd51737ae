# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Ways to damage a checkpoint, for ``fuzz.py``."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
import json
from pathlib import Path
import random
import shutil
from typing import Any

import numpy as np
from safetensors.torch import load_file, save_file
import torch
from transformers.utils import logging as transformers_logging

from ssr_ros.errors import SsrError
from ssr_ros.model import load_reasoner
from ssr_ros.rgbd import CameraIntrinsics, RgbdFrame
from training.small.new_checkpoint import write_checkpoint
from training.small.sizes import Sizes

SIZES = Sizes(
    vision_width=16,
    vision_layers=1,
    midi_width=16,
    midi_layers=1,
    vlm_width=32,
    vlm_layers=1,
    adapter_rank=2,
)
VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 3, 2**31, 10**9, 10**30, 0.5, -0.0, 1e308, 1e-308),
    *('', 'x', 'x' * 5000, '\0', '²', 'float16', 'awq', '<tor>', '{% for %}', '../../etc'),
    *([], [1], [[]], [None] * 50, {}, {'a': 1}, {'quant_method': 'fp8'}),
)
BYTES = (b'\0', b'\xff', b'{', b'"', b'9', b'[', b'\n')


def damaged_checkpoints(folder: Path) -> Callable[[random.Random], str]:
    """Write a tiny checkpoint; return what damages a copy of it and loads that."""
    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    sound = folder / 'sound'
    write_checkpoint(sound, SIZES, seed=1)
    frame = RgbdFrame(
        np.zeros((12, 16, 3), np.uint8),
        np.ones((12, 16), np.float32),
        CameraIntrinsics(16.0, 16.0, 8.0, 6.0),
    )

    def case(chance: random.Random) -> str:
        damaged = folder / 'damaged'
        shutil.rmtree(damaged, ignore_errors=True)
        shutil.copytree(sound, damaged)
        done = []
        for _ in range(chance.choice((1, 1, 1, 2))):
            with suppress(OSError, ValueError, SsrError):  # the second may not fit the first
                done.append(chance.choice(DAMAGES)(damaged, chance))
        reasoner = load_reasoner(damaged, device='cpu')
        reasoner.ask(reasoner.encode(frame), 'How far?', max_new_tokens=2)
        return ', '.join(done)

    return case


def _files(folder: Path, pattern: str) -> list[Path]:
    return sorted(path for path in folder.rglob(pattern) if path.is_file())


def _bytes(folder: Path, chance: random.Random) -> str:
    """Write over a few bytes of any file, mostly near its beginning."""
    path = chance.choice(_files(folder, '*'))
    content = bytearray(path.read_bytes())
    for _ in range(chance.randint(1, 4)):
        end = len(content) if chance.random() < 0.3 else min(len(content), 400)
        content[chance.randrange(end)] = chance.choice(BYTES)[0]
    path.write_bytes(content)
    return f'bytes of {path.name}'


def _cut(folder: Path, chance: random.Random) -> str:
    path = chance.choice(_files(folder, '*'))
    content = path.read_bytes()
    path.write_bytes(content[: chance.randrange(len(content))])
    return f'cut {path.name}'


def _lose(folder: Path, chance: random.Random) -> str:
    path = chance.choice(_files(folder, '*'))
    path.unlink()
    return f'lost {path.name}'


def _swap(folder: Path, chance: random.Random) -> str:
    one, other = chance.sample(_files(folder, chance.choice(('*.json', '*.safetensors'))), 2)
    content = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(content)
    return f'swapped {one.name} and {other.name}'


def _setting(folder: Path, chance: random.Random) -> str:
    """Give a setting, however deep, another value, or take it away, or add one."""
    path = chance.choice([p for p in _files(folder, '*.json') if p.name != 'tokenizer.json'])
    content = json.loads(path.read_text())
    below = content
    while True:
        key = chance.choice(sorted(below))
        if not (isinstance(below[key], dict) and below[key] and chance.random() < 0.8):
            break
        below = below[key]
    if chance.random() < 0.15:
        del below[key]
    else:
        below[key] = chance.choice(VALUES)
    if chance.random() < 0.1:
        content[chance.choice(('quantization_config', 'auto_map', 'zzz'))] = chance.choice(VALUES)
    path.write_text(json.dumps(content))
    return f'{path.name}: {key}'


def _tokenizer(folder: Path, chance: random.Random) -> str:
    path = chance.choice(_files(folder, 'tokenizer.json'))
    content = json.loads(path.read_text())
    key = chance.choice(sorted(content))
    content[key] = chance.choice(VALUES)
    if chance.random() < 0.5:
        content['added_tokens'] = content.get('added_tokens') or [chance.choice(VALUES)]
    path.write_text(json.dumps(content))
    return f'tokenizer.json: {key}'


def _yaml(folder: Path, chance: random.Random) -> str:
    path = folder / 'reasoner.yaml'
    lines = path.read_text().splitlines()
    at = chance.randrange(len(lines))
    value = json.dumps(chance.choice(VALUES))
    new = (f'{lines[at].partition(":")[0]}: {value}', lines[at] + lines[at], f'a: {value}', '- [')
    lines[at] = chance.choice(new)
    path.write_text('\n'.join(lines))
    return 'reasoner.yaml'


def _tensor(folder: Path, chance: random.Random) -> str:
    path = chance.choice(_files(folder, '*.safetensors'))
    tensors = load_file(path)
    name = chance.choice(sorted(tensors))
    tensor = tensors.pop(name)
    what = chance.choice(('lose', 'rename', 'wrap', 'shape', 'dtype', 'value', 'flat', 'none'))
    if what == 'rename':
        tensors[name.replace('0', chance.choice(('7', '1000000', '²')), 1) + 'x'] = tensor
    elif what == 'wrap':
        tensors = {'module.' + each: value for each, value in {**tensors, name: tensor}.items()}
    elif what == 'shape':
        tensors[name] = torch.zeros(*tensor.shape[:-1], tensor.shape[-1] + 1)
    elif what == 'dtype':
        kinds = (torch.int8, torch.float8_e4m3fn, torch.float16, torch.float64, torch.bool)
        tensors[name] = tensor.to(chance.choice(kinds))
    elif what == 'value':
        tensor.view(-1)[0] = chance.choice((float('nan'), float('inf'), 3e38, 1e30))
        tensors[name] = tensor
    elif what == 'flat':
        tensors[name] = tensor.flatten()
    elif what == 'none':
        tensors[name] = torch.zeros(0, *tensor.shape[1:])
    save_file(tensors, path)
    return f'{path.name}: {what} {name}'


DAMAGES = (_bytes, _cut, _lose, _swap, _setting, _setting, _setting, _tokenizer, _yaml, _tensor)
