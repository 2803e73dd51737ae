# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""One rendered scene that many tests look at, and the real frames where they are there."""

from __future__ import annotations

from pathlib import Path

import pytest
from rendered import Ball, Box, render

from ssr_ros.rgbd import CameraIntrinsics, load_frame
from ssr_ros.scene import measure

THINGS = (
    Box('red', (-0.25, 1.0), (0.12, 0.10, 0.20)),
    Box('blue', (0.20, 1.2), (0.20, 0.15, 0.10)),
    Box('green', (0.05, 1.8), (0.15, 0.15, 0.35)),
    Ball('yellow', (-0.5, 1.7), 0.1),
    Box('red', (0.6, 1.6), (0.15, 0.15, 0.15)),
)
CAMERAS = {
    'living_room': (525, 525, 319.5, 239.5),
    'dining_room': (518, 519, 325.5, 253.5),
    'tabletop': (616.365, 616.203, 310.259, 236.600),
    'shelf_bin': (615.195, 615.195, 298.443, 247.519),
}


@pytest.fixture(scope='session')
def rendered():
    """Five things on a floor before a wall, exact depth."""
    return render(THINGS, size=(320, 240))


@pytest.fixture(scope='session')
def facts(rendered):
    """The facts of that scene, measured without noise."""
    return measure(rendered.frame, noise='none')


@pytest.fixture(scope='session')
def noisy_facts():
    """The facts of the same scene, seen by a stereo camera."""
    return measure(render(THINGS, size=(640, 480), noise=0.002).frame, noise='stereo')


@pytest.fixture(scope='session')
def real_frame():
    """A function that loads 'tabletop/cheezit' and the like; skips where the frames are not."""
    root = Path(__file__).resolve().parents[3] / 'shared' / 'rgbd'

    def load(name: str):
        color = sorted(root.glob(f'{name}.color.*'))
        depth = sorted(root.glob(f'{name}.depth*'))
        if not color or not depth:
            pytest.skip(f'the real frame {name} is not beside the repository (../shared/rgbd)')
        return load_frame(color[0], depth[0], CameraIntrinsics(*CAMERAS[name.split('/')[0]]))

    load.root = root
    return load
