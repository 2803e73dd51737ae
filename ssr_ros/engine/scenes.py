# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A frame with all that has been found out about it, so that nothing is done twice."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
import threading
from typing import Any, TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ssr_ros.engine.gravity import Down
from ssr_ros.engine.intake import Moment
from ssr_ros.engine.transforms import RigidTransform
from ssr_ros.engine.weight import bytes_of
from ssr_ros.grounding import Grounded
from ssr_ros.rgbd import RgbdFrame
from ssr_ros.scene import measure, SceneFacts

if TYPE_CHECKING:  # the model's room loads torch
    from ssr_ros.model import EncodedFrame

ROWS, COLUMNS = 24, 32
"""Into how many blocks a picture is divided when two are compared."""

GREY_LEVELS, DEPTH_RATIO = 8.0, 0.03
"""A block has changed that is lighter or darker by more, or nearer or farther by more."""


@dataclass(eq=False)
class Scene:
    """A frame and what has been found out about it so far; each stage is done once.

    Attributes:
        key: what it was made of; another key makes another scene.
        moment: when it was seen.
        frame: the frame.
        header: of its colour image.
        noise_model: how its depth errs.
        down: where down is, if the robot knows.
        encoded: what the reasoner keeps of it, once somebody asked.
        numbered: whose numbers stood on the image that it read; None: nobody's.
        facts: what was measured, once that was needed.
        named: the same with the names of some regions, and which regions these were.
        sighted: what the sources of names said when they were asked about this frame.
        detected: what was seen in it by detectors, and which ones; kept, as they forget.
        transforms: frame id -> the transform to it at the stamp; tf forgets.
    """

    key: tuple[object, ...]
    moment: Moment
    frame: RgbdFrame
    header: Any
    noise_model: str
    down: Down | None
    encoded: EncodedFrame | None = None
    numbered: SceneFacts | None = None
    facts: SceneFacts | None = None
    named: tuple[list[Grounded], SceneFacts] | None = None
    sighted: list[Grounded] = field(default_factory=list)
    detected: tuple[list[Grounded], list[str]] = field(default_factory=lambda: ([], []))
    transforms: dict[str, RigidTransform] = field(default_factory=dict)
    _measuring: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def gravity_source(self) -> str:
        """Who said where down is, once it was measured."""
        if self.down is not None:
            return self.down.source
        return '' if self.facts is None else self.facts.gravity.source

    @property
    def nbytes(self) -> int:
        """Memory of all arrays and tensors that it holds, in bytes."""
        return bytes_of(self, self.glance)

    def measured(self) -> SceneFacts:
        """Return what the depth says; threads that want it at the same time measure once."""
        with self._measuring:
            if self.facts is None:
                down = None if self.down is None else self.down.direction.tolist()
                self.facts = measure(self.frame, noise=self.noise_model, gravity=down)
            return self.facts

    @cached_property
    def glance(self) -> NDArray[np.float32]:
        """(2, 24, 32) float32: grey level and depth, block by block."""
        grey = self.frame.rgb[::2, ::2].mean(axis=2, dtype=np.float32)
        return np.stack([_blocks(grey), _blocks(self.frame.depth_m[::2, ::2])])

    def change_since(self, other: Scene) -> float:
        """Return the share of the picture, 0..1, that differs from another scene's."""
        (grey, depth_m), (its_grey, its_depth_m) = self.glance, other.glance
        known = np.isfinite(depth_m)
        differs = np.abs(grey - its_grey) > GREY_LEVELS
        differs |= known != np.isfinite(its_depth_m)
        with np.errstate(invalid='ignore'):
            differs |= np.abs(depth_m - its_depth_m) > DEPTH_RATIO * depth_m
        return float(differs.mean())


def _blocks(image: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the mean of each block; NaN where the half of it or more is not known."""
    rows = np.linspace(0, image.shape[0], ROWS + 1).astype(int)[:-1]
    columns = np.linspace(0, image.shape[1], COLUMNS + 1).astype(int)[:-1]

    def summed(values: NDArray[Any]) -> NDArray[np.float32]:
        by_rows = np.add.reduceat(values, rows, axis=0, dtype=np.float32)
        return np.asarray(np.add.reduceat(by_rows, columns, axis=1))

    known = np.isfinite(image)
    count = summed(known.astype(np.float32))
    total = summed(np.where(known, image, np.float32(0)))
    enough = count > summed(np.ones_like(image)) / 2
    return np.where(enough, total / np.maximum(count, 1), np.float32(np.nan))
