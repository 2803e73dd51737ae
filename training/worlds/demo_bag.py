#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Render the recording that the demo plays.

    python training/worlds/demo_bag.py

A camera swings past a table in one of the worlds of ``training.worlds``; its depth carries the
noise of a stereo camera. What things are called, and where they are, is written as named regions:
the renderer knows. The same code makes the same frames again. Needs the extra ``train``, and
libosmesa6 (or EGL with MUJOCO_GL=egl, whose pictures differ in a few pixels).
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
import math
from pathlib import Path
import shutil
import sys

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from ssr_ros.bags.write import write_bag  # noqa: E402
from ssr_ros.commands.frames import DEMO_BAG  # noqa: E402
from ssr_ros.rgbd import CameraIntrinsics, RgbdFrame  # noqa: E402
from ssr_ros.scene import Grounded  # noqa: E402
from training.worlds import add_noise, Camera, look_at, sample_world, World  # noqa: E402
from training.worlds.truth import ViewTruth  # noqa: E402

SEED, VIEW, KIND = 222, 1, 'tabletop'
FRAMES, RATE_HZ = 10, 5.0
INTRINSICS = CameraIntrinsics(460.0, 460.0, 239.5, 179.5, 480, 360)
SWING_M, APPROACH_M = 0.30, 0.20
"""How far the camera moves to the side, and how much nearer it starts than the world's own."""

START_NS = 1_700_000_000_000_000_000
FRAME_ID = 'camera_color_optical_frame'


def main(arguments: Sequence[str] | None = None) -> None:
    """Render and write the recording."""
    parser = argparse.ArgumentParser(description='Render the recording that the demo plays.')
    parser.add_argument('--out', type=Path, default=DEMO_BAG, help='folder to write anew')
    out = parser.parse_args(arguments).out
    if out.exists():
        shutil.rmtree(out)
    names: dict[int, list[Grounded]] = {}
    frames = render(sample_world(SEED, KIND), names)
    count = write_bag(out, frames, regions=lambda frame: names[frame.stamp_ns])
    size = sum(path.stat().st_size for path in out.iterdir())
    print(f'{out}: {count} frames, {size / 1e6:.2f} MB')


def render(world: World, names: dict[int, list[Grounded]]) -> Iterator[RgbdFrame]:
    """Yield the frames, stamped at RATE_HZ; put down what is where in each before it."""
    for number, camera in enumerate(cameras(world)):
        view = world.render(camera=camera)
        stamp_ns = START_NS + round(number * 1e9 / RATE_HZ)
        names[stamp_ns] = named(view.truth)
        depth_m = add_noise(view.frame.depth_m, 'stereo', seed=number)
        yield RgbdFrame(view.frame.rgb, depth_m, INTRINSICS, stamp_ns, FRAME_ID)


def named(truth: ViewTruth) -> list[Grounded]:
    """What a perfect detector would say of a view: 'pink mug' and its box."""
    return [
        Grounded(f'{thing.color} {thing.shape}', thing.box_px, 1.0, 'truth')
        for thing in truth.objects
    ]


def cameras(world: World) -> list[Camera]:
    """Swing to the right around the middle of the objects."""
    start = world.camera(VIEW)
    right, forward = start.world_from_camera[:, 0], start.world_from_camera[:, 2]
    middles = [np.vstack(o.parts_m).mean(axis=0) for o in world.outlines if o.role == 'object']
    target = np.median(middles, axis=0)
    return [
        look_at(start.position_m + shift_m * right + APPROACH_M * forward, target, INTRINSICS)
        for shift_m in SWING_M * (0.5 - 0.5 * np.cos(np.linspace(0, math.pi, FRAMES)))
    ]


if __name__ == '__main__':
    main()
