# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Who answers a benchmark's questions: the model, the one answer, or what was measured."""

from __future__ import annotations

import math
from typing import Any, TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ssr_ros.engine.one_answer import one_answer
from ssr_ros.rgbd import CameraIntrinsics, RgbdFrame
from ssr_ros.scene import Grounded, measure, SceneFacts
from ssr_ros.scene.questions.answer import answer as answer_query
from ssr_ros.scene.questions.checking import check

if TYPE_CHECKING:
    from ssr_ros.evaluation.published import Item
    from ssr_ros.evaluation.published.asking import Answerer

ANY_FOV_DEG = 60.0
"""For a model alone, which reads depth and no metres from the calibration."""


def model(reasoner: Any, fov_deg: float) -> Answerer:
    """The model's words, and nothing that was measured."""

    def answer(rgb: NDArray[np.uint8], depth_m: NDArray[np.float32], item: Item) -> str:
        frame = frame_of(rgb, depth_m, fov_deg)
        return str(reasoner.ask(reasoner.encode(frame), item.question).text)

    return answer


def measured(fov_deg: float) -> Answerer:
    """What the depth says; '' where it says nothing."""

    def answer(rgb: NDArray[np.uint8], depth_m: NDArray[np.float32], item: Item) -> str:
        facts = _facts(frame_of(rgb, depth_m, fov_deg), item)
        found = facts.answer(item.question)
        return found.text if found.answered else ''

    return answer


def one(reasoner: Any, fov_deg: float) -> Answerer:
    """The answer that a robot would act on."""

    def answer(rgb: NDArray[np.uint8], depth_m: NDArray[np.float32], item: Item) -> str:
        frame = frame_of(rgb, depth_m, fov_deg)
        facts = _facts(frame, item)
        said = reasoner.ask(reasoner.encode(frame), item.question)
        query = facts.query(item.question)
        found = answer_query(facts, query)
        text = said.text if said.trained else ''
        held = check(facts, found, said.text) if said.trained else None
        return one_answer(facts, query, found, text, held).text

    return answer


def frame_of(rgb: NDArray[np.uint8], depth_m: NDArray[np.float32], fov_deg: float) -> RgbdFrame:
    """Return a picture and its depth as a frame of a camera that looks straight.

    Args:
        rgb: (H, W, 3) uint8.
        depth_m: (H, W) metres, NaN unknown.
        fov_deg: horizontal field of view.

    Raises:
        FrameError: no camera has that field of view, or the two do not fit together.
    """
    height, width = depth_m.shape
    focal_px = width / 2 / math.tan(math.radians(fov_deg) / 2)
    camera = CameraIntrinsics(focal_px, focal_px, (width - 1) / 2, (height - 1) / 2)
    return RgbdFrame(rgb, depth_m, camera)


def _facts(frame: RgbdFrame, item: Item) -> SceneFacts:
    frame.check_depth()
    facts = measure(frame)
    regions = [Grounded(name, box, source='data set') for name, box in item.regions]
    return facts.named(regions) if regions else facts
