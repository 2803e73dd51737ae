# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The node at work: how old a frame is when it is taken up, how long callbacks take, what grows.

Run it with ROS 2 in the environment::

    python benchmarks/node_load.py steady [--seconds 60] [--remember-hz 1] [--objects]
    python benchmarks/node_load.py crowd
    python benchmarks/node_load.py cameras

``steady``: 1280x720 at 30 Hz, a question every 2 s. ``crowd``: 200 questions at once from 10
clients. ``cameras``: the memory of a node with one camera and with two. This process is the
camera and the clients; the node is a process of its own, as on a robot. What a busy machine
does to the figures shows in its load, which is printed beside them.
"""

from __future__ import annotations

import argparse
from array import array
from collections import Counter
from contextlib import contextmanager
import json
import os
from pathlib import Path
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from typing import Any, TYPE_CHECKING

import cv2
import rclpy
from sensor_msgs.msg import CameraInfo, Image

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from ssr_ros.msg import Scene
from ssr_ros.srv import AskSpatial

from benchmarks.machine import machine
from ssr_ros.demo.environment import FASTDDS_PROFILE
from ssr_ros.demo.run import frame_at
from ssr_ros.robot.client import SsrClient
from ssr_ros.robot.endpoints import DEEP

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
WIDTH, HEIGHT = 1280, 720
QUESTION_EVERY_S = 2.0
QUESTION = 'How far is the nearest object?'
OLDEST_MS, LONGEST_MS, MOST_GROWTH = 100.0, 10.0, 0.01


class Camera:
    """Publishes the demo's scene, enlarged, at a steady rate from a thread of its own."""

    def __init__(self, node: Any, rate_hz: float, below: str = '') -> None:
        names = [f'{below}{name}' for name in ('color/image_raw', 'depth/image_raw')]
        qos = rclpy.qos.qos_profile_sensor_data
        self._node, self._rate_hz = node, rate_hz
        self._images = [node.create_publisher(Image, name, qos) for name in names]
        self._info = node.create_publisher(CameraInfo, f'{below}color/camera_info', qos)
        self._messages = _messages()
        self.sent = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Stop."""
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        start_s = time.monotonic()
        while not self._ended.is_set():
            color, depth, info = self._messages
            for message in self._messages:
                message.header.stamp = self._node.get_clock().now().to_msg()
            depth.header.stamp = info.header.stamp = color.header.stamp
            self._info.publish(info)
            for publisher, message in zip(self._images, (color, depth), strict=True):
                publisher.publish(message)
            self.sent += 1
            time.sleep(max(0.0, start_s + self.sent / self._rate_hz - time.monotonic()))


def _messages() -> tuple[Image, Image, CameraInfo]:
    frame = frame_at(ROOT / 'ssr_ros' / 'demo' / 'bag', 0)
    factor = WIDTH / frame.width
    rgb = cv2.resize(frame.rgb, (WIDTH, HEIGHT))
    depth_m = cv2.resize(frame.depth_m, (WIDTH, HEIGHT), interpolation=cv2.INTER_NEAREST)
    color = Image(height=HEIGHT, width=WIDTH, encoding='rgb8', step=3 * WIDTH)
    color.data = array('B', rgb.tobytes())
    depth = Image(height=HEIGHT, width=WIDTH, encoding='32FC1', step=4 * WIDTH)
    depth.data = array('B', depth_m.tobytes())
    info = CameraInfo(height=HEIGHT, width=WIDTH)
    fx, fy = frame.intrinsics.fx * factor, frame.intrinsics.fy * HEIGHT / frame.height
    info.k = [fx, 0.0, WIDTH / 2, 0.0, fy, HEIGHT / 2, 0.0, 0.0, 1.0]
    for message in (color, depth, info):
        message.header.frame_id = 'camera_optical'
    return color, depth, info


class Node:
    """The node's process."""

    def __init__(self, report: Path, *parameters: str) -> None:
        words = [part for each in parameters for part in ('-p', each)]
        command = [sys.executable, str(ROOT / 'benchmarks' / 'timed_node.py'), str(report)]
        environment = {**os.environ, 'PYTHONPATH': f'{ROOT}:{os.environ.get("PYTHONPATH", "")}'}
        self._report = report
        self._process = subprocess.Popen([*command, '--ros-args', *words], env=environment)

    def end(self) -> None:
        """Interrupt it."""
        self._process.terminate()
        self._process.wait(20)

    def resident_mb(self) -> float:
        """Memory that it holds now, in megabytes."""
        pages = int(Path(f'/proc/{self._process.pid}/statm').read_text().split()[1])
        return pages * os.sysconf('SC_PAGE_SIZE') / 1e6

    def told(self) -> dict[str, Any]:
        """What it says of its callbacks."""
        for _ in range(50):
            try:
                found: dict[str, Any] = json.loads(self._report.read_text())
            except (OSError, ValueError):  # being written
                time.sleep(0.1)
            else:
                return found
        return {}


@contextmanager
def running(*parameters: str) -> Iterator[tuple[Any, Node]]:
    """Start a node, and a ROS node of our own that is spun; end both."""
    rclpy.init()
    own = rclpy.create_node('load')
    executor = rclpy.executors.SingleThreadedExecutor()
    executor.add_node(own)
    spinning = threading.Thread(target=executor.spin, daemon=True)
    spinning.start()
    with tempfile.TemporaryDirectory() as folder:
        node = Node(Path(folder) / 'callbacks.json', *parameters)
        try:
            yield own, node
        finally:
            node.end()
            executor.shutdown()
            spinning.join()
            own.destroy_node()
            rclpy.shutdown()


def steady(options: argparse.Namespace) -> tuple[dict[str, Any], bool]:
    """Ask every two seconds for a while."""
    heard: list[Any] = []
    memory = (
        f'memory.rate_hz:={options.remember_hz}',
        f'memory.max_scenes:={options.max_scenes}',
    )
    with running(*memory) as (own, node):
        camera = Camera(own, options.rate_hz)
        if options.objects:
            own.create_subscription(Scene, 'ssr/objects', heard.append, 10)
        answers, memory_mb = [], []
        with SsrClient() as client:
            client.wait_until_ready(300.0)
            end_s = time.monotonic() + options.seconds
            while time.monotonic() < end_s:
                due_s = time.monotonic() + QUESTION_EVERY_S
                answers.append(client.ask(QUESTION, 120.0))
                memory_mb.append(node.resident_mb())
                time.sleep(max(0.0, due_s - time.monotonic()))
        camera.end()
        time.sleep(1.5)
        callbacks = node.told()
    refused = Counter(each.error_code for each in answers if each.error_code)
    ages_ms = sorted(each.age_ms for each in answers if not each.error_code)
    warm = memory_mb[len(memory_mb) // 5 :]
    growth = warm[-1] / warm[0] - 1
    found = {
        'seconds': options.seconds,
        'questions': len(answers),
        'refused': dict(refused),
        'age_when_taken_ms': {
            'median': statistics.median(ages_ms),
            'p95': ages_ms[int(0.95 * (len(ages_ms) - 1))],
            'oldest': ages_ms[-1],
            f'under {OLDEST_MS:g}': sum(age < OLDEST_MS for age in ages_ms),
        },
        'callbacks': callbacks,
        'memory_mb': {
            'after a fifth': warm[0],
            'end': warm[-1],
            'growth': growth,
            'on the way': [round(each) for each in memory_mb[:: max(1, len(memory_mb) // 20)]],
        },
        'objects_heard': len(heard),
    }
    reached = (
        not refused and ages_ms[-1] < OLDEST_MS and callbacks['waited']['p99_ms'] < LONGEST_MS
    )
    return found, reached and growth < MOST_GROWTH


def crowd(options: argparse.Namespace) -> tuple[dict[str, Any], bool]:
    """Ask 200 questions at once from 10 clients."""
    with running() as (own, _):
        camera = Camera(own, 10.0)
        with SsrClient() as client:
            client.wait_until_ready(300.0)
        clients = [own.create_client(AskSpatial, 'ssr/ask', qos_profile=DEEP) for _ in range(10)]
        for each in clients:
            each.wait_for_service(60.0)
        request = AskSpatial.Request(question=QUESTION)
        futures = [each.call_async(request) for each in clients * 20]
        end_s = time.monotonic() + 300
        while not all(future.done() for future in futures) and time.monotonic() < end_s:
            time.sleep(0.1)
        camera.end()
    replies = [future.result() for future in futures if future.done()]
    codes = Counter(int(reply.error_code) for reply in replies)
    without_reason = sum(bool(r.error_code) and not r.error_msg for r in replies)
    found = {'asked': len(futures), 'replies': len(replies), 'by error_code': dict(codes)}
    return found | {'without a reason': without_reason}, len(replies) == 200 and not without_reason


def cameras(options: argparse.Namespace) -> tuple[dict[str, Any], bool]:
    """Compare the memory of a node with one camera and with two."""
    found: dict[str, Any] = {}
    for names in (['front'], ['front', 'back']):
        with running(f'cameras:={names}') as (own, node):
            sending = [Camera(own, 10.0, f'{name}/') for name in names]
            with SsrClient() as client:
                client.wait_for_services(300.0)
                for name in names * 3:
                    while client.ask(QUESTION, 120.0, camera=name).error_code:
                        time.sleep(0.5)
            time.sleep(1.5)
            found[' and '.join(names)] = {
                'memory_mb': node.resident_mb(),
                'models loaded': node.told().get('models'),
            }
            for each in sending:
                each.end()
    return found, all(each['models loaded'] == 1 for each in found.values())


def main() -> int:
    """Measure and print; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('what', choices=('steady', 'crowd', 'cameras'))
    parser.add_argument('--seconds', type=float, default=60.0)
    parser.add_argument('--rate-hz', type=float, default=30.0, help='pairs a second')
    parser.add_argument('--remember-hz', type=float, default=0.0, help='memory.rate_hz')
    parser.add_argument('--max-scenes', type=int, default=30, help='memory.max_scenes')
    parser.add_argument('--objects', action='store_true', help='listen to ~/objects too')
    options = parser.parse_args()
    os.environ.setdefault(FASTDDS_PROFILE, str(ROOT / 'config' / 'fastdds.xml'))
    before = os.getloadavg()[0]
    found, reached = {'steady': steady, 'crowd': crowd, 'cameras': cameras}[options.what](options)
    loads = {'load before': round(before, 1), 'load after': round(os.getloadavg()[0], 1)}
    print(json.dumps({'machine': machine(), **loads, 'reached': reached, **found}, indent=2))
    return 0 if reached else 1


if __name__ == '__main__':
    sys.exit(main())
