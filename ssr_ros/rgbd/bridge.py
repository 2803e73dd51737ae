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
from types import SimpleNamespace

import numpy as np
from numpy.typing import NDArray

from ssr_ros.errors import EncodingError, quoted
from ssr_ros.rgbd.encodings import Buffer, rows_of

CHANNELS = {
    'rgb16': 3,
    'bgr16': 3,
    'rgba16': 4,
    'bgra16': 4,
    'bayer_rggb16': 1,
    'bayer_bggr16': 1,
    'bayer_gbrg16': 1,
    'bayer_grbg16': 1,
}
"""What it is asked for -> numbers of 16 bits in a pixel."""

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
    return encoding in CHANNELS


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
    of_numpy = [line for line in said if '_ARRAY_API' in line or 'using NumPy 1' in line]
    if child.returncode < 0 or of_numpy:
        return (
            f'the installed cv_bridge was built for another NumPy than {np.__version__} '
            f'(vision_opencv#535): {(of_numpy or [why])[0]}'
        )
    return f'the installed cv_bridge does not work: {why}'


def decode_color(
    data: Buffer,
    encoding: str,
    width: int,
    height: int,
    step: int,
    is_bigendian: bool = False,
) -> NDArray[np.uint8]:
    """Decode a raw colour image with cv_bridge, as ``encodings.decode_color`` does without.

    It gets rows without padding and bytes in this machine's order: padded rows it shears without a
    word, and bytes of the other order fail under NumPy 2 (``cv_bridge/core.py`` of its Humble to
    Rolling branches: ``step / itemsize / n_channels``, ``ndarray.newbyteorder``).

    Raises:
        EncodingError: cv_bridge cannot be used, or cannot read it; or the bytes contradict it.
    """
    if trouble():
        raise EncodingError(f'{quoted(encoding)} is not supported as colour, and {trouble()}')
    order = np.dtype(np.uint16).newbyteorder('>' if is_bigendian else '<')
    pixels = rows_of(data, encoding, width, height, step, order, CHANNELS[encoding])
    pixels = pixels.astype(np.uint16, copy=False)
    image = SimpleNamespace(
        encoding=encoding,
        width=width,
        height=height,
        step=pixels.nbytes // height,
        is_bigendian=int(sys.byteorder == 'big'),
        data=pixels.tobytes(),
    )
    bridge = importlib.import_module('cv_bridge')
    try:
        rgb = np.asarray(bridge.CvBridge().imgmsg_to_cv2(image, 'rgb8'))
    except (bridge.CvBridgeError, TypeError, ValueError) as error:
        raise EncodingError(f'{quoted(encoding)}: cv_bridge cannot read it: {error}') from error
    if rgb.dtype != np.uint8 or rgb.shape != (height, width, 3):
        raise EncodingError(
            f'{quoted(encoding)}: cv_bridge gave {rgb.shape} of {rgb.dtype}, expected '
            f'{(height, width, 3)} of uint8'
        )
    return rgb
