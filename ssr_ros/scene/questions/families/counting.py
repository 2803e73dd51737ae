# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""How many, and whether there is any."""

from __future__ import annotations

from dataclasses import replace
import re

from ssr_ros.scene.geometry.survey import Survey
from ssr_ros.scene.questions import referents, space, surfaces, wording
from ssr_ros.scene.questions.asked import Asked
from ssr_ros.scene.questions.cannot_tell import CannotTell, require_down
from ssr_ros.scene.questions.evidence import Evidence, MeasuredAnswer
from ssr_ros.scene.questions.phrase_reading import read_phrase
from ssr_ros.scene.questions.phrases import Phrase
from ssr_ros.scene.questions.quantity import Quantity, Verdict
from ssr_ros.scene.questions.query import Query
from ssr_ros.scene.questions.rationale import describe, describe_all, how_many, MOST_NAMED
from ssr_ros.scene.questions.reader import phrase, reads, said
from ssr_ros.scene.questions.referents import Things
from ssr_ros.scene.questions.vocabulary import one_of, SMALL_NUMBERS

_ANY = (
    r'(?:an?y?|some) (?:[\w-]+ )?(?:object|thing|item|obstacle|one)s?'
    '|anything|something|anyone|someone'
)
_BE = '(?:are|is|stand|stands|lie|lies|sit|sits)'
_HERE = '(?:visible|present|in view|in (?:the |this )?(?:image|picture|scene|view|frame|room))'
_GENERIC = re.compile(
    '(?P<before>(?:[^ ]+ )*?)'
    r'(?:objects?|things?|items?|obstacles?|anything|something|ones?)\b ?(?P<after>.*)'
)


@reads(
    '^how many (?P<np>.+?) (?:are|is) there(?: (?P<rest>.+))?$',
    '^how many (?P<np>.+?) (?:do|can) (?:you|i|we) (?:see|find|count|detect)(?: (?P<rest>.+))?$',
    f'^how many (?P<np>.+?) {_BE} {_HERE}$',
    f'^how many (?P<np>.+?) {_BE} (?P<rest>.+)$',
    '^(?:how many|count|(?:what is )?(?:the )?(?:total )?(?:number|count) of)(?: the| all)? '
    '(?P<np>.+)$',
)
def read_count(match: re.Match[str]) -> Query | None:
    """How many red things are on the table?"""
    rest = said(match, 'rest')
    rest = f'that are {rest}' if ' or ' in rest else rest
    a = read_phrase(f'{match["np"]} {rest}'.strip())
    return None if a.pick else Query(kind='count', a=a)


@reads(
    '^(?:is|are) there (?P<np>.+)$',
    rf'^(?:is|are) (?P<np>(?:an?y?|some) [^,]+?) {_HERE}$',
    '^(?:do|can) (?:you|we|i) (?:see|find|detect|spot) (?P<np>.+)$',
    rf"""^(?:is|are|does) (?P<np>{_ANY})(?: (?:is|are|stand|lie|sit|standing|lying))?[ ]
    (?P<rest>.+)$""",
)
def read_exists(match: re.Match[str]) -> Query | None:
    """Is there anything on the table?"""
    words = f'{match["np"]} {said(match, "rest")}'.strip()
    if re.search(r'\b(?:room|space|place|gap)\b|^(?:at least |more than |less than )<', words):
        return None
    a = read_phrase(re.sub(f' (?:here|there|{_HERE})$', '', words))
    if a.either and ' and ' in a.text:
        a = replace(a, unread=a.unread or 'and')  # there may be cups, and no cans
    return None if a.kind == 'camera' else Query(kind='exists', a=a)


@reads(
    rf"""^(?:is|are) (?:(?:all|(?P<both>both))(?: of)?(?: the| these| those| my)?
    (?: (?P<number>[2-9]|{one_of(SMALL_NUMBERS)}))? (?P<np>[^,]*?s)|every (?P<one>\w+)
    |everything) (?P<rest>(?!(?:the|as|equally|in order|and|or)\b).+)$"""
)
def read_all(match: re.Match[str]) -> Query | None:
    """Are all objects on the table? Both red boxes? Is everything within 1 m?"""
    things = said(match, 'np') or f'{said(match, "one") or "object"}s'
    a = read_phrase(f'{things} not {match["rest"]}')
    if a.without is None or a.pick:
        return None
    number = said(match, 'number')
    many = int(number) if number.isdigit() else SMALL_NUMBERS.get(number)
    return Query(kind='all', a=a, number=2 if said(match, 'both') else many)


@reads('^(?:is|are) (?P<a>.+?) (?:empty|free|clear|vacant|unoccupied)$')
def read_empty(match: re.Match[str]) -> Query | None:
    """Is the table empty?"""
    a = phrase(match, 'a')
    return Query(kind='empty', a=a) if a is not None and a.kind == 'plane' else None


def count(asked: Asked) -> MeasuredAnswer:
    """Count what fits a phrase, and say of what it cannot be told."""
    survey, wanted = asked.survey, asked.phrase('a')
    if wanted.kind == 'plane':
        return _count_planes(asked)
    if wanted.noun == 'color':
        return _count_colors(asked)
    require_depth(survey)
    sure, unsure = referents.fitting(survey, wanted)
    names = [thing.name for thing in sure]
    listed = f': {wording.listing([survey.label(t) for t in sure])}' if 0 < len(sure) <= 8 else ''
    text = (
        f'there {"is" if len(sure) == 1 else "are"} {wording.count(len(sure), "object")}'
        f'{_repeated(wanted, len(sure))}{listed}'
        f'{maybe_more(survey, unsure)}{_surfaces_left_out(asked)}'
    )
    hidden = may_hide(survey, wanted)
    text += f'; {hidden}, there may be more' if hidden else ''
    number = Quantity(float(len(sure)), len(unsure) / 2, '')
    evidence = [Evidence.of('count', names, number, 'camera', text)]
    evidence += [describe(survey, thing) for thing in sure[:8]]
    return asked.count(text, number, evidence, names)


def require_depth(survey: Survey) -> None:
    """Refuse to say anything about a frame without depth.

    Raises:
        CannotTell: no pixel has depth.
    """
    if not survey.valid_ratio:
        raise CannotTell('No pixel has depth, so nothing can be measured')


def maybe_more(survey: Survey, unsure: Things) -> str:
    """Name the objects whose margin leaves it open."""
    if not unsure:
        return ''
    return f'; of {wording.listing([survey.label(thing) for thing in unsure])} it cannot be told'


def for_certain(survey: Survey, phrase: Phrase) -> Things:
    """All things that fit a phrase, where the margin leaves none open.

    Raises:
        CannotTell: it does, or there are none.
    """
    sure, unsure = referents.fitting(survey, phrase)
    if unsure or not sure:
        raise CannotTell(
            f'I see nothing that is one of "{phrase.text}" for certain{maybe_more(survey, unsure)}'
        )
    return sure


def may_hide(survey: Survey, wanted: Phrase) -> str:
    """Say where something could be that is within the bound of a phrase, and is not seen."""
    for part in (*wanted.also, *wanted.either):
        hidden = may_hide(survey, part)
        if hidden:
            return hidden
    if wanted.bound is None or wanted.bound.aspect != 'distance' or wanted.bound.least:
        return ''
    reach_m = wanted.bound.length_m
    if wanted.anchors and wanted.anchors[0].kind == 'object' and not wanted.relation:
        reach_m += referents.one(survey, wanted.anchors[0]).distance_m
    if not space.may_hide(survey, reach_m):
        return ''
    return f'where depth is unknown, {100 * (1 - survey.valid_ratio):.2g} % of the image'


def _surfaces_left_out(asked: Asked) -> str:
    """Say which objects were not counted because they are told of as surfaces."""
    wanted = asked.phrase('a')
    tops = [asked.survey.planes[t.top] for t in asked.survey.objects if t.top is not None]
    if not tops or wanted.relation or wanted.bound or wanted.colors:
        return ''
    return f' ({wording.listing([wording.the(surface.name) for surface in tops])} not counted)'


def _repeated(wanted: Phrase, number: int) -> str:
    """The words of a phrase before and after its noun, to repeat in the answer."""
    match = _GENERIC.match(wanted.text)
    if match is None:
        return ''
    before = re.sub(
        r'\b(?:the|an?|any|some|all|many|different|visible|other|single|total)\b ?',
        '',
        match['before'],
    )
    colors = f' looking {" ".join(before.split())}' if wanted.colors and before.strip() else ''
    after = match['after']
    if number == 1:
        after = re.sub('^(that|which) are ', r'\1 is ', after)
    return f'{colors} {after}'.rstrip()


def _count_planes(asked: Asked) -> MeasuredAnswer:
    wanted = asked.phrase('a')
    if wanted.bound is not None:
        raise CannotTell(f'I count surfaces wherever they are, not only "{wanted.text}"')
    found = surfaces.planes_called(asked.survey, wanted.noun)
    if not found:
        require_down(asked.survey)
    names = [plane.name for plane in found]
    listed = f': {wording.listing([wording.the(name) for name in names])}' if found else ''
    text = f'the depth shows {wording.count(len(found), "such surface")}{listed}'
    number = Quantity(float(len(found)), 0.0, '')
    return asked.count(text, number, [Evidence.of('count', names, number, 'camera', text)], ())


def _count_colors(asked: Asked) -> MeasuredAnswer:
    colors = sorted({thing.color for thing in asked.survey.objects})
    text = f'the objects have {wording.count(len(colors), "colour")}: {wording.listing(colors)}'
    number = Quantity(float(len(colors)), 0.0, '')
    return asked.count(text, number, [how_many(asked.survey)], ())


def exists(asked: Asked) -> MeasuredAnswer:
    """Say whether there is anything that fits a phrase."""
    survey = asked.survey
    if asked.phrase('a').kind == 'plane':
        return plane_exists(asked)
    require_depth(survey)
    sure, unsure = referents.fitting(survey, asked.phrase('a'))
    evidence = [describe(survey, t) for t in (sure or unsure)[:MOST_NAMED]]
    shown = describe_all(survey, sure or unsure)
    names = [thing.name for thing in sure]
    if sure:
        return asked.yes_no(
            Verdict.YES, f'yes: {shown}{maybe_more(survey, unsure)}', evidence, names
        )
    if unsure:
        why = '' if asked.phrase('a').colors else '; the margin decides'
        text = f'I cannot tell: {shown} may or may not be{why}'
        return asked.yes_no(Verdict.UNSURE, text, evidence, ())
    hidden = may_hide(survey, asked.phrase('a'))
    if hidden:
        text = f'I cannot tell: the depth shows none, but {hidden}, there may be one'
        return asked.yes_no(Verdict.UNSURE, text, [how_many(survey)], ())
    known = f'{100 * survey.valid_ratio:.0f} %'
    text = f'no, none that the depth shows (known for {known} of the image)'
    return asked.yes_no(Verdict.NO, text, [how_many(survey)], ())


def all_are(asked: Asked) -> MeasuredAnswer:
    """Say whether all objects are so: none is in what is left when those that are so are out."""
    survey, others = asked.survey, asked.phrase('a')
    require_depth(survey)
    sure, unsure = referents.fitting(survey, others)
    everything = referents.fitting(survey, replace(others, without=None))[0]
    if others.without is not None:
        of = [each for each in others.without.anchors if each.kind == 'object']
        itself = [referents.one(survey, each) for each in of]
        everything = tuple(t for t in everything if not any(t is each for each in itself))

    if not everything:
        raise CannotTell(f'The depth shows nothing of which it could be told: {others.text}')
    if asked.query.number not in (None, len(everything)):
        raise CannotTell(
            f'There are not {asked.query.number}, but {describe_all(survey, everything)}'
        )
    evidence = [describe(survey, t) for t in (sure or unsure)[:MOST_NAMED]]
    verdict = Verdict.of(not sure) if sure or not unsure else Verdict.UNSURE
    shown = describe_all(survey, sure or unsure)
    text = {
        Verdict.YES: f'yes, all {len(everything)} that the depth shows',
        Verdict.NO: f'no, not {shown}',
        Verdict.UNSURE: f'I cannot tell of {shown}',
    }[verdict]
    subjects = [thing.name for thing in sure or unsure or everything]
    return asked.yes_no(verdict, text, evidence or [how_many(survey)], subjects)


def empty(asked: Asked) -> MeasuredAnswer:
    """Say whether nothing stands on a surface, as far as all of it has depth."""
    survey, name = asked.survey, asked.phrase('a')
    surface = surfaces.plane(survey, name)
    anything = Phrase(text='anything', relation='on', anchors=(name,))
    sure, unsure = referents.fitting(survey, anything)
    the, shown = wording.the(surface.name), describe_all(survey, sure or unsure)
    evidence = [describe(survey, t) for t in (sure or unsure)[:MOST_NAMED]]
    subjects = (surface.name, *(thing.name for thing in sure))
    if sure:
        return asked.yes_no(Verdict.NO, f'no: on {the} is {shown}', evidence, subjects)
    if unsure:
        text = f'I cannot tell whether {shown} stands on {the}'
        return asked.yes_no(Verdict.UNSURE, text, evidence, subjects)
    if space.hidden_on(survey, surface):
        text = f'I cannot tell: I see nothing on {the}, but not all of it has depth'
        return asked.yes_no(Verdict.UNSURE, text, [how_many(survey)], subjects)
    text = f'yes: I see nothing on {the}, as far as it is in view'
    return asked.yes_no(Verdict.YES, text, [how_many(survey)], subjects)


def plane_exists(asked: Asked) -> MeasuredAnswer:
    """Say whether a surface is seen, and where."""
    survey = asked.survey
    wanted = asked.phrase('a')
    if not surfaces.planes_called(survey, wanted.noun):
        require_down(survey)
    try:
        surface = surfaces.plane(survey, replace(wanted, pick=wanted.pick or 'nearest'))
    except CannotTell as reason:
        return asked.yes_no(
            Verdict.NO, f'no: {wording.inner(str(reason))}', [how_many(survey)], ()
        )
    quantity = Quantity(surface.distance_m, surface.sigma_m, 'm')
    text = f'{wording.the(surface.name)} is {wording.amount(quantity)} away at its nearest'
    fact = Evidence.of('distance', (surface.name,), quantity, 'camera', text)
    if wanted.bound is None:
        return asked.yes_no(Verdict.YES, f'yes, {text}', [fact])
    within = (-quantity.beyond(wanted.bound.length_m)).verdict
    text = f'{within.opening}: {text}, and {wording.given(wanted.bound.length_m)} was asked'
    return asked.yes_no(within, text, [fact])
