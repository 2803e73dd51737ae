# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What other programs take from the node as it is: where the thing is, and 3-D detections."""

from __future__ import annotations

import importlib
from typing import Any

from geometry_msgs.msg import PointStamped
import numpy as np
from rclpy.lifecycle import LifecycleNode
from std_msgs.msg import Header

from ssr_ros.engine.answering import Answered, Reply
from ssr_ros.engine.detections3d import detections_3d
from ssr_ros.engine.transforms import RigidTransform
from ssr_ros.robot.messages import point
from ssr_ros.scene import SceneFacts

NO_VISION_MSGS = (
    'the package vision_msgs is not installed: ~/detections is not published (sudo apt install '
    'ros-$ROS_DISTRO-vision-msgs); ~/answer and ~/measure hold the same objects'
)


class Outputs:
    """Publishes what an answer is about: ``~/target`` for nav2 and MoveIt, and ``~/detections``.

    Args:
        node: the publishers are its own.
    """

    def __init__(self, node: LifecycleNode) -> None:
        self._target = node.create_lifecycle_publisher(PointStamped, '~/target', 10)
        self._detections: Any = None
        try:
            detections = message_type('vision_msgs/msg/Detection3DArray')
        except ModuleNotFoundError:
            node.get_logger().info(NO_VISION_MSGS)
        else:
            self._detections = node.create_lifecycle_publisher(detections, '~/detections', 10)

    def show(self, reply: Reply) -> None:
        """Publish where the thing asked about is, if there is one, and what else was measured."""
        header = Header(stamp=reply.header.stamp, frame_id=reply.transform.frame_id)
        if isinstance(reply, Answered) and np.isfinite(reply.one.target_m).all():
            at = point(reply.transform.point(reply.one.target_m))
            self._target.publish(PointStamped(header=header, point=at))
        self.show_things(reply.facts, header, reply.transform)

    def show_things(self, facts: SceneFacts, header: Header, transform: RigidTransform) -> None:
        """Publish the things of a frame as detections, where somebody listens.

        Args:
            facts: of the frame.
            header: of its colour image, in the frame id of ``transform``.
            transform: to the frame that the boxes are given in.
        """
        if self._detections is None or not self._detections.get_subscription_count():
            return
        self._detections.publish(detections_3d(facts, header, transform, message_type))


def message_type(name: str) -> type:
    """Return an installed message class by its full name, 'vision_msgs/msg/Detection3D'.

    Raises:
        ModuleNotFoundError: its package is not installed.
    """
    package, _, kind = name.split('/')
    found: type = getattr(importlib.import_module(f'{package}.msg'), kind)
    return found
