# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Checkpoints made from checkpoints: encoders exported, adapter merged, quantised."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ssr_ros.errors import CheckpointError
from ssr_ros.model.onnx.entry import Entry
from ssr_ros.model.onnx.export import export
from ssr_ros.model.onnx.load import onnx_folder
from ssr_ros.model.spec import read_spec, write_spec


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
