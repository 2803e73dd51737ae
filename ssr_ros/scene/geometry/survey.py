# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What was measured in one frame, as data: what every question and every relation looks at."""

from __future__ import annotations

from dataclasses import dataclass

from ssr_ros.rgbd import RgbdFrame
from ssr_ros.scene.geometry.gravity import Gravity
from ssr_ros.scene.geometry.noise import NoiseModel
from ssr_ros.scene.geometry.objects import SceneObject, ScenePlane
from ssr_ros.scene.grounded import Names


@dataclass(frozen=True, eq=False, kw_only=True)
class Survey:
    """What the depth of one frame shows.

    Attributes:
        frame: the frame that was measured.
        noise: the noise model, scaled to the frame.
        gravity: where down is and how that is known.
        planes: floor, tables, walls: largest first.
        objects: what stands off them, from near to far.
        names: what sources of names said about the frame; None where nobody was asked.
    """

    frame: RgbdFrame
    noise: NoiseModel
    gravity: Gravity
    planes: tuple[ScenePlane, ...]
    objects: tuple[SceneObject, ...]
    names: Names | None = None

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
        """What an object is called in a sentence: 'the mug', 'red object 2' of several."""
        if thing.label:
            return f'the {thing.label}' if thing.name == thing.label else thing.name
        alike = [o for o in self.objects if o.color == thing.color and not o.label]
        return thing.name if len(alike) > 1 else f'the {thing.color} object'
