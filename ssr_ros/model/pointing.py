# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Asking a model in which field of the picture a named thing is.

All fields are offered as answers and "Nowhere." beside them, and read in one pass (``choosing``):
what comes of it is a map. Only a model that was taught to answer so can be asked
(``training.curate --families point``, ``point: true`` in its yaml).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ssr_ros.model.answer import EncodedFrame
from ssr_ros.model.choosing import choose
from ssr_ros.question import clean_question
from ssr_ros.rgbd import RgbdFrame
from ssr_ros.scene.fields import ALL, answer_in, FIELDS, NOWHERE, question_for
from ssr_ros.scene.questions.offered import Way

if TYPE_CHECKING:
    from ssr_ros.model.reasoner import Reasoner


@dataclass(frozen=True, eq=False)
class Pointed:
    """Where a model believes that a thing is.

    Attributes:
        shares: (FIELDS, FIELDS) float64, of each field, from the top and from the left.
        nowhere: that it is not in the picture; with all shares 1.
    """

    shares: NDArray[np.float64]
    nowhere: float


class Pointer:
    """Asks a reasoner where things are in a frame that it reads once."""

    def __init__(self, reasoner: Reasoner) -> None:
        self._reasoner = reasoner

    def read(self, frame: RgbdFrame) -> EncodedFrame:
        """Read a frame; what ``Reasoner.encode`` gives does as well.

        Raises:
            DeviceError: out of memory.
        """
        return self._reasoner.encode(frame)

    def point(self, encoded: EncodedFrame, name: str) -> Pointed:
        """Say where a thing is.

        Args:
            encoded: the frame as it was read.
            name: 'brown mug'.

        Raises:
            QuestionError: the name is empty, too long or not text.
            DeviceError: out of memory.
        """
        reasoner = self._reasoner
        way = Way(question_for(clean_question(name)), (*map(answer_in, ALL), NOWHERE))
        latents = reasoner.latents(encoded, way.text)[None]
        trace = reasoner.new_trace(reasoner.device)
        (chosen,) = choose(reasoner.vlm, [encoded.image_prefix], latents, [(way,)], trace)
        *of_fields, nowhere = chosen.shares
        return Pointed(np.reshape(of_fields, (FIELDS, FIELDS)), nowhere)
