# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Questions that the depth image answers without naming an object: points, free space, places."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from training.curation.ask import Ask, Fact, metres, sentence, Wording
from training.curation.scene import Scene

PATCH = 3
"""Half the side of the patch around a point, pixels."""

ROBOT_HEIGHT_M = (0.06, 1.5)
"""What stands between these heights above the floor is in a robot's way."""

CELL_M = 0.02
"""Side of a cell of the map of a support."""

AISLE_M = 0.5
"""Width of the way ahead that has to be free."""


def surface_questions(scene: Scene, say: Wording) -> Iterator[Ask]:
    """Ask about points, the way ahead and free places."""
    points = scene.levelled_points_m()
    yield from _point(scene, say)
    if scene.floor_m is not None:
        yield from _free_space(points, scene.floor_m, say)
    for name, height in scene.supports_m.items():
        yield from _vacant(points, name, height, say)


def _point(scene: Scene, say: Wording) -> Iterator[Ask]:
    """The depth of a pixel whose neighbourhood is one surface: no mixed pixels."""
    depth_m = scene.frame.depth_m
    height, width = depth_m.shape
    for _ in range(8):
        x, y = (round(say.chance.uniform(0.1, 0.9), 2) for _ in range(2))
        row, column = int(y * height), int(x * width)
        patch = depth_m[
            max(0, row - PATCH) : row + PATCH + 1, max(0, column - PATCH) : column + PATCH + 1
        ]
        if not np.isfinite(patch).all() or np.ptp(patch) > 0.04 * patch.mean():
            continue
        value = float(np.median(patch))
        text = metres(value)
        where = f'the point ({x:.2f}, {y:.2f}) of the image, in shares of its width and height'
        yield Ask(
            'depth',
            'point',
            f'What is the depth at {where}?',
            f'{text}.',
            (Fact('The surface around that point is smooth.', ()),),
            sentence(f'the depth there is {text}'),
            ('depth',),
            value=value,
            unit='m',
        )
        return


def _free_space(points: NDArray[np.float32], floor_m: float, say: Wording) -> Iterator[Ask]:
    """The way along straight ahead: nothing between its sides above the floor."""
    right, forward, up = points[..., 0], points[..., 1], points[..., 2] - floor_m
    with np.errstate(invalid='ignore'):
        in_aisle = np.abs(right) < AISLE_M / 2
        low, high = ROBOT_HEIGHT_M
        obstacle = in_aisle & (up > low) & (up < high) & (forward > 0.1)
        ground = in_aisle & (np.abs(up) < low)
    if np.count_nonzero(obstacle) < 30 or np.count_nonzero(ground) < 30:
        return
    value = float(np.percentile(forward[obstacle], 1))
    # Floor must be seen before the obstacle, and none of what is hidden may be nearer.
    if value < float(np.percentile(forward[ground], 5)) or value < 0.3:
        return
    text = metres(value)
    width = metres(AISLE_M)
    yield Ask(
        'free_space',
        'ahead',
        say.pick(
            f'How far could something {width} wide drive straight ahead?',
            f'How much free space is straight ahead, {width} wide?',
        ),
        f'{text}.',
        (Fact(f'The first thing in the way is {text} ahead.', ('free space',)),),
        sentence(f'the way is free for {text}'),
        ('free space',),
        value=value,
        unit='m',
    )


def _vacant(
    points: NDArray[np.float32], name: str, height_m: float, say: Wording
) -> Iterator[Ask]:
    """The roomiest free place on a support, and whether something of a size finds one."""
    place = free_place(points, height_m)
    if place is None:
        return
    (x, y), side = place
    fact = Fact(f'The largest free place on the {name} is {metres(side)} across.', ('place',))
    where = f'({x:.2f}, {y:.2f})'
    if side > 0.1:
        asked = metres(round(0.6 * side, 2))
        yield Ask(
            'vacant',
            'where',
            f'Where on the {name} is room for something {asked} across? '
            'Answer with a point (x, y) in shares of the image.',
            f'{where}.',
            (fact,),
            sentence(f'its middle is at {where}'),
            (),
            subjects=(name,),
        )
    for verdict, share in (('yes', 0.6), ('no', 1.6)):
        asked = metres(round(share * side, 2))
        way = say.pick(
            f'Is there room for something {asked} across on the {name}?',
            f'Could I put something {asked} across on the {name}?',
        )
        conclusion = f'{metres(side)} is {"more" if verdict == "yes" else "less"} than {asked}'
        yield Ask(
            'vacant',
            'whether',
            way,
            sentence(verdict),
            (fact,),
            sentence(conclusion),
            (),
            verdict,
            (name,),
            value=side,
            unit='m',
        )


def free_place(
    points: NDArray[np.float32], height_m: float
) -> tuple[tuple[float, float], float] | None:
    """Find the middle of the largest disc of bare surface on a support.

    Args:
        points: (H, W, 3) along right, forward, up, metres.
        height_m: of the surface over the camera.

    Returns:
        (x, y) of its middle in shares of the image, and its diameter in metres; None where
        hardly any of the surface is seen.
    """
    with np.errstate(invalid='ignore'):
        bare = np.abs(points[..., 2] - height_m) < 0.012
    if np.count_nonzero(bare) < 400:
        return None
    level = points[bare][:, :2]
    low = level.min(axis=0) - CELL_M
    cells = ((level - low) / CELL_M).astype(int)
    shape = cells.max(axis=0) + 2
    if shape.max() > 400:
        return None
    board = np.zeros(shape, np.uint8)
    board[cells[:, 0], cells[:, 1]] = 1
    # Far rows of pixels are sparse on the surface: close the grain, not the objects.
    board = cv2.morphologyEx(board, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    room = cv2.distanceTransform(np.pad(board, 1), cv2.DIST_L2, 5)[1:-1, 1:-1]
    best = np.unravel_index(int(room.argmax()), room.shape)
    middle = (np.array(best) + 0.5) * CELL_M + low
    rows, columns = np.nonzero(bare)
    nearest = int(((level - middle) ** 2).sum(axis=1).argmin())
    height, width = bare.shape
    pixel = (float(columns[nearest] + 0.5) / width, float(rows[nearest] + 0.5) / height)
    return pixel, 2 * (float(room[best]) - 0.5) * CELL_M
