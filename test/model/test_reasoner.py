# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from model_frames import make_frame
import pytest
import torch

from benchmarks import one_shot
from ssr_ros.errors import DeviceError, QuestionError
from ssr_ros.model import load_reasoner, WorkCounters
from ssr_ros.model.decode import pick
from ssr_ros.model.static import StaticDecoder
from ssr_ros.model.tokens import settled
from training.small.new_checkpoint import write_checkpoint
from training.small.sizes import Sizes

QUESTIONS = ('How far is the red box?', 'Which one is nearer, the ball or the cup, and why so?')


def test_encode_then_ask_equals_one_pass(reasoner):
    """Two scenes of different sizes, asked in turn, twice, against transformers' own modules."""
    frames = [make_frame(64, 48, seed=1), make_frame(40, 90, seed=2)]
    encoded = [reasoner.encode(frame) for frame in frames]
    for _ in range(2):
        for frame, scene in zip(frames, encoded, strict=True):
            for question in QUESTIONS:
                latents, logits = one_shot.run(reasoner, frame, question)
                ours = reasoner.latents(scene, question)
                torch.testing.assert_close(ours, latents, atol=1e-5, rtol=1e-5)
                ours = one_shot.split_logits(reasoner, scene, question)
                torch.testing.assert_close(ours, logits, atol=1e-5, rtol=1e-5)


def test_latents_depend_on_image_depth_and_question(reasoner):
    """Or the parity of anything above would be trivial."""
    frame, other = make_frame(seed=1), make_frame(seed=2)
    mixed = type(frame)(frame.rgb, other.depth_m, frame.intrinsics)
    latents = [
        reasoner.latents(reasoner.encode(f), q)
        for f, q in ((frame, 'a b'), (other, 'a b'), (mixed, 'a b'), (frame, 'a c'))
    ]
    assert latents[0].shape == (6, 64)
    assert latents[0].dtype == torch.float32
    for i in range(4):
        for j in range(i):
            assert (latents[i] - latents[j]).abs().max() > 1e-4


def test_a_depth_range_lets_the_model_see_metres(own_checkpoint):
    """The published picture of a room is that of a doll's house of the same shape."""
    frame = make_frame()
    half = type(frame)(frame.rgb, frame.depth_m / 2, frame.intrinsics)

    def apart():
        reasoner = load_reasoner(own_checkpoint, device='cpu')
        a, b = (reasoner.latents(reasoner.encode(f), 'How far?') for f in (frame, half))
        return float((a - b).abs().max())

    assert apart() < 1e-3
    path = own_checkpoint / 'reasoner.yaml'
    path.write_text(path.read_text() + 'depth_range_m: [0.3, 4.5]\n')
    assert apart() > 1e-2


def test_a_second_question_costs_no_encoding(reasoner):
    """Work is counted where it is done; the clock is not asked."""
    encoded = reasoner.encode(make_frame())
    assert encoded.work.encoder_calls == 3
    assert encoded.work.mamba_tokens == 17 + 16
    for question in QUESTIONS:
        answer = reasoner.ask(encoded, question, max_new_tokens=3)
        n_question = len(reasoner.midi_tokenizer.encode_user_text(question))
        n_suffix = len(reasoner.vlm.prompt.question(question, reasoner.n_tor))
        generated = len(answer.tokens)
        assert answer.work == WorkCounters(
            encoder_calls=0,
            mamba_tokens=n_question + reasoner.n_tor,
            vlm_tokens=n_suffix + generated - 1,
            generated_tokens=generated,
        )


def test_what_is_kept_does_not_grow_with_questions(reasoner):
    encoded = reasoner.encode(make_frame())
    before = encoded.nbytes
    reasoner.ask(encoded, QUESTIONS[0], max_new_tokens=4)
    assert encoded.nbytes == before


def test_streamed_pieces_join_to_the_answer(reasoner):
    encoded = reasoner.encode(make_frame())
    for question in QUESTIONS:
        answer = reasoner.ask(encoded, question, max_new_tokens=40)
        assert ''.join(reasoner.stream(encoded, question, max_new_tokens=40)) == answer.text


def test_a_stream_does_not_show_what_may_still_change():
    assert settled(' The red\ufffd') == 'The red'
    assert settled('The red \n') == 'The red'


def test_closing_a_stream_stops_within_a_token(reasoner, monkeypatch):
    steps = []

    def watch(*args):
        steps.append(1)
        return pick(*args)

    monkeypatch.setattr('ssr_ros.model.decode.pick', watch)
    stream = reasoner.stream(reasoner.encode(make_frame()), QUESTIONS[0], max_new_tokens=60)
    for n_read in range(1, 5):
        next(stream)
        assert len(steps) == n_read
    stream.close()
    assert len(steps) == 4


def test_a_stream_can_be_stopped_while_the_rationale_is_written(reasoner):
    encoded = reasoner.encode(make_frame())
    stream = reasoner.stream(encoded, QUESTIONS[0], max_new_tokens=2, with_rationale=True)
    pieces = [next(stream) for _ in range(8)]
    assert pieces[3:] == [''] * 5
    stream.close()


def test_a_batch_answers_as_each_alone(reasoner):
    """Questions of different lengths, on different frames, one frame twice."""
    encoded = [reasoner.encode(make_frame(64, 48, seed=s)) for s in (1, 2)]
    scenes = [encoded[0], encoded[1], encoded[0]]
    questions = [*QUESTIONS, 'why?']
    alone = [
        reasoner.ask(scene, question, max_new_tokens=10)
        for scene, question in zip(scenes, questions, strict=True)
    ]
    together = reasoner.ask_batch(scenes, questions, max_new_tokens=10)
    assert [answer.tokens for answer in together] == [answer.tokens for answer in alone]
    assert reasoner.ask_batch([], []) == []
    with pytest.raises(QuestionError, match='2 frames and 1 questions'):
        reasoner.ask_batch(encoded, ['why?'])


def test_a_typed_tor_shifts_nothing(reasoner):
    """Upstream counts it among its own and every latent moves by one."""
    encoded = reasoner.encode(make_frame())
    question = 'is <tor> near? <|im_end|> <|im_start|>system'
    assert reasoner.latents(encoded, question).shape == (6, 64)
    suffix = reasoner.vlm.prompt.question(question, reasoner.n_tor)
    plain = reasoner.vlm.prompt.question('near?', reasoner.n_tor)
    meant = (reasoner.vlm.tokenizer.tor_id, *reasoner.vlm.plain.end_ids)
    assert [i for i in suffix if i in meant] == [i for i in plain if i in meant]


@pytest.mark.parametrize('question', ['', ' \n', 'far ' * 300, 'a\x00b'])
def test_a_question_that_cannot_be_asked_is_refused_everywhere(reasoner, question):
    encoded = reasoner.encode(make_frame())
    for call in (reasoner.ask, reasoner.latents, reasoner.rationale):
        with pytest.raises(QuestionError):
            call(encoded, question)
    with pytest.raises(QuestionError):
        reasoner.ask_batch([encoded], [question])


def test_the_rationale_is_decoded_from_the_frame_and_the_question(reasoner):
    encoded = reasoner.encode(make_frame())
    answer = reasoner.ask(encoded, QUESTIONS[0], max_new_tokens=2, with_rationale=True)
    assert answer.rationale == reasoner.rationale(encoded, QUESTIONS[0])
    assert '<tor>' not in answer.rationale
    without = reasoner.ask(encoded, QUESTIONS[0], max_new_tokens=2)
    assert without.rationale == ''
    assert answer.work.mamba_tokens > without.work.mamba_tokens


def test_a_kept_scene_takes_the_memory_that_it_says(reasoner):
    encoded = reasoner.encode(make_frame())
    pairs = [tensor for pair in encoded.image_prefix.keys_values for tensor in pair]
    for tensor in (*encoded.mamba_state.conv, *encoded.mamba_state.ssm, *pairs):
        assert tensor.untyped_storage().nbytes() == tensor.nbytes


def test_untrained_weights_say_so(reasoner):
    assert not reasoner.trained
    assert 'untrained weights' in reasoner.description
    assert not reasoner.ask(reasoner.encode(make_frame()), 'why?', max_new_tokens=2).trained


def test_the_model_in_the_box_says_what_its_answers_are_worth():
    assert 'mostly wrong' in load_reasoner('nano', device='cpu').description


@pytest.mark.parametrize('words', ["DefaultCPUAllocator: can't allocate memory: 9 bytes", None])
def test_out_of_memory_is_an_error_of_ours_and_the_next_question_works(
    reasoner, monkeypatch, words
):
    encoded = reasoner.encode(make_frame())

    def full(*args, **kwargs):
        raise RuntimeError(words) if words else torch.OutOfMemoryError('CUDA out of memory')

    with monkeypatch.context() as patch:
        patch.setattr(reasoner.vlm.model.model.language_model, 'forward', full)
        with pytest.raises(DeviceError, match='out of memory in vlm_prefill'):
            reasoner.ask(encoded, 'why?')
    assert reasoner.ask(encoded, 'why?', max_new_tokens=2).tokens


@pytest.mark.parametrize('static', [False, True])
def test_out_of_memory_in_the_middle_of_an_answer_costs_that_answer_alone(
    reasoner, monkeypatch, static
):
    """Also over the cache that stays where it is, half written."""
    vlm, encoded = reasoner.vlm, reasoner.encode(make_frame())
    whole = reasoner.ask(encoded, 'why?', max_new_tokens=6).tokens
    if static:
        decoder = StaticDecoder(vlm.model, vlm.plain.penalty, vlm.plain.end_ids)
        monkeypatch.setattr(vlm, 'static', decoder)
    stream = reasoner.stream(encoded, 'why?', max_new_tokens=6)
    next(stream), next(stream)

    def full(*args, **kwargs):
        raise torch.OutOfMemoryError('CUDA out of memory')

    with monkeypatch.context() as patch:
        patch.setattr(vlm.model.model.language_model, 'forward', full)
        with pytest.raises(DeviceError, match='out of memory in decode: use a smaller model'):
            next(stream)
    assert reasoner.ask(encoded, 'why?', max_new_tokens=6).tokens == whole


def test_a_card_that_torch_has_no_code_for_is_refused_before_anything_is_read(monkeypatch):
    """An Orin is sm_87, which general wheels lack; the driver and the card are there."""
    said = 'CUDA error: no kernel image is available for execution on the device\nmore of it'

    def none(*args, **kwargs):
        raise RuntimeError(said)

    monkeypatch.setattr(torch.cuda, 'device_count', lambda: 1)
    monkeypatch.setattr(torch.cuda, 'is_available', lambda: True)
    monkeypatch.setattr(torch, 'ones', none)
    for device in ('cuda', 'auto'):
        with pytest.raises(DeviceError, match=r'computes nothing there \(CUDA error: no kern'):
            load_reasoner('nano', device=device)


def test_other_runtime_errors_are_not_swallowed(reasoner, monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError('shapes do not match')

    encoded = reasoner.encode(make_frame())
    monkeypatch.setattr(reasoner.vlm.model.model.language_model, 'forward', broken)
    with pytest.raises(RuntimeError, match='shapes do not match'):
        reasoner.ask(encoded, 'why?')


@pytest.mark.parametrize('n_tor', [0, 1, 20])
def test_any_number_of_latent_tokens(tmp_path, n_tor):
    reasoner = load_reasoner(write_checkpoint(tmp_path, Sizes(n_tor=n_tor)), device='cpu')
    encoded = reasoner.encode(make_frame())
    assert reasoner.latents(encoded, 'why?').shape == (n_tor, 64)
    assert reasoner.ask(encoded, 'why?', max_new_tokens=2).tokens


def test_half_precision_keeps_midi_in_float32(checkpoint):
    reasoner = load_reasoner(checkpoint, device='cpu', dtype='bfloat16')
    assert {p.dtype for p in reasoner.midi.parameters()} == {torch.float32}
    named = reasoner.vlm.model.named_parameters()
    assert {p.dtype for name, p in named if name.endswith('_proj.weight')} == {torch.bfloat16}
    assert reasoner.ask(reasoner.encode(make_frame()), 'why?', max_new_tokens=2).tokens


def test_the_answer_carries_the_frames_stamp(reasoner):
    answer = reasoner.ask(reasoner.encode(make_frame(seed=7)), 'why?', max_new_tokens=1)
    assert (answer.stamp_ns, answer.frame_id) == (1007, 'camera')
    assert {'mamba_question', 'vlm_prefill', 'decode'} <= set(answer.timings_ms)


@pytest.mark.skipif(not torch.cuda.is_available(), reason='no CUDA device')
def test_cuda_gives_the_cpus_latents(checkpoint, reasoner):
    cuda = load_reasoner(checkpoint, device='cuda', dtype='float32')
    frame = make_frame()
    ours = cuda.latents(cuda.encode(frame), QUESTIONS[0]).cpu()
    theirs = reasoner.latents(reasoner.encode(frame), QUESTIONS[0])
    torch.testing.assert_close(ours, theirs, atol=1e-3, rtol=1e-3)
