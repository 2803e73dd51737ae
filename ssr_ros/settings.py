# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Settings as trees of dataclasses: one rule for the node, for training and for checkpoints.

A field's annotation is its type, and ``setting`` adds what a type cannot say. Whatever fills a
tree (ROS parameters, yaml, a command line) comes through ``build``, which refuses what is not
known, not of its type or outside its range, and says so in one way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import Field, field, fields, is_dataclass, MISSING, replace
import math
import types
import typing
from typing import Any, TypeVar

from ssr_ros.errors import check_keys, ConfigError

T = TypeVar('T')


def setting(
    default: Any = MISSING,
    description: str = '',
    *,
    least: float | None = None,
    most: float | None = None,
    choices: tuple[str, ...] = (),
    fixed: bool = False,
) -> Any:
    """Make a dataclass field of a setting.

    Args:
        default: its value when nobody sets it; without one it must be set.
        description: one sentence for people, with the unit.
        least: the smallest value allowed, also of each number in a tuple.
        most: the largest value allowed.
        choices: the only values allowed; none means any.
        fixed: cannot be changed while a node runs (needed when it starts or configures).
    """
    limits = {'least': least, 'most': most, 'choices': choices, 'fixed': fixed}
    return field(default=default, metadata={'description': description, **limits})


def build(kind: type[T], tree: Mapping[str, Any], where: str = '', base: T | None = None) -> T:
    """Turn nested dictionaries into a dataclass.

    Args:
        kind: the dataclass.
        tree: values that differ from ``base``.
        where: what to name in an error.
        base: the values of what the tree leaves out; the class's own defaults where None.

    Raises:
        ConfigError: a key is unknown or missing, or a value has the wrong type or range.
    """
    hints = typing.get_type_hints(kind)
    check_keys(tree, hints, where or 'settings')
    values: dict[str, Any] = {}
    for each in fields(kind):  # type: ignore[arg-type]
        name = f'{where}.{each.name}' if where else each.name
        if each.name not in tree:
            if base is None and _default(each) is MISSING:
                described = each.metadata.get('description', f'a value of type {each.type}')
                raise ConfigError(f'{name} must be set: {described}')
        elif is_dataclass(hints[each.name]):
            below = _default(each) if base is None else getattr(base, each.name)
            values[each.name] = _group(hints[each.name], tree[each.name], name, below)
        else:
            values[each.name] = _checked(hints[each.name], tree[each.name], name, each.metadata)
    return kind(**values) if base is None else replace(base, **values)  # type: ignore[type-var]


def describe(kind: Any, prefix: str = '') -> Iterator[tuple[str, Field[Any]]]:
    """Yield (dotted name, its dataclass field) for every setting of a tree."""
    hints = typing.get_type_hints(kind)
    for each in fields(kind):
        if is_dataclass(hints[each.name]):
            yield from describe(hints[each.name], f'{prefix}{each.name}.')
        else:
            yield prefix + each.name, each


def flat(settings: Any) -> dict[str, Any]:
    """Return dotted name -> value."""
    values = {}
    for name, _ in describe(type(settings)):
        value = settings
        for part in name.split('.'):
            value = getattr(value, part)
        values[name] = value
    return values


def nested(values: Mapping[str, Any]) -> dict[str, Any]:
    """Turn dotted name -> value into a tree."""
    tree: dict[str, Any] = {}
    for name, value in values.items():
        *groups, leaf = name.split('.')
        below = tree
        for group in groups:
            below = below.setdefault(group, {})
        below[leaf] = value
    return tree


def _default(described: Field[Any]) -> Any:
    if described.default_factory is not MISSING:
        return described.default_factory()
    return described.default


def _group(kind: type[Any], tree: Any, name: str, base: Any) -> Any:
    if not isinstance(tree, Mapping):
        raise ConfigError(f'{name}: expected "key: value" lines, got {tree!r}')
    return build(kind, tree, name, None if base is MISSING else base)


def _checked(hint: Any, value: Any, name: str, limits: Mapping[str, Any]) -> Any:
    """Return a value with its setting's type, or say why it cannot have it."""
    if typing.get_origin(hint) in (typing.Union, types.UnionType):  # X | None
        (hint,) = (kind for kind in typing.get_args(hint) if kind is not type(None))
        if value is None:
            return None
    if typing.get_origin(hint) is typing.Literal:  # which ones, ``choices`` says
        hint = type(typing.get_args(hint)[0])
    if typing.get_origin(hint) is tuple:
        return _checked_tuple(typing.get_args(hint), value, name, limits)
    value = _typed(hint, value, name)
    _check_limits(value, name, limits)
    return value


def _checked_tuple(
    kinds: tuple[Any, ...], value: Any, name: str, limits: Mapping[str, Any]
) -> tuple[Any, ...]:
    if not isinstance(value, (list, tuple)):
        raise ConfigError(f'{name}: expected a list [a, b], got {value!r}')
    if kinds[-1] is not Ellipsis and len(value) != len(kinds):
        raise ConfigError(f'{name}: expected {len(kinds)} values, got {value!r}')
    return tuple(_checked(kinds[0], item, name, limits) for item in value)


def _typed(kind: Any, value: Any, name: str) -> Any:
    if kind is float and not isinstance(value, bool):
        # A person writes 500 for 500.0; and YAML 1.1 reads 2e-5, without a dot, as a word.
        with suppress(TypeError, ValueError, OverflowError):
            value = float(value)
    if not isinstance(value, kind) or (kind is not bool and isinstance(value, bool)):
        came = f'{value!r} ({type(value).__name__})'
        raise ConfigError(f'{name}: expected {kind.__name__}, got {came}')
    return value


def _check_limits(value: Any, name: str, limits: Mapping[str, Any]) -> None:
    if isinstance(value, float) and not math.isfinite(value):
        raise ConfigError(f'{name} must be a finite number, got {value}')
    least, most = limits.get('least'), limits.get('most')
    if (least is not None and value < least) or (most is not None and value > most):
        raise ConfigError(f'{name} must be {_range(least, most)}, got {value:g}')
    choices = limits.get('choices')
    if choices and value not in choices:
        raise ConfigError(f'{name} must be one of {", ".join(choices)}, got {value!r}')


def _range(least: float | None, most: float | None) -> str:
    if least is None or most is None:
        return f'at least {least:g}' if most is None else f'at most {most:g}'
    return f'between {least:g} and {most:g}'
