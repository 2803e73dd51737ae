# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Questions with what they ask for at their end or in the middle: 'the mug is left of what'."""

from __future__ import annotations

from ssr_ros.scene.questions.measures import MORE, TO_CAMERA
from ssr_ros.scene.questions.patterns import wordings
from ssr_ros.scene.questions.relation_words import RELATION_WORDS
from ssr_ros.scene.questions.spelling import NUMBER
from ssr_ros.scene.questions.vocabulary import DIMENSIONS, one_of

_RELATION = '|'.join(RELATION_WORDS.values())
_A = '(?P<a>(?!(?:what|which|where|who|how|is|are|does|do|there)[ ])[^,]+?)'
_IS = (
    '(?:is|are|sits|sit|stands|lies|hangs|rests)(?: (?:located|placed|positioned|situated|found'
    '|sitting|standing|lying|hanging|resting|mounted|kept))?'
)
_PUT = '(?: (?:located|placed|positioned|situated|sitting|standing|hanging))?'
_WHAT = 'what(?: (?:object|thing|item|piece of furniture))?'
_CONVERSE = (
    ('(?:directly |just )?(?:(?:to|on) the )?left(?: side)? of', 'right of'),
    ('(?:directly |just )?(?:(?:to|on) the )?right(?: side)? of', 'left of'),
    ('(?:directly |right )?in front of', 'behind'),
    ('(?:directly |right )?behind', 'in front of'),
    ('(?:directly |right )?above', 'below'),
    ('(?:directly |right )?(?:below|under|underneath|beneath)', 'above'),
)
"""How a thing lies to what is asked for, and how that lies to the thing."""

TURNED = wordings(
    *(
        (rf'^{_A} {_IS} {said} {_WHAT}$', rf'which objects are {converse} \g<a>')
        for said, converse in _CONVERSE
    ),
    *(
        (rf'^{said} {_WHAT} (?:is|are) {_A}$', rf'which objects are {converse} \g<a>')
        for said, converse in _CONVERSE
    ),
    *(
        (
            rf'^{_WHAT} (?:is|are) (?P<a>(?:the|a|an|my) [^,]+?){_PUT} {said}$',
            rf'which objects are {converse} \g<a>',
        )
        for said, converse in _CONVERSE
    ),
    (
        rf"""^{_WHAT} (?:is|are) (?P<a>(?:the|a|an|my) [^,]+?){_PUT}[ ]
        (?:(?:right |directly )?next to|beside|near|by)$""",
        r'what is next to \g<a>',
    ),
    (
        rf'^{_A} {_IS} (?:(?:right |directly )?next to|beside|near|by) {_WHAT}$',
        r'what is next to \g<a>',
    ),
    (
        rf'^{_A} {_IS} on(?: top of)? {_WHAT}$',
        r'what is \g<a> standing on',
    ),
    (rf'^(?P<how>{_RELATION}) {_A} is {_WHAT}$', r'what is \g<how> \g<a>'),
    (rf'^{_A} (?:is|has|have|are) what (?P<measure>size|color)$', r'what \g<measure> is \g<a>'),
    (
        r'\bwhat is its (?P<measure>size|color|height|width|depth)$',
        r'what is the \g<measure> of it',
    ),
    (
        rf"""^(?:what|which) color (?P<n>(?!(?:is|are|does|do|of|and)\b)\w[^,]*?) (?P<be>is|are)[ ]
        (?P<how>(?:{_RELATION}) .+)$""",
        r'what color \g<be> the \g<n> \g<how>',
    ),
    (r'\bis its color the same as (?:that of |the color of )?', 'is it the same color as '),
    (
        r'^is the color of (?P<a>.+?) the same as (?:(?:that|the color) of )?(?P<b>.+)$',
        r'is \g<a> the same color as \g<b>',
    ),
    *(
        (
            rf"""^(?:how (?:far|much)|by how much)[ ]
            (?:(?<=much )(?P<be>is|are) (?P<c>.+?) )?{side}[ ]
            (?P<b>(?!(?:me|us|you|the (?:camera|robot))\b)(?:(?! is | are ).)+?)
            (?(be)|[ ](?:is|are)[ ](?P<a>.+))$""",
            rf'is \g<c>\g<a> {either} \g<b>',
        )
        for side, either in (
            ('(?:(?:more )?(?:to|on) the )?left of', 'left or right of'),
            ('(?:(?:more )?(?:to|on) the )?right of', 'right or left of'),
            ('in front of', 'in front of or behind'),
            ('behind', 'behind or in front of'),
        )
    ),
    (
        rf'^how much (?P<be>is|are) (?P<a>.+?) (?P<adj>{MORE})(?P<to>{TO_CAMERA}) than[ ]',
        r'by how much \g<be> \g<a> \g<adj>\g<to> than ',
    ),
    (
        rf'^how much (?P<adj>{MORE}) than (?P<b>.+?) (?P<be>is|are) (?P<a>.+)$',
        r'by how much \g<be> \g<a> \g<adj> than \g<b>',
    ),
    (
        rf"^(?P<be>is|are) (?P<a>(?:the|my|your) [^,']+?)'s? (?P<dim>{one_of(DIMENSIONS)}) (?=\S)",
        r'\g<be> the \g<dim> of \g<a> ',
    ),
    (
        rf"(?P<than>\b(?:as|than)) (?P<b>(?:the|my|your) [^,']+?)'s? (?:{one_of(DIMENSIONS)})$",
        r'\g<than> \g<b>',
    ),
    *(
        (
            rf'^(?P<is>is the (?:{one_of(DIMENSIONS)}|distance) .+?) {said} (?={NUMBER})',
            rf'\g<is> {than} ',
        )
        for said, than in (('(?:over|above)', 'more than'), ('(?:under|below)', 'less than'))
    ),
    (
        rf"""^is (?P<a>.+?) between (?P<low>{NUMBER}) and (?P<high>{NUMBER} ?(?P<of>[a-z]+))[ ]
        (?P<how>away|tall|high|wide)$""",
        r'is \g<a> more than \g<low> \g<of> \g<how> and less than \g<high> \g<how>',
    ),
    (
        rf"""^is (?P<a>.+?) between (?P<low>{NUMBER} ?[a-z]+) and (?P<high>{NUMBER} ?[a-z]+)[ ]
        (?P<how>away|tall|high|wide)$""",
        r'is \g<a> more than \g<low> \g<how> and less than \g<high> \g<how>',
    ),
    (
        r"""^where on (?P<on>[^,]+?) is (?:there )?(?P<room>(?:enough |any |still |free |empty )*
        (?:room|space|a place|a free spot))(?P<for> for .+)?$""",
        r'where is there \g<room> on \g<on>\g<for>',
    ),
)
