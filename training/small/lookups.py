# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What is known of a thing where a question names it.

Latents are made all at once, after a question: what MIDI looks up of a thing that is named, it has
to look up while it reads the name, and to keep. In a rationale a name is written again right
before its figures; latents have no such crutch, and without words to follow nothing tells Mamba to
look a name up early. So two heads, which are thrown away after training, ask it for the facts of
each thing: where its name ends, after a layer that others follow, and in the latent whose number
the thing has.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
import math
from pathlib import Path
import re

import torch
from torch import nn, Tensor
from torch.nn import functional as F

from ssr_ros.errors import ConfigError
from ssr_ros.model.mamba import Mamba
from ssr_ros.model.tokens import SsrTokenizer
from training.data.rows import Row

MOST_NAMED = 3
"""Things of a question, at most."""

FACTS = 5
"""Of a thing: the logarithm of its distance in metres; how far to the right it lies, in units of
30 degrees; the logarithms of its width, depth and height in units of 10 cm."""

NEAR = 0.1
"""Errors above it count by their size, below it by their square (Huber's loss)."""

_STATED = r'The {thing}(?: in \w+)? {says}'
_AWAY = r'is ([\d.]+ c?m) away'
_LIES = r'lies (?:(\d+)° to the (left|right)|straight ahead)'
_SIZES = r'is ([\d.]+ c?m) wide, ([\d.]+ c?m) deep and ([\d.]+ c?m) high'


@dataclass(frozen=True)
class Asked:
    """Where B questions name things, and what is known of these.

    Attributes:
        places: (B, MOST_NAMED) int64, the place of each name's last token; 0 where none is named.
        facts: (B, MOST_NAMED, FACTS), NaN where nothing is known.
    """

    places: Tensor
    facts: Tensor


class Lookups(nn.Module):
    """The heads, and what rows state of the things of their frames."""

    def __init__(
        self, mamba: Mamba, tokenizer: SsrTokenizer, n_tor: int, after: int, rows: Iterable[Row]
    ) -> None:
        """Read all rows: what one states of a thing is known in every question about its frame.

        Args:
            mamba: of MIDI.
            tokenizer: MIDI's.
            n_tor: latents of a question; things beyond that number are asked for at names alone.
            after: the layer, counted from 1, that has looked names up.
            rows: with rationales.

        Raises:
            ConfigError: no layer follows that one.
        """
        super().__init__()
        layers = mamba.sizes.layers
        if not 0 < after < layers:
            raise ConfigError(
                f'look_up_after={after}: expected 1 to {layers - 1}, since MIDI has {layers} '
                'layers and what is looked up is kept by those that follow'
            )
        self._after, self._kept = after - 1, min(n_tor, MOST_NAMED)
        self._tokenizer = tokenizer
        self._known: dict[tuple[Path, str], Tensor] = {}
        for row in rows:
            for thing in row.meta.get('subjects', ()):
                stated, key = torch.tensor(stated_facts(row, thing)), (row.image_path, thing)
                known = self._known.get(key, stated)
                self._known[key] = torch.where(known.isnan(), stated, known)
        self.found, self.kept = (_head(mamba.sizes.width) for _ in range(2))

    def asked(self, ids: Sequence[Sequence[int]], rows: Sequence[Row]) -> Asked:
        """Find the things that questions name.

        Args:
            ids: the questions' tokens.
            rows: of these.
        """
        places = torch.zeros(len(rows), MOST_NAMED, dtype=torch.long)
        facts = torch.full((*places.shape, FACTS), math.nan)
        for number, (question, row) in enumerate(zip(ids, rows, strict=True)):
            for slot, thing in enumerate(row.meta.get('subjects', ())[:MOST_NAMED]):
                name = self._tokenizer.encode_user_text(f' {thing}')
                place, known = _end_of(name, question), self._known.get((row.image_path, thing))
                if place is not None and known is not None:
                    places[number, slot] = place
                    facts[number, slot] = known
        return Asked(places, facts)

    @contextmanager
    def listening(self, mamba: Mamba) -> Iterator[list[Tensor]]:
        """Collect the streams (B, T, width) after the layer that looks up and after the last."""
        streams: list[Tensor] = []
        layers = mamba.backbone.layers
        handles = [
            layers[number].register_forward_hook(lambda block, read, out: streams.append(out[0]))
            for number in (self._after, len(layers) - 1)
        ]
        try:
            yield streams
        finally:
            for handle in handles:
                handle.remove()

    def losses(
        self, streams: Sequence[Tensor], asked: Asked, first_tor: Tensor
    ) -> dict[str, Tensor]:
        """Return losses (B, K * FACTS) by name, 0 where a fact is not known.

        Args:
            streams: of one pass over the questions, see ``listening``.
            asked: of these questions.
            first_tor: (B, 1) where each has its first ``<tor>``.
        """
        slots = first_tor + torch.arange(self._kept, device=first_tor.device)
        return {
            'found': _losses(self.found, streams[0], asked.places, asked.facts),
            'kept': _losses(self.kept, streams[1], slots, asked.facts[:, : self._kept]),
        }

    def labels(self, facts: Tensor) -> dict[str, int]:
        """Return how many facts each of the losses asks for."""
        known = ~facts.isnan()
        return {'found': int(known.sum()), 'kept': int(known[:, : self._kept].sum())}


def stated_facts(row: Row, thing: str) -> list[float]:
    """Return the FACTS of a thing that a row states, NaN where it does not.

    A question for a distance states it of the nearest part, in its answer.
    """
    facts = [math.nan] * FACTS

    def stated(says: str) -> re.Match[str] | None:
        return re.search(_STATED.format(thing=re.escape(thing), says=says), row.rationale)

    if away := stated(_AWAY):
        facts[0] = math.log(_metres(away[1]))
    elif row.meta.get('family') == 'distance':
        facts[0] = math.log(row.meta['value'])
    if lies := stated(_LIES):
        facts[1] = int(lies[1] or 0) / 30 * (-1 if lies[2] == 'left' else 1)
    if sizes := stated(_SIZES):
        facts[2:] = [math.log(10 * _metres(size)) for size in sizes.groups()]
    return facts


def _metres(stated: str) -> float:
    number, unit = stated.split()
    return float(number) / (100 if unit == 'cm' else 1)


def _end_of(name: Sequence[int], ids: Sequence[int]) -> int | None:
    starts = range(len(ids) - len(name) + 1)
    ends = (at + len(name) - 1 for at in starts if list(ids[at : at + len(name)]) == list(name))
    return next(ends, None)


def _head(width: int) -> nn.Module:
    return nn.Sequential(nn.RMSNorm(width), nn.Linear(width, FACTS))


def _losses(head: nn.Module, stream: Tensor, places: Tensor, facts: Tensor) -> Tensor:
    at = stream.gather(1, places[..., None].expand(-1, -1, stream.shape[-1]))
    known = ~facts.isnan()
    errors = F.smooth_l1_loss(head(at), facts.nan_to_num(0.0), reduction='none', beta=NEAR)
    return (errors * known).flatten(1)
