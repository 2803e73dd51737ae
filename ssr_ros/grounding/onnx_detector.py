# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A detector that the user has as an ONNX file, run by ONNX Runtime.

No detector comes with the package: give the file and the names of its classes in their order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ssr_ros import onnx_runtime
from ssr_ros.errors import ConfigError, GroundingError, require_package
from ssr_ros.grounding.onnx_outputs import (
    decode,
    LETTERBOXED,
    NEEDS_SUPPRESSION,
    OutputForm,
    recognise,
)
from ssr_ros.grounding.sources import with_denials
from ssr_ros.rgbd import RgbdFrame
from ssr_ros.scene.grounded import Grounded

PROVIDERS = ('TensorrtExecutionProvider', 'CUDAExecutionProvider', 'CPUExecutionProvider')
"""The first of them that is there runs the model, the next ones what it cannot run."""

FREE_SIDE = 640
"""Side of the input, pixels, where the model takes any."""

GRAY = 114
IMAGENET_MEAN = np.array((0.485, 0.456, 0.406), np.float32)
IMAGENET_STD = np.array((0.229, 0.224, 0.225), np.float32)
MOST_REGIONS = 300


@dataclass(frozen=True)
class _Input:
    """A frame in the model's input, and where: input = frame * scale + offset, along x and y."""

    pixels: NDArray[np.float32]
    scale: NDArray[np.float64]
    offset: NDArray[np.float64]

    def to_frame(self, boxes_px: NDArray[np.float32]) -> NDArray[np.float64]:
        """Bring (N, 4) corners in the input to pixels of the frame."""
        corners = boxes_px.astype(np.float64).reshape(-1, 2, 2)
        return ((corners - self.offset) / self.scale).reshape(-1, 4)


class OnnxDetector:
    """Finds the classes of a detector in an image.

    Attributes:
        name: what its regions carry as their source.
        class_names: in the order of the model's scores.
        form: how the model writes what it found.
        providers: that ONNX Runtime uses, in their order.
        least_score: detections below it are dropped.
    """

    def __init__(
        self,
        path: str | Path,
        class_names: Sequence[str],
        form: OutputForm | None = None,
        least_score: float = 0.3,
        providers: Sequence[str] = PROVIDERS,
        name: str = 'detector',
    ) -> None:
        """Load the model and run it once, on an empty image, to see its outputs.

        Args:
            path: the ONNX file.
            class_names: in the order of the model's scores; an empty one is never reported.
            form: of its outputs; None recognises it by their shapes.
            least_score: 0..1.
            providers: of ONNX Runtime, the best first; those that are not there are passed over.
            name: what its regions carry as their source.

        Raises:
            GroundingError: the file cannot be run, or its inputs or outputs are not known.
            ConfigError: no class names, or least_score is outside 0..1.
            MissingPackageError: ONNX Runtime is not installed.
        """
        if not class_names or not 0 <= least_score <= 1:
            raise ConfigError(
                'a detector needs its class names and a least_score in 0..1, got '
                f'{len(class_names)} names and {least_score}'
            )
        self.name = name
        self.class_names = tuple(class_names)
        self.least_score = least_score
        self._session = _open(Path(path), providers)
        self.providers = tuple(self._session.get_providers())
        self._input_name, self._input_size, self._mask_name = _inputs_of(self._session, path)
        width, height = self._input_size
        outputs = self._run(np.zeros((1, 3, height, width), np.float32))
        shapes = [tuple(output.shape) for output in outputs]
        self.form = recognise(shapes, len(self.class_names), form)

    def locate(self, frame: RgbdFrame, phrases: Sequence[str]) -> list[Grounded]:
        """Return all that the detector finds, and deny the phrases that nothing answers to.

        Raises:
            GroundingError: the model cannot be run on this image.
        """
        return with_denials(self.detect(frame.rgb), phrases, self.name)

    def detect(self, rgb: NDArray[np.uint8]) -> list[Grounded]:
        """Return what the detector finds in an image (H, W, 3), the surest first."""
        given = self._input_of(rgb)
        found = decode(
            self.form, self._run(given.pixels), self._input_size, len(self.class_names)
        ).over(self.least_score)
        if self.form in NEEDS_SUPPRESSION:
            found = found.suppressed()
        boxes = _clipped(given.to_frame(found.boxes_px), rgb.shape[1], rgb.shape[0])
        regions = []
        for index in np.argsort(-found.scores)[:MOST_REGIONS]:
            label = self._label(int(found.classes[index]))
            x0, y0, x1, y1 = (float(value) for value in boxes[index])
            if label and x1 > x0 and y1 > y0:
                score = min(1.0, float(found.scores[index]))
                regions.append(Grounded(label, (x0, y0, x1, y1), score, self.name))
        return regions

    def _label(self, index: int) -> str:
        return self.class_names[index] if 0 <= index < len(self.class_names) else ''

    def _run(self, pixels: NDArray[np.float32]) -> list[NDArray[np.generic]]:
        feeds: dict[str, NDArray[np.generic]] = {self._input_name: pixels}
        if self._mask_name:
            feeds[self._mask_name] = np.ones((1, *pixels.shape[2:]), np.int64)
        try:
            outputs: list[NDArray[np.generic]] = self._session.run(None, feeds)
        except onnx_runtime.errors() as error:
            raise GroundingError(f'{self.name}: ONNX Runtime failed: {error}') from error
        return outputs

    def _input_of(self, rgb: NDArray[np.uint8]) -> _Input:
        """Resize as the family's training does: with gray bars, or squashed."""
        width, height = self._input_size
        if self.form in LETTERBOXED:
            scale = min(width / rgb.shape[1], height / rgb.shape[0])
            size = (max(1, round(rgb.shape[1] * scale)), max(1, round(rgb.shape[0] * scale)))
        else:
            size = (width, height)
        left, top = (width - size[0]) // 2, (height - size[1]) // 2
        canvas = np.full((height, width, 3), GRAY, np.uint8)
        canvas[top : top + size[1], left : left + size[0]] = cv2.resize(rgb, size)
        pixels: NDArray[np.float32] = canvas.astype(np.float32) / np.float32(255)
        if self._mask_name:  # only DETR and its next of kin have one, and they want this
            pixels = ((pixels - IMAGENET_MEAN) / IMAGENET_STD).astype(np.float32)
        scales = np.array([size[0] / rgb.shape[1], size[1] / rgb.shape[0]])
        return _Input(_batch(pixels), scales, np.array([left, top], np.float64))


def _batch(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    """From (H, W, 3) to (1, 3, H, W)."""
    return np.ascontiguousarray(pixels.transpose(2, 0, 1)[None], np.float32)


def _clipped(boxes_px: NDArray[np.float64], width: int, height: int) -> NDArray[np.float64]:
    return np.clip(boxes_px, 0, (width, height, width, height))


def _open(path: Path, providers: Sequence[str]) -> Any:
    """Open a model with those providers that are there.

    Raises:
        GroundingError: the file is not there, is no ONNX model, or no provider runs it.
        MissingPackageError: ONNX Runtime is not installed.
    """
    runtime = require_package('onnxruntime', 'onnx')
    there = runtime.get_available_providers()
    wanted = [provider for provider in providers if provider in there]
    if not wanted:
        raise GroundingError(
            f'none of the providers {", ".join(providers)} is in this ONNX Runtime, which has '
            f'{", ".join(there)}'
        )
    if not path.is_file():
        raise GroundingError(f'{path}: there is no such file; expected a detector as ONNX')
    try:
        return runtime.InferenceSession(str(path), providers=wanted)
    except onnx_runtime.errors() as error:
        raise GroundingError(f'{path}: ONNX Runtime cannot open it: {error}') from error


def _inputs_of(session: Any, path: str | Path) -> tuple[str, tuple[int, int], str]:
    """The image input's name and its (width, height), and the name of a pixel mask or ''.

    Raises:
        GroundingError: there are other inputs, or no image (1, 3, H, W) of float32.
    """
    inputs = {given.name: given for given in session.get_inputs()}
    mask = 'pixel_mask' if 'pixel_mask' in inputs else ''
    images = [given for name, given in inputs.items() if name != mask]
    shapes = ', '.join(f'{i.name} {i.shape} {i.type}' for i in inputs.values())
    if len(images) != 1 or images[0].type != 'tensor(float)' or len(images[0].shape) != 4:
        raise GroundingError(
            f'{path}: the inputs are {shapes}; expected one image (1, 3, H, W) of float32'
        )
    batch, channels, height, width = images[0].shape
    if channels not in (3, *_free(channels)) or batch not in (1, *_free(batch)):
        raise GroundingError(f'{path}: the inputs are {shapes}; expected (1, 3, H, W)')
    size = tuple(side if isinstance(side, int) else FREE_SIDE for side in (width, height))
    return images[0].name, (size[0], size[1]), mask


def _free(side: Any) -> tuple[Any, ...]:
    """A side that is a word or nothing may have any length."""
    return () if isinstance(side, int) else (side,)
