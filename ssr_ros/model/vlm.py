# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Qwen2.5-VL with the latent rationale at the ``<tor>`` places, its image read once and kept.

The keys and values of the prompt up to the end of the image are kept with the scene (ImagePrefix)
and shared by all questions. Positions are always passed explicitly: the model keeps one
``rope_deltas`` for all scenes, which is wrong as soon as two alternate.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
import torch
from torch import Tensor
from transformers import DynamicCache, Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil

from ssr_ros.errors import CheckpointError
from ssr_ros.model.checkpoint import load_pretrained, reading
from ssr_ros.model.folder import read_json
from ssr_ros.model.prompt import ChatPrompt
from ssr_ros.model.tokens import SsrTokenizer
from ssr_ros.model.trace import Trace


@dataclass(frozen=True)
class ImagePrefix:
    """What the language model remembers of the prompt up to the end of the image.

    Never written to.

    Attributes:
        keys_values: per layer (keys, values), each (B, heads, tokens, head width).
        ids: the tokens, image placeholders included.
        next_position: rotary position of the token that follows. An image takes as many positions
            as its longer side has tokens, so this is smaller than the number of tokens.
    """

    keys_values: tuple[tuple[Tensor, Tensor], ...]
    ids: tuple[int, ...]
    next_position: int

    @property
    def nbytes(self) -> int:
        """Memory of the tensors in bytes."""
        return sum(keys.nbytes + values.nbytes for keys, values in self.keys_values)


class VisionLanguageModel:
    """Qwen2.5-VL of any size: image -> prefix, then prefix + latents + question -> answer tokens.

    Attributes:
        model: the transformers model.
        prompt: makes what it reads.
        tokenizer: its tokenizer, with ``<tor>``.
        width: of its embeddings, and so of a latent.
    """

    def __init__(self, model: Any, prompt: ChatPrompt) -> None:
        self.model = model
        self.prompt = prompt
        self.tokenizer = prompt.tokenizer
        self.width = int(model.config.text_config.hidden_size)
        self._end_ids = end_ids(model)
        self._repetition_penalty = float(model.generation_config.repetition_penalty or 1.0)

    @property
    def device(self) -> torch.device:
        """Where the model is."""
        device: torch.device = self.model.device
        return device

    @torch.inference_mode()
    def read_image(self, rgb: NDArray[np.uint8], trace: Trace) -> ImagePrefix:
        """Read an image and the prompt before it.

        Args:
            rgb: (H, W, 3) uint8.
            trace: gets the stages 'vision_tower' and 'vlm_prefix'.

        Raises:
            DeviceError: out of memory.
        """
        with trace.stage('vision_tower'):
            prompt = self.prompt.image(rgb)
            features = self.model.model.get_image_features(
                prompt.pixel_values.to(self.device), prompt.grid.to(self.device)
            ).pooler_output[0]
            trace.count(encoder_calls=1)
        with trace.stage('vlm_prefix'):
            embeds = self._embed(prompt.ids)
            embeds[prompt.place : prompt.place + len(features)] = features.to(embeds.dtype)
            positions = prompt.positions().to(self.device)
            cache = DynamicCache()
            self.model.model.language_model(
                inputs_embeds=embeds[None],
                position_ids=positions[:, None],
                past_key_values=cache,
                use_cache=True,
            )
            trace.count(vlm_tokens=len(prompt.ids))
        return ImagePrefix(
            keys_values=tuple((layer.keys, layer.values) for layer in cache.layers),
            ids=tuple(prompt.ids),
            next_position=int(positions.max()) + 1,
        )

    @torch.inference_mode()
    def generate(
        self,
        prefixes: Sequence[ImagePrefix],
        latents: Tensor,
        questions: Sequence[str],
        max_new_tokens: int,
        trace: Trace,
    ) -> Iterator[list[int | None]]:
        """Decode greedily, one token of every row at a time.

        Args:
            prefixes: of B scenes read with the same image size.
            latents: (B, n_tor, width), put at the ``<tor>`` places.
            questions: B clean questions.
            max_new_tokens: most tokens per row.
            trace: gets the stages 'vlm_prefill' and 'decode'.

        Yields:
            B token ids, the end token included; None for a row that has ended before.

        Raises:
            DeviceError: out of memory.
            CheckpointError: the weights give values that are not numbers.
        """
        suffixes = [self.prompt.question(q, latents.shape[1]) for q in questions]
        with trace.stage('vlm_prefill'):
            logits, cache, mask, positions = self.prefill(prefixes, latents, suffixes)
            trace.count(vlm_tokens=sum(map(len, suffixes)))
        seen = [[*prefix.ids, *suffix] for prefix, suffix in zip(prefixes, suffixes, strict=True)]
        ended = [False] * len(questions)
        ids: list[int] = []
        for step in range(max_new_tokens):
            with trace.stage('decode'):
                if step:
                    logits, mask, positions = self._next(ids, cache, mask, positions)
                    trace.count(vlm_tokens=len(ids))
                ids = [
                    self._choose(row, history) for row, history in zip(logits, seen, strict=True)
                ]
            trace.count(generated_tokens=ended.count(False))
            yield [None if done else token for done, token in zip(ended, ids, strict=True)]
            for row, token in enumerate(ids):
                ended[row] = ended[row] or token in self._end_ids
                seen[row].append(token)
            if all(ended):
                return

    def prefill(
        self, prefixes: Sequence[ImagePrefix], latents: Tensor, suffixes: Sequence[list[int]]
    ) -> tuple[Tensor, DynamicCache, Tensor | None, Tensor]:
        """Read what follows the image.

        Rows are padded on the left, between prefix and question, and the padding is masked.

        Returns:
            logits (B, vocabulary) of the first answer token; the cache; the attention mask
            (B, tokens), or None where nothing is padded; the position (B,) of the next token.
        """
        longest = max(map(len, suffixes))
        n_prefix = len(prefixes[0].ids)
        embeds = torch.stack(
            [
                self._embed([0] * (longest - len(suffix)) + suffix, row)
                for suffix, row in zip(suffixes, latents, strict=True)
            ]
        )
        pads = torch.tensor([longest - len(suffix) for suffix in suffixes], device=self.device)
        starts = torch.tensor([prefix.next_position for prefix in prefixes], device=self.device)
        steps = torch.arange(longest, device=self.device)
        positions = (starts[:, None] + steps - pads[:, None]).clamp(min=0)
        mask = None
        if int(pads.max()):
            mask = torch.ones(len(suffixes), n_prefix + longest, device=self.device)
            mask[:, n_prefix:] = steps >= pads[:, None]
        cache = DynamicCache()
        for layer, pairs in enumerate(
            zip(*(prefix.keys_values for prefix in prefixes), strict=True)
        ):
            # The cache concatenates, so the tensors of the prefix are read and never written.
            cache.update(torch.cat([k for k, _ in pairs]), torch.cat([v for _, v in pairs]), layer)
        logits = self._forward(embeds, positions, cache, mask)
        return logits, cache, mask, positions[:, -1] + 1

    def _next(
        self, ids: list[int], cache: DynamicCache, mask: Tensor | None, positions: Tensor
    ) -> tuple[Tensor, Tensor | None, Tensor]:
        if mask is not None:
            mask = torch.cat([mask, mask.new_ones(len(ids), 1)], dim=1)
        logits = self._forward(self._embed(ids)[:, None], positions[:, None], cache, mask)
        return logits, mask, positions + 1

    def _forward(
        self, embeds: Tensor, positions: Tensor, cache: DynamicCache, mask: Tensor | None
    ) -> Tensor:
        hidden = self.model.model.language_model(
            inputs_embeds=embeds,
            position_ids=positions.expand(3, -1, -1),
            past_key_values=cache,
            attention_mask=mask,
            use_cache=True,
        ).last_hidden_state
        logits: Tensor = self.model.lm_head(hidden[:, -1]).float()
        return logits

    def _embed(self, ids: list[int], latents: Tensor | None = None) -> Tensor:
        tensor = torch.tensor(ids, device=self.device)
        embeds: Tensor = self.model.get_input_embeddings()(tensor)
        if latents is not None:
            embeds[tensor == self.tokenizer.tor_id] = latents.to(embeds.device, embeds.dtype)
        return embeds

    def _choose(self, logits: Tensor, seen: list[int]) -> int:
        check_numbers(logits)
        # Upstream samples at temperature 1e-6 with the base model's repetition penalty, which the
        # library applies to the prompt's tokens as well.
        if self._repetition_penalty != 1.0:
            ids = torch.tensor(sorted(set(seen)), device=logits.device)
            logits = logits.clone()
            old = logits[ids]
            logits[ids] = torch.where(
                old < 0, old * self._repetition_penalty, old / self._repetition_penalty
            )
        return int(logits.argmax())


def check_numbers(logits: Tensor) -> None:
    """Refuse to pick a token by logits that are not numbers: the first one would always win.

    Raises:
        CheckpointError: there is a NaN among them.
    """
    if bool(torch.isnan(logits).any()):
        raise CheckpointError(
            'the model computed values that are not numbers: use dtype float32 or bfloat16, or '
            'look for damaged weights'
        )


def load_vlm(
    folder: Path, image_size: tuple[int, int], device: torch.device, dtype: torch.dtype
) -> VisionLanguageModel:
    """Load Qwen2.5-VL from a local folder.

    Raises:
        CheckpointError: the folder cannot be read or does not hold such a model.
        DeviceError: out of memory.
    """
    with reading(folder):
        tokenizer = SsrTokenizer(folder)
        # The whole processor would also want torchvision, for video.
        processor = Qwen2VLImageProcessorPil.from_pretrained(folder, local_files_only=True)
        config = Qwen2_5_VLConfig.from_pretrained(folder, local_files_only=True)
        _check_processor(processor, config.vision_config, folder)
        image_id = int(config.image_token_id)
        prompt = ChatPrompt(
            tokenizer, processor, _template(tokenizer, folder), image_id, image_size
        )
    n_ids = config.text_config.vocab_size
    if tokenizer.tor_id >= n_ids:
        raise CheckpointError(
            f'{folder}: <tor> would be token {tokenizer.tor_id} and the model has only '
            f'{n_ids} embeddings'
        )
    model = load_pretrained(Qwen2_5_VLForConditionalGeneration, folder, device, dtype)
    ends = end_ids(model)
    if not ends or not all(0 <= token < n_ids for token in ends):
        raise CheckpointError(
            f'{folder}: generation_config.json: eos_token_id: expected the tokens that end a '
            f'turn, 0..{n_ids - 1}, got {sorted(ends)}: no answer would ever end'
        )
    with reading(folder):
        return VisionLanguageModel(model, prompt)


def end_ids(model: Any) -> frozenset[int]:
    """Return the tokens that end an answer."""
    eos = model.generation_config.eos_token_id
    return frozenset([eos] if isinstance(eos, int) else eos or [])


def _template(tokenizer: SsrTokenizer, folder: Path) -> str:
    template = tokenizer.chat_template
    if template is None and (folder / 'chat_template.json').exists():
        template = read_json(folder / 'chat_template.json').get('chat_template')
    if not isinstance(template, str):
        raise CheckpointError(
            f'{folder}: no chat template: expected one in tokenizer_config.json, '
            'chat_template.jinja or chat_template.json'
        )
    return template


def _check_processor(processor: Any, vision: Any, folder: Path) -> None:
    makes = (processor.patch_size, processor.temporal_patch_size, processor.merge_size)
    reads = (vision.patch_size, vision.temporal_patch_size, vision.spatial_merge_size)
    if makes != reads:
        raise CheckpointError(
            f'{folder}: preprocessor_config.json makes patches of {makes[0]!r:.40} pixels, '
            f'{makes[1]!r:.40} frames and {makes[2]!r:.40} to a token, and the model reads '
            f'{reads[0]}, {reads[1]} and {reads[2]}: take both from the same checkpoint'
        )
