# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""One table of cameras that see the known scene: what arrives, and what must come of it.

Every way into this package is held against it: the conversion that the node uses, recordings,
and the command line.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import cv2
import known_scene as scene
import numpy as np

RAW, RECTIFIED = '/eye/image_raw', '/eye/image_rect_color'
PLUMB_BOB = [-0.25, 0.08, 0.001, -0.0005, 0.0]
RATIONAL = [0.1, -0.3, 0.0, 0.0, 0.05, 0.4, -0.35, 0.02]
FISHEYE = [0.05, -0.02, 0.01, 0.0]


@dataclass(frozen=True)
class Camera:
    """One kind.

    Attributes:
        name: of the kind.
        color: fields of a sensor_msgs/Image.
        depth: likewise.
        info: fields of a sensor_msgs/CameraInfo.
        error: pattern of the refusal; empty where the box is to be measured right.
        caveat: pattern of what the frame must say of itself; empty where nothing.
        topic: name of the colour topic.
    """

    name: str
    color: Any
    depth: Any
    info: Any
    error: str = ''
    caveat: str = ''
    topic: str = RAW


@dataclass(frozen=True)
class View:
    """Images of the known scene."""

    rgb: Any
    depth_m: Any
    encoding: str = '16UC1'
    depth_frame: str = 'eye'
    depth_fields: dict[str, Any] = field(default_factory=dict)

    def camera(self, name, error='', caveat='', topic=RAW, **info):
        color = scene.color_message(self.rgb)
        depth = scene.depth_message(
            self.depth_m, self.encoding, self.depth_frame, **self.depth_fields
        )
        return Camera(name, color, depth, scene.camera_info(**info), error, caveat, topic)


def bent_rays(d, fisheye=False):
    """Rays of a raw image, found by undoing the distortion pixel by pixel."""
    pixels = np.stack(np.meshgrid(np.arange(scene.SIZE[0]), np.arange(scene.SIZE[1])), axis=-1)
    pixels = pixels.reshape(-1, 1, 2).astype(np.float64)
    k = np.array(scene.K).reshape(3, 3)
    if fisheye:
        rays = cv2.fisheye.undistortPoints(pixels, k, np.array(d))
    else:
        often = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 100, 1e-10)
        rays = cv2.undistortPointsIter(pixels, k, np.array(d), np.eye(3), np.eye(3), often)
    return rays.reshape(scene.SIZE[1], scene.SIZE[0], 2)


def scaled(k, factor):
    return [value * factor for value in k[:8]] + [1.0]


def full(offset=(0, 0), step=1):
    """K of the full image of which the known one is the part from an offset, every step pixels."""
    k = list(scene.K)
    k[0], k[4] = k[0] * step, k[4] * step
    k[2], k[5] = k[2] * step + offset[0], k[5] * step + offset[1]
    return {'k': k, 'p': scene.p_of(k)}


def plain_view(**changes):
    return View(*scene.draw(scene.rays()), **changes)


def with_pixels(depth_m, value_m, share=0.0):
    """Return a copy with one pixel, or a share of rows from the top, at a value."""
    depth_m = depth_m.copy()
    depth_m[: round(share * len(depth_m))] = value_m
    depth_m[0, 0] = value_m
    return depth_m


def cameras():
    """Yield the table."""
    view = plain_view()
    yield view.camera('as ROS has it')
    yield from _matrices(view)
    yield from _lenses()
    yield from _windows(view)
    yield from _absurd(view)
    yield from _depths(view)


def _matrices(view):
    wrong_k = scaled(scene.K, 1.25)
    wrong_k[2], wrong_k[5] = scene.K[2], scene.K[5]
    p, zeros = scene.p_of(scene.K), [0.0] * 9
    yield view.camera('rectified: P and not K', k=wrong_k, topic=RECTIFIED)
    yield view.camera('rectified: D says nothing', k=wrong_k, d=PLUMB_BOB, topic=RECTIFIED)
    yield view.camera('rectified without a P', p=[0.0] * 12, topic=RECTIFIED)
    yield view.camera('rectified, by K and P without D', k=wrong_k, topic='/eye/picture')
    wrong_p = scene.p_of(wrong_k)
    yield view.camera('raw: K and not P', p=wrong_p, caveat='K and P .* differ.*fx=.* fx=')
    yield view.camera('K all zero', k=zeros, p=p)
    yield view.camera('K all zero and no D', k=zeros, p=p, d=[], distortion_model='')
    yield view.camera('K all zero with D', k=zeros, p=p, d=PLUMB_BOB, error='K .* all zero')
    yield view.camera('nothing filled in', k=zeros, p=[0.0] * 12, error='not calibrated')
    turned = [0.98, 0.0, 0.199, 0, 1, 0, -0.199, 0, 0.98]
    yield view.camera('raw of a stereo pair', p=wrong_p, r=turned)


def _lenses():
    for name, model, d in (
        ('plumb_bob', 'plumb_bob', PLUMB_BOB),
        ('plumb_bob of four', 'plumb_bob', PLUMB_BOB[:4]),
        ('rational', 'rational_polynomial', RATIONAL),
        ('fisheye', 'equidistant', FISHEYE),
        ('fisheye of zeros', 'equidistant', [0.0] * 4),
    ):
        bent = View(*scene.draw(bent_rays(d, model == 'equidistant')))
        yield bent.camera(f'raw, {name}', d=d, distortion_model=model)
    view = plain_view()
    slight = [-0.0005, 0.0, 0.0, 0.0, 0.0]
    yield view.camera('raw, less than a pixel', d=slight)
    yield view.camera('a lens nobody knows', d=PLUMB_BOB, distortion_model='mine', error='mine')
    yield view.camera('D of NaN', d=[float('nan')] * 5, error='not finite')
    yield view.camera('D of three', d=[0.1, 0.1, 0.1], error='4 or 5')
    yield view.camera('D beyond any lens', d=[1e9] * 5, error='no lens')
    yield view.camera('D that folds', d=[-3.0, 0, 0, 0, 0], error='no lens')


def _windows(view):
    twice, size = full(step=2), {'width': 1280, 'height': 960}
    binned = {'binning_x': 2, 'binning_y': 2}
    yield view.camera('binned, full sizes', **twice, **size, **binned)
    yield view.camera('binned, sizes of the image', **twice, **binned)
    yield view.camera('binned, no sizes', **twice, **binned, width=0, height=0)
    yield view.camera('binned, K of the image', **binned)
    part = full(offset=(300, 200))
    roi = {'roi': (300, 200, 640, 480)}
    yield view.camera('roi, full sizes', **part, **roi, **size)
    yield view.camera('roi, sizes of the image', **part, **roi)
    yield view.camera('roi, no sizes', **part, **roi, width=0, height=0)
    yield view.camera('roi, its size left out', **part, **size, roi=(300, 200, 0, 0))
    large = {'width': 2560, 'height': 1920}
    both = full(offset=(600, 400), step=2)
    yield view.camera('roi and binned', **both, **large, **binned, roi=(600, 400, 1280, 960))
    rows = full(step=1)
    yield view.camera('roi of everything', **rows, roi=(0, 0, 640, 480))
    yield view.camera('binned twice over', **size, **binned, error='K is for that image')
    yield view.camera(
        'binned to another size',
        **twice,
        **binned,
        width=1280,
        height=720,
        error='1280x720.*binned 2x2.*640x480',
    )
    yield view.camera(
        'roi beyond the image', **part, **size, roi=(900, 200, 640, 480), error='x=900'
    )
    yield view.camera(
        'roi of another size', **part, **size, roi=(300, 200, 320, 240), error='320x240'
    )
    yield view.camera('binned by 1000', **twice, binning_x=1000, error='binning')


def _absurd(view):
    def with_k(fx=scene.FOCAL, fy=scene.FOCAL, cx=319.5, cy=239.5):
        k = [fx, 0.0, cx, 0.0, fy, cy, 0.0, 0.0, 1.0]
        return {'k': k, 'p': scene.p_of(k)}

    yield view.camera('fx = 1e-19', **with_k(1e-19, 1e-19), error='field of view of 180')
    yield view.camera('fx = 1e-6', **with_k(1e-6, 1e-6), error='field of view of 180')
    yield view.camera('fx = 1e300', **with_k(1e300, 1e300), error='field of view of 3')
    yield view.camera('fx of a telescope', **with_k(3e4, 3e4), error='field of view of 1.2')
    yield view.camera('fx and fy differ', **with_k(fy=950.0), error='factor of 2')
    yield view.camera('fx negative', **with_k(fx=-450.0), error='absolute value')
    yield view.camera('cx = -9999', **with_k(cx=-9999.0), error='cx=-9999 for 640 p')
    yield view.camera(
        'K of 1280x720',
        **with_k(900.0, 900.0, 640.0, 360.0),
        error='cx=640 for 640 p',
    )
    yield view.camera('info of 1280x720', width=1280, height=720, error='1280x720.*640x480')
    yield view.camera('NaN', **with_k(cx=float('nan')), error='finite')
    yield view.camera('infinite', **with_k(fx=float('inf')), error='finite')
    k = list(np.array(scene.K).reshape(3, 3).T.ravel())
    yield view.camera('K by columns', k=k, p=[0.0] * 12, error='not a camera matrix')


def _depths(view):
    depth_m = view.depth_m
    for encoding in ('16UC1', 'mono16', '32FC1'):
        for name, value_m in (('65535', 65.535), ('zero', 0.0)):
            one = View(view.rgb, with_pixels(depth_m, value_m), encoding)
            yield one.camera(f'one pixel of {name} in {encoding}')
            many = View(view.rgb, with_pixels(depth_m, value_m, 0.3), encoding)
            yield many.camera(f'many pixels of {name} in {encoding}')
    for limit_m in (10.0, 20.0, 8.191):
        far = View(view.rgb, with_pixels(depth_m, limit_m, 0.3), '32FC1')
        yield far.camera(f'a sensor that ends at {limit_m} m')
    infinite = View(view.rgb, with_pixels(depth_m, np.inf, 0.3), '32FC1')
    yield infinite.camera('infinite depth')
    yield View(view.rgb, depth_m * 1000, '32FC1').camera(
        'millimetres as floats', error='millimetres'
    )
    yield View(view.rgb, depth_m * 0).camera('no depth at all', error='no valid pixel')
    other = View(view.rgb, depth_m, depth_frame='depth_optical')
    yield other.camera('depth of another frame', caveat="'depth_optical'.*'eye'")
    small = View(view.rgb, depth_m[::2, ::2])
    yield small.camera('depth of another size', error='640x480.*320x240.*registered')
