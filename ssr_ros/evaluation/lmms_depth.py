# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Pictures of lmms-eval's tasks, and the depth that somebody names beside them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ssr_ros.errors import ConfigError, FrameError
from ssr_ros.evaluation.published.depth import depth_file
from ssr_ros.evaluation.published.items import Picture
from ssr_ros.rgbd import depth_to_metres, read_depth_m

NAMES = ('filename', 'image_path', 'file_name', 'img')
"""Fields of documents that name their picture."""


class LmmsDepth:
    """Finds the depth of a document of a task.

    Args:
        source: 'none' (nothing is known), 'field:NAME' (a field of the task's documents holds it,
            such as depth_image), or 'folder:DIR' (registered metric depth files, named as the
            document's picture, or TASK/NUMBER).

    Raises:
        ConfigError: it is none of these.
    """

    def __init__(self, source: str) -> None:
        self._kind, _, self._name = source.partition(':')
        known = {
            'none': source == 'none',
            'field': bool(self._name),
            'folder': bool(self._name) and Path(self._name).expanduser().is_dir(),
        }
        if not known.get(self._kind):
            raise ConfigError(
                'tasks of lmms-eval hand over pictures only: name where depth comes from in '
                "--model_args, depth=none, depth=field:NAME (of the task's documents) or "
                f'depth=folder:DIR (an existing folder of depth files); got {source!r}'
            )

    def of(
        self, document: Mapping[str, Any], number: str, size: tuple[int, ...]
    ) -> NDArray[np.float32]:
        """Return (H, W) float32 metres, NaN unknown.

        Args:
            document: of the task.
            number: task/number, for files that are named so.
            size: of its picture, (width, height).

        Raises:
            FrameError: there is none, or it is not metric.
        """
        if self._kind == 'none':
            return np.full(size[::-1], np.nan, np.float32)
        if self._kind == 'folder':
            return self._in_folder(document, number)
        if document.get(self._name) is None:
            raise FrameError(f'{number}: the document has no {self._name!r}: {sorted(document)}')
        return depth_of(document[self._name], f'{number}: {self._name}')

    def _in_folder(self, document: Mapping[str, Any], number: str) -> NDArray[np.float32]:
        folder = Path(self._name).expanduser()
        named = [str(document[key]) for key in NAMES if isinstance(document.get(key), str)]
        return read_depth_m(depth_file(folder, named[0] if named else f'{number}.png'))


def rgb_of(image: Any) -> NDArray[np.uint8]:
    """Return a PIL image as (H, W, 3) uint8."""
    return np.array(image.convert('RGB'), np.uint8)


def depth_of(value: Any, name: str) -> NDArray[np.float32]:
    """Return depth as data sets hold it: a PIL image, a file's bytes or its path.

    Raises:
        FrameError: it holds no metric depth.
    """
    if isinstance(value, Mapping) and isinstance(value.get('bytes'), bytes):
        return Picture(name, None, value['bytes']).depth_m()
    if isinstance(value, str):
        return read_depth_m(value)
    mode = str(getattr(value, 'mode', type(value).__name__))
    if mode == 'F':
        return depth_to_metres(np.array(value, np.float32), '32FC1')
    # PIL reads a 16-bit PNG as I;16, older ones as I.
    plane = np.array(value) if mode.startswith('I') else np.zeros(0)
    if plane.ndim != 2 or plane.min() < 0 or plane.max() > np.iinfo(np.uint16).max:
        raise FrameError(
            f'{name}: expected 16-bit millimetres or float metres, got an image of mode {mode}: '
            'an 8-bit picture of depth has lost its scale'
        )
    return depth_to_metres(plane.astype(np.uint16), '16UC1')
