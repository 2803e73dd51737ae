# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What arrives is what it says, or is refused: the table of cameras, by every way in."""

from __future__ import annotations

import re

import known_scene as scene
import pytest

from ssr_ros.errors import FrameError
from ssr_ros.rgbd.calibration import CameraRules
from ssr_ros.rgbd.messages import rgbd_frame

pytest.importorskip('cv2', reason='lenses and measuring need OpenCV')

from known_cameras import cameras

from ssr_ros.scene import measure

TABLE = list(cameras())
IDS = [camera.name for camera in TABLE]


def check_measured(camera, frame):
    scene.assert_right(scene.only_box(measure(frame)))
    said = ' '.join(frame.caveats)
    assert re.search(camera.caveat, said) if camera.caveat else not said


@pytest.mark.parametrize('camera', TABLE, ids=IDS)
def test_the_node_s_conversion_is_right_or_refuses(camera):
    def convert():
        frame = rgbd_frame(
            camera.color, camera.depth, camera.info, rules=CameraRules(topic=camera.topic)
        )
        frame.check_depth()
        return frame

    if camera.error:
        with pytest.raises(FrameError, match=camera.error):
            convert()
    else:
        check_measured(camera, convert())
