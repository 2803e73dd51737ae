# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Messages as they arrive, by their fields alone; no ROS is needed."""

from types import SimpleNamespace

SECOND = 1_000_000_000
NOW_NS = 1_700_000_000 * SECOND


def stamped(stamp_ns, frame_id='camera', **fields):
    sec, nanosec = divmod(stamp_ns, SECOND)
    stamp = SimpleNamespace(sec=sec, nanosec=nanosec)
    return SimpleNamespace(header=SimpleNamespace(stamp=stamp, frame_id=frame_id), **fields)


def camera_info(focal=60.0, width=64, height=48, stamp_ns=1, frame_id='camera'):
    """A sensor_msgs/CameraInfo without distortion."""
    return stamped(
        stamp_ns,
        frame_id,
        k=[focal, 0.0, width / 2, 0.0, focal, height / 2, 0.0, 0.0, 1.0],
        p=[0.0] * 12,
        r=[0.0] * 9,
        d=[],
        distortion_model='',
        width=width,
        height=height,
        binning_x=0,
        binning_y=0,
        roi=SimpleNamespace(x_offset=0, y_offset=0, width=0, height=0),
    )


def color(rgb, stamp_ns, frame_id='camera'):
    """A colour sensor_msgs/Image of (H, W, 3) uint8."""
    return _image(rgb, 'rgb8', 3, stamp_ns, frame_id)


def depth(depth_m, stamp_ns, frame_id='camera'):
    """A depth sensor_msgs/Image of (H, W) metres."""
    return _image(depth_m.astype('<f4'), '32FC1', 4, stamp_ns, frame_id)


def _image(pixels, encoding, pixel_bytes, stamp_ns, frame_id):
    height, width = pixels.shape[:2]
    return stamped(
        stamp_ns,
        frame_id,
        encoding=encoding,
        width=width,
        height=height,
        step=pixel_bytes * width,
        is_bigendian=0,
        data=pixels.tobytes(),
    )
