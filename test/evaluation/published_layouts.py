# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Small data sets in the layouts of the published ones, for the tests of loaders and the command.

Pictures are 8 x 6: red left half in the first, blue in the second; depth is 1 m and 2 m.
"""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np

SIZE = (8, 6)


def picture(path: Path, number: int = 0) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    bgr = np.full((SIZE[1], SIZE[0], 3), 90, np.uint8)
    bgr[:, : SIZE[0] // 2] = ((0, 0, 200), (200, 0, 0))[number % 2]
    cv2.imwrite(str(path), bgr)


def depth(path: Path, millimetres: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.full(SIZE[::-1], millimetres, np.uint16))


def lines(path: Path, rows) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(''.join(json.dumps(row) + '\n' for row in rows), encoding='utf-8')


def array(path: Path, rows) -> None:
    path.write_text(json.dumps(rows), encoding='utf-8')


def spatial_bench(folder: Path) -> Path:
    """Two pairs of reach, one of existence, two places, two counts."""
    yes_no = ('Yes', 'No')
    for part in ('reach', 'existence', 'positional', 'counting'):
        for number in range(2):
            picture(folder / part / f'{number}.v1.jpg', number)
            # The published script cuts a picture's name at its first point.
            depth(folder / f'{part}_d' / f'{number}.png', 1000 * (number + 1))
    reach = [
        {'image': f'reach/{n // 2}.v1.jpg', 'question': f'Touches {n}?', 'answer': yes_no[n % 2]}
        for n in range(4)
    ]
    array(folder / 'reach.json', reach)
    there = [
        {'image': ['existence/0.v1.jpg'], 'question': f'There {n}?', 'answer': yes_no[n]}
        for n in range(2)
    ]
    array(folder / 'existence.json', there)
    places = [
        {'id': n, 'image': 'positional/0.v1.jpg', 'question': 'Which side?', 'answer': side}
        for n, side in enumerate(('left', 'right'))
    ]
    array(folder / 'positional.json', places)
    counts = [
        {'image': 'counting/1.v1.jpg', 'question': 'How many?', 'answer': answer}
        for answer in (4, '2')
    ]
    array(folder / 'counting.json', counts)
    return folder


def cv_bench(folder: Path) -> Path:
    """One question of each source, as the card shows them."""
    rows = {
        'test_2d.jsonl': [
            ('2D', 'Count', 'ADE20K', ['3', '2', '1', '0'], '(C)', 'img/2D/count/ade20k_10.png'),
            ('2D', 'Relation', 'COCO', ['left', 'right'], '(A)', 'img/2D/relation/coco_1.png'),
        ],
        'test_3d.jsonl': [
            ('3D', 'Depth', 'Omni3D', ['table', 'lamp'], '(B)', 'img/3D/depth/omni3d_5.png'),
        ],
    }
    index = 0
    for name, of_file in rows.items():
        made = []
        for kind, task, source, choices, answer, filename in of_file:
            picture(folder / filename, index)
            question = f'What about number {index}?'
            offered = '\n'.join(f'({chr(65 + n)}) {c}' for n, c in enumerate(choices))
            made.append(
                {
                    'idx': index,
                    'type': kind,
                    'task': task,
                    'question': question,
                    'choices': choices,
                    'answer': answer,
                    'prompt': f'{question} Select from the following choices.\n{offered}',
                    'filename': filename,
                    'source': source,
                    'target_class': None,
                    'bbox': None,
                }
            )
            index += 1
        lines(folder / name, made)
    return folder


def robospatial(folder: Path) -> Path:
    """What download_benchmark.py writes: one of each category."""
    rows = []
    answers = {
        'context': '[(0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.1, 0.9)]',
        'compatibility': 'Yes',
        'configuration': 'no',
    }
    for number, (category, answer) in enumerate(answers.items()):
        picture(folder / f'images/img_{category}_0.png', number)
        depth(folder / f'images/depth_{category}_0.png', 1000 * (number + 1))
        rows.append(
            {
                'category': category,
                'question': f'What about {category}?',
                'answer': answer,
                'img': f'images/img_{category}_0.png',
                'depth_image': f'images/depth_{category}_0.png',
                'mask': None,
            }
        )
    array(folder / 'annotations.json', rows)
    return folder


def spatial_rgpt(folder: Path) -> Path:
    """A width, a distance, a direction, and a question that needs a judge."""

    def row(number, kind, category, question, answer):
        return {
            'id': str(number),
            'image_info': {'file_path': 'images/a.png', 'height': 6, 'width': 8},
            'text_q': question,
            'qa_info': {'type': kind, 'category': category},
            'conversations': [
                {'from': 'human', 'value': question.replace('Region [0]', '<mask>')},
                {'from': 'gpt', 'value': answer},
            ],
            'bbox': [[0, 0, 3, 3], [4, 0, 8, 6]],
        }

    number = 'quantitative'
    rows = [
        row(0, number, 'width_data', 'How wide is Region [0]?', 'The width is 2.0 meters.'),
        row(
            1,
            number,
            'distance_data',
            'How far is Region [0] from Region [1]?',
            'They are 10 inches apart.',
        ),
        row(2, number, 'direction', 'Where is Region [1]?', "At about 12 o'clock."),
        row(3, 'qualitative', 'left_predicate', 'Is Region [0] left of Region [1]?', 'Yes.'),
    ]
    lines(folder / 'SpatialRGPT-Bench_v1.jsonl', rows)
    picture(folder / 'images/a.png')
    return folder


def ssr_bench(folder: Path) -> Path:
    """Three tasks, free answers."""
    rows = [
        ('existence', 'Is there a dog?', 'Yes'),
        ('count', 'How many cups are there?', '3'),
        ('relative position recognition', 'Where is the cup?', 'To the left of the plate.'),
    ]
    made = []
    for number, (task, question, answer) in enumerate(rows):
        picture(folder / f'images/{number}.png', number)
        depth(folder / f'depths/{number}.png', 1000 * (number + 1))
        made.append(
            {
                'task': task,
                'question': question,
                'answer': answer,
                'image_path': f'images/{number}.png',
                'depth_path': f'depths/{number}.png',
            }
        )
    array(folder / 'ssrbench.json', made)
    return folder


def q_spatial(folder: Path) -> Path:
    """QSpatial_plus as parquet with the pictures inside; needs pyarrow."""
    import pyarrow
    from pyarrow import parquet

    done, encoded = cv2.imencode('.png', np.full((6, 8, 3), 90, np.uint8))
    assert done
    rows = [
        {
            'question': 'What is the minimum distance between the two chairs?',
            'answer_value': value,
            'answer_unit': unit,
            'question_type': 'Object-Object',
            'image_path': None,
            'image': {'bytes': encoded.tobytes(), 'path': f'{number}.png'},
        }
        for number, (value, unit) in enumerate([(1.0, 'meters'), (20.0, 'inches')])
    ]
    (folder / 'data').mkdir()
    table = pyarrow.Table.from_pylist(rows)
    parquet.write_table(table, folder / 'data/QSpatial_plus-00000-of-00001.parquet')
    return folder
