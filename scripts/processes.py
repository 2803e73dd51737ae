# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Starting other programs without handing them this environment's libraries.

A virtual environment that holds ROS 2 as wheels must name its folders in LD_LIBRARY_PATH and
PYTHONPATH, which every child inherits: another environment's ``rclpy`` then loads these libraries
and fails. Whatever starts a program that is not of this environment does so with
``clean_environment()``.
"""

from __future__ import annotations

import os
from pathlib import Path
import sys

PATHS = ('PATH', 'PYTHONPATH', 'LD_LIBRARY_PATH', 'AMENT_PREFIX_PATH', 'CMAKE_PREFIX_PATH')
# With this set the wheels believe that the paths above are theirs already.
MARK = '_ROS_WHEELS_BOOTSTRAP_COMPLETE'


def clean_environment(prefix: str | Path = sys.prefix) -> dict[str, str]:
    """Return ``os.environ`` without what belongs to the environment at ``prefix``."""
    environment = {name: value for name, value in os.environ.items() if name != MARK}
    for name in set(PATHS) & set(environment):
        parts = environment.pop(name).split(os.pathsep)
        kept = [part for part in parts if not _inside(part, Path(prefix))]
        if kept:
            environment[name] = os.pathsep.join(kept)
    return environment


def _inside(path: str, folder: Path) -> bool:
    return bool(path) and (folder == Path(path) or folder in Path(path).parents)
