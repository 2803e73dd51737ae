# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What things are called by those who know names: in a question, and among the objects."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from difflib import get_close_matches
import re

from ssr_ros.scene.geometry.objects import SceneObject
from ssr_ros.scene.grounded import Names
from ssr_ros.scene.names import Fit, fit, plain_name, plural
from ssr_ros.scene.questions import wording
from ssr_ros.scene.questions.phrases import Phrase
from ssr_ros.scene.questions.quantity import Verdict
from ssr_ros.scene.questions.vocabulary import (
    COLOR_WORDS,
    FILLING_WORDS,
    GENERIC_NOUNS,
    NEAR_COLORS,
    one_of,
    OWN_SIDES,
    PICKS,
    PLANE_NOUNS,
    RANKS,
    TRAITS,
)

MOST_SAID = 8
MOSTLY = 0.5
"""Share of a thing's pixels that must have a colour for the colour to tell which is meant."""

LIKE, LIKE_OF_SHORT, SHORT = 0.8, 0.65, 4
"""How much a name must be like another one, of 1, to be asked back about; it is never taken. Of a
short one, of up to so many letters, one may be another: a mag for a mug."""

_SURFACES = frozenset(('floor', 'ground', 'wall', 'ceiling', 'table'))
"""Words that mean a surface of the room, whatever else may have such a name."""

_READ_OTHERWISE = frozenset(
    ({*COLOR_WORDS, *PICKS, *TRAITS, *FILLING_WORDS, *RANKS, *PLANE_NOUNS} - _SURFACES)
    | {'can', 'fit', 'go', 'light', 'plant', 'board'}
)
_ARTICLE = r'\b(?:the|an?|this|that|my|your|two|three|both|any|some|of|and|or) '
_PICKED = rf'(?:(?:{one_of([*PICKS, *RANKS])}) )'
"""What may stand between an article and a name: the top shelf, of things called shelf."""


def mark_names(text: str, names: Iterable[str]) -> str:
    """Join the words of every known name in a plain text: 'the _coffee_can'.

    So a name is read as it is: the 'coffee can' asks for nothing, and an 'orange' is no colour.
    """
    known = sorted({plain_name(name).split(' ')[-1] for name in names} | set(GENERIC_NOUNS))
    for name in sorted(map(plain_name, names), key=len, reverse=True):
        words = name.split()
        if len(words) > 1:
            text = re.sub(rf'(?<![\w-]){_spelt(words)}(?![\w-])', _mark, text)
        elif name in _READ_OTHERWISE:
            alone = (
                rf'({_ARTICLE}{_PICKED}*)({_spelt(words)})(?![\w-])(?! (?:{one_of(known)})s?\b)'
            )
            text = re.sub(alone, lambda match: match[1] + _mark(match[2]), text)
    return text


def _spelt(words: Sequence[str]) -> str:
    """A pattern for a name as people write it: hyphens, apostrophes, plural."""
    *first, last = words
    ends = one_of({re.escape(last), re.escape(plural(last))})
    parts = [re.escape(word[:-1]) + "'?" + re.escape(word[-1]) for word in first]
    return '[ -]'.join([*parts, f'(?:{ends})'])


def _mark(name: re.Match[str] | str) -> str:
    text = name if isinstance(name, str) else name[0]
    return '_' + re.sub("[ '-]+", '_', text.replace("'", ''))


def called(things: Iterable[SceneObject], phrase: Phrase) -> tuple[SceneObject, ...]:
    """The things whose names answer to a phrase best, in its colours where it has some.

    'The bottle' fits a bottle and a mustard bottle alike; a synonym counts only where nothing is
    called so.
    """
    fits = {thing.name: _fit(thing, phrase) for thing in things}
    fitting = colored([thing for thing in things if fits[thing.name]], phrase)
    best = max((fits[thing.name] for thing in fitting), default=Fit.NONE)
    if best is Fit.SAME and (phrase.plural or ' ' not in phrase.noun):
        best = Fit.KIND
    return tuple(thing for thing in fitting if fits[thing.name] >= best)


def _fit(thing: SceneObject, phrase: Phrase) -> Fit:
    labels = (thing.label, *thing.also)
    return max(fit(phrase.noun, label) for label in labels)


def colored(things: Iterable[SceneObject], phrase: Phrase) -> tuple[SceneObject, ...]:
    """The things of a phrase's colour; where there are none, those that have it in part.

    The colour in a thing's name counts, else what is seen.
    """
    if not phrase.colors:
        return tuple(things)
    wanted, said = set(phrase.colors), {thing: _said_colors(thing) for thing in things}
    plainly = tuple(t for t, colors in said.items() if wanted & set(colors or (t.color,)))
    partly = (t for t, colors in said.items() if not colors and t.second_color in wanted)
    return plainly or tuple(partly)


def may_look(thing: SceneObject, colors: Collection[str]) -> bool:
    """Whether somebody may call a thing by one of some colours: a part has it, or a near one."""
    near = {other for color in colors for other in NEAR_COLORS[color].split()}
    return not {thing.color, thing.second_color}.isdisjoint({*colors, *near})


def alike(a: SceneObject, b: SceneObject) -> Verdict:
    """Whether two objects have one colour; where one has it in part, or nearly, they may."""
    if a.color == b.color:
        partly = min(a.color_share, b.color_share) < MOSTLY
        return Verdict.UNSURE if partly else Verdict.YES
    nearly = may_look(a, [b.color]) or may_look(b, [a.color])
    return Verdict.UNSURE if nearly else Verdict.NO


def _said_colors(thing: SceneObject) -> list[str]:
    words = plain_name(thing.label).split()
    return [color for word in words for color in COLOR_WORDS.get(word, ())]


def not_found(names: Names, phrase: Phrase) -> str:
    """Who looked for what a phrase names, and what was seen instead."""
    for region in names.unmeasured:
        if fit(phrase.noun, region.phrase):
            return (
                f'{region.source} points at "{region.phrase}" in the image, but its depth is not '
                'known there, so it has no place and no size'
            )
    seen = dict.fromkeys(region.phrase for region in names.regions if region.found)
    shown = wording.listing(wording.first(list(seen), MOST_SAID)) or 'nothing'
    looked = wording.listing(names.sources) or 'nobody'
    said = plain_name(phrase.text)
    like = LIKE_OF_SHORT if len(said) <= SHORT else LIKE
    known = [plain_name(name) for name in seen]
    known += [name.split()[-1] for name in known if name]  # 'mug' of 'red mug'
    known += ['objects']
    meant = get_close_matches(said, known, 1, like)
    side, _, thing = said.partition(' ')  # a door is seen, and nobody knows whether the front one
    meant = [thing] if thing in known and side in OWN_SIDES else meant
    hint = f' (did you mean "{meant[0]}"?)' if meant else ''
    return f'I found no "{phrase.text}"{hint}: {looked} looked and saw {shown}'
