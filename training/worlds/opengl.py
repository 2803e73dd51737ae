# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""MuJoCo and the OpenGL library that it draws with."""

from __future__ import annotations

import atexit
from functools import lru_cache
import importlib
import os
from types import ModuleType
from typing import Any

from ssr_ros.errors import require_package, SsrError

MAX_SIZE_PX = (640, 480)

_PACKAGES = {'osmesa': 'libosmesa6', 'egl': 'libegl1 libgl1-mesa-dri'}


class RenderError(SsrError):
    """No picture can be rendered on this machine as it is set up."""


def load_mujoco() -> ModuleType:
    """Import MuJoCo without the OpenGL library that MUJOCO_GL names, which open_gl loads.

    Where that library is missing MuJoCo could not be imported at all, and physics needs none.

    Raises:
        MissingPackageError: MuJoCo is not installed.
    """
    backend = os.environ.pop('MUJOCO_GL', None)
    try:
        return require_package('mujoco', 'train')
    finally:
        if backend is not None:
            os.environ['MUJOCO_GL'] = backend


def open_gl() -> Any:
    """Return this process's OpenGL context, made current.

    MUJOCO_GL chooses between 'osmesa' (software, anywhere) and 'egl' (GPU where there is one);
    unset means osmesa, whose pictures need no particular machine.

    Raises:
        RenderError: the library cannot be loaded, or opens no context.
        MissingPackageError: MuJoCo is not installed.
    """
    load_mujoco()
    context = _open_context(os.environ.setdefault('MUJOCO_GL', 'osmesa'))
    context.make_current()
    return context


@lru_cache(maxsize=1)
def _open_context(backend: str) -> Any:
    if backend not in _PACKAGES:
        raise RenderError(f"expected MUJOCO_GL to be 'osmesa' or 'egl', got {backend!r}")
    try:
        # Not through mujoco.gl_context: that one decides when mujoco is first imported.
        context = importlib.import_module(f'mujoco.{backend}').GLContext(*MAX_SIZE_PX)
    # PyOpenGL reports a missing library as an AttributeError of None.
    except (ImportError, AttributeError, OSError, RuntimeError) as error:
        raise RenderError(_advice(backend, error)) from error
    atexit.register(context.free)
    return context


def _advice(backend: str, error: Exception) -> str:
    return (
        f'no OpenGL with MUJOCO_GL={backend} ({error}). '
        f'Install it with: apt-get install {_PACKAGES[backend]}; '
        'or choose MUJOCO_GL=osmesa (software) or MUJOCO_GL=egl (GPU)'
    )
