# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""cv_bridge reads what our table lacks, where it works; where it does not, that is said."""

from types import SimpleNamespace

import numpy as np
import pytest

from ssr_ros.errors import EncodingError
from ssr_ros.rgbd import bridge, messages

WORKING = """
import numpy as np
class CvBridgeError(TypeError):
    pass
class CvBridge:
    def imgmsg_to_cv2(self, message, wanted):
        assert wanted == 'rgb8'
        pixels = np.frombuffer(message.data, np.uint16).reshape(message.height, message.width, 3)
        return (pixels / 256).astype(np.uint8)
"""
PICKY = """
    def imgmsg_to_cv2(self, message, wanted):
        if message.height > 1:
            raise CvBridgeError('not this one')
        return np.uint8([[[255, 0, 0], [0, 128, 0]]])
"""
BROKEN = {
    'numpy': "raise AttributeError('_ARRAY_API not found')",
    'crash': 'import os, signal; os.kill(os.getpid(), signal.SIGSEGV)',
    'wrong': WORKING.replace('/ 256', '/ 300'),
    'other': "raise ImportError('libopencv_core.so.406: cannot open shared object file')",
}


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Install a cv_bridge of a few lines."""

    def install(source):
        (tmp_path / 'cv_bridge.py').write_text(source)
        monkeypatch.syspath_prepend(str(tmp_path))
        monkeypatch.delitem(__import__('sys').modules, 'cv_bridge', raising=False)
        bridge.trouble.cache_clear()

    yield install
    bridge.trouble.cache_clear()


def image(encoding='rgb16', width=2, height=1, step=12, data=None):
    pixels = np.array([[[65535, 0, 0], [0, 32768, 256]]], np.uint16)
    return SimpleNamespace(
        encoding=encoding,
        width=width,
        height=height,
        step=step,
        is_bigendian=0,
        data=pixels.tobytes() if data is None else data,
    )


def test_sixteen_bit_colour_is_read_by_a_cv_bridge_that_works(installed):
    installed(WORKING)
    assert bridge.trouble() == ''
    rgb = messages.color_image(image())
    assert rgb.tolist() == [[[255, 0, 0], [0, 128, 1]]] and rgb.dtype == np.uint8


@pytest.mark.parametrize(
    ('how', 'words'),
    [
        ('numpy', 'built for another NumPy than .*535.*_ARRAY_API not found'),
        ('crash', 'built for another NumPy than .*took its process down .exit code -11'),
        ('wrong', 'converts a known picture wrongly'),
        ('other', 'does not work: ImportError: libopencv_core'),
    ],
)
def test_one_that_is_broken_is_recognised_and_stays_out_of_this_process(installed, how, words):
    installed(BROKEN[how])
    with pytest.raises(EncodingError, match=f"(?s)'rgb16' is not supported.*{words}"):
        messages.color_image(image())


def test_without_it_nothing_else_is_missing(monkeypatch):
    monkeypatch.setattr('importlib.util.find_spec', lambda name: None)
    bridge.trouble.cache_clear()
    with pytest.raises(EncodingError, match='might read it, is not installed'):
        messages.color_image(image())
    rgb = messages.color_image(image('rgb8', step=6, data=bytes(range(6))))
    assert rgb.tolist() == [[[0, 1, 2], [3, 4, 5]]]
    bridge.trouble.cache_clear()


@pytest.mark.parametrize('wrong', [{'step': 11}, {'height': 2}, {'data': b''}])
def test_bytes_that_are_too_few_never_reach_it(installed, wrong):
    installed(WORKING)
    with pytest.raises(EncodingError, match='needs rows of 12 bytes'):
        messages.color_image(image(**wrong))


def test_what_it_cannot_convert_is_refused(installed):
    installed(WORKING + PICKY)
    with pytest.raises(EncodingError, match='cv_bridge cannot read it: not this one'):
        messages.color_image(image(height=2, data=bytes(24)))
    with pytest.raises(EncodingError, match=r'gave \(1, 2, 3\) of uint8, expected \(1, 1, 3\)'):
        messages.color_image(image(width=1))


class Buffer:
    """As rosidl's in Lyrical: on a device, without the buffer protocol."""

    backend_type = 'cuda'

    def __init__(self, data):
        self._data = data

    def to_bytes(self):
        return self._data


def test_pixels_that_stay_on_a_device_are_fetched():
    """ROS 2 Lyrical: `uint8[]` of a GPU publisher is no array."""
    raw = image('rgb8', step=6, data=Buffer(bytes(range(6))))
    assert messages.color_image(raw).tolist() == [[[0, 1, 2], [3, 4, 5]]]
    depth = image('16UC1', step=4, data=Buffer(np.array([1000, 0], '<u2').tobytes()))
    assert messages.depth_image(depth)[0, 0] == 1.0 and np.isnan(messages.depth_image(depth)[0, 1])


def test_compressed_pixels_that_stay_on_a_device_are_fetched():
    cv2 = pytest.importorskip('cv2', reason='writes a PNG with OpenCV')
    _, png = cv2.imencode('.png', np.full((2, 3, 3), 7, np.uint8))
    message = SimpleNamespace(format='png', data=Buffer(png.tobytes()))
    assert messages.image_size(message) == (3, 2)
    assert messages.color_image(message).tolist() == [[[7, 7, 7]] * 3] * 2
