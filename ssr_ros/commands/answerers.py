# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Who answers a benchmark's questions: the model, the one answer, or what was measured."""

from __future__ import annotations

from typing import Any, TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ssr_ros.engine.one_answer import one_answer
from ssr_ros.evaluation.published.depth import frame_of
from ssr_ros.rgbd import RgbdFrame
from ssr_ros.scene import Grounded, measure, SceneFacts
from ssr_ros.scene.questions.answer import answer as answer_query
from ssr_ros.scene.questions.checking import check

if TYPE_CHECKING:
    from ssr_ros.evaluation.published import Item
    from ssr_ros.evaluation.published.asking import Answerer


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


def _facts(frame: RgbdFrame, item: Item) -> SceneFacts:
    frame.check_depth()
    facts = measure(frame)
    regions = [Grounded(name, box, source='data set') for name, box in item.regions]
    return facts.named(regions) if regions else facts
