# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The images of a row, read for the models that want them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from ssr_ros.errors import FrameError
from ssr_ros.model.encoders import DepthEncoder, ImageEncoder
from ssr_ros.model.prompt import ChatPrompt, ImagePrompt
from ssr_ros.rgbd import read_depth_m, read_rgb
from training.data.features import FeatureCache
from training.data.rows import Row

EncoderPair = tuple[ImageEncoder, DepthEncoder]


@dataclass(frozen=True)
class Sample:
    """A row with its images read.

    Attributes:
        row: the texts.
        image: (3, S, S) pixels for CLIP, or (tokens, width) features where they are cached; None
            where nothing reads it.
        depth: the same for SigLIP.
        prompt: the image as the VLM's prompt has it; None where nothing reads it.
        counts: False for a stand-in whose labels are ignored.
    """

    row: Row
    image: Tensor | None = None
    depth: Tensor | None = None
    prompt: ImagePrompt | None = None
    counts: bool = True


class FrameReader:
    """Reads the images of a row.

    Attributes:
        encoders: of colour and depth, where MIDI is trained.
        cache: where their features are kept.
    """

    def __init__(
        self,
        encoders: EncoderPair | None,
        chat: ChatPrompt | None,
        cache: FeatureCache | None = None,
    ) -> None:
        """Make a reader.

        Args:
            encoders: of colour and depth, where MIDI is trained.
            chat: where a VLM is trained.
            cache: where features are kept; pixels are read instead where None.
        """
        self.encoders = encoders
        self._chat = chat
        self.cache = cache
        self._newest: Sample | None = None

    def __call__(self, row: Row) -> Sample:
        """Read; the frame that was read last is not read again.

        Raises:
            FrameError: an image is missing, broken or of another size than its partner.
            OSError: a path cannot be looked up.
        """
        last = self._newest
        if last is None or frame_files(last.row) != frame_files(row):
            self._newest = self._sample(row)
            return self._newest
        return replace(last, row=row)

    def _sample(self, row: Row) -> Sample:
        chat = self._chat
        prompt = None if chat is None else chat.image(read_rgb(row.image_path))
        if self.encoders is None:
            return Sample(row, prompt=prompt)
        return Sample(row, *self._seen(row, self.encoders), prompt)

    def _seen(self, row: Row, encoders: EncoderPair) -> tuple[Tensor, Tensor]:
        if self.cache is None:
            return pixels(pictures(row, encoders[1]), encoders)
        _check_there(row)
        return self.cache.get(
            frame_files(row), lambda: features(pictures(row, encoders[1]), encoders)
        )


Pictures = tuple[NDArray[np.uint8], NDArray[np.uint8]]


def pixels(seen: Pictures, encoders: EncoderPair) -> tuple[Tensor, Tensor]:
    """Return what the two encoders read of a colour and a depth picture, (3, S, S) each."""
    image, depth = (
        encoder.processor(images=picture, return_tensors='pt', input_data_format='channels_last')[
            'pixel_values'
        ][0]
        for encoder, picture in zip(encoders, seen, strict=True)
    )
    return image, depth


def features(seen: Pictures, encoders: EncoderPair) -> tuple[Tensor, Tensor]:
    """Return what the two encoders make of a colour and a depth picture, (tokens, width) each."""
    # Made under inference mode, which a tensor that meets gradients must not be: clone.
    image, depth = (
        encoder(picture)[0].clone() for encoder, picture in zip(encoders, seen, strict=True)
    )
    return image, depth


def pictures(row: Row, encoder: DepthEncoder) -> Pictures:
    """Read the colour image of a row, and its depth as the picture that an encoder reads.

    Raises:
        FrameError: an image is missing, broken or of another size than its partner.
    """
    rgb = read_rgb(row.image_path)
    if row.depth_path is None:
        return rgb, np.zeros_like(rgb)  # what a wholly unknown depth image looks like
    depth_m = read_depth_m(row.depth_path)
    if depth_m.shape != rgb.shape[:2]:
        raise FrameError(
            f'{row.depth_path}: depth is {depth_m.shape[1]}x{depth_m.shape[0]} and colour is '
            f'{rgb.shape[1]}x{rgb.shape[0]}'
        )
    return rgb, encoder.picture(depth_m)


def frame_files(row: Row) -> tuple[Path, Path | None]:
    """Return the files of the row's frame."""
    return row.image_path, row.depth_path


def _check_there(row: Row) -> None:
    for path in frame_files(row):
        if path is not None and not path.is_file():
            raise FrameError(f'{path}: there is no such file')
