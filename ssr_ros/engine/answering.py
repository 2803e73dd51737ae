# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""From a request and a frame to an answer with its measurements. No ROS in here.

Everything below but ``picture`` runs in the worker's thread, one call at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, TYPE_CHECKING

from ssr_ros.engine.gravity import Down
from ssr_ros.engine.intake import Intake, Snapshot
from ssr_ros.engine.memory import SceneMemory
from ssr_ros.engine.naming import Naming
from ssr_ros.engine.one_answer import one_answer, OneAnswer
from ssr_ros.engine.pace import Pace
from ssr_ros.engine.reasoner import Reasoner
from ssr_ros.engine.recall import Recall
from ssr_ros.engine.request import Box, Code, Refused, Request
from ssr_ros.engine.scenes import Scene
from ssr_ros.engine.settings import Settings
from ssr_ros.engine.stopwatch import Stopwatch
from ssr_ros.engine.transforms import RigidTransform
from ssr_ros.grounding import DetectionsGrounder, Grounder
from ssr_ros.scene import (
    Check,
    measure_at,
    MeasuredAnswer,
    Rationale,
    RegionMeasurement,
    SceneFacts,
)
from ssr_ros.scene.questions.answer import answer as answer_query
from ssr_ros.scene.questions.checking import check
from ssr_ros.scene.telling import told, with_numbers

if TYPE_CHECKING:  # the model's room loads torch
    from ssr_ros.model import Answer, EncodedFrame, WorkCounters

UNTRAINED = '[untrained weights] '
"""Stands before every text that random weights wrote: it must never look like an answer."""

RECENT = 3
"""Scenes for which the word of a detector is still awaited."""

Header = Any
"""std_msgs/Header."""


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What every reply holds.

    Attributes:
        request: what was asked, its question clean.
        header: of the colour image that it is about.
        facts: what was measured in that frame.
        gravity_source: who said where down is: 'tf', 'imu', 'parameter', 'plane' (the largest
            floor or table in view) or 'level' (nobody: the camera is taken to be held level).
        transform: from the camera frame to the frame that positions are given in.
        age_ms: the frame's age when it was taken up, milliseconds.
        timings_ms: stage -> milliseconds, in order.
    """

    request: Request
    header: Header
    facts: SceneFacts
    gravity_source: str
    transform: RigidTransform
    age_ms: float
    timings_ms: dict[str, float]


@dataclass(frozen=True, kw_only=True)
class Answered(Reply):
    """An answer, complete.

    Attributes:
        one: what to act on.
        measured: what the depth says to the question.
        answer: what the model says.
        model: the reasoner's description.
        told: what of the measurement the model was told before the question.
        work: what it took, encoding included where this question was the frame's first.
        agreement: the model's text held against ``measured``; None where the text means nothing.
    """

    one: OneAnswer
    measured: MeasuredAnswer
    answer: Answer
    model: str
    told: str
    work: WorkCounters
    agreement: Check | None

    @property
    def text(self) -> str:
        """What the model said, marked where its weights are untrained."""
        return self.answer.text if self.answer.trained else UNTRAINED + self.answer.text

    @property
    def rationale(self) -> str:
        """The model's rationale in words, marked likewise; empty unless it was asked for."""
        text = self.answer.rationale
        return text if self.answer.trained or not text else UNTRAINED + text


@dataclass(frozen=True, kw_only=True)
class Measured(Reply):
    """A measurement, complete.

    Attributes:
        measured: what the depth says to the question; None without one.
        rationale: what bears on the question in words, or all that was measured.
        region: the region that was asked for; None without one.
    """

    measured: MeasuredAnswer | None
    rationale: Rationale
    region: RegionMeasurement | None


class Answering:
    """Answers requests about the newest frame of a camera, or about one that is remembered.

    Args:
        reasoner: the model.
        intake: where frames come from.
        settings: gives the current settings.
        transform: gives the transform to a frame id at a header's stamp.
        gravity: gives where down is in a header's frame, if the robot knows.
        topic: name of the colour topic, remappings applied.
        camera: its name.
        detectors: where names come from that nobody asks for.
        grounders: who is asked for names that nobody knows, the cheapest first.
    """

    def __init__(
        self,
        reasoner: Reasoner,
        intake: Intake,
        settings: Callable[[], Settings],
        transform: Callable[[str, Header], RigidTransform],
        gravity: Callable[[Header], Down | None] = lambda header: None,
        topic: str = '',
        camera: str = '',
        detectors: Sequence[DetectionsGrounder] = (),
        grounders: Sequence[Grounder] = (),
    ) -> None:
        self.reasoner, self.camera = reasoner, camera
        self._naming = Naming(lambda: settings().grounding, detectors, grounders)
        self._intake, self._settings = intake, settings
        self._recall = Recall(intake, settings, transform, gravity, topic)
        self._ahead = Pace()

    @property
    def memory(self) -> SceneMemory:
        """What is remembered."""
        return self._recall.memory

    def ask(
        self,
        request: Request,
        on_text: Callable[[str, int], None] = lambda text, tokens: None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Answered:
        """Let the model answer, and measure the same.

        Args:
            request: what is asked.
            on_text: called with the text so far and the number of tokens, whenever it grows.
            cancelled: asked between tokens; True ends the answer.

        Raises:
            SsrError: there is no answer; ``request.refusal`` says under which code.
        """
        watch = Stopwatch()
        scene, age_ms = self._recall.chosen(request, watch)
        transform = self._recall.placed(scene)
        telling = self._settings().prompt.facts
        shown = None if telling == 'none' else self._named(scene, request, watch)
        words = '' if shown is None else told(shown, telling)
        encoded, work = self._encode(scene, shown, watch)
        self.memory.take(scene)
        answer = self._write(encoded, request, words, on_text, cancelled)
        watch.add('ask', answer.timings_ms)
        facts = self._named(scene, request, watch)
        self.memory.take(scene)
        question = request.question
        query = facts.query(question)
        measured = answer_query(facts, query)
        agreement = check(facts, measured, answer.text) if answer.trained else None
        model_text = answer.text if answer.trained else ''
        return Answered(
            request=request,
            header=scene.header,
            one=one_answer(
                facts, question, query, measured, model_text, agreement, answer.likelihood
            ),
            facts=facts,
            gravity_source=scene.gravity_source,
            transform=transform,
            age_ms=age_ms,
            measured=measured,
            answer=answer,
            model=self.reasoner.description,
            told=words,
            work=answer.work if work is None else work + answer.work,
            agreement=agreement,
            timings_ms=watch.total(),
        )

    def measure(self, request: Request) -> Measured:
        """Measure a frame, and a region of it; no model is used.

        Raises:
            SsrError: nothing can be measured; ``request.refusal`` says under which code.
        """
        watch = Stopwatch()
        scene, age_ms = self._recall.chosen(request, watch)
        transform = self._recall.placed(scene)
        facts = self._named(scene, request, watch)
        self.memory.take(scene)
        measured = facts.answer(request.question) if request.question else None
        found = measured.evidence if measured is not None else ()
        return Measured(
            request=request,
            header=scene.header,
            facts=facts,
            gravity_source=scene.gravity_source,
            transform=transform,
            age_ms=age_ms,
            measured=measured,
            rationale=Rationale(found) if found else facts.rationale(),
            region=_measure_region(facts, request.region_px),
            timings_ms=watch.total(),
        )

    def glimpse(self, snapshot: Snapshot, wait_s: float = 0.0) -> Reply:
        """Measure any frame, for what is sent between questions; from any thread.

        Args:
            snapshot: the frame.
            wait_s: how long to wait at most for detectors, in seconds.

        Raises:
            SsrError: the frame cannot be used.
        """
        watch, request = Stopwatch(), Request('', camera=self.camera)
        scene = self._recall.scene_of(snapshot)
        transform = self._recall.placed(scene)
        facts = self._named(scene, request, watch, wait_s)
        self.memory.weigh(scene)
        return Reply(
            request=request,
            header=scene.header,
            facts=facts,
            gravity_source=scene.gravity_source,
            transform=transform,
            age_ms=scene.moment.age_ms(*self._intake.now()),
            timings_ms=watch.total(),
        )

    def look_ahead(self) -> bool:
        """Keep the newest frame if it is due and news; return whether the model has read it.

        Called between questions. Frames that have come meanwhile are passed over: what is read is
        never more than one frame behind.

        Raises:
            SsrError: the frame cannot be used.
        """
        settings = self._settings().memory
        snapshot = self._intake.peek()
        if snapshot is None or not self._ahead.is_due(settings.rate_hz, snapshot.number):
            return False
        self._recall.forget_what_is_void()
        for scene in self.memory.scenes[-RECENT:]:
            self._naming.note_detections(scene)
        scene = self._recall.scene_of(snapshot)
        if not self.memory.is_news(scene):
            return False
        with suppress(Refused):  # tf may not know it yet: then who asks will hear
            self._recall.placed(scene)
        has_read = settings.encode_ahead and scene.encoded is None
        if has_read:
            telling = self._settings().prompt.facts
            shown = None if telling == 'none' else scene.measured()
            self._encode(scene, shown, Stopwatch())
        self.memory.take(scene)
        return has_read

    def noted(self, request: Request) -> Request:
        """Return a request with the time at which it came: ago_s counts from it."""
        return replace(request, came=self._intake.now())

    def forget(self) -> None:
        """Let go of all scenes, and with them of the device memory that they take."""
        self._recall.forget()

    def _encode(
        self, scene: Scene, shown: SceneFacts | None, watch: Stopwatch
    ) -> tuple[EncodedFrame, WorkCounters | None]:
        """Encode the frame unless that was done; return the work that it took now too.

        With ``prompt.facts`` marks the image carries the numbers of what is shown: where other
        names have made other numbers of them, it is read again.
        """
        marked = shown if self._settings().prompt.facts == 'marks' else None
        if scene.encoded is not None and scene.numbered is marked:
            return scene.encoded, None
        picture = {} if marked is None else {'picture': with_numbers(marked)}
        scene.encoded, scene.numbered = self.reasoner.encode(scene.frame, **picture), marked
        watch.add('encode', scene.encoded.timings_ms)
        return scene.encoded, scene.encoded.work

    def _named(
        self, scene: Scene, request: Request, watch: Stopwatch, wait_s: float | None = None
    ) -> SceneFacts:
        """Measure a frame, and call things what the request and the sources call them."""
        if scene.facts is None:
            with watch.stage('scene.measure'):
                scene.measured()
        facts = scene.measured()
        regions = self._naming.regions(scene, request, watch, wait_s)
        if not regions:
            return facts
        named = scene.named
        if named is None or named[0] != regions:
            with watch.stage('scene.name'):
                named = scene.named = regions, facts.named(regions)
        return named[1]

    def _write(
        self,
        encoded: EncodedFrame,
        request: Request,
        words: str,
        on_text: Callable[[str, int], None],
        cancelled: Callable[[], bool],
    ) -> Answer:
        """Let the model write, token by token, so that a cancelled question stops at once."""
        own = self._settings().answer
        stream = self.reasoner.stream(
            encoded,
            request.question,
            request.max_new_tokens or own.max_new_tokens,
            request.with_rationale or own.with_rationale,
            words,
        )
        text, pieces = '', 0
        try:
            while True:
                if cancelled():
                    raise Refused(Code.CANCELLED, f'cancelled after {pieces} tokens')
                text, pieces = text + next(stream), pieces + 1
                on_text(text if self.reasoner.trained else UNTRAINED + text, pieces)
        except StopIteration as stop:
            answer: Answer = stop.value
            return answer
        finally:
            stream.close()


def _measure_region(facts: SceneFacts, region_px: Box) -> RegionMeasurement | None:
    x, y, width, height = region_px
    if width == 0 and height == 0:
        return None
    frame = facts.frame
    if width == 0 or height == 0 or x + width > frame.width or y + height > frame.height:
        raise Refused(
            Code.BAD_REQUEST,
            f'the region x={x} y={y} width={width} height={height} does not lie inside the '
            f'{frame.width}x{frame.height} image; width and height 0 mean no region',
        )
    # No gravity: the region's extents are along the camera's own axes.
    region = (x, y) if width == height == 1 else (x, y, x + width, y + height)
    return measure_at(frame, region, noise=facts.noise.name)
