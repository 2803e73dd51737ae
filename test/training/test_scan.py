# Copyright 2026 The ssr_ros authors
#
# Licensed under the Apache License, Version 2.0 (the "License");
# you may not use this file except in compliance with the License.
# You may obtain a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS,
# WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
# See the License for the specific language governing permissions and
# limitations under the License.

"""The scan for training computes what the plain one does, gradients included."""

import pytest
import torch

from ssr_ros.model.mamba import selective_scan
from training.scan import CHUNK, scan


def inputs(length, dtype=torch.float64):
    torch.manual_seed(length)
    batch, inner, state = 2, 3, 4
    u, dt = torch.randn(batch, length, inner), torch.rand(batch, length, inner)
    a = -torch.rand(inner, state) - 0.1
    b, c = torch.randn(batch, length, state), torch.randn(batch, length, state)
    h = torch.randn(batch, inner, state)
    return [x.to(dtype).requires_grad_() for x in (u, dt, a, b, c, h)]


@pytest.mark.parametrize('length', [1, 5, CHUNK, 2 * CHUNK + 3])
def test_outputs_state_and_all_gradients_equal_those_of_the_plain_scan(length):
    found = []
    for function in (scan, selective_scan):
        given = inputs(length)
        y, h = function(*given)
        # Both results weigh differently at every place, so that no gradient can hide.
        weigh = torch.arange(1, y.numel() + 1, dtype=y.dtype).view_as(y).cos()
        ((y * weigh).sum() + (h * h).sum()).backward()
        found.append([y, h, *(x.grad for x in given)])
    for ours, plain in zip(*found, strict=True):
        torch.testing.assert_close(ours, plain, rtol=1e-9, atol=1e-9)


def test_the_gradient_of_the_state_before_reaches_across_chunks():
    given = inputs(CHUNK + 2)
    y, _ = scan(*given)
    y[:, -1].sum().backward()
    assert given[-1].grad.abs().max() > 0
