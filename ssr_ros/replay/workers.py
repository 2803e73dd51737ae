# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Several recordings at once: in processes of this machine, or on a Ray cluster.

A worker writes its rows into the run's folder as it goes. So one that dies costs nothing but time:
another begins where it stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import lru_cache, partial
import multiprocessing
import os
from typing import Any, cast

from ssr_ros.engine.reasoner import Reasoner
from ssr_ros.engine.settings import Settings
from ssr_ros.errors import require_package, SsrError
from ssr_ros.replay.asking import MeasuringOnly
from ssr_ros.replay.folder import Folder
from ssr_ros.replay.run import ask_bag, BagJob

POLL_S = 0.5
MOST_DEATHS = 5
"""A recording at which so many workers died is given up: it is the recording's fault."""

Failures = dict[str, str]
"""Name of a recording that could not be asked -> why."""

OnProgress = Callable[[int, int], None]
"""Told how many rows there are, and how many there will be as far as is known."""


def in_this_process(jobs: Sequence[BagJob], on_progress: OnProgress) -> Failures:
    """Ask one recording after the other.

    Raises:
        SsrError: the model cannot be loaded.
    """
    failures: Failures = {}
    progress = _Progress(jobs, on_progress)
    for job in jobs:
        try:
            ask_bag(job, partial(_reasoner, job), progress.one_more)
        except SsrError as error:
            failures[job.name] = str(error)
        progress.look()
    return failures


def played(
    jobs: Sequence[BagJob], ask: Callable[..., object], on_progress: OnProgress
) -> Failures:
    """Play one recording after the other at a node; one that was played to its end is kept."""
    failures: Failures = {}
    progress = _Progress(jobs, on_progress)
    for job in jobs:
        try:
            if not Folder(job.out).notes(job.name).get('done'):
                ask(job, on_row=progress.one_more)
        except SsrError as error:
            failures[job.name] = str(error)
        progress.look()
    return failures


def in_processes(jobs: Sequence[BagJob], count: int, on_progress: OnProgress) -> Failures:
    """Ask several recordings at once, each in a process of its own.

    Raises:
        SsrError: the model cannot be loaded.
    """
    progress = _Progress(jobs, on_progress)
    failures: Failures = {}
    left, deaths = list(jobs), 0
    while left:
        try:
            with _one_thread_each(count), _pool(count) as pool:
                ahead = {pool.submit(_ask, job): job for job in left}
                for job, why in _as_they_end(ahead, progress):
                    left.remove(job)
                    if why:
                        failures[job.name] = why
        except BrokenProcessPool:
            deaths += 1
            if deaths < MOST_DEATHS:
                continue
            why = f'{deaths} workers died at it: is there enough memory for --jobs {count}?'
            failures.update({job.name: why for job in left})
            break
    progress.look()
    return failures


def on_ray(jobs: Sequence[BagJob], address: str | None, on_progress: OnProgress) -> Failures:
    """Ask recordings on a Ray cluster, whose machines see the run's folder and the recordings.

    Args:
        jobs: what to ask.
        address: of the cluster; None: the one of this machine, started where there is none.
        on_progress: told how far it is.

    Raises:
        MissingPackageError: Ray is not installed.
    """
    ray = require_package('ray', 'ray')
    progress = _Progress(jobs, on_progress)
    failures: Failures = {}
    own = {} if address else {'include_dashboard': False}
    ray.init(address=address, ignore_reinit_error=True, log_to_driver=False, **own)
    try:
        remote = ray.remote(max_retries=MOST_DEATHS, num_cpus=1)(_ask)
        ahead = {remote.remote(job): job for job in jobs}
        while ahead:
            ended, _ = ray.wait(list(ahead), num_returns=1, timeout=POLL_S)
            for reference in ended:
                job = ahead.pop(reference)
                try:
                    why = ray.get(reference)
                except ray.exceptions.RayError as error:
                    why = f'Ray gave it up: {error}. The same command goes on with it'
                if why:
                    failures[job.name] = why
            progress.look()
    finally:
        ray.shutdown()
    return failures


@lru_cache(maxsize=1)
def reasoner_of(model: str, device: str, settings: Settings) -> Reasoner:
    """Load a model once in a process; 'none' measures only.

    Raises:
        SsrError: it cannot be loaded.
    """
    if model == 'none':
        return MeasuringOnly()
    from ssr_ros.model import load_reasoner

    reasoner: Any = load_reasoner(
        model,
        device=device,
        dtype=settings.model.dtype,
        keep_stock=settings.grounding.vlm,
        encoders=settings.model.encoders,
    )
    reasoner.warm_up()
    return cast(Reasoner, reasoner)


def _reasoner(job: BagJob) -> Reasoner:
    return reasoner_of(job.model, job.device, job.settings)


def _ask(job: BagJob) -> str:
    """Ask a recording in a worker; return why that was not possible, or ''."""
    try:
        ask_bag(job, partial(_reasoner, job))
    except SsrError as error:
        return str(error)
    return ''


def _pool(count: int) -> ProcessPoolExecutor:
    # A fork of a process that has begun with threads may stand still for ever.
    return ProcessPoolExecutor(count, mp_context=multiprocessing.get_context('spawn'))


@contextmanager
def _one_thread_each(count: int) -> Iterator[None]:
    """Let each worker start as many threads as are its share of the processors."""
    share = str(max(1, (os.cpu_count() or 1) // count))
    before = os.environ.get('OMP_NUM_THREADS')
    os.environ['OMP_NUM_THREADS'] = before or share
    try:
        yield
    finally:
        if before is None:
            del os.environ['OMP_NUM_THREADS']


def _as_they_end(
    ahead: dict[Future[str], BagJob], progress: _Progress
) -> Iterator[tuple[BagJob, str]]:
    while ahead:
        ended, _ = wait(ahead, timeout=POLL_S, return_when=FIRST_COMPLETED)
        for future in ended:
            job = ahead[future]
            why = future.result()
            del ahead[future]
            yield job, why
        progress.look()


class _Progress:
    """How many rows there are, by looking into the run's folder."""

    def __init__(self, jobs: Sequence[BagJob], on_progress: OnProgress) -> None:
        self._jobs, self._on_progress = jobs, on_progress
        self._folder = Folder(jobs[0].out)
        self._done = 0

    def one_more(self) -> None:
        """Count a row of this process."""
        self._done += 1
        self._on_progress(self._done, self._total())

    def look(self) -> None:
        """Count the rows of all processes."""
        self._done = sum(_lines(self._folder, job.name) for job in self._jobs)
        self._on_progress(self._done, self._total())

    def _total(self) -> int:
        notes: list[dict[str, Any]] = [self._folder.notes(job.name) for job in self._jobs]
        return sum(int(each.get('asked', 0)) for each in notes)


def _lines(folder: Folder, name: str) -> int:
    path = folder.part(name)
    if not path.exists():
        return 0
    with path.open('rb') as stream:
        return sum(block.count(b'\n') for block in iter(lambda: stream.read(1 << 20), b''))
