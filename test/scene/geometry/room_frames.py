# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Frames made by hand, each of which meets other parts of the geometry, and what they show."""

from __future__ import annotations

from dataclasses import fields
import functools

import cv2
import numpy as np
from rendered import Ball, Box, render

from ssr_ros.rgbd import CameraIntrinsics, RgbdFrame
from ssr_ros.scene.geometry.gravity import down_from_tilt
from ssr_ros.scene.geometry.surveying import survey

CAMERA = CameraIntrinsics(300, 300, 159.5, 119.5)
TABLE_AND_THINGS = (
    Box('brown', (0, 1.5), (1.2, 0.8, 0.4)),
    Box('red', (0.1, 1.4), (0.1, 0.1, 0.12), foot=0.4),
    Ball('yellow', (-0.3, 1.4), 0.07, foot=0.4),
    Box('purple', (-0.165, 1.42), (0.12, 0.1, 0.1), foot=0.4),
    Box('white', (-0.6, 2.98), (0.4, 0.06, 0.3), foot=0.7),
)
OPEN_BOX = (
    Box('green', (0, 1.0), (0.4, 0.02, 0.15)),
    Box('green', (0, 1.38), (0.4, 0.02, 0.15)),
    Box('green', (-0.19, 1.19), (0.02, 0.4, 0.15)),
    Box('green', (0.19, 1.19), (0.02, 0.4, 0.15)),
    Box('blue', (0.5, 1.3), (0.2, 0.15, 0.03)),
    Ball('orange', (-0.45, 1.3), 0.1),
)
NEIGHBOURS = (
    Box('red', (-0.08, 1.0), (0.15, 0.1, 0.12)),
    Box('blue', (0.08, 1.2), (0.15, 0.1, 0.2)),
    Box('orange', (0.5, 1.6), (0.3, 0.02, 0.3)),
)


def gray(depth_m, camera=CAMERA):
    """Return a frame of one colour."""
    depth_m = np.asarray(depth_m, np.float32)
    return RgbdFrame(np.full((*depth_m.shape, 3), 150, np.uint8), depth_m, camera)


def blanked(frame, unknown):
    """Return a frame that has no depth somewhere."""
    depth_m = np.where(unknown, np.float32(np.nan), frame.depth_m)
    return RgbdFrame(frame.rgb, depth_m, frame.intrinsics)


def with_dots(frame, share=0.08, seed=3):
    """Return a frame with single readings missing."""
    return blanked(frame, np.random.default_rng(seed).random(frame.depth_m.shape) < share)


def smeared(frame, width_px=5):
    """Draw every jump in depth out over some pixels, as filters in cameras do."""
    depth_m = 1 / cv2.blur(1 / frame.depth_m, (width_px, width_px))
    return RgbdFrame(frame.rgb, depth_m.astype(np.float32), frame.intrinsics)


def planes_frame(*planes):
    """Return what a camera sees within some planes n . P = d, the nearest at each pixel."""
    rays = CAMERA.back_project(np.ones((240, 320), np.float32)).astype(np.float64)
    depth_m = np.full((240, 320), np.inf)
    for normal, offset_m in planes:
        with np.errstate(divide='ignore'):
            hit = offset_m / (rays @ np.array(normal))
        depth_m = np.where((hit > 0) & (hit < depth_m), hit, depth_m)
    return gray(depth_m)


def into_a_bin():
    """Two blocks, one in the other's shadow of colour, 0.75 m below a camera that looks down."""
    depth_m, rgb = np.full((240, 320), 0.75, np.float32), np.full((240, 320, 3), 200, np.uint8)
    for (y0, y1, x0, x1), rise_m, color in (
        ((100, 140, 140, 190), 0.05, (200, 30, 30)),
        ((60, 100, 40, 110), 0.10, (40, 80, 200)),
        ((180, 225, 230, 300), 0.02, (25, 25, 25)),
    ):
        depth_m[y0:y1, x0:x1] = 0.75 - rise_m
        rgb[y0:y1, x0:x1] = color
    return RgbdFrame(rgb, depth_m, CAMERA)


@functools.cache
def surveys():
    """Return what is measured in each frame, by name."""
    tilted = down_from_tilt(-8, 5)
    room = planes_frame(((0, 1, 0), 0.9), ((0, -1, 0), 1.0), ((-1, 0, 0), 1.3), ((0.3, 0, 1), 3.5))
    table = render(TABLE_AND_THINGS, height_m=1.2, tilt_deg=35, size=(640, 480), noise=0.0012)
    return {
        'table': survey(with_dots(table.frame)),
        'open box': survey(smeared(render(OPEN_BOX, tilt_deg=35, size=(480, 360)).frame, 3)),
        'dots': survey(with_dots(render(OPEN_BOX, tilt_deg=35, noise=0.0005).frame, 0.1), 'tof'),
        'smeared': survey(smeared(render(NEIGHBOURS, size=(640, 480)).frame, 7)),
        'bin': survey(into_a_bin()),
        'bin, level': survey(into_a_bin(), 'none', down_from_tilt(90)),
        'room': survey(room, 'none'),
        'room, turned': survey(room, 'none', tilted),
        'ramp': survey(planes_frame(((0.1, 0.7, 0.7), 1.2)), gravity=down_from_tilt(0)),
    }


def numbers(measured):
    """Return all that is known of a plane, an object or its margins, as words and numbers."""
    told = {}
    for field in fields(measured):
        value = getattr(measured, field.name)
        if field.name == 'mask':
            rows, columns = np.nonzero(value)
            told['mask'] = len(rows), float(rows.mean()), float(columns.mean())
        elif field.name == 'points_m':
            told['points_m'] = len(value), *(float(v) for v in value.mean(axis=0))
        elif field.name == 'margins':
            told |= {f'{name} +-': np.array(number) for name, number in numbers(value).items()}
        elif not field.name.startswith(('label', 'also')):
            told[field.name] = value
    return told
