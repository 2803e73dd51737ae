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

MIDI forgets how to write a rationale unless that stays among its losses (``keep_rationale``), and
of two things that a question names it keeps neither unless it is asked for both (``look_up``).

The output is a checkpoint like that of stage 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from ssr_ros.errors import ConfigError
from ssr_ros.model.tokens import SsrTokenizer
from training.data.datasets import SampleSet
from training.data.frames import FrameReader, Sample
from training.data.lengths import pad
from training.models.interpreter import frames_of, images_of, Interpreter
from training.models.learner import MidiLearner
from training.models.losses import IGNORE, label_losses, losses_everywhere, Seen
from training.run import launch
from training.run.batches import Samples
from training.run.launch import Plan, plan_midi, Stage
from training.small.briefs import briefly, in_fewer_words
from training.small.lookups import Asked, Lookups
from training.small.settings import LatentsSettings

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
        places: (B, K) where things are named, see ``lookups.Asked``; None where none is looked up.
        facts: (B, K, FACTS) of these.
        written_ids: (N, R) question and rationale of some rows; None where none is kept.
        written_labels: (N, R) the rationale's ids; IGNORE elsewhere.
    """

    image: Tensor
    depth: Tensor
    frames: Tensor
    mamba_ids: Tensor
    words: Tensor
    places: Tensor | None
    facts: Tensor | None
    written_ids: Tensor | None
    written_labels: Tensor | None


class LatentsModel(MidiLearner):
    """MIDI, and the word embeddings of the teacher, which stay as they are."""

    _words: Tensor

    def __init__(
        self,
        interpreter: Interpreter,
        embeddings: Tensor,
        teacher_tokenizer: SsrTokenizer,
        keep_rationale: float = 0.0,
        rationale_every: int = 1,
        lookups: Lookups | None = None,
        look_up: float = 0.0,
    ) -> None:
        """Keep the parts.

        Args:
            interpreter: MIDI, trained, and its frozen encoders.
            embeddings: (vocabulary, W) of the teacher.
            teacher_tokenizer: of these.
            keep_rationale: weight of the loss on what MIDI writes.
            rationale_every: it is asked of every so many rows of a batch.
            lookups: ask MIDI for what it knows of the things that are named.
            look_up: weight of each of these two losses.

        Raises:
            ConfigError: there are no latents.
        """
        super().__init__()
        if interpreter.n_tor == 0:
            raise ConfigError('model.n_tor: 0 latents have nothing to say; expected 1 or more')
        self.midi = interpreter.midi
        self.encoders = interpreter.encoders
        self.register_buffer('_words', embeddings.detach().float(), persistent=False)
        self.lookups = lookups
        self.weights = {'rationale': keep_rationale, 'found': look_up, 'kept': look_up}
        self.fills = dict.fromkeys(('image', 'depth', 'mamba_ids', 'written_ids'), 0)
        self.fills |= {'written_labels': IGNORE}
        self._every = rationale_every
        self._interpreter = interpreter
        self._teacher_tokenizer = teacher_tokenizer
        self._blank = teacher_tokenizer.encode('\n')[-1]

    def collate(self, samples: Sequence[Sample]) -> LatentsBatch:
        """Join samples."""
        asks = self._interpreter
        frames, frame_of = frames_of(samples)
        keeps = self.weights['rationale'] > 0
        ids = [asks.asked_ids(sample.row) for sample in samples]
        asked = self.lookups and self.lookups.asked(ids, [sample.row for sample in samples])
        return LatentsBatch(
            *images_of(frames),
            frame_of,
            pad(ids, 0),
            torch.tensor([self._said(sample) for sample in samples]),
            *((asked.places, asked.facts) if asked else (None, None)),
            *(asks.written_ids(samples[:: self._every]) if keeps else (None, None)),
        )

    def forward(self, batch: LatentsBatch) -> dict[str, Tensor]:
        """Return label losses: 'words' (B, n_tor), and those of 'rationale' (N, R) and lookups."""
        asks = self._interpreter
        seen = asks.see(batch.image, batch.depth)
        latents, losses = self._latents(seen, batch)
        if self.everywhere:
            losses['words'] = losses_everywhere(nearness(latents, self._words), batch.words)
        else:
            logits = nearness(latents[batch.words != IGNORE], self._words)
            losses['words'] = label_losses(logits, batch.words)
        if batch.written_ids is not None and batch.written_labels is not None:
            frames = batch.frames[:: self._every]
            losses['rationale'] = asks.written(
                seen, frames, batch.written_ids, batch.written_labels, self.everywhere
            )
        return losses

    def labels(self, batch: LatentsBatch) -> dict[str, int]:
        """Return how many labels each loss has."""
        counts = {'words': int((batch.words != IGNORE).sum())}
        if self.lookups is not None and batch.facts is not None:
            counts |= self.lookups.labels(batch.facts)
        if batch.written_labels is not None:
            counts['rationale'] = int((batch.written_labels != IGNORE).sum())
        return counts

    def _latents(self, seen: Seen, batch: LatentsBatch) -> tuple[Tensor, dict[str, Tensor]]:
        """Return (B, n_tor, W), and the losses on what was looked up."""
        asks, losses = self._interpreter, {}
        if self.lookups is None or batch.places is None or batch.facts is None:
            latents = asks.latents(seen, batch.frames, batch.mamba_ids)
        else:
            with self.lookups.listening(self.midi.mamba) as streams:
                latents = asks.latents(seen, batch.frames, batch.mamba_ids)
            first = asks.first_tor(batch.mamba_ids)
            losses = self.lookups.losses(streams, Asked(batch.places, batch.facts), first)
        return latents.view(*batch.words.shape, -1), losses

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
        projector: Any = self.midi.tor_proj
        first, _, last = projector
        inner = F.gelu(first(states))
        inner = torch.cat([inner, torch.ones_like(inner[:, :1])], dim=1)
        small = RIDGE * inner.square().sum() / inner.shape[1]
        ridge = inner.T @ inner + small * torch.eye(inner.shape[1], device=inner.device)
        fitted = torch.linalg.solve(ridge, inner.T @ words)
        last.weight.copy_(fitted[:-1].T)
        last.bias.copy_(fitted[-1])
        self.midi.mamba.backbone.embeddings.weight[self._interpreter.tokenizer.tor_id] = ends.mean(
            0
        )

    def _written(self, sample: Sample) -> tuple[Tensor, Tensor, Tensor]:
        """Return the states before each word of an answer, those words, and what came before."""
        mamba, teacher = self._interpreter.tokenizer, self._teacher_tokenizer
        said = in_fewer_words(sample.row.answer)
        asked = self._interpreter.asked_ids(sample.row)[: -self._interpreter.n_tor]
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

    def _said(self, sample: Sample) -> list[int]:
        number = self._interpreter.n_tor
        if not sample.counts:
            return [IGNORE] * number
        words = self._teacher_tokenizer.encode_user_text(in_fewer_words(sample.row.answer))
        return (words + [self._blank] * number)[:number]


def nearness(latents: Tensor, words: Tensor) -> Tensor:
    """Return logits that grow as a latent comes nearer to a word, whatever the words' scale.

    Args:
        latents: (..., W).
        words: (vocabulary, W).

    Returns:
        (..., vocabulary): minus the squared distance, in units that SHARPNESS explains.
    """
    # The square of the latent itself is the same for every word and drops out.
    spread = words.var(0, unbiased=False).sum()
    return (latents @ words.T - words.square().sum(1) / 2) * (2 * SHARPNESS / spread)


def main(config: LatentsSettings) -> Path:
    """Train the latents; see ``launch.train``."""
    return launch.train(config, build)


def build(stage: Stage) -> Plan:
    """Load the models, find the samples, and let latents begin as what MIDI would write.

    Raises:
        ConfigError: there are no latents.
    """
    encoders = stage.parts.encoders()
    teacher, teacher_tokenizer, width = stage.parts.load_teacher()
    interpreter = stage.interpreter(encoders, width)
    words = teacher.get_input_embeddings().weight
    keep, every = stage.config.keep_rationale, stage.config.rationale_every
    change = briefly if stage.config.told == 'brief' else None
    samples = stage.samples(FrameReader(encoders, None, stage.feature_cache()), change=change)
    lookups = _lookups(stage, interpreter, samples) if stage.config.look_up else None
    looks = lookups, stage.config.look_up
    model = LatentsModel(interpreter, words, teacher_tokenizer, keep, every, *looks)
    if stage.config.as_written:
        model.start_as_written(_some(samples[0]))
    return plan_midi(stage, model, samples, 'latents that say answers; the VLM is untouched')


def _lookups(
    stage: Stage, interpreter: Interpreter, samples: tuple[SampleSet, SampleSet | None]
) -> Lookups:
    rows = chain.from_iterable(some.rows for some in samples if some)
    mamba, after = interpreter.midi.mamba, stage.config.look_up_after
    return Lookups(mamba, interpreter.tokenizer, interpreter.n_tor, after, rows)


def _some(train: Samples) -> list[Sample]:
    some = (train[index * len(train) // SAMPLES] for index in range(SAMPLES))
    return [sample for sample in some if isinstance(sample, Sample)]


if __name__ == '__main__':
    launch.command_line(LatentsSettings, main, __doc__)
