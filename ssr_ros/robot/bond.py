# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The sign of life that nav2's lifecycle manager waits for, where bondpy is installed."""

from __future__ import annotations

import importlib
from inspect import signature
from typing import Any

from rclpy.lifecycle import LifecycleNode

TOPIC = 'bond'
PERIOD_S = 0.1
TIMEOUT_S = 4.0
"""As nav2's own nodes have them (nav2_util, lifecycle_node.cpp)."""

SWITCH = '/bond_disable_heartbeat_timeout'
"""The parameter that bondpy declares when a manager gives no more signs of life; but only once."""


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
        # Their order and a name have changed: (topic, id, node), now (node, topic, bond_id).
        its_id = 'bond_id' if 'bond_id' in signature(bondpy.Bond).parameters else 'id'
        arguments = {'node': self._node, 'topic': TOPIC, its_id: self._node.get_name()}
        self._bond = bondpy.Bond(**arguments)
        self._bond.heartbeat_period, self._bond.heartbeat_timeout = PERIOD_S, TIMEOUT_S
        self._bond.start()

    def close(self) -> None:
        """Give none any more, and say so: it is meant."""
        bond, self._bond = self._bond, None
        if bond is None:
            return
        bond.shutdown()
        # It destroys these itself and leaves them with the node, whose executor would find nothing
        # to wait for ever after.
        self._node.destroy_subscription(bond.sub)
        self._node.destroy_publisher(bond.pub)
        if self._node.has_parameter(SWITCH):
            self._node.undeclare_parameter(SWITCH)
