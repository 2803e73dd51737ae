# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Work on many frames: shards of them, on processes or on a Ray cluster, each written once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import as_completed, ProcessPoolExecutor
from dataclasses import dataclass
import json
import multiprocessing
import os
from pathlib import Path
import random
from typing import Any

from ssr_ros.errors import ConfigError, FrameError, require_package
from training.curation.ask import Ask, listing, Wording
from training.curation.pairs import pair_questions
from training.curation.places import PLACE, place_questions
from training.curation.pointing import POINT, pointing_questions
from training.curation.scene import Scene
from training.curation.single import scene_questions, thing_questions
from training.curation.sources import Found, Frames, Worlds
from training.curation.surfaces import surface_questions
from training.run.saving import save_text

ENGINES = ('processes', 'ray')


@dataclass(frozen=True)
class Recipe:
    """How questions are made of a frame.

    Attributes:
        seed: of the wording and of what is asked.
        per_frame: most units of one family about one frame.
        style: 'asked' gives the facts that a question needs; 'scene' describes everything first.
        families: that are asked about; () for all but PLACE and POINT.
        look_size: (width, height) of the image that answers about places are in; () for its own.
    """

    seed: int = 0
    per_frame: int = 2
    style: str = 'asked'
    families: tuple[str, ...] = ()
    look_size: tuple[int, ...] = ()


@dataclass(frozen=True)
class Shard:
    """Some frames, and the file that their rows go to."""

    source: Worlds | Frames
    keys: tuple[str, ...]
    path: Path
    root: Path
    recipe: Recipe


@dataclass(frozen=True)
class Done:
    """What came of a shard: frames that were read, and why others were not."""

    frames: int
    rows: int
    broken: tuple[str, ...]


def work(shard: Shard) -> Done:
    """Write the rows of a shard; a shard that is there is left as it is."""
    if shard.path.is_file():
        head = json.loads(shard.path.open(encoding='utf-8').readline())
        return Done(head['frames'], head['rows'], tuple(head['broken']))
    rows: list[dict[str, Any]] = []
    broken = []
    for key in shard.keys:
        try:
            rows += frame_rows(shard.source.read(key), key, shard.root, shard.recipe)
        except FrameError as error:
            broken.append(f'{key}: {error}')
    done = Done(len(shard.keys) - len(broken), len(rows), tuple(broken))
    head = {'frames': done.frames, 'rows': done.rows, 'broken': list(done.broken)}
    save_text(
        shard.path, ''.join(json.dumps(row, ensure_ascii=False) + '\n' for row in [head, *rows])
    )
    return done


def frame_rows(found: Found, key: str, root: Path, recipe: Recipe) -> list[dict[str, Any]]:
    """Return the rows of one frame: SSR-CoT's five fields, and ``meta``."""
    listed = listing(found.scene) if recipe.style == 'scene' else []
    # Where every sentence gives the answer away, one is left that gives nothing away.
    neutral = f'Depth is known for {100 * found.scene.frame.valid_ratio:.0f} % of the image.'
    rows = []
    for number, unit in enumerate(questions(found.scene, key, recipe)):
        for ask in unit:
            rows.append(
                {
                    'question': ask.question,
                    'rationale': ask.rationale(listed=listed),
                    'answer': ask.answer,
                    'image_path': os.path.relpath(found.image_path, root),
                    'depth_path': os.path.relpath(found.depth_path, root),
                    'meta': {
                        **ask.meta(),
                        'unit': f'{key}#{number}',
                        'value_unit': ask.unit,
                        'rationale_without_answer': ask.rationale(False, listed) or neutral,
                        **found.scene.meta,
                    },
                }
            )
    return rows


def questions(scene: Scene, key: str, recipe: Recipe) -> list[list[Ask]]:
    """Ask everything about a scene, and keep some of each family."""
    chance = random.Random(f'{recipe.seed} {key}')
    say = Wording(chance)
    families: dict[str, list[list[Ask]]] = {}
    things = list(scene.things)
    units: list[list[Ask]] = [[ask] for ask in scene_questions(scene, say)]
    units += [[ask] for ask in surface_questions(scene, say)]
    for thing in things:
        units += [[ask] for ask in thing_questions(scene, thing, say)]
    for index, a in enumerate(things):
        for b in things[index + 1 :]:
            first, second = (a, b) if chance.random() < 0.5 else (b, a)
            units += pair_questions(scene, first, second, say)
    if PLACE in recipe.families:  # for the VLM as it is before SSR: never among the others
        units += [[ask] for ask in place_questions(scene, recipe.look_size, chance)]
    if POINT in recipe.families:  # for a model that is to point
        units += [[ask] for ask in pointing_questions(scene, chance)]
    for unit in units:
        if recipe.families and unit[0].family not in recipe.families:
            continue
        families.setdefault(unit[0].family, []).append(unit)
    kept = []
    for members in families.values():
        chance.shuffle(members)
        kept += members[: recipe.per_frame]
    return kept


def run(shards: Sequence[Shard], engine: str, workers: int, address: str = '') -> Iterator[Done]:
    """Yield what came of each shard as it is done.

    Args:
        shards: the work.
        engine: 'processes' or 'ray'.
        workers: processes; 1 works in this one.
        address: of a Ray cluster; '' starts one on this machine.

    Raises:
        ConfigError: the engine is not known.
        MissingPackageError: Ray is wanted and not installed.
    """
    if engine not in ENGINES:
        raise ConfigError(f'engine: expected {" or ".join(ENGINES)}, got {engine!r}')
    if engine == 'ray':
        return _on_ray(shards, workers, address)
    return map(work, shards) if workers <= 1 else _on_processes(shards, workers)


def _on_processes(shards: Sequence[Shard], workers: int) -> Iterator[Done]:
    context = multiprocessing.get_context('spawn')
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        tasks = [pool.submit(work, shard) for shard in shards]
        try:
            for task in as_completed(tasks):
                yield task.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _on_ray(shards: Sequence[Shard], workers: int, address: str) -> Iterator[Done]:
    ray: Any = require_package('ray', 'ray')
    ray.init(address=address or None, num_cpus=None if address else workers, log_to_driver=False)
    try:
        remote: Callable[..., Any] = ray.remote(work).remote
        waiting = [remote(shard) for shard in shards]
        while waiting:
            ready, waiting = ray.wait(waiting)
            yield from ray.get(ready)
    finally:
        ray.shutdown()
