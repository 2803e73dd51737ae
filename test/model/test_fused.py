# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A fused step gives the tokens of transformers' own, and is put away where it does not."""

from copy import deepcopy
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from itertools import cycle

from by_themselves import agree
import kernels_in_torch
from model_frames import make_frame
import pytest
import torch
from torch.nn import functional as F
from torch.utils._python_dispatch import TorchDispatchMode

from ssr_ros.model import load_reasoner
from ssr_ros.model.fused import fused_read, FusedRead, PARTS
from ssr_ros.model.quantised import quantise, QuantisedLinear
from ssr_ros.model.side_by_side import lay_side_by_side, read_together, whole_of
from ssr_ros.model.static import StaticDecoder

FRAMES = (0, 17)
"""Seeds of frames where nano's tokens are 0.1 logits ahead: no rounding changes them."""

QUESTIONS = ('How far is the red box?', 'Which one is nearer, the ball or the cup?')

needs_triton = pytest.mark.skipif(
    find_spec('triton') is None, reason='Triton comes with CUDA builds of torch'
)
needs_cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason='no CUDA device')


@pytest.fixture
def quick(monkeypatch):
    """Nano decoded with the fused step, over kernels in torch."""
    nano = load_reasoner('nano', device='cpu')
    decoder, model = nano.vlm.plain, nano.vlm.model
    nano.vlm.static = StaticDecoder(model, decoder.penalty, decoder.end_ids)
    nano.vlm.static.quick = FusedRead(model, kernels_in_torch)
    lay_side_by_side(model.model.language_model.layers)
    # The errors of a Triton that need not be there.
    monkeypatch.setattr('ssr_ros.model.fused.breaks', lambda: (RuntimeError,))
    return nano


def tokens(reasoner):
    scenes = [reasoner.encode(make_frame(96, 72, seed=seed)) for seed in FRAMES]
    return [
        reasoner.ask(scene, question, max_new_tokens=24).tokens
        for scene in scenes
        for question in QUESTIONS
    ]


def plain_tokens(reasoner):
    reasoner.vlm.static = None
    return tokens(reasoner)


def test_a_fused_step_gives_the_plain_tokens(quick, caplog):
    caplog.set_level('INFO')
    found = tokens(quick)
    assert 'a step is fused' in caplog.text
    assert found == plain_tokens(quick)


def test_a_step_that_differs_is_not_fused(quick, monkeypatch, caplog):
    monkeypatch.setattr(kernels_in_torch, 'gated', lambda gate, up: F.silu(gate) * up * 1.5)
    found = tokens(quick)
    assert 'a step is not fused: it would differ by' in caplog.text
    assert found == plain_tokens(quick)


@pytest.mark.parametrize('early', [True, False])
def test_a_step_that_says_other_things_once_recorded_is_mended_or_put_away(
    quick, monkeypatch, caplog, early
):
    """As with kernels that start early: launched one by one they never overlap."""
    fused = quick.vlm.static.quick
    monkeypatch.setattr(
        'ssr_ros.model.fused._begin_early', lambda quick, *_: setattr(quick, 'early', early)
    )

    def racing(function, device):
        def step():
            function()
            row = quick.vlm.static._row
            if row is not None and row._quick is fused and (fused.early or not early):
                row.picked[0, 0] += 1

        return step

    monkeypatch.setattr('ssr_ros.model.static.record', racing)
    found = tokens(quick)
    assert caplog.text.count('a recorded step says') == 1
    assert fused.early is False and (quick.vlm.static._row._quick is fused) is early
    assert found == plain_tokens(quick)


@pytest.mark.parametrize('tile', [None, 1])
def test_no_kernel_begins_early_after_a_copy(quick, monkeypatch, tile):
    """In a graph a copy in float32 is no kernel, and only kernels can be waited for half-way."""
    before, early_after = [], []

    def places(first, *_):
        return isinstance(first, torch.Tensor) and first.untyped_storage().data_ptr()

    class Noting(TorchDispatchMode):
        def __torch_dispatch__(self, function, types, args=(), kwargs=None):
            name, found = function.overloadpacket.__name__, function(*args, **(kwargs or {}))
            if name.endswith('_') or places(found) != places(*args):
                before.append(name)
            return found

    def noted(usual, *given, early, **more):
        early_after.extend(before[-1:] if early else ())
        return usual(*given, **more)

    for name in ('attend', 'product', 'normed_product'):
        usual = getattr(kernels_in_torch, name)
        monkeypatch.setattr(kernels_in_torch, name, partial(noted, usual))
    fused = quick.vlm.static.quick
    fused.tiles, fused.early = dict.fromkeys(PARTS, tile), True
    monkeypatch.setattr('ssr_ros.model.fused._begin_early', lambda *_: None)
    with Noting():
        quick.ask(quick.encode(make_frame(96, 72)), QUESTIONS[0], max_new_tokens=3)
    assert early_after and not {'to', '_to_copy', 'clone', 'copy_'} & set(early_after)


def test_a_step_that_cannot_be_recorded_is_not_fused(quick, monkeypatch, caplog):
    recorded = []

    def record(function, device):
        recorded.append(function)
        if len(recorded) == 1:
            raise RuntimeError('operation not permitted when stream is capturing')
        return function

    monkeypatch.setattr('ssr_ros.model.static.record', record)
    found = tokens(quick)
    assert 'a fused step cannot be recorded: operation not permitted' in caplog.text
    assert len(recorded) == 2 and quick.vlm.static._row._quick is None
    assert found == plain_tokens(quick)


def test_a_step_that_breaks_is_not_fused(quick, monkeypatch, caplog):
    def broken(gate, up):
        raise RuntimeError('no kernel image for this card')

    monkeypatch.setattr(kernels_in_torch, 'gated', broken)
    found = tokens(quick)
    assert 'a step is not fused: no kernel image' in caplog.text
    assert found == plain_tokens(quick)


@pytest.mark.parametrize('quickest', [None, *kernels_in_torch.TILES])
def test_each_matrix_goes_the_way_that_was_quickest(quick, monkeypatch, quickest):
    in_turn = cycle([None, *kernels_in_torch.TILES])
    monkeypatch.setattr(
        'ssr_ros.model.fused.seconds_of',
        lambda run, device: 1.0 if next(in_turn) == quickest else 2.0,
    )
    found = tokens(quick)
    assert quick.vlm.static.quick.tiles == dict.fromkeys(PARTS, quickest)
    assert found == plain_tokens(quick)


def test_a_kernel_that_breaks_or_differs_leaves_its_matrix_to_the_library(
    quick, monkeypatch, caplog
):
    right = kernels_in_torch.product

    def wrong(x, weight, tile, gives, early):
        if tile == 1:
            raise RuntimeError('too many registers')
        return right(x, weight, tile, gives, early) * 1.5

    monkeypatch.setattr(kernels_in_torch, 'product', wrong)
    found = tokens(quick)
    chosen = quick.vlm.static.quick.tiles
    assert [chosen[part] for part in ('o', 'down', 'head')] == [None, None, None]
    assert 'down by 1 does not run: too many registers' in caplog.text
    assert 'down by 2 would differ by 5.0e-01' in caplog.text
    assert found == plain_tokens(quick)


def test_a_step_of_layers_that_lie_apart_gives_the_plain_tokens(quick):
    for layer in quick.vlm.model.model.language_model.layers:
        for parameter in layer.parameters():
            parameter.data = parameter.data.clone()
    found = tokens(quick)
    assert set(quick.vlm.static.quick.tiles) == {'o', 'down', 'head'}
    assert found == plain_tokens(quick)


@pytest.mark.parametrize('which', [('q_proj', 'up_proj'), ('_proj',)])
def test_a_step_of_layers_in_few_bits_gives_the_plain_tokens(quick, which):
    layers = quick.vlm.model.model.language_model.layers
    for name, linear in list(layers.named_modules()):
        if name.endswith(which):
            narrow = QuantisedLinear(linear, 8)
            parts = quantise(linear.weight, 8)
            narrow.codes, narrow.scales = parts['codes'], parts['scales'].float()
            layers.set_submodule(name, narrow)
    found = tokens(quick)
    tried = {'head'} if which == ('_proj',) else {'o', 'down', 'head'}
    assert set(quick.vlm.static.quick.tiles) == tried
    assert found == plain_tokens(quick)


def test_weights_laid_side_by_side_are_the_same_and_take_no_more_memory():
    nano = load_reasoner('nano', device='cpu')
    layers = nano.vlm.model.model.language_model.layers
    before = {name: value.clone() for name, value in layers.state_dict().items()}
    assert lay_side_by_side(layers) == 2 * len(layers)
    for name, value in layers.state_dict().items():
        torch.testing.assert_close(value, before[name], rtol=0, atol=0)
    for modules in map(read_together, layers):
        for together in modules:
            whole = whole_of(together)
            storages = {module.weight.untyped_storage().data_ptr() for module in together}
            assert storages == {whole.weight.untyped_storage().data_ptr()}
            assert whole.weight.untyped_storage().nbytes() == whole.weight.nbytes
    places = [parameter.data_ptr() for parameter in layers.parameters()]
    assert lay_side_by_side(layers) == 2 * len(layers)
    assert [parameter.data_ptr() for parameter in layers.parameters()] == places


def test_weights_in_few_bits_are_left_where_they_are(reasoner):
    layers = deepcopy(reasoner.vlm.model.model.language_model.layers)
    for name, linear in list(layers.named_modules()):
        if name.endswith(('q_proj', 'up_proj')):
            layers.set_submodule(name, QuantisedLinear(linear, 8))
    assert lay_side_by_side(layers) == 0
    assert whole_of(read_together(layers[0])[0]) is None


def test_on_a_cpu_no_step_is_fused(reasoner):
    assert fused_read(reasoner.vlm.model, torch.device('cpu')) is None


COMPARED = """
import sys
import torch
sys.path.insert(0, sys.argv[1])
import kernels_in_torch as ours
from ssr_ros.model import fused_kernels as kernels
on_card = sys.argv[2:] == ['cuda']
early = on_card and torch.cuda.get_device_capability() >= (9, 0)
torch.set_default_device('cuda' if on_card else 'cpu')
torch.manual_seed(0)

def same(one, other):
    off = 1e-5 if one.dtype == torch.float32 else 2e-2  # it rounds its own way
    torch.testing.assert_close(one, other, rtol=off, atol=off)

for dtype in (torch.float32, torch.bfloat16):
    x, more = torch.randn(40), torch.randn(40).to(dtype)
    a, b = (x.clone() for _ in range(2))
    for other in (None, more):
        for weight in (torch.randn(40), torch.randn(40).to(dtype)):
            for gives in (torch.float32, dtype):
                given = (other, weight, 1e-6, gives)
                found, expected = kernels.add_and_norm(a, *given), ours.add_and_norm(b, *given)
                assert found.dtype == gives
                same(found, expected)
        torch.testing.assert_close(a, b, rtol=0, atol=0)  # sums are exact in float32
    for heads, at in ((6, 3), (2, 300), (2, 0)):
        room = at + 2
        q, k, v, cos, sin = (torch.randn(n, 8).to(dtype) for n in (heads, 2, 2, room, room))
        place, position = torch.tensor([at]), torch.tensor([[at - 1 if at else 0]])
        filled = [torch.randn(1, 2, room, 8).to(dtype) for _ in range(2)]
        caches = [[each.clone() for each in filled] for _ in range(2)]
        same(*(
            each.attend(q, k, v, cos, sin, position, place, *cache, early)
            for each, cache in zip((kernels, ours), caches)
        ))
        for pair in zip(*caches):
            same(*pair)
    gate = torch.randn(40).to(dtype)
    same(kernels.gated(gate, more), ours.gated(gate, more))
    for columns, rows in ((40, 22), (2500, 6)):  # the second is read in two goes
        weight, bias = torch.randn(rows, columns).to(dtype) / columns**0.5, torch.randn(rows)
        x, scale = torch.randn(1, 1, columns), torch.randn(columns).to(dtype)
        for tile in kernels.TILES[: 1 if on_card else None]:  # compiling takes its time
            for token, gives in ((x, torch.float32), (x.to(dtype), dtype)):
                given = (token, weight, tile, gives, early)
                found = kernels.product(*given)
                assert found.dtype == gives and found.shape == (1, 1, rows)
                same(found, ours.product(*given))
            for more in (None, torch.randn(1, 1, columns).to(dtype)):
                for biases, gates in ((bias.to(dtype), False), (None, False), (None, True)):
                    given = (x, more, scale, 1e-6, weight, biases, tile, gates, early)
                    found, expected = kernels.normed_product(*given), ours.normed_product(*given)
                    same(found[0], expected[0])
                    same(found[1], expected[1])
"""


@needs_triton
def test_the_kernels_in_triton_agree_when_they_are_interpreted():
    agree(COMPARED, 'cpu', TRITON_INTERPRET='1')


@needs_triton
@pytest.mark.parametrize('kernel', ['_attend', '_product'])
def test_a_kernel_that_begins_early_reads_nothing_but_weights_before_it_waits(kernel):
    """Seen in what is compiled for Hopper: that needs no card."""
    triton, compiler = import_module('triton'), import_module('triton.backends.compiler')
    function = getattr(import_module('ssr_ros.model.fused_kernels'), kernel)
    fixed = {'half': 64, 'block': 128, 'columns': 256, 'height': 4, 'early': True}
    kinds = {'position': '*i64', 'place': '*i64', 'room': 'i32', 'shared': 'i32', 'rows': 'i32'}
    kinds |= {'scale': 'fp32', **dict.fromkeys(fixed, 'constexpr')}
    names = function.arg_names
    source = triton.compiler.ASTSource(
        fn=function,
        signature={name: kinds.get(name, '*bf16') for name in names},
        constexprs={name: value for name, value in fixed.items() if name in names},
    )
    made = triton.compile(source, target=compiler.GPUTarget('cuda', 90, 32))
    before, waits, after = made.asm['ptx'].partition('griddepcontrol.wait')
    reads = [line for line in before.splitlines() if 'ld.global' in line]
    assert waits and 'ld.global' in after and 'st.global' not in before
    assert bool(reads) is (kernel == '_product')
    assert all('evict_first' in read for read in reads), 'weights are read so, and only they'


@needs_cuda
@needs_triton
def test_the_kernels_in_triton_agree_on_cuda():
    agree(COMPARED, 'cuda')


@needs_cuda
@needs_triton
@pytest.mark.parametrize('dtype', ['float32', 'bfloat16'])
def test_a_fused_step_gives_the_plain_tokens_on_cuda(dtype, caplog):
    caplog.set_level('INFO')
    nano = load_reasoner('nano', device='cuda', dtype=dtype)
    found = tokens(nano)
    assert 'a step is fused' in caplog.text
    nano.vlm.static = StaticDecoder(nano.vlm.model, nano.vlm.plain.penalty, nano.vlm.plain.end_ids)
    nano.vlm.static.quick = None
    assert tokens(nano) == found
