# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Fields of a picture, named as on a chessboard: a to g from the left, 1 to 7 from the top.

Two short words for where something is: a small model says 'c5' long before it can say a box. Here
are also the words in which one is asked, and taught, where a thing is.
"""

from __future__ import annotations

from ssr_ros.scene.grounded import Box

COLUMNS = 'abcdefg'
FIELDS = len(COLUMNS)
"""So many across, and as many down."""

ALL = tuple(f'{column}{row + 1}' for row in range(FIELDS) for column in COLUMNS)
"""Every field, row by row."""

NOWHERE = 'No.'
"""Begins as the answer to "Is there a brown mug?" does, as ``answer_in`` begins: a model that says
whether a thing is there says where it is with the same words. What begins an answer must be a word
that its VLM has learned to say: an adapter cannot teach it one that it never said."""


def field_place(across: float, down: float) -> tuple[int, int]:
    """Return (row, column) of the field of a place, in shares of the picture's sides (0..1)."""
    column, row = (min(max(int(FIELDS * share), 0), FIELDS - 1) for share in (across, down))
    return row, column


def field_of(box: Box) -> str:
    """Return the field in which the middle of a box lies, (x0, y0, x1, y1) in shares."""
    x0, y0, x1, y1 = box
    row, column = field_place((x0 + x1) / 2, (y0 + y1) / 2)
    return f'{COLUMNS[column]}{row + 1}'


def question_for(name: str) -> str:
    """Return the question."""
    return f'Where is the {name}?'


def question_whether(name: str) -> str:
    """Return the question whether there is one at all."""
    return f'Is there {"an" if name[0] in "aeiou" else "a"} {name}?'


def answer_in(field: str) -> str:
    """Return the answer that names a field."""
    return f'Yes, in {field}.'


def began_to_say(name: str) -> str:
    """Return how a rationale begins to say where a thing is; ' c5' follows."""
    return f'The {name} in'
