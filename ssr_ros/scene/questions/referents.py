# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""From noun phrases to the objects that they mean, or to why that cannot be told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import cast

from ssr_ros.scene.geometry.colors import are_shades
from ssr_ros.scene.geometry.objects import SceneObject
from ssr_ros.scene.geometry.survey import Survey
from ssr_ros.scene.questions import relations, standing, surfaces, wording
from ssr_ros.scene.questions.called import called, colored, may_look, MOSTLY, not_found
from ssr_ros.scene.questions.cannot_tell import CannotTell
from ssr_ros.scene.questions.phrases import Bound, Phrase
from ssr_ros.scene.questions.picking import picked, ranked
from ssr_ros.scene.questions.quantity import Quantity, Verdict
from ssr_ros.scene.questions.rationale import describe_all
from ssr_ros.scene.questions.vocabulary import (
    Dimension,
    NEAR_COLORS,
    ORDINALS,
    Pick,
    Region,
)

Things = tuple[SceneObject, ...]
Fits = Callable[[SceneObject], Verdict]
PLAINLY = 0.9
"""A thing with a larger share of its own colour is not what somebody calls by a near one."""

_REGION_PICKS: dict[Region, Pick] = {
    'left': 'left',
    'right': 'right',
    'middle': 'middle',
    'top': 'topmost',
    'bottom': 'lowest',
    'front': 'nearest',
    'back': 'farthest',
}


def matching(survey: Survey, phrase: Phrase) -> Things:
    """All objects that fit a phrase, its superlative left out, from near to far."""
    fits = [
        fits_bound(survey, phrase, leaning=True),
        fits_parts(survey, phrase),
        is_not_left_out(survey, phrase),
    ]
    if phrase.relation not in ('nearest to', 'farthest from'):
        fits.append(fits_relation(survey, phrase))
    return tuple(
        thing
        for thing in _named(survey, phrase)
        if all(test(thing) is Verdict.YES for test in fits)
    )


def fitting(survey: Survey, phrase: Phrase) -> tuple[Things, Things]:
    """Objects that fit a phrase, and those of which that cannot be told.

    Raises:
        CannotTell: the phrase names a kind of thing, something that the depth does not show, or a
            size that is no length.
    """
    if phrase.vague:
        raise CannotTell(
            f'From which size on a thing is {phrase.vague}, you have to say: "wider than 20 cm"'
        )
    _check_known(survey, phrase)
    anchors = [one(survey, anchor) for anchor in phrase.anchors if anchor.kind == 'object']
    tests = (
        fits_bound(survey, phrase),
        fits_relation(survey, phrase),
        fits_parts(survey, phrase),
        is_not_left_out(survey, phrase),
    )
    named = _named(survey, phrase)
    plainly = bool(named) and not phrase.loosely
    sure: list[SceneObject] = []
    unsure: list[SceneObject] = []
    for thing in named or _nearly(survey, phrase):
        chosen = phrase.relation or phrase.bound or phrase.noun
        told_as_surface = thing.top is not None and not chosen
        if told_as_surface or any(thing is anchor for anchor in anchors):
            continue
        verdict = Verdict.all(*(test(thing) for test in tests))
        if verdict is not Verdict.NO:
            (sure if plainly and verdict is Verdict.YES else unsure).append(thing)
    return tuple(sure), tuple(unsure)


def _check_known(survey: Survey, phrase: Phrase) -> None:
    """Refuse a kind of thing that nobody has named; of one that has been there may be none red.

    Raises:
        CannotTell: why it cannot be told which things are meant.
    """
    of_any = replace(phrase, colors=(), region=None)
    nobody_knows = survey.names is None or not _named(survey, of_any)
    if phrase.noun and phrase.kind == 'object' and nobody_knows:
        one(survey, phrase)  # says why


def _nearly(survey: Survey, phrase: Phrase) -> Things:
    """What may have a phrase's colour in another light, where nothing has it in this one."""
    if not phrase.colors:
        return ()
    of_any = _named(survey, replace(phrase, colors=()))
    return tuple(
        thing for thing in of_any if any(are_shades(thing.color, each) for each in phrase.colors)
    )


def fits_parts(survey: Survey, phrase: Phrase) -> Fits:
    """Return what tells whether an object is also, and either, what a phrase says it must be.

    Raises:
        CannotTell: it cannot be told what a part of the phrase means.
    """
    also = [_is_one_of(survey, part) for part in phrase.also]
    either = [_is_one_of(survey, part) for part in phrase.either]

    def fits(thing: SceneObject) -> Verdict:
        one_of = [Verdict.any(*(test(thing) for test in either))] if either else []
        return Verdict.all(*(test(thing) for test in also), *one_of)

    return fits


def _is_one_of(survey: Survey, phrase: Phrase) -> Fits:
    sure, unsure = fitting(survey, phrase)

    def is_one(thing: SceneObject) -> Verdict:
        maybe = Verdict.UNSURE if any(thing is each for each in unsure) else Verdict.NO
        return Verdict.YES if any(thing is each for each in sure) else maybe

    return is_one


def is_not_left_out(survey: Survey, phrase: Phrase) -> Fits:
    """Return what tells whether an object is none of those that a phrase leaves out.

    Raises:
        CannotTell: which ones these are cannot be told.
    """
    without = phrase.without
    if without is None:
        return lambda thing: Verdict.YES
    if not (without.plural or without.indefinite):
        left_out = one(survey, without)
        return lambda thing: Verdict.of(thing is not left_out)
    if without.kind != 'object' or without.pick:
        raise CannotTell(f'I cannot leave out "{without.text}": say which objects are meant')
    if without.noun and survey.names is None:
        one(survey, without)  # says why a kind of thing is not known
    named = _named(survey, without)
    tests = (fits_bound(survey, without), fits_relation(survey, without))
    itself = [one(survey, anchor) for anchor in without.anchors if anchor.kind == 'object']

    def is_none(thing: SceneObject) -> Verdict:
        if any(thing is each for each in itself):
            return Verdict.NO  # who asks what is not taller than A does not ask about A
        is_named = Verdict.of(any(thing is other for other in named))
        plainly = is_named is Verdict.YES and not without.loosely
        if not plainly and may_look(thing, without.colors):
            is_named = Verdict.UNSURE
        return ~Verdict.all(is_named, *(test(thing) for test in tests))

    return is_none


def _named(survey: Survey, phrase: Phrase) -> Things:
    """What name, colour and place in the image leave: here alone names are looked up."""
    by_name = survey.names is not None and phrase.noun != ''
    found = called(survey.objects, phrase) if by_name else colored(survey.objects, phrase)
    ending = '' if phrase.number is None else f' {"" if by_name else "object "}{phrase.number}'
    return tuple(
        thing
        for thing in found
        if thing.name.endswith(ending)
        and (phrase.region is None or standing.in_region(survey, thing, phrase.region))
    )


def one(survey: Survey, phrase: Phrase) -> SceneObject:
    """The object that a phrase means.

    Raises:
        CannotTell: there is none, there are several, or the noun is not geometry's to tell.
    """
    if phrase.kind != 'object':
        raise CannotTell(f'I can tell this of an object, not of "{phrase.text}"')
    candidates = matching(survey, phrase)
    if phrase.noun and survey.names is None:
        _check_hint(survey, phrase, candidates)
    if not candidates:
        raise CannotTell(_none_text(survey, phrase))
    if phrase.relation in ('nearest to', 'farthest from'):
        return _extreme_from(survey, phrase, candidates)
    pick = phrase.pick
    if pick is None and phrase.region is not None and not phrase.plural:
        pick = _REGION_PICKS[phrase.region]
    if pick is not None:
        return picked(survey, candidates, pick, phrase.rank)
    if len(candidates) > 1:
        raise CannotTell(
            f'"{phrase.text}" fits {len(candidates)} objects: {describe_all(survey, candidates)}. '
            'Say which one is meant'
        )
    return candidates[0]


def _check_hint(survey: Survey, phrase: Phrase, candidates: Things) -> None:
    """Refuse a kind of thing (mug, chair) unless its colour leaves one whole thing only."""
    shown = describe_all(survey, candidates or survey.objects) or 'no object'
    if not (phrase.colors and len(candidates) == 1) or phrase.pick:
        raise CannotTell(
            f'I cannot tell which object is the {phrase.noun}: depth shows shapes and places, not '
            f'what a thing is. It shows {shown}'
        )
    found = candidates[0]
    near = {color for name in phrase.colors for color in NEAR_COLORS[name].split()}
    rivals = tuple(t for t in survey.objects if t.color in near and t.color_share < PLAINLY)
    is_of_it = found.color in phrase.colors and found.color_share >= MOSTLY
    if rivals or found.touches_edge or not is_of_it:
        seen = describe_all(survey, (found, *rivals))
        raise CannotTell(
            f'I cannot tell by its colour alone which object is the {phrase.noun}. '
            f'Its colour may be that of {seen}'
        )


def group(survey: Survey, phrase: Phrase) -> tuple[SceneObject, SceneObject]:
    """The two objects that 'them' and 'the two boxes' mean.

    Raises:
        CannotTell: there are more or fewer.
    """
    found = survey.objects if phrase.kind == 'group' else matching(survey, phrase)
    if len(found) != 2:
        raise CannotTell(
            f'"{phrase.text}" should mean 2 objects, and the depth shows '
            f'{describe_all(survey, found) or "none"}. Say which ones are meant'
        )
    return found[0], found[1]


def _extreme_from(survey: Survey, phrase: Phrase, things: Things) -> SceneObject:
    """The candidate nearest to (or farthest from) the anchor, beyond its margin."""
    nearest = phrase.relation == 'nearest to'
    if phrase.anchors[0].kind == 'camera':
        return picked(survey, things, 'nearest' if nearest else 'farthest', phrase.rank)
    gaps, label = _gaps_from(survey, phrase.anchors[0], things)
    if not gaps:
        raise CannotTell(f'The depth shows no other object than {label}')
    named = f'{"nearer to" if nearest else "farther from"} {label}'
    if phrase.rank > 1:
        extreme = 'nearest to' if nearest else 'farthest from'
        named = f'the {ORDINALS[phrase.rank]} {extreme} {label}'
    more = [(-gap if nearest else gap, thing) for gap, thing in gaps]
    return ranked(survey, more, phrase.rank, named)


def _gaps_from(
    survey: Survey, anchor: Phrase, things: Things
) -> tuple[list[tuple[Quantity, SceneObject]], str]:
    """How far things are from an object or a surface, itself left out, and what that is called."""
    if anchor.kind == 'plane':
        plane = surfaces.plane(survey, anchor)
        away = [(relations.distance_to_plane(survey, thing, plane), thing) for thing in things]
        return away, wording.the(plane.name)
    other = one(survey, anchor)
    gaps = [(relations.gap(survey, other, thing), thing) for thing in things if thing is not other]
    return gaps, survey.label(other)


def fits_relation(survey: Survey, phrase: Phrase) -> Fits:
    """Return what tells whether an object stands to the phrase's anchors as it says."""
    relation = phrase.relation
    if relation is None:
        return lambda thing: Verdict.YES
    if relation == 'between':
        a, b = pair(survey, phrase.anchors)
        return lambda thing: standing.between(survey, thing, a, b)
    if relation in ('nearest to', 'farthest from'):
        chosen = _extreme_from(survey, phrase, matching(survey, phrase))
        return lambda thing: Verdict.of(thing is chosen)
    anchor = phrase.anchors[0]
    if anchor.kind == 'camera':
        return lambda thing: standing.to_camera(survey, thing, relation)
    if anchor.kind == 'plane':
        surface = surfaces.plane(survey, anchor)
        return lambda thing: standing.to_plane(survey, thing, surface, relation)
    other = one(survey, anchor)

    def stands(thing: SceneObject) -> Verdict:
        over = relation in ('above', 'below')
        if thing is other or (over and not relations.overlap_on_ground(thing, other)):
            return Verdict.NO
        return standing.to_thing(survey, thing, other, relation)

    return stands


def pair(survey: Survey, phrases: tuple[Phrase, ...]) -> tuple[SceneObject, SceneObject]:
    """The two objects of two phrases, or of one that means both."""
    if len(phrases) == 1:
        return group(survey, phrases[0])
    return one(survey, phrases[0]), one(survey, phrases[1])


def fits_bound(survey: Survey, phrase: Phrase, leaning: bool = False) -> Fits:
    """Return what tells whether an object keeps the phrase's bound.

    Args:
        survey: of the frame.
        phrase: with a bound, or without one, which every object keeps.
        leaning: whether what is inside the margin is decided all the same.
    """
    bound = phrase.bound
    if bound is None:
        return lambda thing: Verdict.YES
    anchor = None
    if phrase.anchors and phrase.anchors[0].kind == 'object' and not phrase.relation:
        anchor = one(survey, phrase.anchors[0])

    def keeps(thing: SceneObject) -> Verdict:
        if thing is anchor:
            return Verdict.NO
        more = _bounded(survey, thing, bound, anchor).beyond(bound.length_m)
        if leaning:
            return Verdict.of((more.value > 0) is bound.least)
        larger = more.verdict
        if larger is Verdict.NO and relations.is_least(survey, thing, bound.aspect):
            return Verdict.UNSURE  # it may go on where it is not seen
        return larger if bound.least else ~larger

    return keeps


def _bounded(
    survey: Survey, thing: SceneObject, bound: Bound, anchor: SceneObject | None
) -> Quantity:
    if bound.aspect in ('width', 'height'):
        return relations.size(thing, cast(Dimension, bound.aspect))
    return relations.distance(thing) if anchor is None else relations.gap(survey, anchor, thing)


def _none_text(survey: Survey, phrase: Phrase) -> str:
    if not survey.valid_ratio:
        return 'No pixel has depth, so nothing can be measured'
    if phrase.noun and survey.names is not None and not _named(survey, phrase):
        return not_found(survey.names, phrase)
    shown = describe_all(survey, survey.objects)
    return f'The depth shows nothing that fits "{phrase.text}". It shows {shown or "no object"}'
