# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Questions about one thing, or about all things in view."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
import math

from ssr_ros.scene.questions import wording
from training.curation.ask import (
    Ask,
    decided,
    Fact,
    far,
    listing,
    metres,
    MOST_LISTED,
    names,
    placed,
    sentence,
    sized,
    Wording,
)
from training.curation.scene import Scene, Thing

ASKED_COLORS = ('red', 'orange', 'yellow', 'green', 'blue', 'purple', 'pink', 'white', 'black')


def thing_questions(scene: Scene, thing: Thing, say: Wording) -> Iterator[Ask]:
    """Ask about one thing."""
    text = metres(thing.distance_m)
    yield Ask(
        'distance',
        'camera',
        say.pick('How far is {}?', 'How far away is {}?', 'What is the distance to {}?').format(
            thing.the
        ),
        f'{text}.',
        (placed(thing),),
        sentence(f'the nearest part of it is {text} away'),
        (f'distance {thing.name}',),
        '',
        (thing.name,),
        value=thing.distance_m,
        unit='m',
    )
    if thing.whole:
        yield from _own_size(thing, say)
    if thing.is_object:
        yield from _attributes(scene, thing, say)
        yield from _support(scene, thing, say)


def scene_questions(scene: Scene, say: Wording) -> Iterator[Ask]:
    """Ask about everything in view."""
    yield from _nearest(scene, say)
    yield from _order(scene, say)
    yield from _count(scene, say)
    yield from _exists(scene, say)
    yield from _describe(scene, say)
    yield from _inventory(scene, say)


def _own_size(thing: Thing, say: Wording) -> Iterator[Ask]:
    words = (
        ('width', 'wide', 0),
        ('height', 'tall', 2),
        ('depth', 'deep, from front to back,', 1),
    )
    for side, word, axis in words:
        value = float(thing.size_m[axis])
        if value < max(0.03, 6 * thing.sigma_m):
            continue
        text = metres(value)
        yield Ask(
            'size',
            side,
            f'How {word} is {thing.the}?',
            f'{text}.',
            (far(thing), sized(thing)),
            sentence(f'the {side} of {thing.the} is {text}'),
            (f'{side} {thing.name}',),
            '',
            (thing.name,),
            value=value,
            unit='m',
        )


def _attributes(scene: Scene, thing: Thing, say: Wording) -> Iterator[Ask]:
    """What a colour image alone tells: what a base model without depth can learn."""
    same_shape = [t for t in scene.things if t.shape == thing.shape]
    same_color = [t for t in scene.things if t.color == thing.color]
    side = wording.side(thing.bearing_deg)
    there = Fact(f'There is {a_(thing.name)}.', ('color', 'shape'))
    # Placed without the word that is asked for.
    by_shape = (there, Fact(f'The {thing.shape} lies {side}.', ('shape',)))
    by_color = (there, Fact(f'The {thing.color} object lies {side}.', ('color',)))
    if len(same_shape) == 1 and thing.shape != 'object' and scene.n_objects is not None:
        yield Ask(
            'attribute',
            'color',
            f'What colour is the {thing.shape}?',
            sentence(thing.color),
            by_shape,
            sentence(f'the {thing.shape} is {thing.color}'),
            ('color',),
            thing.color,
            (thing.name,),
            needs_depth=False,
        )
    if len(same_color) == 1 and thing.shape != 'object' and scene.n_objects is not None:
        yield Ask(
            'attribute',
            'shape',
            f'What is the {thing.color} object?',
            sentence(a_(thing.name)),
            by_color,
            sentence(f'it is {a_(thing.shape)}'),
            ('shape',),
            thing.shape,
            (thing.name,),
            needs_depth=False,
        )


def _support(scene: Scene, thing: Thing, say: Wording) -> Iterator[Ask]:
    known = {t.name for t in scene.things} | {'floor'} | set(scene.supports_m)
    if thing.support not in known:
        return
    under = f'the {thing.support}'
    facts = (far(thing), Fact(f'It stands on {under}.', ('support',)))
    conclusion = sentence(f'{thing.the} is on {under}')
    way = say.pick('What is {} standing on?', 'What does {} stand on?').format(thing.the)
    yield Ask(
        'support',
        'what',
        way,
        sentence(under),
        facts,
        conclusion,
        ('support',),
        thing.support,
        (thing.name,),
        needs_depth=False,
    )
    others = [t.name for t in scene.things if not t.is_object and t.name != thing.support]
    if thing.support != 'floor':
        others.append('floor')
    for surface in [thing.support, *others[:1]]:
        verdict = 'yes' if surface == thing.support else 'no'
        yield Ask(
            'support',
            'whether',
            f'Is {thing.the} on the {surface}?',
            sentence(verdict),
            facts,
            sentence(f'so it is {"" if verdict == "yes" else "not "}on the {surface}'),
            ('support',),
            verdict,
            (thing.name, surface),
            needs_depth=False,
        )


def _nearest(scene: Scene, say: Wording) -> Iterator[Ask]:
    """The nearest or farthest of all objects, and of three that are named."""
    objects = scene.objects
    for word, ordered in (('nearest', objects), ('farthest', objects[::-1])):
        if scene.n_objects != len(objects) or len(objects) < 2 or not _apart(ordered[:2]):
            continue
        thing, facts = ordered[0], tuple(far(t) for t in objects[:MOST_LISTED])
        ways = (f'Which object is {word}?', f'Which object is {word} to the camera?')
        way = say.pick(*ways) if word == 'nearest' else f'Which object is {word} away?'
        yield Ask(
            'nearest',
            word,
            way,
            sentence(thing.the),
            facts,
            sentence(f'{thing.the} is {word}'),
            (),
            thing.color,
            (thing.name,),
        )
    if len(objects) >= 3:
        three = say.chance.sample(objects, 3)
        near = sorted(three, key=lambda t: t.distance_m)
        if _apart(near[:2]):
            listed = wording.listing([t.the for t in three], 'or')
            yield Ask(
                'nearest',
                'of three',
                f'Which is nearest: {listed}?',
                sentence(near[0].the),
                tuple(far(t) for t in three),
                sentence(f'{near[0].the} is nearest'),
                (),
                str(three.index(near[0])),
                names(three),
            )


def _order(scene: Scene, say: Wording) -> Iterator[Ask]:
    if len(scene.objects) < 3:
        return
    named = say.chance.sample(scene.objects, 3)
    near = sorted(named, key=lambda t: t.distance_m)
    if not all(_apart(near[i : i + 2]) for i in range(2)):
        return
    listed = wording.listing([t.the for t in named])
    ordered = ', '.join(t.the for t in near)
    yield Ask(
        'order',
        'near to far',
        f'Order {listed} from near to far.',
        sentence(ordered),
        tuple(far(t) for t in named),
        sentence(f'from near to far: {ordered}'),
        (),
        ''.join(str(named.index(t)) for t in near),
        names(named),
    )


def _count(scene: Scene, say: Wording) -> Iterator[Ask]:
    objects = scene.objects
    # A count needs every object in view to be one that can be told apart.
    if scene.n_objects is None or scene.n_objects != len(objects) or not objects:
        return
    facts = tuple(Fact(f'There is {a_(t.name)}.', ('exists',)) for t in objects)
    yield _counted(
        'all',
        say.pick('How many objects are there?', 'How many objects do you see?'),
        len(objects),
        'object',
        facts,
        False,
    )
    color = say.chance.choice([say.chance.choice(objects).color, say.chance.choice(ASKED_COLORS)])
    same = [t for t in objects if t.color == color]
    yield _counted(
        'color', f'How many {color} objects are there?', len(same), f'{color} object', facts, False
    )
    supports = sorted({t.support for t in objects if t.support} & set(scene.supports_m))
    for support in supports[:1]:
        on = [t for t in objects if t.support == support]
        yield _counted(
            'support',
            f'How many objects are on the {support}?',
            len(on),
            f'object on the {support}',
            facts,
            False,
        )
    halfway = [round((a.distance_m + b.distance_m) / 2, 2) for a, b in pairwise(objects)]
    clear = [
        limit
        for limit in halfway
        if all(decided(t.distance_m - limit, limit, t.sigma_m, 0.05) for t in objects)
    ]
    for limit in say.chance.sample(clear, min(1, len(clear))):
        near = [t for t in objects if t.distance_m < limit]
        facts = tuple(far(t) for t in objects)
        yield _counted(
            'within',
            f'How many objects are within {metres(limit)}?',
            len(near),
            f'object within {metres(limit)}',
            facts,
            True,
        )


def _counted(
    form: str, question: str, number: int, what: str, facts: tuple[Fact, ...], needs_depth: bool
) -> Ask:
    noun, _, rest = what.partition('object')
    counted = wording.count(number, f'{noun}object') + rest
    verb = 'is' if number == 1 else 'are'
    return Ask(
        'count',
        form,
        question,
        f'{number}.',
        facts[:MOST_LISTED],
        sentence(f'there {verb} {counted}'),
        (),
        str(number),
        value=float(number),
        unit='',
        needs_depth=needs_depth,
    )


def _exists(scene: Scene, say: Wording) -> Iterator[Ask]:
    """Something that is there, and something that nearly is: a colour and shape in view, apart."""
    objects = scene.objects
    if not objects or scene.n_objects is None:
        return
    there = say.chance.choice(objects)
    nearly = {f'{a.color} {b.shape}' for a in objects for b in objects}
    nearly |= {f'{color} {there.shape}' for color in ASKED_COLORS}
    missing = scene.missing(nearly)
    absent = say.chance.choice(missing) if missing else ''
    facts = tuple(Fact(f'There is {a_(t.name)}.', ('exists',)) for t in objects[:MOST_LISTED])
    for name, verdict in ((there.name, 'yes'), (absent, 'no')):
        if name:
            is_there = 'is' if verdict == 'yes' else 'is no'
            shown = a_(name) if verdict == 'yes' else name
            yield Ask(
                'exists',
                'named',
                f'Is there {a_(name)}?',
                sentence(verdict),
                facts,
                sentence(f'there {is_there} {shown}'),
                ('exists',),
                verdict,
                (name,),
                needs_depth=False,
            )


def _describe(scene: Scene, say: Wording) -> Iterator[Ask]:
    if not scene.things:
        return
    shown = scene.things[:MOST_LISTED]
    left_to_right = sorted((t for t in shown), key=lambda t: t.bearing_deg)
    caption = sentence(
        'from left to right: ' + wording.listing([a_(t.name) for t in left_to_right])
    )
    yield Ask(
        'describe',
        'caption',
        say.pick('What do you see, from left to right?', 'Describe the image from left to right.'),
        caption,
        tuple(placed(t) for t in left_to_right),
        caption,
        tuple(f'bearing {t.name}' for t in shown),
        subjects=names(left_to_right),
        needs_depth=False,
    )
    near = wording.listing([f'{t.the} at {metres(t.distance_m)}' for t in shown])
    yield Ask(
        'describe',
        'near to far',
        say.pick(
            'What is in front of you, from near to far?',
            'Describe what is in view, with distances.',
        ),
        sentence(near),
        tuple(listing(scene)),
        '',
        tuple(f'distance {t.name}' for t in shown),
        subjects=names(shown),
    )


def _inventory(scene: Scene, say: Wording) -> Iterator[Ask]:
    """Name every object, its field and its distance: the densest thing to learn from."""
    objects = list(scene.objects[:MOST_LISTED])
    if not objects:
        return
    ways = (
        ('left to right', 'What is where, from left to right?', lambda t: t.bearing_deg),
        ('near to far', 'What is where, from near to far?', lambda t: t.distance_m),
        ('any order', 'What is where?', lambda _: say.chance.random()),
    )
    for form, question, key in ways:
        listed = sorted(objects, key=key)
        near = wording.listing([f'{t.the} at {metres(t.distance_m)}' for t in listed])
        yield Ask(
            'inventory',
            form,
            question,
            sentence(near),
            tuple(far(t) for t in listed),
            '',
            tuple(f'distance {t.name}' for t in listed),
            subjects=names(listed),
        )


def a_(name: str) -> str:
    """Put the right article before a name."""
    return f'{"an" if name[0] in "aeiou" else "a"} {name}'


def _apart(two: tuple[Thing, ...] | list[Thing]) -> bool:
    a, b = two
    sigma = math.hypot(a.sigma_m, b.sigma_m)
    return decided(a.distance_m - b.distance_m, (a.distance_m + b.distance_m) / 2, sigma, 0.05)
