# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Questions about two things, each asked in both orders.

The two orders of a yes-or-no question have opposite answers, and those of a which-one question
name the answer once first and once second: so a pair is balanced in itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
import math

from training.curation.ask import (
    ahead,
    Ask,
    decided,
    Fact,
    far,
    metres,
    names,
    placed,
    sentence,
    sized,
    standing,
    Wording,
)
from training.curation.scene import Scene, Thing

Quantity = Callable[[Thing], float]


def pair_questions(scene: Scene, a: Thing, b: Thing, say: Wording) -> Iterator[list[Ask]]:
    """Yield units of one or two questions: the orders of naming that belong together."""
    sigma = math.hypot(a.sigma_m, b.sigma_m)
    yield from _closer(a, b, sigma, say)
    yield from _sides(a, b, sigma, say)
    yield from _sizes(a, b, sigma, say)
    yield from _direction(a, b, sigma, say)
    yield from _distances(scene, a, b, sigma, say)


def _closer(a: Thing, b: Thing, sigma: float, say: Wording) -> Iterator[list[Ask]]:
    """Compare the distances of the nearest visible parts."""
    difference = a.distance_m - b.distance_m
    if not decided(difference, (a.distance_m + b.distance_m) / 2, sigma, 0.05):
        return
    near, other = (a, b) if difference < 0 else (b, a)
    why = f'{metres(near.distance_m)} is less than {metres(other.distance_m)}, so'
    conclusion = f'{why} {near.the} is closer.'
    facts = (far(a), far(b))
    ways = ('Which is closer to the camera, {} or {}?', 'Which one is nearer, {} or {}?')
    yield _which('closer', say.pick(*ways), a, b, near, facts, conclusion)
    ways = ('Is {} closer to the camera than {}?', 'Is {} nearer than {}?')
    yield _whether('closer', say.pick(*ways), a, b, near, facts, conclusion)
    ways = ('Which is farther away, {} or {}?', 'Which one is farther from the camera, {} or {}?')
    far_one = f'{metres(other.distance_m)} is more than {metres(near.distance_m)}, so {other.the}'
    yield _which(
        'closer', say.pick(*ways), a, b, other, facts, f'{far_one} is farther.', form='farther'
    )


def _sides(a: Thing, b: Thing, sigma: float, say: Wording) -> Iterator[list[Ask]]:
    """Left and right, above and below, in front and behind, where the centres are well apart."""
    axes: list[tuple[str, int, str, str, Callable[[Thing], Fact], bool]] = [
        ('left_right', 0, 'to the left of', 'to the right of', placed, False),
        ('above_below', 2, 'lower than', 'higher than', standing, False),
        ('front_behind', 1, 'in front of', 'behind', ahead, True),
    ]
    for family, axis, low, high, fact, needs_depth in axes:
        difference = float(a.center_m[axis] - b.center_m[axis])
        span = float(a.size_m[axis] + b.size_m[axis]) / 2
        if axis == 0:
            difference = math.radians(a.bearing_deg - b.bearing_deg)
            span = span / max(min(a.distance_m, b.distance_m), 0.1)
        if not decided(difference, span / RELATIVE_SPAN, sigma, 0.05):
            continue
        first = a if difference < 0 else b
        second = b if first is a else a
        facts = (fact(a), fact(b))
        conclusion = sentence(f'so {first.the} is {low} {second.the}')
        yield _whether(
            family, f'Is {{}} {low} {{}}?', a, b, first, facts, conclusion, needs_depth, low
        )
        conclusion = sentence(f'so {second.the} is {high} {first.the}')
        yield _whether(
            family, f'Is {{}} {high} {{}}?', a, b, second, facts, conclusion, needs_depth, high
        )
        if family == 'left_right':
            yield _left_or_right(a, b, first, facts, say)


RELATIVE_SPAN = 0.16
"""``decided`` takes 8 % of a scale; a span over this makes that half of the span."""


def _left_or_right(
    a: Thing, b: Thing, left: Thing, facts: tuple[Fact, ...], say: Wording
) -> list[Ask]:
    way = say.pick('Is {} left or right of {}?', 'On which side of {1} is {0}, left or right?')
    asks = []
    for swap, x, y in (('ab', a, b), ('ba', b, a)):
        side = 'left' if x is left else 'right'
        asks.append(
            Ask(
                'left_right',
                'which side',
                way.format(x.the, y.the),
                sentence(side),
                facts,
                sentence(f'so {x.the} is to the {side} of {y.the}'),
                (),
                side,
                names((x, y)),
                swap,
                None,
                '',
                False,
            )
        )
    return asks


def _sizes(a: Thing, b: Thing, sigma: float, say: Wording) -> Iterator[list[Ask]]:
    """Compare heights, widths and volumes of things that are seen whole."""
    if not (a.whole and b.whole):
        return
    compared: list[tuple[str, str, Quantity]] = [
        ('taller', 'high', lambda t: float(t.size_m[2])),
        ('wider', 'wide', lambda t: float(t.size_m[0])),
        ('bigger', 'volume', lambda t: float(t.size_m.prod())),
    ]
    for word, _, of in compared:
        difference = of(a) - of(b)
        relative = 3 * sigma / max(min(a.size_m.min(), b.size_m.min()), 0.01)
        if abs(difference) < max(0.2, relative) * max(of(a), of(b)):
            continue
        if word != 'bigger' and abs(difference) < 0.02:
            continue
        more = a if difference > 0 else b
        facts = (sized(a), sized(b))
        conclusion = sentence(f'so {more.the} is {word}')
        yield _which(
            'size', f'Which is {word}, {{}} or {{}}?', a, b, more, facts, conclusion, word
        )
        if say.chance.random() < 0.5:
            yield _whether(
                'size', f'Is {{}} {word} than {{}}?', a, b, more, facts, conclusion, True, word
            )


def _direction(a: Thing, b: Thing, sigma: float, say: Wording) -> Iterator[list[Ask]]:
    """From one thing to another on the ground, as a clock whose 12 points away from the camera."""
    right, forward = (float(v) for v in (b.center_m - a.center_m)[:2])
    apart = math.hypot(right, forward)
    angle = math.degrees(math.atan2(right, forward))
    off_hour = abs((angle + 15) % 30 - 15)
    if apart < max(0.15, 2 * sigma) or off_hour + math.degrees(sigma / apart) > 11:
        return
    way = say.pick(
        "From above, with 12 o'clock away from the camera, in which direction is {1} from {0}?",
        "If 12 o'clock points away from the camera, at what hour does {1} lie from {0}?",
    )
    asks = []
    for swap, x, y, turned in (('ab', a, b, angle), ('ba', b, a, angle + 180)):
        hour = round(turned / 30) % 12 or 12
        step_right, step_forward = (right, forward) if swap == 'ab' else (-right, -forward)
        fact = Fact(
            f'From {x.the} it is {metres(abs(step_right))} to the '
            f'{"right" if step_right > 0 else "left"} and {metres(abs(step_forward))} '
            f'{"away" if step_forward > 0 else "towards the camera"} to {y.the}.',
            (f'step {x.name} {y.name}',),
        )
        asks.append(
            Ask(
                'direction',
                'clock',
                way.format(x.the, y.the),
                f"{hour} o'clock.",
                (far(x), far(y), fact),
                f"That is {hour} o'clock.",
                (),
                str(hour),
                names((x, y)),
                swap,
                float(hour),
                'hour',
            )
        )
    yield asks


def _distances(
    scene: Scene, a: Thing, b: Thing, sigma: float, say: Wording
) -> Iterator[list[Ask]]:
    """Four different distances between two things: gap, centres, level, height."""
    step = b.center_m - a.center_m
    values = {
        'centres': (float((step**2).sum() ** 0.5), 'How far apart are the centres of {} and {}?'),
        'level': (
            math.hypot(step[0], step[1]),
            'What is the horizontal distance between the centres of {} and {}?',
        ),
        'vertical': (
            abs(float(step[2])),
            'What is the difference in height between the centres of {} and {}?',
        ),
    }
    if (a.name, b.name) in scene.gaps_m:
        gap, sigma = scene.gaps_m[a.name, b.name]
        yield from _fits(a, b, gap, sigma, say)
        way = say.pick(
            'How wide is the gap between {} and {}?', 'How much space is there between {} and {}?'
        )
        values['gap'] = (gap, way)
    for form, (value, way) in values.items():
        whole = form == 'gap' or (a.whole and b.whole)
        if value < max(0.05, SIGMAS_OF_NUMBER * sigma) or not whole:
            continue
        text = metres(value)
        asks = [
            Ask(
                'gap',
                form,
                way.format(x.the, y.the),
                f'{text}.',
                (far(x), far(y), placed(x), placed(y)),
                sentence(f'the {SAID[form]} is {text}'),
                (),
                '',
                names((x, y)),
                swap,
                value,
                'm',
            )
            for swap, x, y in (('ab', a, b), ('ba', b, a))
        ]
        yield asks


SIGMAS_OF_NUMBER = 6.0
"""A number that is less certain than to a sixth is not asked for."""

SAID = {
    'gap': 'gap between them',
    'centres': 'distance between their centres',
    'level': 'horizontal distance between their centres',
    'vertical': 'difference in height between their centres',
}


def _fits(a: Thing, b: Thing, gap: float, sigma: float, say: Wording) -> Iterator[list[Ask]]:
    """Ask whether something of a width passes between two things: as often yes as no."""
    if gap < 0.1:
        return
    way = say.pick(
        'Could something {2} wide pass between {0} and {1}?',
        'I am {2} wide. Can I get through between {0} and {1}?',
    )
    for verdict, share in (
        ('yes', say.chance.uniform(0.4, 0.75)),
        ('no', say.chance.uniform(1.3, 2)),
    ):
        width = round(share * gap, 2)
        if not decided(gap - width, gap, sigma, 0.03):
            continue
        less = 'more' if verdict == 'yes' else 'less'
        fact = Fact(f'The gap between them is {metres(gap)}.', ('gap',))
        yield [
            Ask(
                'fits',
                'pass',
                way.format(x.the, y.the, metres(width)),
                sentence(verdict),
                (fact,),
                f'{metres(gap)} is {less} than {metres(width)}: {verdict}.',
                (),
                verdict,
                names((x, y)),
                swap,
                gap,
                'm',
            )
            for swap, x, y in (('ab', a, b), ('ba', b, a))
        ]


def _which(
    family: str,
    way: str,
    a: Thing,
    b: Thing,
    right: Thing,
    facts: tuple[Fact, ...],
    conclusion: str,
    form: str = 'closer',
) -> list[Ask]:
    return [
        Ask(
            family,
            f'which {form}',
            way.format(x.the, y.the),
            sentence(right.the),
            facts,
            conclusion,
            (),
            'first' if right is x else 'second',
            names((x, y)),
            swap,
        )
        for swap, x, y in (('ab', a, b), ('ba', b, a))
    ]


def _whether(
    family: str,
    way: str,
    a: Thing,
    b: Thing,
    right: Thing,
    facts: tuple[Fact, ...],
    conclusion: str,
    needs_depth: bool = True,
    form: str = '',
) -> list[Ask]:
    asks = []
    for swap, x, y in (('ab', a, b), ('ba', b, a)):
        verdict = 'yes' if right is x else 'no'
        asks.append(
            Ask(
                family,
                f'whether {form}'.strip(),
                way.format(x.the, y.the),
                sentence(verdict),
                facts,
                conclusion,
                (),
                verdict,
                names((x, y)),
                swap,
                needs_depth=needs_depth,
            )
        )
    return asks
