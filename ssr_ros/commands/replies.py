# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What a node answers, as it is shown in a terminal."""

from __future__ import annotations

from typing import Any

from ssr_ros.commands import show


def shown(reply: Any, waited_ms: float) -> show.ShownAnswer:
    """Read an ssr_ros/msg/SpatialAnswer.

    Args:
        reply: one that holds an answer.
        waited_ms: from asking to answer, milliseconds.
    """
    agreements = {reply.AGREEMENT_AGREES: 'agrees', reply.AGREEMENT_CONTRADICTS: 'contradicts'}
    has_value = reply.has_measured_value
    return show.ShownAnswer(
        question=reply.question,
        answer=reply.answer,
        source=('none', 'measured', 'grounded', 'model')[reply.source],
        told=reply.told_facts,
        text=reply.text.removeprefix(f'[{show.UNTRAINED}] '),
        trained=reply.trained,
        rationale=reply.rationale.removeprefix(f'[{show.UNTRAINED}] '),
        measured=reply.measured_text,
        evidence=tuple(fact.text for fact in reply.evidence),
        value=reply.measured_value if has_value else None,
        sigma=reply.measured_sigma if has_value else None,
        unit=reply.measured_unit,
        agreement=agreements.get(reply.agreement, 'unknown'),
        reason=reply.agreement_reason,
        stamp_ns=reply.header.stamp.sec * 1_000_000_000 + reply.header.stamp.nanosec,
        frame_id=reply.header.frame_id,
        work={name: getattr(reply.work, name) for name in reply.work.get_fields_and_field_types()},
        timings_ms={timing.name: timing.ms for timing in reply.timings},
        waited_ms=waited_ms,
    )
