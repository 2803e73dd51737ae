# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Whether a text is made of sentences, whatever they say: a small model may have lost its words.

Judged by form alone: 'The mug is 9 m away.' is well formed where the mug is near, and 'is closer.0
m.. m m is is' is not. A text that is mostly not so made says nothing, and is not shown.
"""

from __future__ import annotations

import re

from ssr_ros.evaluation.conclusions import sentences

MOSTLY = 2 / 3
"""A text of which fewer of its different sentences are well formed is babble."""

_BEGINS = re.compile(r'[^\w]*[A-Z0-9]|[-*•] ')
_ENDS = re.compile(r'[.!?:]["\')\]*]*$')
_BROKEN = re.compile(
    r'[A-Za-z]\.\d'  # a number that has lost its head: 'closer.0 m'
    r'|\.\.(?!\.)(?<!\.\.\.)'  # a full stop too many, and no ellipsis
    r'|[a-z]{2}[A-Z][a-z]+ '  # 'leftThe '
    r'|\b(?!cm[23]|m[23])[A-Za-z]{2,}\d(?!\w*-)'  # 'is7', but cm2
    r'|\d[.,]?[a-z]{4}'  # '7left'
    r'|\d c?m \d'  # '9 cm 13 cm'
    r'|\b(?i:([a-z]+) \1)\b(?<!that that)(?<!had had)'  # 'is is'
    r'|\b(?i:an?|the|and|or|than|of) ?[.!?]$'  # ends before it says what
    r'|\b(?:[Tt]he|a|an) (?:in|on|at|of|to|from|than|is|are|lies?|has|and|or)\b'  # of what?
    r'|\d [b-fijkp-rtuyz]\b'  # '3.8 d', and no unit
    r'|^\W*\d[\d.,]*[ °]*(?:cm|m)?(?: away| wide| deep| high)?[.!?]$'  # an amount, and of nothing
)


def is_well_formed(sentence: str) -> bool:
    """Whether a sentence begins and ends as one, and none of its words has run into another."""
    found = sentence.strip()
    return bool(
        _BEGINS.match(found) and _ENDS.search(found) and not _BROKEN.search(found)
    ) and any(map(str.isalpha, found))


def well_formed(text: str) -> tuple[int, int]:
    """Count the different sentences of a text that are well formed, and all of them.

    A last one that was cut off where the text had to end is not counted beside others.
    """
    found = [each for each in dict.fromkeys(sentences(text)) if any(map(str.isalpha, each))]
    if len(found) > 1 and not _ENDS.search(found[-1].strip()):
        found.pop()
    return sum(map(is_well_formed, found)), len(found)


def whole_sentences(text: str) -> tuple[str, int]:
    """Return a text without sentences that have come apart or were cut, and how many these are.

    A text of which nothing has is returned but for its line breaks; numbers alone stay.
    """
    found = [(each, any(map(str.isalpha, each))) for each in sentences(text)]
    broken = [each for each, says in found if says and not is_well_formed(each)]
    kept = [each.strip() for each, _ in found if each not in broken]
    return ' '.join(kept), len(broken)


def babbles(text: str) -> bool:
    """Whether a text has come apart; an empty one has not."""
    good, all_of_them = well_formed(text)
    return good < MOSTLY * all_of_them
