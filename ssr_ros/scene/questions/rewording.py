# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Other ways to say the same, brought into the one that is read.

What surrounds a question goes (asides.py), measures are said of things (measures.py), and what
only sounds otherwise is put plainly. Nothing goes that could change what is asked.
"""

from __future__ import annotations

import re

from ssr_ros.scene.questions.asides import ANSWER_FORMATS, ASIDES
from ssr_ros.scene.questions.measures import measures_of_things, MORE
from ssr_ros.scene.questions.patterns import put_plainly, wordings
from ssr_ros.scene.questions.relation_words import RELATION_WORDS
from ssr_ros.scene.questions.spelling import NUMBER
from ssr_ros.scene.questions.turned import TURNED
from ssr_ros.scene.questions.vocabulary import COLOR_WORDS, one_of, PICKS, TRAITS

_RELATION = '|'.join(RELATION_WORDS.values())
_SIDES = '(?:(?:to|on|at) the )?(?:left|right)|above|below|in front|behind'
_STANDS = rf'(?=(?:{_RELATION}|{_SIDES}|far |close |(?:{MORE})\b))'

_PLACED = (
    '(?:positioned|located|situated|placed|shown|physically|vertically|spatially|visibly|found)'
)
_ASKS_WHERE = (
    '(?:where|how (?:far|high)|(?:(?:in|at) )?(?:which|what) (?:direction|way|angle)'
    '|(?:(?:on|at|to) )?(?:which|what) side)'
)
_ME = '(?:me|us|you|(?:the )?(?:camera|robot|observer|viewer))'

_STATEMENT = '(?P<a>(?!is |are |what|which|how|where|who)[^,]+?) (?P<be>is|are) (?P<rest>[^,]+?)'
_TURN = (
    '(?:turn|rotate|go|move|steer|look) (?:(?:to|towards?) )?(?:the |my )?left(?:wards?)? or '
    '(?:(?:to|towards?) )?(?:the |my )?right(?:wards?)?'
)
_MUST_I = '(?:should|must|do) (?:i|you|we|the robot) (?:need to |have to )?'
_FACE = '(?:face|look at|see|reach|get to|go to|align my view with)'
_WISH = (
    '(?:in order to|to|(?:if )?(?:i|we) (?:want|need|would like|am trying|have) to|i am trying to)'
)

_ONE = '(?: one| object| thing| item)?(?: of (?:the|these) two)?'
_MOST = f'(?:{one_of(word for word in PICKS if word.endswith(("est", "most")))})'
_PICTURE = '(?:the |this )?(?:image|picture|photo|view|scene|frame|room)'
_STANDING = (
    '(?:relative |spatial )?(?:relationship|relation|position|location|arrangement|placement)'
)
_AS_SEEN_FROM = '(?:relative to|with respect to|in relation to|with regard to|to)'
_NEAR_OR_FAR = (
    '(?:(?:next|close|near|adjacent) to|beside|far(?: away)? from) (?:each other|one another)'
    '|close together|far apart|near each other'
)
_OR = ',? or (?:is it )?'
_OF_IT = '(?: of)?(?: it| that| them)?'
_BOTH_SIDES = (
    ('(?:(?:to|on|at) )?(?:the )?(?:left|right)(?: side)?', ' of'),
    ('in front|before|behind', '(?: of)?'),
    ('above|over|below|under|underneath|beneath', ''),
)
"""Where one of two may lie, and what stands between that and the other one."""

_OPPOSITES = (
    (
        '(?:more |farther )?(?:(?:to|on) the )?(?:left|right)(?:most)?(?: side)?',
        'left or right of',
    ),
    ('(?:more )?(?:in front|forward|behind|backward|in the back)', 'in front of or behind'),
    ('(?:above|below|on top|underneath)', 'above or below'),
)
"""How one of two things may lie, and how it is asked which of them does."""

_WORDINGS = wordings(
    # all that is measured is in front of the camera
    (rf',? (?:directly |right )?in front of {_ME},?(?=[ ](?:{_RELATION}) )', ''),
    (
        rf"""\b(?P<most>(?:closest|nearest|farthest) [^,]+?) (?:to|from) {_ME},?
            (?=[ ](?:{_RELATION}) )""",
        r'\g<most>',
    ),
    (r'\b(?P<my>my|your|the) (?:immediate|direct) (?=(?:left|right)\b)', r'\g<my> '),
    (
        rf'^what (?P<be>is|are) there (?=(?:directly )?(?:{_RELATION}|(?:to|on|at) (?:my|the)) )',
        r'what \g<be> ',
    ),
    (
        r"""^(?P<what>what (?:is|are)|(?:what|which) (?:objects?|things?|items?) (?:is|are))[ ]
            (?:directly|right|just|immediately) (?=(?:to|on) (?:my|the|your) (?:left|right)\b)""",
        r'\g<what> ',
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
    (
        r"""^(?P<all>(?:both|all)\b(?! (?:that|which)\b)[^,]+?s) are[ ]
        (?!(?:what|where|which|who|how)\b)(?P<rest>[^,]+)$""",
        r'are \g<all> \g<rest>',
    ),
    # how a thing stands
    (
        rf'^does (?P<a>.+?) (?:appear|seem|look)(?: to be)? (?P<is>{one_of(COLOR_WORDS)})$',
        r'is \g<a> \g<is>',
    ),
    (
        rf"""^(?:does|do) (?P<a>.+?) (?:appear|seem|look|lie|come|sit|stand|rest|hang)
            (?: to be)? (?:positioned |located )?{_STANDS}""",
        r'is \g<a> ',
    ),
    (
        rf'(?:[ ]{_PLACED})+(?: more)?[ ]{_STANDS}',
        ' ',
    ),
    (
        rf"""^(?P<where>{_ASKS_WHERE}\b.*?[ ](?:is|are)[ ].+?)[ ]
            (?:located|positioned|situated|placed|found|kept|stored)\b""",
        r'\g<where>',
    ),
    (' for me$', ''),
    (r'^where (?P<a>.+) (?P<be>is|are)$', r'where \g<be> \g<a>'),
    (r'(?P<than>\bthan .+) (?:is|are|does|do)$', r'\g<than>'),
    (r' in lit(?:er|re)s$', ''),
    # which way to turn
    (rf'^{_MUST_I}{_TURN} to {_FACE} (?P<a>.+)$', r'is \g<a> on the left or on the right'),
    (
        rf"""^{_WISH} (?:directly )?{_FACE} (?P<a>.+?)[.,] {_MUST_I}{_TURN}
            (?: to {_FACE} it)?$""",
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
            rf"""^(?:which|what|who){_ONE} is {side}(?: in the image)?[,:][ ]
                (?P<a>[^,]+?),? or (?P<b>[^,]+)$""",
            rf"""^(?:which|what|who){_ONE} is {side}(?: in the image)?[ ]
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
    # where one of two lies
    (
        rf"""^relative to (?P<b>[^,]+), is (?P<a>.+?) (?P<one>{_SIDES}) or (?P<other>{_SIDES})
            (?: of it)?$""",
        r'is \g<a> \g<one> or \g<other> \g<b>',
    ),
    *(
        (
            rf"""^is (?P<a>.+?) (?P<one>{side}){of} (?P<b>(?:(?! or )[^,])+?){_OR}
            (?P<other>{side}){_OF_IT}$""",
            r'is \g<a> \g<one> or \g<other> \g<b>',
        )
        for side, of in _BOTH_SIDES
    ),
    (
        rf'^(?:on )?(?:which|what) side of {_PICTURE} is (?P<a>.+?)(?: on)?$',
        r'is \g<a> on the left or on the right',
    ),
    (
        r'^on (?:which|what) side of (?P<b>.+?) is (?P<a>(?:(?! or )[^,:])+)$',
        r'where is \g<a> relative to \g<b>',
    ),
    (
        r'^(?:which|what) side of (?P<b>.+?) is (?P<a>(?:(?! or )[^,:])+?) on$',
        r'where is \g<a> relative to \g<b>',
    ),
    (
        rf"""^(?:what is|(?:(?:can|could) you )?(?:describe|specify)) the {_STANDING}[ ]
        of (?P<a>[^,]+?),? {_AS_SEEN_FROM} (?P<b>[^,]+)$""",
        r'where is \g<a> relative to \g<b>',
    ),
    (
        rf"""^(?:what is|(?:(?:can|could) you )?(?:describe|specify)) the {_STANDING}[ ]
        between (?P<a>[^,]+?) and (?P<b>[^,]+)$""",
        r'where is \g<a> relative to \g<b>',
    ),
    (
        rf"""^(?:{_AS_SEEN_FROM} each other, )?how are (?P<a>[^,]+?) and (?P<b>[^,]+?)[ ]
            (?:positioned|arranged|placed|located|situated)
            (?:[ ]{_AS_SEEN_FROM} (?:each other|one another))?$""",
        r'where is \g<a> relative to \g<b>',
    ),
    (
        rf"""^(?:is|are) (?P<a>.+?) and (?P<b>.+? (?:on|to|at) the (?:left|right))[ ]
            (?:{_NEAR_OR_FAR})(?:,? or (?:{_NEAR_OR_FAR}))?$""",
        r'is \g<b> beside \g<a>',
    ),
    (
        rf"""^(?:is|are) (?P<a>.+?) and (?P<b>.+?) (?:{_NEAR_OR_FAR})
            (?:,? or (?:{_NEAR_OR_FAR}))?$""",
        r'is \g<a> beside \g<b>',
    ),
    (
        r"""^(?:is|would you (?:consider|call|say)) (?P<a>(?:(?! as ).)+?) (?:to be |is )?
            (?:far|distant|far away|a (?:long|large|short|small) (?:way|distance))[ ]
            from (?P<b>(?:(?! as | than ).)+)$""",
        r'is \g<a> beside \g<b>',
    ),
    # which is more so
    (
        rf"""^(?P<which>which|what)(?: one)? is (?:the )?(?P<adj>{one_of(TRAITS)})
            (?P<to>(?: (?:to|from) [^,]+?)?) between (?P<a>.+?) and (?P<b>.+)$""",
        r'\g<which> is \g<adj>\g<to>, \g<a> or \g<b>',
    ),
    (
        r'^(?P<q>which) of the (?:listed|following|given|mentioned) (?:objects|things|items)\b',
        r'\g<q>',
    ),
    (
        r"""^(?P<which>which|what) of (?:these|the|those) (?:two )?(?:\w+ )?
            \((?P<a>[^,()]+), (?P<b>[^,()]+)\) is (?P<rest>.+)$""",
        r'\g<which> is \g<rest>, \g<a> or \g<b>',
    ),
    (
        rf"""^(?P<which>(?:.*, )?(?:which|what|who)\b[^.]*?)[ ]
            (?:stands|sits|looks|lies|appears|seems|hangs|rests)(?: to be)?[ ]
            (?P<adj>(?:the )?(?:{one_of(TRAITS)})\b)""",
        r'\g<which> is \g<adj>',
    ),
    (
        r'\b(?P<adj>higher|lower) (?:up|down)\b',
        r'\g<adj>',
    ),
    (
        rf"""^(?:is|are|do|does) (?P<a>(?:(?! than | (?:{MORE}) or )[^,])+?) or[ ]
            (?P<b>(?:(?! than )[^,])+?)[ ](?:(?:seem|look|appear)s? )?(?:the )?
            (?P<adj>{MORE})(?P<c>(?: (?:to|from) [^,]+)?)$""",
        r'which is \g<adj>\g<c>, \g<a> or \g<b>',
    ),
    (
        r"""^(?:from|among|of|out of|between) (?P<list>.+?), (?:please )?identify the[ ]
            (?:one|object|thing|item) (?:that|which) is\b""",
        r'between \g<list>, which one is',
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
        r'^(?P<how>from \w+ to \w+), (?:what|which) are the (?:objects|things|items)$',
        r'list the objects \g<how>',
    ),
    (r'^(?:can|could|would) you (?=(?:list|order|sort|rank|arrange|organi[sz]e|sequence)\b)', ''),
    (
        r"""^(?:given|considering|of|from) (?P<list>.+?), (?:please )?
            (?:order|sort|rank|arrange|organi[sz]e|sequence) them\b""",
        r'order \g<list>',
    ),
    (
        rf'^(?:what|which) is the (?:object|thing|item) (?={RELATION_WORDS["beside"]} )',
        'what is ',
    ),
    # comparisons
    (
        rf"""^(?:what|which|who)(?: one)? is (?:the )?(?P<most>{_MOST})(?: one)? of (?:all )?
        (?:the|these|those|my) (?P<kind>[^,]*?s\b(?:(?! and | or )[^,])*)$""",
        r'which of the \g<kind> is \g<most>',
    ),
    (
        rf"""\b(?P<most>{_MOST}\b[^,]*?)[ ]
        of (?:them )?all(?: of them| (?:the )?(?:objects|things|items))?$""",
        r'\g<most>',
    ),
    (
        rf"""^is (?P<a>.+?) (?P<one>{MORE})(?P<to>(?: (?:to|from) [^,]+?)?) than[ ]
            (?P<b>(?:(?! or )[^,])+?){_OR}(?P<other>{MORE})(?: away| off)?
            (?: (?:to|from|than) (?:it|me))?$""",
        r'is \g<a> \g<one> or \g<other>\g<to> than \g<b>',
    ),
    (
        rf"""^is (?P<a>.+?) (?P<one>{MORE}) (?:to|from) or (?P<other>{MORE})[ ]
            (?P<to>(?:to|from) .+? than)[ ]""",
        r'is \g<a> \g<one> or \g<other> \g<to> ',
    ),
    (
        rf"""^is (?P<a>.+?) (?P<one>{MORE}) (?P<to>(?:to|from) (?:(?! than )[^,])+?){_OR}
            (?P<other>{MORE}) (?:to|from) it than[ ]""",
        r'is \g<a> \g<one> or \g<other> \g<to> than ',
    ),
    (r'\b(?P<near>nearest|closest) (?=(?:the|my) \w)(?!.* or )', r'\g<near> to '),
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
    (
        r'\bfarther to (?P<camera>(?:the )?(?:camera|viewer|observer))\b',
        r'farther from \g<camera>',
    ),
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
_MARK = re.compile(r'(?:^|[ .,;])\(?([a-e])[).:] ?')
_TOLD_ANYHOW = re.compile(
    rf'(?:yes|no|true|false|left|right|above|below|in front|behind|(?:the )?{NUMBER}.*)$'
)
"""An option that needs no choosing: what is measured says which one it is."""


def reworded(text: str) -> str:
    """Put a plain question plainly."""
    asks, *options = _MARK.split(text)
    if len(options) > 2 and ''.join(options[::2]) == 'abcde'[: len(options) // 2]:
        asks = put_plainly(asks.strip(' .,:;'), ANSWER_FORMATS)
        text = _with_options(asks, [each.strip(' .,;') for each in options[1::2]])
    text = put_plainly(put_plainly(text, ANSWER_FORMATS), ASIDES)
    return put_plainly(measures_of_things(put_plainly(text, TURNED)), _WORDINGS)


def _with_options(asks: str, options: list[str]) -> str:
    """Put the options of a multiple choice into the question, where it does not name them."""
    if all(map(_TOLD_ANYHOW.match, options)) or all(option in asks for option in options):
        return asks
    return f'{asks}: {", ".join(options[:-1])} or {options[-1]}'
