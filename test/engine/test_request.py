# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

import pytest

from ssr_ros.engine.request import Code, refusal, Refused
from ssr_ros.errors import (
    CheckpointError,
    DeviceError,
    EncodingError,
    FrameError,
    QuestionError,
)


@pytest.mark.parametrize(
    ('error', 'code'),
    [
        (QuestionError('q'), Code.BAD_QUESTION),
        (EncodingError('e'), Code.BAD_ENCODING),
        (FrameError('f'), Code.BAD_FRAME),
        (DeviceError('d'), Code.OUT_OF_MEMORY),
        (CheckpointError('c'), Code.MODEL_FAILED),
        (Refused(Code.BUSY, 'b'), Code.BUSY),
    ],
)
def test_each_error_has_its_code_and_keeps_its_words(error, code):
    assert refusal(error) == (code, str(error))


def test_an_error_that_nobody_foresaw_is_internal_and_named():
    code, text = refusal(KeyError('lost'))
    assert code == Code.INTERNAL and 'KeyError' in text and 'log' in text


def test_foreign_text_in_an_error_is_cut():
    """An encoding of a megabyte came back in every reply, and in /diagnostics once a second."""
    _, text = refusal(EncodingError('x' * 1_000_000))
    assert len(text) < 2100 and text.endswith('(1000000 characters)')


def test_the_codes_are_those_of_the_message():
    message = pytest.importorskip('ssr_ros.msg', reason='needs the generated interfaces')
    constants = {code.name: getattr(message.ErrorCode, code.name) for code in Code}
    assert constants == {code.name: int(code) for code in Code}
    others = [n for n in dir(message.ErrorCode) if n.isupper() and not n.startswith('_')]
    assert set(others) - {'SLOT_TYPES'} <= set(constants)
