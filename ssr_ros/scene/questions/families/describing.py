# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The whole view in words."""

from __future__ import annotations

import re

from ssr_ros.scene.questions.asked import Asked
from ssr_ros.scene.questions.evidence import MeasuredAnswer
from ssr_ros.scene.questions.query import Query
from ssr_ros.scene.questions.rationale import overview
from ssr_ros.scene.questions.reader import reads

_ALL = (
    '(?:in |around |of )?(?:everything|all|it all|what (?:you see|is (?:here|there))|here|'
    '(?:the |this |your |my )?(?:whole |entire |current )?'
    '(?:scene|image|picture|photo|view|frame|room|surroundings?|environment|situation|workspace))'
)


@reads(
    rf'^(?:describe|summari[sz]e|explain)(?: (?:to me )?{_ALL})?$',
    f'^what (?:objects |things )?(?:do|can) you (?:see|measure)(?: {_ALL})?$',
    f'^what (?:is|are) (?:there|visible|in {_ALL})(?: (?:to see|visible))?(?: {_ALL})?$',
    '^what does the (?:scene|camera|depth)(?: image)? (?:show|see|tell|look like|contain)',
    f'^(?:an? |the )?(?:overview|summary|description)(?: {_ALL})?$',
)
def read_describe(match: re.Match[str]) -> Query | None:
    """Describe the scene."""
    return Query(kind='describe')


def describe_all(asked: Asked) -> MeasuredAnswer:
    """Say everything that was measured."""
    evidence = overview(asked.survey)
    return asked.text(' '.join(item.text for item in evidence), evidence, ())
