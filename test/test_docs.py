# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What the guides promise is tried on the recording that ships."""

from __future__ import annotations

from pathlib import Path
import re

import pytest

pytest.importorskip('cv2', reason='measuring needs the extra scene')
pytest.importorskip('rosbags', reason='reading the recording needs the extra bags')

from ssr_ros.bags.read import open_bag
from ssr_ros.scene import measure

ROOT = Path(__file__).resolve().parent.parent
GUIDES = (ROOT / 'README.md', *sorted((ROOT / 'docs').glob('*.md')))
QUOTED = re.compile(r'["\']([A-Z][^"\'\n]+\?)["\']')


@pytest.fixture(scope='module')
def facts():
    with open_bag(ROOT / 'ssr_ros' / 'demo' / 'bag') as bag:
        return measure(next(iter(bag.frames())))


@pytest.mark.parametrize(
    'question', sorted({q for path in GUIDES for q in QUOTED.findall(path.read_text('utf-8'))})
)
def test_every_question_in_the_guides_is_answered(facts, question):
    answer = facts.answer(question)
    assert answer.answered, answer.text


def test_every_file_that_the_guides_link_to_is_there():
    for path in GUIDES:
        for link in re.findall(r'\]\((?!https?:)([^)#]+)\)', path.read_text('utf-8')):
            assert (path.parent / link).exists(), f'{path.name}: {link}'
