# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Rendered views as samples: pixels, and what is true of every patch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
import torch
from torch import Tensor
from torch.utils.data import Dataset

from ssr_ros.errors import ConfigError, FrameError
from ssr_ros.model.prompt import ChatPrompt
from training.data.frames import EncoderPair, pixels
from training.data.rows import Broken, BrokenSamples, Row
from training.run.failures import DataError
from training.small.labels import patch_classes, patch_distances
from training.worlds.store import load_view, stored_stems, StoredView


@dataclass(frozen=True)
class ToTheVlm:
    """A view as the VLM's tower sees it.

    Attributes:
        patches: (patches, values).
        grid: (1, 3) rows and columns of them.
        classes: (4, merged patches) in the order of CLASSES.
    """

    patches: Tensor
    grid: Tensor
    classes: Tensor


@dataclass(frozen=True)
class View:
    """A view as the towers see it, with what is true of its patches.

    Attributes:
        row: names the view.
        image: (3, S, S) pixels for CLIP.
        depth: (3, S, S) pixels for SigLIP.
        encoders: (5, patches of an encoder) classes in the order of CLASSES, and distance.
        vlm: what the VLM's tower sees; None where that does not learn.
        counts: False for a stand-in whose labels are ignored.
    """

    row: Row
    image: Tensor
    depth: Tensor
    encoders: Tensor
    vlm: ToTheVlm | None
    counts: bool = True


class ViewSet(Dataset[Any]):
    """The views of some folders of worlds, each also mirrored where that is wanted.

    Attributes:
        broken: the broken views so far.
    """

    def __init__(
        self,
        folders: Sequence[str],
        max_broken: float,
        encoders: EncoderPair,
        chat: ChatPrompt | None,
        mirrored: bool,
    ) -> None:
        """Find the views.

        Raises:
            DataError: there are none.
        """
        paths = [Path(folder) for folder in folders]
        self._views = [(path, stem) for path in paths for stem in stored_stems(path)]
        if not self._views:
            raise DataError(f'{", ".join(folders) or "worlds"}: there are no rendered views')
        self._times = 2 if mirrored else 1
        self.broken = BrokenSamples(len(self), max_broken)
        self._encoders = encoders
        self._chat = chat
        self._side = encoders[0].model.config.image_size // encoders[0].model.config.patch_size
        depth = encoders[1].model.config
        if depth.image_size // depth.patch_size != self._side:
            raise ConfigError('the two encoders need the same number of patches')

    def __len__(self) -> int:
        """Return how many there are."""
        return self._times * len(self._views)

    def __getitem__(self, index: int) -> View | Broken:
        """Read one view, or say why it cannot be read."""
        folder, stem = self._views[index % len(self._views)]
        try:
            view = load_view(folder, stem)
        except FrameError as error:
            return Broken(f'{folder}/{stem}', str(error))
        return self._seen(view, f'{folder}/{stem}', index >= len(self._views))

    def first_good(self) -> View:
        """Return the first view that can be read.

        Raises:
            DataError: none can.
        """
        for index in range(len(self)):
            view = self[index]
            if isinstance(view, View):
                return view
        raise DataError('not one view can be read')

    def _seen(self, view: StoredView, name: str, mirrored: bool) -> View:
        turn = slice(None, None, -1 if mirrored else 1)
        rgb = np.ascontiguousarray(view.frame.rgb[:, turn])
        depth_m = np.ascontiguousarray(view.frame.depth_m[:, turn])
        labels = np.ascontiguousarray(view.segmentation[:, turn])
        pictures = rgb, self._encoders[1].picture(depth_m)
        shown = patch_classes(labels, view.truth['things'], (self._side, self._side))
        distance = patch_distances(labels, depth_m, view.truth['things'], self._side)
        return View(
            Row(name, '', '', Path(name), None, '', {}),
            *pixels(pictures, self._encoders),
            torch.cat([shown, distance[None]]),
            self._to_the_vlm(rgb, labels, view.truth['things']),
        )

    def _to_the_vlm(
        self, rgb: NDArray[np.uint8], labels: NDArray[np.int32], things: Sequence[Any]
    ) -> ToTheVlm | None:
        if self._chat is None:
            return None
        prompt = self._chat.image(rgb)
        rows, columns = (int(side) // 2 for side in prompt.grid[0, 1:])
        classes = patch_classes(labels, things, (rows, columns))
        return ToTheVlm(prompt.pixel_values, prompt.grid, classes)
