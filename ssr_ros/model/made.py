# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Checkpoints made from checkpoints: encoders exported, adapter merged, quantised."""

from __future__ import annotations

from collections.abc import Callable, Iterator
import json
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers import Qwen2_5_VLForConditionalGeneration

from ssr_ros.errors import CheckpointError, ConfigError, TensorMismatchError
from ssr_ros.model.checkpoint import check_finite, TensorFiles
from ssr_ros.model.encoders import TEXT_TOWER
from ssr_ros.model.folder import OWN_QUANTISATION, quantised_by, read_json
from ssr_ros.model.load import check_adapter, DTYPES
from ssr_ros.model.lora import Adapter, now_called
from ssr_ros.model.midi import TEACHER_PREFIX
from ssr_ros.model.onnx.entry import Entry
from ssr_ros.model.onnx.export import export
from ssr_ros.model.onnx.load import onnx_folder
from ssr_ros.model.pretrained import empty_of
from ssr_ros.model.quantised import BITS, quantisable, quantise
from ssr_ros.model.rewrite import copy_settings, save, stored
from ssr_ros.model.spec import CheckpointSpec, PARTS, read_spec, write_spec
from ssr_ros.model.wide import kept_wide


def export_onnx(
    model: str, out: Path | None, dtype: str, say: Callable[[str], None]
) -> tuple[Path, dict[str, Entry]]:
    """Write a checkpoint's image networks as ONNX files.

    Args:
        model: preset, folder or yaml.
        out: a folder that becomes a checkpoint of its own; None writes beside the yaml.
        dtype: 'float32' or 'float16'.
        say: gets lines of progress.

    Returns:
        The folder of the networks, and what is known of each.

    Raises:
        CheckpointError: the checkpoint cannot be read, the folder not be written, or a network
            computes something else than torch does.
        MissingPackageError: the packages of the extra 'export' are not installed.
    """
    spec = read_spec(model)
    folder = onnx_folder(spec) if out is None else out.resolve()
    try:
        written = export(spec, folder, dtype, say)
        if out is not None:
            write_spec(spec, folder, onnx='.')
    except OSError as error:
        raise CheckpointError(
            f'{folder}: cannot be written: {error}; name another: --out'
        ) from error
    return folder, written


def merge(model: str, out: Path, say: Callable[[str], None], dtype: str = '') -> int:
    """Write a checkpoint whose VLM holds its adapter: it then loads as fast as its files are read.

    Args:
        model: preset, folder or yaml.
        out: a new folder; it holds every part and can be moved.
        say: gets lines of progress.
        dtype: 'bfloat16' or 'float16', in which the VLM and its encoders are stored, but for what
            is kept in float32 beside it: nothing is converted when they are loaded so. '' leaves
            each in its own.

    Returns:
        The bytes of the VLM.

    Raises:
        ConfigError: there is no adapter, or none any more.
        CheckpointError: the checkpoint cannot be read, or the folder not be written.
    """
    spec = read_spec(model)
    if spec.adapter is None:
        already = f', which was {spec.made_from}' if spec.made_from else ''
        raise ConfigError(f'{spec.source}{already}: it has no adapter, there is nothing to merge')
    check_adapter(spec)
    narrow = DTYPES[dtype] if dtype else None
    vlm = _narrowed(_merged(spec), TensorFiles(spec.folder('vlm')), narrow)
    return _write_again(spec, out, f'merged from {model}', say, vlm, {}, narrow)


def quantise_vlm(model: str, out: Path, bits: int, say: Callable[[str], None]) -> int:
    """Write a checkpoint whose language model has weights of 8 or 4 bits, an adapter merged.

    Embeddings, head and vision tower, encoders and MIDI stay as they are.

    Args:
        model: preset, folder or yaml.
        out: a new folder; it holds every part and can be moved.
        bits: 8 or 4.
        say: gets lines of progress.

    Returns:
        The bytes of the VLM.

    Raises:
        ConfigError: it is quantised already.
        CheckpointError: the checkpoint cannot be read, or the folder not be written.
    """
    spec = read_spec(model)
    method = quantised_by(spec.folder('vlm'))
    if method is not None:
        raise ConfigError(
            f'{spec.source}: the VLM is quantised already ({method}): quantise the checkpoint '
            'that it was made from, or digits are lost twice'
        )
    if bits not in BITS:
        raise ConfigError(f'bits: expected 8 or 4, got {bits}')
    whole = _empty_vlm(spec)
    wanted = {f'{name}.weight' for name, _ in quantisable(whole, bits)}
    tensors = _quantised(_merged(spec) if spec.adapter else _stored_vlm(spec), wanted, bits)
    return _write_again(
        spec,
        out,
        f'{bits} bits, from {model}',
        say,
        tensors,
        {'quantization_config': {'quant_method': OWN_QUANTISATION, 'bits': bits}},
    )


Tensors = Iterator[tuple[str, Tensor]]


def _write_again(
    spec: CheckpointSpec,
    out: Path,
    made_from: str,
    say: Callable[[str], None],
    vlm: Tensors,
    config: dict[str, Any],
    dtype: torch.dtype | None = None,
) -> int:
    out = out.resolve()
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise CheckpointError(f'{out}: is there already: name a new folder')
    try:
        for part in SKIP:
            say(f'{part} ...')
            copy_settings(spec.folder(part), out / part)
            files = TensorFiles(spec.folder(part))
            kind = None if part == 'midi' else dtype  # it always runs in float32
            save(_narrowed(stored(files, SKIP[part]), files, kind), out / part)
        copy_settings(spec.folder('mamba'), out / 'mamba')
        say('vlm ...')
        copy_settings(spec.folder('vlm'), out / 'vlm')
        settings = out / 'vlm/config.json'
        settings.write_text(json.dumps({**read_json(settings), **config}, indent=2))
        size = save(vlm, out / 'vlm')
        merged = spec.merged or spec.adapter is not None
        parts = {part: part for part in PARTS if part != 'adapter'}
        write_spec(
            spec, out, adapter=None, made_from=made_from, merged=merged, onnx='onnx', **parts
        )
    except OSError as error:
        raise CheckpointError(f'{out}: cannot be written: {error}') from error
    return size


SKIP = {'image_encoder': TEXT_TOWER, 'depth_encoder': TEXT_TOWER, 'midi': (TEACHER_PREFIX,)}
"""What of a part's weights is not copied, as nothing here reads it."""


def _narrowed(tensors: Tensors, files: TensorFiles, dtype: torch.dtype | None) -> Tensors:
    """Yield tensors as loading in ``dtype`` makes them; None: as they are."""
    kept = kept_wide(files, dtype) if dtype is not None else set()
    for name, tensor in tensors:
        as_it_is = dtype is None or name in kept or not tensor.is_floating_point()
        yield name, tensor if as_it_is else tensor.to(dtype)


def _stored_vlm(spec: CheckpointSpec) -> Tensors:
    return stored(TensorFiles(spec.folder('vlm')))


def _merged(spec: CheckpointSpec) -> Tensors:
    """Yield the VLM's tensors with the adapter in them, one pair in memory at a time."""
    adapter = Adapter(spec.folder('adapter'), _empty_vlm(spec))
    left = set(adapter.pairs)
    for name, tensor in _stored_vlm(spec):
        module = now_called(name).removesuffix('.weight')
        if module in left:
            left.discard(module)
            tensor = adapter.merged(module, tensor)
        yield name, tensor
    if left:
        raise TensorMismatchError(str(spec.folder('vlm')), missing=left)


def _empty_vlm(spec: CheckpointSpec) -> Any:
    return empty_of(Qwen2_5_VLForConditionalGeneration, spec.folder('vlm'))


def _quantised(tensors: Tensors, wanted: set[str], bits: int) -> Tensors:
    for name, tensor in tensors:
        if now_called(name) not in wanted:
            yield name, tensor
            continue
        check_finite(name, tensor, Path(name))
        for kind, made in quantise(tensor, bits).items():
            yield name.removesuffix('weight') + kind, made
