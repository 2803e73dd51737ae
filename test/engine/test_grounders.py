# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Sources of names are those that the settings name, and none otherwise."""

from types import SimpleNamespace

import pytest

from ssr_ros.engine.grounders import configured
from ssr_ros.engine.settings import Settings
from ssr_ros.errors import ConfigError
from ssr_ros.grounding.pointing import PointingGrounder


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
