# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The pictures of a frame for the report: colour and depth, small, with what is needed to draw."""

from __future__ import annotations

from dataclasses import asdict, dataclass
import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ssr_ros.errors import ConfigError
from ssr_ros.rgbd import RgbdFrame

WIDEST_PX = 640
COLOR_QUALITY, DEPTH_QUALITY = 72, 60
UNKNOWN = (38, 38, 38)
"""Grey of pixels whose depth is not known, blue first."""


@dataclass(frozen=True)
class PictureNotes:
    """What a report has to know about a frame's pictures.

    Attributes:
        width: of the frame, pixels; boxes are in these.
        height: of the frame, pixels.
        near_m: depth that is drawn nearest; 0 where none is known.
        far_m: depth that is drawn farthest.
        known: share of pixels whose depth is known.
    """

    width: int
    height: int
    near_m: float
    far_m: float
    known: float


def save_pictures(folder: Path, name: str, frame: RgbdFrame) -> None:
    """Write ``name.color.webp``, ``name.depth.webp`` and ``name.json``.

    Raises:
        OSError: they cannot be written.
    """
    depth_rgb, near_m, far_m = depth_picture(frame.depth_m)
    notes = PictureNotes(frame.width, frame.height, near_m, far_m, float(frame.valid_ratio))
    _write(folder / f'{name}.color.webp', small_webp(frame.rgb, WIDEST_PX, COLOR_QUALITY))
    _write(folder / f'{name}.depth.webp', small_webp(depth_rgb, WIDEST_PX, DEPTH_QUALITY))
    _write(folder / f'{name}.json', json.dumps(asdict(notes)).encode())


def load_notes(folder: Path, name: str) -> PictureNotes:
    """Read what was written beside the pictures.

    Raises:
        ConfigError: it is missing or damaged.
    """
    path = folder / f'{name}.json'
    try:
        return PictureNotes(**json.loads(path.read_text(encoding='utf-8')))
    except (OSError, ValueError, TypeError) as error:
        raise ConfigError(f'{path}: cannot be read ({error}): name a new folder') from error


def depth_picture(depth_m: NDArray[np.float32]) -> tuple[NDArray[np.uint8], float, float]:
    """Colour depth from near (red) to far (blue), by its 1st to 99th percentile.

    Args:
        depth_m: (H, W) float32 metres, NaN unknown.

    Returns:
        (H, W, 3) uint8, red first, and the two depths, metres.
    """
    known = np.isfinite(depth_m)
    if not known.any():
        return np.full((*depth_m.shape, 3), UNKNOWN, np.uint8), 0.0, 0.0
    near_m, far_m = (float(v) for v in np.percentile(depth_m[known], (1, 99)))
    share = (depth_m - near_m) / max(far_m - near_m, 1e-6)
    level = np.clip(255 - 255 * np.where(known, share, 0), 0, 255).astype(np.uint8)
    picture = cv2.applyColorMap(level, cv2.COLORMAP_TURBO)
    picture[~known] = UNKNOWN
    return np.ascontiguousarray(picture[..., ::-1]), near_m, far_m


def small_webp(rgb: NDArray[np.uint8], widest_px: int, quality: int) -> bytes:
    """Encode a picture, shrunk where it is wider.

    Args:
        rgb: (H, W, 3) uint8, red first.
        widest_px: largest width.
        quality: 1..100.
    """
    height, width = rgb.shape[:2]
    if width > widest_px:
        size = (widest_px, max(1, round(height * widest_px / width)))
        rgb = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)
    options = [cv2.IMWRITE_WEBP_QUALITY, quality]
    content: Any = cv2.imencode('.webp', rgb[..., ::-1], options)[1]
    return bytes(content.tobytes())


def shrunk(webp: bytes, widest_px: int, quality: int) -> bytes:
    """Encode a WebP picture again, smaller."""
    bgr: Any = cv2.imdecode(np.frombuffer(webp, np.uint8), cv2.IMREAD_COLOR)
    return small_webp(np.asarray(bgr[..., ::-1], np.uint8), widest_px, quality)


def _write(path: Path, content: bytes) -> None:
    begun = path.with_name(path.name + '.part')
    begun.write_bytes(content)
    begun.replace(path)
