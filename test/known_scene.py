# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A scene whose numbers are known, drawn ray by ray for any camera.

A red box, 0.300 m wide, stands on the floor 9 degrees right of straight ahead. Its front is at
1.500 m, its nearest part 1.558 m away, and a wall is at 3 m behind it.
"""

from types import SimpleNamespace

import numpy as np

WIDTH_M, FRONT_M, NEAREST_M, BEARING_DEG, WALL_M = 0.300, 1.500, 1.558, 9.0, 3.0
FLOOR_M, TOP_M = 0.712, 0.4116
"""Below the camera; the box is as high as it is wide."""

SIZE = (640, 480)
FOCAL = 450.0
K = (FOCAL, 0.0, 319.5, 0.0, FOCAL, 239.5, 0.0, 0.0, 1.0)
RED, GRAY, BROWN = (200, 30, 30), (150, 150, 155), (120, 110, 90)


def rays(k=K, size=SIZE):
    """Return (H, W, 2): x / z and y / z of every pixel of a pinhole camera."""
    x, y = np.meshgrid(np.arange(size[0]), np.arange(size[1]))
    return np.stack([(x - k[2]) / k[0], (y - k[5]) / k[4]], axis=-1)


def draw(at):
    """Return rgb (H, W, 3) uint8 and depth (H, W) float64 metres for the rays x / z, y / z."""
    x, y = at[..., 0], at[..., 1]
    with np.errstate(divide='ignore', invalid='ignore'):
        floor_m = np.where(y > 0, FLOOR_M / y, np.inf)
    depth_m = np.minimum(floor_m, WALL_M)
    rgb = np.where((floor_m < WALL_M)[..., None], BROWN, GRAY)
    box_m = _box(x, y)
    hit = box_m < depth_m
    rgb[hit] = RED
    return rgb.astype(np.uint8), np.where(hit, box_m, depth_m)


def _box(x, y):
    """Depth at which each ray enters the box, infinite where it passes by."""
    middle = FRONT_M * np.tan(np.radians(BEARING_DEG))
    enter, leave = np.full(x.shape, FRONT_M), np.full(x.shape, FRONT_M + WIDTH_M)
    sides = ((x, middle - WIDTH_M / 2, middle + WIDTH_M / 2), (y, TOP_M, FLOOR_M))
    for slope, low, high in sides:
        with np.errstate(divide='ignore'):
            first, last = np.sort([low / slope, high / slope], axis=0)
        enter, leave = np.maximum(enter, first), np.minimum(leave, last)
    return np.where((enter < leave) & (leave > 0), enter, np.inf)


def camera_info(**changes):
    """Return the fields of a sensor_msgs/CameraInfo for images of SIZE; roi as x, y, w, h."""
    names = ('x_offset', 'y_offset', 'width', 'height')
    changes['roi'] = SimpleNamespace(
        do_rectify=False, **dict(zip(names, changes.get('roi', (0, 0, 0, 0)), strict=True))
    )
    fields = {
        'width': SIZE[0],
        'height': SIZE[1],
        'distortion_model': 'plumb_bob',
        'd': [0.0] * 5,
        'k': list(K),
        'r': [1.0, 0, 0, 0, 1, 0, 0, 0, 1],
        'p': p_of(K),
        'binning_x': 0,
        'binning_y': 0,
    }
    return SimpleNamespace(header=header(), **{**fields, **changes})


def p_of(k):
    """Return the P that belongs to a K."""
    return [*k[0:3], 0.0, *k[3:6], 0.0, *k[6:9], 0.0]


def header(frame_id='eye', stamp_ns=1_700_000_000_000_000_000):
    """Return the fields of a std_msgs/Header."""
    sec, nanosec = divmod(stamp_ns, 1_000_000_000)
    return SimpleNamespace(stamp=SimpleNamespace(sec=sec, nanosec=nanosec), frame_id=frame_id)


def color_message(rgb, frame_id='eye', **changes):
    """Return the fields of a sensor_msgs/Image of rgb8."""
    return _image(rgb, 'rgb8', 3, frame_id, changes)


def depth_message(depth_m, encoding='16UC1', frame_id='eye', **changes):
    """Return the fields of a sensor_msgs/Image of depth."""
    if encoding == '32FC1':
        return _image(depth_m.astype('<f4'), encoding, 4, frame_id, changes)
    return _image(np.rint(depth_m * 1000).astype('<u2'), encoding, 2, frame_id, changes)


def _image(pixels, encoding, bytes_a_pixel, frame_id, changes):
    height, width = pixels.shape[:2]
    fields = {
        'header': header(frame_id),
        'height': height,
        'width': width,
        'encoding': encoding,
        'is_bigendian': 0,
        'step': bytes_a_pixel * width,
        'data': np.frombuffer(np.ascontiguousarray(pixels).tobytes(), np.uint8),
    }
    return SimpleNamespace(**{**fields, **changes})


def assert_right(box):
    """Compare a measured SceneObject with what is known of the box."""
    assert box.color == 'red'
    assert abs(box.size_m[0] - WIDTH_M) < 0.012, box.size_m
    assert abs(box.distance_m - NEAREST_M) < 0.015, box.distance_m
    assert abs(box.bearing_deg - BEARING_DEG) < 0.7, box.bearing_deg


def only_box(facts):
    """Return the one object of a survey's facts."""
    (box,) = facts.objects
    return box
