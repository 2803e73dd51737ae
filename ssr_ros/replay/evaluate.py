# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A whole run: recordings asked, rows put together, summary and report written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

from ssr_ros import __version__
from ssr_ros import settings as trees
from ssr_ros.bags.checks import check_path
from ssr_ros.bags.choice import CameraChoice
from ssr_ros.engine.settings import Settings
from ssr_ros.errors import BagError
from ssr_ros.replay.folder import Folder, names_of, write_json
from ssr_ros.replay.live import ask_live, LiveOptions
from ssr_ros.replay.planning import check_every_question_is_asked
from ssr_ros.replay.questions import QuestionSet
from ssr_ros.replay.rows import AnswerRow, plain_numbers, write_rows
from ssr_ros.replay.run import BagJob
from ssr_ros.replay.summary import summarize
from ssr_ros.replay.workers import (
    Failures,
    in_processes,
    in_this_process,
    on_ray,
    OnProgress,
    played,
)

Engine = Literal['processes', 'ray']


@dataclass(frozen=True)
class RunOptions:
    """What to run, beside the recordings and the questions.

    Attributes:
        out: folder of the run.
        settings: the node's.
        camera: which topics, and how to read them.
        model: preset, checkpoint folder or yaml; 'none' measures only.
        device: where the model runs.
        names: topics that say what things are called; None: all that can be read.
        jobs: how many recordings at once.
        engine: in processes of this machine, or on Ray.
        ray_address: of the Ray cluster; None: this machine.
        fresh: throw away what an earlier run has left in the folder.
        live: play them at the real node in place of asking its engine; None: do not.
    """

    out: Path
    settings: Settings = field(default_factory=Settings)
    camera: CameraChoice = field(default_factory=CameraChoice)
    model: str = 'nano'
    device: str = 'auto'
    names: tuple[str, ...] | None = None
    jobs: int = 1
    engine: Engine = 'processes'
    ray_address: str | None = None
    fresh: bool = False
    live: LiveOptions | None = None


@dataclass(frozen=True)
class RunResult:
    """What came of a run.

    Attributes:
        folder: with answers.jsonl, summary.json and report.html.
        rows: of all recordings.
        summary: as in summary.json.
        failures: name of a recording that could not be asked -> why.
        resumed: whether an earlier run was gone on with.
    """

    folder: Folder
    rows: tuple[AnswerRow, ...]
    summary: dict[str, Any]
    failures: Failures
    resumed: bool


def evaluate(
    paths: Sequence[Path], asked: QuestionSet, options: RunOptions, on_progress: OnProgress
) -> RunResult:
    """Ask recordings, and write answers.jsonl and summary.json.

    Args:
        paths: of the recordings.
        asked: the questions.
        options: how.
        on_progress: told how many rows there are, and how many there will be.

    Raises:
        BagError: no recording could be asked, with the first reason.
        ConfigError: a question is for another recording, or the folder holds another run.
        SsrError: the model cannot be loaded.
    """
    for path in paths:
        check_path(path)
    names = names_of(paths)
    check_every_question_is_asked(asked, names)
    folder = Folder(options.out)
    resumed = folder.begin(_identity(paths, names, asked, options), options.fresh)
    jobs = [
        BagJob(
            path.resolve(),
            name,
            options.out.resolve(),
            asked,
            options.settings,
            options.camera,
            options.model,
            options.device,
            options.names,
        )
        for path, name in zip(paths, names, strict=True)
    ]
    failures = _ask(jobs, options, on_progress)
    rows = tuple(row for name in names for row in folder.rows(name))
    if failures and not rows:
        raise BagError(next(iter(failures.values())))
    bags = {name: folder.notes(name) for name in names}
    summary = plain_numbers(summarize(rows, bags, failures))
    write_rows(folder.answers, rows)
    write_json(folder.summary, summary)
    return RunResult(folder, rows, summary, failures, resumed)


def _ask(jobs: Sequence[BagJob], options: RunOptions, on_progress: OnProgress) -> Failures:
    if options.live is not None:
        return played(jobs, partial(ask_live, options=options.live), on_progress)
    if options.engine == 'ray':
        return on_ray(jobs, options.ray_address, on_progress)
    if min(options.jobs, len(jobs)) == 1:
        return in_this_process(jobs, on_progress)
    return in_processes(jobs, min(options.jobs, len(jobs)), on_progress)


def _identity(
    paths: Sequence[Path], names: Sequence[str], asked: QuestionSet, options: RunOptions
) -> dict[str, Any]:
    """What two runs have in common that are the same, by the names that people know."""
    return {
        'the recordings': [
            [name, [[file.name, file.stat().st_size] for file in _files(path)]]
            for name, path in zip(names, paths, strict=True)
        ],
        'the questions': repr([replace(q, line=0) for q in asked.questions])
        + repr((asked.scenes, asked.within_ns)),
        'the camera': repr(options.camera),
        'the settings': repr(sorted(trees.flat(options.settings).items())),
        'the model': options.model,
        'the topics of names': repr(options.names),
        'the way (--live)': repr(options.live),
        'the version of ssr_ros': __version__,
    }


def _files(path: Path) -> list[Path]:
    return sorted(path.iterdir()) if path.is_dir() else [path]
