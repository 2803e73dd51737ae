# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Worlds: drawn from a seed, settled by physics, rendered from as many cameras as one likes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ssr_ros.errors import ConfigError
from ssr_ros.rgbd import RgbdFrame
from training.worlds.cameras import Camera, draw_camera, swing
from training.worlds.clutter import place_objects
from training.worlds.contacts import find_gaps, find_supports
from training.worlds.describe import describe_planes, describe_things, Outline, Seen
from training.worlds.display import FEWEST, set_out
from training.worlds.display_cameras import draw_display_camera
from training.worlds.layout import Placed, Room
from training.worlds.palette import check_split, SPLITS
from training.worlds.physics import compile_model, FLOOR_GEOM, ON_FLOOR, settle
from training.worlds.render import Renderer
from training.worlds.rooms import furnish, HELD_OUT_ROOM, ROOM_TYPES, with_materials
from training.worlds.shapes import rotation
from training.worlds.truth import BACKGROUND, FLOOR, ViewTruth

DRAWN_KINDS = ('room', 'tabletop', 'shelf')
KINDS = (*DRAWN_KINDS, 'display')
"""A display is made only when it is named."""

_ATTEMPTS = 12
_CAMERA_STREAM = 1
_open: list[World] = []


@dataclass(frozen=True, eq=False)
class RenderedView:
    """One view of a world: clean pictures and what is true of them.

    Attributes:
        frame: colour and clean depth; pass depth_m through add_noise for a sensor's.
        segmentation: (H, W) int32: -1 floor, 0 walls and ceiling, k things[k - 1] of the truth.
        truth: what is true of the view.
    """

    frame: RgbdFrame
    segmentation: NDArray[np.int32]
    truth: ViewTruth

    def mask(self, name: str) -> NDArray[np.bool_]:
        """Return the (H, W) visible pixels of a thing, by name."""
        mask: NDArray[np.bool_] = self.segmentation == self.truth.thing(name).id
        return mask


@dataclass(frozen=True, eq=False)
class World:
    """A settled world. Only the newest rendered one keeps its pictures' buffers open.

    Attributes:
        split, seed: what it was drawn from.
        kind: 'room', 'tabletop', 'shelf' or 'display'.
        room: the furnished room.
        objects: the movable things as they were put down, before they settled.
        settled: whether all came to rest.
        model: the MuJoCo model.
        data: its state at rest.
    """

    split: str
    seed: int
    kind: str
    room: Room
    objects: tuple[Placed, ...]
    settled: bool
    model: Any
    data: Any

    @property
    def room_type(self) -> str:
        """Return the type of the room."""
        return self.room.room_type

    @property
    def things(self) -> tuple[Placed, ...]:
        """Objects, then furniture: the order of the segmentation ids."""
        return (*self.objects, *self.room.furniture)

    def camera(self, view: int = 0, size_px: tuple[int, int] | None = None) -> Camera:
        """Return one of the world's cameras; the number alone decides which.

        Args:
            view: any number from 0.
            size_px: (width, height), at most 640x480; drawn from SIZES_PX where None.
        """
        rng = _stream(self.split, self.seed, _CAMERA_STREAM, view)
        if self.kind == 'display':
            return draw_display_camera(
                self.room, self.outlines, self.model, self.data, rng, size_px
            )
        return draw_camera(self.kind, self.room, self.model, self.data, rng, size_px)

    def render(
        self,
        view: int = 0,
        size_px: tuple[int, int] | None = None,
        camera: Camera | None = None,
        stamp_ns: int = 0,
    ) -> RenderedView:
        """Render one view, by its number or from a camera of your own.

        Raises:
            RenderError: no OpenGL library can be loaded, or the image is too large.
        """
        if camera is None:
            camera = self.camera(view, size_px)
        else:
            view = -1
        rgb, depth_m, geoms = self._renderer.render(camera)
        frame = RgbdFrame(rgb, depth_m, camera.intrinsics, stamp_ns, 'camera')
        segmentation = self._id_of_geom[geoms]
        segmentation.flags.writeable = False
        return RenderedView(frame, segmentation, self._truth(camera, view, frame, segmentation))

    def render_sequence(
        self,
        count: int,
        rate_hz: float = 15.0,
        view: int = 0,
        size_px: tuple[int, int] | None = None,
        sweep_m: float = 0.5,
    ) -> list[RenderedView]:
        """Render a camera that moves along a short smooth path, stamped at a rate.

        The path swings sideways where there is space, rises a little and keeps looking at one
        place, as an arm or a slowly driving robot would.

        Args:
            count: number of frames.
            rate_hz: frames per second.
            view: which camera the path starts from.
            size_px: (width, height) of the images.
            sweep_m: most length of the sideways swing.
        """
        start = self.camera(view, size_px)
        path = swing(start, self.model, self.data, count, sweep_m)
        return [
            self.render(camera=camera, stamp_ns=round(i * 1e9 / rate_hz))
            for i, camera in enumerate(path)
        ]

    @property
    def _renderer(self) -> Renderer:
        if self in _open:
            return self._opened
        while _open:
            old = _open.pop()
            old._opened.close()
            del old.__dict__['_opened']
        _open.append(self)
        return self._opened

    @cached_property
    def _opened(self) -> Renderer:
        return Renderer(self.model, self.data)

    @cached_property
    def _id_of_geom(self) -> NDArray[np.int32]:
        """Segmentation id of each geom; the last entry answers for -1, no geom at all."""
        ids = np.full(self.model.ngeom + 1, BACKGROUND, np.int32)
        ids[self.model.geom(FLOOR_GEOM).id] = FLOOR
        ids[:-1][self.model.geom_bodyid == self.model.body(ON_FLOOR).id] = FLOOR
        for index, thing in enumerate(self.things):
            ids[:-1][self.model.geom_bodyid == self.model.body(thing.name).id] = index + 1
        return ids

    @cached_property
    def outlines(self) -> tuple[Outline, ...]:
        """The exact geometry of every thing at rest, in the world, with what carries it."""
        supports = find_supports(self.model, self.data, self.things, self.room.surfaces)
        outlines = []
        for thing in self.things:
            body = self.data.body(thing.name)
            turned = rotation(body.xquat).T
            parts = tuple(part.points_m() @ turned + body.xpos for part in thing.parts)
            outlines.append(
                Outline(
                    thing.name, thing.role, thing.color, thing.shape, parts, *supports[thing.name]
                )
            )
        return tuple(outlines)

    @cached_property
    def gaps_m(self) -> NDArray[np.float64]:
        """(N, N) least distances between things, metres; 0 on contact."""
        return find_gaps(self.model, self.data, self.things)

    def _truth(
        self, camera: Camera, view: int, frame: RgbdFrame, segmentation: NDArray[np.int32]
    ) -> ViewTruth:
        seen = Seen(frame.points_m(), segmentation)
        ids = {thing.name: index + 1 for index, thing in enumerate(self.things)}
        ids['floor'] = FLOOR
        surfaces = [(s.owner, ids[s.owner], s.name, s.center_m[2]) for s in self.room.surfaces]
        return ViewTruth(
            split=self.split,
            seed=self.seed,
            kind=self.kind,
            room_type=self.room_type,
            view=view,
            settled=self.settled,
            intrinsics=asdict(camera.intrinsics),
            camera_position_m=camera.position_m,
            world_from_camera=camera.world_from_camera,
            gravity=camera.gravity,
            planes=describe_planes(surfaces, camera, seen),
            things=describe_things(self.outlines, camera, seen),
            gaps_m=self.gaps_m,
        )


def sample_world(
    seed: int, kind: str | None = None, split: str = 'train', room_type: str | None = None
) -> World:
    """Draw a world: the same arguments give the same world, byte for byte.

    Args:
        seed: any number from 0; the splits draw from separate streams.
        kind: one of KINDS, or None to draw one of DRAWN_KINDS.
        split: 'train', 'val' or 'test'.
        room_type: one of ROOM_TYPES, or None to draw it. Half of the test worlds are of the
            HELD_OUT_ROOM type, which no other split may show.

    Raises:
        ConfigError: an argument is not one of the known names, or the seed is negative.
        MissingPackageError: MuJoCo is not installed.
    """
    check_split(split)
    if seed < 0:
        raise ConfigError(f'the seed must be 0 or more, got {seed}')
    rng = _stream(split, seed)
    kind = _choose('kind', kind, DRAWN_KINDS, KINDS, rng)
    room_type = _choose('room_type', room_type, _rooms(split, rng), ROOM_TYPES, rng)
    if room_type == HELD_OUT_ROOM and split != 'test':
        raise ConfigError(f'{HELD_OUT_ROOM!r} rooms are kept for the test split, not {split!r}')
    for _ in range(_ATTEMPTS):
        room = furnish(kind, room_type, rng)
        room, objects = _fill(room, kind, split, rng)
        model = compile_model(room, objects)
        data, settled = settle(model)
        if settled and _is_complete(kind, objects, data):
            break
    return World(split, seed, kind, room, objects, settled, model, data)


def _fill(
    room: Room, kind: str, split: str, rng: np.random.Generator
) -> tuple[Room, tuple[Placed, ...]]:
    if kind == 'display':
        return set_out(room, split, rng)
    objects, materials = place_objects(room, kind, split, rng)
    return with_materials(room, materials), objects


def _is_complete(kind: str, objects: tuple[Placed, ...], data: Any) -> bool:
    """Tell whether there is enough to see, and whether all stayed on the plinths of a display."""
    if kind != 'display':
        return len(objects) > 1
    put_down_m = [thing.position_m[2] for thing in objects]
    return len(objects) >= FEWEST and np.allclose(data.qpos[2::7], put_down_m, atol=0.05)


def _stream(split: str, *numbers: int) -> np.random.Generator:
    return np.random.default_rng([SPLITS.index(split), *numbers])


def _rooms(split: str, rng: np.random.Generator) -> Sequence[str]:
    seen = [name for name in ROOM_TYPES if name != HELD_OUT_ROOM]
    return [HELD_OUT_ROOM] if rng.random() < 0.5 and split == 'test' else seen


def _choose(
    what: str,
    given: str | None,
    drawn: Sequence[str],
    known: Sequence[str],
    rng: np.random.Generator,
) -> str:
    """Draw in any case, so that naming what would have been drawn changes nothing."""
    choice = str(drawn[int(rng.integers(len(drawn)))])
    if given is not None and given not in known:
        raise ConfigError(f'unknown {what} {given!r}; expected one of {", ".join(known)}')
    return given or choice
