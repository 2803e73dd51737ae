# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""SSR at its true sizes with random weights, made on the device: for time and memory alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
import tempfile
from typing import Any

import torch
from transformers import (
    CLIPVisionConfig,
    CLIPVisionModel,
    Qwen2_5_VLConfig,
    Qwen2_5_VLForConditionalGeneration,
    SiglipVisionConfig,
    SiglipVisionModel,
)
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil
from transformers.models.qwen2_5_vl.configuration_qwen2_5_vl import Qwen2_5_VLVisionConfig
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil
from transformers.models.siglip.image_processing_pil_siglip import SiglipImageProcessorPil

from ssr_ros.model import Reasoner
from ssr_ros.model.encoders import DepthEncoder, ImageEncoder
from ssr_ros.model.mamba import MambaSizes
from ssr_ros.model.midi import Midi
from ssr_ros.model.prompt import ChatPrompt
from ssr_ros.model.tokens import SsrTokenizer
from ssr_ros.model.vlm import VisionLanguageModel
from training.small.new_checkpoint import write_checkpoint
from training.small.sizes import Sizes

HEAD = 128


@dataclass(frozen=True, kw_only=True)
class Shape:
    """The numbers of a Qwen2.5-VL, and whether the encoders and MIDI are the true ones too.

    Attributes:
        width: of the language model; heads are 128 wide.
        inner: of its MLPs.
        layers: of it.
        kv_heads: heads of keys and values.
        vocabulary: of it.
        true: CLIP-L/14-336, SigLIP so400m, Mamba-130m and the vision tower of 32 blocks; else
            two layers of each, to rehearse.
    """

    width: int
    inner: int
    layers: int
    kv_heads: int
    vocabulary: int
    true: bool = True


SHAPES = {
    'rehearsal': Shape(width=256, inner=512, layers=2, kv_heads=1, vocabulary=2000, true=False),
    '3b': Shape(width=2048, inner=11008, layers=36, kv_heads=2, vocabulary=151_936),
    '7b': Shape(width=3584, inner=18_944, layers=28, kv_heads=4, vocabulary=152_064),
}


def random_reasoner(name: str, device: torch.device, dtype: torch.dtype) -> Reasoner:
    """Make an SSR of a shape in ``SHAPES``; its texts mean nothing."""
    shape = SHAPES[name]
    torch.manual_seed(0)
    with tempfile.TemporaryDirectory() as folder:
        write_checkpoint(Path(folder), Sizes())
        words, chat = (SsrTokenizer(Path(folder) / part) for part in ('mamba', 'vlm'))
    with _made_as(device, dtype):
        vlm = Qwen2_5_VLForConditionalGeneration(_vlm_config(shape, chat)).eval()
        encoders = true_encoders(shape)
    with _made_as(device, torch.float32):
        midi = Midi(_mamba(shape), encoders[0].width, encoders[1].width, shape.width).eval()
    for model in (vlm, midi, *(encoder.model for encoder in encoders)):
        model.requires_grad_(False)
    vlm.generation_config.eos_token_id = [shape.vocabulary - 1]
    vlm.generation_config.repetition_penalty = 1.05
    processor = Qwen2VLImageProcessorPil(patch_size=14, merge_size=2, temporal_patch_size=2)
    image_id = int(vlm.config.image_token_id)
    prompt = ChatPrompt(chat, processor, chat.chat_template or '', image_id, (256, 256))
    language = VisionLanguageModel(vlm, prompt)
    return Reasoner(
        *encoders, midi, words, language, n_tor=10, trained=False, description=f'{name}, random'
    )


def language_bytes(reasoner: Reasoner) -> int:
    """Return the bytes of weights that one token has to read."""
    model = reasoner.vlm.model
    layers = model.model.language_model.layers
    return sum(p.nbytes for part in (layers, model.lm_head) for p in part.parameters())


@contextmanager
def _made_as(device: torch.device, dtype: torch.dtype) -> Iterator[None]:
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        with device:
            yield
    finally:
        torch.set_default_dtype(before)


def true_encoders(shape: Shape) -> tuple[ImageEncoder, DepthEncoder]:
    """Make CLIP and SigLIP, on the device and in the dtype that torch makes tensors in."""
    layers, image, depth = (24, 336, 384) if shape.true else (2, 56, 56)
    clip: dict[str, Any] = {'hidden_size': 1024, 'intermediate_size': 4096}
    siglip: dict[str, Any] = {'hidden_size': 1152, 'intermediate_size': 4304}
    if not shape.true:
        clip = siglip = {'hidden_size': 64, 'intermediate_size': 128}
    common = {'patch_size': 14, 'num_attention_heads': 16}
    clip |= {**common, 'num_hidden_layers': layers, 'image_size': image}
    siglip = {**siglip, **common, 'num_hidden_layers': layers + 3, 'image_size': depth}
    size = [{'height': side, 'width': side} for side in (image, depth)]
    return (
        ImageEncoder(
            CLIPImageProcessorPil(size=size[0], do_center_crop=False),
            CLIPVisionModel(CLIPVisionConfig(**clip)).eval(),
        ),
        DepthEncoder(
            SiglipImageProcessorPil(size=size[1]),
            SiglipVisionModel(SiglipVisionConfig(**siglip)).eval(),
            None,
        ),
    )


def _mamba(shape: Shape) -> MambaSizes:
    return MambaSizes() if shape.true else MambaSizes(width=64, inner=128, layers=2, dt_rank=4)


def _vlm_config(shape: Shape, tokenizer: SsrTokenizer) -> Qwen2_5_VLConfig:
    text = {
        'vocab_size': shape.vocabulary,
        'hidden_size': shape.width,
        'intermediate_size': shape.inner,
        'num_hidden_layers': shape.layers,
        'num_attention_heads': shape.width // HEAD,
        'num_key_value_heads': shape.kv_heads,
        'rope_parameters': {
            'rope_type': 'default',
            'rope_theta': 1e6,
            'mrope_section': [16, 24, 24],
        },
    }
    (image_id,) = tokenizer.encode('<|image_pad|>')
    return Qwen2_5_VLConfig(
        text_config=text,
        vision_config=vision_config(shape).to_dict(),
        image_token_id=image_id,
        tie_word_embeddings=False,
    )


def vision_config(shape: Shape, blocks: int = 32) -> Qwen2_5_VLVisionConfig:
    """Return the tower's config; every eighth block of the true one sees the whole image."""
    return Qwen2_5_VLVisionConfig(
        depth=blocks if shape.true else 2,
        hidden_size=1280 if shape.true else 64,
        intermediate_size=3420 if shape.true else 128,
        num_heads=16 if shape.true else 4,
        out_hidden_size=shape.width,
        fullatt_block_indexes=list(range(7, blocks, 8)) if shape.true else [1],
    )
