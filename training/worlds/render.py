# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Pictures of a settled world: colour, metric depth and segmentation from one camera."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.worlds.cameras import Camera
from training.worlds.materials import TONE
from training.worlds.opengl import load_mujoco, MAX_SIZE_PX, open_gl, RenderError
from training.worlds.physics import FAR_M, NEAR_M

_TO_SCREEN = np.rint(255 * (np.arange(256) / 255) ** (1 / TONE)).astype(np.uint8)


class Renderer:
    """Renders one MuJoCo model from any camera.

    Args:
        model: the compiled world.
        data: its settled state.

    Raises:
        RenderError: no OpenGL library can be loaded.
        MissingPackageError: MuJoCo is not installed.
    """

    def __init__(self, model: Any, data: Any) -> None:
        self._mujoco = mujoco = load_mujoco()
        self._gl = open_gl()
        self._context = mujoco.MjrContext(model, mujoco.mjtFontScale.mjFONTSCALE_50)
        self._context.readDepthMap = mujoco.mjtDepthMap.mjDEPTH_ZEROFAR
        mujoco.mjr_setBuffer(mujoco.mjtFramebuffer.mjFB_OFFSCREEN, self._context)
        self._scene = mujoco.MjvScene(model, 2000)
        mujoco.mjv_updateScene(
            model,
            data,
            mujoco.MjvOption(),
            None,
            mujoco.MjvCamera(),
            mujoco.mjtCatBit.mjCAT_ALL,
            self._scene,
        )
        # Identity colours count the scene's geoms from 1; 0 is what nothing covers.
        self._geom_of_id = np.full(self._scene.ngeom + 1, -1, np.int32)
        for geom in self._scene.geoms[: self._scene.ngeom]:
            self._geom_of_id[geom.segid + 1] = geom.objid

    def render(
        self, camera: Camera
    ) -> tuple[NDArray[np.uint8], NDArray[np.float32], NDArray[np.int32]]:
        """Render what a camera sees.

        Returns:
            (rgb (H, W, 3) uint8; depth along the optical axis (H, W) float32 metres, NaN where
            there is nothing; index of the geom in the model (H, W) int32, -1 for none).

        Raises:
            RenderError: the image is larger than MAX_SIZE_PX.
        """
        width, height = camera.size_px
        if width > MAX_SIZE_PX[0] or height > MAX_SIZE_PX[1]:
            raise RenderError(
                f'at most {MAX_SIZE_PX[0]}x{MAX_SIZE_PX[1]} pixels can be rendered, '
                f'got {width}x{height}'
            )
        self._gl.make_current()
        self._aim(camera)
        rgb, _ = self._draw(width, height, identities=False)
        # Depth is read with the identities: that pass samples pixel centres, without the
        # multisampling that smooths the colours.
        codes, depth = self._draw(width, height, identities=True)
        code = codes.astype(np.int32) @ np.array([1, 256, 65536], np.int32)
        return _TO_SCREEN[rgb], _to_metres(depth), self._geom_of_id[code]

    def close(self) -> None:
        """Free the buffers."""
        self._gl.make_current()
        self._context.free()

    def _aim(self, camera: Camera) -> None:
        k = camera.intrinsics
        width, height = camera.size_px
        pixel = NEAR_M / k.fy
        for eye in self._scene.camera:
            eye.pos = camera.position_m
            eye.forward, eye.up = camera.world_from_camera[:, 2], -camera.world_from_camera[:, 1]
            eye.frustum_near, eye.frustum_far = NEAR_M, FAR_M
            # Pixel centres have whole coordinates, so the image reaches from -0.5 to size - 0.5.
            eye.frustum_center = ((width - 1) / 2 - k.cx) * pixel
            eye.frustum_top = (k.cy + 0.5) * pixel
            eye.frustum_bottom = (k.cy - (height - 0.5)) * pixel
            eye.frustum_width = 0.0

    def _draw(
        self, width: int, height: int, identities: bool
    ) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        flags = self._mujoco.mjtRndFlag
        self._scene.flags[flags.mjRND_SEGMENT] = identities
        self._scene.flags[flags.mjRND_IDCOLOR] = identities
        self._scene.flags[flags.mjRND_SHADOW] = not identities
        self._scene.flags[flags.mjRND_HAZE] = False
        self._scene.flags[flags.mjRND_SKYBOX] = False
        rect = self._mujoco.MjrRect(0, 0, width, height)
        colors, depth = (
            np.empty((height, width, 3), np.uint8),
            np.empty((height, width), np.float32),
        )
        self._mujoco.mjr_render(rect, self._scene, self._context)
        self._mujoco.mjr_readPixels(colors, depth, rect, self._context)
        return colors[::-1], depth[::-1]


def _to_metres(depth: NDArray[np.float32]) -> NDArray[np.float32]:
    """Undo the projection of a reversed depth buffer: 1 is the near plane, 0 infinitely empty."""
    near, far = np.float64(np.float32(NEAR_M)), np.float64(np.float32(FAR_M))
    metres = near * far / (near + depth.astype(np.float64) * (far - near))
    metres[depth <= 0] = np.nan
    found: NDArray[np.float32] = metres.astype(np.float32)
    return found
