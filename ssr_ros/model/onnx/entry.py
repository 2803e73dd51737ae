# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What is known of an exported network before it is opened, and of which weights it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from hashlib import sha256
import json
from pathlib import Path
from typing import Any

import torch

from ssr_ros.errors import CheckpointError
from ssr_ros.model.checkpoint import TensorFiles
from ssr_ros.model.encoders import TEXT_TOWER
from ssr_ros.model.folder import read_json
from ssr_ros.model.spec import CheckpointSpec
from ssr_ros.settings import build

LAYOUT = 1
"""Of these files; one of another number was written by another version of this package."""

WEIGHTS_KEY = 'ssr_ros.weights'
"""The hash of the weights in a network's own metadata."""

MOST_BYTES = 2**40
"""Of a network and its weights; the vision tower's of the 3B size are 2.7 GB."""

PARTS = ('image_encoder', 'depth_encoder', 'vision_tower')


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One exported network.

    Attributes:
        layout: version of what is written here and of the network's inputs and outputs.
        weights: hash of the tensors that it was made from.
        dtype: of pixels and tokens, 'float32' or 'float16'.
        given: shape of the pixels.
        made: shape of the tokens.
        bytes: of the file, and of the one beside it that holds its weights.
        difference: largest difference from torch in float32, over the largest value.
    """

    layout: int
    weights: str
    dtype: str
    given: tuple[int, ...]
    made: tuple[int, ...]
    bytes: int
    difference: float


def path_of(folder: Path, part: str) -> Path:
    """Return the file of a part."""
    return folder / f'{part}.onnx'


def write_entry(folder: Path, part: str, entry: Entry) -> None:
    """Write it beside its network."""
    text = json.dumps(asdict(entry), indent=2)
    path_of(folder, part).with_suffix('.json').write_text(text + '\n', encoding='utf-8')


def read_entry(folder: Path, part: str, spec: CheckpointSpec) -> Entry:
    """Read and check what is known of a part's network.

    Args:
        folder: of the export.
        part: one of PARTS.
        spec: the checkpoint that it is for.

    Raises:
        CheckpointError: it was never exported, is of another version, of other weights, or its
            files are not as they were written.
        ConfigError: a key is unknown, missing or of another type.
    """
    path = path_of(folder, part)
    again = 'write it again: ssr-ros export MODEL --onnx'
    if not path.is_file():
        raise CheckpointError(f'{path}: not exported yet: ssr-ros export MODEL --onnx')
    content = read_json(path.with_suffix('.json'), MOST_BYTES)
    if content.get('layout') != LAYOUT:
        raise CheckpointError(
            f'{path}: written by another version (layout {content.get("layout")!r:.20}, and '
            f'{LAYOUT} is read here): {again}'
        )
    lists = {key: tuple(value) for key, value in content.items() if isinstance(value, list)}
    entry = build(Entry, {**content, **lists}, str(path))
    weights = weights_of(spec, part)
    if entry.weights != weights:
        raise CheckpointError(
            f'{path}: made from other weights ({entry.weights[:12]}, and the checkpoint has '
            f'{weights[:12]}): {again}'
        )
    if entry.bytes != bytes_of(path):
        raise CheckpointError(
            f'{path}: {bytes_of(path):,} bytes, and {entry.bytes:,} were written: {again}'
        )
    return entry


def bytes_of(path: Path) -> int:
    """Return the bytes of a network and of the file of its weights, where it has one."""
    beside = path.with_name(path.name + '.data')
    return path.stat().st_size + (beside.stat().st_size if beside.is_file() else 0)


def weights_of(spec: CheckpointSpec, part: str) -> str:
    """Hash the tensors that a part's network is made from.

    Raises:
        CheckpointError: the files cannot be read.
    """
    digest = sha256()
    if part != 'vision_tower':
        files = TensorFiles(spec.folder(part))
        _add(digest, files, (n for n in files.shapes if not n.startswith(TEXT_TOWER)))
        return digest.hexdigest()
    for folder in [spec.folder('vlm'), *([spec.folder('adapter')] if spec.adapter else [])]:
        files = TensorFiles(folder)
        _add(digest, files, (name for name in files.shapes if 'visual.' in name))
        settings = folder / 'adapter_config.json'
        digest.update(settings.read_bytes() if settings.is_file() else b'')
    digest.update(repr(spec.image_size).encode())
    return digest.hexdigest()


def _add(digest: Any, files: TensorFiles, names: Iterable[str]) -> None:
    for name, tensor in files.tensors(sorted(names)):
        digest.update(f'{name} {tensor.dtype} {tuple(tensor.shape)}'.encode())
        digest.update(tensor.contiguous().view(-1).view(torch.uint8).numpy())
