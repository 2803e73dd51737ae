# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The steady reading nearest to others, and memory that is kept from frame to frame."""

from __future__ import annotations

import platform
import subprocess
import sys

import numpy as np
import pytest

from ssr_ros.scene.geometry.nearest import nearest_steady


def test_each_pixel_is_told_the_steady_reading_nearest_to_it():
    depth_m = np.full((3, 9), 9, np.float32)
    depth_m[:, :3], depth_m[:, 7:] = 1, 2
    steady = depth_m < 9
    away_px, there_m = nearest_steady(depth_m, steady, np.array([12, 13, 15]))
    assert away_px == pytest.approx([1, 2, 1], abs=0.01)
    assert there_m.tolist() == [1, 1, 2]


def test_a_reading_that_is_alone_is_the_nearest_to_all():
    depth_m = np.zeros((40, 50), np.float32)
    depth_m[20, 25] = 3
    others = np.flatnonzero(depth_m == 0)
    there_m = nearest_steady(depth_m, depth_m > 0, others)[1]
    assert (there_m == 3).all()


def test_the_reading_that_is_told_lies_as_far_away_as_is_told():
    random = np.random.default_rng(3)
    steady = random.random((40, 50)) < 0.03
    depth_m = np.arange(1, steady.size + 1, dtype=np.float32).reshape(steady.shape)
    others = np.flatnonzero(~steady)
    away_px, there_m = nearest_steady(depth_m, steady, others)
    told = there_m.astype(np.int64) - 1
    assert steady.ravel()[told].all()
    sides = np.abs(np.array(np.divmod(others, 50)) - np.divmod(told, 50))
    assert away_px == pytest.approx(np.hypot(*sides), rel=0.03)


MEASURES_AGAIN = """
import resource
import numpy as np
from ssr_ros.rgbd import CameraIntrinsics, RgbdFrame
from ssr_ros.scene import measure

random = np.random.default_rng(0)
depth_m = np.empty((720, 1280), np.float32)
for row in depth_m:  # by rows: a large image that is freed would teach the C library, too
    row[:] = random.normal(1.5, 0.002, 1280)
    row[600:] += 1
camera = CameraIntrinsics(900, 900, 639.5, 359.5)
frame = RgbdFrame(np.zeros((720, 1280, 3), np.uint8), depth_m, camera)
for _ in range(3):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    measure(frame)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != 'glibc', reason='only glibc learns what to keep')
def test_measuring_again_asks_the_system_for_little_new_memory():
    """A third frame of 1280 x 720 took 11000 page faults where every image was new memory."""
    run = subprocess.run(
        [sys.executable, '-c', MEASURES_AGAIN], check=True, capture_output=True, text=True
    )
    assert int(run.stdout) < 4000
