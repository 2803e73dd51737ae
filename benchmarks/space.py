# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Ask rendered rooms with holes in their depth whether the way is free.

    python benchmarks/space.py [--rooms 200] [--first 0] [--hidden] [--json]

Rooms of the test split, seen from a robot's camera (0.3 to 1.2 m high, 12 to 35 degrees down, the
floor in view from 0.6 m on at the latest, 640x480, stereo noise), each with one to four random
holes of unknown depth, and in four of ten all of one piece of furniture or object unknown. The
truth comes from rays that are shot into the world: a lane is free when there is nothing but floor
below the robot's height, from where the camera sees it to the distance asked for; it is blocked
when there is something, also in the nearest stretch. "Free where it is not" must not occur;
"cannot tell" is not counted as an answer. "How far can I drive?" is wrong where the way that is
called free holds something. The ways to the left and to the right are lanes too, and judged alike.
``--hidden`` also says, of the free ways ahead that are not called so, in how many something could
stand and be all in pixels without depth (``space_hidden.py``).
"""

from __future__ import annotations

import argparse
from collections import Counter
import json
import math
from pathlib import Path
import sys

import cv2
import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.machine import machine
from benchmarks.space_hidden import Hidden
from ssr_ros.rgbd import RgbdFrame
from ssr_ros.scene import measure, SceneFacts
from ssr_ros.scene.geometry.ground import Ground
from ssr_ros.scene.questions import space
from training.worlds import add_noise, sample_world
from training.worlds.cameras import Camera, draw_intrinsics, look_at, Sight
from training.worlds.opengl import load_mujoco
from training.worlds.world import World

SIZE_PX = (640, 480)
WAYS_M = (1.0, 1.5, 2.0)
WIDTHS_M = (0.4, 0.5)
FARTHEST_M = 3.0
NEAREST_M = 0.6
"""A robot's camera sees the floor from here on, or from nearer."""

STEP_M = 0.02
LEAST_RISE_M = 0.035
"""Lower than this a thing is not told from the floor, nor in the way of wheels."""

SIDE, UP = np.array([1.0, 0.0, 0.0]), np.array([0.0, 0.0, 1.0])
TRIES = 200


def robot_camera(world: World, rng: np.random.Generator) -> Camera:
    """A camera that looks forward and down, with a metre of air before it."""
    sight = Sight(world.model, world.data)
    half = np.array(world.room.size_m[:2]) / 2 - 0.3
    for _ in range(TRIES):
        position = np.array([*(rng.uniform(-1, 1, 2) * half), rng.uniform(0.3, 1.2)])
        yaw, tilt = rng.uniform(-math.pi, math.pi), math.radians(rng.uniform(12, 35))
        level = np.array([math.cos(yaw), math.sin(yaw), 0.0])
        target = position + math.cos(tilt) * level - [0, 0, math.sin(tilt)]
        camera = look_at(position, target, draw_intrinsics(rng, SIZE_PX), rng.normal(0, 0.02))
        intrinsics = camera.intrinsics
        lowest = tilt + math.atan2(SIZE_PX[1] - intrinsics.cy, intrinsics.fy)
        sees_floor = position[2] < NEAREST_M * math.tan(min(lowest, 1.5))
        if sees_floor and sight.has_space(camera) and sight.free_m(position, level) > 1:
            break
    return camera


def holes(rng: np.random.Generator, segmentation: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Ellipses anywhere, and now and then all of one thing."""
    height, width = segmentation.shape
    mask = np.zeros((height, width), np.uint8)
    for _ in range(int(rng.integers(1, 5))):
        axes = rng.uniform(0.02, 0.1, 2) * width
        middle = int(rng.uniform(0, width)), int(rng.uniform(0, height))
        size = int(axes[0]) + 1, int(axes[1]) + 1
        cv2.ellipse(mask, middle, size, float(rng.uniform(0, 180)), 0, 360, 1, -1)
    things = np.unique(segmentation[segmentation > 0])
    if rng.random() < 0.4 and len(things):
        mask[segmentation == rng.choice(things)] = 1
    return mask.astype(np.bool_)


def held_at(world: World, camera: Camera, width_m: float, bearing_deg: float) -> NDArray[np.bool_]:
    """At which steps of a lane there is something but floor, below the camera's height."""
    heading = math.atan2(*camera.world_from_camera[1::-1, 2]) - math.radians(bearing_deg)
    ahead = np.array([math.cos(heading), math.sin(heading), 0.0])
    right = np.array([ahead[1], -ahead[0], 0.0])
    across = np.arange(-width_m / 2 + 0.005, width_m / 2, STEP_M)
    return np.array(
        [
            any(
                holds_something(world, camera.position_m + step * ahead + side * right)
                for side in across
            )
            for step in np.arange(0, FARTHEST_M, STEP_M)
        ]
    )


def holds_something(world: World, top_m: NDArray[np.float64]) -> bool:
    """Whether there is anything but floor below a place: a surface, or what the place lies in.

    A ray that starts in a table's leg does not meet it: rays to both sides leave it then.
    """
    met = [ray(world, top_m, side) for side in (SIDE, -SIDE)]
    below_m, _ = ray(world, top_m, -UP)
    inside = met[0][1] == met[1][1]
    return inside or below_m < 0 or top_m[2] - below_m > LEAST_RISE_M


def ray(
    world: World, start_m: NDArray[np.float64], towards: NDArray[np.float64]
) -> tuple[float, int]:
    """How far a ray goes to the first surface, -1 for none, and whose that is."""
    mujoco, geom = load_mujoco(), np.zeros(1, np.int32)
    far = mujoco.mj_ray(world.model, world.data, start_m, towards, None, 1, -1, geom)
    return float(far), int(geom[0])


def first_m(held: NDArray[np.bool_], start_m: float) -> float:
    """Where a lane first holds something, from some length on; inf for nowhere."""
    steps = np.flatnonzero(held)
    later = steps[steps * STEP_M >= start_m]
    return float(later[0] * STEP_M) if len(later) else math.inf


def ask_room(seed: int, counts: Counter[str], wrong: list[str], hidden: bool) -> None:
    """Ask one room all questions, and count what was said against what is true.

    Where asked to, what may be hidden in the ways that nobody calls free is counted, too.
    """
    rng = np.random.default_rng([7, seed])
    world = sample_world(seed, kind='room', split='test')
    camera = robot_camera(world, rng)
    view = world.render(camera=camera)
    depth_m = add_noise(view.frame.depth_m, 'stereo', seed).copy()
    depth_m[holes(rng, view.segmentation)] = np.nan
    facts = measure(RgbdFrame(view.frame.rgb, depth_m, view.frame.intrinsics))
    for width_m in WIDTHS_M:
        for way in space.free_ways(facts, width_m) or (None,):
            bearing_deg = way.bearing_deg if way else 0.0
            held = held_at(world, camera, width_m, bearing_deg)
            start_m = way.near_m if way else 0.0
            if not bearing_deg:
                unsaid = ask_free(facts, width_m, held, start_m, f'room {seed}', counts, wrong)
                for way_m in unsaid if hidden else ():
                    may = may_hide(facts, width_m, way_m)
                    counts[f'free but cannot tell: {may} could hide'] += 1
            side = f'to the {way.name}' if way and bearing_deg else 'ahead'
            far = facts.answer(f'How far can I drive {side}? I am {100 * width_m:.0f} cm wide.')
            said_m = min(far.value or 0.0, FARTHEST_M) if far.answered else None
            false = said_m is not None and said_m > max(first_m(held, start_m), start_m) + STEP_M
            said = 'cannot tell' if said_m is None else ('wrong' if false else 'right')
            counts[f'how far {"to a side" if bearing_deg else "ahead"}: {said}'] += 1
            if false:
                wrong.append(f'room {seed}: {far.text} Blocked at {first_m(held, start_m):.2f} m.')


def ask_free(
    facts: SceneFacts,
    width_m: float,
    held: NDArray[np.bool_],
    start_m: float,
    room: str,
    counts: Counter[str],
    wrong: list[str],
) -> list[float]:
    """Ask whether the way ahead is free for some lengths.

    It is free when nothing is in it from where it is seen on, and blocked when anything is.

    Returns:
        the lengths for which it is free and nobody says so.
    """
    unsaid = []
    for way_m in WAYS_M:
        question = f'Is the way free for {way_m} m? I am {100 * width_m:.0f} cm wide.'
        answer = facts.answer(question)
        said = {1.0: 'free', 0.0: 'blocked', None: 'cannot tell'}[answer.value]
        from_m = 0.0 if said == 'blocked' else start_m
        true = 'free' if first_m(held, from_m) > way_m - STEP_M else 'blocked'
        counts[f'{way_m} m: {said}, is {true}'] += 1
        counts[f'all: {said}, is {true}'] += 1
        if (said, true) == ('free', 'blocked'):
            wrong.append(f'{room}: {answer.text} Blocked at {first_m(held, start_m):.2f} m.')
        if (said, true) == ('cannot tell', 'free'):
            unsaid.append(way_m)
    return unsaid


def may_hide(facts: SceneFacts, width_m: float, way_m: float) -> str:
    """What could stand in a way ahead, and be all in pixels without depth."""
    plane = space.floor(facts)
    if plane is None:
        return 'all'
    unknown = np.isnan(facts.frame.depth_m).astype(np.uint8)
    unknown = cv2.morphologyEx(unknown, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    hidden = Hidden(Ground.of(facts, plane), unknown > 0)
    return hidden.in_lane(width_m, way_m) or 'nothing'


KINDS = {
    'all': 'is the way free',
    f'{WAYS_M[-1]} m': 'the longest way',
    'how far ahead': 'how far',
    'how far to a side': 'how far',
}


def share(counts: Counter[str], kind: str) -> str:
    """How many questions of a kind were answered, in words."""
    asked = {key: number for key, number in counts.items() if key.startswith(f'{kind}: ')}
    told = sum(number for key, number in asked.items() if 'cannot tell' not in key)
    return f'answered {told} of {sum(asked.values())}, {told / max(1, sum(asked.values())):.0%}'


def run(rooms: int, first: int = 0, hidden: bool = False) -> dict[str, object]:
    """Ask the rooms from one on, and return what was said."""
    counts: Counter[str] = Counter()
    wrong: list[str] = []
    for seed in range(first, first + rooms):
        ask_room(seed, counts, wrong, hidden)
        if sys.stderr.isatty():
            print(f'\r{seed + 1 - first}/{rooms} rooms', end='', file=sys.stderr)
    return {
        'rooms': rooms,
        **{f'{kind}, {what}': share(counts, kind) for kind, what in KINDS.items()},
        'free where it is not': len(wrong),
        'wrong': wrong,
        'counts': dict(sorted(counts.items())),
    }


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('--rooms', type=int, default=200, help='how many rendered rooms')
    parser.add_argument('--first', type=int, default=0, help='the first of them')
    parser.add_argument('--hidden', action='store_true', help='count what may be hidden, too')
    parser.add_argument('--json', action='store_true', help='print one JSON object')
    options = parser.parse_args(argv)
    cv2.setNumThreads(1)
    report = {'machine': machine(), **run(options.rooms, options.first, options.hidden)}
    if options.json:
        print(json.dumps(report, indent=2))
        return 0
    for name, value in report.items():
        if isinstance(value, dict):
            print(*(f'  {key}: {number}' for key, number in value.items()), sep='\n')
        else:
            print(f'{name}: {value}')
    return 0


if __name__ == '__main__':
    sys.exit(main())
