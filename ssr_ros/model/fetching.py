# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""All parts of a checkpoint on this machine, before any of them is needed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ssr_ros.errors import CheckpointError
from ssr_ros.model.checkpoint import weight_files
from ssr_ros.model.hub import commit_of, convert_pickles, WITHOUT_WEIGHTS
from ssr_ros.model.spec import PARTS, read_spec


def fetch_parts(model: str, convert: bool) -> Iterator[tuple[str, Path, str]]:
    """Yield (part, folder, commit on the hub or '') as each part is there.

    Args:
        model: preset, folder or yaml.
        convert: write weights that there are only as pickles as safetensors.

    Raises:
        CheckpointError: a part cannot be had.
        ConfigError: the yaml cannot be understood.
    """
    spec = read_spec(model)
    for part in PARTS:
        if getattr(spec, part) is None:
            continue
        try:
            folder = spec.folder(part)
        except CheckpointError as error:
            if not convert or 'pickles' not in str(error):
                raise
            folder = convert_pickles(getattr(spec, part))
        if part not in WITHOUT_WEIGHTS:
            weight_files(folder)
        yield part, folder, commit_of(folder)
