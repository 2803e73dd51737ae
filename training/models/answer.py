# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What stage 2 trains, as a module that turns a batch into label losses; see ``rationale``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ssr_ros.errors import CheckpointError
from ssr_ros.model.vlm import VisionLanguageModel
from training.data.frames import Sample
from training.data.lengths import Lengths, pad
from training.data.stand_ins import as_heard
from training.models.images import common_grid, Grid, ImageTokens
from training.models.interpreter import frames_of, images_of, Interpreter
from training.models.learner import Learner
from training.models.losses import IGNORE, label_losses


@dataclass(frozen=True)
class AnswerBatch:
    """What stage 2 reads, B samples of F frames.

    Attributes:
        image: pixels (F, 3, S, S) or features (F, Ni, width); None without MIDI.
        depth: the same of the depth encoder.
        frames: (B,) the number of each sample's frame.
        mamba_ids: (B, T) question and ``<tor>`` in MIDI's ids, padded on the right.
        written_ids: (N, R) question and rationale of some rows; None where none is kept.
        written_labels: (N, R) the rationale's ids; IGNORE elsewhere.
        patches: of all images, as the vision tower wants them.
        grids: (F, 3) rows and columns of patches of each.
        grid: of all, where it is the same.
        vlm_ids: (B, L) prompt and answer, padded on the right.
        positions: (3, B, L) rotary positions.
        labels: (B, L) the answer's ids and its end; IGNORE elsewhere.
    """

    image: Tensor | None
    depth: Tensor | None
    frames: Tensor
    mamba_ids: Tensor | None
    written_ids: Tensor | None
    written_labels: Tensor | None
    patches: Tensor
    grids: Tensor
    grid: Grid | None
    vlm_ids: Tensor
    positions: Tensor
    labels: Tensor


class AnswerModel(Learner):
    """The VLM, reading an image, the latents where there is a MIDI, and a question."""

    def __init__(
        self,
        vlm: VisionLanguageModel,
        lengths: Lengths,
        interpreter: Interpreter | None = None,
        keep_rationale: float = 0.0,
        rationale_every: int = 1,
        at_once: bool = True,
    ) -> None:
        """Keep the parts.

        Args:
            vlm: the vision-language model.
            lengths: cuts long texts.
            interpreter: MIDI; None trains the VLM alone.
            keep_rationale: weight of the loss on what MIDI writes.
            rationale_every: it is asked of every so many rows of a batch.
            at_once: see ``ImageTokens``.

        Raises:
            CheckpointError: the VLM's tokenizer has no token that ends a turn.
        """
        super().__init__()
        self.vlm = vlm.model
        self.midi = interpreter and interpreter.midi
        self.encoders = interpreter and interpreter.encoders
        self.weights = {'rationale': keep_rationale}
        self._see = ImageTokens(vlm.model.model, at_once)
        self._interpreter = interpreter
        self._every = rationale_every
        self._keeps = interpreter is not None and keep_rationale > 0
        self._chat = vlm.prompt
        self._lengths = lengths
        end = self._chat.tokenizer.eos_id
        if end is None:
            raise CheckpointError('vlm: its tokenizer has no end token: an answer would not end')
        self._end_id = end

    def collate(self, samples: Sequence[Sample]) -> AnswerBatch:
        """Join samples."""
        ids, positions, labels = zip(*map(self._conversation, samples), strict=True)
        vlm_ids = pad(ids, 0)
        planes = torch.zeros(3, *vlm_ids.shape, dtype=torch.int64)
        for row, placed in enumerate(positions):
            planes[:, row, : placed.shape[1]] = placed
        frames, frame_of = frames_of(samples)
        grids = torch.cat([frame.prompt.grid for frame in frames if frame.prompt])
        asks = self._interpreter
        image, depth = (None, None) if asks is None else images_of(frames)
        written, told = (
            asks.written_ids(samples[:: self._every]) if asks and self._keeps else (None, None)
        )
        return AnswerBatch(
            image,
            depth,
            frame_of,
            None if asks is None else pad([asks.asked_ids(sample.row) for sample in samples], 0),
            written,
            told,
            torch.cat([frame.prompt.pixel_values for frame in frames if frame.prompt]),
            grids,
            common_grid(grids),
            vlm_ids,
            planes,
            pad(labels, IGNORE),
        )

    def forward(self, batch: AnswerBatch) -> dict[str, Tensor]:
        """Return label losses: 'answer' (B, L - 1), and 'rationale' (N, R) where it is kept."""
        embeds = self.vlm.get_input_embeddings()(batch.vlm_ids)
        features = self._see(batch.patches, batch.grids, batch.grid)
        image_id = self.vlm.config.image_token_id
        seen = _of_rows(features, batch.frames)
        embeds = _put(embeds, batch.vlm_ids == image_id, seen)
        latents, losses = self._interpreted(batch)
        if latents is not None:
            # This overwrites the <tor> row of the embeddings wherever it stands: that row never
            # reaches the loss, and there is nothing in it to train.
            embeds = _put(embeds, batch.vlm_ids == self._chat.tokenizer.tor_id, latents)
        hidden = self.vlm.model.language_model(
            inputs_embeds=embeds, position_ids=batch.positions, use_cache=False
        ).last_hidden_state[:, :-1]
        targets = batch.labels[:, 1:]
        logits = self.vlm.lm_head(hidden[targets != IGNORE])
        return {'answer': label_losses(logits, targets), **losses}

    def labels(self, batch: AnswerBatch) -> dict[str, int]:
        """Return how many labels each loss has."""
        counts = {'answer': int((batch.labels[:, 1:] != IGNORE).sum())}
        if batch.written_labels is not None:
            counts['rationale'] = int((batch.written_labels != IGNORE).sum())
        return counts

    def _interpreted(self, batch: AnswerBatch) -> tuple[Tensor | None, dict[str, Tensor]]:
        asks = self._interpreter
        if asks is None or batch.image is None or batch.depth is None or batch.mamba_ids is None:
            return None, {}
        seen = asks.see(batch.image, batch.depth)
        latents = asks.latents(seen, batch.frames, batch.mamba_ids)
        if batch.written_ids is None or batch.written_labels is None:
            return latents, {}
        frames = batch.frames[:: self._every]
        written = asks.written(seen, frames, batch.written_ids, batch.written_labels)
        return latents, {'rationale': written}

    def _conversation(self, sample: Sample) -> tuple[list[int], Tensor, list[int]]:
        """Return ids, rotary positions and labels of a prompt and its answer."""
        tokenizer, prompt = self._chat.tokenizer, sample.prompt
        if prompt is None:
            raise TypeError('a sample without its image: its reader needs the chat prompt')
        heard = as_heard(sample.row)
        question = self._lengths.question(heard.question, tokenizer)
        text = self._lengths.answer(heard.answer, tokenizer)
        n_tor = self._interpreter.n_tor if self._interpreter else 0
        is_stock = sample.row.asks_where and self._interpreter is None
        asked = self._chat.stock_question(question) if is_stock else None
        suffix = asked or self._chat.question(question, n_tor)
        answer = [*tokenizer.encode_user_text(text), self._end_id]
        placed = prompt.positions()
        after = int(placed.max()) + 1 + torch.arange(len(suffix) + len(answer))
        counted = answer if sample.counts else [IGNORE] * len(answer)
        return (
            [*prompt.ids, *suffix, *answer],
            torch.cat([placed, after.expand(3, -1)], dim=1),
            [IGNORE] * (len(prompt.ids) + len(suffix)) + counted,
        )


def _of_rows(features: Sequence[Tensor], frames: Tensor) -> Tensor:
    """Return the tokens of each row's frame, one row after the other.

    Args:
        features: of each frame, (tokens, width).
        frames: (B,) the number of each row's frame.
    """
    if len({len(seen) for seen in features}) > 1:
        return torch.cat([features[frame] for frame in frames.tolist()])
    return torch.stack(tuple(features)).index_select(0, frames).flatten(0, 1)


def _put(embeds: Tensor, where: Tensor, values: Tensor) -> Tensor:
    return embeds.masked_scatter(where[..., None].expand_as(embeds), values.to(embeds.dtype))
