# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Choosing among the answers that a question offers, instead of writing one.

A small model knows which of two things is nearer better than it can spell what it was called:
left to write, it makes "the grey cone" of a pink cone and a grey mug. So every answer that is
offered is read after the question, all in one pass, and the likeliest is taken. Nothing can come
of it that was not asked about, and how likely it is beside the others is known. A comparison is
read with its things in both orders, so that the answer does not hang on which is named first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
import math

import torch
from torch import Tensor

from ssr_ros.errors import CheckpointError
from ssr_ros.model.decode import ImagePrefix, NOT_NUMBERS
from ssr_ros.model.trace import Trace
from ssr_ros.model.vlm import VisionLanguageModel
from ssr_ros.scene.questions.offered import Way


@dataclass(frozen=True)
class Chosen:
    """An answer among those that a question offers.

    Attributes:
        tokens: its ids, the end token included.
        likelihood: how likely it is among them, 0..1.
        shares: how likely each of them is, in their order; together 1.
    """

    tokens: tuple[int, ...]
    likelihood: float
    shares: tuple[float, ...]


@torch.inference_mode()
def choose(
    vlm: VisionLanguageModel,
    prefixes: Sequence[ImagePrefix],
    latents: Tensor,
    questions: Sequence[Sequence[Way]],
    trace: Trace,
    facts: str = '',
    temperature: float = 1.0,
) -> list[Chosen]:
    """Choose the likeliest answer to each question.

    The likelihood of an answer is that of all its tokens and of its end, as a share of that of
    all answers; of several ways to ask the geometric mean counts. The first of two that are alike
    is taken.

    Args:
        vlm: reads them.
        prefixes: of B scenes read with the same image size.
        latents: (W, n_tor, width), put at the ``<tor>`` places, of each way in turn.
        questions: B clean questions, each in the ways it is asked, W in all.
        trace: gets the stage 'vlm_prefill'.
        facts: what is told before each question; '' for nothing.
        temperature: what the log likelihoods are divided by; more than 1 is less sure.

    Raises:
        DeviceError: out of memory.
        CheckpointError: the weights give values that are not numbers.
    """
    ways = [(prefix, way) for prefix, own in zip(prefixes, questions, strict=True) for way in own]
    rows = [row for row, (_, way) in enumerate(ways) for _ in way.answers]
    answers = [_ids(vlm, text) for _, way in ways for text in way.answers]
    with trace.stage('vlm_prefill'):
        texts = [way.text for _, way in ways]
        asked = vlm.requests([prefix for prefix, _ in ways], latents, texts, facts)
        requests = [asked[row] for row in rows]
        found = vlm.plain.likelihoods(requests, answers).double().cpu()
        told = sum(vlm.prompt.tokens_told(texts[row], facts) for row in rows)
        read = sum(len(r.ids) + len(a) - 1 for r, a in zip(requests, answers, strict=True))
        trace.count(fact_tokens=told, vlm_tokens=read)
    chosen, start = [], 0
    for own in questions:
        offers, here = len(own[0].answers), found[start:]
        shares = here[: len(own) * offers].view(len(own), offers).log_softmax(1)
        likely = (shares.mean(0) / temperature).softmax(0)
        best = int(likely.argmax())
        if math.isnan(likely[best]):
            raise CheckpointError(NOT_NUMBERS)
        tokens, of_each = tuple(answers[start + best]), tuple(likely.tolist())
        chosen.append(Chosen(tokens, of_each[best], of_each))
        start += len(own) * offers
    return chosen


def _ids(vlm: VisionLanguageModel, text: str) -> list[int]:
    """Return the tokens of an answer and the one that ends it."""
    tokenizer, ends = vlm.tokenizer, vlm.plain.end_ids
    end = tokenizer.eos_id if tokenizer.eos_id in ends else min(ends)
    return [*tokenizer.encode_user_text(text), end]
