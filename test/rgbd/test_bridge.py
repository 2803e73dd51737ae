# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""cv_bridge reads what our table lacks, where it works; where it does not, that is said."""

import importlib.util
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from ssr_ros.errors import EncodingError
from ssr_ros.rgbd import bridge, messages

# Rows and byte order as the real one takes them: neither padding nor the other order.
WORKING = """
import sys
import numpy as np
class CvBridgeError(TypeError):
    pass
class CvBridge:
    def imgmsg_to_cv2(self, message, wanted):
        assert wanted == 'rgb8'
        columns = int(message.step / 2 / 3)
        pixels = np.ndarray((message.height, columns, 3), np.uint16, message.data)
        if message.is_bigendian == (sys.byteorder == 'little'):
            pixels = pixels.byteswap().newbyteorder()
        return (pixels[:, : message.width] / 256).astype(np.uint8)
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
        sys.modules.pop('cv_bridge', None)
        bridge.trouble.cache_clear()

    yield install
    sys.modules.pop('cv_bridge', None)
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


@pytest.mark.parametrize(
    ('wrong', 'words'),
    [
        ({'step': 11}, 'step of at least 12 bytes, got 11'),
        ({'height': 2}, 'needs 24 bytes, got 12'),
        ({'data': b''}, 'needs 12 bytes, got 0'),
        ({'width': 0}, 'is empty: 0x1'),
    ],
)
def test_bytes_that_are_too_few_never_reach_it(installed, wrong, words):
    installed(WORKING)
    with pytest.raises(EncodingError, match=words):
        messages.color_image(image(**wrong))


def a_picture(encoding, order='<', padding=0):
    """(6, 8) pixels, all (60000, 20000, 5000) but for one that is green."""
    rgb = np.full((6, 8, 3), (60000, 20000, 5000), np.uint16)
    rgb[4, 6] = 0, 65535, 0
    if 'bayer' in encoding:
        pattern = ['rgb'.index(color) for color in encoding[len('bayer_') : -2]]
        one_each = [rgb[0, 0, channel] for channel in pattern]
        pixels = np.tile(np.reshape(one_each, (2, 2)), (3, 4))
    else:
        with_alpha = np.insert(rgb, 3, 65535, axis=2)
        pixels = with_alpha[..., ['rgba'.index(channel) for channel in encoding[:-2]]]
    rows = pixels.astype(f'{order}u2').reshape(6, -1).view(np.uint8)
    rows = np.pad(rows, ((0, 0), (0, padding)), constant_values=77)
    message = image(encoding, 8, 6, rows.shape[1], rows.tobytes())
    message.is_bigendian = int(order == '>')
    return message


@pytest.mark.parametrize(('order', 'padding'), [('<', 0), ('<', 5), ('<', 6), ('>', 0), ('>', 32)])
def test_padded_rows_and_bytes_of_the_other_order_are_set_right_before(installed, order, padding):
    installed(WORKING)
    rgb = messages.color_image(a_picture('rgb16', order, padding))
    assert rgb[0, 0].tolist() == [234, 78, 19] and rgb[4, 6].tolist() == [0, 255, 0]
    assert (rgb[5] == [234, 78, 19]).all()


REAL = importlib.util.find_spec('cv_bridge') is not None


@pytest.mark.skipif(not REAL, reason='needs cv_bridge (apt, or built)')
@pytest.mark.parametrize('order', ['<', '>'])
@pytest.mark.parametrize('encoding', bridge.CHANNELS)
def test_a_compiled_one_reads_all_that_it_is_asked_for(encoding, order):
    bridge.trouble.cache_clear()
    assert bridge.trouble() == ''
    rgb = messages.color_image(a_picture(encoding, order, padding=6))
    assert rgb.shape == (6, 8, 3) and np.abs(rgb[1, 1].astype(int) - [234, 78, 19]).max() <= 1
    if 'bayer' not in encoding:
        assert rgb[4, 6].tolist() == [0, 255, 0]


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
