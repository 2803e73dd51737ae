# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What a source of names is, and several of them asked in turn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
import logging
from typing import Protocol

from ssr_ros.errors import GroundingError
from ssr_ros.rgbd import RgbdFrame
from ssr_ros.scene.grounded import Grounded
from ssr_ros.scene.names import Fit, fit

logger = logging.getLogger(__name__)


class Grounder(Protocol):
    """Somebody who knows names and points at them."""

    @property
    def name(self) -> str:
        """What its regions carry as their source."""

    def locate(self, frame: RgbdFrame, phrases: Sequence[str]) -> list[Grounded]:
        """Point at what some phrases name.

        Args:
            frame: where to look.
            phrases: what to look for: 'mustard bottle', 'mugs'.

        Returns:
            every region that fits a phrase, in pixels of the frame; for a phrase that none fits
            one entry without a region, which denies it. Regions may carry a longer name than the
            phrase ('white mug' for 'mug'), and what the source saw besides may follow.

        Raises:
            GroundingError: the source cannot look, or its answer cannot be used.
        """


@dataclass(frozen=True)
class Sight:
    """What several sources made of some phrases.

    Attributes:
        regions: what was pointed at, and what was looked for in vain.
        refusals: who could not look, and why, as sentences.
        asked: names of the sources that were asked, in order.
    """

    regions: tuple[Grounded, ...]
    refusals: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()


class Sources:
    """Several sources, the cheapest first; itself a Grounder.

    A phrase that one source found is not asked of the next one. A source that fails is named in
    the refusals and the others go on.

    Attributes:
        grounders: in the order in which they are asked.
    """

    name = 'sources'

    def __init__(self, grounders: Sequence[Grounder]) -> None:
        self.grounders = tuple(grounders)

    def locate(self, frame: RgbdFrame, phrases: Sequence[str]) -> list[Grounded]:
        """Ask one source after the other until every phrase is found.

        Raises:
            GroundingError: no source could look.
        """
        sight = self.look(frame, phrases)
        if sight.refusals and len(sight.refusals) == len(sight.asked):
            raise GroundingError(' '.join(sight.refusals))
        return list(sight.regions)

    def look(
        self,
        frame: RgbdFrame,
        phrases: Sequence[str],
        known: Sequence[Grounded] = (),
        whole: Sequence[str] = (),
    ) -> Sight:
        """Do the same, with what is known of this frame from before, and say who could not look.

        Args:
            frame: where to look.
            phrases: what to look for.
            known: regions of the same frame from before: what they name is not asked again.
            whole: the same with their colours ('orange ball' for 'ball'), for sources that point
                at one thing (``by_whole_name``) and not at all of a kind; () where none was said.
        """
        regions, refusals, asked = list(known), [], []
        for grounder in self.grounders:
            asked_for = phrases
            if whole and getattr(grounder, 'by_whole_name', False):
                others = [region for region in regions if region.source != grounder.name]
                unknown = [phrase for phrase in phrases if not found_in(others, phrase)]
                asked_for = [name for name in whole if any(fit(p, name) for p in unknown)]
            missing = [phrase for phrase in asked_for if not found_in(regions, phrase)]
            missing = [p for p in missing if not _denied_by(regions, p, grounder.name)]
            if not missing:
                continue
            asked.append(grounder.name)
            try:
                regions += grounder.locate(frame, missing)
            except GroundingError as error:
                refusals.append(f'{grounder.name} could not look: {error}')
                logger.warning('%s', refusals[-1])
        return Sight(tuple(regions), tuple(refusals), tuple(asked))


def found_in(regions: Sequence[Grounded], phrase: str) -> bool:
    """Whether one of some regions answers to a phrase."""
    return any(region.found and fit(phrase, region.phrase) for region in regions)


def with_denials(
    regions: Sequence[Grounded], phrases: Sequence[str], source: str
) -> list[Grounded]:
    """Add an entry without a region for every phrase that no region answers to."""
    denied = [Grounded(p, source=source) for p in phrases if not found_in(regions, p)]
    return [*regions, *denied]


def _denied_by(regions: Sequence[Grounded], phrase: str, source: str) -> bool:
    return any(
        not region.found and region.source == source and fit(phrase, region.phrase) is Fit.SAME
        for region in regions
    )
