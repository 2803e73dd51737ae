# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""SSR in four sizes with random weights, made on the device: for time and memory alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import torch
from torch import nn, Tensor
from transformers import (
    CLIPVisionConfig,
    CLIPVisionModel,
    Qwen2_5_VLConfig,
    Qwen2_5_VLForConditionalGeneration,
    SiglipVisionConfig,
    SiglipVisionModel,
)
from transformers.initialization import no_init_weights
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil
from transformers.models.qwen2_5_vl.configuration_qwen2_5_vl import Qwen2_5_VLVisionConfig
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil
from transformers.models.siglip.image_processing_pil_siglip import SiglipImageProcessorPil

from ssr_ros.errors import ConfigError
from ssr_ros.model.encoders import DepthEncoder, ImageEncoder
from ssr_ros.model.mamba import MambaSizes
from ssr_ros.model.midi import Midi
from ssr_ros.model.prompt import ChatPrompt
from ssr_ros.model.reasoner import Reasoner
from ssr_ros.model.spec import read_spec
from ssr_ros.model.tokens import SsrTokenizer
from ssr_ros.model.vlm import VisionLanguageModel

PATCH = 14


@dataclass(frozen=True)
class Transformer:
    """The numbers of a vision transformer; ``side`` is of its square image, in pixels."""

    width: int
    inner: int
    layers: int
    heads: int
    side: int


@dataclass(frozen=True, kw_only=True)
class Shape:
    """The numbers of an SSR.

    Attributes:
        width: of the language model.
        inner: of its MLPs.
        layers: of it.
        heads: of its queries.
        kv_heads: of its keys and values.
        vocabulary: of it.
        image: CLIP.
        depth: SigLIP.
        tower: of Qwen2.5-VL; its image is squashed to ``side``.
        mamba: MIDI's.
        tied: whether the head is the embeddings.
    """

    width: int
    inner: int
    layers: int
    heads: int
    kv_heads: int
    vocabulary: int
    image: Transformer
    depth: Transformer
    tower: Transformer
    mamba: MambaSizes
    tied: bool = False


_CLIP = Transformer(1024, 4096, 24, 16, 336)
_SIGLIP = Transformer(1152, 4304, 27, 16, 384)
_TOWER = Transformer(1280, 3420, 32, 16, 256)
_NANO = Shape(
    width=128,
    inner=256,
    layers=4,
    heads=4,
    kv_heads=4,
    vocabulary=556,
    image=Transformer(96, 192, 3, 6, 98),
    depth=Transformer(96, 192, 3, 6, 98),
    tower=Transformer(96, 192, 3, 6, 140),
    mamba=MambaSizes(vocabulary=550, width=128, layers=3, inner=256, dt_rank=8),
)

SHAPES = {
    # The preset of that name.
    'nano': _NANO,
    # The true Mamba over as many tokens as the true encoders make; all around it is nano's.
    '130m': replace(
        _NANO,
        image=Transformer(96, 192, 3, 6, 336),
        depth=Transformer(96, 192, 3, 6, 384),
        mamba=MambaSizes(),
    ),
    '3b': Shape(
        width=2048,
        inner=11_008,
        layers=36,
        heads=16,
        kv_heads=2,
        vocabulary=151_936,
        tied=True,
        image=_CLIP,
        depth=_SIGLIP,
        tower=_TOWER,
        mamba=MambaSizes(),
    ),
    '7b': Shape(
        width=3584,
        inner=18_944,
        layers=28,
        heads=28,
        kv_heads=4,
        vocabulary=152_064,
        image=_CLIP,
        depth=_SIGLIP,
        tower=_TOWER,
        mamba=MambaSizes(),
    ),
}


def shape_called(name: str) -> Shape:
    """Return a shape of ``SHAPES``.

    Raises:
        ConfigError: there is none of this name.
    """
    if name not in SHAPES:
        raise ConfigError(f'shape {name!r:.40}: expected one of {", ".join(SHAPES)}')
    return SHAPES[name]


def random_reasoner(
    shape: Shape, device: torch.device, dtype: torch.dtype, name: str = 'random'
) -> Reasoner:
    """Make an SSR of a shape; its tokenizers are nano's, its texts mean nothing."""
    torch.manual_seed(0)
    nano = read_spec('nano')
    words, chat = (SsrTokenizer(nano.folder(part)) for part in ('mamba', 'vlm'))
    with _made_as(device, dtype), no_init_weights():
        vlm = Qwen2_5_VLForConditionalGeneration(vlm_config(shape, chat)).eval()
        encoders = encoders_of(shape)
    if shape.tied:
        vlm.tie_weights()
    for model in (vlm, *(encoder.model for encoder in encoders)):
        fill(model)
    with _made_as(device, torch.float32):
        midi = Midi(shape.mamba, encoders[0].width, encoders[1].width, shape.width).eval()
    for model in (vlm, midi, *(encoder.model for encoder in encoders)):
        model.requires_grad_(False)
    vlm.generation_config.eos_token_id = [shape.vocabulary - 1]
    vlm.generation_config.repetition_penalty = 1.05
    processor = Qwen2VLImageProcessorPil(patch_size=PATCH, merge_size=2, temporal_patch_size=2)
    side = shape.tower.side
    prompt = ChatPrompt(
        chat, processor, chat.chat_template or '', int(vlm.config.image_token_id), (side, side)
    )
    return Reasoner(
        *encoders,
        midi,
        words,
        VisionLanguageModel(vlm, prompt),
        n_tor=10,
        trained=False,
        description=f'{name}, random weights',
    )


BLOCK = 1_000_003
"""Random numbers that weights repeat: a prime, so that no row of a matrix is like another."""


@torch.no_grad()
def fill(model: nn.Module) -> None:
    """Give weights values: billions of random numbers would take minutes."""
    like = next(model.parameters())
    block = (0.02 * torch.randn(BLOCK)).to(like.device, like.dtype)
    for name, parameter in model.named_parameters():
        fill_one(name, parameter, block)


def fill_one(name: str, parameter: Tensor, block: Tensor) -> None:
    """Give one weight values: those of a block again and again, ones in norms, no biases."""
    if parameter.dim() < 2:
        parameter.fill_(0.0 if name.endswith('bias') else 1.0)
        return
    flat = parameter.view(-1)
    whole = len(flat) // len(block) * len(block)
    flat[:whole].view(-1, len(block)).copy_(block)
    flat[whole:].copy_(block[: len(flat) - whole])


def bytes_of_shape(shape: Shape, dtype: torch.dtype) -> int:
    """Return what the weights of a shape take, without making them."""
    with torch.device('meta'):
        nano = SsrTokenizer(read_spec('nano').folder('vlm'))
        parts = [Qwen2_5_VLForConditionalGeneration(vlm_config(shape, nano))]
        midi = Midi(shape.mamba, shape.image.width, shape.depth.width, shape.width)
        parts += [CLIPVisionModel(_clip(shape)), SiglipVisionModel(_siglip(shape))]
    n_others = sum(int(p.numel()) for part in parts for p in part.parameters())
    return n_others * dtype.itemsize + 4 * sum(int(p.numel()) for p in midi.parameters())


def language_bytes(reasoner: Reasoner) -> int:
    """Return the bytes of weights that one token has to read."""
    model = reasoner.vlm.model
    layers = model.model.language_model.layers
    tensors = [
        tensor
        for part in (layers, model.lm_head)
        for tensor in (*part.parameters(), *part.buffers())
    ]
    return sum(tensor.nbytes for tensor in tensors)


def encoders_of(shape: Shape) -> tuple[ImageEncoder, DepthEncoder]:
    """Make CLIP and SigLIP, on the device and in the dtype that torch makes tensors in."""
    sizes = [{'height': part.side, 'width': part.side} for part in (shape.image, shape.depth)]
    return (
        ImageEncoder(
            CLIPImageProcessorPil(size=sizes[0], do_center_crop=False),
            CLIPVisionModel(_clip(shape)).eval(),
        ),
        DepthEncoder(
            SiglipImageProcessorPil(size=sizes[1]),
            SiglipVisionModel(_siglip(shape)).eval(),
            None,
        ),
    )


def vision_config(shape: Shape, blocks: int | None = None) -> Qwen2_5_VLVisionConfig:
    """Return the tower's config; every eighth block of the true one sees the whole image."""
    tower = shape.tower
    depth = blocks or tower.layers
    return Qwen2_5_VLVisionConfig(
        depth=depth,
        hidden_size=tower.width,
        intermediate_size=tower.inner,
        num_heads=tower.heads,
        out_hidden_size=shape.width,
        fullatt_block_indexes=list(range(7, depth, 8)) if depth > 7 else list(range(depth)),
    )


def _clip(shape: Shape) -> CLIPVisionConfig:
    return CLIPVisionConfig(**_numbers(shape.image))


def _siglip(shape: Shape) -> SiglipVisionConfig:
    return SiglipVisionConfig(**_numbers(shape.depth))


def _numbers(part: Transformer) -> dict[str, int]:
    return {
        'hidden_size': part.width,
        'intermediate_size': part.inner,
        'num_hidden_layers': part.layers,
        'num_attention_heads': part.heads,
        'image_size': part.side,
        'patch_size': PATCH,
    }


def vlm_config(shape: Shape, tokenizer: SsrTokenizer) -> Qwen2_5_VLConfig:
    """Return the config of the vision-language model; a tokenizer smaller than it may do."""
    half = shape.width // shape.heads // 2
    rope = {'rope_type': 'default', 'rope_theta': 1e6}
    text = {
        'vocab_size': shape.vocabulary,
        'bos_token_id': None,
        'eos_token_id': shape.vocabulary - 1,
        'hidden_size': shape.width,
        'intermediate_size': shape.inner,
        'num_hidden_layers': shape.layers,
        'num_attention_heads': shape.heads,
        'num_key_value_heads': shape.kv_heads,
        'rope_parameters': {**rope, 'mrope_section': [half // 4, half * 3 // 8, half * 3 // 8]},
    }
    (image_id,) = tokenizer.encode('<|image_pad|>')
    return Qwen2_5_VLConfig(
        text_config=text,
        vision_config=vision_config(shape).to_dict(),
        image_token_id=image_id,
        tie_word_embeddings=shape.tied,
    )


@contextmanager
def _made_as(device: torch.device, dtype: torch.dtype) -> Iterator[None]:
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        with device:
            yield
    finally:
        torch.set_default_dtype(before)
