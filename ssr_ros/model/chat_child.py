# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Render a chat template within limits: a process of its own, that can be ended.

A template is a program that came with the weights. A few nested loops run for years and forty
doublings of a text fill any memory, and within our own process nothing could stop either. jinja2
alone is imported, for the library that gives templates their meaning takes a second to import;
what a template finds here is what it finds there, and a test compares the two.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
import json
from pathlib import Path
import resource
import sys
from typing import Any

from jinja2 import nodes, TemplateError
from jinja2.exceptions import SecurityError
from jinja2.ext import Extension, loopcontrols
from jinja2.parser import Parser
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Namespace

MOST_SECONDS = 3
MOST_BYTES = 1 << 28
MOST_CHARACTERS = 65_536
"""What rendering may take: of processor time, of memory, and of the text that comes out."""


RAISED = (
    TemplateError,
    ArithmeticError,
    AttributeError,
    LookupError,
    MemoryError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
)
"""What a template makes jinja raise."""


def main() -> None:
    """Read {'template': ..., 'variables': ...} as JSON, write {'text': ...} or {'error': ...}."""
    given = json.load(sys.stdin)
    _limit()
    json.dump(_rendered(given['template'], given['variables']), sys.stdout)


def _limit() -> None:
    """Limit what is taken from here on; what the imports took is not the template's."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = int(used.ru_utime + used.ru_stime) + 1 + MOST_SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    pages = int(Path('/proc/self/statm').read_text(encoding='utf-8').split()[5])
    data_bytes = pages * resource.getpagesize() + MOST_BYTES
    resource.setrlimit(resource.RLIMIT_DATA, (data_bytes, data_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _rendered(template: str, variables: Mapping[str, Any]) -> dict[str, str]:
    try:
        text = _environment().from_string(template).render(variables)
    except RAISED as error:
        return {'error': f'{type(error).__name__}: {error}'[:500]}
    if len(text) > MOST_CHARACTERS:
        return {'error': f'it renders {len(text):,} characters; at most {MOST_CHARACTERS:,}'}
    return {'text': text}


def _environment() -> ImmutableSandboxedEnvironment:
    """Make what chat templates are written for: more than jinja has, and less to break out by."""
    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[loopcontrols, _Generation]
    )
    environment.filters['tojson'] = _to_json
    environment.globals.update(
        dict=_dict,
        namespace=_namespace,
        raise_exception=_raise,
        strftime_now=lambda form: datetime.now().strftime(form),
    )
    return environment


class _Generation(Extension):
    """``{% generation %}``: marks what a model has said, for training; here it is only read."""

    tags = {'generation'}  # noqa: RUF012, as jinja declares it

    def parse(self, parser: Parser) -> nodes.Node:
        """Return the block's body."""
        line = next(parser.stream).lineno
        body = parser.parse_statements(('name:endgeneration',), drop_needle=True)
        return nodes.Scope(body).set_lineno(line)


class _Names(Namespace):
    """A namespace without names that Python itself would look at."""

    def __setitem__(self, name: str, value: Any) -> None:
        if name.startswith('_'):
            raise SecurityError(f'a chat template may not keep anything as {name!r:.80}')
        super().__setitem__(name, value)


def _namespace(*pairs: Any, **named: Any) -> _Names:
    made = _Names()
    for name, value in dict(*pairs, **named).items():
        made[name] = value
    return made


def _dict(*pairs: Any, **named: Any) -> dict[Any, Any]:
    return dict(*pairs, **named)


def _to_json(
    value: Any,
    ensure_ascii: bool = False,
    indent: int | None = None,
    separators: tuple[str, str] | None = None,
    sort_keys: bool = False,
) -> str:
    """Write plain JSON; jinja's own filter writes it for HTML."""
    return json.dumps(
        value,
        ensure_ascii=ensure_ascii,
        indent=indent,
        separators=separators,
        sort_keys=sort_keys,
    )


def _raise(message: str) -> None:
    raise TemplateError(message)


if __name__ == '__main__':
    main()
