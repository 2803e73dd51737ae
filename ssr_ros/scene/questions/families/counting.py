# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""How many, and whether there is any."""

from __future__ import annotations

import re

from ssr_ros.scene.geometry.objects import SceneObject
from ssr_ros.scene.geometry.survey import Survey
from ssr_ros.scene.questions import referents, wording
from ssr_ros.scene.questions.asked import asked, fact, require_depth, yes_no
from ssr_ros.scene.questions.evidence import MeasuredAnswer
from ssr_ros.scene.questions.phrases import Phrase, read_phrase, SMALL_NUMBERS
from ssr_ros.scene.questions.rationale import describe, how_many
from ssr_ros.scene.questions.referents import CannotTell, Things
from ssr_ros.scene.questions.relations import Quantity

_ANY = (
    r'(?:an?y?|some) (?:[\w-]+ '
    r')?(?:object|thing|item|obstacle|one)s?|anything|something|anyone|someone'
)


def fitting(facts: Survey, phrase: Phrase) -> tuple[Things, Things]:
    """Objects that fit a phrase, and those of which that cannot be told.

    Raises:
        CannotTell: the phrase names a kind of thing, or something that the depth does not show.
    """
    if phrase.noun and phrase.kind == 'object':
        referents.one(facts, phrase)  # says why a kind of thing cannot be counted
    sure: list[SceneObject] = []
    unsure: list[SceneObject] = []
    plain = Phrase(
        phrase.text, colors=phrase.colors, number=phrase.number, region=phrase.region, plural=True
    )
    for thing in referents.matching(facts, plain):
        if any(_is_named(facts, thing, anchor) for anchor in phrase.anchors):
            continue
        if not phrase.relation and not phrase.threshold and _is_furniture(facts, thing):
            continue
        verdict = _verdict(facts, thing, phrase)
        if verdict >= 0:
            (sure if verdict else unsure).append(thing)
    return tuple(sure), tuple(unsure)


def _is_furniture(facts: Survey, thing: SceneObject) -> bool:
    """Whether an object is told of as a raised surface already: a table is not counted."""
    return thing.top is not None


def _is_named(facts: Survey, thing: SceneObject, anchor: Phrase) -> bool:
    return anchor.kind == 'object' and referents.one(facts, anchor) is thing


def _verdict(facts: Survey, thing: SceneObject, phrase: Phrase) -> int:
    verdict = 1
    if phrase.threshold:
        verdict = referents.threshold_quantity(facts, thing, phrase).sign
    if phrase.relation and verdict >= 0:
        verdict = min(verdict, referents.related(facts, thing, phrase))
    return verdict


@asked(
    r'^how many (?P<np>.+?) (?:are|is) there(?: (?P<rest>.+))?$',
    r'^how many (?P<np>.+?) (?:do|can) (?:you|i|we) '
    r'(?:see|find|count|detect)(?: (?P<rest>.+))?$',
    r'^how many (?P<np>.+?) (?:are|is|stand|stands|lie|lies|sit|sits) '
    r'(?:visible|present|in view|in (?:the |this '
    r')?(?:image|picture|scene|view|frame|room))$',
    r'^how many (?P<np>.+?) (?:are|is|stand|stands|lie|lies|sit|sits) (?P<rest>.+)$',
    r'^(?:how many|count|number of|what is the number of)(?: the| all)? (?P<np>.+)$',
)
def answer_count(facts: Survey, match: re.Match[str], unit: str | None) -> MeasuredAnswer | None:
    """How many ...?"""
    groups = match.groupdict()
    words = f'{groups["np"]} {groups.get("rest") or ""}'.strip()
    phrase = read_phrase(words)
    if phrase.kind == 'plane':
        return _count_planes(facts, phrase)
    if re.fullmatch(r'(?:different )?colors?', words):
        return _count_colors(facts)
    require_depth(facts)
    sure, unsure = fitting(facts, phrase)
    names = f': {wording.listing([facts.label(t) for t in sure])}' if 0 < len(sure) <= 8 else ''
    verb = 'is' if len(sure) == 1 else 'are'
    what = _what(phrase)
    text = f'there {verb} {wording.count(len(sure), "object")}{what}{names}'
    text += maybe_more(facts, unsure) + _tables(facts, phrase)
    value = float(len(sure))
    evidence = (
        fact(
            'count',
            tuple(t.name for t in sure),
            Quantity(value, float(len(unsure)) / 2),
            text,
            unit='',
        ),
    )
    return MeasuredAnswer(
        wording.sentence(text),
        True,
        evidence + tuple(describe(facts, t) for t in sure[:8]),
        'count',
        value,
        len(unsure) / 2,
        '',
        '',
        tuple(t.name for t in sure),
    )


def maybe_more(facts: Survey, unsure: Things) -> str:
    """Name the objects whose margin leaves it open."""
    if not unsure:
        return ''
    return f'; of {wording.listing([facts.label(t) for t in unsure])} it cannot be told'


def _tables(facts: Survey, phrase: Phrase) -> str:
    """Say which objects were not counted because they are told of as surfaces."""
    tables = [t for t in facts.objects if _is_furniture(facts, t)]
    if not tables or phrase.relation or phrase.threshold or phrase.colors:
        return ''
    names = wording.listing(
        ['the ' + facts.planes[t.top].name for t in tables if t.top is not None]
    )
    return f' ({names} not counted)'


def _what(phrase: Phrase) -> str:
    """The words of a phrase after its noun, to repeat in the answer."""
    words = re.sub(
        r'^(?:(?:the|an?|any|some|all|many|different|visible|other|single|total) )*',
        '',
        phrase.text,
    )
    match = re.match(
        (
            r'(?P<before>(?:[\w-]+ )*?)(?:objects?|things?|items?|obstacles?|anything|'
            r'something|ones?)\b ?(?P<after>.*)'
        ),
        words,
    )
    if match is None:
        return ''
    after = re.sub(r'<([\d.]+)>', lambda m: wording.given(float(m[1])), match['after'].strip())
    colors = f' looking {match["before"].strip()}' if phrase.colors else ''
    return f'{colors}{" " + after if after else ""}'


def _count_planes(facts: Survey, phrase: Phrase) -> MeasuredAnswer:
    roles = {'wall': ('wall',), 'ceiling': ('ceiling',)}.get(phrase.noun, ('support', 'top'))
    found = [p for p in facts.planes if p.role in roles]
    text = f'the depth shows {wording.count(len(found), "such surface")}'
    if found:
        text += f': {wording.listing(["the " + p.name for p in found])}'
    value = Quantity(float(len(found)), 0.0)
    evidence = fact('count', tuple(p.name for p in found), value, text, unit='')
    return MeasuredAnswer(wording.sentence(text), True, (evidence,), 'count', value.value, 0.0)


def _count_colors(facts: Survey) -> MeasuredAnswer:
    colors = sorted({t.color for t in facts.objects})
    text = f'the objects have {wording.count(len(colors), "colour")}: {wording.listing(colors)}'
    return MeasuredAnswer(
        wording.sentence(text), True, (how_many(facts),), 'count', float(len(colors)), 0.0
    )


@asked(
    r'^(?:are|is) there (?P<how>more than|less than|fewer than|at least|at most|exactly) '
    r'(?P<number>\d+|one|two|three|four|five|six|seven|eight|nine|ten) (?P<np>.+)$',
)
def answer_more_than(
    facts: Survey, match: re.Match[str], unit: str | None
) -> MeasuredAnswer | None:
    """Are there more than 3 objects?"""
    require_depth(facts)
    word = match['number']
    bound = SMALL_NUMBERS.get(word) or int(word)
    sure, unsure = fitting(facts, read_phrase(match['np']))
    fulfilled = {
        _fulfils(match['how'], number, bound)
        for number in range(len(sure), len(sure) + len(unsure) + 1)
    }
    sign = 0 if len(fulfilled) > 1 else (1 if True in fulfilled else -1)
    opening = {1: 'yes', -1: 'no', 0: 'I cannot tell'}[sign]
    text = f'there are {len(sure)}{maybe_more(facts, unsure)}'
    names = tuple(t.name for t in sure)
    evidence = fact('count', names, Quantity(float(len(sure)), len(unsure) / 2), text, unit='')
    return yes_no('', f'{opening}: {text}', sign, (evidence,), names)


def _fulfils(how: str, number: int, bound: int) -> bool:
    return {
        'more than': number > bound, 'less than': number < bound, 'fewer than': number < bound,
        'at least': number >= bound, 'at most': number <= bound, 'exactly': number == bound,
    }[how]  # fmt: skip


@asked(
    r'^(?:is|are) there (?P<np>.+)$',
    r'^(?:do|can) (?:you|we|i) (?:see|find|detect|spot) (?P<np>.+)$',
    rf'^(?:is|are|does) (?P<np>{_ANY})(?: '
    rf'(?:is|are|stand|lie|sit|standing|lying))? (?P<rest>.+)$',
)
def answer_exists(facts: Survey, match: re.Match[str], unit: str | None) -> MeasuredAnswer | None:
    """Is there anything ...?"""
    groups = match.groupdict()
    words = f'{groups["np"]} {groups.get("rest") or ""}'.strip()
    if re.search(r'\b(?:room|space|place|gap)\b', words):
        return None
    words = re.sub(
        r' (?:here|there|visible|in (?:the |this )?(?:image|picture|scene|view|frame|room))$',
        '',
        words,
    )
    phrase = read_phrase(words)
    if phrase.kind == 'plane':
        return plane_exists(facts, phrase)
    if phrase.kind == 'camera':
        return None
    require_depth(facts)
    sure, unsure = fitting(facts, phrase)
    evidence = tuple(describe(facts, t) for t in (sure or unsure)[: referents.MOST_NAMED])
    names = tuple(t.name for t in sure)
    if sure:
        text = f'yes: {referents.describe_all(facts, sure)}'
        return yes_no('', text + maybe_more(facts, unsure), 1, evidence, names)
    if unsure:
        text = (
            f'I cannot tell: {referents.describe_all(facts, unsure)} may or may not be; '
            'the margin decides'
        )
        return yes_no('', text, 0, evidence, ())
    known = f'{100 * facts.valid_ratio:.0f} %'
    text = f'no, none that the depth shows (known for {known} of the image)'
    return yes_no('', text, -1, (how_many(facts),), ())


def plane_exists(facts: Survey, phrase: Phrase) -> MeasuredAnswer:
    """Say whether a surface is seen, and where."""
    try:
        surface = referents.plane(facts, phrase)
    except CannotTell as reason:
        return yes_no('', f'{reason}', -1, (how_many(facts),), ())
    quantity = Quantity(surface.distance_m, surface.sigma_m)
    text = (
        f'the {surface.name} is {wording.length(quantity.value, quantity.sigma)} '
        'away at its nearest'
    )
    return yes_no(
        '',
        f'yes, {text}',
        1,
        (fact('distance', (surface.name,), quantity, text),),
        (surface.name,),
    )
