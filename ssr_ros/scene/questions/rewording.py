# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Other ways to say the same, brought into the one that is read.

What surrounds a question goes: what to consider, how to answer, from whose eyes where these are
the camera's. What only sounds otherwise is put plainly: 'has a greater height than' is 'is taller
than'. Nothing goes that could change what is asked.
"""

from __future__ import annotations

import re

from ssr_ros.scene.questions.patterns import pattern
from ssr_ros.scene.questions.phrases import RELATION_WORDS
from ssr_ros.scene.questions.spelling import NUMBER
from ssr_ros.scene.questions.vocabulary import one_of, TRAITS

_MORE = one_of(word for word in TRAITS if word.endswith('er'))
_RELATION = '|'.join(RELATION_WORDS.values())
_SIDES = '(?:(?:to|on|at) the )?(?:left|right)|above|below|in front|behind'
_STANDS = rf'(?=(?:{_RELATION}|{_SIDES}|(?:{_MORE})\b))'
_OURS = "(?:viewer|camera|robot|observer|my|your|our)(?:'s)? (?:own )?"
EYES = '(?:perspective|point of view|viewpoint|view point|viewing angle|eyes)'
_WHAT_IS_SEEN = (
    '(?:positions?|sizes?|locations?|arrangement|layout|placement|relationships?|image|picture|'
    'photo|scene|view)'
)
_TO_CAMERA = '(?: (?:to|from) (?:the )?(?:camera|viewer|observer|robot|me|us|you))?'

_STATEMENT = '(?P<a>(?!is |are |what|which|how|where|who)[^,]+?) (?P<be>is|are) (?P<rest>[^,]+?)'
_TURN = (
    '(?:turn|rotate|go|move|steer|look) (?:(?:to|towards?) (?:the |my )?)?left(?:wards?)? or '
    '(?:(?:to|towards?) (?:the |my )?)?right(?:wards?)?'
)
_MUST_I = '(?:should|must|do) (?:i|you|we|the robot) (?:need to |have to )?'
_FACE = '(?:face|look at|see|reach|get to|go to)'

_ONE = '(?: one| object| thing| item)?(?: of (?:the|these) two)?'
_OPPOSITES = (
    (
        '(?:more |farther )?(?:(?:to|on) the )?(?:left|right)(?:most)?(?: side)?',
        'left or right of',
    ),
    ('(?:more )?(?:in front|forward|behind|in the back)', 'in front of or behind'),
    ('(?:above|below|on top|underneath)', 'above or below'),
)
"""How one of two things may lie, and how it is asked which of them does."""

_WORDINGS = tuple(
    (pattern(said), plainly)
    for said, plainly in (
        # what is said around a question
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
        (
            r"""[.,][ ](?:please )?(?:answer|respond|reply)[ ]
            (?:with )?(?:only )?(?:in |with |using )?
            (?:yes or no|true or false|(?:a|one) (?:single )?(?:word|number|phrase|sentence)
            |(?:a|one) (?:single )?word or phrase|a number in meters)$""",
            '',
        ),
        (rf',?[ ]?(?:as seen )?from (?:the )?{_OURS}{EYES},?', ''),
        ('^from a real[ -]world perspective, ', ''),
        (
            r"""^from the image's perspective,[ ]
            (?!.*\b(?:above|below|higher|lower|over|under|beneath|on)\b)""",
            '',
        ),
        # statements that somebody wants confirmed
        (
            rf"""^(?:(?:would|do|can) (?:you|we) (?:say|think)(?: that)?
            |(?:can|could) (?:you|we) (?:confirm|tell|say|verify|check)(?: me)?[ ]
            (?:that|if|whether))[ ]{_STATEMENT}$""",
            r'\g<be> \g<a> \g<rest>',
        ),
        (
            rf'^(?:is it|it is) (?:true|correct|right)(?: to say)? (?:that|if) {_STATEMENT}$',
            r'\g<be> \g<a> \g<rest>',
        ),
        (
            rf"""^{_STATEMENT},[ ]
            (?:right|is that (?:right|so|correct|true)|true or false|correct)$""",
            r'\g<be> \g<a> \g<rest>',
        ),
        (
            rf'^true or false[.:,] {_STATEMENT}$',
            r'\g<be> \g<a> \g<rest>',
        ),
        # how a thing stands
        (
            rf"""^(?:does|do) (?P<a>.+?) (?:appear|seem|look|lie|come|sit|stand|rest|hang)
            (?: to be)? (?:positioned |located )?{_STANDS}""",
            r'is \g<a> ',
        ),
        (
            r"""[ ](?:positioned|located|situated|placed|shown|physically|vertically|visibly)
            (?: more)?[ ]"""
            rf'{_STANDS}',
            ' ',
        ),
        (
            r'^(?P<where>where (?:is|are) .+?) (?:located|positioned|situated|placed|found)$',
            r'\g<where>',
        ),
        (' for me$', ''),
        (r'^where (?P<a>.+) (?P<be>is|are)$', r'where \g<be> \g<a>'),
        (r'(?P<than>\bthan .+) (?:is|are|does|do)$', r'\g<than>'),
        (r' in lit(?:er|re)s$', ''),
        # which way to turn
        (rf'^{_MUST_I}{_TURN} to {_FACE} (?P<a>.+)$', r'is \g<a> on the left or on the right'),
        (
            rf'^(?:in order )?to (?:directly )?{_FACE} (?P<a>.+?), {_MUST_I}{_TURN}$',
            r'is \g<a> on the left or on the right',
        ),
        (
            r"""^which (?P<kind>(?!one\b|object|thing|of\b)\w[^,]*?) is (?:the )?
            (?P<rank>first|second|third|fourth|fifth)[ ]
            (?P<pick>\w+est )?(?P<rest>(?:from the|to) .+)?$""",
            r'which is the \g<rank> \g<pick>\g<kind> \g<rest>',
        ),
        # which of two is on some side
        *(
            (which, rf'is \g<a> {asked} \g<b>')
            for side, asked in _OPPOSITES
            for which in (
                rf"""^(?:which|what|who){_ONE} is {side}(?: in the image)?[,:]?[ ]
                (?P<a>(?:the |object )[^,]+?),? or (?P<b>[^,]+)$""",
                rf"""^between (?P<a>.+?) and (?P<b>.+?), (?:which|what|who){_ONE}[ ]
                (?:is|lies|appears|looks) (?:positioned |located )?{side}$""",
            )
        ),
        *(
            (
                rf"""^(?:which|what)[ ](?:of (?:the|these|those|my)[ ])?
                (?P<kind>(?!one\b|object\b|thing\b|item\b|is\b)(?:(?! (?:and|or|is) )[^,])+?)
                (?:(?:(?<=object)|(?<=thing)|(?<=item)|(?<=one))s)?[ ]
                is (?:the )?(?:{said}) (?P<b>(?!(?:me|you|us|the camera)$)(?:(?! or )[^,])+)$""",
                rf'what is the {extreme} \g<kind> {to} \g<b>',
            )
            for said, extreme, to in (
                ('(?:closer|nearer|closest|nearest) to', 'closest', 'to'),
                ('(?:farther|farthest)(?: away)? from', 'farthest', 'from'),
            )
        ),
        (
            r"""^(?:what|which)(?: of the)?(?: objects?| things?| items?)?[ ]
            (?:is|are|stands?|lies?) not[ ]""",
            'list the objects that are not ',
        ),
        # what is seen, and in which order
        (
            r'(?<!\bdo)(?<!\bcan)(?<!\bwhat)(?<!\beverything)(?<! all)(?: that| which)? '
            r'(?:you|i|we) (?:can |could )?(?:see|detect)$',
            '',
        ),
        (
            r"""^(?P<how>from (?:left|right|near|front|clos\w+|far\w*) to [^,]+),?[ ]
            (?:what|which) (?:objects|things|items)[ ]
            (?:are there|are visible|(?:do|can) (?:you|i|we) see)$""",
            r'list the objects \g<how>',
        ),
        (
            rf'^(?:what|which) is the (?:object|thing|item) (?={RELATION_WORDS["beside"]} )',
            'what is ',
        ),
        # comparisons
        (
            r"""^is (?P<a>.+?) (?P<adj>closer|nearer|farther) (?:to|from) (?P<b>.+?),? or[ ]
            (?:(?:to|from) )?(?P<c>.+)$""",
            r'which is \g<adj> to \g<a>, \g<b> or \g<c>',
        ),
        (
            r"""^is (?P<a>.+?) (?P<adj>closer|nearer|farther) (?:to|from) (?P<b>.+?) than[ ]
            (?:it is )?(?:to|from) (?P<c>.+)$""",
            r'is \g<b> \g<adj> to \g<a> than \g<c>',
        ),
        (r'\bhow distant\b', 'how far'),
        (r'\bmost distant\b', 'farthest'),
        (r'\bmore distant\b', 'farther'),
        (r'\bless distant\b', 'closer'),
        (
            rf'\b(?P<more>{_MORE})(?P<to>{_TO_CAMERA}),? (?:when |if )?compared (?:to|with)\b',
            r'\g<more>\g<to> than',
        ),
        (
            r'\bfarther to (?P<camera>(?:the )?(?:camera|viewer|observer))\b',
            r'farther from \g<camera>',
        ),
        (
            r"""^does (?P<a>.+?) have (?:a )?
            (?P<much>greater|larger|bigger|higher|lesser|smaller|lower)[ ]
            (?P<of>height|width|size|depth) (?:than|compared to|compared with)[ ]
            (?:that of )?(?P<b>.+)$""",
            r'is the \g<of> of \g<a> \g<much> than \g<b>',
        ),
        (r'\bhorizontal (?:size|dimensions?|extent|measurement)\b', 'width'),
        (r'\bvertical (?:size|dimensions?|extent|measurement)\b', 'height'),
        (
            r'^how far (?:apart )?are (?P<both>.+ and .+) (?P<way>horizontal|vertical)ly$',
            r'\g<way> distance between \g<both>',
        ),
        (
            r'(?<=\w )(?:that|which) is (?:the )?(?P<rank>first|second|third|fourth|fifth)\b',
            r'\g<rank>',
        ),
        (
            r'^(?P<how>how far) (?:away )?is (?P<a>.+) (?P<way>horizontally|vertically)$',
            r'\g<how> \g<way> is \g<a>',
        ),
        (
            r'\bdistance (?P<between>.*\bbetween .+) (?P<way>horizontal|vertical)ly$',
            r'\g<way> distance \g<between>',
        ),
    )
)
_MUCH = {
    'height': ('taller', 'shorter'),
    'width': ('wider', 'narrower'),
    'length': ('wider', 'narrower'),
    'size': ('bigger', 'smaller'),
    'depth': ('farther', 'closer'),
    'distance': ('farther', 'closer'),
}
"""More and less of what a thing has, as it is said of the thing: its depth is how far it is."""

_QUANTITY_IS_MORE = pattern(
    rf"""^is the (?P<of>{one_of(_MUCH)}) (?:of|to) (?P<a>.+?)[ ]
    (?:(?P<more>greater|larger|bigger|higher|more)|less|smaller|lower|shorter) than[ ]
    (?:that of |the (?P=of) (?:of|to) )?(?P<b>.+)$"""
)


_MARK = re.compile(r'(?:^|[ .,;])\(?([a-e])[).:] ?')
_TOLD_ANYHOW = re.compile(
    rf'(?:yes|no|true|false|left|right|above|below|in front|behind|(?:the )?{NUMBER}.*)$'
)
"""An option that needs no choosing: what is measured says which one it is."""


def reworded(text: str) -> str:
    """Put a plain question plainly."""
    asks, *options = _MARK.split(text)
    if len(options) > 2 and ''.join(options[::2]) == 'abcde'[: len(options) // 2]:
        text = _with_options(asks.strip(' .,:;'), [each.strip(' .,;') for each in options[1::2]])
    for said, plainly in _WORDINGS:
        text = said.sub(plainly, text).strip(' ,')
    match = _QUANTITY_IS_MORE.match(text)
    if match and ' between ' not in match['a']:
        more, less = _MUCH[match['of']]
        text = f'is {match["a"]} {more if match["more"] else less} than {match["b"]}'
    return text


def _with_options(asks: str, options: list[str]) -> str:
    """Put the options of a multiple choice into the question, where it does not name them."""
    if all(map(_TOLD_ANYHOW.match, options)) or all(option in asks for option in options):
        return asks
    return f'{asks}: {", ".join(options[:-1])} or {options[-1]}'
