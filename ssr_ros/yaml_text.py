# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""YAML as people write settings: read in bounded time and memory, and never read two ways.

A few hundred bytes of aliases can stand for gigabytes, and of a key that is given twice one value
is lost without a word.
"""

from __future__ import annotations

from typing import Any

import yaml

MAX_CHARACTERS = 65_536
MAX_DEPTH = 16


class SettingsYamlError(yaml.YAMLError):
    """The text is more than settings need, or says one thing twice."""


class _Loader(yaml.SafeLoader):
    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise SettingsYamlError(f'an alias{_line(self.peek_event())}: write the value out')
        if self._depth >= MAX_DEPTH:
            raise SettingsYamlError(f'more than {MAX_DEPTH} levels{_line(self.peek_event())}')
        self._depth += 1
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        keys = [child.value for child, _ in node.value if isinstance(child, yaml.ScalarNode)]
        twice = sorted({key for key in keys if keys.count(key) > 1})
        if twice:
            raise SettingsYamlError(f'{twice[0][:80]!r} is given twice{_line(node)}: leave one')
        mapping: dict[Any, Any] = super().construct_mapping(node, deep)
        return mapping


def load_yaml(text: str) -> Any:
    """Read a document of plain values.

    Raises:
        yaml.YAMLError: it cannot be read, has aliases, a key twice, or is longer or deeper than
            settings are.
    """
    if len(text) > MAX_CHARACTERS:
        raise SettingsYamlError(f'{len(text):,} characters; at most {MAX_CHARACTERS:,} are read')
    try:
        return yaml.load(text, _Loader)
    except (ValueError, OverflowError) as error:  # a date in month 13, a number of 5,000 digits
        raise SettingsYamlError(str(error)) from error


def compose_yaml(text: str, most_characters: int = MAX_CHARACTERS) -> Any:
    """Read a document as nodes that know their lines, under the same limits.

    Args:
        text: the document.
        most_characters: the longest that is read.

    Raises:
        yaml.YAMLError: it cannot be read, has aliases, or is longer or deeper than settings are.
    """
    if len(text) > most_characters:
        raise SettingsYamlError(f'{len(text):,} characters; at most {most_characters:,} are read')
    return yaml.compose(text, _Loader)


def _line(place: Any) -> str:
    return f' in line {place.start_mark.line + 1}'
