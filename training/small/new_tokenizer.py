# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Tokenizers made from the words of some text."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tokenizers import AddedToken, decoders, models, pre_tokenizers, Regex, Tokenizer, trainers

from training.run.saving import save_json

CHAT_TOKENS = (
    '<|endoftext|>',
    '<|im_start|>',
    '<|im_end|>',
    '<|vision_start|>',
    '<|vision_end|>',
    '<|image_pad|>',
    '<|video_pad|>',
)

CHAT_TEMPLATE = (
    '<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n'
    '{% for message in messages %}<|im_start|>{{ message.role }}\n'
    '{% for part in message.content %}'
    "{% if part.type == 'image' %}<|vision_start|><|image_pad|><|vision_end|>"
    '{% else %}{{ part.text }}{% endif %}{% endfor %}<|im_end|>\n{% endfor %}'
    '{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}'
)


def write_tokenizer(folder: Path, corpus: Iterable[str], vocabulary: int, chat: bool) -> int:
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
    save_json(settings, folder / 'tokenizer_config.json')
    return int(tokenizer.get_vocab_size()) + 1
