# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The losses of stage 1, as upstream's code computes them.

Sequences are padded on the right, after everything that carries a label. Both models read from
left to right, so padding cannot reach a label and no attention mask is needed: each sample of a
batch gets the loss that it gets alone. (Upstream pads on the left, inside the sequence, with
a mask that covers image tokens instead.)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn, Tensor
from torch.nn import functional as F
from transformers import AutoConfig, Qwen2ForCausalLM

from ssr_ros.model.checkpoint import fill, reading, TensorFiles
from ssr_ros.model.mamba import MambaState
from ssr_ros.model.midi import Midi, TEACHER_PREFIX
from ssr_ros.model.pretrained import load_pretrained
from ssr_ros.model.tokens import insert_tor, SsrTokenizer
from training.data.lengths import pad

IGNORE = -100


@dataclass(frozen=True)
class Stage1Batch:
    """What stage 1 reads, B samples of F frames.

    Attributes:
        image_embeds: (F, Ni, image width), of the frozen image encoder.
        depth_embeds: (F, Nd, depth width), of the frozen depth encoder.
        frames: (B,) the number of each sample's frame.
        mamba_ids: (B, T) question and rationale with ``<tor>``, padded on the right.
        mamba_labels: (B, T) the rationale's ids, ``<tor>`` included; IGNORE elsewhere.
        llm_ids: (B, S) the rationale with ``<tor>`` in the teacher's ids, padded on the right.
        llm_labels: (B, S) the same without ``<tor>`` and padding; IGNORE there.
    """

    image_embeds: Tensor
    depth_embeds: Tensor
    frames: Tensor
    mamba_ids: Tensor
    mamba_labels: Tensor
    llm_ids: Tensor
    llm_labels: Tensor


@dataclass(frozen=True)
class TokenLosses:
    """Cross entropies of single labels, 0 where there is none.

    Attributes:
        mamba: (B, T), at the places of ``mamba_labels``.
        llm: (B, S - 1), at the places of ``llm_labels`` from the second on.
    """

    mamba: Tensor
    llm: Tensor


@dataclass(frozen=True)
class Stage1Losses:
    """Cross entropies, each the mean over the labels of the batch.

    Attributes:
        mamba: of MIDI's own language model on the rationale.
        llm: of the teacher reading the rationale through the latents (the paper's equation 4).
        total: their sum, which is what upstream trains on.
    """

    mamba: Tensor
    llm: Tensor

    @property
    def total(self) -> Tensor:
        """Mamba + llm."""
        return self.mamba + self.llm


def collate(
    samples: Sequence[tuple[str, str]],
    embeds: tuple[Tensor, Tensor],
    mamba_tokenizer: SsrTokenizer,
    llm_tokenizer: SsrTokenizer,
    n_tor: int,
    frames: Tensor | None = None,
) -> Stage1Batch:
    """Make a batch from (question, rationale) pairs and the encoders' tokens of their frames.

    ``frames`` says which frame each pair is about; without it each has its own.
    """
    mamba_ids, mamba_labels, llm_ids, llm_labels = [], [], [], []
    for question, rationale in samples:
        ids, labels = written_ids(question, rationale, mamba_tokenizer, n_tor)
        mamba_ids.append(ids)
        mamba_labels.append(labels)
        # Without latents there is nothing that a teacher would read.
        taught = llm_tokenizer.encode(insert_tor(rationale, n_tor)) if n_tor else [IGNORE]
        llm_ids.append(taught)
        llm_labels.append([IGNORE if t == llm_tokenizer.tor_id else t for t in taught])
    return Stage1Batch(
        embeds[0],
        embeds[1],
        torch.arange(len(samples)) if frames is None else frames,
        pad(mamba_ids, 0),
        pad(mamba_labels, IGNORE),
        pad(llm_ids, 0),
        pad(llm_labels, IGNORE),
    )


def written_ids(
    question: str, rationale: str, tokenizer: SsrTokenizer, n_tor: int
) -> tuple[list[int], list[int]]:
    """Return MIDI's ids of a question and the rationale with ``<tor>``, and their labels."""
    asked = tokenizer.encode_user_text(question)
    reasons = tokenizer.encode(insert_tor(rationale, n_tor))
    return asked + reasons, [IGNORE] * len(asked) + reasons


def stage1_losses(
    midi: Midi, teacher: nn.Module, batch: Stage1Batch, tor_ids: tuple[int, int]
) -> Stage1Losses:
    """Compute both losses of a batch.

    Args:
        midi: the interpreter.
        teacher: a causal language model of the latents' width.
        batch: on the models' device.
        tor_ids: ``<tor>`` in MIDI's tokenizer and in the teacher's.
    """
    tokens = stage1_token_losses(midi, teacher, batch, tor_ids)
    return Stage1Losses(
        tokens.mamba.sum() / (batch.mamba_labels != IGNORE).sum(),
        tokens.llm.sum() / (batch.llm_labels[:, 1:] != IGNORE).sum(),
    )


def stage1_token_losses(
    midi: Midi, teacher: Any, batch: Stage1Batch, tor_ids: tuple[int, int]
) -> TokenLosses:
    """Compute the cross entropy of every label; see stage1_losses."""
    seen = see(midi, batch.image_embeds, batch.depth_embeds)
    mamba, at = rationale_losses(midi, seen, batch.frames, batch.mamba_ids, batch.mamba_labels)
    # Only a rationale's <tor> carry latents; one in a question would be text (encode_user_text).
    latents = midi.tor_proj(at[batch.mamba_ids == tor_ids[0]])
    embeds = teacher.get_input_embeddings()(batch.llm_ids)
    places = (batch.llm_ids == tor_ids[1])[..., None].expand_as(embeds)
    embeds = embeds.masked_scatter(places, latents.to(embeds.dtype))
    logits = teacher(inputs_embeds=embeds, use_cache=False).logits[:, :-1]
    targets = batch.llm_labels[:, 1:]
    return TokenLosses(mamba, label_losses(logits[targets != IGNORE], targets))


@dataclass(frozen=True)
class Seen:
    """F frames that a MIDI has read.

    Attributes:
        last: (F, width), at the last visual token: it predicts the first word.
        state: after it.
    """

    last: Tensor
    state: MambaState


def see(midi: Midi, image_embeds: Tensor, depth_embeds: Tensor) -> Seen:
    """Let MIDI read the encoders' tokens of F frames."""
    hidden, state = midi.mamba(midi.embed_visual(image_embeds, depth_embeds))
    return Seen(hidden[:, -1], state)


def rationale_losses(
    midi: Midi, seen: Seen, frames: Tensor, ids: Tensor, labels: Tensor, everywhere: bool = False
) -> tuple[Tensor, Tensor]:
    """Compute the cross entropies of what MIDI itself writes.

    Args:
        midi: the interpreter.
        seen: the frames.
        frames: (B,) the number of each row's frame.
        ids: (B, T) question and rationale.
        labels: (B, T) the rationale's ids; IGNORE elsewhere.
        everywhere: compute the logits of all places; see ``losses_everywhere``.

    Returns:
        The cross entropies (B, T), and the hidden states (B, T, width) at ``ids``.
    """
    at, _ = midi.mamba(midi.mamba.embed(ids), seen.state.pick(frames))
    # A token is predicted by the one before it; the first one by the last visual token.
    before = torch.cat([seen.last.index_select(0, frames)[:, None], at[:, :-1]], dim=1)
    if everywhere:
        return losses_everywhere(midi.mamba.logits(before), labels), at
    return label_losses(midi.mamba.logits(before[labels != IGNORE]), labels), at


def label_losses(logits: Tensor, labels: Tensor) -> Tensor:
    """Put the cross entropy of each label at its place, 0 at the places without one.

    Args:
        logits: (labels that count, vocabulary).
        labels: (B, T) with IGNORE at the other places.
    """
    counts = labels != IGNORE
    losses = torch.zeros(labels.shape, device=logits.device)
    losses[counts] = F.cross_entropy(logits.float(), labels[counts], reduction='none')
    return losses


def losses_everywhere(logits: Tensor, labels: Tensor) -> Tensor:
    """Compute what ``label_losses`` does from logits at all places.

    No size depends on how many labels there are: such a step can be recorded.

    Args:
        logits: (B, T, vocabulary).
        labels: (B, T) with IGNORE at places without one.
    """
    flat = F.cross_entropy(
        logits.float().flatten(0, 1), labels.flatten(), ignore_index=IGNORE, reduction='none'
    )
    return flat.view_as(labels)


def load_teacher(config_folder: Path, midi_folder: Path) -> Any:
    """Load the teacher: from a stage-1 checkpoint's ``llm.``, or else from its own folder.

    Args:
        config_folder: of the language model.
        midi_folder: a MIDI checkpoint; stage-1 saves hold the frozen teacher, others do not.

    Raises:
        TensorMismatchError: the teacher is not the one that the config describes.
        CheckpointError: files are missing or broken.
    """
    files = _TeacherFiles(midi_folder)
    if not files.shapes:
        return load_pretrained(Qwen2ForCausalLM, config_folder, torch.device('cpu'), torch.float32)
    with reading(config_folder):
        config = AutoConfig.from_pretrained(config_folder, local_files_only=True)
    teacher = Qwen2ForCausalLM(config)
    fill(nn.ModuleDict({TEACHER_PREFIX[:-1]: teacher}), files)
    return teacher.eval().requires_grad_(False)


class _TeacherFiles(TensorFiles):
    """Only the teacher's part of a stage-1 checkpoint."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.shapes = {
            name: shape for name, shape in self.shapes.items() if name.startswith(TEACHER_PREFIX)
        }
