# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Several cameras on one model: what each has of its own, and which one a question means."""

import arrived
from arrived import color, depth, NOW_NS
from fake_reasoner import FakeReasoner
import numpy as np
import pytest

from ssr_ros.engine.answering import Answering
from ssr_ros.engine.cameras import choose, NodeSettings
from ssr_ros.engine.intake import Intake
from ssr_ros.engine.request import Code, Refused, Request
from ssr_ros.engine.settings import Settings
from ssr_ros.engine.transforms import RigidTransform
from ssr_ros.errors import ConfigError


def settings(**values):
    names = {name.replace('__', '.'): value for name, value in values.items()}
    return NodeSettings().updated(names)


def test_one_camera_without_a_name_has_the_settings_as_they_are():
    one = settings(color__topic='rgb')
    assert one.names == ('',)
    assert one.of('') is one.shared
    assert one.of('').color.topic == 'rgb'
    assert {name for name, _, _ in one.describe()} == {
        name for name, _, _ in NodeSettings().describe()
    }


def test_topics_of_named_cameras_stand_below_their_names():
    two = settings(cameras=['front', 'back'], grounding__detections_topic='yolo')
    assert two.of('front').color.topic == 'front/color/image_raw'
    assert two.of('back').depth.topic == 'back/depth/image_raw'
    assert two.of('back').camera_info.topic == 'back/color/camera_info'
    assert two.of('back').grounding.regions_topic == 'back/named_regions'
    assert two.of('back').grounding.detections_topic == 'back/yolo'
    assert settings(cameras=['a', 'b']).of('a').grounding.detections_topic == ''


def test_what_a_camera_has_of_its_own_goes_before_what_is_shared():
    two = settings(
        cameras=['front', 'back'],
        depth__noise_model='tof',
        front__depth__noise_model='none',
        front__color__topic='/zed/rgb',
        back__camera__pitch_deg=12,
    )
    assert [two.of(name).depth.noise_model for name in two.names] == ['none', 'tof']
    assert two.of('front').color.topic == '/zed/rgb'
    assert [two.of(name).camera.pitch_deg for name in two.names] == [0.0, 12.0]
    changed = two.updated({'depth.noise_model': 'stereo', 'back.depth.max_m': 5.0})
    assert [changed.of(name).depth.noise_model for name in two.names] == ['none', 'stereo']
    assert [changed.of(name).depth.max_m for name in two.names] == [0.0, 5.0]
    assert two.of('back').depth.max_m == 0.0, 'the settings before are as they were'
    described = {name: value for name, _, value in changed.describe()}
    assert described['back.depth.max_m'] == 5.0 and described['depth.max_m'] == 0.0
    assert 'back.model.path' not in described and 'back.grounding.vlm' not in described


@pytest.mark.parametrize(
    ('values', 'words'),
    [
        ({'cameras': ['front', 'front']}, 'different names'),
        ({'cameras': []}, 'different names'),
        ({'cameras': [f'c{number}' for number in range(9)]}, 'expected 1 to 8'),
        ({'cameras': ['front cam']}, 'cannot be the name of a camera'),
        ({'cameras': ['front', '']}, 'cannot be the name of a camera'),
        ({'cameras': ['depth', 'front']}, 'cannot be the name of a camera'),
        (
            {'cameras': ['a', 'b'], 'color.topic': '/rgb'},
            'a and b both take /rgb: set b.color.topic',
        ),
        ({'cameras': ['front'], 'front.color.topik': 'x'}, "Did you mean 'front.color.topic'"),
        ({'cameras': ['front'], 'front.model.path': 'x'}, "unknown .*'front.model.path'"),
        ({'cameras': ['front'], 'back.color.topic': 'x'}, "unknown .*'back.color.topic'"),
        ({'cameras': ['front'], 'front.depth.max_m': -1.0}, "camera 'front': depth.max_m must be"),
        ({'cameras': 'front'}, 'cameras: expected a list'),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(values, words):
    with pytest.raises(ConfigError, match=words):
        NodeSettings().updated(values)


def test_a_question_names_its_camera_and_a_refusal_lists_them():
    two = {'front': 1, 'back': 2}
    assert choose(two, 'back') == ('back', 2)
    assert choose({'front': 1}, '') == ('front', 1), 'the only one there is'
    assert choose({'': 1}, '') == ('', 1)
    for name, words in (
        ('', 'several cameras: set camera to one of front, back'),
        ('left', "no camera 'left': set camera to one of front, back"),
    ):
        with pytest.raises(Refused, match=words) as refused:
            choose(two, name)
        assert refused.value.code is Code.BAD_REQUEST
    with pytest.raises(Refused, match='one camera, without a name: leave it empty'):
        choose({'': 1}, 'front')


def test_cameras_share_a_model_and_have_memories_of_their_own():
    reasoner, answerings = FakeReasoner(), {}
    for name, depth_m in (('front', 1.0), ('back', 2.0)):
        intake = Intake(0, lambda: NOW_NS, lambda stream: 'it is silent')
        intake.take_info(arrived.camera_info(60.0, 64, 48, NOW_NS))
        intake.take_image('color', color(np.zeros((48, 64, 3), np.uint8), NOW_NS))
        intake.take_image('depth', depth(np.full((48, 64), depth_m, np.float32), NOW_NS))
        answerings[name] = Answering(
            reasoner, intake, Settings, lambda target, header: RigidTransform.identity(target)
        )
    texts = [answerings[name].ask(Request('How far?')).text for name in ('front', 'back', 'front')]
    assert texts == ['about 1.00 metres', 'about 2.00 metres', 'about 1.00 metres']
    assert reasoner.encoded == 2
    assert [len(each.memory) for each in answerings.values()] == [1, 1]
