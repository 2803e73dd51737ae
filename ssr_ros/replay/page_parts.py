# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What the pages of this room are made with: templates, one style, one script, pictures.

Every text goes through a template that escapes by itself, and a page allows no script but its own
(by its hash): what a question, a name or a model says is shown, never run.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
import hashlib
import json
from pathlib import Path
from typing import Any

from markupsafe import Markup

from ssr_ros.errors import ConfigError, require_package
from ssr_ros.replay.folder import Folder
from ssr_ros.replay.pictures import shrunk

PAGE = Path(__file__).resolve().parent / 'page'
PICTURE_BYTES = 5_600_000
"""All pictures of a report, before base64 makes four bytes of three."""

SMALLER = ((640, 50), (512, 50), (400, 45), (320, 40), (256, 35))
"""Width and quality by which pictures are shrunk until they fit."""


def render(template: str, script: str, **values: Any) -> str:
    """Fill a page of this room.

    Args:
        template: its name.
        script: the one script that may run in it.
        values: what it shows; texts are escaped.

    Raises:
        MissingPackageError: Jinja2 is not installed.
    """
    jinja = require_package('jinja2', 'bags')
    environment = jinja.Environment(
        loader=jinja.FileSystemLoader(PAGE),
        autoescape=True,
        undefined=jinja.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    text: str = environment.get_template(template).render(
        **values,
        script=Markup(script),
        script_hash=f'sha256-{digest}',
        style=Markup((PAGE / 'report.css').read_text(encoding='utf-8')),
    )
    return text


def packed_pictures(folder: Folder, names: Iterable[str]) -> Markup:
    """Return the pictures as JSON: name -> [colour, depth], WebP in base64, small enough."""
    names = sorted(names)
    found = {
        name: [_read(folder.pictures / f'{name}.{kind}.webp') for kind in ('color', 'depth')]
        for name in names
    }
    for widest_px, quality in SMALLER:
        if sum(len(each) for pair in found.values() for each in pair) <= PICTURE_BYTES:
            break
        found = {
            name: [shrunk(each, widest_px, quality) for each in pair]
            for name, pair in found.items()
        }
    texts = {name: [base64.b64encode(each).decode() for each in p] for name, p in found.items()}
    return Markup(json.dumps(texts).replace('<', '\\u003c'))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(
            f'{path}: cannot be read ({error.strerror}); run with --fresh'
        ) from error
