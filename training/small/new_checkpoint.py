# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Write an untrained SSR checkpoint of any size, in exactly the layout of the released ones.

    python -m training.small.new_checkpoint out/untrained --seed 0
    python -m training.small.new_checkpoint out/untrained midi_width=128 --corpus questions.jsonl

Training starts from such a folder, the tests use tiny ones, and until trained weights ship the
``nano`` preset is one.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from dataclasses import dataclass
import json
from pathlib import Path
from typing import Any

from safetensors.torch import save_file
from tokenizers import AddedToken, decoders, models, pre_tokenizers, Regex, Tokenizer, trainers
import torch
from transformers import (
    CLIPVisionConfig,
    CLIPVisionModel,
    Qwen2_5_VLConfig,
    Qwen2_5_VLForConditionalGeneration,
    SiglipVisionConfig,
    SiglipVisionModel,
)
from transformers.utils import logging as transformers_logging
import yaml

from ssr_ros.errors import SsrError
from ssr_ros.model.mamba import MambaSizes
from ssr_ros.model.midi import Midi
from training.data.rows import RowFiles
from training.run.settings import read_settings

PATCH = 14
MERGED_PATCH = 2 * PATCH

CHAT_TOKENS = ('<|endoftext|>', '<|im_start|>', '<|im_end|>', '<|vision_start|>')
CHAT_TOKENS += ('<|vision_end|>', '<|image_pad|>', '<|video_pad|>')

CHAT_TEMPLATE = (
    '<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n'
    '{% for message in messages %}<|im_start|>{{ message.role }}\n'
    '{% for part in message.content %}'
    "{% if part.type == 'image' %}<|vision_start|><|image_pad|><|vision_end|>"
    '{% else %}{{ part.text }}{% endif %}{% endfor %}<|im_end|>\n{% endfor %}'
    '{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}'
)

CORPUS = (
    'How far is the red box from the camera? The nearest object is the blue ball, 1.24 m away.',
    'Which is closer, the green cylinder or the yellow box? The green cylinder is closer.',
    'Is the white cup left or right of the black bottle? It is to the left, by 0.35 metres.',
    'How many objects are on the table? There are three objects on the table.',
    'How wide is the orange box? It is 12 cm wide, 30 cm tall and 25 cm deep.',
    'Can a robot of 45 cm pass between them? Yes, the gap is 0.8 m wide. No, it is too narrow.',
    'The purple capsule stands behind the brown box, above the floor and below the shelf.',
)
"""Enough text for an untrained model's tokenizer; training brings its own."""


@dataclass(frozen=True)
class Sizes:
    """The numbers of a small SSR; every layer count, width and image size can be chosen.

    Attributes:
        vision_width: of both encoders and of the VLM's vision tower.
        vision_layers: of each of the three.
        image_side: pixels of the square that both encoders see; a multiple of 14.
        midi_width: of MIDI's Mamba.
        midi_layers: of MIDI's Mamba.
        vlm_width: of the language model, a multiple of 32.
        vlm_layers: of the language model.
        vlm_image: (width, height) that the VLM's image is squashed to.
        vocabulary: of both tokenizers, before special tokens.
        n_tor: latent tokens.
        depth_range_m: (nearest, farthest) of the depth pictures; () stretches each one.
        adapter_rank: of a random LoRA adapter; 0 for none.
    """

    vision_width: int = 32
    vision_layers: int = 2
    image_side: int = 56
    midi_width: int = 48
    midi_layers: int = 2
    vlm_width: int = 64
    vlm_layers: int = 2
    vlm_image: tuple[int, int] = (112, 112)
    vocabulary: int = 400
    n_tor: int = 10
    depth_range_m: tuple[float, ...] = ()
    adapter_rank: int = 0


def write_checkpoint(
    folder: Path,
    sizes: Sizes,
    seed: int = 0,
    corpus: Iterable[str] = CORPUS,
    dtype: torch.dtype = torch.float32,
    note: str = '',
) -> Path:
    """Write a whole checkpoint with random weights.

    The same arguments give the same bytes.

    Args:
        folder: is made.
        sizes: of everything.
        seed: of the weights.
        corpus: text that the tokenizers are made from.
        dtype: that the weights are stored in.
        note: goes into the yaml.

    Returns:
        The reasoner.yaml.
    """
    torch.manual_seed(seed)
    corpus = list(corpus)
    vocabulary = _write_tokenizer(folder / 'mamba', corpus, sizes.vocabulary, chat=False)
    _write_encoders(folder, sizes, dtype)
    _write_midi(folder, sizes, vocabulary, dtype)
    vlm = _write_vlm(folder / 'vlm', sizes, corpus, dtype)
    settings: dict[str, Any] = {
        'image_encoder': 'clip',
        'depth_encoder': 'siglip',
        'mamba': 'mamba',
        'midi': 'midi',
        'vlm': 'vlm',
        'n_tor': sizes.n_tor,
        'image_size': list(sizes.vlm_image),
        'trained': False,
    }
    if sizes.depth_range_m:
        settings['depth_range_m'] = list(sizes.depth_range_m)
    if sizes.adapter_rank:
        _write_adapter(folder / 'ssr_vlm', vlm, sizes.adapter_rank)
        settings['adapter'] = 'ssr_vlm'
    if note:
        settings['note'] = note
    for file in folder.rglob('*.safetensors'):
        file.chmod(0o644)  # the library writes them for their owner alone
    path = folder / 'reasoner.yaml'
    path.write_text(yaml.safe_dump(settings, sort_keys=False), encoding='utf-8')
    return path


def _write_tokenizer(folder: Path, corpus: list[str], vocabulary: int, chat: bool) -> int:
    """Train a byte-level BPE; return how many ids it has, ``<tor>`` to come included."""
    special = list(CHAT_TOKENS) if chat else ['<|endoftext|>']
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(r' ?\d'), 'isolated'), pre_tokenizers.ByteLevel(False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary, initial_alphabet=sorted(alphabet), show_progress=False
    )
    tokenizer.train_from_iterator(corpus, trainer)
    tokenizer.add_special_tokens([AddedToken(text, normalized=False) for text in special])
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / 'tokenizer.json'))
    settings: dict[str, Any] = {
        'tokenizer_class': 'PreTrainedTokenizerFast',
        'eos_token': '<|im_end|>' if chat else '<|endoftext|>',
        'pad_token': '<|endoftext|>',
        'clean_up_tokenization_spaces': False,
    }
    if chat:
        settings['chat_template'] = CHAT_TEMPLATE
    _write_json(folder / 'tokenizer_config.json', settings)
    return int(tokenizer.get_vocab_size()) + 1


def _write_encoders(folder: Path, sizes: Sizes, dtype: torch.dtype) -> None:
    common = {
        'hidden_size': sizes.vision_width,
        'intermediate_size': 2 * sizes.vision_width,
        'num_hidden_layers': sizes.vision_layers,
        'num_attention_heads': max(1, sizes.vision_width // 16),
        'image_size': sizes.image_side,
        'patch_size': PATCH,
    }
    side = sizes.image_side
    scaling = {'do_resize': True, 'do_rescale': True, 'do_normalize': True, 'resample': 3}
    CLIPVisionModel(CLIPVisionConfig(**common)).to(dtype).save_pretrained(folder / 'clip')
    clip_processor = {
        'image_processor_type': 'CLIPImageProcessor',
        # The whole picture, squashed as SigLIP's is: the same patch of both shows the same place.
        'size': {'height': side, 'width': side},
        'do_center_crop': False,
        'image_mean': [0.48145466, 0.4578275, 0.40821073],
        'image_std': [0.26862954, 0.26130258, 0.27577711],
        'do_convert_rgb': True,
    }
    _write_json(folder / 'clip' / 'preprocessor_config.json', {**scaling, **clip_processor})
    SiglipVisionModel(SiglipVisionConfig(**common)).to(dtype).save_pretrained(folder / 'siglip')
    siglip_processor = {
        'image_processor_type': 'SiglipImageProcessor',
        'size': {'height': side, 'width': side},
        'image_mean': [0.5] * 3,
        'image_std': [0.5] * 3,
    }
    _write_json(folder / 'siglip' / 'preprocessor_config.json', {**scaling, **siglip_processor})


def _write_midi(folder: Path, sizes: Sizes, vocabulary: int, dtype: torch.dtype) -> None:
    width = sizes.midi_width
    mamba = MambaSizes(
        vocabulary=vocabulary,
        width=width,
        layers=sizes.midi_layers,
        inner=2 * width,
        state=16,
        dt_rank=max(1, width // 16),
    )
    midi = Midi(mamba, sizes.vision_width, sizes.vision_width, sizes.vlm_width)
    for layer in midi.mamba.backbone.layers:
        # Step sizes between 0.001 and 0.1 at the start (Mamba paper, section 3.6).
        steps = torch.exp(torch.empty(mamba.inner).uniform_(-6.9, -2.3))
        layer.mixer.dt_proj.bias.data = steps + torch.log(-torch.expm1(-steps))
    torch.nn.init.normal_(midi.mamba.backbone.embeddings.weight, std=0.1)
    (folder / 'midi').mkdir(parents=True, exist_ok=True)
    tensors = {name: value.detach().to(dtype) for name, value in midi.named_parameters()}
    save_file(tensors, folder / 'midi' / 'model.safetensors', metadata={'format': 'pt'})
    _write_json(
        folder / 'midi' / 'config.json',
        {
            'architectures': ['MIDI'],
            'model_type': 'MIDI',
            'image_dim': sizes.vision_width,
            'depth_dim': sizes.vision_width,
            'mamba_path_or_name': 'mamba',
            'llm_path_or_name': 'llm',
        },
    )
    _write_json(
        folder / 'mamba' / 'config.json',
        {
            'architectures': ['MambaForCausalLM'],
            'model_type': 'mamba',
            'vocab_size': vocabulary,
            'hidden_size': width,
            'intermediate_size': mamba.inner,
            'state_size': mamba.state,
            'num_hidden_layers': mamba.layers,
            'conv_kernel': mamba.conv_kernel,
            'time_step_rank': mamba.dt_rank,
            'layer_norm_epsilon': mamba.epsilon,
            'use_bias': False,
            'use_conv_bias': True,
        },
    )


def _write_vlm(
    folder: Path, sizes: Sizes, corpus: list[str], dtype: torch.dtype
) -> torch.nn.Module:
    n_ids = _write_tokenizer(folder, corpus, sizes.vocabulary, chat=True)
    ids = Tokenizer.from_file(str(folder / 'tokenizer.json'))
    heads = sizes.vlm_width // 32
    text = {
        'vocab_size': n_ids,
        'hidden_size': sizes.vlm_width,
        'intermediate_size': 2 * sizes.vlm_width,
        'num_hidden_layers': sizes.vlm_layers,
        'num_attention_heads': heads,
        'num_key_value_heads': heads,
        'max_position_embeddings': 4096,
        'bos_token_id': ids.token_to_id('<|endoftext|>'),
        'eos_token_id': ids.token_to_id('<|im_end|>'),
        'rope_parameters': {
            'rope_type': 'default',
            'rope_theta': 1e6,
            'mrope_section': [4, 6, 6],  # half of a head's width of 32
        },
    }
    vision = {
        'depth': sizes.vision_layers,
        'hidden_size': sizes.vision_width,
        'intermediate_size': 2 * sizes.vision_width,
        'num_heads': max(1, sizes.vision_width // 16),
        'out_hidden_size': sizes.vlm_width,
        'fullatt_block_indexes': list(range(sizes.vision_layers)),
        'patch_size': PATCH,
    }
    config = Qwen2_5_VLConfig(
        text_config=text,
        vision_config=vision,
        tie_word_embeddings=False,
        image_token_id=ids.token_to_id('<|image_pad|>'),
        video_token_id=ids.token_to_id('<|video_pad|>'),
        vision_start_token_id=ids.token_to_id('<|vision_start|>'),
        vision_end_token_id=ids.token_to_id('<|vision_end|>'),
    )
    model = Qwen2_5_VLForConditionalGeneration(config)
    # They start as one, as those of Qwen2.5-VL-3B are: repeating the prompt is soon learned.
    model.lm_head.weight.data.copy_(model.get_input_embeddings().weight.data)
    model.to(dtype)
    ends = [ids.token_to_id('<|im_end|>'), ids.token_to_id('<|endoftext|>')]
    model.generation_config.eos_token_id = ends
    model.generation_config.pad_token_id = ends[1]
    model.save_pretrained(folder)
    _write_json(
        folder / 'preprocessor_config.json',
        {
            'image_processor_type': 'Qwen2VLImageProcessor',
            'patch_size': PATCH,
            'merge_size': 2,
            'temporal_patch_size': 2,
            'size': {'shortest_edge': MERGED_PATCH**2, 'longest_edge': 12845056},
            'image_mean': [0.48145466, 0.4578275, 0.40821073],
            'image_std': [0.26862954, 0.26130258, 0.27577711],
        },
    )
    return model


def _write_adapter(folder: Path, vlm: torch.nn.Module, rank: int) -> None:
    """Write a random LoRA adapter with the module names that released adapters carry."""
    projections = ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj']
    tensors = {}
    for name, module in vlm.named_modules():
        if name.rpartition('.')[2] in projections:
            old = name.replace('model.language_model.', 'model.').replace('model.visual', 'visual')
            for side, shape in (
                ('A', (rank, module.in_features)),
                ('B', (module.out_features, rank)),
            ):
                key = f'base_model.model.{old}.lora_{side}.weight'
                tensors[key] = torch.randn(shape) * 0.1
    folder.mkdir(parents=True, exist_ok=True)
    save_file(tensors, folder / 'adapter_model.safetensors', metadata={'format': 'pt'})
    _write_json(
        folder / 'adapter_config.json',
        {
            'peft_type': 'LORA',
            'task_type': 'CAUSAL_LM',
            'r': rank,
            'lora_alpha': 16,
            'lora_dropout': 0.05,
            'bias': 'none',
            'target_modules': projections,
        },
    )


def _write_json(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=2) + '\n', encoding='utf-8')


def main() -> None:
    """Command line."""
    transformers_logging.disable_progress_bar()
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('folder', type=Path)
    parser.add_argument(
        'sizes', nargs='*', metavar='YAML|KEY=VALUE', help='fields of Sizes, e.g. midi_width=128'
    )
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument(
        '--corpus', action='append', metavar='JSONL', help='rows whose words the tokenizers learn'
    )
    parser.add_argument('--float16', action='store_true', help='store the weights in 16 bits')
    parser.add_argument('--note', default='')
    options = parser.parse_args()
    dtype = torch.float16 if options.float16 else torch.float32
    try:
        sizes = read_settings(Sizes, options.sizes)
        corpus = _texts(options.corpus) if options.corpus else CORPUS
    except SsrError as error:
        parser.exit(2, f'{type(error).__name__}: {error}\n')
    path = write_checkpoint(options.folder, sizes, options.seed, corpus, dtype, options.note)
    print(f'wrote {path}')


def _texts(files: list[str]) -> list[str]:
    rows = RowFiles(files, '', max_broken=0.01)
    texts = (
        (row.question, row.rationale, row.answer) for row in (rows[i] for i in range(len(rows)))
    )
    return [text for row in texts for text in row]


if __name__ == '__main__':
    main()
