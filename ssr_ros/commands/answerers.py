# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Who answers a benchmark's questions: the model, the one answer, or what was measured."""

from __future__ import annotations

from typing import Any, TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ssr_ros.engine.one_answer import one_answer, Source
from ssr_ros.evaluation.published.depth import frame_of
from ssr_ros.rgbd import RgbdFrame
from ssr_ros.scene import Grounded, measure, MeasuredAnswer, SceneFacts
from ssr_ros.scene.questions.answer import answer as answer_query

if TYPE_CHECKING:
    from ssr_ros.evaluation.published import Item
    from ssr_ros.evaluation.published.asking import Answerer


def model(reasoner: Any, fov_deg: float) -> Answerer:
    """The model's words, and nothing that was measured."""
    encode = _Encoder(reasoner)

    def answer(rgb: NDArray[np.uint8], depth_m: NDArray[np.float32], item: Item) -> str:
        frame = frame_of(rgb, depth_m, fov_deg)
        return str(reasoner.ask(encode(frame), item.question).text)

    return answer


def measured(fov_deg: float) -> Answerer:
    """What the depth says; '' where it says nothing."""

    def answer(rgb: NDArray[np.uint8], depth_m: NDArray[np.float32], item: Item) -> str:
        facts = _facts(frame_of(rgb, depth_m, fov_deg), item)
        found = facts.answer(item.question)
        return short(found) if found.answered else ''

    return answer


def one(reasoner: Any, fov_deg: float) -> Answerer:
    """The answer that a robot would act on."""
    encode = _Encoder(reasoner)

    def answer(rgb: NDArray[np.uint8], depth_m: NDArray[np.float32], item: Item) -> str:
        frame = frame_of(rgb, depth_m, fov_deg)
        facts = _facts(frame, item)
        said = reasoner.ask(encode(frame), item.question)
        question = item.question
        query = facts.query(question)
        found = answer_query(facts, query)
        if found.answered:
            return short(found)
        text = said.text if said.trained else ''
        chosen = one_answer(facts, question, query, found, text, None, said.likelihood)
        return '' if chosen.source is Source.NONE else chosen.text

    return answer


class _Encoder:
    """Encodes a frame unless it is the one before: benchmarks ask several things of a picture."""

    def __init__(self, reasoner: Any) -> None:
        self._reasoner = reasoner
        self._last: tuple[RgbdFrame, Any] | None = None

    def __call__(self, frame: RgbdFrame) -> Any:
        if self._last is None or not _same(frame, self._last[0]):
            self._last = frame, self._reasoner.encode(frame)
        return self._last[1]


def _same(one: RgbdFrame, other: RgbdFrame) -> bool:
    is_same_depth = np.array_equal(one.depth_m, other.depth_m, equal_nan=True)
    return is_same_depth and np.array_equal(one.rgb, other.rgb)


def short(answer: MeasuredAnswer) -> str:
    """Return a measured answer as benchmarks expect it: a length or a count is one number.

    In words a distance has its margin, and another one beside it: which is meant is known here.
    """
    if answer.value is None or answer.kind not in ('number', 'count'):
        return answer.text
    if answer.kind == 'count':
        return f'{answer.value:.0f}'
    return f'{answer.value:.4f} {answer.unit}'.strip()


def _facts(frame: RgbdFrame, item: Item) -> SceneFacts:
    frame.check_depth()
    facts = measure(frame)
    regions = [Grounded(name, box, source='data set') for name, box in item.regions]
    return facts.named(regions) if regions else facts
