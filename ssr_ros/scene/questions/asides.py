# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What is said around a question, and asks for nothing: what to look at, how to answer.

Nothing goes that could change what is asked.
"""

from __future__ import annotations

from ssr_ros.scene.questions.patterns import wordings

EYES = '(?:perspective|point of view|viewpoint|view point|viewing angle|eyes)'
_OURS = "(?:viewer|camera|robot|observer|my|your|our)(?:'s)? (?:own )?"
_WHAT_IS_SEEN = (
    '(?:positions?|sizes?|locations?|arrangement|layout|placement|relationships?|image|picture|'
    'photo|scene|view)'
)
_ALONG_GRAVITY = '(?:above|below|higher|lower|over|under|beneath|up|down|on)'

ANSWER_FORMATS = wordings(
    ('[.,:][ ](?:options|choices)$', ''),
    (
        r"""[.,][ ](?:please )?(?:answer|respond|reply)[ ](?:the question )?
        (?:with )?(?:only )?(?:in |with |using )?
        (?:yes or no|true or false|(?:a|one) (?:single )?(?:word|number|phrase|sentence)
        |(?:a|one) (?:single )?word or phrase|a number in meters
        |the (?:option's )?letter(?: from the given choices)?(?: directly)?)$""",
        '',
    ),
    (
        r"""[.,][ ](?:please )?(?:select|choose|pick)(?: one)?(?:[ ]from|[ ]between|[ ]among)?
        (?:[ ](?:the )?(?:correct |right |best )?(?:following |given )?
        (?:choices?|options?|answers?))?(?: from the (?:following|given) (?:choices|options))?$""",
        '',
    ),
)
"""How to answer, at the end: what is measured is told as it is told."""

ASIDES = wordings(
    (
        r"""^(?:considering|based on|looking at|judging (?:by|from)|given|in|from)[ ]
        (?:the |their |its |this )?
        (?:(?:real[ -]world|relative|spatial|3d|overall|physical)[ ])*
        """
        rf"""{_WHAT_IS_SEEN}(?!')(?:(?! only\b| except\b| without\b| but\b)[^,0-9])*,[ ]
        (?=(?:is|are|does|do|which|what|who|how|where|would)\b)""",
        '',
    ),
    (
        r"""^(?:consider|estimate|look at) (?:the )?(?:real[ -]world )?(?:3d )?
        (?:locations?|distances?|positions?)[ ](?:of|between)[ ](?:the )?objects[^.]*[.][ ]""",
        '',
    ),
    ('^measuring from the closest points? of (?:each|the|both) objects?, ', ''),
    (rf',?[ ]?(?:as seen )?from (?:the )?{_OURS}{EYES},?', ''),
    ('^(?:from a real[ -]world perspective|from my current position|visually), ', ''),
    (rf"^from the image's perspective, (?!.*\b{_ALONG_GRAVITY}\b)", ''),
    (rf'^relative to the (?:camera|viewer|observer), (?!.*\b{_ALONG_GRAVITY}\b)', ''),
    (r' (?:based on|according to|along) gravity$', ''),
    (r',? relative to the (?:camera|viewer|observer)$', ''),
    (r'(?<!\bare)(?<!\bis) in (?:the|this) (?:image|picture|photo|view)(?: provided)?$', ''),
    (
        r"""[ ]?\((?:highlighted|annotated|marked|outlined|circled|indicated)[ ](?:by|with|in)[ ]
        (?:the |an? )?\w+[ ](?:bounding )?(?:box|circle|mask|outline|rectangle|contour)\)""",
        '',
    ),
    (r'[ ]?\((?:(?:length|width|height|depth|or|and),?[ ]?)+\)', ''),
    (
        r"""\b(?P<camera>camera)[ ](?:that (?:took|takes)|taking|which took)[ ]
        (?:this|the) (?:photo|image|picture)\b""",
        r'\g<camera>',
    ),
    (r',? (?:measured|expressed|given|stated|reported) (?=in \w+$)', ' '),
)
"""Whoever looks is the camera here; what is marked in a picture is named as well."""
