# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What stage 2 trains, as a module that turns a batch into label losses; see ``modules``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn, Tensor

from ssr_ros.model.midi import Midi
from ssr_ros.model.tokens import SsrTokenizer
from ssr_ros.model.vlm import VisionLanguageModel
from training.data.datasets import Lengths, pad, Sample
from training.models.losses import IGNORE, label_losses
from training.models.rationale import Encoders, frames_of, images_of


@dataclass(frozen=True)
class AnswerBatch:
    """What stage 2 reads, B samples of F frames.

    Attributes:
        image: pixels (F, 3, S, S) or features (F, Ni, width); None without MIDI.
        depth: the same of the depth encoder.
        frames: (B,) the number of each sample's frame.
        mamba_ids: (B, T) question and ``<tor>`` in MIDI's ids, padded on the right.
        patches: of all images, as the vision tower wants them.
        grids: (F, 3) rows and columns of patches of each.
        vlm_ids: (B, L) prompt and answer, padded on the right.
        positions: (3, B, L) rotary positions.
        labels: (B, L) the answer's ids and its end; IGNORE elsewhere.
    """

    image: Tensor | None
    depth: Tensor | None
    frames: Tensor
    mamba_ids: Tensor
    patches: Tensor
    grids: Tensor
    vlm_ids: Tensor
    positions: Tensor
    labels: Tensor


class AnswerModel(nn.Module):
    """The VLM, reading an image, the latents where there is a MIDI, and a question."""

    def __init__(
        self,
        vlm: VisionLanguageModel,
        lengths: Lengths,
        midi: Midi | None = None,
        encoders: Encoders | None = None,
        midi_tokenizer: SsrTokenizer | None = None,
        n_tor: int = 0,
    ) -> None:
        super().__init__()
        self.vlm = vlm.model
        self.midi = midi
        self.encoders = encoders
        self._chat = vlm.prompt
        self._midi_tokenizer = midi_tokenizer
        self._n_tor = n_tor
        self._lengths = lengths

    def collate(self, samples: Sequence[Sample]) -> AnswerBatch:
        """Join samples."""
        ids, positions, labels = [], [], []
        for sample in samples:
            prompt, suffix, answer = self._texts(sample)
            before = len(prompt.ids) + len(suffix)
            ids.append([*prompt.ids, *suffix, *answer])
            placed = prompt.positions()
            after = int(placed.max()) + 1 + torch.arange(len(suffix) + len(answer))
            positions.append(torch.cat([placed, after.expand(3, -1)], dim=1))
            counted = answer if sample.counts else [IGNORE] * len(answer)
            labels.append([IGNORE] * before + counted)
        vlm_ids = pad(ids, 0)
        planes = torch.zeros(3, *vlm_ids.shape, dtype=torch.int64)
        for row, placed in enumerate(positions):
            planes[:, row, : placed.shape[1]] = placed
        with_midi = self.midi is not None
        frames, frame_of = frames_of(samples)
        image, depth = images_of(frames) if with_midi else (None, None)
        return AnswerBatch(
            image,
            depth,
            frame_of,
            pad([self._mamba_ids(sample) for sample in samples], 0),
            torch.cat([frame.prompt.pixel_values for frame in frames if frame.prompt]),
            torch.cat([frame.prompt.grid for frame in frames if frame.prompt]),
            vlm_ids,
            planes,
            pad(labels, IGNORE),
        )

    def forward(self, batch: AnswerBatch) -> dict[str, Tensor]:
        """Return label losses: 'answer' (B, L - 1)."""
        embeds = self.vlm.get_input_embeddings()(batch.vlm_ids)
        features = self.vlm.model.get_image_features(batch.patches, batch.grids).pooler_output
        image_id = self.vlm.config.image_token_id
        seen = torch.cat([features[frame] for frame in batch.frames])
        embeds = _put(embeds, batch.vlm_ids == image_id, seen)
        if self.midi is not None:
            # This overwrites the <tor> row of the embeddings wherever it stands: that row never
            # reaches the loss, and there is nothing in it to train.
            tor = batch.vlm_ids == self._chat.tokenizer.tor_id
            embeds = _put(embeds, tor, self._latents(batch))
        hidden = self.vlm.model.language_model(
            inputs_embeds=embeds, position_ids=batch.positions, use_cache=False
        ).last_hidden_state[:, :-1]
        targets = batch.labels[:, 1:]
        logits = self.vlm.lm_head(hidden[targets != IGNORE])
        return {'answer': label_losses(logits, targets)}

    @staticmethod
    def labels(batch: AnswerBatch) -> dict[str, int]:
        """Return how many labels each loss has."""
        return {'answer': int((batch.labels[:, 1:] != IGNORE).sum())}

    def _latents(self, batch: AnswerBatch) -> Tensor:
        assert self.midi is not None and self.encoders is not None
        assert self._midi_tokenizer is not None
        visual = self.midi.embed_visual(*self.encoders(batch.image, batch.depth))
        _, state = self.midi.mamba(visual)
        question = self.midi.mamba.embed(batch.mamba_ids)
        hidden, _ = self.midi.mamba(question, state.pick(batch.frames))
        latents: Tensor = self.midi.tor_proj(
            hidden[batch.mamba_ids == self._midi_tokenizer.tor_id]
        )
        return latents

    def _texts(self, sample: Sample) -> tuple[Any, list[int], list[int]]:
        tokenizer = self._chat.tokenizer
        question = self._lengths.question(sample.row.question, tokenizer)
        answer = self._lengths.answer(sample.row.answer, tokenizer)
        return (
            sample.prompt,
            self._chat.question(question, self._n_tor),
            [*tokenizer.encode_user_text(answer), self._end_id],
        )

    def _mamba_ids(self, sample: Sample) -> list[int]:
        if self._midi_tokenizer is None:
            return []
        question = self._lengths.question(sample.row.question, self._midi_tokenizer)
        ids = self._midi_tokenizer.encode_user_text(question)
        return [*ids, *[self._midi_tokenizer.tor_id] * self._n_tor]

    @property
    def _end_id(self) -> int:
        end = self._chat.tokenizer.eos_id
        assert end is not None, 'a chat tokenizer has an end token'
        return end


def _put(embeds: Tensor, where: Tensor, values: Tensor) -> Tensor:
    return embeds.masked_scatter(where[..., None].expand_as(embeds), values.to(embeds.dtype))
