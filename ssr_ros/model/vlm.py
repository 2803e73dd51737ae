# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Qwen2.5-VL with the latent rationale at the ``<tor>`` places, its image read once and kept.

The keys and values of the prompt up to the end of the image are kept with the scene (ImagePrefix)
and shared by all questions. Positions are always passed explicitly: the model keeps one
``rope_deltas`` for all scenes, which is wrong as soon as two alternate.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
import logging
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
import torch
from torch import Tensor
from transformers import DynamicCache, Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration
from transformers.models.qwen2_5_vl.modeling_qwen2_5_vl import (
    Qwen2_5_VisionTransformerPretrainedModel,
)
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil

from ssr_ros.errors import CheckpointError, TensorMismatchError
from ssr_ros.model.checkpoint import check_finite, reading, TensorFiles
from ssr_ros.model.decode import ImagePrefix, PlainDecoder, Request
from ssr_ros.model.folder import read_json
from ssr_ros.model.graphs import Recorded
from ssr_ros.model.lora import Adapter, now_called, StockWeights
from ssr_ros.model.pretrained import empty_of, load_pretrained, no_change
from ssr_ros.model.prompt import ChatPrompt, ImagePrompt
from ssr_ros.model.quantised import tell_transformers
from ssr_ros.model.static import NewCache, StaticDecoder
from ssr_ros.model.tokens import SsrTokenizer
from ssr_ros.model.towers import TowerOfGrid
from ssr_ros.model.trace import Trace
from ssr_ros.model.wide import keep_sums_wide, put_back

logger = logging.getLogger(__name__)


class VisionLanguageModel:
    """Qwen2.5-VL of any size: image -> prefix, then prefix + latents + question -> answer tokens.

    Attributes:
        model: the transformers model.
        prompt: makes what it reads.
        tokenizer: its tokenizer, with ``<tor>``.
        width: of its embeddings, and so of a latent.
        plain: decodes any number of rows.
        tower: stands in the place of the vision tower for images of SSR's own size; None: it
            stands there itself.
        tower_pass: the vision tower for images of SSR's own size, recorded where the device can.
        prefix_pass: the reading of such an image's prompt, the same.
        static: decodes one row faster, on CUDA; None where it cannot, or was put away.
    """

    def __init__(self, model: Any, prompt: ChatPrompt) -> None:
        keep_sums_wide(model)
        self.model = model
        self.prompt = prompt
        self.tokenizer = prompt.tokenizer
        self.width = int(model.config.text_config.hidden_size)
        penalty = float(model.generation_config.repetition_penalty or 1.0)
        self.plain = PlainDecoder(model, penalty, end_ids(model))
        self.tower: Any = None
        self.tower_pass = Recorded(self._see, self.device)
        self.prefix_pass = Recorded(self._read_prompt, self.device)
        self._own_tower: TowerOfGrid | None = None
        self.static: StaticDecoder | None = None
        if self.device.type == 'cuda' and StaticDecoder.fits(model):
            self.static = StaticDecoder(model, penalty, end_ids(model))

    @property
    def device(self) -> torch.device:
        """Where the model is."""
        device: torch.device = self.model.device
        return device

    @torch.inference_mode()
    def read_image(
        self,
        rgb: NDArray[np.uint8],
        trace: Trace,
        image_size: tuple[int, int] | None = None,
    ) -> ImagePrefix:
        """Read an image and the prompt before it.

        Args:
            rgb: (H, W, 3) uint8.
            trace: gets the stages 'vision_tower' and 'vlm_prefix'.
            image_size: (width, height) that it is squashed to; None: as SSR was trained.

        Raises:
            DeviceError: out of memory.
        """
        own = image_size is None
        with trace.stage('vision_tower'):
            prompt = self.prompt.image(rgb, image_size)
            features = self._features(prompt, own)
            trace.count(encoder_calls=1)
        with trace.stage('vlm_prefix'):
            embeds = self.embed(prompt.ids)
            embeds[prompt.place : prompt.place + len(features)] = features.to(embeds.dtype)
            positions = prompt.positions()
            read = self.prefix_pass if own else self._read_prompt
            tensors = read(embeds[None], positions[:, None].to(self.device))
            trace.count(vlm_tokens=len(prompt.ids))
        return ImagePrefix(
            keys_values=tuple(zip(tensors[::2], tensors[1::2], strict=True)),
            ids=tuple(prompt.ids),
            next_position=int(positions.max()) + 1,
        )

    def _features(self, prompt: ImagePrompt, own: bool) -> Tensor:
        """Return an image's tokens, (tokens, width)."""
        features: Tensor
        if own and self.tower is not None:
            features = self.tower(prompt.pixel_values).last_hidden_state
        elif own and self.tower_pass.most:
            if self._own_tower is None:
                self._own_tower = TowerOfGrid(self.model.model.visual, prompt.grid)
            pixels = prompt.pixel_values.to(self.device, self.model.model.visual.dtype)
            (features,) = self.tower_pass(pixels)
        else:
            features = self.model.model.get_image_features(
                prompt.pixel_values.to(self.device), prompt.grid.to(self.device)
            ).pooler_output[0]
        return features

    def _see(self, pixels: Tensor) -> tuple[Tensor, ...]:
        if self._own_tower is None:
            raise RuntimeError('there is no tower for images of this size')
        return (self._own_tower(pixels),)

    def _read_prompt(self, embeds: Tensor, positions: Tensor) -> tuple[Tensor, ...]:
        """Return keys and values of every layer in turn."""
        # Where every layer sees all tokens, attention is causal by itself: nothing is looked up on
        # the host, as a recording wants it.
        plain = StaticDecoder.fits(self.model)
        cache: Any = NewCache() if plain else DynamicCache()
        self.model.model.language_model(
            inputs_embeds=embeds,
            position_ids=positions,
            past_key_values=cache,
            attention_mask={'full_attention': None} if plain else None,
            use_cache=True,
        )
        pairs = cache.pairs if plain else [(layer.keys, layer.values) for layer in cache.layers]
        return tuple(tensor for pair in pairs for tensor in pair)

    @torch.inference_mode()
    def generate(
        self,
        prefixes: Sequence[ImagePrefix],
        latents: Tensor,
        questions: Sequence[str],
        max_new_tokens: int,
        trace: Trace,
        facts: str = '',
    ) -> Iterator[list[int | None]]:
        """Decode greedily, one token of every row at a time.

        Args:
            prefixes: of B scenes read with the same image size.
            latents: (B, n_tor, width), put at the ``<tor>`` places.
            questions: B clean questions.
            max_new_tokens: most tokens per row.
            trace: gets the stages 'vlm_prefill' and 'decode'.
            facts: what is told before each question; '' for nothing.

        Yields:
            B token ids, the end token included; None for a row that has ended before.

        Raises:
            DeviceError: out of memory.
            CheckpointError: the weights give values that are not numbers.
        """
        requests = self.requests(prefixes, latents, questions, facts)
        told = sum(self.prompt.tokens_told(question, facts) for question in questions)
        trace.count(fact_tokens=told)
        if len(requests) == 1 and self.static is not None:
            yield from self.static.generate(requests[0], max_new_tokens, trace)
        else:
            yield from self.plain.generate(requests, max_new_tokens, trace)

    @torch.inference_mode()
    def first_logits(
        self, prefixes: Sequence[ImagePrefix], latents: Tensor, questions: Sequence[str]
    ) -> Tensor:
        """Return the logits of the first answer token, (B, vocabulary) float32."""
        return self.plain.first_logits(self.requests(prefixes, latents, questions))

    def requests(
        self,
        prefixes: Sequence[ImagePrefix],
        latents: Tensor,
        questions: Sequence[str],
        facts: str = '',
    ) -> list[Request]:
        """Make what the decoders read; see ``generate`` for the arguments."""
        n_tor = latents.shape[1]
        requests = []
        for prefix, own, question in zip(prefixes, latents, questions, strict=True):
            ids = self.prompt.question(question, n_tor, facts)
            embeds = self.embed(ids)
            embeds[:n_tor] = own.to(embeds.device, embeds.dtype)
            requests.append(Request(prefix=prefix, ids=ids, embeds=embeds))
        return requests

    def embed(self, ids: list[int]) -> Tensor:
        """Return the embeddings of some tokens, (tokens, width)."""
        embeds: Tensor = self.model.get_input_embeddings()(torch.tensor(ids, device=self.device))
        return embeds


def load_vlm(
    folder: Path,
    image_size: tuple[int, int],
    device: torch.device,
    dtype: torch.dtype,
    adapter: Path | None = None,
    stock: StockWeights | None = None,
) -> VisionLanguageModel:
    """Load Qwen2.5-VL from a local folder.

    Args:
        folder: of the model.
        image_size: (width, height) that images are squashed to.
        device: where to.
        dtype: of the weights.
        adapter: a folder of what is merged into each weight as it is read.
        stock: gets the weights as they were, where they are wanted.

    Raises:
        CheckpointError: the folder cannot be read or does not hold such a model.
        DeviceError: out of memory.
    """
    tell_transformers()
    config, prompt = _load_prompt(folder, image_size)
    n_ids = config.text_config.vocab_size
    if prompt.tokenizer.tor_id >= n_ids:
        raise CheckpointError(
            f'{folder}: <tor> would be token {prompt.tokenizer.tor_id} and the model has only '
            f'{n_ids} embeddings'
        )
    kind = Qwen2_5_VLForConditionalGeneration
    pairs = None if adapter is None else Adapter(adapter, empty_of(kind, folder))
    change = no_change if pairs is None else partial(pairs.merge, stock=stock)
    model = load_pretrained(kind, folder, device, dtype, (), now_called, change)
    if pairs is not None:
        logger.info('merged %d adapter tensors', len(pairs.files.shapes))
    put_back(model, TensorFiles(folder), now_called)
    with reading(folder):
        ends = end_ids(model)
        if not ends or not all(0 <= token < n_ids for token in ends):
            raise CheckpointError(
                f'{folder}: generation_config.json: eos_token_id: expected the tokens that end a '
                f'turn, 0..{n_ids - 1}, got {sorted(ends)}: no answer would ever end'
            )
        return VisionLanguageModel(model, prompt)


def load_tower(folder: Path, adapter: Path | None) -> Any:
    """Load the vision tower alone in float32, on the CPU, with its part of an adapter merged.

    Raises:
        CheckpointError: the folders cannot be read or do not hold such a model.
    """
    whole = empty_of(Qwen2_5_VLForConditionalGeneration, folder)
    with reading(folder):
        config = Qwen2_5_VLConfig.from_pretrained(folder, local_files_only=True)
        tower = Qwen2_5_VisionTransformerPretrainedModel(config.vision_config)
    tower = tower.eval().requires_grad_(False)
    files = TensorFiles(folder)
    of_tower = {n.partition('visual.')[2]: n for n in files.shapes if 'visual.' in n}
    parameters = dict(tower.named_parameters())
    if of_tower.keys() != parameters.keys():
        raise TensorMismatchError(
            str(folder), parameters.keys() - of_tower.keys(), of_tower.keys() - parameters.keys()
        )
    pairs = Adapter(adapter, whole) if adapter is not None else None
    for name, parameter in parameters.items():
        parameter.copy_(files.tensor(of_tower[name]))
        check_finite(name, parameter, folder)
        module = 'model.visual.' + name.removesuffix('.weight')
        if pairs is not None and module in pairs.pairs:
            parameter.data = pairs.merged(module, parameter.data)
    return tower


def image_prompt_of(folder: Path, image_size: tuple[int, int]) -> ImagePrompt:
    """Return the prompt around a black image: its shapes are those of any.

    Raises:
        CheckpointError: the folder cannot be read.
    """
    return _load_prompt(folder, image_size)[1].image(np.zeros((6, 8, 3), np.uint8))


def _load_prompt(folder: Path, image_size: tuple[int, int]) -> tuple[Any, ChatPrompt]:
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
        _check_picture(prompt)
    return config, prompt


def end_ids(model: Any) -> frozenset[int]:
    """Return the tokens that end an answer."""
    eos = model.generation_config.eos_token_id
    return frozenset([eos] if isinstance(eos, int) else eos or [])


def _check_picture(prompt: ChatPrompt) -> None:
    """Make one picture, and see that it is finite and still a picture."""
    expected = prompt.picture(np.zeros((6, 8, 3), np.uint8))
    made = prompt.image(np.zeros((6, 8, 3), np.uint8))
    if not bool(torch.isfinite(made.pixel_values).all()):
        raise ValueError('preprocessor_config.json makes values that are not finite')
    width, height = prompt.tokens_of(expected.size)
    if made.rows * made.columns < width * height:
        raise ValueError(
            f'preprocessor_config.json shrinks a picture of {expected.width}x{expected.height} '
            f'pixels to {made.columns}x{made.rows} tokens where it has {width}x{height}: a size '
            'in it (longest_edge, max_pixels) is too small'
        )


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
