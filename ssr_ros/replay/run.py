# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""One recording asked: its rows are written as they come, and kept when it is begun again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import groupby
import logging
from pathlib import Path
import time
from typing import Any, TextIO

from ssr_ros.bags.about import about
from ssr_ros.bags.choice import CameraChoice
from ssr_ros.bags.index import BagIndex, FramePlace, FrameReader, index_bag, Key, RawFrame
from ssr_ros.bags.names import name_topics, read_names, RecordedNames
from ssr_ros.bags.read import Bag, open_bag
from ssr_ros.engine.reasoner import Reasoner
from ssr_ros.engine.settings import Settings
from ssr_ros.engine.transforms import RigidTransform
from ssr_ros.errors import ConfigError, quoted, SsrError
from ssr_ros.replay.asking import Asker, stay
from ssr_ros.replay.folder import Folder
from ssr_ros.replay.pictures import save_pictures
from ssr_ros.replay.planning import Asking, plan
from ssr_ros.replay.questions import QuestionSet
from ssr_ros.replay.recorded_imu import imu_topic, RecordedImu
from ssr_ros.replay.row_of import answered_row, refused_row, unplaced_row
from ssr_ros.replay.rows import AnswerRow, plain_numbers
from ssr_ros.replay.transforms import RecordedTransforms
from ssr_ros.replay.transforms import TYPE as TF_TYPE

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class BagJob:
    """One recording to ask, with all that a process of its own needs to know.

    Attributes:
        path: of the recording.
        name: what it is called in rows and reports.
        out: folder of the run.
        asked: the questions.
        settings: the node's.
        camera: which topics, and how to read them.
        model: preset, checkpoint folder or yaml; 'none' measures only.
        device: where the model runs.
        names: topics that say what things are called; None: all that can be read.
    """

    path: Path
    name: str
    out: Path
    asked: QuestionSet
    settings: Settings = field(default_factory=Settings)
    camera: CameraChoice = field(default_factory=CameraChoice)
    model: str = 'nano'
    device: str = 'auto'
    names: tuple[str, ...] | None = None


def ask_bag(
    job: BagJob, load: Callable[[], Reasoner], on_row: Callable[[], None] = lambda: None
) -> None:
    """Ask every question of a recording that has no row yet.

    Args:
        job: what to ask, and where the rows go.
        load: gives the model; not called where nothing is left to ask.
        on_row: called after every row, those that were there included.

    Raises:
        BagError: the recording cannot be read.
        FrameError: none of its calibrations is usable.
        ConfigError: the folder holds rows of something else, or a setting is not possible here.
    """
    begun_s = time.monotonic()
    folder = Folder(job.out)
    with open_bag(job.path) as bag:
        topics = job.camera.topics(bag)
        heard = name_topics(bag, job.names)
        imu = imu_topic(bag, job.settings.gravity.imu_topic)
        others = [*heard, imu] if imu else heard
        index = index_bag(bag, topics, job.camera.tolerance_s, others)
        due = plan(job.asked, index, job.name)
        done = _complete(folder.rows(job.name), due)
        notes = {'about': {**about(bag, index).as_dict(), 'name': job.name}, 'asked': len(due)}
        folder.write_about(job.name, plain_numbers(notes))
        for _ in done:
            on_row()
        if len(done) == len(due) and folder.part(job.name).exists():
            return
        asker = Asker(load(), job.settings, topics.color, _transform(bag, job.settings))
        session = _Session(job, folder, asker, bag, on_row)
        with folder.open_rows(job.name, done) as stream:
            near = _Near(
                RecordedNames(index, heard, round(job.settings.grounding.tolerance_s * 1e9)),
                RecordedImu(index, imu),
            )
            decoded = session.ask(index, due[len(done) :], near, stream)
    ended = {**notes, 'decoded': decoded, 'seconds': time.monotonic() - begun_s, 'done': True}
    folder.write_about(job.name, plain_numbers(ended))


def _transform(bag: Bag, settings: Settings) -> Callable[[str, Any], RigidTransform]:
    """Return the lookup of transforms; tf is read only where a setting needs it."""
    frames = {'target_frame': settings.target_frame, 'gravity.frame': settings.gravity.frame}
    if not any((*frames.values(), settings.gravity.imu_topic)):
        return stay
    transforms = RecordedTransforms(bag)
    for name, frame in frames.items():
        if frame and not transforms.topics:
            raise ConfigError(
                f'{name} is {quoted(frame)}, and the recording holds no tf ({TF_TYPE}): leave it '
                'out; camera.pitch_deg tells how the camera was held'
            )
    return transforms.lookup


@dataclass(frozen=True)
class _Near:
    """What was recorded near a frame besides its images."""

    names: RecordedNames
    imu: RecordedImu

    def of(self, place: FramePlace) -> list[Key]:
        return [*self.names.of(place), *self.imu.of(place)]


def _complete(rows: Sequence[AnswerRow], due: Sequence[Asking]) -> list[AnswerRow]:
    """Return the rows of frames that are done with: a frame is asked whole or not at all.

    The first question about a frame pays for its encoding, and later ones build on what was looked
    for: only so does a run that was stopped end as one that was not.
    """
    kept: list[AnswerRow] = []
    for row, asking in zip(rows, due, strict=False):
        if row.key[1:] != (asking.question.id, asking.asked_ns):
            raise ConfigError(
                f'the rows of {row.bag!r} in the folder are of other questions: name a new folder'
            )
        kept.append(row)
    whole = len(kept)
    while 0 < whole < len(due) and due[whole].place is not None:
        if due[whole].place != due[whole - 1].place:
            break
        whole -= 1
    return kept[:whole]


class _Session:
    """Asks one recording."""

    def __init__(
        self, job: BagJob, folder: Folder, asker: Asker, bag: Bag, on_row: Callable[[], None]
    ) -> None:
        self._job, self._folder, self._asker, self._bag = job, folder, asker, bag
        self._on_row = on_row
        self._warned = False

    def ask(self, index: BagIndex, due: Sequence[Asking], near: _Near, stream: TextIO) -> int:
        """Ask what is due, frame by frame; return how many image messages were decoded."""
        for asking in due:
            if asking.place is None:
                self._put(stream, unplaced_row(self._job.name, asking))
        by_frame: dict[FramePlace, list[Asking]] = {
            place: list(group)
            for place, group in groupby(due, key=lambda asking: asking.place)
            if place is not None
        }
        camera = self._job.camera
        reader = FrameReader(self._bag, index, camera.rules(index.topics), camera.intrinsics)
        for raw in reader.read(list(by_frame), near.of):
            self._asker.hold(raw)
            names = [message for message in raw.others if message.topic != near.imu.topic]
            self._asker.hear(*read_names(self._bag, names))
            if near.imu.topic:
                felt = (message for message in raw.others if message.topic == near.imu.topic)
                self._asker.feel(self._bag.decode(message) for message in felt)
            for row in self._rows(raw, by_frame[raw.place]):
                self._put(stream, row)
        return reader.decoded

    def _rows(self, raw: RawFrame, askings: Iterable[Asking]) -> Iterable[AnswerRow]:
        picture = ''
        for number, asking in enumerate(askings):
            try:
                reply = self._asker.ask(asking.question)
            except SsrError as error:
                picture = self._picture(raw) if number == 0 else picture
                yield refused_row(self._job.name, asking, error, picture)
                continue
            self._warn(self._asker.gravity_trouble)
            picture = self._picture(raw) if number == 0 else picture
            yield answered_row(self._job.name, asking, reply, picture)

    def _warn(self, trouble: str) -> None:
        """Say once why the source of gravity that was chosen could not tell."""
        if trouble and not self._warned:
            self._warned = True
            logger.warning('%s: gravity: %s', self._job.name, trouble)

    def _picture(self, raw: RawFrame) -> str:
        """Save the pictures of the frame that is held; '' where it cannot be used."""
        name = self._folder.picture_name(self._job.name, raw.place.number)
        with suppress(SsrError):  # said in the row of the question
            save_pictures(self._folder.pictures, name, self._asker.facts().frame)
            return name
        return ''

    def _put(self, stream: TextIO, row: AnswerRow) -> None:
        stream.write(row.to_line())
        stream.flush()
        self._on_row()
