# Copyright 2026 The ssr_ros authors
#
# Licensed under the Apache License, Version 2.0 (the "License");
# you may not use this file except in compliance with the License.
# You may obtain a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS,
# WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
# See the License for the specific language governing permissions and
# limitations under the License.

"""Answers to questions in plain English, from measured facts only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssr_ros.errors import QuestionError
from ssr_ros.scene import wording
from ssr_ros.scene.evidence import MeasuredAnswer
from ssr_ros.scene.rationale import describe, overview

if TYPE_CHECKING:
    from ssr_ros.scene.facts import SceneFacts

MOST_CHARACTERS = 1000


def answer(facts: SceneFacts, question: str) -> MeasuredAnswer:
    """Answer a question, or say that geometry cannot.

    Raises:
        QuestionError: the question is empty or far too long.
    """
    text = question.strip().lower()
    if not text:
        raise QuestionError('the question is empty: ask something, for example "What is nearest?"')
    if len(text) > MOST_CHARACTERS:
        raise QuestionError(
            f'the question has {len(text)} characters; at most {MOST_CHARACTERS} are read'
        )
    things = [o for o in facts.objects if o.color in text] or list(facts.objects)
    if 'how many' in text:
        number = len(things)
        return MeasuredAnswer(
            wording.sentence(f'there are {wording.count(number, "object")}'),
            True, tuple(overview(facts)), 'count', float(number), 0.0, '',
        )  # fmt: skip
    if things and ('how far' in text or 'nearest' in text or 'closest' in text):
        thing = things[0]
        far = wording.length(thing.distance_m, thing.margins.distance_m)
        return MeasuredAnswer(
            f'The {thing.name} is {far} away.', True, (describe(thing),), 'number',
            thing.distance_m, thing.margins.distance_m, 'm', '', (thing.name,),
        )  # fmt: skip
    if 'describe' in text or 'what do you see' in text:
        evidence = tuple(overview(facts))
        return MeasuredAnswer(' '.join(item.text for item in evidence), True, evidence)
    return MeasuredAnswer('I cannot answer this from geometry.', False)
