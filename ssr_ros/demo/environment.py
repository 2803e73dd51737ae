# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The environment that the demo and its children talk in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
import os
from pathlib import Path
import sys

PACKAGE = Path(__file__).parent.parent
# Fast DDS 3, so Kilted and later, reads the second; Kilted warns of the first.
FASTDDS_PROFILE = (
    'FASTRTPS_DEFAULT_PROFILES_FILE'
    if os.environ.get('ROS_DISTRO', 'jazzy') in ('humble', 'jazzy')
    else 'FASTDDS_DEFAULT_PROFILES_FILE'
)


def demo_environment(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the environment with what is not set: this machine only, room for big images."""
    local = {'ROS_AUTOMATIC_DISCOVERY_RANGE': 'LOCALHOST'}
    if environment.get('ROS_DISTRO') == 'humble':
        local = {'ROS_LOCALHOST_ONLY': '1'}
    local |= room_for_images(environment)
    # The source tree need not be installed for the children to find it.
    paths = [str(PACKAGE.parent), environment.get('PYTHONPATH', '')]
    return {
        **local,
        **environment,
        'PYTHONPATH': os.pathsep.join(path for path in paths if path),
        'PYTHONUNBUFFERED': '1',
    }


def room_for_images(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the variable that names our Fast DDS profile, unless the user has set one.

    With its own settings Fast DDS loses large best-effort images between processes. Other
    middlewares do not look at it.
    """
    profile = find_shared('config/fastdds.xml', environment)
    if profile is None or FASTDDS_PROFILE in environment:
        return {}
    return {FASTDDS_PROFILE: str(profile)}


def find_shared(name: str, environment: Mapping[str, str] = os.environ) -> Path | None:
    """Return a file that is installed beside the package, or None.

    It is looked for in the source tree, in the ROS prefixes, and where pip puts it.
    """
    return next((path for path in _places(name, environment) if path.is_file()), None)


def _places(name: str, environment: Mapping[str, str]) -> Iterator[Path]:
    yield PACKAGE.parent / name
    for prefix in (*environment.get('AMENT_PREFIX_PATH', '').split(os.pathsep), sys.prefix):
        if prefix:
            yield Path(prefix) / 'share' / 'ssr_ros' / name
