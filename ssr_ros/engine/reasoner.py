# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The main seam of the package: what answers, as far as the node needs to know it."""

from __future__ import annotations

from collections.abc import Generator
from typing import Protocol, TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ssr_ros.grounding.pointing import Pointer
from ssr_ros.grounding.vlm import Seer
from ssr_ros.rgbd import RgbdFrame

if TYPE_CHECKING:  # the model's room loads torch
    from ssr_ros.model import Answer, EncodedFrame


class Reasoner(Protocol):
    """What ``ssr_ros.model.load_reasoner`` returns; a recorder or a stub may stand in its place.

    Attributes:
        description: one line that says what this is, for people.
        trained: False where the weights are random.
    """

    description: str
    trained: bool

    @property
    def seer(self) -> Seer | None:
        """The same model as it was before SSR, asked where things are; None: it cannot be."""

    @property
    def pointer(self) -> Pointer | None:
        """Says in which field of the picture a thing is; None: it was not taught to."""

    def warm_up(self) -> None:
        """Run every stage once."""

    def encode(self, frame: RgbdFrame, picture: NDArray[np.uint8] | None = None) -> EncodedFrame:
        """Read a frame: everything that does not depend on a question.

        Args:
            frame: the frame.
            picture: (H, W, 3) uint8 that the model is shown in place of its image.
        """

    def stream(
        self,
        encoded: EncodedFrame,
        question: str,
        max_new_tokens: int,
        with_rationale: bool,
        facts: str = '',
    ) -> Generator[str, None, Answer]:
        """Yield the answer piece by piece, one for every token, and return it whole."""

    def release(self) -> None:
        """Free the device; nothing can be asked afterwards."""
