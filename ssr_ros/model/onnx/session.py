# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""An exported network, run by ONNX Runtime on torch's memory and, on CUDA, beside torch's stream.

Nothing is copied: pixels are read where torch has put them and tokens are written where torch has
made room. On CUDA the network has a stream of its own, so that several run side by side.
"""

from __future__ import annotations

from dataclasses import dataclass
import logging
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ssr_ros import onnx_runtime
from ssr_ros.errors import CheckpointError, ConfigError, DeviceError, require_package
from ssr_ros.model.onnx.entry import Entry, WEIGHTS_KEY

DTYPES = {'float32': torch.float32, 'float16': torch.float16}
ON_CUDA = ('tensorrt-rtx', 'tensorrt', 'cuda')

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Tokens:
    """What a transformers model would return."""

    last_hidden_state: Tensor


class OnnxNetwork:
    """Stands where a transformers vision model does: pixels in, tokens out.

    Attributes:
        config: of the transformers model.
        device: of pixels and tokens.
        dtype: of pixels and tokens.
        provider: that runs it, our word for it.
    """

    def __init__(
        self, path: Path, entry: Entry, device: torch.device, provider: str, config: Any
    ) -> None:
        """Open it; with TensorRT that can take minutes the first time.

        Raises:
            CheckpointError: ONNX Runtime cannot open it.
            MissingPackageError: ONNX Runtime is not installed.
        """
        self.config = config
        self.device = device
        self.dtype = DTYPES[entry.dtype]
        self.provider = provider
        self._runtime: Any = require_package('onnxruntime', 'onnx')
        self._entry, self._path, self._errors = entry, path, onnx_runtime.errors()
        self._stream = torch.cuda.Stream(device) if device.type == 'cuda' else None  # type: ignore[no-untyped-call]
        try:
            self._session = self._runtime.InferenceSession(
                str(path), self._options(), providers=self._providers()
            )
        except self._errors as error:
            said = onnx_runtime.first_line(error)
            raise CheckpointError(f'{path}: ONNX Runtime cannot open it: {said}') from error
        inside = self._session.get_modelmeta().custom_metadata_map.get(WEIGHTS_KEY, 'none')
        if inside != entry.weights:
            raise CheckpointError(
                f'{path}: holds other weights ({inside[:12]}) than is written beside it '
                f'({entry.weights[:12]}): write it again: ssr-ros export MODEL --onnx'
            )
        if self._session.get_providers()[0] != onnx_runtime.PROVIDERS[provider]:
            raise CheckpointError(f'{path}: {provider} cannot run it')
        logger.info('%s: %s, %s', path.name, provider, entry.dtype)

    def __call__(self, pixel_values: Tensor) -> Tokens:
        """Run it.

        Raises:
            DeviceError: it fails; out of memory is one reason.
        """
        pixels = pixel_values.to(self.device, self.dtype).contiguous()
        if pixels.shape != self._entry.given:
            raise ConfigError(
                f'{self._path}: made for pixels of {self._entry.given}, got {tuple(pixels.shape)}'
            )
        tokens = torch.empty(self._entry.made, dtype=self.dtype, device=self.device)
        binding = self._session.io_binding()
        for bind, name, tensor in (
            (binding.bind_input, 'pixels', pixels),
            (binding.bind_output, 'tokens', tokens),
        ):
            bind(
                name,
                self.device.type,
                self.device.index or 0,
                np.dtype(self._entry.dtype).type,
                tuple(tensor.shape),
                tensor.data_ptr(),
            )
        try:
            self._run(binding, pixels, tokens)
        except self._errors as error:
            raise DeviceError(
                f'{self._path.name}: {self.provider} failed: {onnx_runtime.first_line(error)}; '
                'model.encoders: torch does without it'
            ) from error
        return Tokens(tokens)

    def _run(self, binding: Any, pixels: Tensor, tokens: Tensor) -> None:
        options = self._runtime.RunOptions()
        if self._stream is None:
            self._session.run_with_iobinding(binding, options)
            return
        options.add_run_config_entry('disable_synchronize_execution_providers', '1')
        ours = torch.cuda.current_stream(self.device)
        self._stream.wait_stream(ours)
        self._session.run_with_iobinding(binding, options)
        ours.wait_stream(self._stream)
        for tensor in (pixels, tokens):
            tensor.record_stream(self._stream)

    def _options(self) -> Any:
        options = self._runtime.SessionOptions()
        options.intra_op_num_threads = torch.get_num_threads()
        options.log_severity_level = 3
        return options

    def _providers(self) -> list[tuple[str, dict[str, str]]]:
        if self._stream is None:
            return [(onnx_runtime.PROVIDERS['cpu'], {})]
        common = {
            'device_id': str(self.device.index or 0),
            'has_user_compute_stream': '1',
            'user_compute_stream': str(self._stream.cuda_stream),
        }
        own = cache_options(self.provider, engines(self._path.parent, self.device), self.dtype)
        found = [(onnx_runtime.PROVIDERS[self.provider], {**common, **own})]
        if self.provider != 'cuda':  # for what an engine cannot hold
            found.append((onnx_runtime.PROVIDERS['cuda'], {**common, 'use_tf32': '0'}))
        return found


def cache_options(provider: str, folder: Path, dtype: torch.dtype) -> dict[str, str]:
    """Return what a provider is told: where it keeps engines, and no fewer digits than asked."""
    if provider == 'tensorrt-rtx':
        return {'nv_runtime_cache_path': str(folder)}
    if provider == 'tensorrt':
        return {
            'trt_engine_cache_enable': '1',
            'trt_engine_cache_path': str(folder),
            'trt_timing_cache_enable': '1',
            'trt_timing_cache_path': str(folder),
            'trt_fp16_enable': '1' if dtype == torch.float16 else '0',
        }
    return {'use_tf32': '0'}


def engines(folder: Path, device: torch.device) -> Path:
    """Return where engines for this card and these versions are kept; others are never met."""
    card = torch.cuda.get_device_name(device).replace(' ', '-').replace('/', '-')
    kept = folder / 'engines' / f'{card}-cuda{torch.version.cuda}-ort{onnx_runtime.version()}'
    try:
        kept.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        logger.warning('%s: engines are not kept: %s', kept, error)
    return kept


def pick_provider(wanted: str, device: torch.device) -> str:
    """Return the provider to use on a device: the one asked for, or the first that works.

    Args:
        wanted: '' for the first that works, or a word of ``onnx_runtime.PROVIDERS``.
        device: of pixels and tokens.

    Raises:
        ConfigError: there is no such provider, or it is for another kind of device.
        DeviceError: it does not work here, or none does.
        MissingPackageError: ONNX Runtime is not installed.
    """
    fitting = ON_CUDA if device.type == 'cuda' else ('cpu',)
    if wanted and wanted not in onnx_runtime.PROVIDERS:
        known = ', '.join(onnx_runtime.PROVIDERS)
        raise ConfigError(f'ONNX Runtime provider {wanted!r:.40}: expected one of {known}')
    if wanted and wanted not in fitting:
        raise ConfigError(f'ONNX Runtime provider {wanted!r} does not run on {device}')
    reasons = {word: onnx_runtime.why_not(word) for word in ([wanted] if wanted else fitting)}
    for word, reason in reasons.items():
        if not reason:
            return word
    said = '; '.join(f'{word}: {reason}' for word, reason in reasons.items())
    raise DeviceError(f'no provider of ONNX Runtime works on {device} ({said})')
