# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Send damaged camera messages to the real node, and see that it answers all the same.

    python benchmarks/fuzz_node.py [--count 2000] [--seed 0]

Every case is a colour image, a depth image and a camera_info, one or more of them damaged at
random, and a measurement that is asked for: it must be answered or refused with a reason that is
not an error of the node itself. Afterwards a good frame must be measured as before. Exits with 1
where one of these fails; needs ROS 2 in the environment.
"""

from __future__ import annotations

import argparse
from array import array
import math
import os
from pathlib import Path
import random
import subprocess
import sys
import time
from typing import Any

import numpy as np
import rclpy
from rclpy.qos import qos_profile_sensor_data
from sensor_msgs.msg import CameraInfo, Image

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.fuzz import run
from benchmarks.machine import machine
from ssr_ros.engine.request import Code, Refused
from ssr_ros.robot.client import SsrClient

ROOT = Path(__file__).resolve().parent.parent
WIDTH, HEIGHT = 64, 48
REPLY_S = 20.0
NUMBERS = (0.0, -1.0, 1e-19, 1e-6, 1e19, math.nan, math.inf, -math.inf, 60.0, 6000.0)
SIZES = (0, 1, 47, 63, 65, 480, 65535, 2**31, 2**32 - 1)
ENCODINGS = ('rgb8', 'bgra8', 'mono8', 'bayer_rggb8', 'yuv422', '16UC1', '32FC1', '', ' ' * 3000)
MODELS = ('plumb_bob', 'rational_polynomial', 'equidistant', 'fisheye', '', 'x' * 2000)


class Camera:
    """Publishes good and damaged frames of a red box before a wall."""

    def __init__(self) -> None:
        self.starting = True
        self._node = rclpy.create_node('fuzz_camera')
        self._publishers = {
            topic: self._node.create_publisher(type(message), topic, qos_profile_sensor_data)
            for topic, message in _frame().items()
        }

    def send_while_starting(self) -> None:
        """Publish a good frame as long as the node is not ready."""
        if self.starting:
            self.send()

    def send(self, damage: random.Random | None = None) -> None:
        """Publish one frame with the time of now."""
        messages = _frame()
        if damage is not None:
            for _ in range(damage.randint(1, 4)):
                _damage(messages[damage.choice(list(messages))], damage)
        stamp = self._node.get_clock().now().to_msg()
        for topic, message in messages.items():
            message.header.stamp = stamp
            self._publishers[topic].publish(message)


def _frame() -> dict[str, Any]:
    rgb = np.full((HEIGHT, WIDTH, 3), 120, np.uint8)
    depth_mm = np.full((HEIGHT, WIDTH), 2000, np.uint16)
    rgb[10:38, 22:42], depth_mm[10:38, 22:42] = (210, 25, 25), 1200
    size = {'width': WIDTH, 'height': HEIGHT}
    color = Image(encoding='rgb8', step=3 * WIDTH, data=array('B', rgb.tobytes()), **size)
    depth = Image(encoding='16UC1', step=2 * WIDTH, data=array('B', depth_mm.tobytes()), **size)
    info = CameraInfo(**size)
    info.k = [60.0, 0.0, WIDTH / 2, 0.0, 60.0, HEIGHT / 2, 0.0, 0.0, 1.0]
    frame = {'color/camera_info': info, 'color/image_raw': color, 'depth/image_raw': depth}
    for message in frame.values():
        message.header.frame_id = 'camera_optical'
    return frame


def _damage(message: Any, damage: random.Random) -> None:
    """Change one field to something that no good driver sends."""
    common = ('width', 'height', 'frame_id')
    own: tuple[str, ...] = ('k', 'p', 'd', 'r', 'distortion_model', 'binning', 'roi')
    if isinstance(message, Image):
        own = ('encoding', 'step', 'data', 'is_bigendian')
    field = damage.choice((*common, *own))
    if field in ('width', 'height', 'step'):
        setattr(message, field, damage.choice(SIZES))
    elif field == 'frame_id':
        message.header.frame_id = damage.choice(('', 'other', 'x' * 5000))
    elif field in ('k', 'p', 'r'):
        getattr(message, field)[damage.randrange(9)] = damage.choice(NUMBERS)
    elif field == 'd':
        message.distortion_model = damage.choice(MODELS)
        message.d = [damage.choice((*NUMBERS, 0.1, -0.3)) for _ in range(damage.randrange(15))]
    elif field == 'distortion_model':
        message.distortion_model = damage.choice(MODELS)
    elif field == 'binning':
        message.binning_x, message.binning_y = damage.choice(SIZES), damage.choice(SIZES)
    elif field == 'roi':
        for name in ('x_offset', 'y_offset', 'width', 'height'):
            setattr(message.roi, name, damage.choice(SIZES))
    elif field == 'encoding':
        message.encoding = damage.choice(ENCODINGS)
    elif field == 'is_bigendian':
        message.is_bigendian = 1
    elif field == 'data':
        length = damage.choice((0, 1, len(message.data) // 2, 2 * len(message.data)))
        message.data = array('B', damage.randbytes(length))


def _measured(client: SsrClient) -> Any:
    """Ask for a measurement of the newest frame.

    Raises:
        Refused: the node says why there is none.
        RuntimeError: it says that it failed itself.
    """
    reply = client.measure(REPLY_S)
    if reply.error_code == Code.INTERNAL:
        raise RuntimeError(reply.error_msg)
    if len(reply.error_msg) > 3000:
        raise RuntimeError(f'error_msg has {len(reply.error_msg)} characters')
    if reply.error_code:
        raise Refused(Code(reply.error_code), reply.error_msg)
    return reply


def _good(camera: Camera, client: SsrClient) -> list[float]:
    """Return what is measured of a good frame: distance and width of its box, metres."""
    give_up = time.monotonic() + REPLY_S
    while True:
        camera.send()
        time.sleep(0.1)
        try:
            (box,) = (each for each in _measured(client).objects if each.color == 'red')
            return [box.distance_m, box.size.x]
        except (Refused, ValueError):
            if time.monotonic() > give_up:
                raise


def main() -> int:
    """Send, print, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--count', type=int, default=2000)
    parser.add_argument('--seed', type=int, default=0)
    options = parser.parse_args()
    environment = {**os.environ, 'PYTHONPATH': f'{ROOT}:{os.environ.get("PYTHONPATH", "")}'}
    node = subprocess.Popen([sys.executable, '-m', 'ssr_ros.robot.main'], env=environment)
    rclpy.init()
    camera = Camera()
    try:
        with SsrClient(keep_going=camera.send_while_starting) as client:
            client.wait_until_ready(300)
            camera.starting = False
            before = _good(camera, client)

            def case(damage: random.Random) -> str:
                camera.send(damage)
                time.sleep(0.02)
                _measured(client)
                return ''

            ended, findings = run(case, options.count, options.seed)
            after = _good(camera, client)
    finally:
        node.terminate()
        node.wait(30)
    print(machine())
    print(', '.join(f'{n} {name}' for name, n in ended.most_common()))
    print(*findings, sep='\n')
    print(f'a good frame before and after: {before}, {after}')
    return 0 if not findings and np.allclose(before, after, rtol=0.01) else 1


if __name__ == '__main__':
    sys.exit(main())
