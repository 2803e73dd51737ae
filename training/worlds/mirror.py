# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The same worlds seen in a mirror: as many new views again, for a twentieth of the work.

Left is right there, and everything else is as it was; what is asked of a mirrored view follows
from its truth, like what is asked of any other. Noise of the depth is mirrored with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from copy import deepcopy
from dataclasses import replace
from functools import partial
import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from ssr_ros.errors import ConfigError, FrameError
from training.worlds.store import (
    PICTURES,
    prepare,
    settings_of,
    stored_stems,
    StoreSettings,
    write_atomically,
)

ALONG_X = ('center_m', 'visible_center_m')
"""Places of a thing in the camera frame."""


def mirror_worlds(source: Path, target: Path, jobs: int = 1) -> Iterator[bool]:
    """Write the mirrored views of a folder that are not there yet, over several processes.

    Yields:
        For each view whether it was written now.

    Raises:
        ConfigError: there are no views, or the target holds other worlds, unmirrored ones too.
        FrameError: a view cannot be read.
    """
    stems = stored_stems(source)
    if not stems:
        raise ConfigError(f'{source}: there are no rendered views')
    known = StoreSettings(**(settings_of(source) or {}))
    prepare(target, replace(known, mirrored=not known.mirrored))
    write = partial(_mirror, source, target)
    if jobs == 1:
        yield from map(write, stems)
        return
    with ProcessPoolExecutor(jobs) as pool:
        yield from pool.map(write, stems, chunksize=16)


def mirrored(truth: dict[str, Any]) -> dict[str, Any]:
    """Return what is true of a view in a mirror beside it; see ``ViewTruth.as_dict``.

    The world is mirrored with its camera, so that directions stay rotations: at x = 0, in both.
    """
    found = deepcopy(truth)
    width = found['intrinsics']['width']
    found['intrinsics']['cx'] = width - 1 - found['intrinsics']['cx']
    turned = [found['camera_position_m'], found['gravity']]
    turned += [plane['normal'] for plane in found['planes']]
    for thing in found['things']:
        turned += [thing[name] for name in ALONG_X if thing[name] is not None]
        if thing['box_px'] is not None:
            x0, y0, x1, y1 = thing['box_px']
            thing['box_px'] = [width - x1, y0, width - x0, y1]
    for vector in turned:
        vector[0] = -vector[0]
    both = np.diag([-1.0, 1.0, 1.0])
    found['world_from_camera'] = (both @ np.array(found['world_from_camera']) @ both).tolist()
    return found


def _mirror(source: Path, target: Path, stem: str) -> bool:
    if (target / 'truth' / f'{stem}.json').exists():
        return False
    try:
        truth = mirrored(json.loads((source / 'truth' / f'{stem}.json').read_text()))
    except (OSError, ValueError, KeyError, TypeError) as error:
        path = source / 'truth' / f'{stem}.json'
        raise FrameError(f'{path}: not the truth of a view ({error})') from error
    for picture in PICTURES:
        path = source / picture / f'{stem}.png'
        image = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
        if image is None:
            raise FrameError(f'{path}: missing, or no picture')
        png = cv2.imencode('.png', np.ascontiguousarray(image[:, ::-1]))[1]
        write_atomically(target / picture / f'{stem}.png', png.tobytes())
    text = json.dumps(truth, separators=(',', ':'))
    write_atomically(target / 'truth' / f'{stem}.json', text.encode())
    return True
