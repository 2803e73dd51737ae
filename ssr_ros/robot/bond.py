# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The sign of life that nav2's lifecycle manager waits for, where bondpy is installed."""

from __future__ import annotations

import importlib
from typing import Any

from rclpy.lifecycle import LifecycleNode

TOPIC = 'bond'
PERIOD_S = 0.1
TIMEOUT_S = 4.0
"""As nav2's own nodes have them (nav2_util, lifecycle_node.cpp)."""


class LifeSign:
    """A bond to whoever manages a node, from ``open`` to ``close``; nothing without bondpy."""

    def __init__(self, node: LifecycleNode) -> None:
        self._node = node
        self._bond: Any = None

    def open(self) -> None:
        """Give signs of life."""
        try:
            bondpy = importlib.import_module('bondpy.bondpy')
        except ImportError:
            self._node.get_logger().info(
                "bondpy is not installed: nav2's lifecycle manager needs bond_timeout: 0.0"
            )
            return
        # By name: the order of the arguments has changed between releases.
        self._bond = bondpy.Bond(topic=TOPIC, id=self._node.get_name(), node=self._node)
        self._bond.heartbeat_period, self._bond.heartbeat_timeout = PERIOD_S, TIMEOUT_S
        self._bond.start()

    def close(self) -> None:
        """Give none any more, and say so: it is meant."""
        bond, self._bond = self._bond, None
        if bond is not None:
            bond.shutdown()
