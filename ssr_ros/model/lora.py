# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Merge the released LoRA adapter into its base model.

Done here rather than with peft because the released adapter names modules as they were called
before transformers 5: ``PeftModel.from_pretrained`` then loads nothing and only warns. Here every
tensor finds its module or is named in an error, and the merged model runs at the base's speed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
import math
from pathlib import Path
from typing import Any

import regex
import torch
from torch import nn

from ssr_ros.errors import CheckpointError, TensorMismatchError
from ssr_ros.model.checkpoint import check_finite, reading, TensorFiles
from ssr_ros.model.folder import read_json
from ssr_ros.model.pretrained import room_for

RENAMED = (
    ('base_model.model.model.layers.', 'model.language_model.layers.'),
    ('base_model.model.model.language_model.', 'model.language_model.'),
    ('base_model.model.visual.', 'model.visual.'),
    ('base_model.model.model.visual.', 'model.visual.'),
)
"""Prefixes in adapter files, of transformers 4 and of 5, and what they are called now."""

NOW = ('model.language_model.', 'model.visual.')

DESCRIPTIVE = (
    'auto_mapping',
    'base_model_name_or_path',
    'inference_mode',
    'lora_dropout',
    'megatron_core',
    'peft_version',
    'qalora_group_size',
    'revision',
    'runtime_config',
    'task_type',
)
"""Settings that change nothing in what a merge means."""

READ = ('lora_alpha', 'peft_type', 'r', 'target_modules', 'use_rslora')

PLAIN = {'bias': ('none',), 'init_lora_weights': (True, 'gaussian', 'orthogonal', 'eva')}
"""Settings that have more than an empty value with which a merge means ``W + scale B A``. PiSSA,
OLoRA, CorDA, LoftQ and LoRA-GA begin by changing the base weights, which nobody has here."""

REGEX_TIMEOUT_S = 1.0

MERGE_ROWS = 256
"""Rows of a weight that are merged at once: their float32 copy stays in the cache."""


def module_of(tensor_name: str) -> tuple[str, str] | None:
    """Return (module, 'A' or 'B') that an adapter tensor is for, or None for another tensor."""
    for old, new in RENAMED:
        for side in 'AB':
            suffix = f'.lora_{side}.weight'
            if tensor_name.startswith(old) and tensor_name.endswith(suffix):
                return new + tensor_name[len(old) : -len(suffix)], side
    return None


def now_called(stored: str) -> str:
    """Return what a tensor of the VLM's own files is called in the model."""
    for old, new in RENAMED:
        before = old.removeprefix('base_model.model.')
        if stored.startswith(before):
            return new + stored[len(before) :]
    if stored.startswith('model.') and not stored.startswith(NOW):
        return 'model.language_model.' + stored.removeprefix('model.')
    return stored


def plan(
    shapes: dict[str, tuple[int, ...]], model: nn.Module, config: AdapterConfig, source: str
) -> dict[str, dict[str, str]]:
    """Match adapter tensors with the linear modules that they change.

    Returns:
        module name -> {'A': tensor name, 'B': tensor name}.

    Raises:
        TensorMismatchError: a tensor has no module or the wrong shape, or a module that
            ``target_modules`` names has no tensors.
    """
    linears = {n: m for n, m in model.named_modules() if isinstance(m, nn.Linear)}
    pairs: dict[str, dict[str, str]] = {name: {} for name in linears if config.targets(name)}
    unexpected = []
    for name in shapes:
        target = module_of(name)
        if target is None or target[0] not in pairs or target[1] in pairs[target[0]]:
            unexpected.append(name)
        else:
            pairs[target[0]][target[1]] = name
    missing: list[str] = []
    wrong: dict[str, tuple[tuple[int, ...], tuple[int, ...]]] = {}
    rank = config.rank
    for module, pair in pairs.items():
        missing += [f'lora_{side} of {module}' for side in 'AB' if side not in pair]
        if len(pair) == 2:
            linear = linears[module]
            expected = {'A': (rank, linear.in_features), 'B': (linear.out_features, rank)}
            wrong |= {
                pair[side]: (expected[side], shapes[pair[side]])
                for side in 'AB'
                if shapes[pair[side]] != expected[side]
            }
    if missing or unexpected or wrong or not pairs:
        raise TensorMismatchError(source, missing if pairs else ['all'], unexpected, wrong)
    return pairs


@dataclass(frozen=True, kw_only=True)
class AdapterConfig:
    """What of ``adapter_config.json`` a merge needs.

    Attributes:
        rank: of every product.
        scale: of every product.
        target_modules: ends of module names, a regular expression for whole ones, or 'all-linear'.
    """

    rank: int
    scale: float
    target_modules: tuple[str, ...] | str

    def targets(self, module: str) -> bool:
        """Say whether a linear module is one of those that were trained, under any of its names.

        Raises:
            TimeoutError: the regular expression takes too long.
        """
        if self.target_modules == 'all-linear':
            return not module.endswith('lm_head')
        return any(self._names(name) for name in _names_of(module))

    def _names(self, name: str) -> bool:
        if isinstance(self.target_modules, str):
            return bool(regex.fullmatch(self.target_modules, name, timeout=REGEX_TIMEOUT_S))
        return any(name == end or name.endswith('.' + end) for end in self.target_modules)


def _names_of(module: str) -> set[str]:
    """Return what a module is called now, and what it was called when the adapter was trained."""
    old = {
        before.removeprefix('base_model.model.') + module.removeprefix(now)
        for before, now in RENAMED
        if module.startswith(now)
    }
    return {module, *old}


def read_config(folder: Path) -> AdapterConfig:
    """Read the settings of an adapter that a plain merge can express.

    Raises:
        CheckpointError: it is another kind of adapter, or a setting is missing or impossible.
    """
    path = folder / 'adapter_config.json'
    config = read_json(path)
    kind = config.get('peft_type')
    if kind != 'LORA':
        raise CheckpointError(f'{path}: peft_type: expected LORA, got {kind!r:.80}')
    for key, value in config.items():
        plain: tuple[Any, ...] = (None, False, [], {}, '', *PLAIN.get(key, ()))
        if key not in (*DESCRIPTIVE, *READ) and value not in plain:
            raise CheckpointError(
                f'{path}: {key}={value!r:.80} is not supported: merge this adapter with peft and '
                'save the merged model'
            )
    rank, alpha, targets = config.get('r'), config.get('lora_alpha'), config.get('target_modules')
    if not isinstance(rank, int) or rank < 1:
        raise CheckpointError(f'{path}: r: expected a whole number above 0, got {rank!r:.80}')
    if not isinstance(alpha, (int, float)) or alpha <= 0:
        raise CheckpointError(f'{path}: lora_alpha: expected a number above 0, got {alpha!r:.80}')
    if isinstance(targets, list) and all(isinstance(each, str) for each in targets):
        targets = tuple(targets)
    if not targets or not isinstance(targets, (str, tuple)):
        raise CheckpointError(f'{path}: target_modules: expected names, got {targets!r:.80}')
    if isinstance(targets, str):
        try:
            regex.compile(targets)
        except regex.error as error:
            raise CheckpointError(f'{path}: target_modules: {targets!r:.80}: {error}') from error
    root = math.sqrt(rank) if config.get('use_rslora') else rank
    return AdapterConfig(rank=rank, scale=alpha / root, target_modules=targets)


class StockWeights:
    """The weights that an adapter changed, as they were before: kept to be put in its place.

    They take as much memory again (on a CPU they may stay in their files); putting them in place
    takes none and no time, for only pointers change. The decoder that records CUDA graphs must
    not run meanwhile.
    """

    def __init__(self) -> None:
        self._weights: dict[nn.Parameter, torch.Tensor] = {}

    def keep(self, parameter: nn.Parameter) -> None:
        """Keep the values of a weight that is about to get others."""
        self._weights[parameter] = parameter.data

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Run on the stock weights."""
        self._swap()
        try:
            yield
        finally:
            self._swap()

    def _swap(self) -> None:
        for parameter, other in self._weights.items():
            self._weights[parameter] = parameter.data
            parameter.data = other


@torch.no_grad()
def merge_adapter(model: nn.Module, folder: Path, stock: StockWeights | None = None) -> int:
    """Add ``scale * B @ A`` of every adapter pair to its weight, in float32, pair by pair.

    Args:
        model: whose weights are changed.
        folder: the adapter.
        stock: gets the weights as they were, where they are wanted.

    Returns:
        The number of adapter tensors merged: all that the folder holds.

    Raises:
        TensorMismatchError: a tensor has no module or the wrong shape, or a module that
            ``target_modules`` names has no tensors.
        CheckpointError: the files cannot be read, the adapter is not plain LoRA, or a value in it
            is not finite.
    """
    adapter = Adapter(folder, model)
    for module in adapter.pairs:
        weight = model.get_submodule(module).get_parameter('weight')
        adapter.merge(module, weight, weight.data, stock)
    return len(adapter.files.shapes)


def add_product(
    weight: torch.Tensor, a: torch.Tensor, b: torch.Tensor, scale: float, dtype: torch.dtype
) -> torch.Tensor:
    """Return a weight with ``scale * B @ A`` added, in float32 where it is, block by block.

    The weight stays as it is: it may lie in a file. The sum alone is rounded to ``dtype``.
    """
    a, b = (side.to(weight.device, torch.float32) for side in (a, b))
    wide = a.new_empty(min(MERGE_ROWS, len(weight)), weight.shape[1])  # one for all blocks
    merged = room_for(weight, dtype)
    blocks = (torch.split(each, len(wide)) for each in (weight, b, merged))
    for block, own, out in zip(*blocks, strict=True):
        out.copy_(wide[: len(block)].copy_(block).addmm_(own, a, alpha=scale))
    return merged


class Adapter:
    """The pairs of an adapter, and the modules of a model that they are for.

    Attributes:
        files: of the adapter.
        pairs: module name -> {'A': tensor name, 'B': tensor name}.
    """

    def __init__(self, folder: Path, model: nn.Module) -> None:
        """Match every tensor with a module; the model may be without weights.

        Raises:
            TensorMismatchError: a tensor has no module or the wrong shape, or a module that
                ``target_modules`` names has no tensors.
            CheckpointError: the files cannot be read, or the adapter is not plain LoRA.
        """
        self.files = TensorFiles(folder)
        self._config = read_config(folder)
        with reading(folder):
            self.pairs = plan(self.files.shapes, model, self._config, str(folder))

    @torch.no_grad()
    def merged(
        self, module: str, weight: torch.Tensor, dtype: torch.dtype | None = None
    ) -> torch.Tensor:
        """Return a module's weight with its product added, block by block.

        Args:
            module: of the model.
            weight: its own, in any dtype; it stays as it is.
            dtype: of the sum; None: the weight's.

        Raises:
            CheckpointError: a file is broken, or a value in it is not finite.
        """
        a, b = (self._side(module, side) for side in 'AB')
        return add_product(weight, a, b, self._config.scale, dtype or weight.dtype)

    def merge(
        self,
        name: str,
        parameter: nn.Parameter,
        stored: torch.Tensor,
        stock: StockWeights | None,
    ) -> None:
        """Give a parameter its merged values, where the adapter changes it.

        Args:
            name: of the parameter in the model.
            parameter: gets the values.
            stored: what it was made of, with all its digits: they are rounded once, merged.
            stock: gets the weight as it was, where that is wanted.

        Raises:
            CheckpointError: a file is broken, or a value in it is not finite.
        """
        module = name.removesuffix('.weight')
        if module in self.pairs:
            if stock is not None:
                stock.keep(parameter)
            parameter.data = self.merged(module, stored, parameter.dtype)

    def _side(self, module: str, side: str) -> torch.Tensor:
        name = self.pairs[module][side]
        tensor = self.files.tensor(name)
        check_finite(name, tensor, self.files.source)
        return tensor
