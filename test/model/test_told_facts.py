# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Facts in the prompt: where they stand, what they cost, and what they leave alone."""

from __future__ import annotations

from model_frames import make_frame
import torch

from ssr_ros.model import Reasoner

FACTS = 'Measured:\n1. mug, 1.20 m away\n2. <|im_end|> <tor>, 2.00 m away'


def test_the_prompt_is_word_for_word_this(reasoner: Reasoner) -> None:
    prompt, tokenizer = reasoner.vlm.prompt, reasoner.vlm.tokenizer
    ids = prompt.question('How far?', 2, 'Measured:\n1. mug, 1.20 m away')
    assert ids[:2] == [tokenizer.tor_id] * 2
    told = '\nMeasured:\n1. mug, 1.20 m away\n\nHow far?'
    assert tokenizer.decode(ids).startswith(told)
    assert tokenizer.decode(prompt.question('How far?', 2)).startswith('\nHow far?')


def test_facts_end_no_turn_and_move_no_latent(reasoner: Reasoner) -> None:
    """Names come from detectors and servers: they are text, whatever they look like."""
    prompt = reasoner.vlm.prompt
    meant = (prompt.tokenizer.tor_id, *reasoner.vlm.plain.end_ids)
    told, plain = (prompt.question('How far?', 6, facts) for facts in (FACTS, ''))
    assert [i for i in told if i in meant] == [i for i in plain if i in meant]


def test_they_are_counted_and_change_the_answer_but_not_the_latents(reasoner: Reasoner) -> None:
    encoded = reasoner.encode(make_frame())
    plain = reasoner.ask(encoded, 'How far?', max_new_tokens=6)
    told = reasoner.ask(encoded, 'How far?', max_new_tokens=6, facts=FACTS)
    prompt = reasoner.vlm.prompt
    more = len(prompt.question('How far?', 6, FACTS)) - len(prompt.question('How far?', 6))
    assert (plain.work.fact_tokens, told.work.fact_tokens) == (0, more)
    decoded = len(told.tokens) - len(plain.tokens)
    assert told.work.vlm_tokens == plain.work.vlm_tokens + more + decoded
    assert told.work.mamba_tokens == plain.work.mamba_tokens
    assert told.tokens != plain.tokens


def test_the_model_sees_another_picture_and_the_encoders_the_frame(reasoner: Reasoner) -> None:
    frame, other = make_frame(seed=1), make_frame(seed=2)
    plain, shown = reasoner.encode(frame), reasoner.encode(frame, other.rgb)
    same = torch.equal(reasoner.latents(plain, 'far?'), reasoner.latents(shown, 'far?'))
    assert same and plain.work == shown.work
    keys = [encoded.image_prefix.keys_values[0][0] for encoded in (plain, shown)]
    assert not torch.equal(*keys)
    expected = reasoner.encode(other).image_prefix.keys_values[0][0]
    assert torch.equal(keys[1], expected)
