# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""RGB-D frames drawn with numpy, and the rows that ask about them."""

import json
from pathlib import Path

import cv2
import numpy as np

COLORS = {'red': (200, 30, 30), 'blue': (30, 30, 200)}


def draw(folder: Path, number: int) -> dict:
    rng = np.random.default_rng(number)
    color, left, far_m = rng.choice(list(COLORS)), rng.random() < 0.5, int(rng.integers(1, 4))
    rgb = np.full((48, 64, 3), 120, np.uint8)
    depth_mm = np.full((48, 64), 5000, np.uint16)
    columns = slice(4, 28) if left else slice(36, 60)
    rgb[12:36, columns] = COLORS[color]
    depth_mm[12:36, columns] = 1000 * far_m
    cv2.imwrite(str(folder / f'{number}.png'), rgb[..., ::-1])
    cv2.imwrite(str(folder / f'{number}_depth.png'), depth_mm)
    side = 'left' if left else 'right'
    return {
        'question': [f'Where is the {color} box?', 'How far is the box from the camera?'][
            number % 2
        ],
        'rationale': f'The {color} box is on the {side}.' + number % 3 * f' It is {far_m} m away.',
        'answer': [side.capitalize(), f'It is {far_m} m away'][number % 2] + '.',
        'image_path': f'{number}.png',
        'depth_path': f'{number}_depth.png',
        'meta': {'rationale_without_answer': f'There is a {color} box.'},
    }


def write_lines(path: Path, rows) -> Path:
    lines = (row if isinstance(row, str) else json.dumps(row) for row in rows)
    path.write_text('\n'.join(lines) + '\n', encoding='utf-8')
    return path
