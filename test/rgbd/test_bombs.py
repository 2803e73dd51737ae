# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Images and headers that promise more than they hold cost nothing and are refused."""

from __future__ import annotations

import struct
import tracemalloc
from types import SimpleNamespace
import zlib

import cv2
import known_scene as scene
import numpy as np
import pytest

from ssr_ros.errors import EncodingError, FrameError
from ssr_ros.rgbd import read_depth_m, read_rgb
from ssr_ros.rgbd.encodings import (
    decode_color,
    decode_compressed_color,
    decode_compressed_depth,
    decode_depth,
)
from ssr_ros.rgbd.image_header import encoded_size
from ssr_ros.rgbd.messages import rgbd_frame

LARGE = 60_000


def png_chunk(name, data):
    return struct.pack('>I', len(data)) + name + data + struct.pack('>I', zlib.crc32(name + data))


def png(width, height, bits=8, kind=0, data=None):
    head = png_chunk(b'IHDR', struct.pack('>IIBBBBB', width, height, bits, kind, 0, 0, 0))
    rows = png_chunk(b'IDAT', zlib.compress(bytes(10_000), 9) if data is None else data)
    return b'\x89PNG\r\n\x1a\n' + head + rows + png_chunk(b'IEND', b'')


def jpeg(width, height):
    content = bytearray(cv2.imencode('.jpg', np.zeros((8, 8, 3), np.uint8))[1].tobytes())
    at = content.index(b'\xff\xc0')
    content[at + 5 : at + 9] = struct.pack('>HH', height, width)
    return bytes(content)


def rvl(width, height):
    return bytes(12) + struct.pack('<ii', width, height) + bytes(1000)


BOMBS = {
    'png': lambda: decode_compressed_color(png(LARGE, LARGE), 'rgb8; png compressed rgb8'),
    'jpeg': lambda: decode_compressed_color(jpeg(LARGE, LARGE), 'bgr8; jpeg compressed bgr8'),
    'depth png': lambda: decode_compressed_depth(
        bytes(12) + png(LARGE, LARGE, 16), '16UC1; compressedDepth png'
    ),
    'rvl': lambda: decode_compressed_depth(rvl(LARGE, LARGE), '16UC1; compressedDepth rvl'),
    'raw': lambda: decode_color(b'', 'rgb8', LARGE, LARGE, 3 * LARGE),
    'png chunk': lambda: decode_compressed_color(
        png(8, 8)[:33] + b'\x7f\xff\xff\xffIDAT' + bytes(100), 'png'
    ),
}


@pytest.mark.parametrize('name', BOMBS)
def test_a_bomb_is_refused_before_memory_is_taken(name):
    """A 1 kB JPEG once took 6 GB and 32 s."""
    tracemalloc.start()
    with pytest.raises(EncodingError):
        BOMBS[name]()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1_000_000


@pytest.mark.parametrize('content', [png(LARGE, LARGE), jpeg(LARGE, LARGE)])
def test_files_are_bounded_too(tmp_path, content):
    (tmp_path / 'bomb').write_bytes(content)
    for read in (read_rgb, read_depth_m):
        with pytest.raises(FrameError, match='60000x60000'):
            read(tmp_path / 'bomb')


def netpbm(kind, comment=b''):
    return kind + b'\n' + comment + b'60000 60000\n255\n'


def bmp(width, height):
    return b'BM' + bytes(12) + struct.pack('<IiiHH', 40, width, height, 1, 24) + bytes(24)


def webp(name, data):
    return b'RIFF' + bytes(4) + b'WEBP' + name + struct.pack('<I', len(data)) + data


def tiff(order, **sides):
    tags = {'width': 256, 'height': 257, 'tile_width': 322, 'tile_height': 323}
    entries = [struct.pack(order + 'HHII', tags[name], 4, 1, side) for name, side in sides.items()]
    start = b'II*\0' if order == '<' else b'MM\0*'
    count = struct.pack(order + 'IH', 8, len(entries))
    return start + count + b''.join(entries) + bytes(4)


FILE_BOMBS = {
    'pgm': (netpbm(b'P5'), '60000x60000'),
    'ppm with a comment': (netpbm(b'P6', b'# 8 8\n'), '60000x60000'),
    'pgm without end': (b'P5 ' + bytes([32]) * 100_000 + b'8 8 255 ', 'no size'),
    'bmp': (bmp(60_000, 60_000), '60000x60000'),
    'bmp upside down': (bmp(60_000, -60_000), '60000x60000'),
    'old bmp': (
        b'BM' + bytes(12) + struct.pack('<IHHHH', 12, 60_000, 60_000, 1, 24),
        '60000x60000',
    ),
    'cut bmp': (b'BM' + bytes(12), 'cut short'),
    'webp': (webp(b'VP8 ', bytes(3) + b'\x9d\x01\x2a\xff\x3f\xff\x3f'), '16383x16383'),
    'webp lossless': (webp(b'VP8L', b'\x2f\xff\xff\xff\x0f'), '16384x16384'),
    'webp extended': (webp(b'VP8X', bytes(4) + b'\x5f\xea\0\x5f\xea\0'), '60000x60000'),
    'tiff': (tiff('<', width=60_000, height=60_000), '60000x60000'),
    'big-endian tiff': (tiff('>', width=60_000, height=60_000), '60000x60000'),
    'tiff of large tiles': (
        tiff('<', width=8, height=8, tile_width=1 << 23, tile_height=64),
        '8388608x64',
    ),
    'cut tiff': (tiff('<', width=8, height=8)[:30], 'cut short'),
    'gif': (b'GIF89a' + bytes(20), 'got GIF'),
    'exr': (b'v/1\x01' + bytes(20), 'got OpenEXR'),
    'jpeg 2000': (b'\0\0\0\x0cjP  \r\n\x87\n' + bytes(20), 'got JPEG 2000'),
    'radiance': (b'#?RADIANCE\n' + bytes(20), 'got Radiance HDR'),
}


@pytest.mark.parametrize('name', FILE_BOMBS)
def test_files_of_every_kind_are_bounded_by_their_header(tmp_path, monkeypatch, name):
    content, said = FILE_BOMBS[name]
    monkeypatch.setattr(cv2, 'imdecode', lambda *given: pytest.fail('it was decoded'))
    (tmp_path / 'bomb').write_bytes(content)
    for read in (read_rgb, read_depth_m):
        with pytest.raises(FrameError, match=said):
            read(tmp_path / 'bomb')


@pytest.mark.parametrize('suffix', ['png', 'jpg', 'pgm', 'ppm', 'bmp', 'tiff', 'webp'])
def test_files_of_every_kind_are_read(tmp_path, suffix):
    image = np.full((6, 8) if suffix == 'pgm' else (6, 8, 3), 77, np.uint8)
    assert cv2.imwrite(str(tmp_path / f'a.{suffix}'), image)
    assert read_rgb(tmp_path / f'a.{suffix}') == pytest.approx(np.full((6, 8, 3), 77), abs=3)


def test_lossless_webp_is_read(tmp_path):
    path = str(tmp_path / 'a.webp')
    cv2.imwrite(path, np.full((6, 8, 3), 77, np.uint8), [cv2.IMWRITE_WEBP_QUALITY, 101])
    assert (read_rgb(path) == 77).all()


def compressed(data, format):
    return SimpleNamespace(
        header=scene.header(), data=np.frombuffer(data, np.uint8), format=format
    )


def test_sizes_are_compared_before_anything_is_decoded():
    """Rubbish behind a header that fits nothing is not looked at."""
    color = compressed(png(4000, 4000, data=b'rubbish'), 'png')
    depth = scene.depth_message(np.ones((480, 640)))
    with pytest.raises(FrameError, match='4000x4000 and depth is 640x480'):
        rgbd_frame(color, depth, scene.camera_info())
    depth = compressed(bytes(12) + png(4000, 4000, 16, data=b'x'), '16UC1; compressedDepth png')
    with pytest.raises(FrameError, match=r'calibration is for 640x480.*4000x4000'):
        rgbd_frame(color, depth, scene.camera_info())


@pytest.mark.parametrize(
    'format',
    [
        ' ' * 50_000 + 'compressedDepth',
        'compressedDepth' + ' ' * 50_000 + '!',
        'compressed' + ' ' * 50_000 + 'rgb9',
        'x' * 1_000_000,
        '16UC1; ' + 'x' * 1_000_000,
    ],
)
def test_a_format_of_any_length_is_read_at_once_and_quoted_short(format):
    """3,000 spaces once froze the node: the count of steps grew with their cube."""
    with pytest.raises(EncodingError) as refused:
        decode_compressed_depth(bytes(100), format)
    assert len(str(refused.value)) < 500
    with pytest.raises(EncodingError) as refused:
        decode_compressed_color(bytes(100), format)
    assert len(str(refused.value)) < 500


def test_a_long_encoding_is_quoted_short():
    for decode in (decode_color, decode_depth):
        with pytest.raises(EncodingError) as refused:
            decode(bytes(12), 'x' * 1_000_000, 2, 2, 6)
        assert len(str(refused.value)) < 500


def test_no_flipped_bit_of_a_png_gives_another_depth():
    image = np.random.default_rng(0).integers(400, 9000, (24, 32)).astype(np.uint16)
    content = cv2.imencode('.png', image)[1].tobytes()
    right = decode_compressed_depth(bytes(12) + content, '16UC1; compressedDepth png')
    for bit in range(0, 8 * len(content), 41):
        damaged = bytearray(content)
        damaged[bit // 8] ^= 1 << bit % 8
        try:
            depth_m = decode_compressed_depth(bytes(12) + damaged, '16UC1; compressedDepth png')
        except EncodingError:
            continue
        np.testing.assert_array_equal(depth_m, right)


def test_the_size_of_a_jpeg_is_that_of_the_image_and_not_of_its_thumbnail():
    thumbnail = jpeg(8, 8)
    content = cv2.imencode('.jpg', np.zeros((30, 50, 3), np.uint8))[1].tobytes()
    segment = b'\xff\xe1' + struct.pack('>H', len(thumbnail) + 2) + thumbnail
    whole = content[:2] + segment + content[2:]
    assert encoded_size(np.frombuffer(whole, np.uint8)) == (50, 30)
    assert decode_compressed_color(whole).shape == (30, 50, 3)


def with_orientation(content, orientation):
    """Put an EXIF tag into a JPEG: turn me."""
    tag = struct.pack('<HHI', 0x0112, 3, 1) + struct.pack('<HH', orientation, 0)
    tiff = b'II*\0' + struct.pack('<I', 8) + struct.pack('<H', 1) + tag + bytes(4)
    exif = b'Exif\0\0' + tiff
    return content[:2] + b'\xff\xe1' + struct.pack('>H', len(exif) + 2) + exif + content[2:]


def test_an_exif_orientation_does_not_turn_colour_away_from_depth(tmp_path):
    rgb = np.zeros((16, 32, 3), np.uint8)
    rgb[:, 16:] = 255
    content = with_orientation(cv2.imencode('.jpg', rgb)[1].tobytes(), 6)
    assert cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR).shape == (32, 16, 3)
    (tmp_path / 'turned.jpg').write_bytes(content)
    for image in (read_rgb(tmp_path / 'turned.jpg'), decode_compressed_color(content)):
        assert image.shape == (16, 32, 3)
        assert image[8, 2, 0] < 10 and image[8, 29, 0] > 245
