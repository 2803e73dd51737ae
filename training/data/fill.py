# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Fill a cache of features before training: many frames at a time, read by several processes.

On a GPU the encoders take a frame alone about as long as a hundred together, and processes that
only read samples cannot use it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
import logging

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from ssr_ros.errors import FrameError
from ssr_ros.model.encoders import ImageEncoder
from ssr_ros.model.wide import dtype_of
from training.data.features import FeatureCache
from training.data.frames import EncoderPair, frame_files, pictures, pixels
from training.data.rows import Row

AT_ONCE = 256

Seen = tuple[Row, Tensor, Tensor]

logger = logging.getLogger(__name__)


class _Pixels(Dataset[Seen | None]):
    """What the encoders read of some frames; None where one cannot be read."""

    def __init__(self, rows: Sequence[Row], encoders: EncoderPair) -> None:
        self._rows = rows
        self._encoders = encoders

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: int) -> Seen | None:
        row = self._rows[index]
        try:
            return row, *pixels(pictures(row, self._encoders[1]), self._encoders)
        except (FrameError, OSError):
            return None  # whoever samples it says why


@torch.no_grad()
def fill(cache: FeatureCache, rows: Iterable[Row], encoders: EncoderPair, workers: int) -> int:
    """Keep the features of all frames that the cache lacks; return how many these were.

    Args:
        cache: to fill.
        rows: whose frames; one frame may come often.
        encoders: of colour and depth.
        workers: processes that read images.
    """
    first = {frame_files(row): row for row in rows}
    missing = {files: row for files, row in first.items() if not cache.has(files)}
    loader: DataLoader[Seen | None] = DataLoader(
        _Pixels(list(missing.values()), encoders),
        batch_size=AT_ONCE,
        num_workers=workers,
        collate_fn=list,
    )
    done = 0
    for batch in loader:
        found: list[Seen] = [seen for seen in batch if seen is not None]
        if not found:
            continue
        rows_of, images, depths = zip(*found, strict=True)
        kept = _features(images, encoders[0]), _features(depths, encoders[1])
        for row, image, depth in zip(rows_of, *kept, strict=True):
            cache.keep(frame_files(row), (image, depth))
        done += len(found)
    if missing:
        logger.info('features of %d frames were made', done)
    return done


def _features(pixels: Sequence[Tensor], encoder: ImageEncoder) -> Tensor:
    model = encoder.model
    batch = torch.stack(tuple(pixels)).to(model.device)
    tokens: Tensor = model(pixel_values=batch).last_hidden_state
    return tokens.to(dtype_of(model)).cpu()
