# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What is asked, and why there is no answer: a request, its check, error_code and error_msg.

The numbers are those of ``ssr_ros/msg/ErrorCode``; they stand here too so that this room can be
used and tested without the generated messages. A test keeps the two equal.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum
import math

from ssr_ros.engine.settings import MOST_NEW_TOKENS, Settings
from ssr_ros.errors import (
    DeviceError,
    EncodingError,
    FrameError,
    GroundingError,
    NoDepthError,
    QuestionError,
    SsrError,
)
from ssr_ros.grounding import Grounded
from ssr_ros.question import clean_question

Box = tuple[int, int, int, int]


class Code(IntEnum):
    """The constants of ssr_ros/msg/ErrorCode."""

    NONE = 0
    NOT_ACTIVE = 1
    BAD_QUESTION = 2
    BAD_REQUEST = 3
    BUSY = 4
    CANCELLED = 5
    NO_FRAME = 10
    FRAME_TOO_OLD = 11
    NO_CAMERA_INFO = 12
    BAD_FRAME = 13
    BAD_ENCODING = 14
    NO_DEPTH = 15
    NO_TRANSFORM = 16
    NOT_KEPT = 17
    MODEL_FAILED = 20
    OUT_OF_MEMORY = 21
    INTERNAL = 99


class Refused(SsrError):
    """The node has no answer, for a reason of its own.

    Attributes:
        code: what kind of reason.
    """

    def __init__(self, code: Code, text: str) -> None:
        self.code = code
        super().__init__(text)


# The first class that fits decides: an EncodingError is a FrameError too.
CODES = (
    (QuestionError, Code.BAD_QUESTION),
    (EncodingError, Code.BAD_ENCODING),
    (NoDepthError, Code.NO_DEPTH),
    (FrameError, Code.BAD_FRAME),
    (GroundingError, Code.BAD_REQUEST),
    (DeviceError, Code.OUT_OF_MEMORY),
    (SsrError, Code.MODEL_FAILED),
)


MOST_TEXT = 2000
"""Longest error_msg in characters: foreign text in it comes back in every reply."""


def refusal(error: BaseException) -> tuple[Code, str]:
    """Return error_code and error_msg for whatever a question ended with."""
    text = str(error)
    if len(text) > MOST_TEXT:
        text = f'{text[:MOST_TEXT]} ... ({len(text)} characters)'
    if isinstance(error, Refused):
        return error.code, text
    for kind, code in CODES:
        if isinstance(error, kind):
            return code, text
    return Code.INTERNAL, (
        f'the node failed at this question ({type(error).__name__}: {text}); its log holds the '
        'traceback, and further questions are answered'
    )


@dataclass(frozen=True)
class Request:
    """What is asked of the node. Zeros stand for its own settings, as in the interfaces.

    Attributes:
        question: plain English; may be empty for a measurement.
        with_rationale: write the rationale out too.
        max_age_ms: oldest frame to answer about, milliseconds.
        max_new_tokens: longest answer.
        region_px: (x, y, width, height) to measure on top; width and height 0: none.
        regions: what somebody points at in the image, to be asked for by name.
        camera: which one; '' is the only one there is.
        stamp_ns: stamp of the image that is meant, nanoseconds; 0 is the newest.
        ago_s: the same as time before ``came``, in seconds; 0 is the newest.
        came: the node's clock (nanoseconds) and the monotonic one (seconds) when it was asked;
            None is now.
    """

    question: str
    with_rationale: bool = False
    max_age_ms: float = 0.0
    max_new_tokens: int = 0
    region_px: Box = (0, 0, 0, 0)
    regions: tuple[Grounded, ...] = ()
    camera: str = ''
    stamp_ns: int = 0
    ago_s: float = 0.0
    came: tuple[int, float] | None = None

    @property
    def is_past(self) -> bool:
        """Whether another image than the newest is meant."""
        return bool(self.stamp_ns or self.ago_s)


def checked(request: Request, settings: Settings, needs_question: bool = True) -> Request:
    """Refuse what cannot be asked, before it waits in a queue; return it with a clean question.

    Raises:
        QuestionError: the question is empty, too long or not text.
        Refused: BAD_REQUEST, another field is outside its range.
    """
    if request.max_new_tokens > MOST_NEW_TOKENS:
        raise Refused(
            Code.BAD_REQUEST,
            f'max_new_tokens is {request.max_new_tokens}; at most {MOST_NEW_TOKENS} are written',
        )
    if not (math.isfinite(request.max_age_ms) and request.max_age_ms >= 0):
        raise Refused(
            Code.BAD_REQUEST,
            f'max_age_ms must be a number of milliseconds, 0 or more, got {request.max_age_ms}',
        )
    _check_time(request)
    if not (needs_question or request.question):
        return request
    question = clean_question(request.question, max_chars=settings.question.max_chars)
    return replace(request, question=question)


def _check_time(request: Request) -> None:
    if not (math.isfinite(request.ago_s) and request.ago_s >= 0):
        raise Refused(
            Code.BAD_REQUEST,
            f'ago_s must be a number of seconds before now, 0 or more, got {request.ago_s}',
        )
    if request.stamp_ns < 0:
        raise Refused(Code.BAD_REQUEST, f'stamp must not be negative, got {request.stamp_ns} ns')
    if request.stamp_ns and request.ago_s:
        raise Refused(Code.BAD_REQUEST, 'give stamp or ago_s, not both: they say the same')
    if request.is_past and request.max_age_ms:
        raise Refused(
            Code.BAD_REQUEST,
            'max_age_ms is about the newest image: leave it 0 beside stamp or ago_s',
        )
