# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Asking a model in which field of the picture a named thing is.

All fields are offered as answers and "Nowhere." beside them, and read in one pass (``choosing``);
and MIDI, whose rationales say "The brown mug in c5", is asked how it would go on after "in". Two
voices about one thing count alike: their geometric mean is a map. Only a model that was taught to
answer so can be asked (``training.curate --families point``, ``point: true`` in its yaml).
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
from ssr_ros.scene.fields import ALL, answer_in, began_to_say, FIELDS, NOWHERE, question_for
from ssr_ros.scene.questions.offered import Way

if TYPE_CHECKING:
    from ssr_ros.model.reasoner import Reasoner


NEVER = 1e-30
"""A share of 0 has no logarithm."""


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
        way = Way(question_for(name), (*map(answer_in, ALL), NOWHERE))
        latents = reasoner.latents(encoded, way.text)[None]
        trace = reasoner.new_trace(reasoner.device)
        (chosen,) = choose(reasoner.vlm, [encoded.image_prefix], latents, [(way,)], trace)
        *of_fields, nowhere = chosen.shares
        likely = np.log(np.maximum(of_fields, NEVER)) + self._written(encoded, way.text, name)
        shares = np.exp((likely - likely.max()) / 2)
        shares *= (1 - nowhere) / shares.sum()
        return Pointed(shares.reshape(FIELDS, FIELDS), nowhere)

    @torch.inference_mode()
    def _written(self, encoded: EncodedFrame, question: str, name: str) -> NDArray[np.float64]:
        """How likely MIDI goes on with each field, once it has begun to say where a thing is."""
        tokenizer = self._reasoner.midi_tokenizer
        began = tokenizer.encode_user_text(began_to_say(name))
        fields = [tokenizer.encode_user_text(f' {field}') for field in ALL]
        told = [*question_ids(question, tokenizer), *began]
        found = self._reasoner.midi.likelihoods(encoded.mamba_state, told, fields)
        return found.double().cpu().numpy()
