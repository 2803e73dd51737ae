# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The node under nav2's lifecycle manager: ros2 launch ssr_ros managed.launch.py camera:=oak.

The manager configures and activates the node, and with bondpy notices when it dies. What
ssr.launch.py takes can be given too. In a navigation stack of your own, add `ssr` to the
`node_names` of its manager instead, and start ssr.launch.py with auto_activate:=false.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument, IncludeLaunchDescription
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node
from launch_ros.parameter_descriptions import ParameterValue

HERE = Path(__file__).resolve().parent

BOND_S = 4.0
"""How long the manager waits for a sign of life; 0 without bondpy, as nobody would give one."""


def generate_launch_description() -> LaunchDescription:
    """Describe what `ros2 launch` starts."""
    sim_time = ParameterValue(LaunchConfiguration('use_sim_time'), value_type=bool)
    manager = Node(
        package='nav2_lifecycle_manager',
        executable='lifecycle_manager',
        name='lifecycle_manager_ssr',
        namespace=LaunchConfiguration('namespace'),
        output='screen',
        parameters=[
            {
                'use_sim_time': sim_time,
                'autostart': True,
                'node_names': ['ssr'],
                'bond_timeout': BOND_S if importlib.util.find_spec('bondpy') else 0.0,
            }
        ],
    )
    node = IncludeLaunchDescription(
        PythonLaunchDescriptionSource(str(HERE / 'ssr.launch.py')),
        launch_arguments={'auto_activate': 'false'}.items(),
    )
    return LaunchDescription(
        [
            DeclareLaunchArgument('namespace', default_value='', description='Of both'),
            DeclareLaunchArgument(
                'use_sim_time', default_value='false', choices=['true', 'false']
            ),
            node,
            manager,
        ]
    )
