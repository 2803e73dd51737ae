# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What is known of names in a frame: what came with the request, who saw it, who can be asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
import logging

from ssr_ros.engine.request import Request
from ssr_ros.engine.scenes import Scene
from ssr_ros.engine.settings import GroundingSettings
from ssr_ros.engine.stopwatch import Stopwatch
from ssr_ros.errors import GroundingError
from ssr_ros.grounding import DetectionsGrounder, Grounded, Grounder, Sources
from ssr_ros.grounding.pointing import PointingGrounder
from ssr_ros.grounding.sources import with_denials
from ssr_ros.rgbd import RgbdFrame
from ssr_ros.scene.questions.parsing import parse
from ssr_ros.scene.questions.query import names_in, Refusal

logger = logging.getLogger(__name__)


class Naming:
    """Collects named regions, the cheapest source first.

    Args:
        settings: gives the current settings.
        detectors: where names come from that nobody asks for.
        grounders: who is asked for names that nobody knows.
    """

    def __init__(
        self,
        settings: Callable[[], GroundingSettings],
        detectors: Sequence[DetectionsGrounder],
        grounders: Sequence[Grounder],
    ) -> None:
        self._settings = settings
        self._detectors = tuple(detectors)
        self._sources = Sources(grounders)

    def regions(
        self,
        scene: Scene,
        request: Request,
        watch: Stopwatch,
        wait_s: float | None = None,
    ) -> list[Grounded]:
        """Return what is pointed at, and what was looked for in vain; nothing: nobody looked.

        Args:
            scene: what is asked about; what is found out is kept in it.
            request: its regions are trusted most.
            watch: gets the stages.
            wait_s: how long to wait for detectors, in seconds; None: as the settings say.
        """
        frame, sighted = scene.frame, scene.sighted
        if not request.is_past:  # of an older frame all has come
            self._wait_for_detectors(frame, watch, wait_s)
        self.note_detections(scene, logging.WARNING)
        detected, looked = scene.detected
        regions = [*request.regions, *detected]
        phrases, whole = named_in(request.question, [*regions, *sighted])
        if phrases and self._sources.grounders:
            known = [*regions, *sighted]
            self._tell_what_is_known(scene)
            with watch.stage('grounding.look'):
                sight = self._sources.look(frame, phrases, known, whole)
            sighted += sight.regions[len(known) :]
        regions += sighted
        for name in looked:  # who saw the whole image denies what is not there
            regions = with_denials(regions, phrases, name)
        return regions

    def note_detections(self, scene: Scene, level: int = logging.DEBUG) -> None:
        """Keep what detectors say of this very frame, and which ones: they soon forget.

        Args:
            scene: it is kept in it.
            level: how loud to say that what they say is of another frame.
        """
        found: list[Grounded] = []
        looked: list[str] = []
        for detector in self._detectors:
            if not detector.is_alive:
                continue
            detector.tolerance_ns = round(self._settings().tolerance_s * 1e9)
            try:
                found += detector.locate(scene.frame, ())
                looked.append(detector.name)
            except GroundingError as error:
                if not scene.detected[1]:
                    logger.log(level, '%s are not used: %s', detector.name, error)
        if looked:
            scene.detected = found, looked

    def _tell_what_is_known(self, scene: Scene) -> None:
        """Spare a source that points at what is measured the reading and the measuring."""
        plain = scene.encoded if scene.numbered is None else None  # without numbers drawn in
        for grounder in self._sources.grounders:
            if isinstance(grounder, PointingGrounder):
                grounder.know(scene.frame, scene.measured(), plain)

    def _wait_for_detectors(
        self, frame: RgbdFrame, watch: Stopwatch, wait_s: float | None
    ) -> None:
        settings = self._settings()
        for detector in self._detectors:
            if detector.is_alive or detector.is_fed():
                detector.tolerance_ns = round(settings.tolerance_s * 1e9)
                with watch.stage(f'grounding.{detector.name}'):
                    detector.wait_for(frame, settings.wait_s if wait_s is None else wait_s)


def named_in(question: str, known: Sequence[Grounded]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the kinds of things that a question names, and the same with their colours.

    Args:
        question: '' names nothing, nor does one that cannot be read.
        known: names of several words are read as one where they are known.
    """
    if not question:
        return (), ()
    query = parse(question, [region.phrase for region in known])
    if isinstance(query, Refusal):
        return (), ()
    return names_in(query), names_in(query, with_colors=True)
