# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""From a question and the newest frame to an answer with its measurements. No ROS in here.

Everything below runs in the worker's thread, one call at a time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ssr_ros import scene as geometry
from ssr_ros.engine.intake import Intake, Snapshot
from ssr_ros.engine.query import Query
from ssr_ros.engine.refusals import Code, Refused
from ssr_ros.engine.settings import Settings
from ssr_ros.engine.stopwatch import Stopwatch
from ssr_ros.engine.transforms import RigidTransform
from ssr_ros.rgbd import messages as images
from ssr_ros.rgbd import RgbdFrame

UNTRAINED = '[untrained weights] '
"""Stands before every text that random weights wrote: it must never look like an answer."""


@dataclass(eq=False)
class Scene:
    """A frame and what has been found out about it so far; each stage is done once.

    Attributes:
        frame: the frame.
        header: std_msgs/Header of its colour image.
        encoded: the reasoner's EncodedFrame, once somebody asked.
        facts: SceneFacts, once they were needed.
    """

    frame: RgbdFrame
    header: Any
    noise_model: str
    encoded: Any = None
    facts: Any = None


@dataclass(frozen=True)
class Reply:
    """An answer, complete.

    Attributes:
        scene: what it is about.
        transform: from the camera frame to the frame that positions are given in.
        age_ms: the frame's age when it was taken up, milliseconds.
        query: what was asked.
        timings_ms: stage -> milliseconds, in order.
        measured: what the depth says to the question: MeasuredAnswer, or None without a question.
        answer: the reasoner's Answer; None for a measurement.
        model: the reasoner's description.
        agreement: facts.check(...) of the model's text; None where it cannot be compared.
        region: measure_at(...) of the region that was asked for, or None.
    """

    scene: Scene
    transform: RigidTransform
    age_ms: float
    query: Query
    timings_ms: dict[str, float] = field(default_factory=dict)
    measured: Any = None
    answer: Any = None
    model: str = ''
    work: Any = None
    agreement: Any = None
    region: Any = None

    @property
    def text(self) -> str:
        """What the model said, marked where its weights are untrained."""
        return self.answer.text if self.answer.trained else UNTRAINED + self.answer.text

    @property
    def rationale(self) -> str:
        """The model's rationale in words, marked likewise; empty unless it was asked for."""
        text = self.answer.rationale
        return text if self.answer.trained or not text else UNTRAINED + text


class Answering:
    """Answers queries about the newest frame.

    Args:
        reasoner: what ``load_reasoner`` returns.
        intake: where frames come from.
        settings: gives the current settings.
        transform: gives the transform to a frame id at a header's stamp.
    """

    def __init__(
        self,
        reasoner: Any,
        intake: Intake,
        settings: Callable[[], Settings],
        transform: Callable[[str, Any], RigidTransform],
    ) -> None:
        self.reasoner = reasoner
        self._intake = intake
        self._settings = settings
        self._transform = transform
        # Number of a snapshot and what is known of it. One is enough: older ones are never asked.
        self._latest: tuple[Any, Scene] | None = None

    def ask(
        self,
        query: Query,
        on_text: Callable[[str, int], None] = lambda text, tokens: None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Reply:
        """Let the model answer, and measure the same.

        Args:
            query: what is asked.
            on_text: called with the text so far and the number of tokens, whenever it grows.
            cancelled: asked between tokens; True ends the answer.

        Raises:
            SsrError: there is no answer; ``refusals.refusal`` says under which code.
        """
        watch = Stopwatch()
        settings = self._settings()
        scene, transform, age_ms = self._newest(query, watch)
        work = self._encode(scene, watch)
        tokens = query.max_new_tokens or settings.answer.max_new_tokens
        rationale = query.with_rationale or settings.answer.with_rationale
        answer = self._write(scene, query.question, tokens, rationale, on_text, cancelled)
        watch.add('ask', answer.timings_ms)
        self._measure(scene, watch)
        measured = scene.facts.answer(query.question)
        return Reply(
            scene,
            transform,
            age_ms,
            query,
            watch.total(),
            measured,
            answer,
            model=self.reasoner.description,
            work=answer.work if work is None else work + answer.work,
            agreement=scene.facts.check(query.question, answer.text) if answer.trained else None,
        )

    def measure(self, query: Query) -> Reply:
        """Measure the newest frame, and a region of it; no model is used.

        Raises:
            SsrError: nothing can be measured; ``refusals.refusal`` says under which code.
        """
        watch = Stopwatch()
        scene, transform, age_ms = self._newest(query, watch)
        self._measure(scene, watch)
        region = self._measure_region(scene, query.region_px)
        measured = scene.facts.answer(query.question) if query.question else None
        return Reply(scene, transform, age_ms, query, watch.total(), measured, region=region)

    def picture(self, snapshot: Snapshot) -> Scene:
        """Measure any frame, for the pictures that are shown between questions.

        Raises:
            SsrError: the frame cannot be used.
        """
        scene = self._scene(snapshot, self._settings())
        self._measure(scene, Stopwatch())
        return scene

    def forget(self) -> None:
        """Let go of the encoded frame, and with it of the device memory that it takes."""
        self._latest = None

    def _newest(self, query: Query, watch: Stopwatch) -> tuple[Scene, RigidTransform, float]:
        settings = self._settings()
        snapshot, age_ms = self._intake.newest(query.max_age_ms or settings.max_frame_age_ms)
        header = snapshot.pair.color.header
        transform = self._transform(settings.target_frame or header.frame_id, header)
        with watch.stage('frame.convert'):
            scene = self._scene(snapshot, settings)
        return scene, transform, age_ms

    def _scene(self, snapshot: Snapshot, settings: Settings) -> Scene:
        info = snapshot.info
        key = (snapshot.number, tuple(info.k), info.width, info.height, settings.depth)
        if self._latest is not None and self._latest[0] == key:
            return self._latest[1]
        color, depth = snapshot.pair.color, snapshot.pair.depth
        frame = images.rgbd_frame(color, depth, snapshot.info, settings.depth.max_m)
        frame.check_depth()
        scene = Scene(frame, color.header, settings.depth.noise_model)
        self._latest = key, scene
        return scene

    def _encode(self, scene: Scene, watch: Stopwatch) -> Any:
        """Encode the frame unless that was done; return the work that it took now, or None."""
        if scene.encoded is not None:
            return None
        scene.encoded = self.reasoner.encode(scene.frame)
        watch.add('encode', scene.encoded.timings_ms)
        return scene.encoded.work

    def _measure(self, scene: Scene, watch: Stopwatch) -> None:
        if scene.facts is None:
            with watch.stage('scene.measure'):
                scene.facts = geometry.measure(scene.frame, noise=scene.noise_model)

    def _measure_region(self, scene: Scene, region_px: tuple[int, int, int, int]) -> Any:
        x, y, width, height = region_px
        if width == 0 and height == 0:
            return None
        frame = scene.frame
        if width == 0 or height == 0 or x + width > frame.width or y + height > frame.height:
            raise Refused(
                Code.BAD_REQUEST,
                f'the region x={x} y={y} width={width} height={height} does not lie inside the '
                f'{frame.width}x{frame.height} image; width and height 0 mean no region',
            )
        # No gravity: the region's extents are along the camera's own axes.
        region = (x, y) if width == height == 1 else (x, y, x + width, y + height)
        return geometry.measure_at(frame, region, noise=scene.noise_model)

    def _write(
        self,
        scene: Scene,
        question: str,
        max_new_tokens: int,
        with_rationale: bool,
        on_text: Callable[[str, int], None],
        cancelled: Callable[[], bool],
    ) -> Any:
        """Let the model write, token by token, so that a cancelled question stops at once."""
        stream = self.reasoner.stream(scene.encoded, question, max_new_tokens, with_rationale)
        text, pieces = '', 0
        try:
            while True:
                if cancelled():
                    raise Refused(Code.CANCELLED, f'cancelled after {pieces} tokens')
                text, pieces = text + next(stream), pieces + 1
                on_text(text if self.reasoner.trained else UNTRAINED + text, pieces)
        except StopIteration as stop:
            return stop.value
        finally:
            stream.close()
