# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Ask the real node by name on real frames, the marks published beside the images.

    python benchmarks/grounding_node.py DIR [--detections] [--most 40] [--wrong]

The questions of ``benchmarks/grounding.py``, asked as typed through ``~/measure`` of an
``ssr_node`` in its own process. The marks come as NamedRegions, or with ``--detections`` as a
detector would send them, vision_msgs/Detection2DArray (where that is installed). Needs ROS 2.
"""

from __future__ import annotations

import argparse
from array import array
from collections import Counter
import json
import os
from pathlib import Path
import subprocess
import sys
import time
from typing import Any

import numpy as np
import rclpy
from rclpy.qos import qos_profile_sensor_data
from sensor_msgs.msg import CameraInfo, Image, RegionOfInterest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from ssr_ros.msg import NamedRegion, NamedRegions

from benchmarks.grounding import Asked, fitting, marks_of, questions, spread
from benchmarks.machine import machine
from benchmarks.scene_marked import marked_frame
from ssr_ros.rgbd import RgbdFrame
from ssr_ros.robot.client import SsrClient
from ssr_ros.robot.outputs import message_type
from ssr_ros.scene import measure

ROOT = Path(__file__).resolve().parent.parent
FRAME_ID, REPLY_S = 'camera_optical', 60.0


class Camera:
    """Publishes frames, and what is marked in them."""

    def __init__(self, as_detections: bool) -> None:
        self._node = rclpy.create_node('marked_camera')
        self._as_detections = as_detections
        kind = message_type('vision_msgs/msg/Detection2DArray') if as_detections else NamedRegions
        topics = {
            'color/image_raw': Image,
            'depth/image_raw': Image,
            'color/camera_info': CameraInfo,
            'marks': kind,
        }
        self._publishers = {
            topic: self._node.create_publisher(kind, topic, qos_profile_sensor_data)
            for topic, kind in topics.items()
        }
        self.show: tuple[RgbdFrame, dict[str, Any]] | None = None

    def send(self) -> None:
        """Publish the frame that is shown, and its marks, with the time of now."""
        if self.show is None:
            return
        frame, objects = self.show
        names = _detections(objects) if self._as_detections else _regions(objects, frame)
        stamp = self._node.get_clock().now().to_msg()
        for topic, message in {'marks': names, **_images(frame)}.items():
            message.header.stamp, message.header.frame_id = stamp, FRAME_ID
            self._publishers[topic].publish(message)


def _images(frame: RgbdFrame) -> dict[str, Any]:
    size = {'width': frame.width, 'height': frame.height}
    color = array('B', np.ascontiguousarray(frame.rgb).tobytes())
    depth = array('B', np.ascontiguousarray(frame.depth_m, '<f4').tobytes())
    return {
        'color/camera_info': CameraInfo(k=frame.intrinsics.as_matrix().ravel(), **size),
        'color/image_raw': Image(encoding='rgb8', step=3 * frame.width, data=color, **size),
        'depth/image_raw': Image(encoding='32FC1', step=4 * frame.width, data=depth, **size),
    }


def _regions(objects: dict[str, Any], frame: RgbdFrame) -> NamedRegions:
    named = []
    for name, mark in objects.items():
        x0, y0, x1, y1 = mark['box']
        box = RegionOfInterest(x_offset=x0, y_offset=y0, width=x1 - x0, height=y1 - y0)
        named.append(NamedRegion(name=name, box=box, score=0.9, source='marks'))
    return NamedRegions(width=frame.width, height=frame.height, regions=named)


def _detections(objects: dict[str, Any]) -> Any:
    found = []
    for name, mark in objects.items():
        x0, y0, x1, y1 = mark['box']
        one = message_type('vision_msgs/msg/Detection2D')()
        one.results = [message_type('vision_msgs/msg/ObjectHypothesisWithPose')()]
        one.results[0].hypothesis.class_id, one.results[0].hypothesis.score = name, 0.9
        one.bbox.center.position.x, one.bbox.center.position.y = (x0 + x1) / 2, (y0 + y1) / 2
        one.bbox.size_x, one.bbox.size_y = float(x1 - x0), float(y1 - y0)
        found.append(one)
    return message_type('vision_msgs/msg/Detection2DArray')(detections=found)


def judge(asked: Asked, reply: Any) -> str:
    """Say whether a reply is right, wrong, declined, or an error of the node."""
    if reply.error_code:
        return f'error {reply.error_code}'
    if not reply.answered:
        return 'declined'
    if asked.choice:
        text = reply.measured_text.lower()
        if text.startswith('i cannot tell'):
            return 'declined'
        return 'right' if text.startswith(f'the {asked.choice} '.lower()) else 'wrong'
    if not reply.has_measured_value or asked.value is None:
        return 'declined'
    low, high = asked.value
    return 'right' if low <= reply.measured_value <= high else 'wrong'


def show(camera: Camera, client: SsrClient, frame: RgbdFrame, objects: dict[str, Any]) -> None:
    """Publish a frame until the node answers about it, with the marks' names."""
    camera.show = frame, objects
    give_up = time.monotonic() + REPLY_S
    while time.monotonic() < give_up:
        camera.send()
        time.sleep(0.2)
        labels = {thing.label for thing in client.measure(REPLY_S).objects}
        if labels & set(objects):
            return
    raise RuntimeError(f'the node does not take the names {list(objects)}')


def run(folder: Path, as_detections: bool, most: int) -> tuple[Counter[str], list[str]]:
    """Ask everything; return how the questions ended, and what was not right."""
    parameters = ['-p', 'max_frame_age_ms:=3600000.0']
    topic = 'detections_topic' if as_detections else 'regions_topic'
    parameters += ['-p', f'grounding.{topic}:=marks']
    environment = {**os.environ, 'PYTHONPATH': f'{ROOT}:{os.environ.get("PYTHONPATH", "")}'}
    counts: Counter[str] = Counter()
    wrong = []
    camera = Camera(as_detections)
    for noise in ('stereo', 'tof'):
        command = [sys.executable, '-m', 'ssr_ros.robot.main', '--ros-args', *parameters]
        node = subprocess.Popen([*command, '-p', f'depth.noise_model:={noise}'], env=environment)
        try:
            with SsrClient(keep_going=camera.send) as client:
                for entry in json.loads((folder / 'marks.json').read_text()):
                    if entry['noise'] != noise:
                        continue
                    frame = marked_frame(folder, entry)
                    gravity = measure(frame, noise=noise).gravity
                    camera.show = frame, entry['objects']
                    client.wait_until_ready(300)
                    show(camera, client, frame, entry['objects'])
                    camera.show = None  # it stays the newest
                    marks = marks_of(entry, gravity.tilt_deg)
                    everything = [
                        *questions(marks, gravity.known),
                        *fitting(marks, frame.depth_m),
                    ]
                    for one in spread(everything, most):
                        reply = client.measure(REPLY_S, one.question)
                        verdict = judge(one, reply)
                        counts[verdict] += 1
                        if verdict != 'right':
                            text = reply.measured_text or reply.error_msg
                            wrong.append(f'{entry["frame"]} | {verdict} | {one.question} | {text}')
                    print(entry['frame'], dict(counts), file=sys.stderr)
        finally:
            node.terminate()
            node.wait(30)
    return counts, wrong


def main() -> int:
    """Ask, print, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('folder', type=Path, help='folder of frames marked by hand')
    parser.add_argument('--detections', action='store_true', help='as Detection2DArray')
    parser.add_argument('--most', type=int, default=40, help='questions per family and frame')
    parser.add_argument('--wrong', action='store_true', help='list what was not right')
    options = parser.parse_args()
    rclpy.init()
    counts, wrong = run(options.folder, options.detections, options.most)
    print(machine())
    total = sum(counts.values())
    print(f'{total} questions: {100 * counts["right"] / total:.1f} % right', dict(counts))
    print(*(wrong if options.wrong else ()), sep='\n')
    return 1 if counts['wrong'] else 0


if __name__ == '__main__':
    sys.exit(main())
