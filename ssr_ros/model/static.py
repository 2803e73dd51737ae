# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Decoding one row over a cache that stays where it is, so that a step can be recorded.

A step costs the host a millisecond or more where every kernel is launched by Python; as a CUDA
graph it costs one launch. For that nothing may move: keys and values, the token, its position, the
mask and the tokens seen have their tensors once and for all. ``PlainDecoder`` is its twin.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from copy import copy
import logging
from typing import Any
import weakref

import torch
from torch import Tensor
from torch.nn import functional as F

from ssr_ros.model.decode import ImagePrefix, logits_of, pick, read, Request
from ssr_ros.model.fused import fused_read, FusedRead, settle
from ssr_ros.model.graphs import LEAST, record, Recorded
from ssr_ros.model.trace import Trace

ROOM = 512
"""Tokens that the cache holds at first: an image of 81, a long question and a long answer."""

SLACK = 8
"""Places beyond the last token, for the runs that recording takes."""

CHECKED = 4
"""Tokens that a recorded step must give as it does launched, before it is used."""

logger = logging.getLogger(__name__)


class FixedCache:
    """Keys and values of one row, (1, heads, room, width) per layer; written at ``places``.

    It stands where transformers expects a cache: of one only ``update`` is asked, as masks and
    positions are given.
    """

    def __init__(self, like: tuple[tuple[Tensor, Tensor], ...], room: int) -> None:
        self.room = room
        self.pairs = [(_roomy(keys, room), _roomy(values, room)) for keys, values in like]
        self.places = torch.zeros(1, dtype=torch.int64, device=like[0][0].device)

    def at(self, places: Tensor) -> FixedCache:
        """Return the same keys and values, to be written at other places."""
        other = copy(self)
        other.places = places
        return other

    def update(
        self, keys: Tensor, values: Tensor, layer: int, *_: Any, **__: Any
    ) -> tuple[Tensor, Tensor]:
        """Write new tokens and return all of them."""
        for ours, new in zip(self.pairs[layer], (keys, values), strict=True):
            ours.index_copy_(2, self.places, new)
        return self.pairs[layer]

    def hold(self, prefix: ImagePrefix) -> None:
        """Write a frame's keys and values at the beginning."""
        for ours, theirs in zip(self.pairs, prefix.keys_values, strict=True):
            for mine, new in zip(ours, theirs, strict=True):
                mine[:, :, : new.shape[2]].copy_(new)


class NewCache:
    """Keys and values of tokens before which there are none; stands where a cache is expected."""

    def __init__(self) -> None:
        self.pairs: list[tuple[Tensor, Tensor]] = []

    def update(
        self, keys: Tensor, values: Tensor, layer: int, *_: Any, **__: Any
    ) -> tuple[Tensor, Tensor]:
        """Keep a layer's."""
        self.pairs.append((keys, values))
        return keys, values


class StaticDecoder:
    """One row at a time, with nothing that moves.

    Attributes:
        model: the transformers model.
        penalty: on repetition.
        end_ids: tokens that end an answer.
        shapes: lengths of questions whose reading is recorded; None: as ``Recorded`` has it.
        quick: reads one token in few kernels, where it was seen to agree; None: transformers does.
        copies: how often a frame's prefix was copied: once for any number of questions in a row.
    """

    def __init__(
        self, model: Any, penalty: float, end_ids: frozenset[int], shapes: int | None = None
    ) -> None:
        self.model = model
        self.penalty = penalty
        self.end_ids = end_ids
        self.shapes = shapes
        self.quick: FusedRead | None = fused_read(model, model.device)
        self.copies = 0
        self._row: _Row | None = None

    @staticmethod
    def fits(model: Any) -> bool:
        """Say whether this kind of model can be decoded so: every layer sees all tokens."""
        text = model.config.text_config
        return text._attn_implementation == 'sdpa' and set(text.layer_types) == {'full_attention'}

    def generate(
        self, request: Request, max_new_tokens: int, trace: Trace
    ) -> Iterator[list[int | None]]:
        """Yield one token at a time, each in a list of one; see ``PlainDecoder.generate``."""
        row, n_text = self._row, len(request.ids)
        # A question is padded; its answer is written over the padding.
        n_text = max(n_text + max_new_tokens, 2 * n_text, LEAST)
        needed = len(request.prefix.ids) + n_text + SLACK
        with trace.stage('vlm_prefill'):
            if row is None or row.cache.room < needed:
                room = max(ROOM, 1 << (needed - 1).bit_length())
                row = self._row = _Row(self, request.prefix, room)
            self.copies += row.begin(request)
            trace.count(vlm_tokens=len(request.ids))
        for step in range(max_new_tokens):
            with trace.stage('decode'):
                if step:
                    row.advance()
                    trace.count(vlm_tokens=1)
                (token,) = read(row.picked)
            trace.count(generated_tokens=1)
            yield [token]
            if token in self.end_ids:
                return


class _Row:
    """The row that is being answered, and the recorded step that goes on with it."""

    def __init__(self, of: StaticDecoder, like: ImagePrefix, room: int) -> None:
        logger.info('decoding over a cache of %d tokens that stays where it is', room)
        self.cache = FixedCache(like.keys_values, room)
        self._model = model = of.model
        self._penalty = of.penalty
        self._device: torch.device = model.device
        self._held: Callable[[], ImagePrefix | None] = lambda: None
        self._step: Callable[[], object] | None = None
        self._quick = of.quick
        self._prefill = Recorded(self._read_question, self._device, of.shapes)
        self._every_place = torch.arange(room, device=self._device)
        vocabulary = model.config.text_config.vocab_size
        self.picked = torch.zeros(1, 2, dtype=torch.int64, device=self._device)
        self._position = torch.zeros(1, 1, dtype=torch.int64, device=self._device)
        self._seen = torch.zeros(1, vocabulary, dtype=torch.bool, device=self._device)
        self._mask = torch.zeros(1, 1, 1, room, dtype=torch.bool, device=self._device)

    def begin(self, request: Request) -> int:
        """Read a question after its frame; return how often the frame had to be copied."""
        prefix, n_prefix, n_text = request.prefix, len(request.prefix.ids), len(request.ids)
        copied = self._held() is not prefix
        if copied:
            self._held = lambda: None  # should the copy fail half-way, it holds neither
            self.cache.hold(prefix)
            self._held = weakref.ref(prefix)
        steps = torch.arange(self._prefill.padded(n_text), device=self._device)
        embeds = F.pad(request.embeds, (0, 0, 0, len(steps) - n_text))
        last = torch.full((1,), n_text - 1, device=self._device)
        (hidden,) = self._prefill(
            embeds[None], steps + n_prefix, (steps + prefix.next_position)[None], last
        )
        self.cache.places.fill_(n_prefix + n_text)
        self._position.fill_(prefix.next_position + n_text)
        self._mask.copy_((self._every_place < n_prefix + n_text)[None, None, None])
        self._seen.zero_()
        ids = torch.tensor([[*prefix.ids, *request.ids]], device=self._device)
        self._seen.scatter_(1, ids, True)
        self._pick(hidden[:, 0])
        return int(copied)

    def _read_question(
        self, embeds: Tensor, places: Tensor, positions: Tensor, last: Tensor
    ) -> tuple[Tensor, ...]:
        """Return what the model makes of a question's last token; what follows that is padding."""
        mask = (self._every_place <= places[:, None])[None, None]
        return (self._read(self.cache.at(places), embeds, positions, mask).index_select(1, last),)

    def advance(self) -> None:
        """Read the token that was picked, and pick the next."""
        if self._step is None:
            self._step = self._recorded()
        self._step()

    def _recorded(self) -> Callable[[], object]:
        """Record a step; what the runs for it have moved is put back."""
        moved = (self.picked, self._position, self._seen, self._mask, self.cache.places)
        before = [tensor.clone() for tensor in moved]
        given = (
            self.cache,
            self._embed(),
            self._position,
            self._mask.index_fill(3, self.cache.places, True),
        )
        if self._quick is not None and not settle(self._quick, self._read, given):
            self._quick = None

        def said(step: Callable[[], object]) -> list[int]:
            _put_back(moved, before)
            tokens = []
            for _ in range(CHECKED if self._quick else 0):
                step()
                tokens += self.picked.flatten().tolist()
            return tokens

        while True:
            try:
                step = record(self._one_step, self._device)
            except RuntimeError as error:
                if self._quick is None:
                    raise
                logger.warning('a fused step cannot be recorded: %s', error)
                self._quick = self._quick.in_less_haste()
                _put_back(moved, before)
                continue
            # Kernels that wait for each other while they are launched may not do so in a graph.
            launched, recorded = said(self._one_step), said(step)
            _put_back(moved, before)
            if launched == recorded:
                return step
            logger.warning('a recorded step says %s, launched it says %s', recorded, launched)
            self._quick = self._quick and self._quick.in_less_haste()

    def _one_step(self) -> None:
        self._mask.index_fill_(3, self.cache.places, True)
        read = self._quick or self._read
        self._pick(read(self.cache, self._embed(), self._position, self._mask)[:, 0])
        self._position.add_(1)
        self.cache.places.add_(1)

    def _embed(self) -> Tensor:
        embeds: Tensor = self._model.get_input_embeddings()(self.picked[:, :1])
        return embeds

    def _read(self, cache: FixedCache, embeds: Tensor, positions: Tensor, mask: Tensor) -> Tensor:
        hidden: Tensor = self._model.model.language_model(
            inputs_embeds=embeds,
            position_ids=positions.expand(3, -1, -1),
            past_key_values=cache,
            attention_mask={'full_attention': mask},
            use_cache=True,
        ).last_hidden_state
        return hidden

    def _pick(self, hidden: Tensor) -> None:
        logits = self._quick.logits(hidden) if self._quick else logits_of(self._model, hidden)
        self.picked.copy_(pick(logits, self._seen, self._penalty))


def _put_back(tensors: Sequence[Tensor], before: Sequence[Tensor]) -> None:
    for tensor, was in zip(tensors, before, strict=True):
        tensor.copy_(was)


def _roomy(like: Tensor, room: int) -> Tensor:
    return like.new_zeros(1, like.shape[1], room, like.shape[3])
