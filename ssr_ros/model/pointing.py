# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Asking a model in which field of the picture a named thing is.

All fields are offered as answers and read in one pass (``choosing``); and MIDI, whose rationales
say "The brown mug in c5", is asked how it would go on after "in". Two voices about one thing count
alike: their geometric mean is a map. Whether it is there at all is asked in the same pass ("Is
there a brown mug?"), and a map that is spread over many fields speaks against it. Only a model
that was taught to answer so can be asked (``training.curate --families point``, ``point: true`` in
its yaml).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
import torch

from ssr_ros.model.answer import EncodedFrame
from ssr_ros.model.choosing import choose
from ssr_ros.model.tokens import question_ids
from ssr_ros.question import clean_question
from ssr_ros.rgbd import RgbdFrame
from ssr_ros.scene.fields import (
    ALL,
    answer_in,
    began_to_say,
    FIELDS,
    question_for,
    question_whether,
)
from ssr_ros.scene.questions.offered import Way

if TYPE_CHECKING:
    from ssr_ros.model.reasoner import Reasoner


NEVER = 1e-30
"""A share of 0 has no logarithm."""

SPREAD = 30.0
"""Who asks where a thing is takes it to be there: it is denied where the odds against it, times
the fields that the map is spread over (the exponential of its entropy), are more than this."""


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
        reasoner, name = self._reasoner, clean_question(name)
        where = Way(question_for(name), tuple(map(answer_in, ALL)))
        whether = Way(question_whether(name), ('Yes.', 'No.'))
        ways = where, whether
        latents = torch.stack([reasoner.latents(encoded, way.text) for way in ways])
        prefixes, trace = [encoded.image_prefix] * 2, reasoner.new_trace(reasoner.device)
        fields, there = choose(reasoner.vlm, prefixes, latents, [(way,) for way in ways], trace)
        likely = np.log(np.maximum(fields.shares, NEVER))
        likely += self._written(encoded, where.text, name)
        shares = np.exp((likely - likely.max()) / 2)
        shares /= shares.sum()
        nowhere = _nowhere(there.shares[1], shares)
        return Pointed((1 - nowhere) * shares.reshape(FIELDS, FIELDS), nowhere)

    @torch.inference_mode()
    def _written(self, encoded: EncodedFrame, question: str, name: str) -> NDArray[np.float64]:
        """How likely MIDI goes on with each field, once it has begun to say where a thing is."""
        tokenizer = self._reasoner.midi_tokenizer
        began = tokenizer.encode_user_text(began_to_say(name))
        fields = [tokenizer.encode_user_text(f' {field}') for field in ALL]
        told = [*question_ids(question, tokenizer), *began]
        found = self._reasoner.midi.likelihoods(encoded.mamba_state, told, fields)
        return found.double().cpu().numpy()


def _nowhere(no: float, shares: NDArray[np.float64]) -> float:
    """How likely a thing is not there.

    Args:
        no: how likely the model says that it is not, 0..1.
        shares: (fields,) where it would be; together 1.
    """
    spread = float(np.exp(-np.sum(shares * np.log(np.maximum(shares, NEVER)))))
    against = no * spread / SPREAD
    return against / (against + 1 - no)
