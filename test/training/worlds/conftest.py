# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Worlds that the tests share; rendering ones skip where no OpenGL library can be loaded."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ssr_ros.errors import MissingPackageError
from training.worlds import KINDS, RenderedView, RenderError, sample_world, World
from training.worlds.opengl import load_mujoco, open_gl

SIZE_PX = (160, 120)


@pytest.fixture(scope='session', autouse=True)
def mujoco() -> None:
    """Skip, with the reason, where MuJoCo is not installed."""
    try:
        load_mujoco()
    except MissingPackageError as error:
        pytest.skip(str(error))


@pytest.fixture(scope='session')
def worlds() -> list[World]:
    """Return settled worlds of all kinds and splits."""
    return [
        sample_world(seed, kind, split)
        for seed, split in enumerate(('train', 'train', 'val', 'test'))
        for kind in KINDS
    ]


@pytest.fixture(scope='session')
def opengl() -> None:
    """Skip, with the reason, where nothing can be rendered."""
    try:
        open_gl()
    except RenderError as error:
        pytest.skip(str(error))


@pytest.fixture(scope='session')
def views(worlds: list[World], opengl: None) -> Iterator[list[tuple[World, RenderedView]]]:
    """Render one small view of each world."""
    yield [(world, world.render(0, SIZE_PX)) for world in worlds]
