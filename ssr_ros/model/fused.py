# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""One token through Qwen2.5's layers in few kernels.

A step of transformers' own code starts some 40 kernels a layer, most of them over 2,000 numbers:
they take longer than reading the layer's matrices. Here it is 5 to 8: attention with all that is
before it is one, and each of a layer's four matrices (q, k, v are one, and gate, up) is read by
the library or by a kernel of our own, with norm and gate in it, whichever the card does sooner.
The kernels are given, so that what is around them can be tried where there is no Triton.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
import importlib
from importlib.util import find_spec
import logging
from typing import Any, cast

import torch
from torch import Tensor
from torch.nn import functional as F

from ssr_ros.model.decode import logits_of
from ssr_ros.model.graphs import seconds_of
from ssr_ros.model.products import is_plain
from ssr_ros.model.scan.card import breaks
from ssr_ros.model.side_by_side import lay_side_by_side, read_together, Whole, whole_of

AGREEMENT = {torch.float32: 1e-3, torch.float16: 3e-2, torch.bfloat16: 1e-1}
"""Largest difference to transformers' own step, relative to the largest number of a token."""

QKV, ATTENDED, GATED, DOWN, HEAD = 'q k v', 'o', 'gate up', 'down', 'head'
PARTS = (QKV, ATTENDED, GATED, DOWN, HEAD)
"""The matrices of a step."""

Read = Callable[[Any, Tensor, Tensor, Tensor], Tensor]
"""From (cache, embeds (1, 1, width), positions (1, 1), mask (1, 1, 1, room)) to (1, 1, width) in
float32."""

logger = logging.getLogger(__name__)


class FusedRead:
    """Reads one token after a ``FixedCache``, and says what the head makes of it.

    Attributes:
        tiles: part of a step -> how our own kernel shares out its matrix; where there is none, the
            library reads it.
        early: kernels of ours ask for their weights before the one before has ended.
    """

    def __init__(self, model: Any, kernels: Any) -> None:
        """Take a model of transformers', head included, and the kernels."""
        self.tiles: dict[str, Any] = {}
        self.early = False
        self._model = model
        self._kernels = kernels
        self._turns: tuple[Tensor, Tensor] | None = None

    def __call__(self, cache: Any, embeds: Tensor, positions: Tensor, mask: Tensor) -> Tensor:
        """Return what the last norm makes of the token, (1, 1, width) float32.

        Args:
            cache: a ``FixedCache``; all places before the token's are seen.
            embeds: (1, 1, width).
            positions: (1, 1) int64, below the cache's room.
            mask: what the plain step is told; here it follows from the place.
        """
        language, kernels = self._model.model.language_model, self._kernels
        cos, sin = self._turned(cache.room, embeds)
        x, more = embeds.to(torch.float32, copy=True), None
        for layer, (keys, values) in zip(language.layers, cache.pairs, strict=True):
            x, (q, k, v) = self._queries(layer, x, more)
            given = (q, k, v, cos, sin, positions, cache.places, keys, values)
            q = kernels.attend(*given, early=self.early)
            more = self._through(ATTENDED, layer.self_attn.o_proj, q)
            x, more = self._gated(layer, x, more)
            more = self._through(DOWN, layer.mlp.down_proj, more)
        last = language.norm
        normed: Tensor = kernels.add_and_norm(
            x, more, last.weight, last.variance_epsilon, torch.float32
        )
        return normed

    def logits(self, hidden: Tensor) -> Tensor:
        """(1, width) float32 -> (1, vocabulary) float32, as ``logits_of``."""
        head, tile = self._model.lm_head, self.tiles.get(HEAD)
        if tile is None or not _own(head):
            return logits_of(self._model, hidden)
        # In float32 but for the weights: those that may win need no second look.
        given = (hidden, head.weight, tile, torch.float32)
        exact: Tensor = self._kernels.product(*given, early=self.early)
        return exact

    def _turned(self, room: int, embeds: Tensor) -> tuple[Tensor, Tensor]:
        """Return cosine and sine of every position that a cache has room for, (room, width)."""
        if self._turns is None or len(self._turns[0]) < room:
            every = torch.arange(room, device=embeds.device).expand(3, 1, -1)
            turns = self._model.model.language_model.rotary_emb(embeds, every)
            self._turns = turns[0][0].contiguous(), turns[1][0].contiguous()
        return self._turns

    def _queries(
        self, layer: Any, x: Tensor, more: Tensor | None
    ) -> tuple[Tensor, Sequence[Tensor]]:
        """Return the sums, and q, k and v."""
        modules, norm = read_together(layer)[0], layer.input_layernorm
        whole, tile = whole_of(modules), self.tiles.get(QKV)
        if whole is None:
            h = self._norm(x, more, norm)
            return x, [module(h) for module in modules]
        if tile is None:
            product = F.linear(self._norm(x, more, norm), whole.weight, whole.bias)
        else:
            x, product = self._normed(whole, norm, x, more, tile)
        return x, torch.split(product, list(whole.rows), dim=-1)

    def _gated(self, layer: Any, x: Tensor, more: Tensor | None) -> tuple[Tensor, Tensor]:
        """Return the sums, and what ``down_proj`` reads."""
        modules, norm = read_together(layer)[1], layer.post_attention_layernorm
        whole, tile = whole_of(modules), self.tiles.get(GATED)
        if whole is not None and whole.bias is None and tile is not None:
            return self._normed(whole, norm, x, more, tile, gates=True)
        h = self._norm(x, more, norm)
        if whole is None:
            both: Sequence[Tensor] = [module(h) for module in modules]
        else:
            product = F.linear(h, whole.weight, whole.bias)
            both = torch.split(product, list(whole.rows), dim=-1)
        return x, self._kernels.gated(*both)

    def _normed(
        self,
        whole: Whole,
        norm: Any,
        x: Tensor,
        more: Tensor | None,
        tile: Any,
        gates: bool = False,
    ) -> tuple[Tensor, Tensor]:
        """Return the sums, and what a kernel of ours makes of their norm."""
        given = (x, more, norm.weight, norm.variance_epsilon, whole.weight, whole.bias, tile)
        early = self.early and more is not None  # the first waits for all that was before the step
        found: tuple[Tensor, Tensor] = self._kernels.normed_product(
            *given, gates=gates, early=early
        )
        return found

    def _through(self, part: str, module: Any, x: Tensor) -> Tensor:
        tile = self.tiles.get(part)
        if tile is None or not _own(module):
            through: Tensor = module(x)
        else:
            through = self._kernels.product(x, module.weight, tile, x.dtype, early=self.early)
        return through

    def _norm(self, x: Tensor, more: Tensor | None, norm: Any) -> Tensor:
        epsilon, add_and_norm = norm.variance_epsilon, self._kernels.add_and_norm
        normed: Tensor = add_and_norm(x, more, norm.weight, epsilon, self._dtype)
        return normed

    def in_less_haste(self) -> FusedRead | None:
        """Return the same step with no kernel that begins early; None where none does anyway."""
        if not self.early:
            return None
        self.early = False
        return self

    def choose(self) -> dict[str, dict[Any, float]]:
        """Time every way through every matrix on this device, and take the quickest that agrees.

        Each is run over all layers, so that no cache holds the matrices. It takes a moment; the
        first time that a machine compiles the kernels, some seconds.

        Returns:
            Part -> tile -> seconds; None stands for the library.
        """
        return {part: self._choose(part) for part in PARTS if self._has(part)}

    def _choose(self, part: str) -> dict[Any, float]:
        run, device = self._over_all_layers(part), self._model.device
        expected, seconds = run(), {cast(Any, None): seconds_of(run, device)}
        for tile in self._kernels.TILES:
            self.tiles[part] = tile
            try:
                off = _off(run(), expected)
                if off < AGREEMENT[self._dtype]:
                    seconds[tile] = seconds_of(run, device)
                else:
                    logger.warning('%s by %s would differ by %.1e: left out', part, tile, off)
            except breaks() as error:
                logger.warning('%s by %s does not run: %s', part, tile, error)
        best = min(seconds, key=lambda tile: seconds[tile])
        self.tiles[part] = best
        told = ', '.join(f'{tile or "the library"} {1e3 * s:.3f}' for tile, s in seconds.items())
        logger.info('%s of a token, ms in all layers: %s', part, told)
        return seconds

    @property
    def _dtype(self) -> torch.dtype:
        dtype: torch.dtype = self._model.get_input_embeddings().weight.dtype
        return dtype

    def _has(self, part: str) -> bool:
        """Say whether the first layer's matrix is one that both ways read."""
        layer = self._model.model.language_model.layers[0]
        if part == HEAD:
            return _own(self._model.lm_head)
        if part in (QKV, GATED):
            whole = whole_of(read_together(layer)[part == GATED])
            return whole is not None and (part == QKV or whole.bias is None)
        return _own(layer.self_attn.o_proj if part == ATTENDED else layer.mlp.down_proj)

    def _over_all_layers(self, part: str) -> Callable[[], Tensor]:
        """Return what sends a token through one part of all layers, and returns the last's."""
        layers, head = self._model.model.language_model.layers, self._model.lm_head
        reads = {ATTENDED: layers[0].self_attn.o_proj, DOWN: layers[0].mlp.down_proj}
        columns = reads.get(part, head).weight.shape[1]  # the head's is the width of a token
        draw = torch.Generator().manual_seed(0)
        x = torch.randn(1, 1, columns, generator=draw).to(self._model.device)
        narrow = x.to(self._dtype)

        def through(layer: Any) -> Tensor:
            if part == QKV:
                return self._queries(layer, x, None)[1][0]
            if part == GATED:
                return self._gated(layer, x, None)[1]
            module = layer.self_attn.o_proj if part == ATTENDED else layer.mlp.down_proj
            return self._through(part, module, narrow)

        if part == HEAD:
            return lambda: self.logits(x[0])
        return lambda: [through(layer) for layer in layers][-1]


def _own(module: Any) -> bool:
    """Say whether a module is a plain matrix, without a bias."""
    return is_plain(module) and module.bias is None


def fused_read(model: Any, device: torch.device) -> FusedRead | None:
    """Return the quick way for a model that it knows; None without CUDA or Triton.

    Where there is one, the weights of the layers are laid side by side.
    """
    config = model.config.text_config
    width = config.hidden_size // config.num_attention_heads
    known = config.hidden_act == 'silu' and width & (width - 1) == 0
    if device.type != 'cuda' or not known or find_spec('triton') is None:
        return None
    try:
        kernels = importlib.import_module('ssr_ros.model.fused_kernels')
    except (ImportError, RuntimeError, OSError) as error:
        logger.warning('steps are launched kernel by kernel: Triton: %s', error)
        return None
    lay_side_by_side(model.model.language_model.layers)
    return FusedRead(model, kernels)


def settle(quick: FusedRead, plain: Read, given: tuple[Any, Tensor, Tensor, Tensor]) -> bool:
    """Choose who reads which matrix, and say whether the step then agrees with the plain one.

    Where it does not, it is tried once more with every matrix left to the library.
    """
    if not quick.tiles:
        try:
            quick.choose()
        except breaks() as error:
            logger.warning('the library reads all matrices of a token: %s', error)
            quick.tiles.clear()
    if agrees(quick, plain, given):
        _begin_early(quick, plain, given)
        return True
    if not any(quick.tiles.values()):
        return False
    quick.tiles.clear()
    return agrees(quick, plain, given)


def _begin_early(quick: FusedRead, plain: Read, given: tuple[Any, Tensor, Tensor, Tensor]) -> None:
    """Let kernels begin early where the card can (Hopper and later), and where that is quicker."""
    device, seconds = given[1].device, dict[bool, float]()
    if device.type != 'cuda' or torch.cuda.get_device_capability(device) < (9, 0):
        return
    try:
        for quick.early in (False, True):
            if not quick.early or agrees(quick, plain, given):
                seconds[quick.early] = seconds_of(lambda: quick(*given), device)
    except breaks() as error:
        logger.warning('no kernel begins early: %s', error)
    quick.early = len(seconds) == 2 and seconds[True] < seconds[False]
    told = ', '.join(f'{1e3 * each:.3f}' for each in seconds.values())
    logger.info('layers of a token, ms, and with kernels that begin early: %s', told)


def agrees(quick: Read, plain: Read, given: tuple[Any, Tensor, Tensor, Tensor]) -> bool:
    """Say whether the quick way runs here and gives what the plain one gives, and log why not."""
    try:
        found = quick(*given)
    except breaks() as error:
        logger.warning('a step is not fused: %s', error)
        return False
    off = _off(found, plain(*given))
    if not off < AGREEMENT[given[1].dtype]:
        logger.warning('a step is not fused: it would differ by %.1e of the largest number', off)
        return False
    logger.info('a step is fused (differs by %.1e of the largest number)', off)
    return True


def _off(found: Tensor, expected: Tensor) -> float:
    """Return the largest difference, relative to the largest number."""
    return float((found - expected).abs().max() / expected.abs().max())
