# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""How long a frame and an answer take, at true size with random weights, way by way.

    python benchmarks/latency.py --shape 3b --device cuda --dtype bfloat16 [--json]
    python benchmarks/latency.py --shape rehearsal            # the same on a CPU, in seconds

One process, and the ways take turns, so that what slows the machine slows all of them:

U0        the published order of work for every question, its adapter beside the weights
          (as shipped with --dtype float32)
U1        the same, the adapter merged
plain     every kernel launched by Python, Mamba's scan token by token
scan      the scan that this device has
recorded  and, on CUDA, frame pass and decoding steps as CUDA graphs
fused     and norms and MLPs compiled (CUDA only)
int8,     recorded, with the language model in 8 or 4 bits (in 16-bit dtypes; --quantised)
int4

Medians over the rounds, and the same tokens asked for from each.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
import json
from pathlib import Path
from statistics import median
import sys
from time import perf_counter
from typing import Any

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.machine import machine
from benchmarks.published import Published, with_adapter
from benchmarks.true_size import language_bytes, random_reasoner, SHAPES
from ssr_ros.errors import SsrError
from ssr_ros.model import Reasoner
from ssr_ros.model.load import DTYPES, pick_device
from ssr_ros.model.quantised import quantisable, quantise, QuantisedLinear
from ssr_ros.model.scan import plain_scan, scan
from ssr_ros.model.static import StaticDecoder
from ssr_ros.rgbd import CameraIntrinsics, RgbdFrame

QUESTION = 'How far is the red box from the camera, and is it nearer than the blue ball?'


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('--shape', choices=SHAPES, default='rehearsal')
    parser.add_argument('--device', default='auto')
    parser.add_argument('--dtype', choices=DTYPES, default='float32')
    parser.add_argument('--tokens', type=int, default=64)
    parser.add_argument('--quantised', action='store_true', help='the ways int8 and int4, too')
    parser.add_argument('--rounds', type=int, default=3)
    parser.add_argument('--json', action='store_true', help='print one json object instead')
    options = parser.parse_args()
    try:
        device = pick_device(options.device)
    except SsrError as error:
        print(error, file=sys.stderr)
        return 2
    reasoner = random_reasoner(options.shape, device, DTYPES[options.dtype])
    result = measure(reasoner, options.tokens, options.rounds, options.quantised)
    result |= {'shape': options.shape, 'dtype': options.dtype, 'machine': _where(device)}
    if options.json:
        print(json.dumps(result))
    else:
        print_table(result)
    return 0 if result['same_tokens'] else 1


def measure(
    reasoner: Reasoner, n_tokens: int, rounds: int, quantised: bool = False
) -> dict[str, Any]:
    """Time every way in turn; the first round of each is thrown away."""
    frame = _frame()
    prepared = ways(reasoner)
    published = Published(reasoner)
    language = reasoner.vlm.model
    swapped = {f'int{bits}': in_bits(language, bits) for bits in (8, 4)} if quantised else {}
    names = ['U0', 'U1', *prepared, *swapped]
    rows: dict[str, list[dict[str, float]]] = {name: [] for name in names}
    tokens: dict[str, tuple[int, ...]] = {}
    for number in range(rounds + 1):
        for name in names:
            if name in ('U0', 'U1'):
                with with_adapter(language) if name == 'U0' else nullcontext():
                    row, tokens[name] = _published(published, frame, n_tokens)
            else:
                prepared.get(name, prepared['recorded'])()
                with swapped.get(name, nullcontext)():
                    row, tokens[name] = _one_round(reasoner, frame, n_tokens)
            if number:
                rows[name].append(row)
    medians = {
        name: {key: median(row[key] for row in found) for key in found[0]}
        for name, found in rows.items()
    }
    exact = reasoner.vlm.model.dtype == torch.float32
    rounded = ('fused', *swapped) if exact else ('fused', 'U0', 'U1', *swapped)
    roof = bandwidth(reasoner.device)
    return {
        'ways': medians,
        'same_tokens': len({tokens[name] for name in tokens if name not in rounded}) == 1,
        'fused_tokens_equal': _equal(tokens),
        'tokens': n_tokens,
        'weights_read_per_token': language_bytes(reasoner),
        'copy_bytes_per_s': roof,
        'bound_ms_per_token': 1e3 * language_bytes(reasoner) / roof,
        'memory': torch.cuda.max_memory_allocated() if reasoner.device.type == 'cuda' else None,
    }


def ways(reasoner: Reasoner) -> dict[str, Callable[[], None]]:
    """Return name -> what puts the reasoner into that state."""
    vlm, cuda = reasoner.vlm, reasoner.device.type == 'cuda'
    recorded, fused = (
        StaticDecoder(vlm.model, vlm.plain.penalty, vlm.plain.end_ids) for _ in range(2)
    )
    mixers: list[Any] = [layer.mixer for layer in reasoner.midi.mamba.backbone.layers]

    def put(which: Any, decoder: StaticDecoder | None, most: int) -> None:
        if cuda:
            compile_pieces(vlm.model.model.language_model, decoder is fused)
        for mixer in mixers:
            mixer.scan = which
        vlm.static = decoder
        reasoner.frame_pass.most = most

    found: dict[str, Callable[[], None]] = {
        'plain': lambda: put(plain_scan, None, 0),
        'scan': lambda: put(scan, None, 0),
        'recorded': lambda: put(scan, recorded, 2),
    }
    if cuda:
        found['fused'] = lambda: put(scan, fused, 2)
    return found


def in_bits(model: Any, bits: int) -> Callable[[], AbstractContextManager[None]]:
    """Return what puts weights of 8 or 4 bits into the language model for a while."""
    made = []
    for name, linear in quantisable(model, bits):
        module = QuantisedLinear(linear, bits)
        for key, tensor in quantise(linear.weight, bits).items():
            setattr(module, key, tensor.to(linear.weight.dtype if key == 'scales' else tensor))
        made.append((model.get_submodule(name.rpartition('.')[0]), name, linear, module))

    @contextmanager
    def swapped() -> Iterator[None]:
        for parent, name, _, module in made:
            setattr(parent, name.rpartition('.')[2], module)
        try:
            yield
        finally:
            for parent, name, linear, _ in made:
                setattr(parent, name.rpartition('.')[2], linear)

    return swapped


def _published(
    published: Published, frame: RgbdFrame, n_tokens: int
) -> tuple[dict[str, float], tuple[int, ...]]:
    tokens, first_ms, answer_ms = published.answer(frame, QUESTION, n_tokens)
    per_token = (answer_ms - first_ms) / max(1, len(tokens) - 1)
    row = {'first_token_ms': first_ms, 'answer_ms': answer_ms, 'ms_per_token': per_token}
    return row, tokens


def compile_pieces(language_model: Any, wanted: bool) -> None:
    """Compile norms and MLPs: the same code in every layer, so that each is compiled once."""
    for layer in language_model.layers:
        for piece in (layer.input_layernorm, layer.post_attention_layernorm, layer.mlp):
            if wanted:
                piece.compile()
            else:
                piece._compiled_call_impl = None


def bandwidth(device: torch.device) -> float:
    """Return what a large copy moves, bytes read and written a second."""
    size = 1 << (30 if device.type == 'cuda' else 26)
    one = torch.empty(size, dtype=torch.uint8, device=device)
    other = torch.empty_like(one)
    seconds = []
    for _ in range(5):
        _wait(device)
        start = perf_counter()
        other.copy_(one)
        _wait(device)
        seconds.append(perf_counter() - start)
    return 2 * size / min(seconds)


def _one_round(
    reasoner: Reasoner, frame: RgbdFrame, n_tokens: int
) -> tuple[dict[str, float], tuple[int, ...]]:
    start = perf_counter()
    encoded = reasoner.encode(frame)
    _wait(reasoner.device)
    encode_ms = 1e3 * (perf_counter() - start)
    start = perf_counter()
    stream = reasoner.stream(encoded, QUESTION, n_tokens)
    next(stream)
    first_ms = 1e3 * (perf_counter() - start)
    for _ in stream:
        pass
    whole_ms = 1e3 * (perf_counter() - start)
    answer = reasoner.ask(encoded, QUESTION, n_tokens)
    stages = {f'{name}_ms': ms for name, ms in {**encoded.timings_ms, **answer.timings_ms}.items()}
    n_steps = max(1, len(answer.tokens) - 1)
    row = {
        **stages,
        'encode_ms': encode_ms,
        'first_token_ms': first_ms,
        'answer_ms': whole_ms,
        'ms_per_token': (whole_ms - first_ms) / n_steps,
    }
    return row, answer.tokens


def print_table(result: dict[str, Any]) -> None:
    """Print stages down and ways across."""
    ways_found = result['ways']
    print(f'{result["shape"]} {result["dtype"]}, {result["tokens"]} tokens; {result["machine"]}')
    print(f'{"":<24}' + ''.join(f'{name:>12}' for name in ways_found))
    for key in ways_found['plain']:
        cells = [f'{way[key]:.3f}' if key in way else '' for way in ways_found.values()]
        print(f'{key:<24}' + ''.join(f'{cell:>12}' for cell in cells))
    bound, way = result['bound_ms_per_token'], ways_found['recorded']
    share = 100 * bound / way['ms_per_token']
    print(f'weights / copy bandwidth {bound:.3f} ms a token: {share:.0f} % of it reached')
    print(f'same tokens: {result["same_tokens"]}; fused: {result["fused_tokens_equal"]}')


def _equal(tokens: dict[str, tuple[int, ...]]) -> float | None:
    if 'fused' not in tokens:
        return None
    pairs = list(zip(tokens['fused'], tokens['plain'], strict=False))
    return sum(a == b for a, b in pairs) / len(pairs)


def _frame() -> RgbdFrame:
    rng = np.random.default_rng(0)
    rgb = rng.integers(0, 256, (480, 640, 3), np.uint8)
    depth_m = rng.uniform(0.5, 4.0, (480, 640)).astype(np.float32)
    return RgbdFrame(rgb, depth_m, CameraIntrinsics(525.0, 525.0, 320.0, 240.0))


def _wait(device: torch.device) -> None:
    if device.type == 'cuda':
        torch.cuda.synchronize(device)


def _where(device: torch.device) -> str:
    card = f', {torch.cuda.get_device_name(device)}' if device.type == 'cuda' else ''
    return f'{machine()}{card}, torch {torch.__version__}, {torch.get_num_threads()} threads'


if __name__ == '__main__':
    sys.exit(main())
