# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Rows of ``answers.jsonl`` from what the node sent: ssr_ros/msg/SpatialAnswer, by its fields."""

from __future__ import annotations

import math
from typing import Any

from ssr_ros.bags.index import FramePlace
from ssr_ros.engine.one_answer import Source
from ssr_ros.engine.request import Code
from ssr_ros.replay.planning import Asking
from ssr_ros.replay.row_of import scored
from ssr_ros.replay.rows import AnswerRow

AGREEMENTS = ('unknown', 'agrees', 'contradicts')
"""The constants AGREEMENT_* of ssr_ros/msg/SpatialAnswer."""


def live_row(
    bag: str, asking: Asking, answer: Any, place: FramePlace | None, waited_ms: float
) -> AnswerRow:
    """Write down an answer of the node.

    Args:
        bag: name of the recording.
        asking: what was asked.
        answer: ssr_ros/msg/SpatialAnswer.
        place: the frame that it is about; None: none of the recording's.
        waited_ms: from asking to the answer.
    """
    is_refused = bool(answer.error_code)
    source = Source(answer.source).name.lower()
    measured = None if is_refused else measured_of(answer, source)
    text = answer.text if answer.trained else ''
    colors = {thing.name: thing.color for thing in answer.objects}
    stamp = answer.header.stamp
    stamp_ns = stamp.sec * 1_000_000_000 + stamp.nanosec
    timings = {each.name: each.ms for each in answer.timings}
    return AnswerRow(
        bag=bag,
        question_id=asking.question.id,
        question=asking.question.text,
        asked_ns=asking.asked_ns,
        frame=None if place is None else place.number,
        stamp_ns=stamp_ns if stamp_ns else None,
        frame_id=answer.header.frame_id,
        answer=answer.answer,
        source=source,
        value=_known(answer.value),
        sigma=_known(answer.sigma),
        unit=answer.unit,
        confidence=_known(answer.confidence),
        target_m=_point(answer.target.point),
        text=answer.text.removeprefix('[untrained weights] '),
        trained=answer.trained,
        rationale=answer.rationale.removeprefix('[untrained weights] '),
        model=answer.model,
        measured=measured,
        evidence=tuple(_evidence(each) for each in answer.evidence),
        agreement=AGREEMENTS[answer.agreement],
        agreement_reason=answer.agreement_reason,
        **scored(asking.question.expected, source, measured, text, colors),
        error_code=Code(answer.error_code).name,
        error=answer.error_msg,
        gravity_source=answer.gravity_source,
        objects=tuple(_object(each) for each in answer.objects),
        work={
            name: int(getattr(answer.work, name))
            for name in ('encoder_calls', 'mamba_tokens', 'vlm_tokens', 'generated_tokens')
        },
        timings_ms={**timings, 'waited': waited_ms} if timings else {'waited': waited_ms},
        age_ms=None if is_refused else float(answer.age_ms),
    )


def measured_of(answer: Any, source: str) -> dict[str, Any]:
    """Return what was measured as the fields of a MeasuredAnswer, as far as the message tells.

    It does not carry the kind and the choice: 'yes' and 'no' begin the text, and what was chosen
    stands before 'than'.
    """
    said = answer.measured_text
    first = said.partition(' ')[0].strip('.,:;').lower()
    value = float(answer.measured_value) if answer.has_measured_value else None
    kind = 'yes_no' if first in ('yes', 'no') else 'number'
    if kind == 'yes_no' and value is None:
        value = float(first == 'yes')
    return {
        'text': said if kind == 'yes_no' or value is not None else said.partition(' than ')[0],
        'answered': source in ('measured', 'grounded'),
        'kind': kind,
        'value': value,
        'sigma': _known(answer.measured_sigma),
        'unit': answer.measured_unit,
        'choice': '',
        'subjects': list(dict.fromkeys(name for e in answer.evidence for name in e.subjects)),
    }


def _evidence(each: Any) -> dict[str, Any]:
    return {
        'kind': each.kind,
        'subjects': list(each.subjects),
        'value': _known(each.value),
        'sigma': _known(each.sigma),
        'unit': each.unit,
        'frame': each.frame,
        'text': each.text,
    }


def _object(each: Any) -> dict[str, Any]:
    box = each.box
    return {
        'name': each.name,
        'box_px': [
            box.x_offset,
            box.y_offset,
            box.x_offset + box.width,
            box.y_offset + box.height,
        ],
        'distance_m': _known(each.distance_m),
        'sigma_m': _known(each.distance_sigma_m),
        'color': each.color,
        'label': each.label,
        'label_source': each.label_source,
    }


def _known(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _point(point: Any) -> tuple[float, float, float] | None:
    x, y, z = float(point.x), float(point.y), float(point.z)
    return (x, y, z) if math.isfinite(x + y + z) else None
