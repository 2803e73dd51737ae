# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Labels in crowded pictures: beside their things, over no other label and hardly over things."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from rendered import Box, render

from ssr_ros.scene import measure
from ssr_ros.scene.draw import annotate
from ssr_ros.scene.labels import FARTHEST, Places

ROWS, COLUMNS, SIZE = 480, 640, (150, 16)


def crowd(seed: int, count: int) -> list[np.ndarray]:
    """Boxes of all sizes in the middle of a picture, as masks."""
    rng = np.random.default_rng(seed)
    masks = []
    for _ in range(count):
        width, height = rng.integers(20, 90, 2)
        x, y = rng.integers(100, 540 - width), rng.integers(80, 400 - height)
        mask = np.zeros((ROWS, COLUMNS), np.bool_)
        mask[y : y + height, x : x + width] = True
        masks.append(mask)
    return masks


def box_of(mask):
    rows, columns = np.nonzero(mask)
    return columns.min(), rows.min(), columns.max() + 1, rows.max() + 1


def placed(masks):
    """Label all masks in turn, as the picture does."""
    places = Places(ROWS, COLUMNS)
    for mask in masks:
        places.keep_in_view(mask, SIZE[0] * SIZE[1])
    found = []
    for mask in masks:
        box = box_of(mask)
        middle = int(box[0] + box[2]) // 2, int(box[1] + box[3]) // 2
        found.append(places.best(SIZE, box, middle))
        if found[-1] is not None:
            places.take(found[-1])
    return found


def overlap(one, other):
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


@pytest.mark.parametrize('seed', range(5))
def test_in_a_crowd_no_label_lies_over_another_and_none_is_left_out(seed):
    found = placed(crowd(seed, 25))
    assert None not in found
    assert not any(overlap(a.box, b.box) for a, b in combinations(found, 2))
    for place in found:
        x0, y0, x1, y1 = place.box
        assert x0 >= 0 and y0 >= 0 and x1 <= COLUMNS and y1 <= ROWS


@pytest.mark.parametrize('seed', range(5))
def test_what_does_not_touch_its_label_is_joined_to_it_by_a_line(seed):
    masks = crowd(seed, 25)
    for place, mask in zip(placed(masks), masks, strict=True):
        x0, y0, x1, y1 = place.box
        home = box_of(mask)
        grown = (home[0] - 1, home[1] - 1, home[2] + 1, home[3] + 1)
        assert (place.line is None) == overlap(place.box, grown)
        if place.line is not None:
            (x, y), (to_x, to_y) = place.line
            assert x0 <= x < x1 and y0 <= y < y1 and mask[to_y, to_x]


def test_lines_pass_under_few_labels():
    lines = crossed = 0
    for seed in range(10):
        found = [place for place in placed(crowd(seed, 30)) if place is not None]
        for place in found:
            if place.line is not None:
                lines += 1
                (x, y), (to_x, to_y) = place.line
                along = np.linspace(0, 1, 500)
                xs, ys = x + along * (to_x - x), y + along * (to_y - y)
                for x0, y0, x1, y1 in (other.box for other in found if other is not place):
                    crossed += bool(((xs >= x0) & (xs < x1) & (ys >= y0) & (ys < y1)).any())
    assert lines >= 10 and crossed <= 0.1 * lines


@pytest.mark.parametrize('seed', range(5))
def test_hardly_any_of_the_things_is_hidden_where_there_is_room_around_them(seed):
    masks = crowd(seed, 12)
    seen = np.any(masks, axis=0)
    hidden = np.zeros_like(seen)
    for place in placed(masks):
        x0, y0, x1, y1 = place.box
        hidden[y0:y1, x0:x1] = True
    assert np.count_nonzero(hidden & seen) < 0.05 * np.count_nonzero(seen)


def test_a_thing_alone_has_its_label_above_its_left_corner():
    mask = np.zeros((ROWS, COLUMNS), np.bool_)
    mask[203:301, 251:349] = True
    (place,) = placed([mask])
    assert place.box == (251, 203 - SIZE[1], 251 + SIZE[0], 203) and place.line is None


def test_a_small_thing_is_not_hidden_by_the_label_of_its_neighbour():
    large, small = (np.zeros((ROWS, COLUMNS), np.bool_) for _ in range(2))
    large[200:300, 200:400] = True
    small[190:196, 210:230] = True
    place, _ = placed([large, small])
    assert not overlap(place.box, box_of(small))


def test_where_all_is_taken_a_label_is_left_out():
    places = Places(40, 160)
    for _ in range(2):
        places.take(places.best((158, 16), (0, 16, 160, 40), (80, 20)))
    assert places.best((158, 16), (0, 16, 160, 40), (80, 20)) is None


def test_a_label_wider_than_the_picture_is_left_out():
    assert Places(40, 100).best((150, 16), (0, 0, 10, 10), (5, 5)) is None


def test_a_label_stands_no_farther_off_than_is_said():
    places = Places(ROWS, COLUMNS)
    for top in range(0, ROWS - 16 * 8, 16):
        for left in range(0, COLUMNS, 160):
            places.taken.append((left, top, left + 160, top + 16))
    assert places.best(SIZE, (300, 0, 320, 10), (310, 5)) is None
    place = places.best(SIZE, (300, 330, 320, 340), (310, 335))
    assert place is not None and place.box[1] - 340 <= FARTHEST * SIZE[1]


def test_a_label_of_a_plane_lies_within_it(monkeypatch):
    boxes = []
    keep = Places.take
    monkeypatch.setattr(
        Places, 'take', lambda self, place: (boxes.append(place), keep(self, place))
    )
    frame = render([Box('red', (x, 1.2), (0.1, 0.1, 0.1)) for x in (-0.3, 0, 0.3)]).frame
    facts = measure(frame)
    annotate(frame, facts)
    assert len(boxes) == len(facts.objects) + len(facts.planes)
    for place, plane in zip(boxes[len(facts.objects) :], facts.planes, strict=True):
        x0, y0, x1, y1 = place.box
        assert plane.mask[y0:y1, x0:x1].mean() > 0.9 and place.line is None
