# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A recording played at the real node, a process of its own, and asked at the recorded times.

What only this shows: how old a frame is when it is answered about, how long a question waits,
which images are lost on the way and which pairs the node makes of the others.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
import os
import time
from typing import Any

from ssr_ros import settings as trees
from ssr_ros.bags.about import about
from ssr_ros.bags.index import BagIndex, FramePlace, FrameReader, index_bag
from ssr_ros.bags.read import Bag, open_bag
from ssr_ros.demo.children import Children
from ssr_ros.demo.environment import demo_environment
from ssr_ros.demo.run import camera_transports
from ssr_ros.engine.settings import Settings
from ssr_ros.errors import require_package, SsrError
from ssr_ros.replay.folder import Folder
from ssr_ros.replay.live_rows import live_row
from ssr_ros.replay.pictures import save_pictures
from ssr_ros.replay.planning import Asking, plan
from ssr_ros.replay.row_of import unplaced_row
from ssr_ros.replay.rows import AnswerRow, plain_numbers
from ssr_ros.replay.run import BagJob
from ssr_ros.replay.summary import spread
from ssr_ros.rgbd.messages import rgbd_frame

POLL_S = 0.005
SETTLED_NS = 2_000_000
"""A question is asked so long after its frame was played."""

PATIENCE_S = 300.0
AFTER_END_S = 1.0


@dataclass(frozen=True)
class LiveOptions:
    """How to play.

    Attributes:
        rate: 2.0 plays twice as fast as recorded.
        start_timeout_s: how long the node may take to load its model.
    """

    rate: float = 1.0
    start_timeout_s: float = 300.0


def ask_live(
    job: BagJob, options: LiveOptions, on_row: Callable[[], None] = lambda: None
) -> dict[str, Any]:
    """Ask a recording through the node, write its rows, and return what else was seen.

    Args:
        job: what to ask, and where the rows go.
        options: how to play.
        on_row: called after every answer.

    Raises:
        SsrError: the node or the player failed.
        MissingPackageError: rclpy is not installed.
    """
    folder = Folder(job.out)
    with open_bag(job.path) as bag:
        topics = job.camera.topics(bag)
        index = index_bag(bag, topics, job.camera.tolerance_s)
        due = plan(job.asked, index, job.name)
        notes = {'about': {**about(bag, index).as_dict(), 'name': job.name}, 'asked': len(due)}
        folder.write_about(job.name, plain_numbers(notes))
        seen = _Live(job, options, on_row).play([each for each in due if each.place is not None])
        rows = [unplaced_row(job.name, each) for each in due if each.place is None]
        rows += [_row(job, index, each, asked) for each, asked in seen.answers]
        rows = _with_pictures(job, folder, bag, index, rows)
    with folder.open_rows(job.name, rows):
        pass
    found = live_notes(seen, rows, len(index.places))
    folder.write_about(job.name, plain_numbers({**notes, 'live': found, 'done': True}))
    return found


@dataclass
class Seen:
    """What came of playing.

    Attributes:
        answers: what was asked, with its answer.
        diagnostics: of the node, at the end.
    """

    answers: list[tuple[Asking, Any]]
    diagnostics: dict[str, dict[str, str]]


class _Live:
    """Plays one recording at a node."""

    def __init__(self, job: BagJob, options: LiveOptions, on_row: Callable[[], None]) -> None:
        self._job, self._options, self._on_row = job, options, on_row
        self._namespace = f'/ssr_live_{os.getpid()}'

    def play(self, due: list[Asking]) -> Seen:
        require_package('rclpy', 'ros')
        environment = demo_environment()
        os.environ.update(environment)
        with Children(self._job.out / 'logs', environment) as children:
            children.start('ssr_node', 'ssr_ros.robot.main', self._node_arguments())
            from ssr_ros.robot.live_client import LiveClient

            with LiveClient(self._namespace, children.check) as client:
                try:
                    client.wait_until_loaded(self._options.start_timeout_s)
                    with Children(self._job.out / 'logs', environment) as players:
                        players.start('player', 'ssr_ros.cli', self._player_arguments())
                        return self._ask_all(client, players, due)
                except SsrError as error:
                    raise SsrError(f'{error}\n{children.tail("ssr_node")}') from error

    def _ask_all(self, client: Any, players: Children, due: list[Asking]) -> Seen:
        ahead = sorted(due, key=lambda each: _due_ns(each.place))
        sent: list[tuple[Asking, Any]] = []
        give_up_s = 0.0
        told = 0
        while ahead or told < len(sent):
            client.spin(POLL_S)
            ended = players.ended('player')
            if ended:
                raise SsrError(f'the player ended with code {ended}:\n{players.tail("player")}')
            while ahead and (ended == 0 or _due_ns(ahead[0].place) <= client.clock_ns):
                sent.append((ahead[0], self._send(client, ahead.pop(0))))
                give_up_s = time.monotonic() + PATIENCE_S
            count = sum(asked.answer is not None for _, asked in sent)
            for _ in range(count - told):
                self._on_row()
            told = count
            if sent and not ahead and time.monotonic() > give_up_s:
                raise SsrError(f'{len(sent) - told} questions were not answered within 300 s')
        for _ in range(round(AFTER_END_S / 0.1)):  # the last diagnostics
            client.spin(0.1)
        return Seen(sent, client.diagnostics)

    def _send(self, client: Any, asking: Asking) -> Any:
        question = asking.question
        rationale = self._job.settings.answer.with_rationale
        return client.send(question.text, question.regions, rationale)

    def _node_arguments(self) -> list[str]:
        settings = self._job.settings.updated(camera_transports(self._job.path))
        own = trees.flat(Settings())
        values = {
            name: value for name, value in trees.flat(settings).items() if value != own[name]
        }
        values |= {'model.path': self._job.model, 'model.device': self._job.device}
        arguments = ['--ros-args', '-r', f'__ns:={self._namespace}', '-p', 'use_sim_time:=true']
        for name, value in values.items():
            arguments += ['-p', f'{name}:={_written(value)}']
        return arguments

    def _player_arguments(self) -> list[str]:
        wait = ['--wait', str(self._options.start_timeout_s), '--rate', str(self._options.rate)]
        where = ['--camera', '--clock', '--namespace', self._namespace]
        return ['bag', 'play', str(self._job.path), *where, *wait]


def _due_ns(place: FramePlace | None) -> int:
    """When a frame has been played, on the recording's clock."""
    return 0 if place is None else max(place.color_ns, place.depth_ns) + SETTLED_NS


def _written(value: Any) -> str:
    """Write a parameter as yaml: a folder named 7 must not become a number."""
    if isinstance(value, bool):
        return 'true' if value else 'false'
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return str(value)


def _row(job: BagJob, index: BagIndex, asking: Asking, asked: Any) -> AnswerRow:
    stamp = asked.answer.header.stamp
    stamp_ns = stamp.sec * 1_000_000_000 + stamp.nanosec
    near = min(index.places, key=lambda place: abs(place.stamp_ns - stamp_ns))
    place = near if near.stamp_ns == stamp_ns else None
    return live_row(job.name, asking, asked.answer, place, (asked.done_s - asked.sent_s) * 1e3)


def _with_pictures(
    job: BagJob, folder: Folder, bag: Bag, index: BagIndex, rows: list[AnswerRow]
) -> list[AnswerRow]:
    """Read the frames that were answered about, and save their pictures."""
    from dataclasses import replace

    numbers = {row.frame for row in rows if row.frame is not None and row.error_code == 'NONE'}
    rules = job.camera.rules(index.topics)
    reader = FrameReader(bag, index, rules, job.camera.intrinsics)
    names: dict[int, str] = {}
    for raw in reader.read([index.places[number] for number in sorted(numbers)]):
        frame = rgbd_frame(raw.color, raw.depth, raw.info, rules=rules)
        names[raw.place.number] = folder.picture_name(job.name, raw.place.number)
        save_pictures(folder.pictures, names[raw.place.number], frame)
    return [
        row if row.frame is None else replace(row, picture=names.get(row.frame, ''))
        for row in rows
    ]


def _took_s(seen: Seen) -> float:
    """From the first question to the last answer."""
    sent = [asked.sent_s for _, asked in seen.answers]
    return max((asked.done_s for _, asked in seen.answers), default=0.0) - min(sent, default=0.0)


def live_notes(seen: Seen, rows: list[AnswerRow], recorded: int) -> dict[str, Any]:
    """Return what only playing shows.

    Args:
        seen: what came of it.
        rows: of all questions.
        recorded: how many pairs of images the recording holds.
    """
    camera = next((v for k, v in seen.diagnostics.items() if k.startswith('camera')), {})
    drops = {k.removeprefix('dropped, '): v for k, v in camera.items() if k.startswith('dropped')}
    behind_ms = [
        (row.asked_ns - row.stamp_ns) / 1e6
        for row in rows
        if row.stamp_ns is not None and row.error_code == 'NONE'
    ]
    waited = [(asked.done_s - asked.sent_s) * 1e3 for _, asked in seen.answers]
    inside = [row.timings_ms['total'] for row in rows if 'total' in row.timings_ms]
    queued = [
        row.timings_ms['waited'] - row.timings_ms['total']
        for row in rows
        if 'total' in row.timings_ms
    ]
    busy = sum(row.error_code == 'BUSY' for row in rows)
    lost = ', '.join(f'{number} {why}' for why, number in drops.items()) or 'none'
    return {
        'spreads': {
            'age of the frame, ms': spread([r.age_ms for r in rows if r.age_ms is not None]),
            'asked stamp minus answered stamp, ms': spread(behind_ms),
            'asked to answered, ms': spread(waited),
            'of that at work, ms': spread(inside),
            'of that in queues and on the way, ms': spread(queued),
        },
        'facts': [
            f'{len(waited)} questions were asked and answered in {_took_s(seen):.1f} s; {busy} '
            'were refused as busy',
            f'of {recorded} recorded pairs of images the node made '
            f'{camera.get("pairs in all", "an unknown number")} (it hears those that come after '
            f'it is active); images without a partner: {lost}',
            f'time went back {camera.get("time went backwards", "0")} times',
        ],
        'diagnostics': seen.diagnostics,
    }
