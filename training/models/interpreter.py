# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""MIDI and its encoders as the stages use them.

Frozen models keep their dtype (bfloat16 saves memory); what is trained computes in float32, as it
will at inference: Mamba's recurrence loses the latents' direction in bfloat16.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import nn, Tensor
from torch.utils.checkpoint import checkpoint

from ssr_ros.model.encoders import ImageEncoder
from ssr_ros.model.midi import Midi
from ssr_ros.model.tokens import SsrTokenizer
from training.data.frames import frame_files, Sample
from training.data.lengths import Lengths, pad
from training.data.rows import Row
from training.models.losses import IGNORE, rationale_losses, see, Seen, written_ids

POOLING = ('image.post_layernorm.', 'depth.head.')
"""Parts of the encoders that only their pooled outputs go through, which nothing here reads."""


class Encoders(nn.Module):
    """CLIP and SigLIP; features that were computed before pass through."""

    def __init__(self, encoders: tuple[ImageEncoder, ImageEncoder], trained: bool = False) -> None:
        super().__init__()
        self.image, self.depth = (encoder.model.requires_grad_(trained) for encoder in encoders)
        self._trained = trained
        for name, parameter in self.named_parameters():
            if name.startswith(POOLING):
                parameter.requires_grad_(False)

    def forward(self, image: Tensor, depth: Tensor) -> tuple[Tensor, Tensor]:
        """Pixels (B, 3, S, S) or features (B, N, width) -> float32 features."""
        with torch.set_grad_enabled(self._trained and torch.is_grad_enabled()):
            return read_pixels(self.image, image), read_pixels(self.depth, depth)


def read_pixels(model: Any, pixels: Tensor) -> Tensor:
    """Return an encoder's tokens in float32; what is features already is passed on."""
    if pixels.ndim == 3:
        return pixels.float()
    tokens: Tensor = model(pixel_values=pixels).last_hidden_state
    return tokens.float()


class Interpreter:
    """What MIDI makes of frames, questions and rationales.

    No module itself: whoever trains it keeps ``midi`` and ``encoders`` among its own.

    Attributes:
        midi: the interpreter.
        encoders: whose tokens it reads.
        tokenizer: MIDI's.
        n_tor: latents a question.
        lengths: cuts long texts.
    """

    def __init__(
        self,
        midi: Midi,
        encoders: Encoders,
        tokenizer: SsrTokenizer,
        n_tor: int,
        lengths: Lengths,
    ) -> None:
        self.midi = midi
        self.encoders = encoders
        self.tokenizer = tokenizer
        self.n_tor = n_tor
        self.lengths = lengths

    def see(self, image: Tensor, depth: Tensor) -> Seen:
        """Read frames: pixels (F, 3, S, S) or features (F, N, width)."""
        return see(self.midi, *self.encoders(image, depth))

    def latents(self, seen: Seen, frames: Tensor, ids: Tensor) -> Tensor:
        """Return the latents of all rows one after the other, (B * n_tor, width of the VLM)."""
        places = self.first_tor(ids) + torch.arange(self.n_tor, device=ids.device)
        return self.midi.latents(seen.state.pick(frames), ids, places).flatten(0, 1)

    def first_tor(self, ids: Tensor) -> Tensor:
        """(B, T) ids -> (B, 1) where each row has its first ``<tor>``."""
        return (ids == self.tokenizer.tor_id).int().argmax(1, keepdim=True)

    def written(
        self, seen: Seen, frames: Tensor, ids: Tensor, labels: Tensor, everywhere: bool = False
    ) -> Tensor:
        """Return the cross entropies (B, T) of what MIDI writes, see ``rationale_losses``."""
        return rationale_losses(self.midi, seen, frames, ids, labels, everywhere)[0]

    def asked_ids(self, row: Row) -> list[int]:
        """Return a question with its ``<tor>`` behind it."""
        question = self.lengths.question(row.question, self.tokenizer)
        return [*self.tokenizer.encode_user_text(question), *[self.tokenizer.tor_id] * self.n_tor]

    def written_ids(self, samples: Sequence[Sample]) -> tuple[Tensor, Tensor]:
        """Return (B, T) questions with rationales, and their labels; see ``written_ids``."""
        ids, labels = [], []
        for sample in samples:
            row, counts = sample.row, sample.counts and bool(sample.row.rationale)
            question = self.lengths.question(row.question, self.tokenizer)
            rationale = self.lengths.rationale(row.rationale, self.tokenizer, self.n_tor)
            one, told = written_ids(question, rationale, self.tokenizer, self.n_tor)
            ids.append(one)
            labels.append(told if counts else [IGNORE] * len(told))
        return pad(ids, 0), pad(labels, IGNORE)


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
