# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Choose what runs the image networks of a checkpoint: torch, or ONNX Runtime."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
import logging
from pathlib import Path
from typing import Any

import torch

from ssr_ros.errors import CheckpointError, ConfigError, DeviceError, MissingPackageError
from ssr_ros.model.onnx.entry import PARTS, path_of, read_entry
from ssr_ros.model.onnx.session import OnnxNetwork, pick_provider
from ssr_ros.model.spec import CheckpointSpec, ENCODERS

Opener = Callable[[Any], OnnxNetwork]
"""From the transformers config of a model to what stands in its place."""

logger = logging.getLogger(__name__)


def onnx_folder(spec: CheckpointSpec) -> Path:
    """Return where a checkpoint's exported networks are."""
    return (spec.source.parent / Path(spec.onnx).expanduser()).resolve()


def onnx_networks(
    spec: CheckpointSpec, wanted: str, device: torch.device, dtype: torch.dtype
) -> Mapping[str, Opener]:
    """Return part -> what opens its network; nothing where torch is to run them.

    Args:
        spec: the checkpoint.
        wanted: one of ENCODERS; 'auto' is what the checkpoint says, and there ONNX Runtime where
            all three networks were exported from these weights and a provider works.
        device: to run on.
        dtype: of the torch models.

    Raises:
        ConfigError: ``wanted`` is none of ENCODERS.
        CheckpointError: a network is wanted and missing, or of another version or other weights.
        DeviceError: no provider works on the device.
        MissingPackageError: ONNX Runtime is not installed.
    """
    if wanted not in ENCODERS:
        raise ConfigError(f'encoders {wanted!r:.40}: expected one of {", ".join(ENCODERS)}')
    word = spec.encoders if wanted == 'auto' else wanted
    if word == 'torch':
        return {}
    if word != 'auto':
        return _openers(spec, word.partition(':')[2], device)
    if not path_of(onnx_folder(spec), PARTS[0]).is_file():
        return {}
    try:
        openers = _openers(spec, '', device)
    except (CheckpointError, ConfigError, DeviceError, MissingPackageError) as error:
        logger.warning('torch runs the encoders: %s', error)
        return {}
    half = [
        part for part, opener in openers.items() if opener.keywords['entry'].dtype != 'float32'
    ]
    if half and dtype == torch.float32:
        logger.warning('torch runs the encoders: float32 is asked for, exported is float16')
        return {}
    return openers


def _openers(
    spec: CheckpointSpec, provider: str, device: torch.device
) -> dict[str, partial[OnnxNetwork]]:
    picked, folder = pick_provider(provider, device), onnx_folder(spec)
    entries = {part: read_entry(folder, part, spec) for part in PARTS}
    return {
        part: partial(
            _open, path=path_of(folder, part), entry=entry, device=device, provider=picked
        )
        for part, entry in entries.items()
    }


def _open(config: Any, **given: Any) -> OnnxNetwork:
    return OnnxNetwork(config=config, **given)
