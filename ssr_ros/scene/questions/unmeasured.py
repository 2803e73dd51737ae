# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What is asked about things and not measured, and what can be asked in its place."""

from __future__ import annotations

from ssr_ros.scene.questions.patterns import wordings

_INSTEAD = wordings(
    (
        r'\b(?:weigh|weighs|weight|heavy|heavier|heaviest|light(?:er|est) than|mass)\b',
        'nothing that is seen tells a weight',
    ),
    (
        r'\b(?:fast|faster|fastest|speed|velocity|moving|moved|moves)\b',
        'one frame shows no motion; ask how far it is, now and again later',
    ),
    (
        r"""\b(?:facing|faces|orientations?|oriented|pose|upright|upside down
        |(?:turns?|turned|looking|pointing|aimed) (?:towards?|away|at))\b""",
        'which way a thing is turned is not measured; ask where it is',
    ),
    (
        r"""\b(?:inside|outside|within the|part of|contain(?:s|ing|ed)?|contents
        |enclos\w+|surround\w*)\b
        |^(?:is|are|what is|what are) (?:.+ )?in (?:the|a|an|my|your|that) (?!image|picture)\w""",
        'whether a thing is inside another one is not measured; ask whether it is on or touches '
        'it, or how far they are apart',
    ),
    (
        r'\b(?:occlud\w+|hid(?:es?|ing|den)|block(?:s|ed|ing)|obstruct\w*|covered|covers)\b',
        'what hides another thing is not measured; ask what is in front of it, or whether the '
        'way is free',
    ),
    (r'\bradius\b', 'the radius of a round thing is half of its diameter; ask for that'),
    (
        r"""\b(?:size|area|volume|dimensions) of (?:the |this )?room\b
        |\bhow (?:big|large|spacious|wide|long) is (?:the |this )?room\b
        |\broom (?:big|large|spacious) enough\b""",
        'a frame shows a part of a room; ask how far the wall is',
    ),
    (
        r"""\b(?:coordinates?|pixels?|bounding box|pinpoint|tuple)\b|^point to\b""",
        'I tell where a thing is as its distance, its direction and its height; ask where it is',
    ),
    (
        r'\b(?:edges?|corners?|top|bottom|center|middle|side|end|tip) of (?:the|a|my|this)\b',
        'I measure whole things, from the points of them that are nearest, and how far their '
        'centres are apart',
    ),
    (
        r'\b(?:turn|rotate|look)\b.*\b(?:up|upwards?) or (?:down|downwards?)\b',
        'I tell how much higher or lower a thing is than the camera; ask where it is',
    ),
    (
        r'\bangle (?:between|of)\b|\bdegrees (?:apart|between)\b',
        'no angles are measured but that under which a thing is seen; ask where it is',
    ),
    (
        r'\bdifference\b',
        'differences are asked as "how much taller (wider, closer, higher) is A than B"',
    ),
    (
        r'\b(?:more|fewer|less|equal|same)\b.*\b(?:objects|things|items|number)\b',
        'I compare two sorts of things; ask "are there more mugs than boxes"',
    ),
    (
        r'\bsame color\b',
        'I compare the colours of two things; ask "is A the same colour as B", or which colour '
        'each has',
    ),
    (
        r'\b(?:grasp\w*|grip\w*|pick up)\b',
        'I measure whether a thing is narrower than a gripper opens; ask "Does A fit in an 8 cm '
        'gripper?"',
    ),
    (
        r'\b(?:fit|fits|stack|pile)\b',
        'I measure whether a thing fits between two others, and how much room is on a surface; '
        'ask "Is there room on the table for a 20 cm box?"',
    ),
    (r'\b(?:combined|total|average|mean|sum)\b', 'nothing is added up; ask for each'),
    (
        r'\b(?:open|opened|closed|shut|full|switched|turned on|turned off|broken|clean|dirty)\b',
        'what state a thing is in is not measured',
    ),
    (
        r'\b(?:shape|material|made of|brand|written|says|price)\b',
        'depth tells where a thing is and how large, not what it is made of or what is on it',
    ),
)


def instead(text: str) -> str:
    """Say why what a plain question asks is not measured, and what can be, if that is known."""
    return next((reason for asks, reason in _INSTEAD if asks.search(text)), '')
