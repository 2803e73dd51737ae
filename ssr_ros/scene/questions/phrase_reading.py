# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""From words to noun phrases: 'the second nearest red thing on the table'."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
import re
from typing import cast

from ssr_ros.scene.names import plain_name, plural, singular
from ssr_ros.scene.questions.leftover import fills, is_generic, is_own_side, left_over, WORDS
from ssr_ros.scene.questions.patterns import pattern
from ssr_ros.scene.questions.phrases import Bound, Phrase, PhraseKind
from ssr_ros.scene.questions.relation_words import RELATION, relation_of
from ssr_ros.scene.questions.spelling import spoken
from ssr_ros.scene.questions.vocabulary import (
    ALONE,
    Aspect,
    CAMERA_WORDS,
    COLOR_WORDS,
    GROUPS,
    JOINING_WORDS,
    one_of,
    PICKS,
    PLANE_NOUNS,
    RANKS,
    Region,
    Relation,
    TRAITS,
    VAGUE_SIZES,
)

_SUPERLATIVES = {pick for word, pick in PICKS.items() if word.endswith('est')}
_NAMED = re.compile(r'(?<!\w)_\w')
_OF_ALL_IN_VIEW = (None, 'in front of', 'beside', 'nearest to', 'farthest from')
"""How a surface that is seen stands to the camera, and no surface stands otherwise."""

_NEAR_OR_FAR = re.compile(r'\b(?:nearest|closest|farthest|nearer|closer|farther)\b')
_COORDINATES = pattern(
    r"""^(?:the )?(?:pixel|point|box|region|area|position)?s?(?: at)?[ ]?[\[(]?
    (?P<numbers>[0-9]{1,9}(?:\.[0-9]{1,9})?(?:[ ]?,[ ]?[0-9]{1,9}(?:\.[0-9]{1,9})?)+)[\])]?$"""
)
_MIDDLE_PIXEL = pattern('^(?:center|middle)(?: of (?:the )?(?:image|picture|frame|view))?$')
_VIEW = '(?: of (?:the |this |that )?(?:image|picture|frame|scene|view|room|camera|me|you|robot))?'
_PLACE = pattern(
    rf"""(?:^|[ ])(?:(?:that|which) (?:is|are) )?(?:
    (?:to|on|in|at) (?:the |my |your |its )?(?:far |very |extreme )?
        (?P<across>left|right|middle|center)(?: side| half| part)?{_VIEW}
    |(?:in|at|on) the (?P<up>top|bottom|upper|lower)(?: half| part| side)?{_VIEW}
    |(?:in|at) the (?P<deep>front|back|rear)(?: half| part)?{_VIEW}
    )$"""
)
_IN_VIEW = pattern(
    r"""[ ](?:visible |present |shown |seen )?(?:in|within) (?:the |this |that )?
    (?:image|picture|photo|scene|view|video|room|(?:camera )?frame|camera view)(?: provided)?$"""
)
"""All that is measured is there: to say so chooses nothing."""

_REGIONS: dict[str, Region] = {
    'center': 'middle',
    'upper': 'top',
    'lower': 'bottom',
    'rear': 'back',
}
_CLAUSE = pattern(
    rf"""^(?P<head>.+?)[ ]
    (?:(?:that|which|who) (?:is|are|stands?|lies|lie|sits?)[ ]
    |(?:standing|sitting|lying|placed|located|situated|resting)[ ])?
    (?:{RELATION}) (?P<anchor>.+)$"""
)
_FROM_SIDE = pattern(
    r"""^(?P<head>.*\b(?:first|1st|second|2nd|third|3rd|fourth|4th|fifth|5th)\b.*?)[ ]
    (?:counting |counted |starting )?from (?:the |my )?(?:far )?(?P<side>left|right|front|back)$"""
)
_MORE_THAN = pattern(
    rf"""^(?P<head>.+?)[ ](?:(?:that|which|who) (?:is|are|stands?|lies?)[ ])?
    (?P<trait>{one_of(word for word in TRAITS if word.endswith('er'))})
    (?: (?:to|from) (?:me|us|you|(?:the )?(?:camera|robot|observer|viewer)))? than[ ]
    (?P<anchor>(?!<).+)$"""
)
_EXTREME = pattern(
    rf"""^(?:the )?(?:(?P<rank>{one_of(RANKS)})[ ])?(?:closest|nearest|(?P<far>farthest))[ ]
    (?P<head>.+?) (?:to|from) (?P<anchor>.+)$"""
)
_LEFT_OUT = pattern(
    r"""^(?P<head>.+?)[ ](?:(?:(?:that|which|who) (?:is|are|stands?|lies?)[ ])?
    (?P<no>not)|other than|apart from|besides|except(?: for)?) (?P<what>.+)$"""
)
_BOUND_WORDS: dict[tuple[Aspect, bool], str] = {
    ('distance', False): 'within|inside of|less than|nearer than|closer than|closer to me than|'
    'under|below|up to|no more than',
    ('distance', True): 'more than|farther than|farther away than|over|beyond|at least',
    ('height', False): 'shorter than|lower than',
    ('height', True): 'taller than|higher than',
    ('width', False): 'narrower than|smaller than',
    ('width', True): 'wider than|bigger than|larger than',
}
_BOUND_NAMES = {f'{key[0]}{key[1]:d}': key for key in _BOUND_WORDS}
_BOUNDS = '|'.join(f'(?P<{name}>{_BOUND_WORDS[key]})' for name, key in _BOUND_NAMES.items())
_BOUNDED = pattern(
    rf"""(?:^|[ ])(?:(?:that|which) (?:is|are) )?(?:{_BOUNDS}) <(?P<bound>[0-9.]+)>
    (?: (?:away|far|of distance|distance|(?P<height>tall|high)|(?P<width>wide)))?
    (?: (?:of|from|to) (?P<anchor>.+))?$"""
)
QUALIFYING = rf"""(?:{RELATION}|{_BOUNDS}
    |(?:to|on|in|at) (?:the |my |your )?(?:left|right|middle|top|bottom))\b"""
_QUALIFIES = pattern(QUALIFYING)
_THAT_ARE = '(?:that|which) (?:is|are)'
_ALSO = pattern(rf'^(?P<whole>.+) and (?:{_THAT_ARE} )?(?P<also>{QUALIFYING} .+)$')
_BOTH = pattern(rf'[ ]both (?={QUALIFYING})')
_EITHER = pattern(rf'^(?P<head>.+?) {_THAT_ARE} (?:either )?(?P<one>.+?) or (?P<other>.+)$')
_OR_COLOR = re.compile(rf'\b({one_of(COLOR_WORDS)}) or (?=(?:{one_of(COLOR_WORDS)})\b)')
_SAME_COLOR = pattern(
    r"""^(?P<head>.+?)[ ](?:(?:(?:that|which) )?(?:is|are|has|have|share|shares)[ ])?
    (?:(?:of|with|in) )?the (?:exact )?same color (?:as|of|like) (?:that of )?(?P<anchor>.+)$"""
)
_NEXT_KIND = re.compile(r'(?:, | )(?:and|or) (?:the |all |any )?|, ')
_OTHER = re.compile(r'\bother (?=\w)| else\b')


def read_phrase(text: str) -> Phrase:
    """Read a noun phrase such as 'the second nearest red thing on the table'.

    Args:
        text: plain words, with lengths marked.
    """
    text = _IN_VIEW.sub('', text.strip(' ,.'))
    phrase = _read_name(text) or _read_qualified(text) or _read_head(text)
    if phrase.kind == 'camera' and (phrase.relation or phrase.region or phrase.bound):
        return replace(phrase, unread=phrase.text.partition(' ')[2])  # 'me on the couch'
    return replace(phrase, unread=_unread_of_surface(phrase)) if phrase.kind == 'plane' else phrase


def _unread_of_surface(phrase: Phrase) -> str:
    """What is said of a surface and not known: all but its number and how near the camera it is.

    Which wall is the left one, or the one behind the chair, nobody measures.
    """
    away = phrase.bound is None or (phrase.bound.aspect == 'distance' and not phrase.bound.least)
    of_camera = all(anchor.kind == 'camera' for anchor in phrase.anchors)
    of_camera = of_camera and phrase.relation in _OF_ALL_IN_VIEW
    picked = phrase.pick is None or _NEAR_OR_FAR.search(phrase.text)
    more = phrase.rank > 1 or phrase.region or phrase.without or ' far ' in f' {phrase.text} '
    if away and of_camera and picked and not more:
        return phrase.unread
    named_so = re.compile(rf'\b(?:{phrase.noun}|{plural(phrase.noun)})\b')
    before, after = [*named_so.split(phrase.text, 1), ''][:2]
    return phrase.unread or after.strip() or re.sub('^(?:the|a|an|any|some) ', '', before).strip()


def several(things: Sequence[str]) -> Phrase:
    """Read a list of noun phrases as one: 'the mug', 'the can' and 'the box'."""
    anchors = tuple(read_phrase(words) for words in things)
    return Phrase(text=', '.join(each.text for each in anchors), kind='several', anchors=anchors)


def _read_name(text: str) -> Phrase | None:
    """Read what is no description: coordinates, the camera, a pronoun for several things."""
    match = _COORDINATES.match(text)
    if match:
        numbers = tuple(float(part) for part in match['numbers'].split(','))
        if len(numbers) in (2, 4):
            kind: PhraseKind = 'pixel' if len(numbers) == 2 else 'box'
            return Phrase(text=text, kind=kind, numbers=numbers)
    bare = re.sub('^(?:the|a|an|my|your) ', '', text)
    if text in CAMERA_WORDS or bare in CAMERA_WORDS:
        return Phrase(text=text, kind='camera')
    if _MIDDLE_PIXEL.match(bare):
        return Phrase(text=text, kind='pixel')
    if text in GROUPS or bare in GROUPS:
        return Phrase(text=text, kind='group', plural=True)
    return None


def _read_qualified(text: str) -> Phrase | None:
    """Read a phrase that ends in a bound, a place or a relation: what is before is read alone."""
    match = _LEFT_OUT.match(text)
    if match:
        return _read_without(text, match)
    match = _FROM_SIDE.match(text)
    if match:
        inner = _in_order(read_phrase(match['head']))
        return replace(inner, text=spoken(text), pick=PICKS[match['side']])
    joined = _read_joined(text)
    if joined is not None:
        return joined
    match = _BOUNDED.search(text)
    if match:
        inner = read_phrase(text[: match.start()] or 'object')
        inner = _moved_aside(inner) if match['anchor'] else inner
        anchors = (read_phrase(match['anchor']),) if match['anchor'] else inner.anchors
        return replace(inner, text=spoken(text), bound=_bound(match), anchors=anchors)
    match = _PLACE.search(text)
    if match and not _says_of_anchor(text[: match.start()]):
        inner = _in_order(read_phrase(text[: match.start()] or 'object'))
        where = match['across'] or match['up'] or match['deep']
        region = _REGIONS.get(where) or cast(Region, where)
        return replace(inner, text=spoken(text), region=region)
    match = _EXTREME.match(text)
    if match:
        extreme: Relation = 'farthest from' if match['far'] else 'nearest to'
        found = _related(text, match['head'], extreme, match['anchor'])
        return replace(found, rank=RANKS[match['rank'] or 'first'])
    match = _SAME_COLOR.match(text)
    if match:  # another one than the anchor is meant anyway
        head = re.sub(r'\banother\b', 'a', match['head'])
        return _related(text, _OTHER.sub('', head), 'colored as', match['anchor'])
    match = _MORE_THAN.match(text)
    if match:
        more_than = cast(Relation, f'{TRAITS[match["trait"]]} than')
        return _related(text, match['head'], more_than, match['anchor'])
    match = _CLAUSE.match(text)
    if match:
        return _related(text, match['head'], relation_of(match), match['anchor'])
    return _read_kinds(text)


def _read_kinds(text: str) -> Phrase | None:
    """Read 'cups and cans' or 'all mugs, cups or blue bowls': things of any of these kinds.

    Whether the cans of 'red cups and cans' are red is open, and left over.
    """
    bare = re.sub('^(?:(?:the|all|all of|any|some|my|these|those|either) )+', '', text)
    named = _NEXT_KIND.split(bare)
    kinds = tuple(map(read_phrase, named)) if len(named) > 1 else ()
    if not kinds or not all(k.plural and k.noun and k.kind == 'object' for k in kinds):
        return None
    if any(k.number or k.pick or k.also or k.without for k in kinds):
        return None
    is_open = kinds[0].colors and not all(kind.colors for kind in kinds)
    unread = 'and' if is_open else ''
    return Phrase(text=spoken(text), plural=True, either=kinds, unread=unread)


def _read_joined(text: str) -> Phrase | None:
    """Read 'things behind A and left of B' and 'things that are either red or blue'.

    Where it is open what is joined to what, a word is left over: the things behind the box that
    is left of A and behind B, or left of the cube or the cup.
    """
    match = _ALSO.match(text)
    if match:
        whole = read_phrase(_BOTH.sub(' ', match['whole']))
        also = read_phrase(f'objects {match["also"]}')
        if not (whole.relation or whole.region or whole.bound):
            return None
        of_thing = not any(each.relation or each.region or each.bound for each in whole.anchors)
        unread = whole.unread or ('' if of_thing else 'and')
        return replace(whole, text=spoken(text), also=(*whole.also, also), unread=unread)
    match = _EITHER.match(text)
    if match is None:
        return None
    parts = [_part(match[name]) for name in ('one', 'other')]
    if len({sort for sort, _ in parts}) > 1 or '' in parts[0]:
        return None
    either = tuple(read_phrase(words) for _, words in parts)
    return replace(read_phrase(match['head']), text=spoken(text), either=either)


def _part(words: str) -> tuple[str, str]:
    """What sort of words one of two is, '' where it is none that chooses, and what it means."""
    if words in COLOR_WORDS:
        return 'color', f'{words} objects'
    if _QUALIFIES.match(words):
        return 'place', f'objects {words}'
    named = read_phrase(words)
    return ('things' if named.plural and named.kind == 'object' else ''), words


def _read_without(text: str, match: re.Match[str]) -> Phrase:
    """Read 'the things on the table that are not red' and 'anything other than the mug'."""
    head, what = match['head'], match['what']
    color, _, more = what.partition(' ')
    if match['no'] and color in COLOR_WORDS:  # 'not red on the table': what is not red, there
        head, what = f'{head} {more}'.strip(), f'{color} objects'
    elif match['no'] and _QUALIFIES.match(what):
        what = f'objects {what}'
    whole, without = read_phrase(head), read_phrase(what)
    placed = without.relation or without.region or without.bound
    if placed and not match['no']:  # 'other than the mug on the table': what is on the table?
        whole = replace(whole, unread=whole.unread or spoken(what))
    return replace(whole, text=spoken(text), without=without)


def _says_of_anchor(before: str) -> bool:
    """Whether a place is said of what a thing stands on or beside: the cup on the bed to my left.

    Said of the floor, or after a comma, it is that of the thing.
    """
    match = None if before.endswith(',') else _CLAUSE.match(before)
    anchor = read_phrase(match['anchor']) if match else None
    if anchor is None or anchor.kind == 'plane':
        return anchor is not None and PLANE_NOUNS[anchor.noun] != 'floor'
    return anchor.kind == 'object'


def _in_order(phrase: Phrase) -> Phrase:
    """Give a rank its order: the second mug of some, from the left or on the left."""
    return replace(phrase, unread='') if phrase.unread in RANKS else phrase


def _bound(match: re.Match[str]) -> Bound:
    name = next(name for name in _BOUND_NAMES if match[name])
    aspect, least = _BOUND_NAMES[name]
    if match['height']:
        aspect = 'height'
    elif match['width']:
        aspect = 'width'
    return Bound(aspect=aspect, least=least, length_m=float(match['bound']))


def _related(text: str, head: str, relation: Relation, anchor: str) -> Phrase:
    parts = anchor.split(' and ') if relation == 'between' else [anchor]
    # 'with a lid on top' is on no top; what is left of the cans or mugs may be any mug
    open_ones = (part in PICKS or _read_kinds(part) is not None for part in parts)
    anchors = tuple(
        replace(read_phrase(part), unread=part) if is_open else read_phrase(part)
        for part, is_open in zip(parts, open_ones, strict=True)
    )
    related = _moved_aside(read_phrase(head))
    related = _in_order(related) if relation in ('nearest to', 'farthest from') else related
    return replace(related, text=spoken(text), relation=relation, anchors=anchors)


def _moved_aside(phrase: Phrase) -> Phrase:
    """Make room for a relation: 'the mug on the table' may be nearest to another thing."""
    if not phrase.anchors:
        return phrase
    bound = phrase.bound if phrase.relation is None else None
    kept = None if bound else phrase.bound
    stands = phrase.relation
    aside = Phrase(text=phrase.text, relation=stands, anchors=phrase.anchors, bound=bound)
    return replace(phrase, relation=None, anchors=(), bound=kept, also=(*phrase.also, aside))


def _read_head(text: str) -> Phrase:
    said, text = text, _OR_COLOR.sub(r'\1 ', text)
    words = WORDS.findall(text)
    vague = next((word for word in words if word in VAGUE_SIZES), '')
    unread = spoken(text[text.index('<') :]) if '<' in text else left_over(text)
    phrase = Phrase(text=spoken(said), vague=vague, unread=unread)
    for place, word in enumerate(words):
        if is_own_side(words, place):
            phrase = replace(phrase, noun=f'{phrase.noun} {word}'.strip())
        elif not fills(words, place) or (word == 'of' and phrase.noun):
            phrase = _with_word(phrase, word)
    if phrase.pick and phrase.plural and not phrase.noun and phrase.pick in _SUPERLATIVES:
        phrase = replace(phrase, unread=unread or phrase.pick)  # 'the three nearest objects'
    nouns = phrase.noun.split(' ')
    is_plain = not (phrase.colors or _NAMED.search(text) or JOINING_WORDS & set(nouns))
    is_plain = is_plain and not (nouns[:-1] and nouns[-1] in ALONE)
    if nouns[-1] in PLANE_NOUNS and is_plain:
        return replace(phrase, kind='plane', noun=nouns[-1], plural=False)
    return phrase


def _with_word(phrase: Phrase, word: str) -> Phrase:
    if word.startswith('_'):
        name = word.strip('_').replace('_', ' ')
        noun = f'{phrase.noun} {plain_name(name)}'.strip()
        return replace(phrase, noun=noun, plural=plain_name(name) != name)
    single = singular(word)
    if re.fullmatch('[0-9]{1,9}', word):
        return replace(phrase, number=int(word))
    if word in RANKS:
        return replace(phrase, rank=RANKS[word])
    if word in COLOR_WORDS:
        colors = COLOR_WORDS[word]
        loosely = phrase.loosely or len(colors) > 1
        return replace(phrase, colors=phrase.colors + colors, loosely=loosely)
    if word in PICKS:
        return replace(phrase, pick=PICKS[word])
    if is_generic(word):
        return replace(phrase, plural=phrase.plural or single != word)
    noun = f'{phrase.noun} {single}'.strip()
    return replace(phrase, noun=noun, plural=word != single)
