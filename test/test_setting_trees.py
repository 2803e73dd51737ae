# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""One machine for every tree of settings: what it takes, and what it refuses in words."""

from __future__ import annotations

from dataclasses import dataclass, field
import math
from typing import Any

import pytest

from ssr_ros.errors import ConfigError
from ssr_ros.settings import build, describe, flat, nested, setting


@dataclass(frozen=True)
class Wheels:
    """A group."""

    count: int = setting(4, 'How many', least=1, most=8)
    radius_m: float = setting(0.2, 'Radius, metres', least=0.0)


@dataclass(frozen=True)
class Cart:
    """A tree with every kind of value."""

    name: str = setting(description='What it is called')
    wheels: Wheels = field(default_factory=lambda: Wheels(count=3))
    color: str | None = setting(None, choices=('red', 'blue'))
    size: tuple[int, int] = setting((2, 3), least=1, most=9)
    tags: tuple[str, ...] = ()
    loud: bool = False


def test_what_a_tree_leaves_out_keeps_the_groups_own_default() -> None:
    cart = build(Cart, {'name': 'a', 'wheels': {'radius_m': 1}, 'size': [4, 5]})
    assert cart == Cart('a', Wheels(3, 1.0), size=(4, 5))
    assert build(Cart, {'loud': True}, base=cart) == Cart(
        'a', Wheels(3, 1.0), None, (4, 5), (), True
    )


def test_numbers_are_read_as_people_and_yaml_write_them() -> None:
    assert build(Wheels, {'radius_m': 1}).radius_m == 1.0
    assert build(Wheels, {'radius_m': '2e-5'}).radius_m == 2e-5, 'YAML 1.1 reads it as a word'


@pytest.mark.parametrize(
    ('tree', 'words'),
    [
        ({}, 'name must be set: What it is called'),
        ({'nam': 'a'}, "unknown key 'nam'. Did you mean 'name'"),
        ({'wheels': {'cont': 1}}, "wheels: unknown key 'cont'. Did you mean 'count'"),
        ({'wheels': 4}, 'wheels: expected "key: value" lines, got 4'),
        ({'wheels': {'count': 0}}, 'wheels.count must be between 1 and 8, got 0'),
        ({'wheels': {'count': True}}, 'wheels.count: expected int, got True'),
        ({'wheels': {'count': 2.0}}, 'wheels.count: expected int, got 2.0'),
        ({'wheels': {'radius_m': -1}}, 'wheels.radius_m must be at least 0, got -1'),
        ({'wheels': {'radius_m': math.nan}}, 'wheels.radius_m must be a finite number, got nan'),
        ({'wheels': {'radius_m': 'wide'}}, r"wheels.radius_m: expected float, got 'wide' \(str"),
        ({'color': 'green'}, "color must be one of red, blue, got 'green'"),
        ({'size': [1]}, r'size: expected 2 values, got \[1\]'),
        ({'size': [1, 10]}, 'size must be between 1 and 9, got 10'),
        ({'tags': 'a'}, r'tags: expected a list \[a, b\]'),
        ({'loud': 1}, 'loud: expected bool, got 1'),
    ],
)
def test_what_cannot_be_is_refused_with_its_name(tree: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        build(Cart, tree if not tree or 'nam' in tree else {'name': 'a', **tree})


def test_dotted_names_and_trees_are_the_same_thing() -> None:
    cart = Cart('a', tags=('b',))
    names = flat(cart)
    assert names['wheels.count'] == 3 and names['tags'] == ('b',)
    assert build(Cart, nested(names)) == cart
    assert dict(describe(Cart))['wheels.radius_m'].metadata['description'] == 'Radius, metres'
