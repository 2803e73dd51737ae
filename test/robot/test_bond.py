# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Signs of life for nav2's lifecycle manager, with a bondpy that has the real one's face.

Its arguments, properties and methods are those of bondpy.Bond in ros/bond_core (ros2 branch), the
present ones and those before; so is what it leaves behind: it destroys its subscription and its
publisher itself, and declares a parameter that it never takes back. The topic, the id and the
times are those of nav2_util's LifecycleNode.
"""

import sys
from types import ModuleType

import pytest

pytest.importorskip('rclpy', reason='needs ROS 2')
pytest.importorskip('ssr_ros.msg', reason='needs the generated interfaces')

import rclpy
from std_msgs.msg import String

from ssr_ros.robot.bond import LifeSign
from ssr_ros.robot.parameters import Parameters
from ssr_ros.robot.rclpy_gaps import CalmExecutor

DISABLE = '/bond_disable_heartbeat_timeout'
"""bond/Constants.DISABLE_HEARTBEAT_TIMEOUT_PARAM, with its slash."""

made = []


class Bond:
    """What both releases do."""

    def _make(self, node, topic, name):
        self.node, self.topic, self.id = node, topic, name
        self.heartbeat_period = self.heartbeat_timeout = None
        self.started = self.is_shutdown = False
        self.pub = node.create_publisher(String, topic, 1)
        made.append(self)

    def start(self):
        self.sub = self.node.create_subscription(String, self.topic, lambda message: None, 1)
        self.started = True

    def nobody_is_heard(self):
        self.node.declare_parameter(DISABLE, False)

    def shutdown(self):
        assert self.started, 'the real one fails then'
        self.sub.destroy()
        self.pub.destroy()
        self.is_shutdown = True


class Present(Bond):
    def __init__(self, node, topic, bond_id, on_broken=None, on_formed=None):
        self._make(node, topic, bond_id)


class Before(Bond):
    def __init__(self, topic, id, node, on_broken=None, on_formed=None):
        self._make(node, topic, id)


@pytest.fixture(params=[Present, Before])
def bondpy(monkeypatch, request):
    package, module = ModuleType('bondpy'), ModuleType('bondpy.bondpy')
    module.Bond = request.param
    made.clear()
    monkeypatch.setitem(sys.modules, 'bondpy', package)
    monkeypatch.setitem(sys.modules, 'bondpy.bondpy', module)


@pytest.fixture
def node(monkeypatch):
    monkeypatch.setenv('ROS_AUTOMATIC_DISCOVERY_RANGE', 'OFF')
    context = rclpy.Context()
    rclpy.init(context=context)
    node = rclpy.create_node(
        'ssr', context=context, automatically_declare_parameters_from_overrides=True
    )
    yield node
    node.destroy_node()
    rclpy.shutdown(context=context, uninstall_handlers=False)


def test_signs_of_life_are_those_that_nav2_waits_for(bondpy, node):
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
    life.close()


def test_a_node_hears_on_when_its_bond_is_over(bondpy, node):
    """Its executor waited for what the bond had destroyed, and heard nothing ever after."""
    ticks = []
    node.create_timer(0.001, lambda: ticks.append(len(ticks)))
    executor = CalmExecutor({node.default_callback_group}, context=node.context)
    executor.add_node(node)
    life = LifeSign(node)
    for _ in range(3):
        life.open()
        executor.spin_once(1.0)
        life.close()
        before = len(ticks)
        for _ in range(20):
            executor.spin_once(1.0)
        assert len(ticks) > before
    assert not [of for of in node.subscriptions if of.topic_name == '/bond']
    assert not [of for of in node.publishers if of.topic_name == '/bond']


def test_a_manager_may_fall_silent_more_than_once(bondpy, node):
    """The parameter that is declared then is no unknown one, nor there already."""
    Parameters(node, lambda settings: None)
    life = LifeSign(node)
    for _ in range(2):
        life.open()
        made[-1].nobody_is_heard()
        assert node.get_parameter(DISABLE).value is False
        life.close()
    assert not node.has_parameter(DISABLE)


def test_without_bondpy_the_node_says_what_the_manager_needs(monkeypatch, node):
    monkeypatch.setitem(sys.modules, 'bondpy.bondpy', None)
    said = []
    monkeypatch.setattr(node.get_logger(), 'info', said.append)
    life = LifeSign(node)
    life.open()
    life.close()
    assert said == ["bondpy is not installed: nav2's lifecycle manager needs bond_timeout: 0.0"]
