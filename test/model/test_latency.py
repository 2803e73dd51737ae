# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The latency table compares ways that say the same."""

import torch

from benchmarks.latency import measure
from benchmarks.true_size import random_reasoner, SHAPES


def test_every_way_is_asked_for_the_same_tokens():
    reasoner = random_reasoner('rehearsal', torch.device('cpu'), torch.float32)
    result = measure(reasoner, n_tokens=4, rounds=1)
    assert result['same_tokens']
    ours = {name: way for name, way in result['ways'].items() if name not in ('U0', 'U1')}
    assert set(ours) == {'plain', 'scan', 'recorded'}
    assert set(result['ways']) - set(ours) == {'U0', 'U1'}, 'the published order says the same'
    stages = {'mamba_frame_ms', 'vlm_prefill_ms', 'decode_ms', 'ms_per_token', 'first_token_ms'}
    assert all(stages <= set(way) for way in ours.values())
    # Two layers of 4 projections and 3 of the MLP, with biases and norms, and the head.
    width, inner = SHAPES['rehearsal'].width, SHAPES['rehearsal'].inner
    layer = 2 * width * width + 2 * width * 128 + 3 * width * inner + width + 2 * 128 + 2 * width
    assert result['weights_read_per_token'] == 4 * (2 * layer + 2000 * width)


def test_weights_of_8_and_4_bits_are_timed_and_put_away_again():
    reasoner = random_reasoner('rehearsal', torch.device('cpu'), torch.bfloat16)
    before = {name: type(module) for name, module in reasoner.vlm.model.named_modules()}
    result = measure(reasoner, n_tokens=2, rounds=1, quantised=True)
    assert {'int8', 'int4'} < set(result['ways'])
    assert {name: type(m) for name, m in reasoner.vlm.model.named_modules()} == before
