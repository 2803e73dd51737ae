# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Every way to decode gives the tokens of the plain one, and costs what it says."""

from __future__ import annotations

from types import SimpleNamespace

from model_frames import make_frame
import pytest
import torch

from ssr_ros.errors import CheckpointError
from ssr_ros.model import load_reasoner
from ssr_ros.model.decode import logits_of, pick, read
from ssr_ros.model.graphs import record, Recorded
from ssr_ros.model.static import ROOM, StaticDecoder
from ssr_ros.model.trace import Trace

CPU = torch.device('cpu')
QUESTIONS = ('How far is the red box?', 'why?', 'Which one is nearer, the ball or the cup?')


def tokens_of(rows):
    return [[token for (token,) in rows]]


def test_the_highest_logit_is_picked_and_remembered():
    seen = torch.zeros(2, 3, dtype=torch.bool)
    picked = pick(torch.tensor([[2.0, 1.95, -1.0], [0.0, 0.5, 3.0]]), seen, penalty=1.0)
    assert picked.tolist() == [[0, 0], [2, 0]]
    assert seen.tolist() == [[True, False, False], [False, False, True]]
    assert read(picked) == [0, 2]


def test_the_repetition_penalty_of_the_base_model_counts_the_prompt():
    """Qwen2.5-VL ships 1.05: positive logits of seen tokens shrink, negative ones grow."""

    def picked(logits, *seen):
        row = torch.zeros(1, len(logits), dtype=torch.bool)
        row[0, list(seen)] = True
        given = torch.tensor([logits])
        token = read(pick(given, row, penalty=1.05))[0]
        assert given.tolist()[0] == pytest.approx(logits)
        return token

    assert picked([2.0, 1.95, -1.0], 0) == 1
    assert picked([2.0, 1.95, -1.0], 0, 1) == 0
    assert picked([-1.0, -1.04], 0) == 1
    assert picked([-1.0, -1.04]) == 0


@pytest.mark.parametrize('dtype', [torch.float32, torch.bfloat16, torch.float16])
def test_logits_that_may_win_are_those_of_float32(dtype):
    """Near 20 bfloat16 knows no number within 0.06: two tokens there would be one."""
    torch.manual_seed(0)
    head = torch.nn.Linear(64, 300, bias=False).to(dtype).requires_grad_(False)
    hidden = torch.randn(3, 64).to(dtype)
    hidden[:, 0], head.weight[:, 0] = 20.0, 1.0
    exact = hidden.double() @ head.weight.double().T
    found = logits_of(SimpleNamespace(lm_head=head), hidden)
    assert found.dtype == torch.float32
    best = exact.topk(8).indices
    torch.testing.assert_close(
        found.gather(1, best).double(), exact.gather(1, best), atol=1e-4, rtol=1e-6
    )
    if dtype == torch.bfloat16:
        rounded = head(hidden).double()
        assert (rounded.gather(1, best) - exact.gather(1, best)).abs().max() > 1e-2


def test_a_head_that_is_stored_in_float32_stays_so_beside_16_bits(checkpoint):
    ours = load_reasoner(checkpoint, device='cpu', dtype='bfloat16').vlm.model
    exact = load_reasoner(checkpoint, device='cpu', dtype='float32').vlm.model
    assert torch.equal(ours.lm_head.weight, exact.lm_head.weight)
    assert ours.get_input_embeddings().weight.dtype == torch.bfloat16
    assert ours.lm_head(torch.ones(1, 64, dtype=torch.bfloat16)).dtype == torch.float32


@pytest.mark.parametrize('bad', [float('nan'), -float('nan')])
def test_a_logit_that_is_not_a_number_is_an_error_not_a_token(bad):
    picked = pick(
        torch.tensor([[0.0, 1.0], [bad, 9.0]]), torch.zeros(2, 2, dtype=torch.bool), 1.05
    )
    with pytest.raises(CheckpointError, match='not numbers'):
        read(picked)


@pytest.fixture
def static(reasoner):
    """The static decoder without a graph, which only CUDA has, in the reasoner's place for it."""
    vlm = reasoner.vlm
    vlm.static = StaticDecoder(vlm.model, vlm.plain.penalty, vlm.plain.end_ids)
    yield vlm.static
    vlm.static = None


@pytest.mark.parametrize('penalty', [1.0, 1.3])
def test_static_and_plain_give_the_same_tokens(reasoner, static, monkeypatch, penalty):
    """Two frames, asked in turn: what the cache held before must not be seen."""
    monkeypatch.setattr(static, 'penalty', penalty)
    monkeypatch.setattr(reasoner.vlm.plain, 'penalty', penalty)
    scenes = [reasoner.encode(make_frame(64, 48, seed=s)) for s in (1, 2)]
    for question in QUESTIONS:
        for scene in scenes:
            static_answer = reasoner.ask(scene, question, max_new_tokens=40)
            with monkeypatch.context() as patch:
                patch.setattr(reasoner.vlm, 'static', None)
                plain_answer = reasoner.ask(scene, question, max_new_tokens=40)
            assert static_answer.tokens == plain_answer.tokens
            assert static_answer.work == plain_answer.work


def test_nano_says_the_same_both_ways():
    """Trained weights: answers that end, and a penalty in earnest."""
    nano = load_reasoner('nano', device='cpu')
    scene = nano.encode(make_frame(96, 72, seed=3))
    plain = [nano.ask(scene, question, max_new_tokens=24).tokens for question in QUESTIONS]
    decoder = nano.vlm.plain
    nano.vlm.static = StaticDecoder(nano.vlm.model, decoder.penalty, decoder.end_ids)
    assert [nano.ask(scene, q, max_new_tokens=24).tokens for q in QUESTIONS] == plain


def test_questions_in_a_row_copy_their_frame_once(reasoner, static):
    first, second = (reasoner.encode(make_frame(seed=s)) for s in (1, 2))
    for scene, copies in ((first, 1), (first, 1), (second, 2), (second, 2), (first, 3)):
        reasoner.ask(scene, 'why?', max_new_tokens=2)
        assert static.copies == copies


def test_an_answer_longer_than_the_room_is_given_more(reasoner, static):
    scene = reasoner.encode(make_frame())
    question = 'far ' * 60
    plain = reasoner.vlm.plain
    room = ROOM + 60
    requests = reasoner.vlm.requests(
        [scene.image_prefix], reasoner.latents(scene, question)[None], [question]
    )
    with torch.inference_mode():
        static.end_ids = plain_ends = frozenset([-1])
        kept, plain.end_ids = plain.end_ids, plain_ends
        ours = [*static.generate(requests[0], room, Trace(CPU))]
        theirs = [*plain.generate(requests, room, Trace(CPU))]
        plain.end_ids = kept
    assert len(ours) == room
    assert ours == theirs


def test_rows_that_have_ended_cost_nothing_more(reasoner, monkeypatch):
    scenes = [reasoner.encode(make_frame(seed=s)) for s in (1, 2, 3)]
    monkeypatch.setattr(reasoner.vlm.plain, 'penalty', 2.0)  # or random weights say one thing
    alone = [
        reasoner.ask(scene, question, max_new_tokens=12)
        for scene, question in zip(scenes, QUESTIONS, strict=True)
    ]
    rows = [list(answer.tokens) for answer in alone]
    ends_at = {t: {row.index(t) if t in row else 12 for row in rows} for t in rows[0]}
    end = next(token for token, places in ends_at.items() if len(places) > 1)
    monkeypatch.setattr(reasoner.vlm.plain, 'end_ids', frozenset([end]))
    alone = [
        reasoner.ask(scene, question, max_new_tokens=12)
        for scene, question in zip(scenes, QUESTIONS, strict=True)
    ]
    assert len({len(answer.tokens) for answer in alone}) > 1
    together = reasoner.ask_batch(scenes, QUESTIONS, max_new_tokens=12)
    assert [answer.tokens for answer in together] == [answer.tokens for answer in alone]
    assert together[0].work.vlm_tokens == sum(answer.work.vlm_tokens for answer in alone)
    assert together[0].work.generated_tokens == sum(len(answer.tokens) for answer in alone)


def test_a_step_brings_one_small_tensor_back(reasoner, static, monkeypatch):
    """On a GPU each one waits for everything before it."""
    brought = []
    real = torch.Tensor.tolist
    monkeypatch.setattr(torch.Tensor, 'tolist', lambda t: brought.append(t.shape) or real(t))
    for way in (static, None):
        monkeypatch.setattr(reasoner.vlm, 'static', way)
        scene = reasoner.encode(make_frame())
        brought.clear()
        answer = reasoner.ask(scene, 'why?', max_new_tokens=6)
        assert brought == [(1, 2)] * len(answer.tokens)


def test_a_stream_over_the_static_cache_can_be_left_and_another_begun(reasoner, static):
    scene = reasoner.encode(make_frame())
    whole = reasoner.ask(scene, QUESTIONS[0], max_new_tokens=20).tokens
    stream = reasoner.stream(scene, QUESTIONS[2], max_new_tokens=20)
    next(stream), next(stream)
    stream.close()
    assert reasoner.ask(scene, QUESTIONS[0], max_new_tokens=20).tokens == whole


def test_what_is_recorded_on_a_cpu_is_the_function_itself():
    done = []
    step = record(lambda: done.append(1), CPU)
    step(), step()
    assert len(done) == 2
    assert Recorded(lambda a, b: (a + b,), CPU)(torch.ones(2), torch.ones(2))[0].tolist() == [2, 2]


def test_a_stage_is_recorded_for_few_shapes_and_gives_what_is_the_callers():
    shapes = []

    def double(x):
        shapes.append(len(x))
        return x * 2, x + 1

    stage = Recorded(double, CPU, most=2)
    first, second = stage(torch.ones(3))
    again, _ = stage(torch.full((3,), 5.0))
    assert (first.tolist(), second.tolist(), again.tolist()) == ([2] * 3, [2] * 3, [10] * 3)
    for length in (4, 5, 5):
        assert stage(torch.ones(length))[0].tolist() == [2] * length
    assert stage.anew(0)(torch.ones(2))[0].tolist() == [2, 2]
    assert [stage.padded(n) for n in (1, 32, 33, 200)] == [32, 32, 64, 256]
    assert stage.anew(0).padded(33) == 33


def test_a_stage_that_cannot_be_recorded_is_launched(monkeypatch, caplog):
    def refuse(function, device):
        raise RuntimeError('operation not permitted when stream is capturing')

    monkeypatch.setattr('ssr_ros.model.graphs.record', refuse)
    stage = Recorded(lambda x: (x + 1,), CPU, most=1)
    assert [stage(torch.ones(1))[0].item() for _ in range(2)] == [2, 2]
    assert caplog.text.count('cannot be recorded: operation not permitted') == 1


@pytest.mark.parametrize('model', ['tiny', 'nano'])
def test_recorded_stages_give_the_tokens_of_launched_ones(model, reasoner, monkeypatch):
    """On a CPU a graph is the function again, over tensors that stay: padding, order, copies."""
    ours = reasoner if model == 'tiny' else load_reasoner('nano', device='cpu')
    frames = [make_frame(96, 72, seed=seed) for seed in (3, 4)]

    def answers():
        scenes = [ours.encode(frame) for frame in frames]
        return [
            ours.ask(scene, question, 24, with_rationale=True)
            for question in (*QUESTIONS, 'far ' * 40)
            for scene in scenes
        ]

    launched = answers()
    for owner, name in ours.stages():
        monkeypatch.setattr(owner, name, getattr(owner, name).anew(4))
    decoder = ours.vlm.plain
    static = StaticDecoder(ours.vlm.model, decoder.penalty, decoder.end_ids, shapes=4)
    monkeypatch.setattr(ours.vlm, 'static', static)
    for one, other in zip(answers(), launched, strict=True):
        assert (one.tokens, one.rationale, one.work) == (other.tokens, other.rationale, other.work)


@pytest.mark.skipif(not torch.cuda.is_available(), reason='no CUDA device')
def test_every_stage_is_recorded_and_gives_the_plain_tokens_on_cuda(caplog):
    nano = load_reasoner('nano', device='cuda', dtype='float32')
    assert nano.vlm.static is not None
    frames = [make_frame(96, 72, seed=seed) for seed in (3, 4)]

    def tokens():
        scenes = [nano.encode(frame) for frame in frames]
        return [nano.ask(s, q, max_new_tokens=24).tokens for s in scenes for q in QUESTIONS]

    recorded = tokens()
    assert tokens() == recorded, 'the second time it is replayed'
    assert 'cannot be recorded' not in caplog.text
    nano.vlm.static, nano.lanes.apart = None, False
    for owner, name in nano.stages():
        getattr(owner, name).most = 0
    assert tokens() == recorded
