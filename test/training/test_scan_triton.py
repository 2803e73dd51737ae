# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The Triton kernels compute what torch's scan computes, gradients included."""

import importlib.util
import os
from pathlib import Path
import subprocess
import sys

import pytest
import torch

from ssr_ros.model.mamba import Mamba, MambaSizes
from training.models import scan_gpu

ROOT = Path(__file__).resolve().parents[2]

INTERPRETED = """
import torch
from training.models.scan_gpu import difference
from training.models.scan_triton import triton_scan
for sizes in ((2, 5, 3, 4), (2, 16, 40, 16), (1, 37, 33, 8), (2, 35, 64, 32)):
    print(difference(triton_scan, sizes, torch.device('cpu')))
"""


@pytest.mark.skipif(
    importlib.util.find_spec('triton') is None, reason='Triton comes with CUDA builds of torch'
)
def test_the_kernels_agree_with_torch_when_they_are_interpreted():
    environment = {**os.environ, 'TRITON_INTERPRET': '1'}
    command = [sys.executable, '-c', INTERPRETED]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    if 'only 0-dimensional arrays can be converted' in done.stderr:
        pytest.skip("this Triton's interpreter knows no loops with this NumPy")
    assert done.returncode == 0, done.stderr[-2000:]
    assert max(map(float, done.stdout.split())) < 1e-5


def test_another_scan_is_compared_by_outputs_and_every_gradient():
    from ssr_ros.model.scan import plain_scan

    device = torch.device('cpu')
    assert scan_gpu.difference(plain_scan, (2, 20, 6, 4), device) < 1e-5

    def wrong(u, dt, a, b, c, h):  # right on the way there, no gradient for c
        return plain_scan(u, dt, a, b, c.detach() + 0 * c, h)

    assert scan_gpu.difference(wrong, (2, 20, 6, 4), device) > 0.1


def test_on_a_cpu_the_scan_stays_what_it_was():
    mamba = Mamba(MambaSizes(vocabulary=9, width=8, layers=1, inner=16, state=4, dt_rank=1))
    before = mamba.backbone.layers[0].mixer.scan
    scan_gpu.install(mamba, torch.device('cpu'))
    assert mamba.backbone.layers[0].mixer.scan is before
