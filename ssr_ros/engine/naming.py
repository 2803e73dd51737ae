# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What is known of names in a frame: what came with the request, who saw it, who can be asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
import logging

from ssr_ros.engine.request import Request
from ssr_ros.engine.settings import GroundingSettings
from ssr_ros.engine.stopwatch import Stopwatch
from ssr_ros.errors import GroundingError
from ssr_ros.grounding import DetectionsGrounder, Grounded, Grounder, Sources
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
        self, frame: RgbdFrame, request: Request, sighted: list[Grounded], watch: Stopwatch
    ) -> list[Grounded]:
        """Return what is pointed at, and what was looked for in vain; nothing: nobody looked.

        Args:
            frame: what is asked about.
            request: its regions are trusted most.
            sighted: what was asked for in this frame before; what is asked for now is added.
            watch: gets the stages.
        """
        detected, looked = self._detected(frame, watch)
        regions = [*request.regions, *detected]
        phrases = _phrases(request, [*regions, *sighted])
        if phrases and self._sources.grounders:
            known = [*regions, *sighted]
            with watch.stage('grounding.look'):
                sight = self._sources.look(frame, phrases, known)
            sighted += sight.regions[len(known) :]
        regions += sighted
        for name in looked:  # who saw the whole image denies what is not there
            regions = with_denials(regions, phrases, name)
        return regions

    def _detected(self, frame: RgbdFrame, watch: Stopwatch) -> tuple[list[Grounded], list[str]]:
        """What detectors say of this very frame, and which ones; others' frames are refused."""
        settings = self._settings()
        found: list[Grounded] = []
        looked: list[str] = []
        for detector in self._detectors:
            if not detector.is_alive:
                continue
            detector.tolerance_ns = round(settings.tolerance_s * 1e9)
            with watch.stage(f'grounding.{detector.name}'):
                detector.wait_for(frame, settings.wait_s)
            try:
                found += detector.locate(frame, ())
                looked.append(detector.name)
            except GroundingError as error:
                logger.warning('%s are not used: %s', detector.name, error)
        return found, looked


def _phrases(request: Request, known: Sequence[Grounded]) -> tuple[str, ...]:
    """The kinds of things that a question names."""
    if not request.question:
        return ()
    query = parse(request.question, [region.phrase for region in known])
    return () if isinstance(query, Refusal) else names_in(query)
