# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What the launch file makes of its arguments; needs launch, which comes with ROS."""

from __future__ import annotations

from pathlib import Path
import runpy
from types import SimpleNamespace
from typing import Any

import pytest

from ssr_ros.demo.environment import FASTDDS_PROFILE

launch = pytest.importorskip('launch', reason='launch is not installed (it comes with ROS)')
if not hasattr(launch, 'LaunchContext'):  # our own folder of that name
    pytest.skip('launch is not installed (it comes with ROS)', allow_module_level=True)
pytest.importorskip('launch_ros', reason='launch_ros is not installed (it comes with ROS)')

ROOT = Path(__file__).resolve().parent.parent
FILE = runpy.run_path(str(ROOT / 'launch/ssr.launch.py'))


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
