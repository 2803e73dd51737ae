# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Whole training steps as CUDA graphs: for models so small that starting kernels takes the time.

A step there and back starts some thousand kernels, which keep a small model's GPU waiting;
recorded once for each combination of shapes, they start together. Few shapes come because
batches are filled up (``filled``), and nothing in a step waits for the device. On a CPU the same
steps run as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
import logging
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from training.models.learner import Learner

TEXT = 32
"""Texts are filled up to a multiple of so many tokens."""

MOST = 16
"""Combinations of shapes that are recorded; what comes beyond them is launched."""

SHARE = 4
"""What was seen of frames is filled up to a multiple of so small a share of a batch's rows."""

WARM_UP = 2
"""Steps of a combination that are launched before it is recorded."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Recording:
    """A recorded step.

    Attributes:
        given: tensors that it reads, by name.
        replay: starts it.
        told: what it writes: the losses, and the norm of the gradient.
    """

    given: dict[str, Tensor]
    replay: Callable[[], None]
    told: dict[str, Tensor]


class RecordedSteps:
    """Learns from batches, each step as one launch where that can be recorded."""

    def __init__(self, model: Learner, optimizer: torch.optim.Optimizer, clip: float) -> None:
        """Prepare.

        Args:
            model: whose losses are summed over labels; it computes them everywhere from now on.
            optimizer: AdamW that has made no step yet.
            clip: largest norm of the gradient.
        """
        model.everywhere = True
        self._model = model.train()
        self._optimizer = optimizer
        self._clip = clip
        self._trained = [p for p in model.parameters() if p.requires_grad]
        self._device = self._trained[0].device
        self._found: dict[Any, Recording] = {}
        self._seen: dict[Any, int] = {}
        self._can_record = self._device.type == 'cuda'
        if self._can_record:
            for group in optimizer.param_groups:
                group['capturable'] = True
                group['lr'] = torch.tensor(float(group['lr']), device=self._device)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Run on a stream of their own: what was launched on the usual one cannot be recorded."""
        if not self._can_record:
            yield
            return
        stream = torch.cuda.Stream(self._device)  # type: ignore[no-untyped-call]
        stream.wait_stream(torch.cuda.current_stream(self._device))
        with torch.cuda.stream(stream):
            yield
        torch.cuda.current_stream(self._device).wait_stream(stream)

    def __call__(
        self, batch: Any, counts: Mapping[str, Tensor], rates: list[float]
    ) -> dict[str, Tensor]:
        """Make a step; return the losses and the norm of the gradient, on the device.

        Args:
            batch: dataclass of tensors on the device.
            counts: labels of each loss, on the device.
            rates: the learning rate of each group of weights.
        """
        for group, rate in zip(self._optimizer.param_groups, rates, strict=True):
            if isinstance(group['lr'], Tensor):
                group['lr'].fill_(rate)
            else:
                group['lr'] = rate
        given = {**tensors_of(batch), **{f'{name} labels': n for name, n in counts.items()}}
        shapes = tuple((name, tensor.shape) for name, tensor in given.items())
        if shapes not in self._found:
            self._seen[shapes] = self._seen.get(shapes, 0) + 1
            few = len(self._found) < MOST
            if not self._can_record or not few or self._seen[shapes] <= WARM_UP:
                return self._step(batch, counts)
            try:
                self._found[shapes] = self._record(batch, counts, given)
            except RuntimeError as error:
                logger.warning('steps are launched, several times slower: %s', error)
                self._can_record = False
                return self._step(batch, counts)
        recording = self._found[shapes]
        for name, tensor in given.items():
            recording.given[name].copy_(tensor)
        recording.replay()
        return recording.told

    def _step(self, batch: Any, counts: Mapping[str, Tensor]) -> dict[str, Tensor]:
        self._optimizer.zero_grad(set_to_none=True)
        return self._learn(batch, counts)

    def _learn(self, batch: Any, counts: Mapping[str, Tensor]) -> dict[str, Tensor]:
        parts = {
            name: losses.sum() / counts[name].clamp(min=1)
            for name, losses in self._model(batch).items()
        }
        weights = self._model.weights
        loss = torch.stack([weights.get(name, 1.0) * part for name, part in parts.items()]).sum()
        loss.backward()  # type: ignore[no-untyped-call]
        norm = torch.nn.utils.clip_grad_norm_(self._trained, self._clip or float('inf'))
        self._optimizer.step()
        told = {name: part.detach() for name, part in parts.items()}
        return {**told, 'gradient_norm': norm.detach()}

    def _record(
        self, batch: Any, counts: Mapping[str, Tensor], given: dict[str, Tensor]
    ) -> Recording:
        ours = {name: tensor.clone() for name, tensor in given.items()}
        own_batch = replace(batch, **{name: ours[name] for name in tensors_of(batch)})
        own_counts = {name: ours[f'{name} labels'] for name in counts}
        self._optimizer.zero_grad(set_to_none=True)  # gradients are the graph's own
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            told = self._learn(own_batch, own_counts)
        logger.info('a step is recorded, of %s', {name: tuple(ours[name].shape) for name in ours})
        return Recording(ours, graph.replay, told)


def tensors_of(batch: Any) -> dict[str, Tensor]:
    """Return the tensors of a dataclass by name."""
    found = {part.name: getattr(batch, part.name) for part in fields(batch)}
    return {name: value for name, value in found.items() if isinstance(value, Tensor)}


def filled(batch: Any, fills: Mapping[str, int], rows: int) -> Any:
    """Fill a batch up, so that few different shapes come.

    Args:
        batch: dataclass of tensors.
        fills: field -> what it is filled up with: texts (B, T) of numbers to a multiple of TEXT
            tokens, what was seen of frames (F, ...) to a multiple of a SHARE of ``rows`` frames.
        rows: of a batch.
    """
    more: dict[str, Tensor] = {}
    for name, fill in fills.items():
        tensor = getattr(batch, name)
        if tensor is None:
            continue
        if tensor.is_floating_point():
            missing = (0, 0) * (tensor.ndim - 1) + (0, -len(tensor) % -(-rows // SHARE))
        else:
            missing = (0, -tensor.shape[1] % TEXT)
        more[name] = F.pad(tensor, missing, value=fill)
    return replace(batch, **more)
