# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A yaml document read node by node, every fault collected with the line where it stands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal, InvalidOperation
import difflib
from pathlib import Path
from typing import Any, TypeVar

from ssr_ros.errors import ConfigError, quoted, require_package

MOST_SHOWN = 20
Read = TypeVar('Read')
Node = Any
"""yaml.Node."""


class _FaultError(Exception):
    """Something in a node is not what it has to be."""

    def __init__(self, node: Node, text: str) -> None:
        self.line = node.start_mark.line + 1
        super().__init__(text)


class Faults:
    """What is wrong with a document, by line.

    Args:
        path: of the document, for the message.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._found: list[tuple[int, str]] = []

    @contextmanager
    def collected(self) -> Iterator[None]:
        """Take down a fault that ends the ``with`` block, and go on behind it."""
        try:
            yield
        except _FaultError as fault:
            self.add(fault.line, str(fault))

    def add(self, line: int, text: str) -> None:
        """Take down a fault."""
        self._found.append((line, text))

    def check(self) -> None:
        """Stop where there are any.

        Raises:
            ConfigError: with every one of them and its line.
        """
        if not self._found:
            return
        lines = [f'line {line}: {text}' for line, text in sorted(self._found)]
        if len(lines) == 1:
            raise ConfigError(f'{self._path}, {lines[0]}')
        more = len(lines) - MOST_SHOWN
        shown = lines[:MOST_SHOWN] + ([f'... and {more} more'] if more > 0 else [])
        raise ConfigError(f'{self._path}: {len(lines)} faults\n  ' + '\n  '.join(shown))


def mapping(node: Node, known: tuple[str, ...], what: str) -> dict[str, Node]:
    """Return key -> node of a mapping that holds nothing but known keys."""
    if node.id != 'mapping':
        raise fault(node, f'{what}: expected "key: value" lines, got {described(node)}')
    found: dict[str, Node] = {}
    for key, value in node.value:
        name = str(key.value)
        if name in found:
            raise fault(key, f'{what}: {quoted(name)} is given twice')
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f'did you mean {near[0]!r}?' if near else f'known are {", ".join(known)}'
            raise fault(key, f'{what}: unknown key {quoted(name)}; {hint}')
        found[name] = value
    return found


def fault(node: Node, text: str) -> Exception:
    """Return what to raise about a node."""
    return _FaultError(node, text)


def described(node: Node) -> str:
    """Return what a node is, in words."""
    if node.id == 'scalar':
        return quoted(node.value) if node.value else 'nothing'
    return {'mapping': '"key: value" lines', 'sequence': 'a list'}[node.id]


def text(node: Node, what: str) -> str:
    """Return a text that is not empty."""
    if node.id != 'scalar' or not node.value.strip():
        raise fault(node, f'{what}: expected a text, got {described(node)}')
    return str(node.value)


def number(node: Node, what: str, least: float = float('-inf')) -> Decimal:
    """Return a finite number with all the digits that were written."""
    try:
        value = Decimal(node.value) if node.id == 'scalar' else Decimal('nan')
    except InvalidOperation:
        value = Decimal('nan')
    if not value.is_finite() or abs(value) > Decimal('1e19'):
        raise fault(node, f'{what}: expected a number, got {described(node)}')
    if value < Decimal(least):
        raise fault(node, f'{what}: expected at least {least:g}, got {node.value}')
    return value


def yes_or_no(node: Node, what: str) -> bool:
    """Return a truth as yaml and people write it."""
    said = node.value.lower() if node.id == 'scalar' else ''
    if said not in ('yes', 'no', 'true', 'false'):
        raise fault(node, f'{what}: expected yes or no, got {described(node)}')
    return said in ('yes', 'true')


def one_or_more(node: Node, read: Callable[[Node], Read]) -> tuple[Read, ...]:
    """Read a list, or the one thing that stands in its place."""
    return tuple(read(each) for each in (node.value if node.id == 'sequence' else [node]))


def document(path: Path, most_characters: int) -> Node:
    """Read a file as yaml nodes.

    Raises:
        ConfigError: it cannot be read, or is no yaml.
        MissingPackageError: pyyaml is not installed.
    """
    require_package('yaml', 'bags')
    import yaml

    from ssr_ros.yaml_text import compose_yaml

    try:
        content = path.read_text(encoding='utf-8-sig')
        node = compose_yaml(content, most_characters)
    except OSError as error:
        raise ConfigError(f'{path}: cannot be read ({error.strerror})') from error
    except UnicodeDecodeError as error:
        raise ConfigError(f'{path}: expected text in UTF-8: {error}') from error
    except yaml.YAMLError as error:
        raise ConfigError(f'{path}: no yaml: {_said(error)}') from error
    if node is None:
        raise ConfigError(f'{path}: it is empty: expected "questions:" with a list below')
    return node


def _said(error: Exception) -> str:
    mark = getattr(error, 'problem_mark', None)
    if mark is None:
        return ' '.join(str(error).split())
    if "got '?'" in str(error):  # pyyaml takes it for the sign of a key
        return f'line {mark.line + 1}: a question mark inside {{ }} wants quotes: "How far is it?"'
    return f'line {mark.line + 1}: {getattr(error, "problem", "") or "cannot be read"}'
