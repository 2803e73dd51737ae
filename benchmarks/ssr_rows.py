# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The test of benchmarks/ssr.py: rows of curated worlds, by frame."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
import os
from pathlib import Path

import cv2
import numpy as np

from ssr_ros.errors import ConfigError
from ssr_ros.evaluation.table import Question
from ssr_ros.rgbd import CameraIntrinsics, load_frame, RgbdFrame
from training.data.rows import Row, RowFiles


@dataclass(frozen=True, eq=False)
class TestFrame:
    """A frame, and the numbers of the questions about it.

    Attributes:
        image_path: colour.
        depth_path: depth.
        intrinsics: of both.
        world: that it shows; other views of it are not independent.
        noise: noise model of the depth sensor, for measuring.
        asked: places of its questions in the list of all.
    """

    __test__ = False  # no test for pytest

    image_path: Path
    depth_path: Path
    intrinsics: CameraIntrinsics
    world: str
    noise: str
    asked: tuple[int, ...]

    def read(self) -> RgbdFrame:
        """Read the files.

        Raises:
            FrameError: a file is missing, broken, or of another size than its partner.
        """
        return load_frame(self.image_path, self.depth_path, self.intrinsics)


def read_rows(path: Path) -> Iterator[Row]:
    """Yield the rows of a file that training.curate wrote.

    Raises:
        ConfigError: the file is missing, or a row does not say of which family it is.
        DataError: more than 1 % of the lines are broken.
    """
    rows = RowFiles([path], '', 0.01)
    for number in range(len(rows)):
        row = rows[number]
        if not {'family', 'form', 'subjects'} <= set(row.meta):
            raise ConfigError(
                f'{row.where}: no family and form in its meta: expected rows of '
                'python -m training.curate'
            )
        yield row


def read_test(path: Path, limit: int) -> tuple[list[Question], list[TestFrame]]:
    """Read a test.

    Args:
        path: jsonl file.
        limit: questions of each family, drawn from all frames; both orders of naming stay
            together. 0 for all.
    """
    frames: dict[Path, list[Row]] = defaultdict(list)
    for row in _drawn(path, limit):
        frames[row.image_path].append(row)
    questions: list[Question] = []
    chosen: list[TestFrame] = []
    for image_path in sorted(frames, key=lambda image: _lot(image, path)):
        kept = frames[image_path]
        asked = tuple(range(len(questions), len(questions) + len(kept)))
        questions += [
            Question(row.where, str(image_path), row.question, row.answer, row.rationale, row.meta)
            for row in kept
        ]
        chosen.append(_frame(kept[0], asked))
    return questions, chosen


def _drawn(path: Path, limit: int) -> list[Row]:
    """Take units, by lot, until their family has enough questions."""
    units: dict[tuple[Path, str], list[Row]] = defaultdict(list)
    for row in read_rows(path):
        if row.depth_path is not None:
            units[row.image_path, str(row.meta.get('unit', row.where))].append(row)
    kept: list[Row] = []
    counts: Counter[str] = Counter()
    for image, unit in sorted(units, key=lambda key: _lot(key[0], path, key[1])):
        rows = units[image, unit]
        family = rows[0].meta['family']
        if not limit or counts[family] + len(rows) <= limit:
            counts[family] += len(rows)
            kept += rows
    return kept


def _lot(image_path: Path, test: Path, unit: str = '') -> str:
    """Draw a lot that does not depend on where the files lie."""
    name = os.path.relpath(image_path, test.parent)
    return sha256(f'{name} {unit}'.encode()).hexdigest()


def _frame(row: Row, asked: tuple[int, ...]) -> TestFrame:
    camera = row.meta.get('intrinsics')
    if not isinstance(camera, dict) or row.depth_path is None:
        raise ConfigError(
            f'{row.where}: no depth, or no intrinsics in its meta: measuring needs both'
        )
    known = {key: camera[key] for key in ('fx', 'fy', 'cx', 'cy')}
    return TestFrame(
        row.image_path,
        row.depth_path,
        CameraIntrinsics(**known),
        str(row.meta.get('seed', row.image_path)),
        str(row.meta.get('noise', 'stereo')),
        asked,
    )


def with_depth(frame: RgbdFrame, depth_m: np.ndarray) -> RgbdFrame:
    """Return the frame with another depth image, squashed to its size."""
    size = (frame.width, frame.height)
    fitted = cv2.resize(depth_m, size, interpolation=cv2.INTER_NEAREST)
    return RgbdFrame(frame.rgb, fitted, frame.intrinsics)
