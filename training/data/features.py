# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What the frozen encoders make of a frame, computed once and kept on disk.

One safetensors file a frame, under a folder named by the encoders' weights: other weights never
meet old features, and neither do images that were changed.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
import logging
import os
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from training.run.saving import save_tensors

logger = logging.getLogger(__name__)

Features = tuple[Tensor, Tensor]


def fingerprint(folders: list[Path]) -> str:
    """Return a short name for the weights and preprocessing in some folders."""
    digest = sha256()
    for folder in folders:
        for file in sorted([*folder.glob('*.safetensors'), *folder.glob('*.json')]):
            with file.open('rb') as content:
                while block := content.read(1 << 24):
                    digest.update(block)
    return digest.hexdigest()[:16]


class FeatureCache:
    """Features on disk."""

    def __init__(self, folder: Path, encoders: str) -> None:
        self._folder = folder / encoders
        self._writes = True

    def get(self, images: tuple[Path, Path | None], compute: Callable[[], Features]) -> Features:
        """Read the features of a frame, or compute and keep them.

        A file that cannot be read is made again; when the disk is full, nothing more is kept.
        """
        path = self._path(images)
        try:
            tensors = load_file(path)
            return tensors['image'], tensors['depth']
        except (OSError, SafetensorError, KeyError):
            features = compute()
        self.keep(images, features)
        return features

    def has(self, images: tuple[Path, Path | None]) -> bool:
        """Say whether the features of a frame are kept; a frame that is not there has none."""
        try:
            return self._path(images).is_file()
        except OSError:
            return False

    def keep(self, images: tuple[Path, Path | None], features: Features) -> None:
        """Keep the features of a frame; when the disk is full, nothing more is kept."""
        if not self._writes:
            return
        path = self._path(images)
        unfinished = path.with_suffix(f'.{os.getpid()}')
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            save_tensors(dict(zip(('image', 'depth'), features, strict=True)), unfinished)
            os.replace(unfinished, path)
        except OSError as error:
            unfinished.unlink(missing_ok=True)
            self._writes = False
            logger.warning('%s: no more features are kept (%s)', self._folder, error)

    def _path(self, images: tuple[Path, Path | None]) -> Path:
        digest = sha256()
        for image in images:
            if image is not None:
                state = image.stat()
                digest.update(f'{image.resolve()} {state.st_size} {state.st_mtime_ns};'.encode())
        name = digest.hexdigest()[:32]
        return self._folder / name[:2] / f'{name}.safetensors'
