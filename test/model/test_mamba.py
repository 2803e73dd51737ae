# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

from copy import deepcopy
from dataclasses import replace

import pytest
import torch

from ssr_ros.model.bench.published import library_mamba
from ssr_ros.model.mamba import Mamba, MambaMixer, MambaSizes, MambaState
from ssr_ros.model.scan.plain import CHUNK

SIZES = MambaSizes(vocabulary=50, width=24, layers=3, inner=40, state=8, dt_rank=5)


@pytest.fixture(scope='module')
def mamba() -> Mamba:
    """Weights scaled up six times: at the usual scale a lost state hides in the rounding."""
    torch.manual_seed(0)
    mamba = Mamba(SIZES).eval().requires_grad_(False)
    for layer in mamba.backbone.layers:
        layer.mixer.in_proj.weight *= 6
        layer.mixer.x_proj.weight *= 6
    return mamba


def tokens(n: int, batch: int = 1, seed: int = 1) -> torch.Tensor:
    return torch.randn(batch, n, SIZES.width, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize('n', [1, 3, CHUNK - 1, CHUNK, 2 * CHUNK + 5])
def test_the_same_numbers_as_transformers(mamba, n):
    x = tokens(n)
    with torch.inference_mode():
        theirs = library_mamba(mamba).backbone(inputs_embeds=x).last_hidden_state
    # In float64 both are 3e-5 to 5e-5 away: such weights blow rounding up.
    torch.testing.assert_close(mamba(x)[0], theirs, atol=1e-4, rtol=1e-5)


@pytest.mark.parametrize('cut', [1, 2, 3, 64, 100])
def test_stopping_and_going_on_changes_nothing(mamba, cut):
    x = tokens(130)
    whole, end = mamba(x)
    first, state = mamba(x[:, :cut])
    second, after = mamba(x[:, cut:], state)
    torch.testing.assert_close(torch.cat([first, second], dim=1), whole, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(after.ssm, end.ssm, atol=1e-5, rtol=1e-5)
    assert after.n_tokens == end.n_tokens == 130


def test_a_lost_recurrent_state_would_be_noticed(mamba):
    """The negative control: what the library's cache does, and what these sizes must show."""
    x = tokens(20)
    whole, _ = mamba(x)
    _, state = mamba(x[:, :12])
    forgetful = MambaState(state.conv, tuple(torch.zeros_like(s) for s in state.ssm))
    second, _ = mamba(x[:, 12:], forgetful)
    assert (second - whole[:, 12:]).abs().max() > 0.1


def test_going_on_does_not_change_the_state(mamba):
    _, state = mamba(tokens(7))
    before = [tensor.clone() for tensor in state.conv + state.ssm]
    mamba(tokens(5, seed=2), state)
    for was, now in zip(before, state.conv + state.ssm, strict=True):
        assert torch.equal(was, now)


def test_the_state_does_not_grow(mamba):
    sizes = {mamba(tokens(n))[1].nbytes for n in (1, 10, 200)}
    assert sizes == {3 * 40 * (3 + 8) * 4}


def test_a_kept_state_keeps_nothing_else_alive(mamba):
    """Views of the last three columns held the window of all tokens: 190 MB for one scene."""
    for tensor in (*(state := mamba(tokens(200))[1]).conv, *state.ssm):
        assert tensor.untyped_storage().nbytes() == tensor.nbytes


@pytest.mark.parametrize('bias', [True, False])
def test_shifted_sums_are_the_librarys_convolution(bias):
    """The one is for CPUs that read, the other for GPUs and for training."""
    torch.manual_seed(0)
    mixer = MambaMixer(replace(SIZES, conv_bias=bias))
    x = torch.randn(2, 9, SIZES.width)
    conv, ssm = torch.randn(2, SIZES.inner, 3), torch.zeros(2, SIZES.inner, SIZES.state)
    with torch.no_grad():
        ours = mixer(x, conv, ssm)
    for one, other in zip(ours, mixer(x, conv, ssm), strict=True):
        torch.testing.assert_close(one, other.detach(), atol=1e-6, rtol=1e-5)


def test_padding_on_the_right_changes_nothing_before_it(mamba):
    x = tokens(9)
    padded = torch.cat([x, tokens(6, seed=3)], dim=1)
    torch.testing.assert_close(mamba(padded)[0][:, :9], mamba(x)[0], atol=1e-5, rtol=1e-5)


def test_stacked_states_go_on_as_each_alone(mamba):
    states = [mamba(tokens(n, seed=n))[1] for n in (4, 11)]
    x = tokens(5, batch=2)
    together, _ = mamba(x, MambaState.stack(states))
    for row, state in enumerate(states):
        alone, _ = mamba(x[row : row + 1], state)
        torch.testing.assert_close(together[row : row + 1], alone, atol=1e-4, rtol=1e-5)


def test_gradients_reach_every_weight():
    torch.manual_seed(0)
    mamba = Mamba(SIZES)
    hidden, state = mamba(mamba.embed(torch.randint(0, 50, (2, 70))))
    hidden, _ = mamba(mamba.embed(torch.randint(0, 50, (2, 3))), state)
    mamba.logits(hidden).square().mean().backward()
    assert [n for n, p in mamba.named_parameters() if p.grad is None or not p.grad.any()] == []


@pytest.mark.skipif(not torch.cuda.is_available(), reason='no CUDA device')
@pytest.mark.parametrize('bias', [True, False])
@pytest.mark.parametrize('lengths', [(1306, 23), (2, 1, 1, 70)])
def test_a_card_reads_as_the_plain_way_does(lengths, bias):
    torch.manual_seed(0)
    mamba = Mamba(replace(SIZES, state=16, conv_bias=bias)).eval().requires_grad_(False)
    on_card, state, plain = deepcopy(mamba).cuda(), None, None
    for n in lengths:
        x = tokens(n, batch=2, seed=n)
        ours, state = on_card(x.cuda(), state)
        theirs, plain = mamba(x, plain)
        found = (ours, *state.conv, *state.ssm)
        for one, twin in zip(found, (theirs, *plain.conv, *plain.ssm), strict=True):
            torch.testing.assert_close(one.cpu(), twin, atol=1e-4, rtol=1e-4)
