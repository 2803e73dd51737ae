# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Which word of a question that was not read is likely misspelt: asked back, and never taken."""

from __future__ import annotations

from difflib import get_close_matches
import re

from ssr_ros.scene.questions.vocabulary import DIMENSIONS, PICKS, TRAITS, words

LIKE, SHORT = 0.75, 3
"""How much a word must be like another one, of 1, with the same first letter: a wall is not tall.
Of up to so many letters nobody can tell."""

_ASKING = words(
    'which what where there many color distance left right front behind between above below '
    'under beside touching near within from objects things'
)
_MEANT = sorted(_ASKING | {word for word in (*TRAITS, *PICKS, *DIMENSIONS) if len(word) > SHORT})
_OTHERWISE = words(
    'form than then that this these those with white wire were their three want mean sort sorts '
    'side sides read real tell think thinks wait main black board border shadow counter wheel '
    'lost talk tiny shot lift lets logs lone slower faster table tables brightest thickest newest '
    'simplest touch nearly nearby closed closely chose clone wild wherever firm death cent colon '
    'colour colours coloured centre centres further writing distinct extend cluster reader backup'
)
"""English words that are like one of them and meant as they are."""
_LETTERS = {'hwo': 'how', 'hw': 'how', 'fra': 'far', 'teh': 'the', 'si': 'is', 'wat': 'what'}


def misspelt(text: str) -> str:
    """Ask whether a word that is unknown is meant to be one that is read: 'did you mean ...?'.

    Args:
        text: plain, with names marked.
    """
    for word in re.findall(r'(?<![\w<.])[a-z]+(?!\w)', text):
        meant = [_LETTERS[word]] if word in _LETTERS else []
        if len(word) > SHORT and word not in _OTHERWISE and word not in _MEANT:
            meant = get_close_matches(word, [m for m in _MEANT if m[0] == word[0]], 1, LIKE)
        if meant and meant[0] not in (f'{word}s', word.removesuffix('s')):
            return f'did you mean "{meant[0]}" by "{word}"?'
    return ''
