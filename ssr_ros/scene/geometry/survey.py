# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What was measured in one frame, as data: what every question and every relation looks at."""

from __future__ import annotations

from dataclasses import dataclass

from ssr_ros.rgbd import RgbdFrame
from ssr_ros.scene.geometry.gravity import Gravity
from ssr_ros.scene.geometry.noise import NoiseModel
from ssr_ros.scene.geometry.objects import SceneObject, ScenePlane


@dataclass(frozen=True, eq=False, kw_only=True)
class Survey:
    """What the depth of one frame shows.

    Attributes:
        frame: the frame that was measured.
        noise: the noise model, scaled to the frame.
        gravity: where down is and how that is known.
        planes: floor, tables, walls: largest first.
        objects: what stands off them, from near to far.
    """

    frame: RgbdFrame
    noise: NoiseModel
    gravity: Gravity
    planes: tuple[ScenePlane, ...]
    objects: tuple[SceneObject, ...]

    @property
    def nearest(self) -> SceneObject | None:
        """The object with the nearest surface, or None when there is no object."""
        return self.objects[0] if self.objects else None

    @property
    def valid_ratio(self) -> float:
        """Share of pixels with depth, 0..1."""
        return self.frame.valid_ratio

    def object_named(self, name: str) -> SceneObject:
        """Return one object by its name.

        Raises:
            KeyError: there is no such object.
        """
        for thing in self.objects:
            if thing.name == name:
                return thing
        raise KeyError(name)

    def label(self, thing: SceneObject) -> str:
        """What an object is called in a sentence: 'the red object', 'red object 2' of several."""
        same = sum(other.color == thing.color for other in self.objects)
        return thing.name if same > 1 else f'the {thing.color} object'
