# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The vision-language model that is loaded anyway, asked for boxes in its family's own form."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from ssr_ros.grounding.replies import (
    check_readable,
    form_of,
    may_go_on,
    read_reply,
    ReplyCounts,
)
from ssr_ros.rgbd import RgbdFrame
from ssr_ros.scene.grounded import Grounded

MOST_NEW_TOKENS = 512
"""Room for a dozen boxes, about forty tokens each; what is no list is not written so far."""

MOST_KEPT = 4
"""So many frames' images are kept as the model read them."""


class Seer(Protocol):
    """A model that reads an image once and is asked about it often; a Reasoner has one.

    Attributes:
        family: the model_type of its config, one of ssr_ros.grounding.replies.FORMS.
    """

    family: str

    def look(self, frame: RgbdFrame) -> Any:
        """Read the image in a size of its own; what comes back has ``image_size`` (w, h)."""

    def reply(
        self, seen: Any, question: str, max_new_tokens: int, goes_on: Callable[[str], bool]
    ) -> str:
        """Answer a question about what was seen, as the stock model does, while it goes on."""


class VlmGrounder:
    """Asks a vision-language model where things are: one look per frame, one pass per question.

    Attributes:
        name: what its regions carry as their source.
        counts: what became of the entries of the last reply.
        looks: images that the model has read.
        passes: questions that it has answered.

    Raises:
        ConfigError: nobody knows how the family writes boxes.
    """

    def __init__(self, seer: Seer, name: str = 'vlm') -> None:
        self.name = name
        self.counts = ReplyCounts()
        self.looks = self.passes = 0
        self._seer = seer
        self._form = form_of(seer.family)
        self._kept: list[tuple[RgbdFrame, Any]] = []

    def locate(self, frame: RgbdFrame, phrases: Sequence[str]) -> list[Grounded]:
        """Ask for all phrases at once.

        Raises:
            GroundingError: the model wrote no list of places.
        """
        if not phrases:
            return []
        seen = self._seen(frame)
        text = self._seer.reply(seen, self._form.question(phrases), MOST_NEW_TOKENS, may_go_on)
        self.passes += 1
        size = (frame.width, frame.height)
        reply = read_reply(text, self._form, phrases, seen.image_size, size, self.name)
        self.counts = reply.counts
        return list(check_readable(reply, text, self.name))

    def _seen(self, frame: RgbdFrame) -> Any:
        for known, seen in self._kept:
            if known is frame:
                return seen
        seen = self._seer.look(frame)
        self.looks += 1
        self._kept = [*self._kept[1 - MOST_KEPT :], (frame, seen)]
        return seen
