# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Trees of settings, filled from yaml files and ``key.sub=value`` arguments, and kept.

``python -m training.stage1 recipe.yaml optim.steps=500 data.train=[a.jsonl,b.jsonl]``
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

import yaml

from ssr_ros.errors import ConfigError
from ssr_ros.settings import build
from ssr_ros.yaml_text import load_yaml
from training.run.saving import save_text

T = TypeVar('T')


def read_settings(kind: type[T], arguments: Sequence[str]) -> T:
    """Build settings from an optional yaml file and ``key.sub=value`` arguments, in that order.

    Raises:
        ConfigError: a key is unknown, a value has the wrong type, or the file cannot be read.
    """
    tree: dict[str, Any] = {}
    for argument in arguments:
        key, equals, value = argument.partition('=')
        if equals:
            _put(tree, key.split('.'), _yaml(value, argument), argument)
        else:
            _merge(tree, read_yaml(Path(argument)), argument)
    return build(kind, tree)


def differences(old: Mapping[str, Any], new: Mapping[str, Any], where: str = '') -> list[str]:
    """Return 'key: old -> new' for every setting that differs."""
    found = []
    for key in sorted({*old, *new}):
        a, b = old.get(key), new.get(key)
        if isinstance(a, Mapping) and isinstance(b, Mapping):
            found += differences(a, b, f'{where}{key}.')
        elif _plain(a) != _plain(b):
            found.append(f'{where}{key}: {a!r} -> {b!r}')
    return found


def save_settings(settings: Any, path: Path) -> None:
    """Write all settings, the defaults included."""
    save_text(path, yaml.safe_dump(_plain(asdict(settings)), sort_keys=False))


def _yaml(text: str, where: str) -> Any:
    try:
        value = load_yaml(text)
    except yaml.YAMLError as error:
        raise ConfigError(f'{where}: cannot be read as yaml: {error}') from error
    return '' if value is None else value


def read_yaml(path: Path) -> dict[str, Any]:
    """Read the settings of one file.

    Raises:
        ConfigError: it cannot be read, or holds no settings.
    """
    try:
        content = _yaml(path.read_text(encoding='utf-8'), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f'{path}: cannot be read ({error}). Expected a yaml file or key=value'
        ) from error
    if not isinstance(content, dict):
        raise ConfigError(f'{path}: expected "key: value" lines, got {content!r}')
    return content


def _put(tree: dict[str, Any], keys: list[str], value: Any, argument: str) -> None:
    for key in keys[:-1]:
        tree = tree.setdefault(key, {})
        if not isinstance(tree, dict):
            raise ConfigError(f'{argument}: {key!r} is a value, not a group of settings')
    tree[keys[-1]] = value


def _merge(tree: dict[str, Any], more: Mapping[str, Any], where: str) -> None:
    for key, value in more.items():
        if isinstance(value, Mapping) and isinstance(tree.get(key), dict):
            _merge(tree[key], value, where)
        else:
            tree[key] = value


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, (list, tuple)) else value
