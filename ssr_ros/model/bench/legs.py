# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The ways that are compared, and what puts a reasoner into each of them for a while.

U0        the published order of work for every question, float32, its adapter beside the weights
U1        the same in the dtype of ours, the adapter merged
ours      a frame read once; every kernel launched by Python, Mamba's scan token by token
scan      ours, with the scan that this device has
graph     scan, with frame pass and decoding steps recorded as CUDA graphs
fused     graph, with a decoding step's layers in 5 to 8 kernels each
streams   fused, with CLIP, SigLIP and the vision-language model side by side
onnx      fused (scan on a CPU), the image networks in ONNX Runtime
int8      fused (scan on a CPU), the language model in 8 bits
int4      the same in 4
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, ExitStack
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
import logging
from pathlib import Path
from typing import Any

import torch
from torch import nn

from ssr_ros.errors import ConfigError, DeviceError, SsrError
from ssr_ros.model.bench.published import Published, with_adapter
from ssr_ros.model.graphs import MOST
from ssr_ros.model.memory import bytes_there
from ssr_ros.model.onnx.export import write_network
from ssr_ros.model.onnx.session import OnnxNetwork, pick_provider
from ssr_ros.model.quantised import quantisable, quantise, QuantisedLinear
from ssr_ros.model.reasoner import Reasoner
from ssr_ros.model.scan import plain_scan, scan
from ssr_ros.model.static import StaticDecoder
from ssr_ros.model.towers import TokensOf, TowerOfGrid
from ssr_ros.model.vlm import VisionLanguageModel
from ssr_ros.model.wide import dtype_of, keep_sums_wide
from ssr_ros.rgbd import RgbdFrame

LEGS = ('U0', 'U1', 'ours', 'scan', 'graph', 'fused', 'streams', 'onnx', 'int8', 'int4')

Way = Callable[[], AbstractContextManager[object]]

BROKEN = (SsrError, RuntimeError, AssertionError, AttributeError, TypeError, ValueError)
"""What a way raises that this device or these libraries do not know: the others go on."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False, kw_only=True)
class Leg:
    """One way.

    Attributes:
        put: while its context lasts, the reasoner is this way.
        launched: the same without graphs, where every operation can be counted.
        published: answers the published way; None for ours.
        exact: in float32 it gives the tokens of ours, every one.
    """

    put: Way
    launched: Way
    published: Published | None = None
    exact: bool = True


def check_names(wanted: Sequence[str]) -> None:
    """Refuse what is no leg.

    Raises:
        ConfigError: there is no such leg.
    """
    for name in wanted:
        if name not in LEGS:
            raise ConfigError(f'leg {name!r:.40}: expected some of {", ".join(LEGS)}')


def make_legs(
    reasoner: Reasoner, wanted: Sequence[str], frame: RgbdFrame, folder: Path
) -> tuple[dict[str, Leg], dict[str, str]]:
    """Return name -> leg, and for those that cannot run here name -> why.

    Args:
        reasoner: whose ways they are.
        wanted: of LEGS.
        frame: that will be asked about.
        folder: for what a leg has to write.

    Raises:
        ConfigError: there is no such leg.
    """
    check_names(wanted)
    made: dict[str, Leg] = {}
    why: dict[str, str] = {}
    for name in (name for name in LEGS if name in wanted):
        try:
            made[name] = _leg(reasoner, name, frame, folder)
        except SsrError as error:
            why[name] = str(error)
        except BROKEN as error:
            why[name] = broken(name, error)
    return made, why


def broken(name: str, error: Exception) -> str:
    """Log where a leg broke, and return why in a line."""
    logger.error('leg %s is left out', name, exc_info=error)
    return f'{type(error).__name__}: {error}'.partition('\n')[0][:200]


def _leg(reasoner: Reasoner, name: str, frame: RgbdFrame, folder: Path) -> Leg:
    if name in ('U0', 'U1'):
        return _published(reasoner, name)
    if name == 'ours':
        ours = _ours(reasoner, plain_scan)
        return Leg(put=ours, launched=ours)
    launched = _ours(reasoner, scan)
    if name == 'scan':
        return Leg(put=launched, launched=launched)
    if name in ('graph', 'streams', 'fused') and reasoner.device.type != 'cuda':
        raise DeviceError('CUDA graphs, streams and fused steps are for CUDA')
    recorded = launched
    if reasoner.device.type == 'cuda':
        decoder = _own_decoder(reasoner)
        if name == 'graph':
            decoder.quick = None
        recorded = _ours(reasoner, scan, decoder, graphs=MOST)
    if name == 'graph':
        return Leg(put=recorded, launched=launched)
    if name == 'fused':
        if decoder.quick is None:
            raise DeviceError('there is no Triton, or this model is of another kind')
        return Leg(put=recorded, launched=launched)
    makers: dict[str, Callable[[], Way]] = {
        'streams': lambda: partial(_set, reasoner.lanes, 'apart', True),
        'onnx': lambda: _onnx(reasoner, frame, folder),
        'int8': lambda: _in_bits(reasoner, 8),
        'int4': lambda: _in_bits(reasoner, 4),
    }
    add = makers[name]()
    exact = name in ('streams', 'onnx')
    return Leg(put=_both(recorded, add), launched=_both(launched, add), exact=exact)


def _own_decoder(reasoner: Reasoner) -> StaticDecoder:
    """Return a decoder of a leg's own: what is recorded in it are that leg's modules."""
    vlm = reasoner.vlm
    if not StaticDecoder.fits(vlm.model):
        raise ConfigError('not every layer of this model sees all tokens: it cannot be recorded')
    return StaticDecoder(vlm.model, vlm.plain.penalty, vlm.plain.end_ids)


def _both(one: Way, other: Way) -> Way:
    @contextmanager
    def put() -> Iterator[None]:
        with one(), other():
            yield

    return put


def _ours(
    reasoner: Reasoner, which: Any, decoder: StaticDecoder | None = None, graphs: int = 0
) -> Way:
    """Return what sets scan, decoder, and how many shapes of a stage are recorded."""
    stages = [
        (owner, name, getattr(owner, name).anew(graphs)) for owner, name in reasoner.stages()
    ]
    mixers: list[Any] = [layer.mixer for layer in reasoner.midi.mamba.backbone.layers]

    @contextmanager
    def put() -> Iterator[None]:
        with ExitStack() as stack:
            for mixer in mixers:
                stack.enter_context(_set(mixer, 'scan', which))
            stack.enter_context(_set(reasoner.vlm, 'static', decoder))
            for owner, name, stage in stages:
                stack.enter_context(_set(owner, name, stage))
            stack.enter_context(_set(reasoner.lanes, 'apart', False))
            yield

    return put


def _published(reasoner: Reasoner, name: str) -> Leg:
    its = reasoner if name == 'U1' else _in_float32(reasoner)
    published, put = Published(its), _ours(its, plain_scan)
    if name == 'U0':
        put = _both(put, lambda: with_adapter(published.language))
    return Leg(put=put, launched=put, published=published)


def _in_float32(reasoner: Reasoner) -> Reasoner:
    """Return the same SSR in float32, as shipped; beside the other where that is not."""
    models = (reasoner.vlm.model, reasoner.image_encoder.model, reasoner.depth_encoder.model)
    if all(dtype_of(model) == torch.float32 for model in models):
        return reasoner
    needed = 4 * sum(p.numel() for model in models for p in model.parameters())
    there = bytes_there(reasoner.device)
    if there is not None and 1.1 * needed > there:
        raise DeviceError(f'float32 takes {needed / 1e9:.1f} GB more, {there / 1e9:.1f} are free')
    vlm, image, depth = (_copy(model, reasoner.device) for model in models)
    return Reasoner(
        reasoner.image_encoder.with_model(image),
        reasoner.depth_encoder.with_model(depth),
        reasoner.midi,
        reasoner.midi_tokenizer,
        VisionLanguageModel(vlm, reasoner.vlm.prompt),
        reasoner.n_tor,
        reasoner.trained,
        reasoner.description,
    )


def _in_bits(reasoner: Reasoner, bits: int) -> Way:
    """Return what puts weights of 8 or 4 bits into the language model for a while."""
    model: Any = reasoner.vlm.model
    if dtype_of(model) == torch.float32:
        raise ConfigError('weights of few bits want 16 beside them: --dtype bfloat16')
    made = []
    for name, linear in quantisable(model, bits):
        module = QuantisedLinear(linear, bits)
        for key, tensor in quantise(linear.weight, bits).items():
            setattr(module, key, tensor.to(linear.weight.dtype if key == 'scales' else tensor))
        made.append((model.get_submodule(name.rpartition('.')[0]), name, module))
    if not made:
        raise ConfigError('no matrix of this language model can be quantised, or all are')

    @contextmanager
    def put() -> Iterator[None]:
        with ExitStack() as stack:
            for parent, name, module in made:
                stack.enter_context(_set(parent, name.rpartition('.')[2], module))
            yield

    return put


def _onnx(reasoner: Reasoner, frame: RgbdFrame, folder: Path) -> Way:
    """Write the three image networks and return what puts them in the places of torch's."""
    device, vlm = reasoner.device, reasoner.vlm
    provider = pick_provider('', device)
    prompt = vlm.prompt.image(frame.rgb)
    image, depth = reasoner.image_encoder, reasoner.depth_encoder
    places: list[tuple[Any, str, str, nn.Module, torch.Tensor]] = [
        (image, 'model', 'clip', TokensOf(_on_cpu(image.model)), _square(image)),
        (depth, 'model', 'siglip', TokensOf(_on_cpu(depth.model)), _square(depth)),
        (
            vlm,
            'tower',
            'tower',
            TowerOfGrid(_on_cpu(vlm.model.model.visual), prompt.grid),
            prompt.pixel_values,
        ),
    ]
    dtype = 'float16' if device.type == 'cuda' else 'float32'
    made = []
    for owner, place, name, network, pixels in places:
        path = folder / f'{name}.onnx'
        entry = write_network(network, pixels, path, 'none', dtype)
        config = getattr(getattr(owner, 'model', None), 'config', None)
        made.append((owner, place, OnnxNetwork(path, entry, device, provider, config)))

    @contextmanager
    def put() -> Iterator[None]:
        with ExitStack() as stack:
            for owner, place, network in made:
                stack.enter_context(_set(owner, place, network))
            yield

    return put


def _on_cpu(model: Any) -> Any:
    if model.device.type == 'cpu' and dtype_of(model) == torch.float32:
        return model
    return _copy(model, torch.device('cpu'))


def _copy(model: Any, device: torch.device) -> Any:
    """Return the same in float32."""
    copy = deepcopy(model).to(device, torch.float32)
    keep_sums_wide(copy)
    return copy


def _square(encoder: Any) -> torch.Tensor:
    side = encoder.model.config.image_size
    return torch.randn(1, 3, side, side, generator=torch.Generator().manual_seed(0))


@contextmanager
def _set(owner: Any, name: str, value: object) -> Iterator[None]:
    before = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, before)
