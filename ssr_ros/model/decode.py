# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Greedy decoding of one or many rows, token by token: the plain way, and what every way shares.

Upstream samples at temperature 1e-6 with the base model's repetition penalty, which the library
applies to the prompt's tokens as well: that is greedy, and done on the device here. Of each step
one small tensor comes back, the tokens of all rows and whether they were numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from transformers import DynamicCache

from ssr_ros.errors import CheckpointError
from ssr_ros.model.trace import Trace


@dataclass(frozen=True, eq=False)
class ImagePrefix:
    """What the language model remembers of the prompt up to the end of the image.

    Never written to.

    Attributes:
        keys_values: per layer (keys, values), each (B, heads, tokens, head width).
        ids: the tokens, image placeholders included.
        next_position: rotary position of the token that follows. An image takes as many positions
            as its longer side has tokens, so this is smaller than the number of tokens.
    """

    keys_values: tuple[tuple[Tensor, Tensor], ...]
    ids: tuple[int, ...]
    next_position: int

    @property
    def nbytes(self) -> int:
        """Memory of the tensors in bytes."""
        return sum(keys.nbytes + values.nbytes for keys, values in self.keys_values)


@dataclass(frozen=True, eq=False, kw_only=True)
class Request:
    """One row to be answered.

    Attributes:
        prefix: of its frame.
        ids: the tokens after the image, ``<tor>`` first.
        embeds: (T, width) their embeddings, the latents in the places of ``<tor>``.
    """

    prefix: ImagePrefix
    ids: list[int]
    embeds: Tensor


NOT_NUMBERS = (
    'the model computed values that are not numbers: use dtype float32 or bfloat16, or look for '
    'damaged weights'
)

CLOSE = 32
"""So many of the highest logits are computed again in float32."""


def logits_of(model: Any, hidden: Tensor) -> Tensor:
    """(B, width) float32 -> (B, vocabulary) float32: what the head says of the last tokens.

    In bfloat16 a logit of 20 has neighbours 0.06 away, and most answers that bfloat16 changed were
    changed there: those that may win are multiplied again in float32.
    """
    head = model.lm_head
    logits: Tensor = head(hidden).float()
    if head.weight.dtype == torch.float32:
        return logits
    best = logits.topk(min(CLOSE, logits.shape[1])).indices
    exact = head.weight[best].float() @ hidden.float()[..., None]
    return logits.scatter(1, best, exact[..., 0])


def pick(logits: Tensor, seen: Tensor, penalty: float) -> Tensor:
    """Pick the next token of every row, and remember it.

    Args:
        logits: (B, vocabulary) float32.
        seen: (B, vocabulary) bool, the tokens of prompt and answer; the new ones are added.
        penalty: positive logits of seen tokens are divided by it, negative ones multiplied.

    Returns:
        (B, 2) int64: the token, and 1 where its logit is not a number. NaN wins an argmax.
    """
    if penalty != 1.0:
        repeated = torch.where(logits < 0, logits * penalty, logits / penalty)
        logits = torch.where(seen, repeated, logits)
    best = logits.argmax(-1, keepdim=True)
    not_numbers = logits.gather(-1, best).isnan()
    seen.scatter_(-1, best, True)
    return torch.cat([best, not_numbers.long()], dim=-1)


def read(picked: Tensor) -> list[int]:
    """Bring the tokens of ``pick`` to the host, in one transfer.

    Raises:
        CheckpointError: a logit was not a number: the first token would always win.
    """
    rows = picked.tolist()
    if any(not_numbers for _, not_numbers in rows):
        raise CheckpointError(NOT_NUMBERS)
    return [token for token, _ in rows]


def seen_tokens(requests: Sequence[Request], vocabulary: int, device: torch.device) -> Tensor:
    """Return (B, vocabulary) bool: the tokens of each row's prompt."""
    seen = torch.zeros(len(requests), vocabulary, dtype=torch.bool)
    for row, request in enumerate(requests):
        seen[row, [*request.prefix.ids, *request.ids]] = True
    return seen.to(device)


class PlainDecoder:
    """Any number of rows over a cache that grows; the twin of what is faster.

    Attributes:
        model: the transformers model.
        penalty: on repetition.
        end_ids: tokens that end an answer.
    """

    def __init__(self, model: Any, penalty: float, end_ids: frozenset[int]) -> None:
        self.model = model
        self.penalty = penalty
        self.end_ids = end_ids

    def generate(
        self, requests: Sequence[Request], max_new_tokens: int, trace: Trace
    ) -> Iterator[list[int | None]]:
        """Yield one token of every row at a time, None for a row that has ended before.

        A row that has ended is dropped from the batch.

        Raises:
            DeviceError: out of memory.
            CheckpointError: the weights give values that are not numbers.
        """
        with trace.stage('vlm_prefill'):
            state, hidden = self._prefill(requests)
            state.logits = logits_of(self.model, hidden[:, -1])
            seen = seen_tokens(requests, state.logits.shape[1], state.logits.device)
            trace.count(vlm_tokens=sum(len(request.ids) for request in requests))
        alive = list(range(len(requests)))
        for step in range(max_new_tokens):
            with trace.stage('decode'):
                if step:
                    state.logits = logits_of(self.model, self._advance(state)[:, -1])
                    trace.count(vlm_tokens=len(alive))
                picked = pick(state.logits, seen, self.penalty)
                state.tokens = picked[:, :1]
                tokens = dict(zip(alive, read(picked), strict=True))
            trace.count(generated_tokens=len(alive))
            yield [tokens.get(row) for row in range(len(requests))]
            kept = [i for i, row in enumerate(alive) if tokens[row] not in self.end_ids]
            if not kept:
                return
            if len(kept) < len(alive):
                alive = [alive[i] for i in kept]
                rows = torch.tensor(kept, device=seen.device)
                seen = seen[rows]
                state.keep(rows)

    def first_logits(self, requests: Sequence[Request]) -> Tensor:
        """Return the logits of the first answer token, (B, vocabulary) float32."""
        return logits_of(self.model, self._prefill(requests)[1][:, -1])

    def likelihoods(self, requests: Sequence[Request], answers: Sequence[Sequence[int]]) -> Tensor:
        """Return how likely each row's answer is, (B,) float32: the log of it.

        Every answer is read in one pass, none is generated. The penalty on repetition plays no
        part: it is there to keep what is written from going round in circles.

        Args:
            requests: B rows.
            answers: their tokens, the one that ends an answer included.
        """
        rows = []
        for request, answer in zip(requests, answers, strict=True):
            told = torch.tensor(answer[:-1], dtype=torch.int64, device=request.embeds.device)
            embeds = torch.cat([request.embeds, self.model.get_input_embeddings()(told)])
            ids = [*request.ids, *answer[:-1]]
            rows.append(Request(prefix=request.prefix, ids=ids, embeds=embeds))
        longest = max(map(len, answers))
        hidden = self._prefill(rows)[1][:, -longest:]  # the rows end together
        logits = logits_of(self.model, hidden.flatten(0, 1)).view(len(rows), longest, -1)
        expected = torch.zeros(len(rows), longest, dtype=torch.int64)
        counts = torch.zeros(len(rows), longest, dtype=torch.bool)
        for row, answer in enumerate(answers):
            expected[row, longest - len(answer) :] = torch.tensor(answer)
            counts[row, longest - len(answer) :] = True
        expected, counts = expected.to(logits.device), counts.to(logits.device)
        each = logits.log_softmax(-1).gather(-1, expected[..., None])[..., 0]
        return torch.where(counts, each, 0.0).sum(1)

    def _prefill(self, requests: Sequence[Request]) -> tuple[_Batch, Tensor]:
        """Read what follows the images; return what is left, and (B, T, width) what is made of it.

        Rows are padded on the left, between prefix and question, and the padding is masked.
        """
        device = requests[0].embeds.device
        n_prefix, longest = len(requests[0].prefix.ids), max(len(r.ids) for r in requests)
        pads = [longest - len(request.ids) for request in requests]
        embeds = torch.stack(
            [
                torch.cat([request.embeds.new_zeros(pad, request.embeds.shape[1]), request.embeds])
                for pad, request in zip(pads, requests, strict=True)
            ]
        )
        steps = torch.arange(longest)
        starts = torch.tensor([request.prefix.next_position for request in requests])
        positions = (starts[:, None] + steps - torch.tensor(pads)[:, None]).clamp(min=0)
        mask = None
        if any(pads):
            mask = torch.ones(len(requests), n_prefix + longest)
            mask[:, n_prefix:] = steps >= torch.tensor(pads)[:, None]
            mask = mask.to(device)
        cache = DynamicCache()
        prefixes = [request.prefix.keys_values for request in requests]
        for layer, pairs in enumerate(zip(*prefixes, strict=True)):
            # The cache concatenates, so the tensors of the prefix are read and never written.
            keys, values = ([pair[side] for pair in pairs] for side in (0, 1))
            cache.update(_joined(keys), _joined(values), layer)
        batch = _Batch(cache, mask, positions.to(device))
        return batch, self._forward(batch, embeds)

    def _advance(self, batch: _Batch) -> Tensor:
        if batch.mask is not None:
            batch.mask = torch.cat([batch.mask, batch.mask.new_ones(len(batch.tokens), 1)], dim=1)
        batch.positions = batch.positions[:, -1:] + 1
        return self._forward(batch, self.model.get_input_embeddings()(batch.tokens))

    def _forward(self, batch: _Batch, embeds: Tensor) -> Tensor:
        hidden: Tensor = self.model.model.language_model(
            inputs_embeds=embeds,
            position_ids=batch.positions.expand(3, -1, -1),
            past_key_values=batch.cache,
            attention_mask=batch.mask,
            use_cache=True,
        ).last_hidden_state
        return hidden


class _Batch:
    """The rows being answered: cache, mask (B, tokens), positions, logits and newest tokens."""

    def __init__(self, cache: DynamicCache, mask: Tensor | None, positions: Tensor) -> None:
        self.cache = cache
        self.mask = mask
        self.positions = positions
        self.logits = torch.empty(0)
        self.tokens = torch.empty(0)

    def keep(self, rows: Tensor) -> None:
        """Forget the other rows."""
        self.cache.batch_select_indices(rows)
        self.mask = None if self.mask is None else self.mask[rows]
        self.positions, self.tokens = self.positions[rows], self.tokens[rows]


def _joined(tensors: list[Tensor]) -> Tensor:
    return tensors[0] if len(tensors) == 1 else torch.cat(tensors)
