# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What the node costs while nobody asks: CPU share, and whether every pair of images arrives.

Run it with ROS 2 in the environment::

    python benchmarks/node_overhead.py [--seconds 30] [--json]

Exits with 1 where a pair was lost or more than a fifth of a core was used. This process is the
camera: it publishes rgb8 and 16UC1 images at a steady rate. The node runs as a process of its own,
as on a robot, and its CPU time is read from the operating system.
"""

from __future__ import annotations

import argparse
from array import array
from dataclasses import asdict, dataclass
import json
import os
from pathlib import Path
import statistics
import subprocess
import sys
import time

from diagnostic_msgs.msg import DiagnosticArray
import numpy as np
import rclpy
from rclpy.node import Node
from rclpy.qos import qos_profile_sensor_data
from sensor_msgs.msg import CameraInfo, Image

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.machine import machine
from ssr_ros.demo.environment import FASTDDS_PROFILE
from ssr_ros.rgbd.messages import rgbd_frame

ROOT = Path(__file__).resolve().parent.parent
MOST_CPU = 0.2
SIZES = {'640x480': (640, 480), '1280x720': (1280, 720)}


@dataclass
class Result:
    """One run.

    Attributes:
        sent: pairs published.
        received: pairs that the node made of them.
        cpu_idle: share of one core without images (timers, discovery, executor).
        cpu: share of one core with images.
        convert_ms: median processor time to turn one pair into a frame; only when somebody asks.
    """

    size: str
    rate_hz: float
    seconds: float
    sent: int
    received: int
    cpu_idle: float
    cpu: float
    convert_ms: float


class Camera(Node):  # type: ignore[misc]  # what ROS brings is Any
    """Publishes a moving scene, and listens to what the node says of itself."""

    def __init__(self, width: int, height: int) -> None:
        super().__init__('overhead_camera')
        self.images = _images(width, height)
        qos = qos_profile_sensor_data
        self._color = self.create_publisher(Image, 'color/image_raw', qos)
        self._depth = self.create_publisher(Image, 'depth/image_raw', qos)
        self._info = self.create_publisher(CameraInfo, 'color/camera_info', qos)
        self.said: dict[str, str] = {}
        self.create_subscription(DiagnosticArray, '/diagnostics', self._listen, 10)

    def send(self) -> None:
        """Publish one pair with the time of now."""
        stamp = self.get_clock().now().to_msg()
        for message in self.images:
            message.header.stamp = stamp
        color, depth, info = self.images
        self._info.publish(info)
        self._color.publish(color)
        self._depth.publish(depth)

    def spin_for(self, seconds: float) -> None:
        """Handle what arrives, for a while."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            rclpy.spin_once(self, timeout_sec=0.05)

    def pairs(self) -> int:
        """How many pairs the node had made when it last said so."""
        return int(self.said.get('pairs in all', 0))

    def _listen(self, message: DiagnosticArray) -> None:
        for status in message.status:
            self.said.update({each.key: each.value for each in status.values})


def _images(width: int, height: int) -> tuple[Image, Image, CameraInfo]:
    random = np.random.default_rng(0)
    rgb = random.integers(0, 255, (height, width, 3), np.uint8)
    depth_mm = random.integers(500, 4000, (height, width), np.uint16)
    color = Image(height=height, width=width, encoding='rgb8', step=3 * width)
    color.data = array('B', rgb.tobytes())
    depth = Image(height=height, width=width, encoding='16UC1', step=2 * width)
    depth.data = array('B', depth_mm.tobytes())
    info = CameraInfo(height=height, width=width)
    info.k = [float(width), 0.0, width / 2, 0.0, float(width), height / 2, 0.0, 0.0, 1.0]
    for message in (color, depth, info):
        message.header.frame_id = 'camera'
    return color, depth, info


def run(size: str, rate_hz: float, seconds: float, model: str) -> Result:
    """Measure one size in a fresh node."""
    command = [
        sys.executable,
        '-m',
        'ssr_ros.robot.main',
        '--ros-args',
        '-p',
        f'model.path:={model}',
    ]
    environment = {**os.environ, 'PYTHONPATH': f'{ROOT}:{os.environ.get("PYTHONPATH", "")}'}
    node = subprocess.Popen(command, env=environment)
    camera = Camera(*SIZES[size])
    try:
        _wait_until_ready(camera, node)
        cpu_idle = _cpu_share(node.pid, lambda: camera.spin_for(5.0))
        sent = 0

        def play() -> None:
            nonlocal sent
            sent = _play(camera, rate_hz, seconds)

        before = camera.pairs()
        cpu = _cpu_share(node.pid, play)
        camera.spin_for(2.5)
        received = camera.pairs() - before
        convert_ms = _convert_ms(camera.images)
    finally:
        camera.destroy_node()
        node.terminate()
        node.wait(10)
    return Result(size, rate_hz, seconds, sent, received, cpu_idle, cpu, convert_ms)


def _wait_until_ready(camera: Camera, node: subprocess.Popen[bytes]) -> None:
    """Wait until the node reports on the camera, which it does in the active state only."""
    end = time.monotonic() + 120
    while 'pairing ratio' not in camera.said:
        camera.spin_for(0.2)
        if node.poll() is not None or time.monotonic() > end:
            raise SystemExit('the node did not become active; its output stands above')
    camera.spin_for(2.0)


def _play(camera: Camera, rate_hz: float, seconds: float) -> int:
    """Publish at a steady rate; return the number of pairs."""
    start, sent = time.monotonic(), 0
    while sent < seconds * rate_hz:
        camera.send()
        sent += 1
        time.sleep(max(0.0, start + sent / rate_hz - time.monotonic()))
    return sent


def _cpu_share(pid: int, work: object) -> float:
    """CPU seconds per second that a process took while ``work()`` ran in this one."""
    before_s, start_s = _cpu_s(pid), time.monotonic()
    work()  # type: ignore[operator]
    return (_cpu_s(pid) - before_s) / (time.monotonic() - start_s)


def _cpu_s(pid: int) -> float:
    fields = Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')


def _convert_ms(images: tuple[Image, Image, CameraInfo]) -> float:
    times_ms = []
    for _ in range(20):
        start = time.process_time()
        rgbd_frame(*images)
        times_ms.append((time.process_time() - start) * 1e3)
    return statistics.median(times_ms)


def main() -> int:
    """Measure and print; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--seconds', type=float, default=30.0, help='how long to publish')
    parser.add_argument('--rate-hz', type=float, default=30.0, help='pairs a second')
    parser.add_argument('--size', choices=SIZES, action='append', help='default: all')
    parser.add_argument('--model', default='nano', help='model.path of the node')
    parser.add_argument('--json', action='store_true', help='print one json object instead')
    options = parser.parse_args()
    # The shipped profile, for both processes: without it big best-effort images get lost.
    os.environ.setdefault(FASTDDS_PROFILE, str(ROOT / 'config' / 'fastdds.xml'))
    rclpy.init()
    results = [
        run(size, options.rate_hz, options.seconds, options.model)
        for size in options.size or SIZES
    ]
    rclpy.shutdown()
    if options.json:
        report = {'machine': machine(), 'results': [asdict(result) for result in results]}
        print(json.dumps(report))
    else:
        print(machine())
        for result in results:
            print(
                f'{result.size} at {result.rate_hz:g} Hz for {result.seconds:g} s: '
                f'{result.received} of {result.sent} pairs; node {result.cpu:.1%} of a core '
                f'({result.cpu_idle:.1%} without images); converting one: '
                f'{result.convert_ms:.1f} ms of processor time'
            )
    reached = all(r.received == r.sent and r.cpu < MOST_CPU for r in results)
    return 0 if reached else 1


if __name__ == '__main__':
    sys.exit(main())
