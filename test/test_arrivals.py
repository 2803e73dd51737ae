# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What arrives is what it says, or is refused: the table of cameras, by every way in."""

from __future__ import annotations

import json
import re

import known_scene as scene
import numpy as np
import pytest

from ssr_ros.cli import main
from ssr_ros.errors import BagError, FrameError
from ssr_ros.rgbd.calibration import CameraRules
from ssr_ros.rgbd.messages import rgbd_frame

pytest.importorskip('cv2', reason='lenses and measuring need OpenCV')
pytest.importorskip('rosbags.rosbag2', reason='bags are read through rosbags')

from bag_recorder import record_camera
from known_cameras import cameras

from ssr_ros.bags.read import open_bag
from ssr_ros.scene import measure

TABLE = list(cameras())
IDS = [camera.name for camera in TABLE]


def convert(camera):
    """As the node does."""
    rules = CameraRules(topic=camera.topic)
    frame = rgbd_frame(camera.color, camera.depth, camera.info, rules=rules)
    frame.check_depth()
    return frame


@pytest.mark.parametrize('camera', TABLE, ids=IDS)
def test_the_node_s_conversion_is_right_or_refuses(camera):
    if camera.error:
        with pytest.raises(FrameError, match=camera.error):
            convert(camera)
        return
    frame = convert(camera)
    scene.assert_right(scene.only_box(measure(frame)))
    said = ' '.join(frame.caveats)
    assert re.search(camera.caveat, said) if camera.caveat else not said


@pytest.mark.parametrize('camera', TABLE, ids=IDS)
def test_a_recording_gives_the_same_frame_or_refuses(camera, tmp_path):
    record_camera(tmp_path / 'bag', camera)
    with open_bag(tmp_path / 'bag') as bag:
        if camera.error:
            with pytest.raises((FrameError, BagError), match=camera.error):
                next(bag.frames()).check_depth()
            return
        (frame,) = bag.frames()
    expected = convert(camera)
    assert frame.intrinsics == expected.intrinsics and frame.caveats == expected.caveats
    np.testing.assert_array_equal(frame.rgb, expected.rgb)
    np.testing.assert_array_equal(frame.depth_m, expected.depth_m)


@pytest.mark.parametrize(
    'camera',
    [camera for n, camera in enumerate(TABLE) if camera.error or camera.caveat or n % 9 == 0],
    ids=lambda camera: camera.name,
)
def test_the_command_prints_the_right_width_or_one_line(camera, tmp_path, capsys):
    record_camera(tmp_path / 'bag', camera)
    picture = str(tmp_path / 'picture.png')
    code = main(['measure', '--bag', str(tmp_path / 'bag'), '--out', picture, '--json'])
    out, err = capsys.readouterr()
    said = json.loads(out)
    if camera.error:
        assert code == 2 and err.count('\n') == 1 and re.search(camera.error, err)
        return
    (box,) = said['objects']
    assert code == 0 and abs(box['size_m'][0] - scene.WIDTH_M) < 0.012
    assert re.search(camera.caveat, ' '.join(said['caveats']))
