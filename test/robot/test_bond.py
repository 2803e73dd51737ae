# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Signs of life for nav2's lifecycle manager, with a bondpy that has the real one's face.

Its arguments, properties and methods are those of bondpy.Bond in ros/bond_core (ros2 branch);
the topic, the id and the times are those of nav2_util's LifecycleNode.
"""

import sys
from types import ModuleType

import pytest

pytest.importorskip('rclpy', reason='needs ROS 2')
pytest.importorskip('ssr_ros.msg', reason='needs the generated interfaces')

from ssr_ros.robot.bond import LifeSign


class Node:
    """As much of a node as a bond needs."""

    def __init__(self):
        self.said = []

    def get_name(self):
        return 'ssr'

    def get_logger(self):
        return self

    def info(self, text):
        self.said.append(text)


made = []


class Bond:
    def __init__(self, topic, id, node, on_broken=None, on_formed=None):
        self.topic, self.id, self.node = topic, id, node
        self.heartbeat_period = self.heartbeat_timeout = None
        self.started = self.is_shutdown = False
        made.append(self)

    def start(self):
        self.started = True

    def shutdown(self):
        assert self.started, 'the real one fails then'
        self.is_shutdown = True


@pytest.fixture
def bondpy(monkeypatch):
    package, module = ModuleType('bondpy'), ModuleType('bondpy.bondpy')
    module.Bond = Bond
    made.clear()
    monkeypatch.setitem(sys.modules, 'bondpy', package)
    monkeypatch.setitem(sys.modules, 'bondpy.bondpy', module)


def test_signs_of_life_are_those_that_nav2_waits_for(bondpy):
    node = Node()
    life = LifeSign(node)
    life.close()
    assert made == [], 'nothing before it is opened'
    life.open()
    (bond,) = made
    assert (bond.topic, bond.id, bond.node) == ('bond', 'ssr', node)
    assert (bond.heartbeat_period, bond.heartbeat_timeout) == (0.1, 4.0)
    assert bond.started and not bond.is_shutdown
    life.close()
    assert bond.is_shutdown
    life.open()
    assert len(made) == 2, 'each activation has a bond of its own'


def test_without_bondpy_the_node_says_what_the_manager_needs(monkeypatch):
    monkeypatch.setitem(sys.modules, 'bondpy.bondpy', None)
    node = Node()
    life = LifeSign(node)
    life.open()
    life.close()
    assert node.said == [
        "bondpy is not installed: nav2's lifecycle manager needs bond_timeout: 0.0"
    ]
