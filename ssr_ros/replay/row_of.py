# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""From what the engine replied to a row of ``answers.jsonl``, with its score."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
import math
from typing import Any

from ssr_ros.engine.answering import Answered
from ssr_ros.engine.detections3d import things_3d
from ssr_ros.engine.request import Code, refusal
from ssr_ros.engine.transforms import RigidTransform
from ssr_ros.errors import SsrError
from ssr_ros.replay.planning import Asking
from ssr_ros.replay.questions import Expected
from ssr_ros.replay.rows import AnswerRow, Verdict
from ssr_ros.replay.scores import score_measured, score_text, Scored
from ssr_ros.scene import SceneFacts


def answered_row(bag: str, asking: Asking, reply: Answered, picture: str) -> AnswerRow:
    """Write down an answer.

    Args:
        bag: name of the recording.
        asking: what was asked.
        reply: what came back.
        picture: name of the frame's pictures, or ''.
    """
    one, answer = reply.one, reply.answer
    measured: dict[str, Any] = reply.measured.as_dict()
    evidence = tuple(measured.pop('evidence'))
    source = one.source.name.lower()
    text = answer.text if answer.trained else ''
    colors = {thing.name: thing.color for thing in reply.facts.objects}
    return AnswerRow(
        **_asked(bag, asking),
        stamp_ns=None if asking.place is None else asking.place.stamp_ns,
        frame_id=reply.transform.frame_id,
        answer=one.text,
        source=source,
        value=_known(one.value),
        sigma=_known(one.sigma),
        unit=one.unit,
        confidence=_known(one.confidence),
        target_m=_point(reply.transform.point(one.target_m)),
        text=answer.text,
        trained=answer.trained,
        rationale=answer.rationale,
        model=reply.model,
        measured=measured,
        evidence=evidence,
        agreement='unknown' if reply.agreement is None else reply.agreement.agreement.value,
        agreement_reason='' if reply.agreement is None else reply.agreement.reason,
        **scored(asking.question.expected, source, measured, text, colors),
        gravity_source=reply.gravity_source,
        caveats=tuple(reply.facts.frame.caveats),
        objects=tuple(objects_of(reply.facts, reply.transform)),
        picture=picture,
        work={name: int(count) for name, count in vars(reply.work).items()},
        timings_ms=dict(reply.timings_ms),
    )


def refused_row(bag: str, asking: Asking, error: SsrError, picture: str = '') -> AnswerRow:
    """Write down that there is no answer, and why."""
    code, text = refusal(error)
    return AnswerRow(
        **_asked(bag, asking),
        stamp_ns=None if asking.place is None else asking.place.stamp_ns,
        answer=text,
        error_code=code.name,
        error=text,
        picture=picture,
        **scored(asking.question.expected, 'none', None, ''),
    )


def unplaced_row(bag: str, asking: Asking) -> AnswerRow:
    """Write down that there is no frame to ask about."""
    return AnswerRow(
        **_asked(bag, asking),
        answer=asking.why_none,
        error_code=Code.NO_FRAME.name,
        error=asking.why_none,
        **scored(asking.question.expected, 'none', None, ''),
    )


def scored(
    expected: Expected | None,
    source: str,
    measured: dict[str, Any] | None,
    text: str,
    colors: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return the fields of a row that say what an answer is worth.

    Args:
        expected: the right answer, or None where nobody knows.
        source: where the one answer is from.
        measured: what the depth says.
        text: what the model says; '' without one.
        colors: name of a thing -> its colour.
    """
    if expected is None:
        return {'expected': None}
    by_depth = score_measured(expected, measured, colors)
    by_model = score_text(expected, text) if text else None
    nobody = Scored('right' if expected.kind == 'unknown' else 'refused')
    one = {'measured': by_depth, 'grounded': by_depth, 'model': by_model}.get(source) or nobody
    verdicts: dict[str, Verdict] = {'answer': one.verdict, 'measured': by_depth.verdict}
    if by_model is not None:
        verdicts['model'] = by_model.verdict
    return {'expected': expected.as_dict(), 'scores': verdicts, 'error_off': one.off}


def objects_of(facts: SceneFacts, transform: RigidTransform) -> list[dict[str, Any]]:
    """Return what a picture shows of every object, and where it is in another frame."""
    in_3d = things_3d(facts, transform)
    return [
        {
            'name': thing.name,
            'box_px': [int(edge) for edge in thing.box_px],
            'distance_m': round(float(thing.distance_m), 4),
            'sigma_m': round(float(thing.margins.distance_m), 5),
            'color': thing.color,
            'label': thing.label,
            'label_source': thing.label_source,
            'in_3d': {
                name: value if name == 'names' else [float(f'{x:.6g}') for x in value]
                for name, value in asdict(where).items()
            },
        }
        for thing, where in zip(facts.objects, in_3d, strict=True)
    ]


def _asked(bag: str, asking: Asking) -> dict[str, Any]:
    return {
        'bag': bag,
        'question_id': asking.question.id,
        'question': asking.question.text,
        'asked_ns': asking.asked_ns,
        'frame': None if asking.place is None else asking.place.number,
    }


def _known(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _point(point_m: Any) -> tuple[float, float, float] | None:
    x, y, z = (float(value) for value in point_m)
    return (x, y, z) if math.isfinite(x + y + z) else None
