# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Started twice by torchrun: train sharded (FSDP2) and whole, save, restore, and compare.

Usage: sharded_run.py UNTRAINED DATA OUT
"""

from pathlib import Path
import sys

import torch
from torch import distributed
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard

from ssr_ros.settings import build
from training import stage1
from training.run import launch, state
from training.run.settings import Stage1Settings

untrained, data, out = sys.argv[1:]
config = build(
    Stage1Settings,
    {'model': {'start': untrained, 'bf16': True}, 'data': {'train': [data]}},
)
stage = launch.start(config)
rank = stage.accelerator.process_index
mesh = init_device_mesh('cpu', (stage.accelerator.num_processes,))


def build_model(sharded):
    torch.manual_seed(0)
    plan = stage1.build(stage)
    model, (samples, _) = plan.model, plan.samples
    if sharded:
        for module in list(model.modules()):
            if type(module).__name__ == 'Qwen2_5_VLDecoderLayer':
                fully_shard(module, mesh=mesh)
        fully_shard(model, mesh=mesh)
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-3)
    return model, optimizer, samples


def step(model, optimizer, samples, first, sharded=True):
    batch = model.collate([samples[first + 2 * rank], samples[first + 2 * rank + 1]])
    losses = model(batch)
    sum(losses[name].sum() / count for name, count in model.labels(batch).items()).backward()
    for parameter in model.parameters():
        if parameter.grad is not None and not sharded:
            distributed.all_reduce(parameter.grad)
            parameter.grad /= mesh.size()
    optimizer.step()
    optimizer.zero_grad()


whole, plain_optimizer, samples = build_model(sharded=False)
shards, optimizer, _ = build_model(sharded=True)
step(whole, plain_optimizer, samples, 0, sharded=False)
step(shards, optimizer, samples, 0)
saved = state.gather(shards, optimizer)
if rank == 0:
    Path(out).mkdir()
    state.write(saved, Path(out))
    trained = {n: p for n, p in whole.named_parameters() if p.requires_grad}
    assert trained.keys() == saved.model.keys()
    worst = max(float((trained[n] - saved.model[n]).detach().abs().max()) for n in trained)
    assert worst < 1e-6, worst
distributed.barrier()
again, other_optimizer, _ = build_model(sharded=True)
state.restore(again, other_optimizer, Path(out))
step(shards, optimizer, samples, 4)
step(again, other_optimizer, samples, 4)
ours, theirs = state.gather(again, other_optimizer), state.gather(shards, optimizer)
if rank == 0:
    for a, b in ((ours.model, theirs.model), (ours.moments, theirs.moments)):
        assert a.keys() == b.keys() and a
        assert all(torch.equal(a[name], b[name]) for name in a)
    print('sharded training is exact')
distributed.destroy_process_group()
