# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""cv_bridge for the few encodings that our own table lacks, where it is installed and works.

It is never needed. Its compiled part breaks under another NumPy than it was built with
(vision_opencv#535): with an exception, or by taking the process down. So it is tried out in
a process of its own before it is let into this one, on a picture whose pixels are known.
"""

from __future__ import annotations

from functools import lru_cache
import importlib
import importlib.util
import os
import subprocess
import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ssr_ros.errors import EncodingError, quoted

BYTES_OF_A_PIXEL = {
    'rgb16': 6,
    'bgr16': 6,
    'rgba16': 8,
    'bgra16': 8,
    'bayer_rggb16': 2,
    'bayer_bggr16': 2,
    'bayer_gbrg16': 2,
    'bayer_grbg16': 2,
    'nv21': 1,
    'nv24': 1,
}
"""What it is asked for -> bytes of a pixel in the rows that ``height`` counts."""

PROBE_S = 60.0
PROBE = """
from types import SimpleNamespace
import numpy as np
from cv_bridge import CvBridge
pixels = np.array([[[65535, 0, 0], [0, 32768, 0]]], np.uint16)
image = SimpleNamespace(
    encoding='rgb16', height=1, width=2, step=12, is_bigendian=0, data=pixels.tobytes()
)
found = np.asarray(CvBridge().imgmsg_to_cv2(image, 'rgb8'))
expected = np.array([[[255, 0, 0], [0, 128, 0]]])
if found.shape != expected.shape or np.abs(found.astype(int) - expected).max() > 1:
    raise SystemExit(f'WRONG {found.tolist()}')
"""


def can_read(encoding: str) -> bool:
    """Whether an encoding is one of those that cv_bridge is asked for."""
    return encoding in BYTES_OF_A_PIXEL


@lru_cache(maxsize=1)
def trouble() -> str:
    """Return why cv_bridge is not used, in words; empty where it works. Tried out once."""
    if importlib.util.find_spec('cv_bridge') is None:
        return 'cv_bridge, which might read it, is not installed'
    child = subprocess.run(
        [sys.executable, '-c', PROBE],
        env={**os.environ, 'PYTHONPATH': os.pathsep.join(filter(None, sys.path))},
        capture_output=True,
        text=True,
        timeout=PROBE_S,
        check=False,
    )
    if child.returncode == 0:
        return ''
    said = child.stderr.strip().splitlines()
    why = said[-1] if said else f'it took its process down (exit code {child.returncode})'
    if why.startswith('WRONG'):
        return f'the installed cv_bridge converts a known picture wrongly: {why}'
    if child.returncode < 0 or any('_ARRAY_API' in line or 'NumPy 1' in line for line in said):
        return (
            f'the installed cv_bridge was built for another NumPy than {np.__version__} '
            f'(vision_opencv#535): {why}'
        )
    return f'the installed cv_bridge does not work: {why}'


def color_image(message: Any) -> NDArray[np.uint8]:
    """Read a colour sensor_msgs/Image with cv_bridge, as (H, W, 3) uint8, red first.

    Raises:
        EncodingError: cv_bridge cannot be used, or cannot read it.
    """
    encoding, size = message.encoding, (message.height, message.width)
    if trouble():
        raise EncodingError(f'{quoted(encoding)} is not supported as colour, and {trouble()}')
    least = BYTES_OF_A_PIXEL[encoding] * message.width
    if message.step < least or len(message.data) < message.step * message.height:
        raise EncodingError(
            f'{quoted(encoding)} {message.width}x{message.height} needs rows of {least} bytes or '
            f'more, got step {message.step} and {len(message.data)} bytes'
        )
    bridge = importlib.import_module('cv_bridge')
    try:
        image = np.asarray(bridge.CvBridge().imgmsg_to_cv2(message, 'rgb8'))
    except (bridge.CvBridgeError, TypeError, ValueError) as error:
        raise EncodingError(f'{quoted(encoding)}: cv_bridge cannot read it: {error}') from error
    if image.dtype != np.uint8 or image.shape != (*size, 3):
        raise EncodingError(
            f'{quoted(encoding)}: cv_bridge gave {image.shape} of {image.dtype}, expected '
            f'{(*size, 3)} of uint8'
        )
    return image
