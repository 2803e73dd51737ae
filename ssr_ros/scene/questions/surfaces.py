# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""From the names of surfaces to the planes that they mean, or to why that cannot be told."""

from __future__ import annotations

from ssr_ros.scene.geometry.objects import ScenePlane
from ssr_ros.scene.geometry.survey import Survey
from ssr_ros.scene.questions import standing, wording
from ssr_ros.scene.questions.cannot_tell import CannotTell, require_down
from ssr_ros.scene.questions.phrases import Phrase
from ssr_ros.scene.questions.vocabulary import ANY_SURFACE, PLANE_NOUNS


def level_planes(survey: Survey) -> list[ScenePlane]:
    """Floor, tables and shelves, the lowest first."""
    level = [plane for plane in survey.planes if plane.role in standing.LEVEL_ROLES]
    return sorted(level, key=lambda plane: plane.height_m)


def planes_called(survey: Survey, noun: str) -> list[ScenePlane]:
    """The planes that a noun can mean: the lowest is the floor, and those over it are tables.

    One alone may be either, unless it is called a table and is too wide for one, or carries what
    is too tall.
    """
    kind, level = PLANE_NOUNS[noun], level_planes(survey)
    if kind == 'floor':
        return level[:1]
    if kind == 'table':
        may_be_floor = noun in ANY_SURFACE
        one = [p for p in level[:1] if may_be_floor or not standing.why_no_table(survey, p)]
        return level[1:] or one
    return [plane for plane in survey.planes if plane.role == kind]


def plane(survey: Survey, phrase: Phrase) -> ScenePlane:
    """The plane that a phrase means.

    Raises:
        CannotTell: there is none, or there are several.
    """
    kind, found = PLANE_NOUNS[phrase.noun], planes_called(survey, phrase.noun)
    if phrase.number is not None:
        found = [plane for plane in found if plane.name.endswith(f' {phrase.number}')]
    if not found:
        raise _no_plane(survey, phrase.noun)
    if phrase.pick == 'farthest':
        return max(found, key=lambda plane: plane.distance_m)
    if kind == 'wall' or phrase.pick == 'nearest':
        return min(found, key=lambda plane: plane.distance_m)
    if len(found) > 1:
        names = wording.listing([f'{plane.name} ({_height(plane)})' for plane in found])
        raise CannotTell(f'There are several raised surfaces: {names}. Say which one is meant')
    return found[0]


def _no_plane(survey: Survey, noun: str) -> CannotTell:
    """Why no plane is what a noun says.

    Raises:
        CannotTell: because nothing tells where down is.
    """
    kind, level = PLANE_NOUNS[noun], level_planes(survey)
    if kind == 'table' and level:
        why = standing.why_no_table(survey, level[0])
        return CannotTell(f'The depth shows no {noun}: {wording.the(level[0].name)} {why}')
    if kind in ('floor', 'table'):
        require_down(survey)
    return CannotTell(f'The depth shows no {noun}')


def _height(surface: ScenePlane) -> str:
    return f'{wording.length(abs(surface.height_m))} {wording.over(surface.height_m)} the camera'
