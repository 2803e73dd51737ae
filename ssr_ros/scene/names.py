# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""When two words name the same kind of thing: spelling, plurals, synonyms, kinds of a kind."""

from __future__ import annotations

import enum
import re
import unicodedata

_IRREGULAR = {
    'children': 'child',
    'dice': 'die',
    'feet': 'foot',
    'geese': 'goose',
    'halves': 'half',
    'knives': 'knife',
    'leaves': 'leaf',
    'loaves': 'loaf',
    'men': 'man',
    'mice': 'mouse',
    'people': 'person',
    'persons': 'person',
    'shelves': 'shelf',
    'teeth': 'tooth',
    'wolves': 'wolf',
    'women': 'woman',
    'buses': 'bus',
    'heroes': 'hero',
    'potatoes': 'potato',
    'tomatoes': 'tomato',
    'mangoes': 'mango',
    'mosquitoes': 'mosquito',
}
_NO_PLURAL = frozenset(
    (
        'scissors',
        'pliers',
        'tweezers',
        'tongs',
        'pants',
        'trousers',
        'jeans',
        'shorts',
        'sheep',
        'fish',
        'this',
        'gas',
        'bus',
        'glass',
        'lens',
        'skis',
        'headphones',
        'binoculars',
        'tennis',
        'cheese',
        'chess',
        'christmas',
        'canvas',
        'atlas',
        'iris',
        'cactus',
        'always',
        'is',
        'has',
        'was',
        'does',
        'its',
        'yes',
        'as',
        'series',
    )
)

_SYNONYMS = (
    ('mug', 'cup', 'coffee cup', 'coffee mug', 'teacup'),
    ('couch', 'sofa', 'settee'),
    ('tv', 'television', 'tv monitor', 'tvmonitor', 'telly'),
    ('monitor', 'computer monitor', 'computer screen', 'screen', 'display'),
    ('cell phone', 'phone', 'mobile phone', 'cellphone', 'smartphone', 'mobile'),
    ('potted plant', 'plant', 'houseplant', 'pottedplant'),
    ('dining table', 'table', 'diningtable'),
    ('bicycle', 'bike'),
    ('motorcycle', 'motorbike'),
    ('airplane', 'aeroplane'),
    ('person', 'man', 'woman', 'human', 'pedestrian', 'somebody', 'someone'),
    ('laptop', 'notebook computer', 'laptop computer'),
    ('refrigerator', 'fridge'),
    ('remote', 'remote control', 'tv remote'),
    (
        'trash can',
        'garbage can',
        'garbage bin',
        'trash bin',
        'waste bin',
        'rubbish bin',
        'dustbin',
        'wastebasket',
        'bin',
    ),
    ('backpack', 'rucksack'),
    ('suitcase', 'luggage'),
    ('handbag', 'purse'),
    ('hair drier', 'hair dryer', 'hairdryer'),
    ('stove', 'cooker'),
    ('can', 'tin'),
    ('cupboard', 'cabinet'),
    ('wardrobe', 'closet'),
    ('lamp', 'light'),
    ('carton', 'cardboard box'),
    ('sponge', 'kitchen sponge'),
    ('tap', 'faucet'),
    ('torch', 'flashlight'),
    ('wrench', 'spanner'),
    ('stapler', 'staple gun'),
    ('pitcher', 'jug'),
    ('marker', 'felt tip', 'felt pen'),
    ('armchair', 'easy chair'),
)
_GROUP_OF = {name: number for number, group in enumerate(_SYNONYMS) for name in group}

_ARTICLE = re.compile(r'^(?:the|an?|my|your|this|that|some|any) ', re.IGNORECASE)
_TAIL = re.compile(r' (?:of|with|for|in|from|on|at) .*$')


class Fit(enum.IntEnum):
    """How well a label answers to a name; a better fit rules a worse one out."""

    NONE = 0
    SYNONYM = 1
    """'mug' and 'cup'; 'the white mug' and 'white cup'."""
    KIND = 2
    """'bottle' and 'mustard bottle': the label says more than was asked for."""
    SAME = 3
    """Word for word, but for spelling and number."""


def plain_name(name: str) -> str:
    """Bring a name into one spelling: lower case, single spaces, singular, no article.

    'The_Coffee-Mugs ' becomes 'coffee mug', 'grey boxes' 'gray box'.
    """
    folded = unicodedata.normalize('NFKC', name).casefold().replace("'", '').replace('’', '')
    words = ' '.join(re.findall(r'\w+', folded.replace('_', ' ')))
    words = _ARTICLE.sub('', words)
    words = re.sub(r'\bgrey\b', 'gray', re.sub(r'colour', 'color', words))
    tail = _TAIL.search(words)
    head, rest = (words[: tail.start()], tail[0]) if tail else (words, '')
    before, _, last = head.rpartition(' ')
    return f'{before} {singular(last)}'.strip() + rest


def without_article(name: str) -> str:
    """Return a name as it was given, but for white space around it and 'the' before it."""
    return _ARTICLE.sub('', name.strip()).strip()


def singular(word: str) -> str:
    """Take a plural's ending off a lower-case word: boxes, glasses, knives; glass has none."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word in _NO_PLURAL or len(word) < 3 or not word.endswith('s'):
        return word
    if word.endswith('ies') and len(word) > 4:
        return word[:-3] + 'y'
    if word.endswith(('xes', 'sses', 'shes', 'ches', 'zzes')):
        return word[:-2]
    return word if word.endswith(('ss', 'us')) else word[:-1]


def plural(word: str) -> str:
    """Give a lower-case word the ending of a plural."""
    for many, one in _IRREGULAR.items():
        if one == word:
            return many
    if word in _NO_PLURAL - {'glass', 'bus', 'gas', 'lens'}:
        return word
    if word.endswith(('s', 'x', 'sh', 'ch', 'z')):
        return word + 'es'
    if word.endswith('y') and word[-2:-1] not in 'aeiou':
        return word[:-1] + 'ies'
    return word + 's'


def fit(asked: str, label: str) -> Fit:
    """Say how well a label that a source gave answers to a name that somebody used.

    A label may say more than was asked for ('bottle', 'mustard bottle'), never less: a 'bottle'
    is not known to be 'the mustard bottle'.
    """
    want, have = plain_name(asked), plain_name(label)
    if not want or not have:
        return Fit.NONE
    if want == have or want.replace(' ', '') == have.replace(' ', ''):
        return Fit.SAME
    if _is_kind_of(want, have):
        return Fit.KIND
    if any(_is_kind_of(other, have) or other == have for other in _said_otherwise(want)):
        return Fit.SYNONYM
    return Fit.NONE


def _is_kind_of(want: str, have: str) -> bool:
    """Whether a label has the head of a name ('mug' of 'mug of tea') and all its other words."""
    head, label_head = (_TAIL.sub('', name).rpartition(' ')[2] for name in (want, have))
    return head == label_head and set(want.split()) <= set(have.split())


def _said_otherwise(name: str) -> list[str]:
    """A name with its head replaced by each synonym: 'white mug' gives 'white cup'."""
    words = name.split()
    found = []
    for start in range(len(words)):
        group = _GROUP_OF.get(' '.join(words[start:]))
        if group is not None:
            before = ' '.join(words[:start])
            found += [f'{before} {other}'.strip() for other in _SYNONYMS[group]]
    return [other for other in found if other != name]
