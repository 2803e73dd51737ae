# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Write the three image networks as ONNX files, and compare each with torch.

One network is in memory at a time, the language model never.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
import logging
from pathlib import Path
from typing import Any
import warnings

import numpy as np
import torch
from torch import nn, Tensor

from ssr_ros import onnx_runtime
from ssr_ros.errors import CheckpointError, require_package
from ssr_ros.model.encoders import load_depth_encoder, load_image_encoder
from ssr_ros.model.onnx.entry import (
    bytes_of,
    Entry,
    LAYOUT,
    PARTS,
    path_of,
    WEIGHTS_KEY,
    weights_of,
    write_entry,
)
from ssr_ros.model.onnx.session import DTYPES
from ssr_ros.model.spec import CheckpointSpec
from ssr_ros.model.towers import TokensOf, TowerOfGrid
from ssr_ros.model.vlm import image_prompt_of, load_tower

BOUNDS = {'float32': 1e-4, 'float16': 2e-2}
"""Largest difference from torch in float32, over the largest value, that is let through."""

OPSET = 18

logger = logging.getLogger(__name__)


def export(
    spec: CheckpointSpec, folder: Path, dtype: str, say: Callable[[str], None]
) -> dict[str, Entry]:
    """Write all three networks, each with what is known of it beside it.

    Args:
        spec: the checkpoint.
        folder: where to; it is made.
        dtype: of weights, pixels and tokens: 'float32', or 'float16' for GPUs.
        say: gets a line of progress for people.

    Raises:
        CheckpointError: the checkpoint cannot be read, or a network computes something else than
            torch does: its file is removed.
        MissingPackageError: the packages of the extra 'export' are not installed.
    """
    for package, extra in (('onnx', 'export'), ('onnxscript', 'export'), ('onnxruntime', 'onnx')):
        require_package(package, extra)
    folder.mkdir(parents=True, exist_ok=True)
    written = {}
    for part in PARTS:
        say(f'{part}: writing ...')
        network, pixels = NETWORKS[part](spec)
        path, weights = path_of(folder, part), weights_of(spec, part)
        written[part] = write_network(network, pixels, path, weights, dtype)
        write_entry(folder, part, written[part])
        del network
    return written


def _image(spec: CheckpointSpec) -> tuple[nn.Module, Tensor]:
    encoder = load_image_encoder(spec.folder('image_encoder'), CPU, torch.float32)
    return TokensOf(encoder.model), _square(encoder.model.config.image_size)


def _depth(spec: CheckpointSpec) -> tuple[nn.Module, Tensor]:
    encoder = load_depth_encoder(spec.folder('depth_encoder'), CPU, torch.float32)
    return TokensOf(encoder.model), _square(encoder.model.config.image_size)


def _tower(spec: CheckpointSpec) -> tuple[nn.Module, Tensor]:
    folder, adapter = spec.folder('vlm'), spec.folder('adapter') if spec.adapter else None
    prompt = image_prompt_of(folder, spec.image_size)
    noise = torch.randn(prompt.pixel_values.shape, generator=torch.Generator().manual_seed(0))
    return TowerOfGrid(load_tower(folder, adapter), prompt.grid), noise


CPU = torch.device('cpu')
NETWORKS = dict(zip(PARTS, (_image, _depth, _tower), strict=True))


def _square(side: int) -> Tensor:
    return torch.randn(1, 3, side, side, generator=torch.Generator().manual_seed(0))


@torch.inference_mode()
def write_network(
    network: nn.Module, pixels: Tensor, path: Path, weights: str, dtype: str
) -> Entry:
    """Write one network and compare it with torch.

    Args:
        network: of pixels alone, in float32; it is in ``dtype`` afterwards.
        pixels: to compare on; their shape is fixed.
        path: of the file.
        weights: hash of what it was made from.
        dtype: 'float32' or 'float16'.

    Raises:
        CheckpointError: it computes something else than torch does: its file is removed.
    """
    expected = network.eval()(pixels)
    network.to(DTYPES[dtype])
    given = pixels.to(DTYPES[dtype])
    large = sum(p.nbytes for p in network.parameters()) > MOST_IN_ONE_FILE
    for old in (path, path.with_name(path.name + '.data')):
        old.unlink(missing_ok=True)
    with _quiet():
        torch.onnx.export(
            network,
            (given,),
            str(path),
            input_names=['pixels'],
            output_names=['tokens'],
            opset_version=OPSET,
            dynamo=True,
            external_data=large,
            verbose=False,
        )
    _stamp(path, weights)
    difference = _difference(path, given, expected)
    if not difference <= BOUNDS[dtype]:
        path.unlink()
        raise CheckpointError(
            f'{path}: in {dtype} ONNX Runtime differs from torch by {difference:.1e} of the '
            f'largest value, and at most {BOUNDS[dtype]:.0e} is let through'
        )
    return Entry(
        layout=LAYOUT,
        weights=weights,
        dtype=dtype,
        given=tuple(given.shape),
        made=tuple(expected.shape),
        bytes=bytes_of(path),
        difference=difference,
    )


def _stamp(path: Path, weights: str) -> None:
    """Write into the network itself what it was made from."""
    onnx: Any = require_package('onnx', 'export')
    model = onnx.load(str(path), load_external_data=False)
    onnx.helper.set_model_props(model, {WEIGHTS_KEY: weights})
    onnx.save(model, str(path))


MOST_IN_ONE_FILE = 1_800_000_000
"""Bytes; an ONNX file ends at two gigabytes."""


def _difference(path: Path, pixels: Tensor, expected: Tensor) -> float:
    """Return the largest difference from what torch has computed, over its largest value."""
    runtime: Any = require_package('onnxruntime', 'onnx')
    try:
        session = runtime.InferenceSession(str(path), providers=['CPUExecutionProvider'])
        (tokens,) = session.run(None, {'pixels': pixels.numpy()})
    except onnx_runtime.errors() as error:
        raise CheckpointError(f'{path}: {onnx_runtime.first_line(error)}') from error
    largest = np.abs(expected.numpy()).max()
    return float(np.abs(tokens.astype(np.float32) - expected.numpy()).max() / largest)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the exporter's report of its own steps to itself."""
    loggers = [logging.getLogger(name) for name in ('torch.onnx', 'onnxscript', 'onnx_ir')]
    levels = [each.level for each in loggers]
    for each in loggers:
        each.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')
            yield
    finally:
        for each, level in zip(loggers, levels, strict=True):
            each.setLevel(level)
