# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Everything measured about one frame, and what can be asked of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
import math
from typing import Any

from ssr_ros.scene.geometry.objects import SceneObject, ScenePlane
from ssr_ros.scene.geometry.survey import Survey
from ssr_ros.scene.grounded import Grounded
from ssr_ros.scene.naming import named
from ssr_ros.scene.questions import wording
from ssr_ros.scene.questions.answer import answer
from ssr_ros.scene.questions.checking import check
from ssr_ros.scene.questions.evidence import Check, MeasuredAnswer, Rationale
from ssr_ros.scene.questions.parsing import parse
from ssr_ros.scene.questions.query import Query, Refusal
from ssr_ros.scene.questions.rationale import rationale_of


@dataclass(frozen=True, eq=False)
class SceneFacts(Survey):
    """What the depth of one frame shows; see Survey for what it holds."""

    def answer(self, question: str) -> MeasuredAnswer:
        """Answer a question in plain English from geometry, or say that geometry cannot.

        Raises:
            QuestionError: it is no question in words; see clean_question.
        """
        return answer(self, self.query(question))

    def query(self, question: str) -> Query | Refusal:
        """Read a question, with the names that are known here.

        Raises:
            QuestionError: it is no question in words; see clean_question.
        """
        return parse(question, self.names.phrases if self.names else ())

    def named(self, regions: Sequence[Grounded]) -> SceneFacts:
        """Return the same facts with names: things are called what somebody calls them.

        A region means one of the objects, or the surface in it that stands off its support; what
        it means is then an object with a label. From here on a name that nobody knows is refused,
        whatever colour it is said to have.

        Args:
            regions: in pixels of this frame, the most trusted source first; all of them, those
                of earlier calls too.

        Raises:
            GroundingError: a region lies outside the image, or there are far too many.
        """
        objects, names = named(self, regions)
        return replace(self, objects=objects, names=names)

    def rationale(self, question: str | None = None) -> Rationale:
        """Say in words what was measured: everything, or what bears on a question.

        Raises:
            QuestionError: it is no question in words; see clean_question.
        """
        return rationale_of(self, None if question is None else self.answer(question))

    def check(self, question: str, model_text: str) -> Check:
        """Hold a model's answer against the measured one.

        Raises:
            QuestionError: it is no question in words; see clean_question.
        """
        return check(self, self.answer(question), model_text)

    def table(self) -> str:
        """Return the objects and planes as a text table."""
        head = ('name', 'distance', 'bearing', 'width', 'depth', 'height', 'depth known', 'note')
        rows = [head, *(_object_row(thing) for thing in self.objects)]
        rows += [_plane_row(plane) for plane in self.planes]
        widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
        lines = [
            '  '.join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip()
            for row in rows
        ]
        lines.insert(1, '-' * max(len(line) for line in lines))
        if not self.objects:
            lines.append('(no object stands off the surfaces, or none has enough depth)')
        return '\n'.join(lines)

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON. Lengths in metres, angles in degrees, camera frame."""
        return {
            'stamp_ns': self.frame.stamp_ns,
            'frame_id': self.frame.frame_id,
            'width': self.frame.width,
            'height': self.frame.height,
            'valid_ratio': round(self.valid_ratio, 4),
            'caveats': list(self.frame.caveats),
            'noise': self.noise.name,
            'gravity': {
                'down': [round(float(v), 5) for v in self.gravity.down],
                'source': self.gravity.source,
            },
            'objects': [_object_dict(thing) for thing in self.objects],
            'planes': [_plane_dict(plane) for plane in self.planes],
        }


def _object_row(thing: SceneObject) -> tuple[str, ...]:
    notes = ['leaves the image'] if thing.touches_edge else []
    margins = thing.margins
    return (
        thing.name,
        wording.length(thing.distance_m, margins.distance_m),
        wording.side(thing.bearing_deg),
        *(wording.length(v, s) for v, s in zip(thing.size_m, margins.size_m, strict=True)),
        f'{100 * thing.valid_ratio:.0f} %',
        ', '.join(notes),
    )


def _plane_row(plane: ScenePlane) -> tuple[str, ...]:
    note = ''
    if math.isfinite(plane.height_m):
        where = 'below' if plane.height_m < 0 else 'above'
        note = f'{wording.length(abs(plane.height_m), plane.sigma_m)} {where} the camera'
    return (plane.name, wording.length(plane.distance_m, plane.sigma_m), '', '', '', '', '', note)


def _object_dict(thing: SceneObject) -> dict[str, Any]:
    return {
        'name': thing.name,
        'box_px': list(thing.box_px),
        'center_m': _rounded(thing.center_m),
        'size_m': _rounded(thing.size_m),
        'distance_m': round(thing.distance_m, 4),
        'median_distance_m': round(thing.median_distance_m, 4),
        'depth_m': round(thing.depth_m, 4),
        'bearing_deg': round(thing.bearing_deg, 2),
        'color': thing.color,
        'label': thing.label,
        'label_source': thing.label_source,
        'label_score': None if math.isnan(thing.label_score) else round(thing.label_score, 4),
        'valid_ratio': round(thing.valid_ratio, 4),
        'touches_edge': thing.touches_edge,
        'pixels': thing.pixels,
        'margins': {
            'center_m': _rounded(thing.margins.center_m),
            'size_m': _rounded(thing.margins.size_m),
            'distance_m': round(thing.margins.distance_m, 5),
            'median_distance_m': round(thing.margins.median_distance_m, 5),
            'bearing_deg': round(thing.margins.bearing_deg, 3),
        },
    }


def _plane_dict(plane: ScenePlane) -> dict[str, Any]:
    return {
        'name': plane.name,
        'role': plane.role,
        'normal': _rounded(plane.normal),
        'offset_m': round(plane.offset_m, 4),
        'distance_m': round(plane.distance_m, 4),
        'height_m': round(plane.height_m, 4) if math.isfinite(plane.height_m) else None,
        'box_px': list(plane.box_px),
        'pixels': int(plane.mask.sum()),
    }


def _rounded(values: Any) -> list[float]:
    return [round(float(value), 5) for value in values]
