# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What stage 1 trains, as a module that turns a batch into label losses, and what stage 2 shares.

The losses of single labels, not their mean: a step divides their sum by the number of labels in
all its batches on all processes, so that how a step is cut into batches changes nothing.

Frozen models keep their dtype (bfloat16 saves memory); what is trained computes in float32, as it
will at inference: Mamba's recurrence loses the latents' direction in bfloat16.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import nn, Tensor
from torch.utils.checkpoint import checkpoint

from ssr_ros.model.encoders import ImageEncoder
from ssr_ros.model.midi import Midi
from ssr_ros.model.tokens import SsrTokenizer
from training.data.datasets import frame_files, Lengths, Sample
from training.models.losses import (
    collate,
    IGNORE,
    mamba_token_losses,
    stage1_token_losses,
    Stage1Batch,
)

POOLING = ('image.post_layernorm.', 'depth.head.')
"""Parts of the encoders that only their pooled outputs go through, which nothing here reads."""


class Encoders(nn.Module):
    """CLIP and SigLIP; features that were computed before pass through."""

    def __init__(self, encoders: tuple[ImageEncoder, ImageEncoder], trained: bool) -> None:
        super().__init__()
        self.image, self.depth = (encoder.model.requires_grad_(trained) for encoder in encoders)
        self._trained = trained
        for name, parameter in self.named_parameters():
            if name.startswith(POOLING):
                parameter.requires_grad_(False)

    def forward(self, image: Tensor, depth: Tensor) -> tuple[Tensor, Tensor]:
        """Pixels (B, 3, S, S) or features (B, N, width) -> float32 features."""
        with nullcontext() if self._trained else torch.no_grad():
            return self._read(self.image, image), self._read(self.depth, depth)

    @staticmethod
    def _read(model: Any, pixels: Tensor) -> Tensor:
        if pixels.ndim == 3:
            return pixels.float()
        tokens: Tensor = model(pixel_values=pixels.to(model.dtype)).last_hidden_state
        return tokens.float()


class Stage1Model(nn.Module):
    """MIDI and its teacher."""

    def __init__(
        self,
        midi: Midi,
        encoders: Encoders,
        teacher: nn.Module,
        tokenizers: tuple[SsrTokenizer, SsrTokenizer],
        n_tor: int,
        lengths: Lengths,
    ) -> None:
        super().__init__()
        self.midi = midi
        self.encoders = encoders
        self.teacher = teacher
        self._tokenizers = tokenizers
        self._n_tor = n_tor
        self._lengths = lengths

    def collate(self, samples: Sequence[Sample]) -> Stage1Batch:
        """Join samples; ``image_embeds`` may still be pixels."""
        mamba, llm = self._tokenizers
        texts = [
            (
                self._lengths.question(sample.row.question, mamba),
                self._lengths.rationale(sample.row.rationale, mamba, self._n_tor),
            )
            for sample in samples
        ]
        frames, frame_of = frames_of(samples)
        batch = collate(texts, images_of(frames), mamba, llm, self._n_tor, frame_of)
        for row, sample in enumerate(samples):
            if not sample.counts:
                batch.mamba_labels[row] = batch.llm_labels[row] = IGNORE
        return batch

    def forward(self, batch: Stage1Batch) -> dict[str, Tensor]:
        """Return label losses: 'mamba' (B, T) and 'llm' (B, S - 1)."""
        image, depth = self.encoders(batch.image_embeds, batch.depth_embeds)
        batch = replace(batch, image_embeds=image, depth_embeds=depth)
        if self._n_tor == 0:  # nothing reaches the teacher
            return {'mamba': mamba_token_losses(self.midi, batch)[0]}
        tor_ids = (self._tokenizers[0].tor_id, self._tokenizers[1].tor_id)
        losses = stage1_token_losses(self.midi, self.teacher, batch, tor_ids)
        return {'mamba': losses.mamba, 'llm': losses.llm}

    def labels(self, batch: Stage1Batch) -> dict[str, int]:
        """Return how many labels each loss has."""
        counts = {'mamba': int((batch.mamba_labels != IGNORE).sum())}
        if self._n_tor:
            counts['llm'] = int((batch.llm_labels[:, 1:] != IGNORE).sum())
        return counts


def frames_of(samples: Sequence[Sample]) -> tuple[list[Sample], Tensor]:
    """Return one sample of each frame, and (B,) the number of each sample's frame among them."""
    first: dict[tuple[Path, Path | None], Sample] = {}
    keys = [frame_files(sample.row) for sample in samples]
    for key, sample in zip(keys, samples, strict=True):
        first.setdefault(key, sample)
    numbers = {key: number for number, key in enumerate(first)}
    return list(first.values()), torch.tensor([numbers[key] for key in keys])


def images_of(samples: Sequence[Sample]) -> tuple[Tensor, Tensor]:
    """Stack what the two encoders read."""
    images = [sample.image for sample in samples if sample.image is not None]
    depths = [sample.depth for sample in samples if sample.depth is not None]
    return torch.stack(images), torch.stack(depths)


def save_memory(midi: Midi | None, *models: Any) -> None:
    """Keep only the inputs of each layer and compute the rest again on the way back."""
    for layer in midi.mamba.backbone.layers if midi is not None else ():
        layer.forward = partial(checkpoint, layer.forward, use_reentrant=False)
    for model in models:
        model.train()  # Qwen has no dropout; transformers checkpoints in training mode only
        model.gradient_checkpointing_enable({'use_reentrant': False})
