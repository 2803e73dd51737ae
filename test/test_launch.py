# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What the launch file makes of its arguments; needs launch, which comes with ROS."""

from __future__ import annotations

import json
from pathlib import Path
import runpy
from types import SimpleNamespace
from typing import Any

import pytest

from ssr_ros.demo.environment import FASTDDS_PROFILE
from ssr_ros.engine.cameras import NodeSettings

launch = pytest.importorskip('launch', reason='launch is not installed (it comes with ROS)')
if not hasattr(launch, 'LaunchContext'):  # our own folder of that name
    pytest.skip('launch is not installed (it comes with ROS)', allow_module_level=True)
pytest.importorskip('launch_ros', reason='launch_ros is not installed (it comes with ROS)')

ROOT = Path(__file__).resolve().parent.parent
FILE = runpy.run_path(str(ROOT / 'launch/ssr.launch.py'))
REPLAY = runpy.run_path(str(ROOT / 'launch/replay.launch.py'))


def started(**given: str) -> tuple[Any, Any]:
    """Return the node that these arguments give, and its context."""
    context = launch.LaunchContext()
    for argument in FILE['ARGUMENTS']:
        argument.visit(context)
    context.launch_configurations.update(given)
    (node,) = FILE['start_node'](context)
    return node, context


def test_the_node_is_ours_and_every_argument_has_a_default() -> None:
    node, _ = started()
    assert (node.node_package, node.node_executable) == ('ssr_ros', 'ssr_node')
    started(camera='realsense', model='/models/ssr', compressed='true')


def test_a_parameter_file_that_is_not_there_is_refused() -> None:
    """The node started with its defaults instead, and nobody was told."""
    with pytest.raises(RuntimeError, match=r"params_file: there is no file '/none\.yaml'"):
        started(params_file='/none.yaml')


def test_a_bad_log_level_is_refused_before_anything_starts() -> None:
    context = launch.LaunchContext()
    context.launch_configurations['log_level'] = 'loud'
    argument = next(each for each in FILE['ARGUMENTS'] if each.name == 'log_level')
    with pytest.raises(RuntimeError, match='debug'):
        argument.visit(context)


def test_the_fast_dds_profile_is_the_nodes_alone() -> None:
    """Nodes that are launched later may have one of their own."""
    node, context = started(fastdds_profile='/mine.xml')
    (pair,) = node.additional_env
    names = [''.join(part.perform(context) for part in parts) for parts in pair]
    assert names == [FILE['PROFILE'], '/mine.xml']
    assert FILE['PROFILE'] == FASTDDS_PROFILE
    described = FILE['generate_launch_description']().entities
    assert not [each for each in described if 'Environment' in type(each).__name__]


def test_the_launch_ends_with_the_node_and_fails_with_it() -> None:
    ended, context = FILE['end_with_node'], SimpleNamespace(is_shutdown=False)
    assert len(ended(SimpleNamespace(returncode=0), context)) == 1
    with pytest.raises(RuntimeError, match='exit code 2'):
        ended(SimpleNamespace(returncode=2), context)
    assert ended(SimpleNamespace(returncode=-2), SimpleNamespace(is_shutdown=True)) == []


def test_several_cameras_have_the_presets_topics_below_their_names() -> None:
    parameters = FILE['several']('front:realsense back:oak')
    assert parameters['cameras'] == ['front', 'back']
    assert parameters['front.color.topic'] == 'front/camera/camera/color/image_raw'
    assert parameters['back.depth.topic'] == 'back/oak/stereo/image_raw'
    NodeSettings().updated(parameters)
    assert FILE['several']('') == {}
    with pytest.raises(RuntimeError, match='expected "front:realsense back:oak"'):
        FILE['several']('front back')
    with pytest.raises(RuntimeError, match="no preset 'kinect'"):
        FILE['several']('front:kinect')


def test_more_parameters_go_before_all_others() -> None:
    given = {'model': 'ssr-7b', 'cameras': 'left:zed right:zed', 'use_sim_time': 'true'}
    given['parameters'] = '{model.path: nano, memory.rate_hz: 2.0}'
    parameters = FILE['overrides'](lambda name: given.get(name, ''))
    assert parameters['model.path'] == 'nano' and parameters['memory.rate_hz'] == 2.0
    assert parameters['cameras'] == ['left', 'right'] and parameters['use_sim_time'] is True
    started(cameras='left:zed right:zed')
    with pytest.raises(RuntimeError, match='parameters: expected'):
        started(parameters='fast')


def test_a_replay_ends_with_its_recording_and_fails_with_it() -> None:
    ended = REPLAY['end_with_recording']
    running, ending = SimpleNamespace(is_shutdown=False), SimpleNamespace(is_shutdown=True)
    assert len(ended(SimpleNamespace(returncode=0), running)) == 1
    with pytest.raises(RuntimeError, match='not played: exit code 2'):
        ended(SimpleNamespace(returncode=2), running)
    assert ended(SimpleNamespace(returncode=130), ending) == []


def test_a_replay_plays_at_the_node_and_shows_it_in_simulated_time() -> None:
    pytest.importorskip('rosbags', reason='reads recordings')
    context = launch.LaunchContext()
    context.launch_configurations['bag'] = 'demo'
    for argument in REPLAY['ARGUMENTS']:
        argument.visit(context)
    node, player, *shown = REPLAY['start'](context)
    given = {name: value for name, value in node.launch_arguments}
    assert given['use_sim_time'] == 'true'
    assert json.loads(given['parameters'])['color.transport'] == 'raw'
    words = [''.join(each.text for each in part if hasattr(each, 'text')) for part in player.cmd]
    assert {'play', '--camera', '--clock', '--loop'} <= set(words) and shown == []
    assert [each.node_package for each in REPLAY['view']('rviz')] == ['rviz2']
    assert [each.node_package for each in REPLAY['view']('foxglove')] == ['foxglove_bridge']


@pytest.mark.parametrize('name', ['managed', 'replay', 'ssr', 'two_cameras'])
def test_every_launch_file_describes_its_arguments(name: str) -> None:
    file = runpy.run_path(str(ROOT / f'launch/{name}.launch.py'))
    arguments = file['generate_launch_description']().get_launch_arguments()
    assert arguments
    assert all(argument.description for argument in arguments)
