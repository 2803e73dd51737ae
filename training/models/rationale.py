# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What stage 1 trains, as a module that turns a batch into label losses.

The losses of single labels, not their mean: a step divides their sum by the number of labels in
all its batches on all processes, so that how a step is cut into batches changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from torch import nn, Tensor

from ssr_ros.model.tokens import SsrTokenizer
from training.data.frames import Sample
from training.models.interpreter import frames_of, images_of, Interpreter
from training.models.learner import MidiLearner
from training.models.losses import (
    collate,
    IGNORE,
    rationale_losses,
    see,
    stage1_token_losses,
    Stage1Batch,
)


class Stage1Model(MidiLearner):
    """MIDI and its teacher."""

    def __init__(
        self, interpreter: Interpreter, teacher: nn.Module, teacher_tokenizer: SsrTokenizer
    ) -> None:
        super().__init__()
        ids, labels = ('mamba_ids', 'llm_ids'), ('mamba_labels', 'llm_labels')
        self.fills = dict.fromkeys(('image_embeds', 'depth_embeds', *ids), 0)
        self.fills |= dict.fromkeys(labels, IGNORE)
        self.midi = interpreter.midi
        self.encoders = interpreter.encoders
        self.teacher = teacher
        self._interpreter = interpreter
        self._tokenizers = interpreter.tokenizer, teacher_tokenizer

    def collate(self, samples: Sequence[Sample]) -> Stage1Batch:
        """Join samples; ``image_embeds`` may still be pixels."""
        (mamba, llm), n_tor = self._tokenizers, self._interpreter.n_tor
        lengths = self._interpreter.lengths
        texts = [
            (
                lengths.question(sample.row.question, mamba),
                lengths.rationale(sample.row.rationale, mamba, n_tor),
            )
            for sample in samples
        ]
        frames, frame_of = frames_of(samples)
        batch = collate(texts, images_of(frames), mamba, llm, n_tor, frame_of)
        for row, sample in enumerate(samples):
            if not sample.counts:
                batch.mamba_labels[row] = batch.llm_labels[row] = IGNORE
        return batch

    def forward(self, batch: Stage1Batch) -> dict[str, Tensor]:
        """Return label losses: 'mamba' (B, T) and 'llm' (B, S - 1)."""
        image, depth = self.encoders(batch.image_embeds, batch.depth_embeds)
        if self._interpreter.n_tor == 0:  # nothing reaches the teacher
            seen = see(self.midi, image, depth)
            ids, labels = batch.mamba_ids, batch.mamba_labels
            losses, _ = rationale_losses(
                self.midi, seen, batch.frames, ids, labels, self.everywhere
            )
            return {'mamba': losses}
        batch = replace(batch, image_embeds=image, depth_embeds=depth)
        tor_ids = (self._tokenizers[0].tor_id, self._tokenizers[1].tor_id)
        both = stage1_token_losses(self.midi, self.teacher, batch, tor_ids)
        return {'mamba': both.mamba, 'llm': both.llm}

    def labels(self, batch: Stage1Batch) -> dict[str, int]:
        """Return how many labels each loss has."""
        counts = {'mamba': int((batch.mamba_labels != IGNORE).sum())}
        if self._interpreter.n_tor:
            counts['llm'] = int((batch.llm_labels[:, 1:] != IGNORE).sum())
        return counts
