# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Real frames with objects marked by hand: how many of them `measure()` finds, and how far off.

A folder holds `marks.json`, a list of frames: `frame`, `color` and `depth` (file names),
`depth_scale_to_m`, `intrinsics` [fx, fy, cx, cy], `noise`, and `objects`: name -> `box`
[x0, y0, x1, y1] px and `median_z_m`, the median depth of the middle of the box. Marks are seldom
exhaustive, so what is found beside them is counted and drawn, not called wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from ssr_ros.rgbd import CameraIntrinsics, RgbdFrame
from ssr_ros.rgbd.files import read_depth_m, read_rgb
from ssr_ros.scene import measure, SceneFacts
from ssr_ros.scene.draw import annotate

LEVELS = (0.5, 0.3)


def marked(folder: Path, pictures: Path | None = None) -> list[dict[str, Any]]:
    """Measure every frame of a folder of marks, and draw what was found where asked to."""
    rows = []
    for marks in json.loads((folder / 'marks.json').read_text()):
        frame = marked_frame(folder, marks)
        facts = measure(frame, noise=marks['noise'])
        rows.append({'frame': marks['frame'], **compared(marks['objects'], facts)})
        if pictures is not None:
            pictures.mkdir(parents=True, exist_ok=True)
            picture = np.ascontiguousarray(annotate(frame, facts)[..., ::-1])
            cv2.imwrite(str(pictures / f'{marks["frame"]}.png'), picture)
    return rows


def marked_frame(folder: Path, marks: dict[str, Any]) -> RgbdFrame:
    """Load one frame of marks.json."""
    depth_m = read_depth_m(folder / marks['depth'], marks['depth_scale_to_m'])
    camera = CameraIntrinsics(*marks['intrinsics'])
    return RgbdFrame(read_rgb(folder / marks['color']), depth_m, camera)


def compared(objects: dict[str, Any], facts: SceneFacts) -> dict[str, Any]:
    """Hold one frame's marks against its detections; a detection stands for one mark only."""
    boxes = [mark['box'] for mark in objects.values()]
    overlaps = np.array([[box_iou(box, o.box_px) for o in facts.objects] for box in boxes])
    overlaps = overlaps.reshape(len(boxes), len(facts.objects))
    found = {f'found_at_{level}': len(matches(overlaps, level)) for level in LEVELS}
    pairs = matches(overlaps, LEVELS[0])
    marks = list(objects.values())
    errors = [
        abs(facts.objects[j].depth_m / marks[i]['median_z_m'] - 1)
        for i, j in pairs
        if marks[i].get('median_z_m')
    ]
    names = list(objects)
    return {
        'marked': len(objects),
        **found,
        'detections': len(facts.objects),
        'depth_error_median': float(np.median(errors)) if errors else None,
        'missed': [names[i] for i in range(len(names)) if i not in dict(pairs)],
    }


def matches(overlaps: np.ndarray, least: float) -> list[tuple[int, int]]:
    """Pair rows with columns, the best overlap first, each at most once."""
    left, pairs = overlaps.copy(), []
    while left.size and left.max() >= least:
        i, j = np.unravel_index(int(left.argmax()), left.shape)
        pairs.append((int(i), int(j)))
        left[i], left[:, j] = -1, -1
    return pairs


def box_iou(one: Sequence[float], other: Sequence[float]) -> float:
    """Overlap of two half-open boxes (x0, y0, x1, y1), as a share of their union."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    shared = max(0, width) * max(0, height)
    areas = [(b[2] - b[0]) * (b[3] - b[1]) for b in (one, other)]
    return shared / (sum(areas) - shared)


def show(rows: list[dict[str, Any]]) -> None:
    """Print the table and its totals."""
    head = ('frame', 'marked', 'IoU 0.5', 'IoU 0.3', 'detections', 'depth error', 'missed at 0.5')
    lines = [head, *((*line_of(row['frame'], row), ', '.join(row['missed'])) for row in rows)]
    total = {
        key: sum(row[key] for row in rows)
        for key in ('marked', *(f'found_at_{level}' for level in LEVELS), 'detections')
    }
    errors = [r['depth_error_median'] for r in rows if r['depth_error_median'] is not None]
    total['depth_error_median'] = float(np.median(errors)) if errors else None
    lines.append((*line_of('all', total), ''))
    widths = [max(len(line[i]) for line in lines) for i in range(len(head) - 1)]
    for line in lines:
        cells = [cell.ljust(width) for cell, width in zip(line, widths, strict=False)]
        print('  '.join([*cells, line[-1]]).rstrip())
    share = [f'{100 * total[f"found_at_{level}"] / total["marked"]:.0f} %' for level in LEVELS]
    print(f'found {share[0]} at IoU 0.5, {share[1]} at 0.3')


def line_of(name: str, row: dict[str, Any]) -> tuple[str, ...]:
    error = row['depth_error_median']
    return (
        name,
        str(row['marked']),
        *(str(row[f'found_at_{level}']) for level in LEVELS),
        str(row['detections']),
        '' if error is None else f'{100 * error:.2f} %',
    )
