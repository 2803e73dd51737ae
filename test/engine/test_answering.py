# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Questions about arrived frames, without ROS: what is computed, what is kept, what is refused."""

from dataclasses import replace
import json
from types import SimpleNamespace

import arrived
from arrived import color, depth, NOW_NS, SECOND
from fake_reasoner import FakeReasoner
import numpy as np
import pytest

from ssr_ros.engine.answering import Answering, UNTRAINED
from ssr_ros.engine.gravity import Down
from ssr_ros.engine.intake import Intake
from ssr_ros.engine.one_answer import Source
from ssr_ros.engine.request import checked, Code, refusal, Refused, Request
from ssr_ros.engine.settings import Settings
from ssr_ros.engine.transforms import RigidTransform
from ssr_ros.errors import FrameError, GroundingError, NoDepthError, QuestionError
from ssr_ros.grounding import Detections, DetectionsGrounder, Grounded
from ssr_ros.grounding.vlm import VlmGrounder
from ssr_ros.scene import SceneFacts


class Bench:
    """An Answering with everything around it, and a camera that shows what it is told to."""

    def __init__(self, trained=True, grounders=()):
        self.reasoner = FakeReasoner(trained)
        self.settings = Settings.from_flat({'grounding.wait_s': 0.0})
        self.detections = DetectionsGrounder()
        self.intake = Intake(0, lambda: NOW_NS, lambda stream: 'it is silent')
        self.down = None
        self.answering = Answering(
            self.reasoner,
            self.intake,
            lambda: self.settings,
            lambda target, header: RigidTransform.identity(target),
            lambda header: self.down,
            detectors=[self.detections],
            grounders=grounders,
        )

    def show(self, depth_m, stamp_ns=NOW_NS):
        height, width = depth_m.shape
        self.intake.take_info(arrived.camera_info(60.0, width, height, stamp_ns))
        self.intake.take_image('color', color(np.zeros((height, width, 3), np.uint8), stamp_ns))
        self.intake.take_image('depth', depth(depth_m, stamp_ns))


@pytest.fixture
def bench():
    bench = Bench()
    bench.show(np.full((48, 64), 2.0, np.float32))
    return bench


def test_a_frame_is_encoded_once_however_often_it_is_asked_about(bench):
    replies = [bench.answering.ask(Request('How far?')) for _ in range(3)]
    assert bench.reasoner.encoded == 1
    assert [reply.work.encoder_calls for reply in replies] == [3, 0, 0]
    assert 'encode.image_encoder' in replies[0].timings_ms
    assert 'encode.image_encoder' not in replies[1].timings_ms


def test_how_likely_the_model_held_its_answer_is_how_sure_the_reply_is(bench):
    bench.reasoner.likelihood = 0.75
    reply = bench.answering.ask(Request('What is it made of?'))
    assert (reply.one.source, reply.one.confidence) == (Source.MODEL, 0.75)


def with_thing():
    """A thing 1.2 m away before a wall at 2 m."""
    depth_m = np.full((48, 64), 2.0, np.float32)
    depth_m[14:34, 22:42] = 1.2
    return depth_m


def test_the_model_is_told_nothing_unless_a_parameter_says_so(bench):
    bench.show(with_thing(), NOW_NS + 1)
    reply = bench.answering.ask(Request('How far?'))
    assert (reply.told, reply.work.fact_tokens, bench.reasoner.picture) == ('', 0, None)


def test_the_model_is_told_what_was_measured_with_the_names_of_the_question(bench):
    bench.settings = bench.settings.updated({'prompt.facts': 'table'})
    bench.show(with_thing(), NOW_NS + 1)
    reply = bench.answering.ask(Request('How far?', regions=(Grounded('mug', (22, 14, 42, 34)),)))
    assert '1. mug' in reply.told and '1.20 m away' in reply.told
    assert reply.work.fact_tokens == len(reply.told.split())
    assert bench.reasoner.picture is None


def test_numbers_on_the_image_are_read_again_only_when_they_are_others(bench):
    bench.settings = bench.settings.updated({'prompt.facts': 'marks'})
    bench.show(with_thing(), NOW_NS + 1)
    calls = [bench.answering.ask(Request('How far?')).work.encoder_calls for _ in range(2)]
    assert calls == [3, 0] and bench.reasoner.encoded == 1
    assert bench.reasoner.picture.shape == (48, 64, 3) and bench.reasoner.picture.any()
    mug = (Grounded('mug', (22, 14, 42, 34)),)
    calls = [
        bench.answering.ask(Request('How far?', regions=mug)).work.encoder_calls for _ in range(2)
    ]
    assert calls == [3, 0]
    bench.settings = bench.settings.updated({'prompt.facts': 'none'})
    assert bench.answering.ask(Request('How far?')).work.encoder_calls == 3
    assert bench.reasoner.picture is None


def test_a_question_is_read_and_measured_once(bench, monkeypatch):
    """Answering, checking the model's text and wording the reasons all stand on one answer."""
    asked, query = [], SceneFacts.query
    monkeypatch.setattr(
        SceneFacts, 'query', lambda facts, text: asked.append(text) or query(facts, text)
    )
    bench.answering.ask(Request('How far is the wall?'))
    assert asked == ['How far is the wall?']
    bench.answering.measure(Request('How far is the wall?'))
    assert len(asked) == 2


def test_a_question_may_be_as_long_as_the_node_allows(bench):
    """The geometry and the model do not judge again what the node has let through."""
    bench.settings = Settings.from_flat({'question.max_chars': 5000})
    long = checked(
        Request('Please ' * 200 + 'how far is the middle of the image?'), bench.settings
    )
    assert len(long.question) > 1300
    assert bench.answering.ask(long).measured.value == pytest.approx(2.0, abs=0.05)


def test_a_clean_question_goes_on(bench):
    request = checked(Request('  How\u00a0far is the wall?\r\n'), Settings())
    assert request.question == 'How far is the wall?'


def test_measuring_does_not_touch_the_model(bench):
    reply = bench.answering.measure(Request(''))
    assert bench.reasoner.encoded == 0
    assert reply.measured is None and reply.facts.valid_ratio == 1.0


def test_a_new_frame_replaces_the_old_one(bench):
    bench.answering.ask(Request('How far?'))
    bench.show(np.full((48, 64), 1.0, np.float32), NOW_NS + SECOND)
    assert bench.answering.ask(Request('How far?')).text == 'about 1.00 metres'
    assert bench.reasoner.encoded == 2


def test_what_was_forgotten_is_encoded_anew(bench):
    bench.answering.ask(Request('How far?'))
    bench.answering.forget()
    assert bench.answering.ask(Request('How far?')).work.encoder_calls == 3


def test_the_text_so_far_grows_and_cancelling_stops_it(bench):
    heard = []

    def on_text(text, tokens):
        heard.append((text, tokens))

    with pytest.raises(Refused, match='after 2 tokens') as refused:
        bench.answering.ask(Request('How far?'), on_text, lambda: len(heard) == 2)
    assert refused.value.code == Code.CANCELLED
    assert heard == [('about', 1), ('about 2.00', 2)]


def test_depth_beyond_the_limit_counts_as_unknown(bench):
    depth_m = np.full((48, 64), 2.0, np.float32)
    depth_m[:, 32:] = 40.0
    bench.show(depth_m, NOW_NS + 1)
    bench.settings = Settings.from_flat({'depth.max_m': 10.0})
    reply = bench.answering.ask(Request('How far?'))
    assert reply.text == 'about 2.00 metres'
    assert reply.facts.frame.valid_ratio == 0.5


def test_a_frame_without_depth_is_refused_and_not_encoded(bench):
    bench.show(np.zeros((48, 64), np.float32), NOW_NS + 1)
    with pytest.raises(NoDepthError) as refused:
        bench.answering.ask(Request('How far?'))
    assert refusal(refused.value)[0] == Code.NO_DEPTH and bench.reasoner.encoded == 0


def test_a_frame_of_no_use_does_not_hide_the_one_before_for_ever(bench):
    """What was cached of the good frame may not be given as an answer about the bad one."""
    bench.answering.ask(Request('How far?'))
    bench.show(np.full((48, 64), np.nan, np.float32), NOW_NS + 1)
    for _ in range(2):
        with pytest.raises(NoDepthError):
            bench.answering.ask(Request('How far?'))


def test_untrained_weights_are_marked_in_every_text():
    bench = Bench(trained=False)
    bench.show(np.full((48, 64), 2.0, np.float32))
    heard = []
    query = Request('How far?', with_rationale=True)
    reply = bench.answering.ask(query, lambda text, tokens: heard.append(text))
    assert reply.text == UNTRAINED + 'about 2.00 metres'
    assert reply.rationale == UNTRAINED + 'because it is a fake'
    assert bench.answering.ask(Request('How far?')).rationale == ''
    assert all(text.startswith(UNTRAINED) for text in heard)
    assert reply.agreement is None, 'noise is not held against a measurement'


@pytest.mark.parametrize('region_px', [(0, 0, 0, 5), (60, 0, 5, 5), (0, 44, 5, 5)])
def test_a_region_must_lie_inside_the_image(bench, region_px):
    with pytest.raises(Refused, match='64x48') as refused:
        bench.answering.measure(Request('', region_px=region_px))
    assert refused.value.code == Code.BAD_REQUEST


def test_images_that_do_not_fit_keep_their_own_error(bench):
    bench.show(np.full((48, 64), 2.0, np.float32), NOW_NS + 1)
    bench.intake.take_info(arrived.camera_info(60.0, 9, 9, NOW_NS + 1))
    with pytest.raises(FrameError, match='9x9'):
        bench.answering.measure(Request(''))


@pytest.mark.parametrize('question', ['How far\nis it?', 'Wie weit ist die rote Tür?', '多远?'])
def test_questions_in_any_script_may_be_asked(question):
    checked(Request(question), Settings())


@pytest.mark.parametrize(
    'question', ['', ' \t', 'x' * 1001, 'a\x00b', '\x7f', 'a\ufffd', '\ud800']
)
def test_what_is_no_question_is_refused(question):
    with pytest.raises(QuestionError):
        checked(Request(question), Settings())


def test_a_measurement_needs_no_question_but_no_rubbish_either():
    checked(Request(''), Settings(), needs_question=False)
    with pytest.raises(QuestionError):
        checked(Request('\x00'), Settings(), needs_question=False)
    with pytest.raises(Refused, match='max_age_ms'):
        checked(replace(Request(''), max_age_ms=-1.0), Settings(), needs_question=False)


def test_changed_settings_and_calibration_hold_for_the_frame_that_stands(bench):
    """A person tunes them on a stopped bag, where no new frame comes."""
    first = bench.answering.measure(Request('')).facts
    assert bench.answering.measure(Request('')).facts is first
    bench.settings = Settings.from_flat({'depth.noise_model': 'none'})
    assert bench.answering.measure(Request('')).facts.noise.name == 'none'
    bench.intake.take_info(arrived.camera_info(120.0, stamp_ns=NOW_NS))
    assert bench.answering.measure(Request('')).facts.frame.intrinsics.fx == 120.0


def test_an_answer_without_an_end_is_not_asked_for():
    with pytest.raises(Refused, match='at most 4096') as refused:
        checked(Request('How far?', max_new_tokens=4_000_000_000), Settings())
    assert refused.value.code == Code.BAD_REQUEST


def test_gravity_that_the_robot_knows_goes_before_what_the_picture_suggests(bench):
    """Of a camera that lies on its side: the height of a box is its width in the picture."""
    depth_m = np.full((48, 64), 2.0, np.float32)
    depth_m[10:38, 22:36] = 1.2  # 28 rows, 14 columns
    bench.show(depth_m, NOW_NS + 1)
    upright = bench.answering.measure(Request(''))
    assert upright.gravity_source == 'level', 'nobody told, and no floor is in view'
    bench.down = Down(np.array([1.0, 0.0, 0.0]), 'imu')  # the camera lies on its side
    bench.show(depth_m, NOW_NS + 2)
    lying = bench.answering.measure(Request(''))
    assert lying.gravity_source == 'imu'
    height_m = [reply.facts.objects[0].size_m[2] for reply in (upright, lying)]
    assert height_m == pytest.approx([28 / 60 * 1.2, 14 / 60 * 1.2], rel=0.1)


def test_rectified_images_are_measured_by_p(bench):
    """The name of their topic tells; with K a fifth of the width would be missing."""
    depth_m = np.full((48, 64), 2.0, np.float32)
    info = arrived.camera_info(60.0, stamp_ns=NOW_NS + 1)
    info.p = [48.0, 0, 32, 0, 0, 48.0, 24, 0, 0, 0, 1, 0]
    bench.show(depth_m, NOW_NS + 1)
    bench.intake.take_info(info)
    bench.settings = Settings.from_flat({'camera_info.images': 'rectified'})
    assert bench.answering.measure(Request('')).facts.frame.intrinsics.fx == 48.0
    bench.settings = Settings.from_flat({'camera_info.images': 'raw'})
    assert bench.answering.measure(Request('')).facts.frame.intrinsics.fx == 60.0


def two_things():
    """A near block on the left and a far one on the right, before a wall."""
    depth_m = np.full((48, 64), 3.0, np.float32)
    depth_m[14:34, 8:24], depth_m[10:38, 40:56] = 1.0, 2.0
    return depth_m


MUG, CHAIR = Grounded('mug', (8, 14, 24, 34), 0.8, 'given'), Grounded('chair', (40, 10, 56, 38))
WHICH = 'Which is closer, the chair or the mug?'


def test_a_question_is_asked_by_the_names_that_come_with_it(bench):
    bench.show(two_things(), NOW_NS + 1)
    reply = bench.answering.ask(Request(WHICH, regions=(MUG, CHAIR)))
    assert reply.measured.choice == 'mug'
    assert reply.one.source is Source.GROUNDED
    assert reply.one.target_m[2] == pytest.approx(1.0, abs=0.05)
    assert reply.one.confidence == pytest.approx(0.95 * 0.8)
    assert bench.answering.measure(Request(WHICH, regions=(MUG, CHAIR))).measured.choice == 'mug'
    assert not bench.answering.measure(Request(WHICH)).measured.answered


def test_detections_of_the_same_image_give_names_too(bench):
    bench.show(two_things(), NOW_NS + 1)
    bench.detections.put(Detections((MUG, CHAIR), NOW_NS + 1, 'camera'))
    assert bench.answering.measure(Request(WHICH)).measured.choice == 'mug'


@pytest.mark.parametrize(
    'wrong',
    [
        {'stamp_ns': NOW_NS + 2},
        {'frame_id': 'other'},
        {'width': 640, 'height': 480},
        {'regions': (Grounded('mug', (300, 200, 400, 300)),)},
    ],
)
def test_detections_of_another_image_are_not_used_and_the_log_says_why(bench, wrong, caplog):
    bench.show(two_things(), NOW_NS + 1)
    right = {'regions': (MUG, CHAIR), 'stamp_ns': NOW_NS + 1, 'frame_id': 'camera'}
    bench.detections.put(Detections(**{**right, **wrong}))
    assert not bench.answering.measure(Request(WHICH)).measured.answered
    assert 'detections are not used' in caplog.text


def test_names_are_found_once_for_a_frame(bench, monkeypatch):
    named, count = SceneFacts.named, []
    monkeypatch.setattr(
        SceneFacts, 'named', lambda facts, regions: count.append(1) or named(facts, regions)
    )
    bench.show(two_things(), NOW_NS + 1)
    for _ in range(3):
        bench.answering.measure(Request(WHICH, regions=(MUG, CHAIR)))
    assert len(count) == 1


def test_regions_outside_the_image_are_a_bad_request(bench):
    far = Grounded('mug', (300, 200, 400, 300))
    with pytest.raises(GroundingError) as error:
        bench.answering.measure(Request(WHICH, regions=(far,)))
    assert refusal(error.value)[0] == Code.BAD_REQUEST


class Pointer:
    """A source that points at a mug, and remembers what it was asked for."""

    name = 'pointer'

    def __init__(self):
        self.asked = []

    def locate(self, frame, phrases):
        self.asked.append(tuple(phrases))
        return [
            replace(MUG, source='pointer') if p == 'mug' else Grounded(p, source='pointer')
            for p in phrases
        ]


def test_a_source_is_asked_once_for_what_nobody_knows_and_never_for_what_is_known():
    pointer = Pointer()
    bench = Bench(grounders=[pointer])
    bench.show(two_things(), NOW_NS + 1)
    for question in (WHICH, WHICH, 'How far is the red mug?', 'How far is the nearest thing?'):
        reply = bench.answering.measure(Request(question, regions=(CHAIR,)))
    assert pointer.asked == [('mug',)]
    reply = bench.answering.ask(Request(WHICH, regions=(CHAIR,)))
    assert (reply.measured.choice, reply.one.source) == ('mug', Source.GROUNDED)
    reply = bench.answering.ask(Request('How far is the fork?'))
    assert pointer.asked == [('mug',), ('fork',)]
    assert 'pointer looked and saw mug' in reply.measured.text
    assert reply.one.source is Source.NONE
    bench.show(two_things(), NOW_NS + 2)
    bench.answering.measure(Request('How far is the mug?'))
    assert pointer.asked[-1] == ('mug',), 'another frame is looked at anew'


def test_a_source_that_points_at_one_thing_hears_the_colours_of_the_question():
    pointer = Pointer()
    pointer.by_whole_name = True
    bench = Bench(grounders=[pointer])
    bench.show(two_things(), NOW_NS + 1)
    bench.answering.measure(Request('Which is closer, the red mug or the fork?'))
    bench.answering.measure(Request('How far is the blue mug?'))
    assert pointer.asked == [('red mug', 'fork'), ('blue mug',)]


class Seer:
    """A vision-language model that sees the mug where it is."""

    family = 'qwen2_5_vl'

    def look(self, frame):
        return SimpleNamespace(image_size=(frame.width, frame.height))

    def reply(self, seen, question, max_new_tokens, goes_on):
        box = [round(value) for value in MUG.box_px]
        return json.dumps([{'bbox_2d': box, 'label': 'mug'}])


def test_a_grounded_question_costs_one_pass_of_the_model_and_none_when_the_name_is_known():
    grounder = VlmGrounder(Seer())
    bench = Bench(grounders=[grounder])
    bench.show(two_things(), NOW_NS + 1)
    questions = ('How far is the mug?', 'How wide is the mug?', 'Which is the nearest thing?')
    replies = [bench.answering.ask(Request(question)) for question in questions]
    assert replies[0].one.source is Source.GROUNDED
    assert (grounder.looks, grounder.passes) == (1, 1)
    both = 'How far apart are the fork and the spoon?'
    assert [bench.answering.ask(Request(both)).one.source for _ in range(2)] == [Source.NONE] * 2
    assert (grounder.looks, grounder.passes) == (1, 2), 'both in one, and denied from then on'
    bench.show(two_things(), NOW_NS + 2)
    bench.detections.put(Detections((replace(MUG, source='detections'),), NOW_NS + 2, 'camera'))
    reply = bench.answering.ask(Request('How far is the mug?'))
    assert reply.one.source is Source.GROUNDED
    assert (grounder.looks, grounder.passes) == (1, 2), 'a detector knew'


def test_an_image_in_which_a_detector_saw_nothing_denies_the_name_whatever_its_colour(bench):
    """The block is the only black thing: without a detector its colour would be taken for it."""
    bench.show(two_things(), NOW_NS + 1)
    bench.detections.put(Detections((), NOW_NS + 1, 'camera'))
    reply = bench.answering.ask(Request('How far is the black mug?'))
    assert not reply.measured.answered
    assert 'detections looked and saw nothing' in reply.measured.text
    assert reply.one.source is Source.NONE
    assert bench.answering.measure(Request('How far is the nearest thing?')).measured.answered
