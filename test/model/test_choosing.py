# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The likeliest of the offered answers is given, and its likelihood is that of writing it."""

from __future__ import annotations

import math

from model_frames import make_frame
import pytest
import torch

from ssr_ros.errors import CheckpointError
from ssr_ros.model import load_reasoner
from ssr_ros.model.choosing import choose
from ssr_ros.model.decode import Request
from ssr_ros.model.trace import Trace
from ssr_ros.scene.questions.offered import Way

CPU = torch.device('cpu')
WHICH = 'Which is closer, the red mug or the box?'
ORDER = 'Order the mug, the box and the can from near to far.'
OPEN = 'How far is the box?'


@pytest.fixture
def chooser(checkpoint):
    made = load_reasoner(checkpoint, device='cpu')
    made.chooses = True
    return made


def requests_of(reasoner, encoded, questions):
    latents = torch.stack([reasoner.latents(encoded, question) for question in questions])
    return reasoner.vlm.requests([encoded.image_prefix] * len(questions), latents, questions)


@torch.inference_mode()
def test_a_likelihood_is_that_of_writing_the_answer_token_by_token(reasoner):
    encoded = reasoner.encode(make_frame())
    plain, questions = reasoner.vlm.plain, [WHICH, OPEN, 'why?']
    requests = requests_of(reasoner, encoded, questions)
    answers = [reasoner.vlm.tokenizer.encode(text) for text in ('the red mug', 'far', 'so it is')]
    expected = []
    for request, answer in zip(requests, answers, strict=True):
        so_far = 0.0
        for place, token in enumerate(answer):
            told = answer[:place]
            ids = [*request.ids, *told]
            embeds = (
                torch.cat([request.embeds, reasoner.vlm.embed(told)]) if told else request.embeds
            )
            row = Request(prefix=request.prefix, ids=ids, embeds=embeds)
            so_far += float(plain.first_logits([row])[0].log_softmax(-1)[token])
        expected.append(so_far)
    found = plain.likelihoods(requests, answers)
    assert found.tolist() == pytest.approx(expected, abs=1e-4)
    assert len({len(answer) for answer in answers}) > 1


@torch.inference_mode()
def test_of_single_tokens_the_likeliest_is_the_one_that_is_written(reasoner):
    encoded = reasoner.encode(make_frame())
    (request,) = requests_of(reasoner, encoded, [OPEN])
    best = int(reasoner.vlm.plain.first_logits([request]).argmax())
    others = [token for token in range(40, 60) if token != best]
    found = reasoner.vlm.plain.likelihoods([request] * 20, [[t] for t in [*others, best]][-20:])
    assert int(found.argmax()) == 19


def test_choosing_reads_every_offer_and_generates_nothing(chooser):
    encoded = chooser.encode(make_frame())
    asked = [encoded.image_prefix], chooser.latents(encoded, WHICH)[None], [WHICH]
    (request,), trace, offers = chooser.vlm.requests(*asked), Trace(CPU), ('red', 'a box', 'so')
    (chosen,) = choose(chooser.vlm, *asked[:2], [[Way(WHICH, offers)]], trace)
    lengths = [len(chooser.vlm.tokenizer.encode(text)) for text in offers]
    assert trace.work.generated_tokens == 0
    assert trace.work.vlm_tokens == 3 * len(request.ids) + sum(lengths)
    assert chooser.vlm.tokenizer.decode(list(chosen.tokens)) in offers
    assert 1 / 3 <= chosen.likelihood <= 1


def test_only_what_is_offered_is_answered_and_the_rest_is_written(chooser, reasoner):
    encoded = chooser.encode(make_frame())
    answer = chooser.ask(encoded, WHICH)
    assert answer.text in ('The red mug.', 'The box.')
    assert 0.5 <= answer.likelihood <= 1
    things = sorted(chooser.ask(encoded, ORDER).text.rstrip('.').lower().split(', '))
    assert things == ['the box', 'the can', 'the mug']
    freely = chooser.ask(encoded, OPEN, max_new_tokens=5)
    assert freely.tokens == reasoner.ask(reasoner.encode(make_frame()), OPEN, 5).tokens
    assert math.isnan(freely.likelihood)
    assert math.isnan(reasoner.ask(encoded, WHICH, 5).likelihood)


def test_a_batch_of_offers_and_open_questions_is_answered_as_one_by_one(chooser):
    frames = [chooser.encode(make_frame(seed=seed)) for seed in (1, 2)]
    asked = [(frame, question) for frame in frames for question in (WHICH, OPEN, ORDER)]
    together = chooser.ask_batch([f for f, _ in asked], [q for _, q in asked], 4)
    alone = [chooser.ask(frame, question, 4) for frame, question in asked]
    assert [a.tokens for a in together] == [a.tokens for a in alone]
    expected = [a.likelihood for a in alone]
    assert [a.likelihood for a in together] == pytest.approx(expected, abs=1e-5, nan_ok=True)


def test_both_orders_of_naming_get_one_answer(chooser):
    pairs = (
        (WHICH, 'Which is closer, the box or the red mug?', {}),
        (
            'Is the cup to the left of the box?',
            'Is the box to the left of the cup?',
            {'Yes.': 'No.', 'No.': 'Yes.'},
        ),
        (
            'Is the cup left or right of the box?',
            'Is the box left or right of the cup?',
            {'Left.': 'Right.', 'Right.': 'Left.'},
        ),
    )
    for seed in range(3):
        encoded = chooser.encode(make_frame(seed=seed))
        for one, other, turned in pairs:
            a, b = chooser.ask(encoded, one), chooser.ask(encoded, other)
            assert b.text == turned.get(a.text, a.text)
            assert a.likelihood == pytest.approx(b.likelihood, abs=1e-5)


def test_a_chosen_answer_streams_as_its_text(chooser):
    stream, pieces = chooser.stream(chooser.encode(make_frame()), WHICH), []
    with pytest.raises(StopIteration) as stop:
        while True:
            pieces.append(next(stream))
    assert ''.join(pieces) == stop.value.value.text


def test_the_yaml_says_whether_a_model_chooses(own_checkpoint):
    assert not load_reasoner(own_checkpoint, device='cpu').chooses
    path = own_checkpoint / 'reasoner.yaml'
    path.write_text(path.read_text() + 'choose: true\n')
    assert load_reasoner(own_checkpoint, device='cpu').chooses


def test_weights_that_are_no_numbers_are_not_chosen_by(own_checkpoint):
    made = load_reasoner(own_checkpoint, device='cpu')
    made.chooses = True
    encoded = made.encode(make_frame())
    made.vlm.model.lm_head.weight.data[5] = math.nan
    with pytest.raises(CheckpointError, match='not numbers'):
        made.ask(encoded, WHICH)
