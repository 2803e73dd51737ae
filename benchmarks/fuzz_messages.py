# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Random Image, CompressedImage and CameraInfo messages through the conversions to frames."""

from __future__ import annotations

from collections.abc import Callable
import random
import tracemalloc
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np

from ssr_ros.errors import SsrError
from ssr_ros.rgbd import RgbdFrame
from ssr_ros.rgbd.calibration import CameraRules
from ssr_ros.rgbd.messages import rgbd_frame

MOST_TIMES = 4
SLACK_BYTES = 2 << 20
"""What a case may take whatever its size: messages, caches."""

COLOR = ('rgb8', 'bgr8', 'rgba8', 'bgra8', 'mono8', 'bayer_rggb8', 'yuv422', 'yuyv', '16UC1')
DEPTH = ('16UC1', 'mono16', '32FC1', 'rgb8', '64FC1', '', 'x' * 100_000)
FORMATS = (
    'bgr8; jpeg compressed bgr8',
    'rgb8; png compressed rgb8',
    'jpeg',
    '16UC1; compressedDepth png',
    '16UC1; compressedDepth rvl',
    '32FC1; compressedDepth rvl',
    'compressedDepth',
    '16UC1; png compressed ',
    ' ' * 3000 + 'compressedDepth' + ' ' * 3000,
    'compressed' + ' ' * 5000,
)
MODELS = ('plumb_bob', 'rational_polynomial', 'equidistant', '', 'x' * 10_000)
NUMBERS = (0.0, -1.0, 1.0, 1e-19, 1e-6, 1e6, 1e300, -9999.0, float('nan'), float('inf'))


def random_messages() -> Callable[[random.Random], str]:
    """Return what makes a pair of images with a calibration, right but for a thing or two."""

    def case(chance: random.Random) -> str:
        width, height = (640, 480) if chance.random() < 0.002 else (chance.randint(1, 40), 30)
        color = _image(chance, width, height, is_depth=False)
        depth = _image(chance, width, height, is_depth=True)
        info = _camera_info(chance, width, height)
        rules = CameraRules(topic=chance.choice(('', '/c/image_raw', '/c/image_rect')))
        # Of compressed images, the size of the raw ones.
        size = max(len(color.data) + len(depth.data), 5 * width * height)
        within_memory(size, lambda: _convert(color, depth, info, rules))
        return 'a pair of images'

    return case


def within_memory(size: int, read: Callable[[], int]) -> None:
    """Read something and see that it takes no more than four times what it is and becomes.

    Args:
        size: its bytes.
        read: reads it, and returns the bytes of what was made of it.

    Raises:
        MemoryError: it took more.
        SsrError: it was refused.
    """
    tracemalloc.start()
    refused, made = None, 0
    try:
        made = read()
    except SsrError as error:
        refused = error
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    if peak > MOST_TIMES * (size + made) + SLACK_BYTES:
        raise MemoryError(f'took {peak} bytes for {size} that became {made}')
    if refused is not None:
        raise refused


def _convert(color: Any, depth: Any, info: Any, rules: CameraRules) -> int:
    return frame_bytes(rgbd_frame(color, depth, info, rules=rules))


def frame_bytes(frame: RgbdFrame) -> int:
    """Return the bytes of a frame's images."""
    return frame.rgb.nbytes + frame.depth_m.nbytes


def _image(chance: random.Random, width: int, height: int, is_depth: bool) -> Any:
    header = _header(chance)
    if chance.random() < 0.4:
        return SimpleNamespace(header=header, **_compressed(chance, width, height, is_depth))
    encoding = chance.choice(DEPTH if is_depth else COLOR)
    if chance.random() < 0.85:
        encoding = '16UC1' if is_depth else 'rgb8'
    bytes_a_pixel = {'16UC1': 2, 'mono16': 2, '32FC1': 4, 'rgba8': 4, 'bgra8': 4}.get(encoding, 3)
    step = bytes_a_pixel * width + chance.choice((0, 0, 0, 5))
    fields: dict[str, Any] = {
        'width': width,
        'height': height,
        'step': step,
        'data': np.frombuffer(chance.randbytes(step * height), np.uint8),
        'encoding': encoding,
        'is_bigendian': chance.choice((0, 0, 1)),
    }
    if chance.random() < 0.06:
        name = chance.choice(('width', 'height', 'step'))
        fields[name] = chance.choice((0, 1, fields[name] * 2, 2**31, 2**32 - 1))
    if chance.random() < 0.03:
        fields['data'] = fields['data'][: chance.randint(0, len(fields['data']))]
    return SimpleNamespace(header=header, **fields)


def _compressed(chance: random.Random, width: int, height: int, is_depth: bool) -> dict[str, Any]:
    pixels = np.frombuffer(chance.randbytes(2 * width * height), np.uint16).reshape(height, width)
    if is_depth:
        codec, encode = chance.choice((('png', _png), ('rvl', _rvl)))
        format, content = f'16UC1; compressedDepth {codec}', encode(pixels)
        content = bytes(4) + np.array([chance.choice((0, 100)), 1], '<f4').tobytes() + content
    else:
        rgb = np.repeat((pixels >> 8).astype(np.uint8)[..., None], 3, axis=2)
        format = 'bgr8; jpeg compressed bgr8'
        content = cv2.imencode(chance.choice(('.jpg', '.png')), rgb)[1].tobytes()
    return {
        'format': format if chance.random() < 0.8 else chance.choice(FORMATS),
        'data': _damaged(chance, content),
    }


def _png(pixels: np.ndarray[Any, Any]) -> bytes:
    return bytes(cv2.imencode('.png', pixels)[1])


def _rvl(pixels: np.ndarray[Any, Any]) -> bytes:
    """One run of values whose differences fit into one group each."""
    height, width = pixels.shape
    count, groups = width * height, [0]
    for _ in range(6):
        groups.append(count & 7 | (8 if count > 7 else 0))
        count >>= 3
        if not count:
            break
    groups += [int(value) & 7 for value in pixels.ravel()]
    groups += [0] * (-len(groups) % 8)
    words = np.array(groups, np.uint32).reshape(-1, 8) << np.arange(28, -1, -4, dtype=np.uint32)
    code = np.bitwise_or.reduce(words, axis=1).astype('<u4').tobytes()
    return bytes(np.array([width, height], '<i4').tobytes() + code)


def _damaged(chance: random.Random, content: bytes) -> Any:
    """Half of the time as it is; else with other bytes, a cut, or a size from nowhere."""
    data = bytearray(content)
    how = 2 * chance.random()
    if how < 0.2:
        for _ in range(chance.randint(1, 8)):
            data[chance.randrange(len(data))] = chance.randrange(256)
    elif how < 0.3:
        del data[chance.randrange(len(data)) :]
    elif how < 0.4 and len(data) > 40:
        at = chance.choice((12, 16, 20, 28, 32))  # where PNG and RVL keep their sizes
        data[at : at + 4] = chance.choice((b'\xff\xff\xff\x7f', b'\x00\x00\xff\xff', bytes(4)))
    elif how < 0.5:
        data += chance.randbytes(chance.randint(1, 5000))
    return np.frombuffer(bytes(data), np.uint8)


def _header(chance: random.Random) -> Any:
    stamp = SimpleNamespace(sec=chance.randint(0, 2**31 - 1), nanosec=chance.randint(0, 10**9 - 1))
    frame_id = chance.choice(('eye', 'eye', 'eye', 'other', '', 'x' * 10_000))
    return SimpleNamespace(stamp=stamp, frame_id=frame_id)


def _camera_info(chance: random.Random, width: int, height: int) -> Any:
    focal = max(width, height) * chance.uniform(0.6, 2)
    k = [focal, 0.0, width / 2, 0.0, focal, height / 2, 0.0, 0.0, 1.0]
    p = [*k[:3], 0.0, *k[3:6], 0.0, *k[6:], 0.0]
    for matrix in (k, p):
        if chance.random() < 0.1:
            matrix[chance.randrange(len(matrix))] = chance.choice(NUMBERS)
        if chance.random() < 0.05:
            matrix[:] = [0.0] * len(matrix)
    d = [
        chance.gauss(0, chance.choice((0, 0, 0, 0.1, 0.1, 10)))
        for _ in range(chance.choice((0, 4, 5, 5, 5, 8, 13)))
    ]
    if d and chance.random() < 0.1:
        d[0] = chance.choice(NUMBERS)
    odd = chance.random() < 0.15
    roi = [chance.choice((0, 1, width, 2**32 - 1)) if odd else 0 for _ in range(4)]
    names = ('x_offset', 'y_offset', 'width', 'height')
    sizes = chance.choice(
        ((width, height),) * 20 + ((0, 0), (2 * width, 2 * height), (2**32 - 1, 1))
    )
    return SimpleNamespace(
        header=_header(chance),
        width=sizes[0],
        height=sizes[1],
        k=k,
        p=p,
        d=d,
        r=[chance.choice((0.0, 1.0, *NUMBERS)) if odd else 0.0 for _ in range(9)],
        distortion_model=chance.choice((*('plumb_bob',) * 6, *MODELS)),
        binning_x=chance.choice((0, 1, 2, 2**32 - 1)) if odd else 0,
        binning_y=chance.choice((0, 1, 2, 2**32 - 1)) if odd else 0,
        roi=SimpleNamespace(**dict(zip(names, roi, strict=True)), do_rectify=False),
    )
