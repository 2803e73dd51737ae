# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Measures said as nouns, put as they are said of a thing: 'has more height' is 'is taller'."""

from __future__ import annotations

from ssr_ros.scene.questions.patterns import pattern, put_plainly, wordings
from ssr_ros.scene.questions.vocabulary import DIMENSIONS, one_of, TRAITS

MORE = one_of(word for word in TRAITS if word.endswith('er'))
TO_CAMERA = '(?: (?:to|from) (?:the )?(?:camera|viewer|observer|robot|me|us|you))?'

_MUCH = {
    'height': ('taller', 'shorter', 'tallest', 'shortest'),
    'width': ('wider', 'narrower', 'widest', 'narrowest'),
    'length': ('wider', 'narrower', 'widest', 'narrowest'),
    'size': ('bigger', 'smaller', 'biggest', 'smallest'),
    'depth': ('farther', 'closer', 'farthest', 'closest'),
    'distance': ('farther', 'closer', 'farthest', 'closest'),
}
"""More, less, most and least of what a thing has, as it is said of the thing: its depth is how
far it is."""

_COMPARED = (
    'more|greater|larger|bigger|higher|longer',
    'less|lesser|smaller|lower|shorter',
    'most|greatest|largest|biggest|highest|longest|maximum',
    'least|smallest|lowest|shortest|minimum',
)
"""How more, less, most and least are said of a measure."""

_HOW = {
    'width': ('wide|broad', 'wider|narrower|thinner|broader'),
    'height': ('tall|high', 'taller|shorter'),
    'length': ('long', 'longer|shorter'),
    'depth': ('deep|thick', 'deeper|shallower'),
}
"""How it is asked for a dimension, and how it is compared."""

_SIZE = 'size|dimensions?|measurements?|extents?'
_DIM = f'(?:(?:longest|largest|maximum|greatest|biggest)[ ])?(?:{one_of(DIMENSIONS)}|side)s?'
_NAME = r"(?P<a>(?:(?!\b(?:of|to|from|between|than|and|or|is|are)\b)[^,'.])+?)"

_IN_TERMS_OF = tuple(
    (said, plainly)
    for dim, (how, own) in _HOW.items()
    for said, plainly in (
        (
            rf"""^(?:(?:what (?:is|are) |measure |determine )?the (?:{_SIZE}) of
            |how (?:big|large|{how}) (?:is|are))[ ](?P<a>.+?),? in terms of[ ]
            (?:its |the )?{dim}$""",
            rf'how {how.split("|")[0]} is \g<a>',
        ),
        (rf'^in terms of (?:the |its |their )?{dim}s?, (?P<q>.*\b(?:{own})\b)', r'\g<q>'),
        (
            rf'^in terms of (?:the |its |their )?{dim}s?, (?P<q>.*?)\b(?:bigger|larger|greater)\b',
            rf'\g<q>{_MUCH[dim][0] if dim != "depth" else "deeper"}',
        ),
        (
            rf'^in terms of (?:the |its |their )?{dim}s?, (?P<q>.*?)\bsmaller\b',
            rf'\g<q>{_MUCH[dim][1] if dim != "depth" else "shallower"}',
        ),
        (
            rf'\b(?:bigger|larger|greater) in (?:terms of )?{dim}\b',
            _MUCH[dim][0] if dim != 'depth' else 'deeper',
        ),
        (
            rf'\bsmaller in (?:terms of )?{dim}\b',
            _MUCH[dim][1] if dim != 'depth' else 'shallower',
        ),
    )
)

_ALIKE = tuple(
    (said, rf'is \g<a> as {how} as \g<b>')
    for dim, how in (
        ('height', 'tall'),
        ('width', 'wide'),
        ('length', 'long'),
        ('size', 'big'),
        ('depth|distance', 'far'),
    )
    for said in (
        rf'^(?:are|do) (?P<a>.+?) and (?P<b>.+?)(?: of| have| at)? the same (?:{dim})$',
        rf"""^(?:is|does) (?P<a>.+?) (?:(?:of|have|at) )?the same (?:{dim})[ ]
        (?:as|like) (?:that of )?(?P<b>.+)$""",
        rf"""^is the (?P<of>{dim}) of (?P<a>.+?) (?:the same as|equal to)[ ]
        (?:(?:that|the (?P=of)) of )?(?P<b>.+)$""",
    )
)

_OF_TWO = '(?:between|of) (?P<a>(?!(?:the )?(?:center|middle)s of).+?) and (?P<b>.+)'
_DIFFERENCES = tuple(
    (said, rf'how much {more} is \g<a> than \g<b>')
    for of, more in (
        ('height', 'taller'),
        ('width', 'wider'),
        ('size', 'bigger'),
        ('distance', 'farther'),
    )
    for said in (
        rf'^(?:what is )?the {of} difference {_OF_TWO}$',
        rf'^(?:what is )?the difference (?:in|of) {of}s? {_OF_TWO}$',
    )
)

_MEASURES = wordings(
    *_DIFFERENCES,
    (
        r"""^(?:(?:can|could|would|will) you )?
        (?:find out|estimate|determine|calculate|compute|measure|work out|figure out|check|say)[ ]
        (?=(?:how|what|which|where)\b)""",
        '',
    ),
    (r'^how far apart (?P<both>(?!is |are ).+) are$', r'how far apart are \g<both>'),
    (r'\bhow distant\b', 'how far'),
    (r'\bmost distant\b', 'farthest'),
    (r'\bmore distant\b', 'farther'),
    (r'\bless distant\b', 'closer'),
    (
        rf'\b(?P<more>{MORE})(?P<to>{TO_CAMERA}),? (?:when |if )?compared (?:to|with)\b',
        r'\g<more>\g<to> than',
    ),
    (
        rf"""\bthe (?:position|location) of (?P<a>.+?)[ ](?P<than>(?:{MORE}){TO_CAMERA} than)[ ]
        (?:that of |the (?:position|location) of )?""",
        r'\g<a> \g<than> ',
    ),
    # sizes and distances
    (r'\bhorizontal (?:size|dimensions?|extent|measurement)\b', 'width'),
    (r'\bvertical (?:size|dimensions?|extent|measurement)\b', 'height'),
    (
        r"""\b(?P<of>distance|height|width|depth|length)[ ]
        (?:measurement|dimension|value|extent)\b""",
        r'\g<of>',
    ),
    (r'\bmeasurements of\b', 'dimensions of'),
    (rf'\b(?:the )?measurement (?:of|for) (?=the .*\b(?:{one_of(DIMENSIONS)}|side)\b)', ''),
    (
        r"""^(?P<far>(?:how far|(?:(?!vertical|horizontal|center).)*\bdistance)\b.*?)[ ]
        the (?:nearest|closest) (?:visible )?(?:point|part) (?:of|on)\b""",
        r'\g<far>',
    ),
    (
        r"""^(?:how far (?:away )?is (?:it from )?|(?:what is )?the distance (?:from|between) )
        the center of (?P<a>.+?) (?:and|to|from) the center of (?P<b>.+)$""",
        r'what is the distance between the centers of \g<a> and \g<b>',
    ),
    (r'^how much is (?=the (?:distance|width|height|depth)\b)', 'what is '),
    (
        r"""^(?:the )?(?P<pick>nearest|closest|farthest) (?P<a>object|obstacle|thing|item)[ ]
        distance$""",
        r'distance to the \g<pick> \g<a>',
    ),
    (
        r"""\b(?P<of>side|dimension|extent) that is (?:the )?
        (?:largest|greatest|longest|maximum|biggest|most extensive)(?: in size)?(?=[ ]of )""",
        r'longest \g<of>',
    ),
    (
        rf"""^(?:(?:what|which) (?:is|are)|measure|provide|estimate|determine|give|get
        |(?:can|could) you (?:provide|estimate|give|measure|determine))[ ]
        (?:the (?:size|length) of )?{_NAME}'s (?P<dim>{_DIM})$""",
        r'what is the \g<dim> of \g<a>',
    ),
    (
        r'\bthe (?:largest|greatest|maximum|biggest)(?=[ ](?:side|dimension|extent)\b)',
        'the longest',
    ),
    (
        r"""^how much (?:space|room) do(?:es)? (?P<a>.+?) (?:occupy|take up|cover)[ ]
        horizontally$""",
        r'what is the width of \g<a>',
    ),
    (
        r"""^how much (?:space|room) do(?:es)? (?P<a>.+?) (?:occupy|take up|cover)[ ]
        vertically$""",
        r'what is the height of \g<a>',
    ),
    (
        rf'^how (?P<dim>{one_of(DIMENSIONS)}) do(?:es)? (?P<a>.+?) (?:stand|measure|look|appear)$',
        r'how \g<dim> is \g<a>',
    ),
    (
        r'^what (?P<dim>size|height|width|depth|length) (?:is|are) (?P<a>.+)$',
        r'what is the \g<dim> of \g<a>',
    ),
    (r'(?:^|(?<=[.,:] ))what number of\b', 'how many'),
    (
        '^(?:can|could) you (?:provide|give|estimate) the (?=(?:number|count) of)',
        'what is the ',
    ),
    *_IN_TERMS_OF,
    (r'^in terms of (?:overall )?size, (?=.*\b(?:bigger|larger|smaller)\b)', ''),
    (
        r'\b(?P<more>bigger|larger|smaller|biggest|largest|smallest) in (?:overall )?size\b',
        r'\g<more>',
    ),
    # comparisons
    (
        rf"""^do(?:es)? (?P<a>.+?) have (?:a )?(?P<much>{_COMPARED[0]}|{_COMPARED[1]})[ ]
        (?P<of>height|width|size|depth|length) (?:than|compared to|compared with)[ ]
        (?:that of )?(?P<b>.+)$""",
        r'is the \g<of> of \g<a> \g<much> than \g<b>',
    ),
    *(
        (rf'\bhas (?:an? |the )?(?:{said}) {of}\b', f'is {plainly}')
        for of, words in _MUCH.items()
        for said, plainly in zip(_COMPARED, words, strict=True)
    ),
    (
        r"""\b(?:has|is (?:placed |positioned |located )?at) (?:a|the)[ ]
        (?P<more>higher|lower|highest|lowest)[ ]
        (?:location|position|elevation|level|place|point)\b""",
        r'is \g<more>',
    ),
    (
        r'\bat a (?P<more>higher|lower) (?:location|position|elevation|level)(?= than\b)',
        r'\g<more>',
    ),
    *_ALIKE,
    (
        rf'^are (?P<a>.+?) and (?P<b>.+?) equally (?P<how>{one_of(TRAITS)})$',
        r'is \g<a> as \g<how> as \g<b>',
    ),
)

_QUANTITY_IS_MORE = pattern(
    rf"""^is the (?P<of>{one_of(_MUCH)}) (?:of|to) (?P<a>.+?)[ ]
    (?:(?P<more>{_COMPARED[0]})|{_COMPARED[1]}) than[ ]
    (?:that of |the (?P=of) (?:of|to) )?(?P<b>.+)$"""
)


def measures_of_things(text: str) -> str:
    """Say of a thing what is said of its height, its width, its distance."""
    text = put_plainly(text, _MEASURES)
    match = _QUANTITY_IS_MORE.match(text)
    if match and ' between ' not in match['a']:
        more, less = _MUCH[match['of']][:2]
        return f'is {match["a"]} {more if match["more"] else less} than {match["b"]}'
    return text
