# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Why there is no answer: error_code and error_msg of every reply.

The numbers are those of ``ssr_ros/msg/ErrorCode``; they stand here too so that this room's core
can be used and tested without the generated messages. A test keeps the two equal.
"""

from __future__ import annotations

from enum import IntEnum

from ssr_ros.errors import (
    DeviceError,
    EncodingError,
    FrameError,
    NoDepthError,
    QuestionError,
    SsrError,
)


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
    (DeviceError, Code.OUT_OF_MEMORY),
    (SsrError, Code.MODEL_FAILED),
)


def refusal(error: BaseException) -> tuple[Code, str]:
    """Return error_code and error_msg for whatever a question ended with."""
    if isinstance(error, Refused):
        return error.code, str(error)
    for kind, code in CODES:
        if isinstance(error, kind):
            return code, str(error)
    return Code.INTERNAL, (
        f'the node failed at this question ({type(error).__name__}: {error}); its log holds the '
        'traceback, and further questions are answered'
    )
