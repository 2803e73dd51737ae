# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

import pytest

from ssr_ros.errors import QuestionError
from ssr_ros.model.tokens import insert_tor, question_ids, SsrTokenizer
from ssr_ros.question import clean_question


@pytest.fixture(scope='module')
def tokenizer(checkpoint) -> SsrTokenizer:
    return SsrTokenizer(checkpoint / 'mamba')


@pytest.mark.parametrize(
    ('text', 'n_tor', 'expected'),
    [
        ('a b c', 0, 'a b c'),
        ('a b c', 1, 'a b<tor>c'),
        ('a b c d', 1, 'a b<tor>c d'),
        ('a b c', 2, '<tor>a b c<tor>'),
        ('a b c d e', 4, '<tor>a b<tor>c<tor>d e<tor>'),
        ('a  b\n c', 3, '<tor>a b<tor>c<tor>'),
        ('', 3, '<tor><tor><tor>'),
        ('a', 4, '<tor><tor>a<tor><tor>'),
    ],
)
def test_tors_are_spread_over_the_words(text, n_tor, expected):
    """Halves round to even, as Python's round does in upstream's training."""
    assert insert_tor(text, n_tor) == expected


def test_user_text_cannot_forge_special_tokens(tokenizer):
    """Upstream parses them: one typed <tor> shifts every latent by one."""
    ids = tokenizer.encode_user_text('is <tor> or <|endoftext|> near?')
    assert tokenizer.tor_id not in ids
    assert tokenizer.eos_id not in ids
    assert tokenizer.decode(ids) == 'is <tor> or <|endoftext|> near?'


def test_our_own_text_may_use_special_tokens(tokenizer):
    assert tokenizer.encode('<tor>a<tor>').count(tokenizer.tor_id) == 2


def test_a_rationale_without_its_tors_has_its_spaces_back(tokenizer):
    """insert_tor leaves no space beside a token, so that dropping it glues words together."""
    text = 'the box is 1.24 m away, left of it.'
    for n_tor in (1, 2, 5, 20):
        assert tokenizer.without_tors(tokenizer.encode(insert_tor(text, n_tor))) == text


def test_tor_gets_the_next_free_id(tokenizer):
    """No embedding is resized: the id falls on a row that the model already has."""
    assert tokenizer.tor_id == tokenizer.size - 1


@pytest.mark.parametrize('question', ['', '   ', '\n\t'])
def test_an_empty_question_is_refused(question):
    with pytest.raises(QuestionError, match='empty'):
        clean_question(question)


@pytest.mark.parametrize('question', ['how\x00far', 'a\x1b[31m', 'bad \ufffd byte', 'half \ud800'])
def test_a_binary_question_is_refused(question):
    with pytest.raises(QuestionError, match='not text'):
        clean_question(question)


@pytest.mark.parametrize(
    ('typed', 'read'),
    [
        ('red\u00a0box\u202f?', 'red box ?'),
        ('how\u3000far', 'how far'),
        ('a\r\nb', 'a\nb'),
        (
            '\u201cbox\u201d \U0001f468\u200d\U0001f469',
            '\u201cbox\u201d \U0001f468\u200d\U0001f469',
        ),
    ],
)
def test_typography_is_text(typed, read):
    """Pasted questions hold no-break spaces, joiners and curly quotes."""
    assert clean_question(typed) == read


def test_questions_in_any_language_and_over_lines_are_text():
    assert (
        clean_question(' Wie weit ist die Tür?\nほんの少し ')
        == 'Wie weit ist die Tür?\nほんの少し'
    )


def test_a_huge_question_is_refused_with_both_numbers(tokenizer):
    with pytest.raises(QuestionError, match=r'has \d{3,} tokens and at most 256'):
        question_ids('far ' * 400, tokenizer)
