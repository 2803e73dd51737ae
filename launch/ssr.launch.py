# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Start the node on a robot: ros2 launch ssr_ros ssr.launch.py camera:=realsense.

Several cameras on one model: cameras:="front:realsense back:oak". Ends when the node ends, and
fails when the node failed.
"""

from __future__ import annotations

from collections.abc import Callable
import os
from pathlib import Path

from launch import LaunchContext, LaunchDescription
from launch.actions import DeclareLaunchArgument, OpaqueFunction, Shutdown
from launch.events.process import ProcessExited
from launch.substitutions import EnvironmentVariable, LaunchConfiguration
from launch_ros.actions import LifecycleNode
import yaml

CONFIG = Path(__file__).resolve().parent.parent / 'config'
# Fast DDS 3, so Kilted and later, reads the second.
PROFILE = (
    'FASTRTPS_DEFAULT_PROFILES_FILE'
    if os.environ.get('ROS_DISTRO', 'jazzy') in ('humble', 'jazzy')
    else 'FASTDDS_DEFAULT_PROFILES_FILE'
)
CAMERAS = sorted(path.stem for path in (CONFIG / 'cameras').glob('*.yaml'))

ARGUMENTS = [
    DeclareLaunchArgument(
        'params_file', default_value=str(CONFIG / 'ssr.yaml'), description='Parameters of the node'
    ),
    DeclareLaunchArgument(
        'camera',
        default_value='none',
        choices=['none', *CAMERAS],
        description="Preset of topic names; 'none': those of params_file",
    ),
    DeclareLaunchArgument(
        'cameras',
        default_value='',
        description='Several cameras, each with the preset of its topic names, which stand below '
        "the camera's name: 'front:realsense back:oak'",
    ),
    DeclareLaunchArgument(
        'compressed',
        default_value='false',
        choices=['true', 'false'],
        description="Take the camera's compressed topics (image_transport), as over a network",
    ),
    DeclareLaunchArgument('namespace', default_value='', description='Namespace of the node'),
    DeclareLaunchArgument(
        'model', default_value='', description='Overrides model.path: preset, folder or yaml'
    ),
    DeclareLaunchArgument(
        'device', default_value='', description="Overrides model.device: 'auto', 'cpu', 'cuda' ..."
    ),
    DeclareLaunchArgument(
        'auto_activate',
        default_value='true',
        choices=['true', 'false'],
        description='Whether the node activates itself; false under a lifecycle manager',
    ),
    DeclareLaunchArgument(
        'parameters',
        default_value='{}',
        description="More parameters, which go before all others: '{memory.rate_hz: 2.0}'",
    ),
    DeclareLaunchArgument(
        'use_sim_time', default_value='false', choices=['true', 'false'], description='Use /clock'
    ),
    DeclareLaunchArgument(
        'log_level',
        default_value='info',
        choices=['debug', 'info', 'warn', 'error', 'fatal'],
        description='What the node writes into its log',
    ),
    DeclareLaunchArgument(
        'fastdds_profile',
        default_value=EnvironmentVariable(PROFILE, default_value=str(CONFIG / 'fastdds.xml')),
        description='Fast DDS settings; the camera driver should use the same file',
    ),
]


def start_node(context: LaunchContext) -> list[LifecycleNode]:
    """Return the node, with the parameter files in order and the given overrides last."""

    def given(name: str) -> str:
        return LaunchConfiguration(name).perform(context)

    if not Path(given('params_file')).is_file():
        raise RuntimeError(f'params_file: there is no file {given("params_file")!r}')
    parameters: list[object] = [given('params_file')]
    if given('camera') != 'none':
        parameters.append(str(preset_file(given('camera'))))
    node = LifecycleNode(
        package='ssr_ros',
        executable='ssr_node',
        name='ssr',
        namespace=given('namespace'),
        parameters=[*parameters, overrides(given)],
        arguments=['--ros-args', '--log-level', given('log_level')],
        # For this node alone: what is launched beside it may have a profile of its own.
        additional_env={PROFILE: given('fastdds_profile')},
        output='screen',
        on_exit=end_with_node,
    )
    return [node]


def overrides(given: Callable[[str], str]) -> dict[str, object]:
    """Return the parameters that the arguments give, the most particular last."""
    values: dict[str, object] = {
        name: given(name) == 'true' for name in ('auto_activate', 'use_sim_time')
    }
    if given('compressed') == 'true':
        values |= {'color.transport': 'compressed', 'depth.transport': 'compressedDepth'}
    named = {'model.path': given('model'), 'model.device': given('device')}
    values |= {name: value for name, value in named.items() if value}
    return values | several(given('cameras')) | more(given('parameters'))


def preset_file(camera: str) -> Path:
    """Return the file of a camera's preset."""
    if camera not in CAMERAS:
        raise RuntimeError(f'there is no preset {camera!r}; there are {", ".join(CAMERAS)}')
    return CONFIG / 'cameras' / f'{camera}.yaml'


def several(cameras: str) -> dict[str, object]:
    """Return the parameters of several cameras, 'name:preset' each, with spaces between."""
    parameters: dict[str, object] = {}
    names = []
    for each in cameras.split():
        name, colon, preset = each.partition(':')
        if not (name and colon and preset):
            raise RuntimeError(f'cameras: expected "front:realsense back:oak", got {cameras!r}')
        names.append(name)
        preset_values = yaml.safe_load(preset_file(preset).read_text())['/**']['ros__parameters']
        for group, values in preset_values.items():
            for key, value in values.items():
                topic = f'{name}/{value}' if key == 'topic' else value
                parameters[f'{name}.{group}.{key}'] = topic
    return parameters | ({'cameras': names} if names else {})


def more(text: str) -> dict[str, object]:
    """Return parameters that were given as yaml."""
    values = yaml.safe_load(text)
    if not isinstance(values, dict):
        raise RuntimeError(f"parameters: expected '{{name: value, ...}}', got {text!r}")
    return values


def end_with_node(event: ProcessExited, context: LaunchContext) -> list[Shutdown]:
    """End the launch; `ros2 launch` has the exit code 1 where the node's was not 0."""
    if context.is_shutdown:  # Ctrl-C, or another part has ended
        return []
    if event.returncode:
        raise RuntimeError(f'ssr_node ended with exit code {event.returncode}')
    return [Shutdown(reason='ssr_node has ended')]


def generate_launch_description() -> LaunchDescription:
    """Describe what `ros2 launch` starts."""
    return LaunchDescription([*ARGUMENTS, OpaqueFunction(function=start_node)])
