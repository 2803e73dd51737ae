# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0


"""What every patch of a rendered view shows, and a model that learns to say it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
import torch
from torch import nn, Tensor
from torch.nn import functional as F
from torch.utils.data import Dataset

from ssr_ros.errors import ConfigError, FrameError
from ssr_ros.model.encoders import DepthEncoder, ImageEncoder
from ssr_ros.model.prompt import ChatPrompt
from ssr_ros.model.vlm import VisionLanguageModel
from training.data.datasets import Broken
from training.data.rows import BrokenSamples, Row
from training.models.losses import IGNORE
from training.models.rationale import Encoders
from training.run.failures import DataError
from training.worlds.palette import COLORS, SHAPES
from training.worlds.store import load_view, stored_stems, StoredView

NOTHING = 0
FURNITURE = 1
TENTHS = 10
"""Steps of the place of an object in the picture."""

DISTANCES_M = np.geomspace(0.35, 4.5, 41)
"""Limits of the steps of distance, 6.6 % each: fine enough for 15 %, with room for doubt."""

ENOUGH = 0.2
"""An object that covers so much of a patch is what the patch shows."""

FINE = 8
"""Samples along a side of a patch to judge that by."""

CLASSES = {
    'color': 1 + len(COLORS),
    'kind': 2 + len(SHAPES),
    'across': TENTHS,
    'down': TENTHS,
}

TOWERS = {
    'image': tuple(CLASSES),
    'depth': ('kind', 'across', 'down'),
    'vlm': tuple(CLASSES),
}
"""What each tower learns to say of a patch; the depth image's learns the distance as well."""


@dataclass(frozen=True)
class View:
    """A view as the towers see it, with what is true of its patches.

    Attributes:
        row: names the view.
        image: (3, S, S) pixels for CLIP.
        depth: (3, S, S) pixels for SigLIP.
        patches: (patches, values) and grid (1, 3) for the VLM's tower.
        grid: see ``patches``.
        encoders: (5, patches of an encoder) classes in the order of CLASSES, and distance.
        vlm: (4, merged patches of the VLM).
        counts: False for a stand-in whose labels are ignored.
    """

    row: Row
    image: Tensor
    depth: Tensor
    patches: Tensor
    grid: Tensor
    encoders: Tensor
    vlm: Tensor
    counts: bool = True


@dataclass(frozen=True)
class ViewBatch:
    """Views, joined; see View."""

    image: Tensor
    depth: Tensor
    patches: Tensor
    grids: Tensor
    encoders: Tensor
    vlm: Tensor


class ViewSet(Dataset[Any]):
    """The views of some folders of worlds, each also mirrored where that is wanted."""

    def __init__(
        self,
        folders: Sequence[str],
        max_broken: float,
        encoders: tuple[ImageEncoder, DepthEncoder],
        chat: ChatPrompt,
        mirrored: bool,
    ) -> None:
        """Find the views.

        Raises:
            DataError: there are none.
        """
        self._views = [(Path(folder), stem) for folder in folders for stem in stored_stems(folder)]
        if not self._views:
            raise DataError(f'{", ".join(folders) or "worlds"}: there are no rendered views')
        self._times = 2 if mirrored else 1
        self.rows = SimpleNamespace(broken=BrokenSamples(len(self), max_broken))
        self._encoders = encoders
        self._chat = chat
        self._side = encoders[0].model.config.image_size // encoders[0].model.config.patch_size
        depth = encoders[1].model.config
        if depth.image_size // depth.patch_size != self._side:
            raise ConfigError('the two encoders need the same number of patches')

    def __len__(self) -> int:
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
        image, depth = (
            encoder.processor(
                images=picture, return_tensors='pt', input_data_format='channels_last'
            )['pixel_values'][0]
            for encoder, picture in zip(
                self._encoders, (rgb, self._encoders[1].picture(depth_m)), strict=True
            )
        )
        prompt = self._chat.image(rgb)
        rows, columns = (int(side) // 2 for side in prompt.grid[0, 1:])
        shown = patch_classes(labels, view.truth['things'], (self._side, self._side))
        distance = patch_distances(labels, depth_m, view.truth['things'], self._side)
        return View(
            Row(name, '', '', Path(name), None, '', {}),
            image,
            depth,
            prompt.pixel_values,
            prompt.grid,
            torch.cat([shown, distance[None]]),
            patch_classes(labels, view.truth['things'], (rows, columns)),
        )


class PatchModel(nn.Module):
    """The towers, and linear heads that read their tokens."""

    def __init__(
        self, encoders: tuple[ImageEncoder, DepthEncoder], vlm: VisionLanguageModel
    ) -> None:
        super().__init__()
        self.encoders = Encoders(encoders, trained=True)
        self.vlm = vlm.model
        self.vlm.model.language_model.requires_grad_(False)
        self.vlm.lm_head.requires_grad_(False)
        widths = {'image': encoders[0].width, 'depth': encoders[1].width, 'vlm': vlm.width}
        self.heads = nn.ModuleDict(
            {
                f'{tower}_{what}': nn.Linear(widths[tower], CLASSES[what])
                for tower, told in TOWERS.items()
                for what in told
            }
        )
        self.heads['depth_distance'] = nn.Linear(encoders[1].width, len(DISTANCES_M) - 1)

    def collate(self, views: Sequence[View]) -> ViewBatch:
        """Join views."""
        return ViewBatch(
            torch.stack([view.image for view in views]),
            torch.stack([view.depth for view in views]),
            torch.cat([view.patches for view in views]),
            torch.cat([view.grid for view in views]),
            torch.stack([_counted(view, view.encoders) for view in views]),
            torch.stack([_counted(view, view.vlm) for view in views]),
        )

    def forward(self, batch: ViewBatch) -> dict[str, Tensor]:
        """Return label losses by head, each (B, patches)."""
        image, depth = self.encoders(batch.image, batch.depth)
        seen = self.vlm.model.get_image_features(batch.patches, batch.grids).pooler_output
        towers = {
            'image': image[:, 1:],  # the class token shows no place
            'depth': depth,
            'vlm': torch.stack(list(seen)),
        }
        found = {}
        for name, labels in self._labels(batch).items():
            logits = self.heads[name](towers[name.partition('_')[0]])
            found[name] = F.cross_entropy(
                logits.transpose(1, 2), labels, ignore_index=IGNORE, reduction='none'
            )
        return found

    def labels(self, batch: ViewBatch) -> dict[str, int]:
        """Return how many labels each loss has."""
        return {name: int((of != IGNORE).sum()) for name, of in self._labels(batch).items()}

    @staticmethod
    def _labels(batch: ViewBatch) -> dict[str, Tensor]:
        found = {'depth_distance': batch.encoders[:, len(CLASSES)]}
        for tower, told in TOWERS.items():
            classes = batch.vlm if tower == 'vlm' else batch.encoders
            for what in told:
                found[f'{tower}_{what}'] = classes[:, list(CLASSES).index(what)]
        return found


def _counted(view: View, labels: Tensor) -> Tensor:
    return labels if view.counts else torch.full_like(labels, IGNORE)


def patch_classes(
    labels: NDArray[np.int32], things: Sequence[dict[str, Any]], grid: tuple[int, int]
) -> Tensor:
    """Say what each patch shows.

    Args:
        labels: (H, W) segmentation; k is things[k - 1].
        things: of the truth.
        grid: rows and columns of patches.

    Returns:
        (4, patches) int64: color, kind, across, down (both IGNORE where there is no object).
    """
    owner = _owners(labels, things, grid)
    classes = np.zeros((len(CLASSES), *grid), np.int64)
    classes[2:] = IGNORE
    height, width = labels.shape
    for number in np.unique(owner[owner > 0]):
        thing, here = things[number - 1], owner == number
        if thing['role'] != 'object':
            classes[1][here] = FURNITURE
            continue
        y, x = np.nonzero(labels == number)
        middle = (x.min() + x.max() + 1) / 2 / width, (y.min() + y.max() + 1) / 2 / height
        classes[0][here] = 1 + list(COLORS).index(thing['color'])
        classes[1][here] = 2 + SHAPES.index(thing['shape'])
        for row, share in zip((2, 3), middle, strict=True):
            classes[row][here] = min(TENTHS - 1, int(TENTHS * share))
    return torch.from_numpy(classes.reshape(len(CLASSES), -1))


def patch_distances(
    labels: NDArray[np.int32],
    depth_m: NDArray[np.float32],
    things: Sequence[dict[str, Any]],
    side: int,
) -> Tensor:
    """(patches,) int64: the step of DISTANCES_M of the object, or else of the patch's middle."""
    owner = _owners(labels, things, (side, side))
    size = (FINE * side, FINE * side)
    fine = cv2.resize(depth_m, size, interpolation=cv2.INTER_NEAREST)
    cells = fine.reshape(side, FINE, side, FINE).transpose(0, 2, 1, 3).reshape(side, side, -1)
    known = np.where(np.isfinite(cells).any(-1, keepdims=True), cells, -1.0)
    distance = np.nanmedian(known, axis=-1)
    for number in np.unique(owner[owner > 0]):
        if things[number - 1]['role'] == 'object':
            distance[owner == number] = things[number - 1]['distance_m']
    steps = np.clip(np.digitize(distance, DISTANCES_M) - 1, 0, len(DISTANCES_M) - 2)
    steps[distance < 0] = IGNORE
    return torch.from_numpy(steps.astype(np.int64).ravel())


def _owners(
    labels: NDArray[np.int32], things: Sequence[dict[str, Any]], grid: tuple[int, int]
) -> NDArray[np.int64]:
    """Return the number of the thing that each patch shows, objects first; 0 for none."""
    rows, columns = grid
    size = (FINE * columns, FINE * rows)
    fine = cv2.resize(labels.astype(np.int16), size, interpolation=cv2.INTER_NEAREST)
    cells = fine.reshape(rows, FINE, columns, FINE).transpose(0, 2, 1, 3).reshape(*grid, -1)
    owner = np.zeros(grid, np.int64)
    for role in ('furniture', 'object'):  # an object stands out against what it stands on
        most = np.full(grid, ENOUGH)
        for index, thing in enumerate(things):
            share = (cells == index + 1).mean(-1)
            better = (share >= most) & (thing['role'] == role)
            owner[better], most[better] = index + 1, share[better]
    return owner
