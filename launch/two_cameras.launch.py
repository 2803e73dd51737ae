# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Two cameras on one model: ros2 launch ssr_ros two_cameras.launch.py front:=realsense back:=oak.

Each driver runs in the namespace of its camera, `front` or `back`. What ssr.launch.py takes can be
given too; more cameras are its argument `cameras`.
"""

from __future__ import annotations

from pathlib import Path

from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument, IncludeLaunchDescription
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.substitutions import LaunchConfiguration

HERE = Path(__file__).resolve().parent
CAMERAS = sorted(path.stem for path in (HERE.parent / 'config' / 'cameras').glob('*.yaml'))


def generate_launch_description() -> LaunchDescription:
    """Describe what `ros2 launch` starts."""
    arguments = [
        DeclareLaunchArgument(
            name,
            default_value='realsense',
            choices=CAMERAS,
            description=f'Preset of topic names of the {name} camera',
        )
        for name in ('front', 'back')
    ]
    front, back = LaunchConfiguration('front'), LaunchConfiguration('back')
    node = IncludeLaunchDescription(
        PythonLaunchDescriptionSource(str(HERE / 'ssr.launch.py')),
        launch_arguments={'cameras': ['front:', front, ' back:', back]}.items(),
    )
    return LaunchDescription([*arguments, node])
