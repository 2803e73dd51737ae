# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Damaged training rows: read from the file to the tokens that a model would be trained on."""

from __future__ import annotations

from collections.abc import Callable
import json
from pathlib import Path
import random
from typing import Any

import cv2
import numpy as np

from ssr_ros.model import load_reasoner, Reasoner
from training.data.datasets import SampleSet
from training.data.frames import FrameReader, Sample
from training.data.lengths import Lengths
from training.run.settings import DataSettings

GOOD = {
    'question': 'How far is the red box?',
    'rationale': 'The red box is 1.50 m away.',
    'answer': '1.50 m.',
    'image_path': 'rgb.png',
    'depth_path': 'depth.png',
    'meta': {'family': 'distance', 'rationale_without_answer': 'There is a red box.'},
}
LLAVA = {
    'id': '1',
    'image': 'rgb.png',
    'conversations': [
        {'from': 'human', 'value': '<image>\nWhich colour?'},
        {'from': 'gpt', 'value': 'Red.'},
    ],
}
ODD = (
    '',
    ' ',
    '\0',
    '\ud800',
    '../../etc/passwd',
    '/etc/passwd',
    '~',
    '.',
    'no.png',
    '<tor>' * 9,
    '<|im_end|>',
    '\u202e\u0000',
    'x' * 300,
    'word ' * 50_000,
    'y' * 200_000,
    '\U0001f600' * 999,
)
OTHER: tuple[Any, ...] = (
    None,
    True,
    7,
    -1.5,
    1e308,
    [],
    {},
    [[1]],
    {'a': {'b': []}},
    [None],
    10**30,
)


def damaged_rows(folder: Path) -> Callable[[random.Random], str]:
    """Return what damages a row, reads it with a good one behind it, and names the damage."""
    cv2.imwrite(str(folder / 'rgb.png'), np.full((48, 64, 3), 120, np.uint8))
    cv2.imwrite(str(folder / 'depth.png'), np.full((48, 64), 1500, np.uint16))
    reasoner = load_reasoner('nano', device='cpu')
    path = folder / 'rows.jsonl'

    def case(chance: random.Random) -> str:
        damage = chance.choice(DAMAGES)
        line = damage(chance, dict(chance.choice((GOOD, LLAVA))))
        path.write_bytes(line + b'\n' + json.dumps(GOOD).encode() + b'\n')
        _read(path, reasoner)
        return damage.__name__

    return case


def _read(path: Path, reasoner: Reasoner) -> None:
    reader = FrameReader((reasoner.image_encoder, reasoner.depth_encoder), reasoner.vlm.prompt)
    settings = DataSettings(max_broken=1.0)
    samples, lengths = SampleSet([str(path)], settings, reader, rationales=True), Lengths(settings)
    for sample in (samples[number] for number in range(len(samples))):
        if not isinstance(sample, Sample):
            continue
        row = sample.row
        for tokenizer in (reasoner.midi_tokenizer, reasoner.vlm.tokenizer):
            for text in (
                lengths.question(row.question, tokenizer),
                lengths.rationale(row.rationale, tokenizer, reasoner.n_tor),
                lengths.answer(row.answer, tokenizer),
            ):
                tokenizer.encode_user_text(text)


def _dumped(row: Any) -> bytes:
    return json.dumps(row).encode()


def other_types(chance: random.Random, row: dict[str, Any]) -> bytes:
    """Give some keys values of another type."""
    for key in chance.sample(list(row), chance.randint(1, 2)):
        row[key] = chance.choice(OTHER)
    return _dumped(row)


def odd_texts(chance: random.Random, row: dict[str, Any]) -> bytes:
    """Give some keys odd texts: empty, half characters, NUL, paths elsewhere, without end."""
    for key in chance.sample(list(row), chance.randint(1, 2)):
        row[key] = chance.choice(ODD)
    return _dumped(row)


def odd_keys(chance: random.Random, row: dict[str, Any]) -> bytes:
    """Leave keys out, or add unknown ones."""
    row.pop(chance.choice(list(row)))
    if chance.random() < 0.5:
        row[chance.choice(ODD)] = chance.choice(OTHER)
    return _dumped(row)


def odd_conversations(chance: random.Random, row: dict[str, Any]) -> bytes:
    """Turns that are no turns."""
    turns: list[Any] = json.loads(json.dumps(LLAVA['conversations']))
    for _ in range(chance.randint(1, 3)):
        turns.insert(chance.randint(0, len(turns)), chance.choice((*OTHER, {'from': 'human'})))
    return _dumped({'image': 'rgb.png', 'conversations': turns})


def deep(chance: random.Random, row: dict[str, Any]) -> bytes:
    """Nest deeper than anybody means."""
    depth = chance.choice((10, 900, 5_000, 100_000))
    opened, closed = chance.choice((('[', ']'), ('{"a":', '}')))
    inner = opened * depth + '1' + closed * depth
    return (json.dumps(row)[:-1] + f', "meta": {inner}}}').encode()


def torn(chance: random.Random, row: dict[str, Any]) -> bytes:
    """Cut the line, or flip bytes of it."""
    line = bytearray(_dumped(row))
    for _ in range(chance.randint(1, 5)):
        line[chance.randrange(len(line))] = chance.choice((*range(32, 127), *range(128, 256)))
    return bytes(line[: chance.randint(1, len(line))]) if chance.random() < 0.5 else bytes(line)


DAMAGES = (other_types, odd_texts, odd_keys, odd_conversations, deep, torn)
