# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Why there is no answer; this leaves the room as a sentence only."""

from __future__ import annotations

from collections.abc import Sequence

from ssr_ros.scene.geometry.survey import Survey
from ssr_ros.scene.questions.evidence import Evidence


class CannotTell(Exception):
    """A question that geometry does not answer; the text says why. Never leaves this room."""

    def __init__(self, reason: str, evidence: Sequence[Evidence] = ()) -> None:
        super().__init__(reason)
        self.evidence = tuple(evidence)


NO_DOWN = (
    'I see no floor or table for sure: nothing tells where down is, and a surface may be a wall. '
    'Give gravity: the tilt of the camera, an IMU or tf'
)


def require_down(survey: Survey) -> None:
    """See that something tells where down is, if there are planes that could be level.

    Raises:
        CannotTell: nothing does.
    """
    if survey.planes and not survey.gravity.known:
        raise CannotTell(NO_DOWN)
