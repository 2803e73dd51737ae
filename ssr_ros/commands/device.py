# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Whether this torch has code for this GPU, and which torch has.

A wheel holds machine code (sm_87) or code that is compiled when it is first used (compute_87) for
some GPUs only. ``torch.cuda.is_available()`` looks at neither: what is missing shows at the first
computation. So one is made; the list of what the wheel holds says why it failed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
import warnings

# Read in November 2026: pytorch/pytorch v2.11.0 .ci/manywheel/build_cuda.sh, OpenRAL/openral#167,
# nvidia-holoscan/holohub#1687; wendylabsinc/WendyOS#1379: jetson-ai-lab's CUDA 13 lacks Orin.
CURES = {
    'sm_87': 'on Jetson Orin: pip install torch --index-url, with JetPack 6 '
    'https://pypi.jetson-ai-lab.io/jp6/cu126, with JetPack 7 '
    'https://download.pytorch.org/whl/cu130',
    'sm_110': 'on Jetson Thor: pip install torch --index-url '
    'https://download.pytorch.org/whl/cu130; builds for CUDA 12 have nothing for it',
}


@dataclass(frozen=True)
class Gpu:
    """What torch says of the first GPU.

    Attributes:
        name: as its driver calls it.
        capability: its compute capability, such as (8, 7) of a Jetson Orin.
        memory: how much of its memory is free.
        codes: for which GPUs this torch holds code: 'sm_80', 'compute_90' ...
        error: what a small computation ended with; '' where it went well.
    """

    name: str
    capability: tuple[int, int]
    memory: str
    codes: tuple[str, ...]
    error: str = ''


def look_at_gpu(torch: Any) -> Gpu:
    """Ask torch about the first GPU, and have it compute something there.

    Raises:
        RuntimeError: CUDA cannot even be started.
    """
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')  # torch's own words on missing code
        free, total = torch.cuda.mem_get_info()
        memory = f'{free >> 20} of {total >> 20} MiB free'
        name, capability = torch.cuda.get_device_name(), torch.cuda.get_device_capability()
        codes = tuple(torch.cuda.get_arch_list())
        return Gpu(name, tuple(capability), memory, codes, _computing_error(torch))


def _computing_error(torch: Any) -> str:
    try:
        ones = torch.ones((64, 64), device='cuda')
        total = float((ones @ ones).sum().item())
    except RuntimeError as error:
        return str(error).partition('\n')[0] or type(error).__name__
    return '' if total == 64**3 else f'the sum of 64 x 64 x 64 ones was {total}'


def judge(gpu: Gpu, torch_version: str) -> tuple[str, str, str]:
    """Return the state ('ok' or 'broken'), what is to be said of the GPU, and the cure."""
    major, minor = gpu.capability
    own = f'sm_{major}{minor}'
    called = f'{gpu.name} ({own})'
    if not gpu.error:
        # Code for 8.0 runs on 8.6 and 8.9; on 8.7 it did with JetPack 7 and did not with 6.
        other = '' if own in gpu.codes else f'; torch holds no {own}, and computes there even so'
        return 'ok', f'{called}, {gpu.memory}{other}', ''
    held = ' '.join(gpu.codes) or 'nothing'
    if own in gpu.codes:
        cure = 'torch has code for it: look at its driver, and at what else uses it (nvidia-smi)'
    else:
        cure = CURES.get(own, f'install a torch that holds {own}: pytorch.org tells')
        cure += f'; get_arch_list() must name {own}. Until then: model.device:=cpu'
    return 'broken', f'{called}: {gpu.error}; torch {torch_version} holds {held}', cure
