# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The node's settings read from its ROS parameter file, without ROS."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ssr_ros.engine.settings import Settings
from ssr_ros.errors import ConfigError, require_package


def load_settings(path: str | Path) -> Settings:
    """Read a file such as config/ssr.yaml.

    Raises:
        ConfigError: it cannot be read, holds no ``ros__parameters``, or a value is not allowed.
        MissingPackageError: pyyaml is not installed.
    """
    path = Path(path)
    require_package('yaml', 'bags')
    import yaml

    from ssr_ros.yaml_text import load_yaml

    try:
        content = load_yaml(path.read_text(encoding='utf-8-sig'))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError(f'{path}: cannot be read: {error}') from error
    groups = _parameters(content)
    if not groups:
        raise ConfigError(f'{path}: expected a ROS parameter file ("/**: ros__parameters: ...")')
    try:
        return Settings.from_flat({k: v for group in groups for k, v in _flat(group)})
    except ConfigError as error:
        raise ConfigError(f'{path}: {error}') from error


def _parameters(content: Any) -> list[Mapping[str, Any]]:
    """Return the parameters of every node that the file names."""
    if not isinstance(content, Mapping):
        return []
    own = content.get('ros__parameters')
    below = [found for value in content.values() for found in _parameters(value)]
    return [own, *below] if isinstance(own, Mapping) else below


def _flat(tree: Mapping[str, Any], prefix: str = '') -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for name, value in tree.items():
        if isinstance(value, Mapping):
            found += _flat(value, f'{prefix}{name}.')
        elif name != 'use_sim_time':  # every node has it
            found.append((f'{prefix}{name}', value))
    return found
