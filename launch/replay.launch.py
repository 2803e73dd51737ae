# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Play a recording at the node: ros2 launch ssr_ros replay.launch.py bag:=my_bag view:=rviz.

The player sends /clock and the node goes by it. What ssr.launch.py takes (model, device,
parameters ...) can be given too. Ends when the recording ends, or the node.
"""

from __future__ import annotations

import json
from pathlib import Path

from launch import LaunchContext, LaunchDescription
from launch.actions import (
    DeclareLaunchArgument,
    ExecuteProcess,
    IncludeLaunchDescription,
    OpaqueFunction,
    Shutdown,
)
from launch.events.process import ProcessExited
from launch.launch_description_entity import LaunchDescriptionEntity
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node
from launch_ros.substitutions import ExecutableInPackage
import yaml

HERE = Path(__file__).resolve().parent
SHARE = HERE.parent

ARGUMENTS = [
    DeclareLaunchArgument('bag', description="A rosbag2: folder, .mcap or .db3; or 'demo'"),
    DeclareLaunchArgument(
        'loop', default_value='true', choices=['true', 'false'], description='Play it for ever'
    ),
    DeclareLaunchArgument(
        'view',
        default_value='none',
        choices=['none', 'rviz', 'foxglove'],
        description='Start RViz, or the bridge for Foxglove (open foxglove/ssr.json there)',
    ),
    DeclareLaunchArgument('namespace', default_value='', description='Namespace of the node'),
    DeclareLaunchArgument(
        'parameters', default_value='{}', description='More parameters, as for ssr.launch.py'
    ),
]

SIM_TIME = {'use_sim_time': True}


def start(context: LaunchContext) -> list[LaunchDescriptionEntity]:
    """Return the node, the player, and what shows the answers."""
    from ssr_ros.commands.frames import bag_path
    from ssr_ros.demo.run import camera_transports

    def given(name: str) -> str:
        return LaunchConfiguration(name).perform(context)

    bag = bag_path(given('bag'))
    # How the recording's images are sent is known from the recording alone.
    parameters = {**camera_transports(bag), **yaml.safe_load(given('parameters'))}
    node = IncludeLaunchDescription(
        PythonLaunchDescriptionSource(str(HERE / 'ssr.launch.py')),
        launch_arguments={
            'namespace': given('namespace'),
            'parameters': json.dumps(parameters),
            'use_sim_time': 'true',
        }.items(),
    )
    loop = ['--loop'] if given('loop') == 'true' else []
    player = ExecuteProcess(
        cmd=[
            ExecutableInPackage('ssr-ros', 'ssr_ros'),
            *('bag', 'play', str(bag), '--camera', '--clock', '--wait', '600', *loop),
            *(['--namespace', given('namespace')] if given('namespace') else []),
        ],
        output='screen',
        on_exit=end_with_recording,
    )
    return [node, player, *view(given('view'))]


def end_with_recording(event: ProcessExited, context: LaunchContext) -> list[Shutdown]:
    """End the launch with the recording, and fail where it could not be played."""
    if context.is_shutdown:  # Ctrl-C, or the node has ended
        return []
    if event.returncode:
        raise RuntimeError(f'the recording was not played: exit code {event.returncode}')
    return [Shutdown(reason='the recording has ended')]


def view(name: str) -> list[Node]:
    """Return the program that shows what the node sends."""
    if name == 'rviz':
        layout = str(SHARE / 'rviz' / 'ssr.rviz')
        return [
            Node(
                package='rviz2',
                executable='rviz2',
                arguments=['-d', layout],
                parameters=[SIM_TIME],
            )
        ]
    if name == 'foxglove':
        return [
            Node(package='foxglove_bridge', executable='foxglove_bridge', parameters=[SIM_TIME])
        ]
    return []


def generate_launch_description() -> LaunchDescription:
    """Describe what `ros2 launch` starts."""
    return LaunchDescription([*ARGUMENTS, OpaqueFunction(function=start)])
