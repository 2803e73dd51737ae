# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Render a chat template within limits: a process of its own, that can be ended.

A template is a program that came with the weights. A few nested loops run for years and forty
doublings of a text fill any memory, and within our own process nothing could stop either.
"""

from __future__ import annotations

import json
from pathlib import Path
import resource
import sys
from typing import Any

from jinja2 import TemplateError
from transformers.utils.chat_template_utils import render_jinja_template

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
"""What a template makes the library raise."""


def main() -> None:
    """Read the library's arguments as JSON, write {'text': ...} or {'error': ...}."""
    arguments = json.load(sys.stdin)
    _limit()
    json.dump(_rendered(arguments), sys.stdout)


def _limit() -> None:
    """Limit what is taken from here on; what the imports took is not the template's."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = int(used.ru_utime + used.ru_stime) + 1 + MOST_SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    pages = int(Path('/proc/self/statm').read_text(encoding='utf-8').split()[5])
    data_bytes = pages * resource.getpagesize() + MOST_BYTES
    resource.setrlimit(resource.RLIMIT_DATA, (data_bytes, data_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _rendered(arguments: dict[str, Any]) -> dict[str, str]:
    try:
        text: str = render_jinja_template(**arguments)[0][0]
    except RAISED as error:
        return {'error': f'{type(error).__name__}: {error}'[:500]}
    if len(text) > MOST_CHARACTERS:
        return {'error': f'it renders {len(text):,} characters; at most {MOST_CHARACTERS:,}'}
    return {'text': text}


if __name__ == '__main__':
    main()
