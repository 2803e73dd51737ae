# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""From a furnished room to a MuJoCo model, and from put-down objects to settled ones."""

from __future__ import annotations

from typing import Any

import numpy as np

from training.worlds.layout import Light, Placed, Room
from training.worlds.materials import Material, TONE
from training.worlds.opengl import load_mujoco
from training.worlds.shapes import Part, revolve
from training.worlds.textures import SIZE_PX

STEP_S = 0.004
MAX_STEPS = 900
REST_SPEED = 0.01
"""Metres (or radians) per second below which a world counts as settled."""

_TO_LINEAR = np.rint(255 * (np.arange(256) / 255) ** TONE).astype(np.uint8)
_DRAG = 0.985
_DENSITY = 300.0
_QUIET_STEPS = 15
FAR_M = 20.0
NEAR_M = 0.03
FLOOR_GEOM = 'floor'
ON_WALLS, ON_FLOOR = 'on walls', 'on floor'


def compile_model(room: Room, objects: tuple[Placed, ...]) -> Any:
    """Build the MuJoCo model of a world.

    Raises:
        MissingPackageError: MuJoCo is not installed.
    """
    mujoco = load_mujoco()
    builder = _Builder(mujoco)
    things = (*room.furniture, *objects)
    used = _used_materials(room, things)
    builder.add_materials({name: room.materials[name] for name in room.materials if name in used})
    builder.add_shell(room)
    for placed in things:
        builder.add_thing(placed)
    return builder.spec.compile()


def settle(model: Any) -> tuple[Any, bool]:
    """Let the objects fall and come to rest.

    Returns:
        (MjData at rest, whether everything came to rest in time and stayed in the room).
    """
    mujoco = load_mujoco()
    data = mujoco.MjData(model)
    quiet = 0
    for _ in range(MAX_STEPS if model.nv else 0):
        mujoco.mj_step(model, data)
        # A little drag takes the energy out of rolling and rocking that contacts leave in.
        data.qvel *= _DRAG
        quiet = quiet + 1 if np.abs(data.qvel).max() < REST_SPEED else 0
        if quiet == _QUIET_STEPS:
            break
    mujoco.mj_forward(model, data)
    heights = data.qpos[2::7]
    return data, bool(quiet == _QUIET_STEPS and (heights > 0).all())


def _used_materials(room: Room, things: tuple[Placed, ...]) -> set[str]:
    """Name the materials that something is made of: each texture costs time to be loaded."""
    parts = [*room.on_walls, *room.on_floor, *(part for thing in things for part in thing.parts)]
    named = {part.material for part in parts} | {thing.material for thing in things}
    return {'floor', 'wall', 'ceiling'} | named


class _Builder:
    """Translates plain descriptions into an MjSpec."""

    def __init__(self, mujoco: Any) -> None:
        self._mujoco = mujoco
        self._types = {
            'box': mujoco.mjtGeom.mjGEOM_BOX,
            'cylinder': mujoco.mjtGeom.mjGEOM_CYLINDER,
            'sphere': mujoco.mjtGeom.mjGEOM_SPHERE,
            'capsule': mujoco.mjtGeom.mjGEOM_CAPSULE,
            'mesh': mujoco.mjtGeom.mjGEOM_MESH,
        }
        self.spec = mujoco.MjSpec()
        self.spec.option.timestep = STEP_S
        self.spec.option.integrator = mujoco.mjtIntegrator.mjINT_IMPLICITFAST
        self.spec.option.cone = mujoco.mjtCone.mjCONE_ELLIPTIC
        self.spec.stat.extent = 1.0
        self.spec.stat.center = [0, 0, 1.2]
        visual = self.spec.visual
        visual.map.znear, visual.map.zfar = NEAR_M, FAR_M
        # By default shadows end well inside the cone of light.
        visual.map.shadowscale = 1.0
        # The coarsest that still look smooth: shadows are most of the time of a picture.
        visual.quality.shadowsize = 1280
        visual.quality.offsamples = 4
        visual.quality.numslices, visual.quality.numstacks = 32, 16
        visual.quality.numquads = 2
        visual.global_.offwidth, visual.global_.offheight = 640, 480
        visual.headlight.diffuse = visual.headlight.specular = [0, 0, 0]
        self._textures: dict[tuple[int, bool], str] = {}

    def add_materials(self, materials: dict[str, Material]) -> None:
        for name, material in materials.items():
            mat = self.spec.add_material(
                name=name,
                rgba=[*(np.array(material.rgb) ** TONE), 1],
                emission=material.glow,
                specular=material.shine,
                shininess=0.6,
            )
            if material.texture is None:
                continue
            texture = self._texture(material)
            mat.textures[self._mujoco.mjtTextureRole.mjTEXROLE_RGB] = texture
            if material.per_m:
                mat.texrepeat, mat.texuniform = [material.per_m, material.per_m], True

    def add_shell(self, room: Room) -> None:
        length, width, height = (side / 2 for side in room.size_m)
        world = self.spec.worldbody
        up = (0, 0, 1)
        self._plane(FLOOR_GEOM, (0, 0, 0), (1, 0, 0), (0, 1, 0), (length, width), 'floor')
        self._plane(
            'ceiling', (0, 0, 2 * height), (1, 0, 0), (0, -1, 0), (length, width), 'ceiling'
        )
        for side in (-1, 1):
            at_x, at_y = (side * length, 0.0, height), (0.0, side * width, height)
            self._plane(f'wall x{side}', at_x, (0, -side, 0), up, (width, height), 'wall')
            self._plane(f'wall y{side}', at_y, (side, 0, 0), up, (length, height), 'wall')
        for name, parts in ((ON_WALLS, room.on_walls), (ON_FLOOR, room.on_floor)):
            body = world.add_body(name=name)
            for index, part in enumerate(parts):
                self._part(body, f'{name}/{index}', part, part.material)
        self.spec.visual.headlight.ambient = [room.ambient] * 3
        for light in room.lights:
            self._light(world, light)

    def add_thing(self, placed: Placed) -> None:
        body = self.spec.worldbody.add_body(
            name=placed.name, pos=placed.position_m, quat=placed.quat
        )
        if placed.role == 'object':
            body.add_freejoint()
        for index, part in enumerate(placed.parts):
            self._part(body, f'{placed.name}/{index}', part, part.material or placed.material)

    def _part(self, body: Any, name: str, part: Part, material: str) -> None:
        geom = body.add_geom(
            name=name,
            type=self._types[part.kind],
            pos=part.center_m,
            quat=part.quat,
            material=material,
            density=_DENSITY,
            condim=6,
            friction=[0.8, 0.004, 0.002],
        )
        if not part.solid:
            geom.contype = geom.conaffinity = 0
        if part.kind == 'mesh':
            vertices, faces = revolve(part.rings)
            self.spec.add_mesh(
                name=name,
                uservert=vertices.ravel(),
                userface=faces.ravel(),
                inertia=self._mujoco.mjtMeshInertia.mjMESH_INERTIA_CONVEX,
            )
            geom.meshname = name
        else:
            geom.size = [*part.size_m, 0, 0][:3]

    def _plane(
        self,
        name: str,
        center_m: tuple[float, ...],
        x_axis: tuple[float, ...],
        y_axis: tuple[float, ...],
        half_m: tuple[float, float],
        material: str,
    ) -> None:
        geom = self.spec.worldbody.add_geom(
            name=name,
            type=self._mujoco.mjtGeom.mjGEOM_PLANE,
            pos=center_m,
            size=[*half_m, 0.2],
            material=material,
            condim=6,
            friction=[0.8, 0.004, 0.002],
        )
        axes = np.stack([x_axis, y_axis, np.cross(x_axis, y_axis)], 1).astype(float)
        self._mujoco.mju_mat2Quat(geom.quat, axes.ravel())
        if name == 'ceiling':
            geom.contype = geom.conaffinity = 0

    def _light(self, world: Any, light: Light) -> None:
        world.add_light(
            pos=light.position_m,
            dir=light.direction,
            diffuse=light.rgb,
            specular=[0.3 * c for c in light.rgb],
            ambient=[0, 0, 0],
            castshadow=light.shadow,
            cutoff=64.0,
            exponent=0.6,
        )

    def _texture(self, material: Material) -> str:
        """Add a picture once, flat for planes, as six faces of a cube for things."""
        flat = material.per_m > 0
        key = (id(material.texture), flat)
        if key not in self._textures:
            name = f'texture {len(self._textures)}'
            picture = _TO_LINEAR[material.texture]
            picture = picture if flat else np.concatenate([picture] * 6)
            kind = self._mujoco.mjtTexture
            texture = self.spec.add_texture(
                name=name,
                type=kind.mjTEXTURE_2D if flat else kind.mjTEXTURE_CUBE,
                width=SIZE_PX,
                height=picture.shape[0],
                nchannel=3,
            )
            texture.data = picture.tobytes()
            self._textures[key] = name
        return self._textures[key]
