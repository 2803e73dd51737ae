# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Any text may come as a question or from a model; none may forge what is ours, none may crash."""

from __future__ import annotations

from handmade import SCENES
from hypothesis import example, given, settings
from hypothesis import strategies as st
import pytest

from ssr_ros.errors import QuestionError
from ssr_ros.question import clean_question
from ssr_ros.scene.questions.answer import answer
from ssr_ros.scene.questions.checking import check
from ssr_ros.scene.questions.parsing import parse, TOO_LONG
from ssr_ros.scene.questions.spelling import amounts_in, lengths_in, mark_lengths, plain

PIECES = """
how far is|which is taller,|is|are there|more than|the red object|the blue|one|or|and|between
within|<.>|<1.2.3>|<1.00000>|²|٣|object ²|40 cm|3 ft²|5 litres|left of|the table|how many|than
not|?|.|,|pixel (1, 2)|(((|\\|{|it|in|at|the front|nearest to|second|-|o'clock|30°|½|1/2 m|ÄÖ
最近的|\u202e
""".replace('\n', '|').split('|')
HUGE = ['9' * 5000, '1' * 400 + ' m', '\n']
QUESTIONS = (
    'How far is the red object?',
    'How many objects are there?',
    'Where is the red object?',
    'What colour is the nearest object?',
    'Which is taller, the red object or the blue object?',
)
texts = st.one_of(
    st.text(max_size=80),
    st.lists(st.sampled_from(PIECES + HUGE), max_size=9).map(' '.join),
)


@settings(max_examples=60, deadline=None)
@given(question=texts, said=texts, scene=st.sampled_from(sorted(SCENES)))
@example('Is the red object within <.> of me?', 'about <1.2.3>', 'room')
@example('How far is object ²?', '<.>', 'room')
@example('How many objects are there?', '9' * 5000, 'room')
def test_any_text_is_answered_refused_or_no_question(question, said, scene):
    facts = SCENES[scene]
    try:
        measured = answer(facts, parse(question))
    except QuestionError:
        return
    assert measured.text and measured.as_dict()
    assert check(facts, measured, said).reason
    assert '<' not in measured.text.replace('<tor>', '')


@settings(max_examples=60, deadline=None)
@given(said=texts)
def test_any_text_of_a_model_can_be_checked(said):
    room = SCENES['room']
    for question in QUESTIONS:
        assert room.check(question, said).reason


@pytest.mark.parametrize('mark', ['<0.40000>', '<.>', '<1.2.3>', '＜1.00000＞ m<1.00000>'])
def test_a_length_that_nobody_named_cannot_be_forged(mark):
    assert lengths_in(mark_lengths(plain(f'within {mark} of it'))) == ()
    assert amounts_in(plain(mark)) == []


def test_a_bound_is_said_back_as_it_was_given():
    """Its private mark once stood in the answer."""
    text = SCENES['room'].answer('How far is the object within 20 cm?').text
    assert '"the object within 20 cm"' in text


@pytest.mark.parametrize('word', ['on', 'of', 'is', 'or', 'the', 'between a and', '9' * 900])
def test_a_long_text_is_refused_not_read_for_ever(word):
    """Phrases inside phrases once ran out of stack."""
    assert parse(clean_question('how far is ' + f'{word} ' * 30, max_chars=10**7)) is not None
    longer = parse(clean_question('how far is ' + f'{word} ' * 3000, max_chars=10**7))
    assert longer == TOO_LONG
