# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Why there is no answer; this leaves the room as a sentence only."""

from __future__ import annotations

from collections.abc import Sequence

from ssr_ros.scene.geometry.objects import SceneObject
from ssr_ros.scene.geometry.survey import Survey
from ssr_ros.scene.questions import relations
from ssr_ros.scene.questions.evidence import Evidence
from ssr_ros.scene.questions.vocabulary import Aspect


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


def require_whole(
    survey: Survey, thing: SceneObject, aspect: Aspect, what: str = 'size', seen: str = ''
) -> None:
    """Refuse to go by a size that is only a least value.

    Args:
        survey: of the frame.
        thing: whose size it is.
        aspect: which of its sizes.
        what: what that is called.
        seen: what can be told all the same.

    Raises:
        CannotTell: not all of it is seen, and why.
    """
    if not relations.is_least(survey, thing, aspect):
        return
    name = survey.label(thing)
    part = 'the foot' if aspect == 'height' else 'a side'
    hidden = f'something nearer hides {part} of {name}'
    why = f'{name} leaves the image' if thing.touches_edge else hidden
    raise CannotTell(f'I cannot tell: {why}, so its {what} is only a least value{seen}')
