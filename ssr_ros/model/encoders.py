# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The two frozen encoders: CLIP reads the colour image, SigLIP reads the depth image.

Both keep every patch token (``last_hidden_state``; CLIP's class token included). The image
processors are pinned to their PIL versions: the torchvision ones, which transformers prefers where
torchvision is installed, resample differently.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
import torch
from torch import nn, Tensor
from transformers import CLIPVisionModel, SiglipVisionModel
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil
from transformers.models.siglip.image_processing_pil_siglip import SiglipImageProcessorPil

from ssr_ros.errors import CheckpointError
from ssr_ros.model.checkpoint import reading, TensorFiles
from ssr_ros.model.graphs import Recorded
from ssr_ros.model.pretrained import load_pretrained
from ssr_ros.model.wide import keep_sums_wide, put_back
from ssr_ros.rgbd import depth_to_gray

TEXT_TOWER = ('text_model.', 'text_projection.', 'visual_projection.', 'logit_scale', 'logit_bias')
"""Parts of a full CLIP or SigLIP checkpoint that an image encoder does not have."""


Instead = Callable[[Any], Any]
"""From a transformers config to what is called as its model is."""

MAX_SIDE = 4096
"""Longest side of an image that an encoder may want, in pixels."""


Encoder = TypeVar('Encoder', bound='ImageEncoder')


class ImageEncoder:
    """An image processor and a frozen vision transformer.

    Attributes:
        model: the transformer, or what stands in its place (``ssr_ros.model.onnx``).
        width: of its tokens.
        stage: the transformer's pass, recorded where the device can.
    """

    def __init__(self, processor: Any, model: Any) -> None:
        """Put the two together.

        Raises:
            CheckpointError: the processor makes images of another size than the model reads.
        """
        if isinstance(model, nn.Module):
            keep_sums_wide(model)
        self.processor = processor
        self.model = model
        self.width = int(model.config.hidden_size)
        self.stage = Recorded(self._see, model.device)
        _check_processor(processor, model)

    @torch.inference_mode()
    def __call__(self, image: NDArray[np.uint8]) -> Tensor:
        """(H, W, 3) uint8 -> (1, tokens, width)."""
        pixels = self.processor(
            images=image, return_tensors='pt', input_data_format='channels_last'
        )
        pixel_values = pixels['pixel_values'].to(self.model.device)
        # What stands in a model's place has its own way to be quick.
        see = self.stage if isinstance(self.model, nn.Module) else self._see
        return see(pixel_values)[0]

    def with_model(self: Encoder, model: Any) -> Encoder:
        """Return the same with another model."""
        other = copy(self)
        other.model, other.stage = model, Recorded(other._see, model.device)
        return other

    def _see(self, pixel_values: Tensor) -> tuple[Tensor, ...]:
        return (self.model(pixel_values=pixel_values).last_hidden_state,)


class DepthEncoder(ImageEncoder):
    """An image encoder whose pictures are painted from depth."""

    def __init__(self, processor: Any, model: Any, range_m: tuple[float, float] | None) -> None:
        super().__init__(processor, model)
        self.model.use_head = False  # nobody reads what it makes of all tokens together
        self._range_m = range_m

    def picture(self, depth_m: NDArray[np.float32]) -> NDArray[np.uint8]:
        """(H, W) metres, NaN unknown -> (H, W, 3) uint8: what this encoder sees of it."""
        return depth_picture(depth_m, self._range_m)


def load_image_encoder(
    folder: Path, device: torch.device, dtype: torch.dtype, instead: Instead | None = None
) -> ImageEncoder:
    """Load CLIP's vision tower (released SSR: ViT-L/14 at 336 pixels).

    Args:
        folder: of the model.
        device: where to.
        dtype: of the weights.
        instead: makes what is to stand in the model's place; its weights are then not read.

    Raises:
        CheckpointError: the folder cannot be read or does not hold such a model.
    """
    with reading(folder):
        processor = CLIPImageProcessorPil.from_pretrained(folder, local_files_only=True)
    return ImageEncoder(processor, _model(CLIPVisionModel, folder, device, dtype, instead))


def load_depth_encoder(
    folder: Path,
    device: torch.device,
    dtype: torch.dtype,
    range_m: tuple[float, float] | None = None,
    instead: Instead | None = None,
) -> DepthEncoder:
    """Load SigLIP's vision tower (released SSR: so400m-patch14-384).

    Args:
        folder: of the model.
        device: where to.
        dtype: of the weights.
        range_m: of its depth pictures, see ``depth_to_gray``; None as published.
        instead: see ``load_image_encoder``.

    Raises:
        CheckpointError: the folder cannot be read or does not hold such a model.
    """
    with reading(folder):
        processor = SiglipImageProcessorPil.from_pretrained(folder, local_files_only=True)
    model = _model(SiglipVisionModel, folder, device, dtype, instead)
    return DepthEncoder(processor, model, range_m)


def _model(
    kind: Any, folder: Path, device: torch.device, dtype: torch.dtype, instead: Instead | None
) -> Any:
    if instead is None:
        model = load_pretrained(kind, folder, device, dtype, TEXT_TOWER, _now_called)
        put_back(model, TensorFiles(folder), _now_called)
        return model
    with reading(folder):
        return instead(kind.config_class.from_pretrained(folder, local_files_only=True))


def _now_called(stored: str) -> str:
    """Turn a name of transformers 4 into one of 5."""
    return stored.removeprefix('vision_model.')


def _check_processor(processor: Any, model: Any) -> None:
    """Make one image, but none of an absurd size."""
    source = model.config.name_or_path
    side = model.config.image_size
    sizes = [dict(size or {}) for size in (processor.size, getattr(processor, 'crop_size', None))]
    sides = [value for size in sizes for value in size.values() if value is not None]
    if not all(isinstance(value, int) and 1 <= value <= MAX_SIDE for value in sides):
        raise CheckpointError(f'{source}: preprocessor_config.json makes images of {sizes}')
    black = np.zeros((6, 8, 3), np.uint8)
    with reading(source):
        pixels = processor(images=black, return_tensors='pt', input_data_format='channels_last')
        shape = tuple(pixels['pixel_values'].shape)
        if not bool(torch.isfinite(pixels['pixel_values']).all()):
            raise ValueError('preprocessor_config.json makes values that are not finite')
    if shape != (1, 3, side, side):
        raise CheckpointError(
            f'{source}: preprocessor_config.json makes images of {shape[-1]} x {shape[-2]} pixels '
            f'and the model reads {side} x {side}: take both from the same checkpoint'
        )


def depth_picture(
    depth_m: NDArray[np.float32], range_m: tuple[float, float] | None = None
) -> NDArray[np.uint8]:
    """(H, W) metres, NaN unknown -> (H, W, 3) uint8: the depth image that SigLIP sees."""
    return np.repeat(depth_to_gray(depth_m, range_m)[..., None], 3, axis=2)
