# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Vision towers, and heads that say what every patch shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import nn, Tensor
from torch.nn import functional as F

from ssr_ros.model.vlm import VisionLanguageModel
from training.data.frames import EncoderPair
from training.models.images import common_grid, Grid, ImageTokens
from training.models.interpreter import Encoders
from training.models.learner import Learner
from training.models.losses import IGNORE
from training.small.labels import CLASSES, DISTANCES_M
from training.small.views import View

TOWERS = {
    'image': tuple(CLASSES),
    'depth': ('kind', 'across', 'down'),
    'vlm': tuple(CLASSES),
}
"""What each tower learns to say of a patch; the depth image's learns the distance as well."""


@dataclass(frozen=True)
class ViewBatch:
    """Views, joined; see View. What the VLM alone sees is None where that does not learn."""

    image: Tensor
    depth: Tensor
    encoders: Tensor
    patches: Tensor | None = None
    grids: Tensor | None = None
    grid: Grid | None = None
    vlm: Tensor | None = None


class PatchModel(Learner):
    """The towers, and linear heads that read their tokens."""

    def __init__(self, encoders: EncoderPair, vlm: VisionLanguageModel | None = None) -> None:
        super().__init__()
        self.encoders = Encoders(encoders, trained=True)
        self.vlm = vlm.model if vlm else None
        self._see = ImageTokens(vlm.model.model) if vlm else None
        widths = {'image': encoders[0].width, 'depth': encoders[1].width}
        if vlm is not None:
            vlm.model.model.language_model.requires_grad_(False)
            vlm.model.lm_head.requires_grad_(False)
            widths['vlm'] = vlm.width
        self.heads = nn.ModuleDict(
            {
                f'{tower}_{what}': nn.Linear(widths[tower], CLASSES[what])
                for tower in widths
                for what in TOWERS[tower]
            }
        )
        self.heads['depth_distance'] = nn.Linear(encoders[1].width, len(DISTANCES_M) - 1)

    def collate(self, views: Sequence[View]) -> ViewBatch:
        """Join views."""
        batch = ViewBatch(
            torch.stack([view.image for view in views]),
            torch.stack([view.depth for view in views]),
            torch.stack([_counted(view, view.encoders) for view in views]),
        )
        if self.vlm is None:
            return batch
        shown = [(view, view.vlm) for view in views if view.vlm is not None]
        grids = torch.cat([vlm.grid for _, vlm in shown])
        return replace(
            batch,
            patches=torch.cat([vlm.patches for _, vlm in shown]),
            grids=grids,
            grid=common_grid(grids),
            vlm=torch.stack([_counted(view, vlm.classes) for view, vlm in shown]),
        )

    def forward(self, batch: ViewBatch) -> dict[str, Tensor]:
        """Return label losses by head, each (B, patches)."""
        image, depth = self.encoders(batch.image, batch.depth)
        towers = {'image': image[:, 1:], 'depth': depth}  # the class token shows no place
        if self._see is not None and batch.patches is not None and batch.grids is not None:
            seen = self._see(batch.patches, batch.grids, batch.grid)
            towers['vlm'] = torch.stack(list(seen))
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
            if classes is None:
                continue
            for what in told:
                found[f'{tower}_{what}'] = classes[:, list(CLASSES).index(what)]
        return found


def _counted(view: View, labels: Tensor) -> Tensor:
    return labels if view.counts else torch.full_like(labels, IGNORE)
