# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The one table from image bytes to arrays: what the node and the bags both rely on."""

from array import array
import struct

import numpy as np
import pytest

from ssr_ros.errors import EncodingError
from ssr_ros.rgbd.encodings import (
    COLOR_ENCODINGS,
    decode_color,
    decode_compressed_color,
    decode_compressed_depth,
    decode_depth,
)

cv2 = pytest.importorskip('cv2', reason='OpenCV decodes PNG, JPEG, Bayer and YUV')

RED_THEN_BLUE = np.array([[[250, 10, 20], [30, 40, 240]]], np.uint8)


@pytest.mark.parametrize(
    ('encoding', 'pixels'),
    [
        ('rgb8', [250, 10, 20, 30, 40, 240]),
        ('bgr8', [20, 10, 250, 240, 40, 30]),
        ('rgba8', [250, 10, 20, 99, 30, 40, 240, 99]),
        ('bgra8', [20, 10, 250, 99, 240, 40, 30, 99]),
    ],
)
def test_every_channel_order_gives_red_first(encoding, pixels):
    decoded = decode_color(bytes(pixels), encoding, 2, 1, len(pixels))
    np.testing.assert_array_equal(decoded, RED_THEN_BLUE)


def test_mono_becomes_gray():
    decoded = decode_color(bytes([7, 200]), 'mono8', 2, 1, 2)
    assert decoded.tolist() == [[[7, 7, 7], [200, 200, 200]]]


def test_row_padding_is_left_out():
    rows = bytes([250, 10, 20, 30, 40, 240, 1, 2]) * 3
    decoded = decode_color(rows, 'rgb8', 2, 3, 8)
    np.testing.assert_array_equal(decoded, np.repeat(RED_THEN_BLUE, 3, axis=0))


@pytest.mark.parametrize('buffer', [bytes, bytearray, memoryview, lambda b: array('B', b)])
def test_any_plain_buffer_is_taken(buffer):
    data = buffer(bytes([250, 10, 20, 30, 40, 240]))
    np.testing.assert_array_equal(decode_color(data, 'rgb8', 2, 1, 6), RED_THEN_BLUE)


@pytest.mark.parametrize(
    ('pattern', 'color', 'expected'),
    [
        ('rggb', 'r', [200, 0, 0]),
        ('rggb', 'b', [0, 0, 200]),
        ('bggr', 'r', [200, 0, 0]),
        ('gbrg', 'b', [0, 0, 200]),
        ('grbg', 'r', [200, 0, 0]),
        ('grbg', 'g', [0, 200, 0]),
    ],
)
def test_bayer_patterns_name_their_first_row(pattern, color, expected):
    cell = np.array([200 if site == color else 0 for site in pattern], np.uint8).reshape(2, 2)
    mosaic = np.tile(cell, (4, 4))
    decoded = decode_color(mosaic.tobytes(), f'bayer_{pattern}8', 8, 8, 8)
    assert decoded[2:-2, 2:-2].reshape(-1, 3).mean(axis=0) == pytest.approx(expected, abs=2)


@pytest.mark.parametrize('encoding', ['yuv422', 'uyvy', 'yuv422_yuy2', 'yuyv'])
def test_yuv_keeps_the_color(encoding):
    """Y 81, U 90, V 240 is the standard's red; read in the wrong order it is not."""
    y, u, v = 81, 90, 240
    pair = [y, u, y, v] if 'yuy' in encoding else [u, y, v, y]
    red, green, blue = decode_color(bytes(pair * 4), encoding, 4, 2, 8)[0, 0].tolist()
    assert red > 240 and green < 15 and blue < 15


def test_odd_sizes_of_paired_encodings_are_refused():
    with pytest.raises(EncodingError, match='pairs of pixels'):
        decode_color(bytes(9), 'bayer_rggb8', 3, 3, 3)


def test_millimetres_and_metres_come_from_the_encoding():
    millimetres = struct.pack('<3H', 1500, 0, 65535)
    for encoding in ('16UC1', 'mono16'):
        depth_m = decode_depth(millimetres, encoding, 3, 1, 6)
        assert depth_m.dtype == np.float32
        np.testing.assert_allclose(depth_m, [[1.5, np.nan, np.nan]], rtol=1e-6)
    metres = struct.pack('<4f', 1.5, float('nan'), float('inf'), -1.0)
    np.testing.assert_allclose(
        decode_depth(metres, '32FC1', 4, 1, 16), [[1.5, np.nan, np.nan, np.nan]]
    )


@pytest.mark.parametrize(('encoding', 'code', 'value'), [('16UC1', 'H', 1000), ('32FC1', 'f', 1)])
def test_big_endian_padded_depth_reads_the_same(encoding, code, value):
    row = struct.pack(f'>2{code}', value, 2 * value) + b'pad'
    decoded = decode_depth(row * 2, encoding, 2, 2, len(row), is_bigendian=True)
    np.testing.assert_allclose(decoded, [[1, 2], [1, 2]])


def test_a_cut_message_is_refused_with_the_byte_counts():
    with pytest.raises(EncodingError, match='needs 12 bytes, got 11'):
        decode_depth(bytes(11), '16UC1', 3, 2, 6)


def test_a_step_smaller_than_a_row_is_refused():
    with pytest.raises(EncodingError, match='step of at least 6 bytes, got 4'):
        decode_color(bytes(100), 'rgb8', 2, 2, 4)


def test_an_empty_image_is_refused():
    with pytest.raises(EncodingError, match='empty'):
        decode_color(b'', 'rgb8', 0, 0, 0)


def test_swapped_topics_are_named_as_such():
    with pytest.raises(EncodingError, match='is depth, not colour'):
        decode_color(bytes(4), '16UC1', 2, 1, 4)
    with pytest.raises(EncodingError, match='is colour, not depth'):
        decode_depth(bytes(6), 'rgb8', 2, 1, 6)


@pytest.mark.parametrize('encoding', ['', 'rgb16', '8UC1', 'nv21', 'RGB8'])
def test_unknown_encodings_are_refused_with_the_list(encoding):
    with pytest.raises(EncodingError, match=COLOR_ENCODINGS[0]):
        decode_color(bytes(100), encoding, 2, 1, 6)
    with pytest.raises(EncodingError, match='16UC1'):
        decode_depth(bytes(100), encoding, 2, 1, 6)


def png(image):
    return cv2.imencode('.png', image)[1].tobytes()


@pytest.mark.parametrize(
    'format', ['png', '', 'bgr8; png compressed bgr8', 'rgb8; png compressed']
)
def test_compressed_color_is_red_first(format):
    file = png(RED_THEN_BLUE[..., ::-1])
    np.testing.assert_array_equal(decode_compressed_color(file, format), RED_THEN_BLUE)


def test_pixels_that_the_publisher_stored_swapped_are_swapped_back():
    file = png(RED_THEN_BLUE)  # OpenCV takes this for blue, green, red
    decoded = decode_compressed_color(file, 'rgb8; png compressed rgb8')
    np.testing.assert_array_equal(decoded, RED_THEN_BLUE)


@pytest.mark.parametrize('content', [b'', b'\xff\xd8\xff rubbish', bytes(1000)])
def test_rubbish_is_not_an_image(content):
    with pytest.raises(EncodingError, match=r'neither|damaged'):
        decode_compressed_color(content, 'bgr8; jpeg compressed bgr8')


def test_compressed_depth_is_not_color():
    with pytest.raises(EncodingError, match='depth image'):
        decode_compressed_color(bytes(100), '16UC1; compressedDepth png')


def encode_rvl(image):
    """Write the paper's code group by group, as plainly as can be."""
    groups, previous, pixels = [], 0, image.ravel().tolist()

    def write(number):
        while True:
            low, number = number & 7, number >> 3
            groups.append(low | (8 if number else 0))
            if not number:
                return

    at = 0
    while at < len(pixels):
        run = at
        while run < len(pixels) and pixels[run] == 0:
            run += 1
        end = run
        while end < len(pixels) and pixels[end] != 0:
            end += 1
        write(run - at)
        write(end - run)
        for value in pixels[run:end]:
            delta, previous = value - previous, value
            write(2 * delta if delta >= 0 else -2 * delta - 1)
        at = end
    groups += [0] * (-len(groups) % 8)
    words = [
        int(''.join(f'{g:x}' for g in groups[i : i + 8]), 16) for i in range(0, len(groups), 8)
    ]
    rows, columns = image.shape
    return struct.pack('<2i', columns, rows) + struct.pack(f'<{len(words)}I', *words)


def compressed_depth(stored, codec, a=0.0, b=0.0):
    return struct.pack('<iff', 0, a, b) + (encode_rvl(stored) if codec == 'rvl' else png(stored))


def depth_pattern():
    random = np.random.default_rng(1)
    stored = random.integers(0, 65536, (23, 31)).astype(np.uint16)
    stored[random.random(stored.shape) < 0.4] = 0
    stored[5:9] = 0
    return stored


@pytest.mark.parametrize('codec', ['png', 'rvl'])
@pytest.mark.parametrize('stored', [depth_pattern(), np.zeros((3, 4)), np.full((2, 2), 9)])
def test_millimetres_survive_compressed_depth(codec, stored):
    stored = stored.astype(np.uint16)
    data = compressed_depth(stored, codec)
    expected = np.where(stored == 0, np.nan, stored * 0.001)
    decoded = decode_compressed_depth(data, f'16UC1; compressedDepth {codec}')
    np.testing.assert_allclose(decoded, expected, rtol=1e-6)


@pytest.mark.parametrize('codec', ['png', 'rvl'])
def test_inverse_depth_is_undone(codec):
    """Zero stays unknown and is not taken for far away: d = A / (v - B) holds for v > 0."""
    stored = np.array([[0, 41, 91, 1]], np.uint16)
    data = compressed_depth(stored, codec, a=100.0, b=-9.0)
    decoded = decode_compressed_depth(data, f'32FC1; compressedDepth {codec}')
    np.testing.assert_allclose(decoded, [[np.nan, 2.0, 1.0, 10.0]], rtol=1e-6)


@pytest.mark.parametrize(
    'format',
    [
        '16UC1; compressedDepth png',
        '16UC1; compressedDepth',
        '16UC1;compressedDepth png',
        '16UC1; compressedDepthpng',
        'mono16; compressedDepth png ',
        '; compressedDepth',
        'compressedDepth',
    ],
)
def test_format_strings_found_in_the_wild_are_read(format):
    data = compressed_depth(np.array([[1000, 0]], np.uint16), 'png')
    np.testing.assert_allclose(decode_compressed_depth(data, format), [[1.0, np.nan]], rtol=1e-6)


def test_a_format_without_encoding_follows_the_header():
    data = compressed_depth(np.array([[41]], np.uint16), 'png', a=100.0, b=-9.0)
    assert decode_compressed_depth(data, '; compressedDepth') == pytest.approx(2.0)


def test_16_bit_png_of_the_plain_transport_is_millimetres():
    data = png(np.array([[1000, 0]], np.uint16))
    decoded = decode_compressed_depth(data, '16UC1; png compressed ')
    np.testing.assert_allclose(decoded, [[1.0, np.nan]], rtol=1e-6)


RVL = compressed_depth(depth_pattern(), 'rvl')


@pytest.mark.parametrize(
    ('data', 'format', 'message'),
    [
        (b'', '16UC1; compressedDepth png', 'header of 12 bytes'),
        (bytes(12), '16UC1; compressedDepth rvl', 'header of 12 bytes'),
        (bytes(15), '16UC1; compressedDepth rvl', 'columns and rows'),
        (bytes(40), '16UC1; compressedDepth png', 'JPEG or PNG'),
        (bytes(40), '16UC1; compressedDepth rvl', '0x0 is not the size'),
        (bytes(12) + b'\xff' * 40, '16UC1; compressedDepth rvl', 'not the size'),
        (RVL[:-40], '16UC1; compressedDepth rvl', 'ends|beyond'),
        (RVL[:20], '16UC1; compressedDepth rvl', 'ends at pixel 0'),
        (RVL[:20] + b'\xff' * 400, '16UC1; compressedDepth rvl', 'ends|32 bits'),
        (RVL[:20] + b'\x7f' * 400, '16UC1; compressedDepth rvl', 'beyond'),
        (RVL, '16UC1; compressedDepth zstd', 'png or rvl'),
        (RVL, '8UC1; compressedDepth rvl', 'no metric depth'),
        (RVL, 'bgr8; jpeg compressed bgr8', 'no metric depth'),
        (RVL, '32FC1; compressedDepth rvl', 'A > 0'),
        (
            bytes(12) + png(np.zeros((2, 2), np.uint8)),
            '16UC1; compressedDepth png',
            'one plane of 16 bits',
        ),
    ],
)
def test_damaged_compressed_depth_is_refused_by_name(data, format, message):
    with pytest.raises(EncodingError, match=message):
        decode_compressed_depth(data, format)
