# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What a stage does, counted: what the host starts, multiplications, bytes read and written."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
import os
import re
from typing import Any

import torch
from torch import Tensor
from torch.profiler import profile, ProfilerActivity, record_function
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import FlopCounterMode

from ssr_ros.model.reasoner import Reasoner
from ssr_ros.model.trace import Trace

MARK = 'stage: '
LAUNCHES = ('cudaLaunchKernel', 'cuLaunchKernel', 'cudaGraphLaunch', 'cudaMemcpy', 'cudaMemset')
"""How the calls begin that hand something to a GPU."""

NO_WORK = re.compile(
    'aten::(view|reshape|as_strided|empty|empty_like|empty_strided|new_empty|resolve_conj|'
    'resolve_neg|slice|select|split|split_with_sizes|transpose|t|to|contiguous|unsqueeze|expand|'
    'expand_as|permute|detach|lift_fresh|_unsafe_view|_reshape_alias|narrow|chunk|unbind|squeeze|'
    'result_type|is_nonzero|item|set_|alias|flatten|unflatten|view_as|movedim)'
)
"""Operations that only look at a tensor in another way, or make room."""

ATTENTION = tuple(
    getattr(torch.ops.aten, f'_scaled_dot_product_{kind}')
    for kind in (
        'flash_attention_for_cpu',
        'flash_attention',
        'efficient_attention',
        'cudnn_attention',
    )
)
"""Each with its counter here: torch 2.11 refuses heads that share keys, and knows no CPU."""

LOOKED_UP = ('embedding', 'index_select', 'gather', 'index')
"""They read of their first tensor what they return, not all of it."""


@dataclass(frozen=True)
class Work:
    """What a stage of one answer does.

    Attributes:
        flops: of products, convolutions and attention.
        bytes: that its operations read and write; a scan is one operation.
    """

    flops: int = 0
    bytes: int = 0


def count_launches(reasoner: Reasoner, call: Callable[[], object]) -> dict[str, int]:
    """Return stage -> what the host starts in it: GPU calls, or on a CPU operations that work."""
    os.environ.setdefault('KINETO_LOG_LEVEL', '99')  # it would talk of itself on stderr
    activities = [ProfilerActivity.CPU]
    on_cuda = reasoner.device.type == 'cuda'
    if on_cuda:
        activities.append(ProfilerActivity.CUDA)
    with _tracing(reasoner, _MarkedTrace), profile(activities=activities) as profiled:
        call()
    found: Counter[str] = Counter()
    for event in profiled.events() or ():
        if event.name.startswith(MARK) and 'CPU' in str(event.device_type):
            found[event.name.removeprefix(MARK)] += sum(
                _starts(inner, on_cuda) for inner in _below(event)
            )
    return dict(found)


def count_work(reasoner: Reasoner, call: Callable[[], object]) -> dict[str, Work]:
    """Return stage -> its work; the call must launch everything itself, without graphs."""
    made: list[_CountingTrace] = []

    def new_trace(device: torch.device) -> Trace:
        made.append(_CountingTrace(device))
        return made[-1]

    mixers: list[Any] = [layer.mixer for layer in reasoner.midi.mamba.backbone.layers]
    scans = [mixer.scan for mixer in mixers]

    def counted(scan: Callable[..., tuple[Tensor, Tensor]]) -> Any:
        def run(*given: Tensor) -> tuple[Tensor, Tensor]:
            with made[-1].bytes.paused():
                results = scan(*given)
            made[-1].bytes.add((*given, *results))
            return results

        return run

    for mixer in mixers:
        mixer.scan = counted(mixer.scan)
    try:
        with _tracing(reasoner, new_trace):
            call()
    finally:
        for mixer, scan in zip(mixers, scans, strict=True):
            mixer.scan = scan
    stages: dict[str, Work] = defaultdict(Work)
    for trace in made:
        for name, work in trace.stages.items():
            before = stages[name]
            stages[name] = Work(before.flops + work.flops, before.bytes + work.bytes)
    return dict(stages)


@contextmanager
def timing_by(reasoner: Reasoner, clock: Callable[[], float]) -> Iterator[None]:
    """Time the stages of a reasoner on a CPU by a clock of seconds."""

    def new_trace(device: torch.device) -> Trace:
        trace = Trace(device)
        trace.clock = clock
        return trace

    with _tracing(reasoner, new_trace):
        yield


class _MarkedTrace(Trace):
    """Marks its stages for the profiler."""

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        with super().stage(name), record_function(MARK + name):
            yield


class _CountingTrace(Trace):
    """Counts the work of its stages."""

    def __init__(self, device: torch.device) -> None:
        super().__init__(device)
        self.bytes = _Bytes()
        self.stages: dict[str, Work] = defaultdict(Work)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        self.bytes.total = 0
        flops = flop_counter()
        with super().stage(name), flops, self.bytes:
            yield
        before = self.stages[name]
        self.stages[name] = Work(
            before.flops + flops.get_total_flops(), before.bytes + self.bytes.total
        )


class _Bytes(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Adds up what operations read and write."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.total = 0
        self._counting = True

    @contextmanager
    def paused(self) -> Iterator[None]:
        self._counting = False
        try:
            yield
        finally:
            self._counting = True

    def add(self, tensors: tuple[Any, ...]) -> None:
        self.total += sum(each.nbytes for each in tensors if isinstance(each, Tensor))

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        results = func(*args, **(kwargs or {}))
        if self._counting and not func.is_view:
            made = results if isinstance(results, (tuple, list)) else (results,)
            lists = (each for each in args if isinstance(each, (tuple, list)))
            read = (*args, *(each for many in lists for each in many))
            name = func.overloadpacket.__name__
            self.add((*(made if name in LOOKED_UP else read), *made))
        return results


def flop_counter() -> FlopCounterMode:
    """Return what counts operations of products, convolutions and attention while it lasts."""
    return FlopCounterMode(display=False, custom_mapping=dict.fromkeys(ATTENTION, _of_attention))


def _of_attention(q: Any, k: Any, v: Any, *_: Any, **__: Any) -> int:
    """Count from shapes (batch, heads, tokens, width); queries of several heads may share keys."""
    batch, heads, tokens, width = q
    return int(2 * batch * heads * tokens * k[2] * (width + v[3]))


@contextmanager
def _tracing(reasoner: Reasoner, new_trace: Callable[[torch.device], Trace]) -> Iterator[None]:
    before, reasoner.new_trace = reasoner.new_trace, new_trace
    try:
        yield
    finally:
        reasoner.new_trace = before


def _below(event: Any) -> Iterator[Any]:
    """Yield all that was called in an event."""
    for child in event.cpu_children:
        yield child
        yield from _below(child)


def _starts(event: Any, on_cuda: bool) -> bool:
    """Say whether an event is one launch; of nested operations the innermost is."""
    if on_cuda:
        return bool(event.name.startswith(LAUNCHES))
    works = event.name.startswith('aten::') and not NO_WORK.fullmatch(event.name)
    return works and not any(_starts(inner, False) for inner in _below(event))
