# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The latency table compares ways that say the same, and counts what they do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
import json
from pathlib import Path

from PIL import Image
import pytest
import torch

from ssr_ros import cli
from ssr_ros.commands.bench import lines_of
from ssr_ros.errors import ConfigError, DeviceError
from ssr_ros.model import load_reasoner, memory
from ssr_ros.model.bench import bench, counting, draw, LEGS, Plan
from ssr_ros.model.bench.counting import ATTENTION, count_launches, count_work, flop_counter
from ssr_ros.model.bench.legs import make_legs
from ssr_ros.model.bench.measure import made_frame
from ssr_ros.model.bench.published import Published
from ssr_ros.model.bench.shapes import bytes_of_shape, language_bytes, random_reasoner, SHAPES

CPU = torch.device('cpu')
NANO = SHAPES['nano']


def silent(done: int, total: int, text: str) -> None:
    """Say nothing."""


@pytest.fixture(scope='module')
def result() -> dict:
    legs = ('U0', 'U1', 'ours', 'scan', 'graph', 'int4')
    return bench(Plan(shape='nano', device='cpu', tokens=9, rounds=1, legs=legs), silent)


def test_every_way_gives_the_same_tokens(result: dict) -> None:
    assert set(result['legs']) == {'U0', 'U1', 'ours', 'scan'}
    assert [leg['tokens_as_ours'] for leg in result['legs'].values()] == [1, 1, 1, 1]
    assert result['exact_legs_agree'] is True


def test_what_cannot_run_here_says_why(result: dict) -> None:
    assert 'are for CUDA' in result['not_here']['graph']
    assert '--dtype bfloat16' in result['not_here']['int4']


def test_stages_are_timed_counted_and_held_against_the_roof(result: dict) -> None:
    plain, ours = (result['legs'][name]['stages'] for name in ('ours', 'scan'))
    names = ['image_encoder', 'depth_encoder', 'mamba_frame', 'vision_tower', 'vlm_prefix']
    assert list(ours) == [*names, 'mamba_question', 'vlm_prefill', 'decode']
    for stage in ours.values():
        assert stage['ms'] > 0 and stage['launches'] > 0
        assert stage['of_roof'] > 0
    assert result['legs']['U0']['stages'] == {}
    # 98 visual tokens in three layers: in torch every token is some operations of its own.
    assert plain['mamba_frame']['launches'] > 98 * 3 > ours['mamba_frame']['launches']
    assert all(result['roof'][key] > 0 for key in ('copy', 'matmul', 'matmul_float32', 'matvec'))


def test_a_token_reads_the_weights_of_the_language_model_once(result: dict) -> None:
    # Per layer 4 projections and 3 of the MLP, with biases and norms; and the head.
    width, inner = 128, 256
    layer = 4 * width * width + 3 * width * inner + 3 * width + 2 * width
    assert result['language_bytes'] == 4 * (4 * layer + 556 * width)
    decode = result['legs']['scan']['stages']['decode']
    weights = 4 * width * width + 3 * width * inner
    assert 2.1 < decode['flops'] / (4 * weights + 556 * width) < 2.5, 'and attention'
    assert decode['bytes'] > result['language_bytes']


@pytest.mark.parametrize('kernel', ATTENTION, ids=str)
def test_attention_is_counted_where_heads_share_keys(kernel: Callable) -> None:
    # The counter of torch 2.11 refused them, and with it all that was counted on a GPU.
    q = torch.empty(1, 8, 5, 16, device='meta')
    k = torch.empty(1, 2, 7, 16, device='meta')
    more = (None, False) if 'efficient' in str(kernel) or 'cudnn' in str(kernel) else ()
    with flop_counter() as counter:
        kernel(q, k, k, *more)
    # 8 heads, 5 queries, 7 keys: 16 products and sums for a weight, 16 more for what is seen.
    assert counter.get_total_flops() == 8 * 5 * 7 * 2 * (16 + 16)


def test_launches_are_kept_where_work_cannot_be_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses() -> None:
        raise AssertionError('shapes are incompatible')

    monkeypatch.setattr(counting, 'flop_counter', refuses)
    found = bench(Plan(shape='nano', device='cpu', tokens=8, rounds=1, legs=('scan',)), silent)
    decode = found['legs']['scan']['stages']['decode']
    assert decode['launches'] > 0 and decode['flops'] is None


def test_tokens_are_compared_with_the_plainest_of_our_ways() -> None:
    plan = Plan(shape='nano', device='cpu', dtype='bfloat16', tokens=8, rounds=1)
    found = bench(replace(plan, legs=('U1', 'scan', 'int4')), silent)
    shares = [leg['tokens_as_ours'] for leg in found['legs'].values()]
    assert found['plainest'] == 'scan' and shares[1] == 1 and None not in shares
    found = bench(replace(plan, legs=('U1',)), silent)
    assert found['plainest'] is None and found['legs']['U1']['tokens_as_ours'] is None


def test_a_way_that_breaks_is_left_out_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError('operation not permitted when stream is capturing\nmore')

    monkeypatch.setattr(Published, 'tokens', broken)
    plan = Plan(shape='nano', device='cpu', tokens=8, rounds=1, legs=('U1', 'scan'))
    found = bench(plan, silent)
    assert list(found['legs']) == ['scan'] and found['exact_legs_agree'] is True
    words = 'RuntimeError: operation not permitted when stream is capturing'
    assert found['not_here'] == {'U1': words}
    with pytest.raises(DeviceError, match='no leg ran to its end'):
        bench(replace(plan, legs=('U1',)), silent)


def test_what_there_is_no_time_to_count_is_timed_all_the_same(tmp_path: Path) -> None:
    plan = Plan(shape='nano', device='cpu', tokens=8, rounds=9, legs=('scan',), seconds=1e-6)
    found = bench(plan, silent)
    assert found['rounds'] == 1
    decode = found['legs']['scan']['stages']['decode']
    counted = ('launches', 'flops', 'bytes', 'of_roof')
    assert decode['ms'] > 0 and [decode[key] for key in counted] == [None] * 4
    (row,) = [line for text in lines_of(found) for line in text.splitlines() if 'prefill' in line]
    assert len(row.split()) == 3, 'its name and two times'
    green = tmp_path / 'bench.png'
    draw(found, green)
    colors = [color for _, color in Image.open(green).getcolors(1 << 20)]
    assert (26, 127, 55) not in colors, 'of what no device was asked, none is said'


def test_a_way_that_no_time_was_left_for_is_told_and_the_table_kept() -> None:
    plan = Plan(shape='nano', device='cpu', tokens=8, legs=('ours', 'scan'), seconds=1e-6)
    found = bench(plan, silent)
    assert list(found['legs']) == ['ours']
    assert found['not_here'] == {'scan': 'no time was left for it'}


def test_ten_questions_on_one_frame_read_it_once(result: dict) -> None:
    ours, theirs = result['legs']['scan'], result['legs']['U1']
    assert ours['questions_ms'] >= ours['encode_ms']
    assert theirs['questions_ms'] == pytest.approx(10 * theirs['short_ms'])


def test_counting_leaves_the_reasoner_as_it_was() -> None:
    reasoner = random_reasoner(NANO, CPU, torch.float32)
    scans = [layer.mixer.scan for layer in reasoner.midi.mamba.backbone.layers]
    frame = made_frame()

    def answer() -> None:
        reasoner.ask(reasoner.encode(frame), 'why?', 2)

    before = reasoner.ask(reasoner.encode(frame), 'why?', 2).tokens
    count_work(reasoner, answer), count_launches(reasoner, answer)
    assert [layer.mixer.scan for layer in reasoner.midi.mamba.backbone.layers] == scans
    assert reasoner.ask(reasoner.encode(frame), 'why?', 2).tokens == before


def test_weights_of_8_and_4_bits_are_put_in_and_away_again(tmp_path: Path) -> None:
    reasoner = random_reasoner(NANO, CPU, torch.bfloat16)
    before = {name: type(module) for name, module in reasoner.vlm.model.named_modules()}
    legs, why = make_legs(reasoner, ('int8', 'int4'), made_frame(), tmp_path)
    assert why == {}
    whole = language_bytes(reasoner)
    with legs['int4'].put():
        assert language_bytes(reasoner) < 0.6 * whole
    assert {name: type(m) for name, m in reasoner.vlm.model.named_modules()} == before


def test_networks_in_onnx_stand_in_their_places_for_a_while(tmp_path: Path) -> None:
    pytest.importorskip('onnxscript', reason='writing the networks needs the extra export')
    reasoner = load_reasoner('nano', device='cpu', encoders='torch')
    frame = made_frame()
    tokens = reasoner.ask(reasoner.encode(frame), 'What is red?', 8).tokens
    legs, _ = make_legs(reasoner, ('onnx',), frame, tmp_path)
    before = reasoner.image_encoder.model
    with legs['onnx'].put():
        assert reasoner.image_encoder.model is not before and reasoner.vlm.tower is not None
        assert reasoner.ask(reasoner.encode(frame), 'What is red?', 8).tokens == tokens
    assert reasoner.image_encoder.model is before and reasoner.vlm.tower is None


def test_shapes_are_what_they_are_called() -> None:
    gigabytes = [bytes_of_shape(SHAPES[name], torch.bfloat16) / 1e9 for name in ('3b', '7b')]
    assert gigabytes == [pytest.approx(9.5, abs=0.2), pytest.approx(18.5, abs=0.2)]
    mamba = sum(
        p.numel()
        for p in random_reasoner(SHAPES['130m'], CPU, torch.float32).midi.mamba.parameters()
    )
    assert mamba == pytest.approx(129e6, rel=0.01)


def test_what_does_not_fit_is_refused_before_it_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, 'bytes_there', lambda device: 1_000_000)
    with pytest.raises(DeviceError, match=r'shape nano: the weights take 0\.01 GB and 0\.00 GB'):
        bench(Plan(shape='nano', device='cpu'), silent)


@pytest.mark.parametrize(
    ('given', 'words'),
    [
        ({}, 'a model or a shape'),
        ({'model': 'nano', 'shape': 'nano'}, 'not both'),
        ({'shape': '13b'}, "'13b': expected one of nano, 130m, 3b, 7b"),
        ({'shape': 'nano', 'legs': ('U2',)}, "'U2': expected some of U0"),
        ({'shape': 'nano', 'tokens': 3}, 'tokens: at least 8'),
        ({'shape': 'nano', 'clock': 'sun'}, "'sun': expected one of wall, processor"),
        ({'shape': 'nano', 'legs': ('graph',)}, 'no leg can run here'),
    ],
)
def test_plans_that_mean_nothing(given: dict, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        bench(Plan(device='cpu', **given), silent)


def test_a_picture_is_drawn(result: dict, tmp_path: Path) -> None:
    draw(result, tmp_path / 'new' / 'bench.png')
    picture = Image.open(tmp_path / 'new' / 'bench.png')
    assert picture.width == 1240
    colors = [color for _, color in picture.getcolors(1 << 20)]
    assert len(colors) > 5 and (26, 127, 55) in colors, 'green, the least that a stage takes'
    (tmp_path / 'file').touch()
    with pytest.raises(ConfigError, match='cannot be written'):
        draw(result, tmp_path / 'file' / 'bench.png')


def test_the_verb_prints_tables_and_keeps_figures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ['bench', 'nano', '--device', 'cpu', '--tokens', '8', '--rounds', '1']
    legs = ['--legs', 'U1,scan,graph', '--clock', 'processor']
    assert cli.main([*given, *legs, '--out', str(tmp_path)]) == 0
    out = capsys.readouterr().out
    for words in ('processor ms', 'mamba_frame', 'graph: not here', 'of roof', 'GB/s'):
        assert words in out
    assert max(map(len, out.splitlines())) <= 100 + len(str(tmp_path))
    kept = json.loads((tmp_path / 'bench.json').read_text())
    assert set(kept['legs']) == {'U1', 'scan'} and kept['revision'] and kept['machine']
    assert (tmp_path / 'bench.png').is_file()
    assert cli.main(['bench']) == 2


def test_the_verb_offers_the_legs_and_shapes_that_there_are() -> None:
    parser = cli.make_parser()
    assert parser.parse_args(['bench', '--shape', '7b']).shape in SHAPES
    text = Path(cli.VERBS['bench'].__file__).read_text(encoding='utf-8')
    assert all(name in text for name in LEGS)
    assert set(cli.VERBS['bench'].SHAPES) == set(SHAPES)
