# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Sources of names are those that the settings name, and none otherwise."""

from types import SimpleNamespace

import numpy as np
import pytest

from ssr_ros.engine.grounders import configured
from ssr_ros.engine.naming import Naming
from ssr_ros.engine.request import Request
from ssr_ros.engine.scenes import Scene
from ssr_ros.engine.settings import Settings
from ssr_ros.engine.stopwatch import Stopwatch
from ssr_ros.errors import ConfigError
from ssr_ros.grounding import Detections, DetectionsGrounder, Grounded
from ssr_ros.grounding.pointing import PointingGrounder
from ssr_ros.rgbd import CameraIntrinsics, RgbdFrame


def grounding(**values):
    return Settings.from_flat({f'grounding.{k}': v for k, v in values.items()}).grounding


NOBODY = SimpleNamespace(pointer=None, seer=None)


def test_by_default_nobody_is_asked():
    assert configured(grounding(), NOBODY) == []


def test_the_loaded_model_is_asked_before_a_server_is():
    settings = grounding(vlm=True, server_url='http://robot:8000/v1', server_model='qwen')
    seer = SimpleNamespace(family='qwen2_5_vl')
    model = SimpleNamespace(pointer=None, seer=seer)
    assert [each.name for each in configured(settings, model)] == ['vlm', 'server']


def test_a_model_that_points_is_asked_to_and_not_for_boxes():
    model = SimpleNamespace(pointer=SimpleNamespace(), seer=SimpleNamespace(family='unknown'))
    (grounder,) = configured(grounding(vlm=True), model)
    assert isinstance(grounder, PointingGrounder) and grounder.name == 'vlm'


@pytest.mark.parametrize(
    ('values', 'said'),
    [
        ({'vlm': True}, 'neither taught to point nor'),
        ({'server_url': 'robot:8000', 'server_model': 'qwen'}, 'http://host:8000/v1'),
        ({'server_url': 'http://robot:8000/v1'}, 'needs the name of a model'),
        ({'onnx_path': 'yolo.onnx'}, 'one class a line'),
        ({'onnx_path': 'yolo.onnx', 'onnx_classes': '/nowhere/names.txt'}, 'one class a line'),
    ],
)
def test_what_a_source_lacks_is_said(values, said):
    with pytest.raises(ConfigError, match=said):
        configured(grounding(**values), NOBODY)


class Believer:
    """A model that believes everything to be in the middle of the picture."""

    def read(self, frame):
        return 'as it was read by itself'

    def point(self, seen, name):
        self.saw = seen
        shares = np.zeros((7, 7))
        shares[2:5, 2:5] = 1 / 9
        return SimpleNamespace(shares=shares, nowhere=0.0)


@pytest.mark.parametrize(
    ('encoded', 'numbered', 'saw'),
    [
        ('as it was read', None, 'as it was read'),
        (None, None, 'as it was read by itself'),
        ('with numbers drawn in', 'some', 'as it was read by itself'),
    ],
)
def test_a_model_that_points_sees_a_frame_as_it_was_read_for_the_question(encoded, numbered, saw):
    depth_m = np.full((96, 128), 2.0, np.float32)
    depth_m[30:70, 44:84] = 1.2
    frame = RgbdFrame(
        np.zeros((96, 128, 3), np.uint8), depth_m, CameraIntrinsics(120.0, 120.0, 63.5, 47.5)
    )
    scene = Scene((), None, frame, None, 'stereo', None, encoded=encoded, numbered=numbered)
    model = Believer()
    naming = Naming(grounding, (), [PointingGrounder(model)])
    (mug,) = naming.regions(scene, Request('How far is the mug?'), Stopwatch(), 0.0)
    assert mug.mask is scene.measured().objects[0].mask
    assert model.saw == saw


def test_the_first_detections_of_somebody_who_detects_are_waited_for():
    """They need not be there when the first question comes; where nobody is, nobody waits."""
    depth_m = np.full((96, 128), 2.0, np.float32)
    camera = CameraIntrinsics(120.0, 120.0, 63.5, 47.5)
    frame = RgbdFrame(np.zeros((96, 128, 3), np.uint8), depth_m, camera, 5, 'camera')
    detector, waited = DetectionsGrounder(), []

    def wait_for(frame, timeout_s):
        waited.append(timeout_s)
        detector.put(Detections((Grounded('mug', (44, 30, 84, 70), 0.8),), 5, 'camera'))

    detector.wait_for = wait_for
    naming = Naming(grounding, (detector,), [])

    def names():
        scene = Scene((), None, frame, None, 'stereo', None)
        found = naming.regions(scene, Request('How far is the mug?'), Stopwatch(), 0.25)
        return [each.phrase for each in found]

    assert names() == [] and waited == []
    detector.is_fed = lambda: True
    assert names() == ['mug'] and waited == [0.25]
