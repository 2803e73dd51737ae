# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Between the stages: latents learn to say the answer in words that the VLM knows.

    python -m training.small.latents training/recipes/nano/latents.yaml

In stage 1 latents stand between the words of a rationale; in stage 2 there are no words, and the
only way back from an answer to MIDI leads through the whole VLM. In small sizes too little comes
back. Here latent ``k`` of a question is told directly which word it should be: the one at place
``k`` of the answer in fewer words, by its distance to the embeddings of all words of the teacher.
Latents that are not needed for words become the end of a line. All are made at once, so this asks
MIDI to know its answer before it says the first word.

The output is a checkpoint like that of stage 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn, Tensor
from torch.nn import functional as F

from ssr_ros.errors import ConfigError
from ssr_ros.model.midi import Midi
from ssr_ros.model.tokens import SsrTokenizer
from training.data.datasets import (
    FrameReader,
    Lengths,
    pad,
    Sample,
    sample_sets,
    SampleSet,
)
from training.models.losses import IGNORE, label_losses
from training.models.rationale import Encoders, frames_of, images_of, save_memory
from training.run import launch
from training.run.launch import encoders_cache, Stage
from training.run.settings import Stage1Settings
from training.small.readings import in_fewer_words

SHARPNESS = 16.0
"""Nats between a word and the middle of all words, for a latent that is exactly that word."""

SAMPLES, RIDGE = 400, 1e-4
"""How many samples the start is fitted to, and how much small weights are preferred."""


@dataclass(frozen=True)
class LatentsBatch:
    """B questions about F frames.

    Attributes:
        image: pixels (F, 3, S, S) or features (F, Ni, width).
        depth: the same of the depth encoder.
        frames: (B,) the number of each question's frame.
        mamba_ids: (B, T) question and ``<tor>`` in MIDI's ids, padded on the right.
        words: (B, n_tor) the teacher's id that each latent should be; IGNORE where none counts.
    """

    image: Tensor
    depth: Tensor
    frames: Tensor
    mamba_ids: Tensor
    words: Tensor


class LatentsModel(nn.Module):
    """MIDI, and the word embeddings of the teacher, which stay as they are."""

    def __init__(
        self,
        midi: Midi,
        encoders: Encoders,
        embeddings: Tensor,
        tokenizers: tuple[SsrTokenizer, SsrTokenizer],
        n_tor: int,
        lengths: Lengths,
    ) -> None:
        """Keep the parts.

        Args:
            midi: the interpreter, trained.
            encoders: frozen.
            embeddings: (vocabulary, W) of the teacher.
            tokenizers: MIDI's and the teacher's.
            n_tor: latents a question.
            lengths: cuts long questions.

        Raises:
            ConfigError: there are no latents.
        """
        super().__init__()
        if n_tor == 0:
            raise ConfigError('model.n_tor: 0 latents have nothing to say; expected 1 or more')
        self.midi = midi
        self.encoders = encoders
        self.register_buffer('_words', embeddings.detach().float(), persistent=False)
        self._tokenizers = tokenizers
        self._n_tor = n_tor
        self._lengths = lengths
        self._blank = tokenizers[1].encode('\n')[-1]

    def collate(self, samples: Sequence[Sample]) -> LatentsBatch:
        """Join samples."""
        frames, frame_of = frames_of(samples)
        words = [self._said(sample) for sample in samples]
        ids = pad([self._asked(sample) for sample in samples], 0)
        return LatentsBatch(*images_of(frames), frame_of, ids, torch.tensor(words))

    def forward(self, batch: LatentsBatch) -> dict[str, Tensor]:
        """Return label losses: 'words' (B, n_tor)."""
        visual = self.midi.embed_visual(*self.encoders(batch.image, batch.depth))
        _, state = self.midi.mamba(visual)
        asked = self.midi.mamba.embed(batch.mamba_ids)
        hidden, _ = self.midi.mamba(asked, state.pick(batch.frames))
        at = batch.mamba_ids == self._tokenizers[0].tor_id
        latents = self.midi.tor_proj(hidden[at]).view(*batch.words.shape, -1)
        logits = nearness(latents[batch.words != IGNORE], self._words)
        return {'words': label_losses(logits, batch.words)}

    @staticmethod
    def labels(batch: LatentsBatch) -> dict[str, int]:
        """Return how many labels each loss has."""
        return {'words': int((batch.words != IGNORE).sum())}

    @torch.no_grad()
    def start_as_written(self, samples: Sequence[Sample]) -> None:
        """Let latents begin as the words that MIDI would write next, if it can write answers.

        A latent token starts as what ends a question, after which an answer is written;
        ``tor_proj`` as the least-squares map from MIDI's states within written answers to the
        teacher's embeddings of the words that follow. From elsewhere the first steps would tear
        up what MIDI knows.

        Args:
            samples: questions with answers; some hundred words in all are needed.
        """
        written = [self._written(sample) for sample in samples]
        written = [found for found in written if len(found[0])]
        if not written:
            return
        states, words, ends = (torch.cat(part) for part in zip(*written, strict=True))
        first, _, last = self.midi.tor_proj
        inner = F.gelu(first(states))
        inner = torch.cat([inner, torch.ones_like(inner[:, :1])], dim=1)
        small = RIDGE * inner.square().sum() / inner.shape[1]
        ridge = inner.T @ inner + small * torch.eye(inner.shape[1], device=inner.device)
        fitted = torch.linalg.solve(ridge, inner.T @ words)
        last.weight.copy_(fitted[:-1].T)
        last.bias.copy_(fitted[-1])
        self.midi.mamba.backbone.embeddings.weight[self._tokenizers[0].tor_id] = ends.mean(0)

    def _written(self, sample: Sample) -> tuple[Tensor, Tensor, Tensor]:
        """Return the states before each word of an answer, those words, and what came before."""
        mamba, teacher = self._tokenizers
        said = in_fewer_words(sample.row.answer)
        asked = mamba.encode_user_text(self._lengths.question(sample.row.question, mamba))
        answer, told = mamba.encode_user_text(said), teacher.encode_user_text(said)
        if len(answer) != len(told):
            answer, told = [], []  # cut in other places: no state belongs to each word
        device = self._words.device
        image, depth = (picture.to(device) for picture in images_of([sample]))
        _, state = self.midi.mamba(self.midi.embed_visual(*self.encoders(image, depth)))
        read = self.midi.mamba.embed(torch.tensor([asked + answer], device=device))
        hidden, _ = self.midi.mamba(read, state)
        before = slice(len(asked) - 1, len(asked) - 1 + len(answer))
        last = read[0, len(asked) - 1 : len(asked)]
        return hidden[0, before], self._words[torch.tensor(told, device=device).long()], last

    def _asked(self, sample: Sample) -> list[int]:
        mamba = self._tokenizers[0]
        question = self._lengths.question(sample.row.question, mamba)
        return [*mamba.encode_user_text(question), *[mamba.tor_id] * self._n_tor]

    def _said(self, sample: Sample) -> list[int]:
        if not sample.counts:
            return [IGNORE] * self._n_tor
        words = self._tokenizers[1].encode_user_text(in_fewer_words(sample.row.answer))
        return (words + [self._blank] * self._n_tor)[: self._n_tor]


def nearness(latents: Tensor, words: Tensor) -> Tensor:
    """Return logits that grow as a latent comes nearer to a word, whatever the words' scale.

    Args:
        latents: (N, W).
        words: (vocabulary, W).

    Returns:
        (N, vocabulary): minus the squared distance, in units that SHARPNESS explains.
    """
    # The square of the latent itself is the same for every word and drops out.
    spread = words.var(0, unbiased=False).sum()
    return (latents @ words.T - words.square().sum(1) / 2) * (2 * SHARPNESS / spread)


def main(config: Stage1Settings) -> Path:
    """Train, or go on with a run that was interrupted.

    Returns:
        The newest checkpoint's folder; ``run.output`` can be the ``model.start`` of stage 2.

    Raises:
        ConfigError: a setting cannot be used, or the output holds a run with other settings.
        CheckpointError: a part cannot be loaded.
        DataError: there is no data, or too much of it is broken.
        TrainingError: the loss is not a number, or a checkpoint cannot be written.
    """
    stage = launch.start(config)
    model, train, val = _build(stage, config)
    note = f'latents that say answers, {len(train)} samples; the VLM is untouched'
    return launch.train_midi(stage, config, (model, train, val), note)


def _build(stage: Stage, config: Stage1Settings) -> tuple[Any, SampleSet, SampleSet | None]:
    if config.train_encoders:
        raise ConfigError('train_encoders: not here; stage 1 and stage 2 can')
    encoders = stage.parts.encoders(False)
    teacher, teacher_tokenizer, width = stage.parts.load_teacher()
    model = LatentsModel(
        stage.parts.midi(encoders, width),
        Encoders(encoders, False),
        teacher.get_input_embeddings().weight,
        (stage.parts.tokenizer(), teacher_tokenizer),
        stage.parts.spec.n_tor,
        Lengths(config.data),
    )
    if config.model.save_memory:
        save_memory(model.midi)
    train, val = sample_sets(
        config.data, FrameReader(encoders, None, encoders_cache(stage, config))
    )
    first = (train[index * len(train) // SAMPLES] for index in range(SAMPLES))
    model.start_as_written([sample for sample in first if isinstance(sample, Sample)])
    return model, train, val


if __name__ == '__main__':
    launch.command_line(Stage1Settings, main, __doc__)
