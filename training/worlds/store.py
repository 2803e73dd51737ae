# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Worlds on disk: one folder of pictures per kind of picture, one JSON of truth per view.

::

    DIR/settings.json                       what the folder was rendered with
    DIR/rgb/000/000007_0.png                seed 7, view 0: colour
    DIR/depth/000/000007_0.png              16-bit millimetres, 0 unknown
    DIR/segmentation/000/000007_0.png       8 bit: 0 wall, ceiling; 255 floor; k things[k - 1]
    DIR/truth/000/000007_0.json             ViewTruth.as_dict(); written last: the view is whole
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import as_completed, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass
import json
import multiprocessing
import os
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ssr_ros.errors import ConfigError, FrameError
from ssr_ros.rgbd import CameraIntrinsics, depth_to_millimetres, load_frame, RgbdFrame
from training.worlds.noise import add_noise
from training.worlds.opengl import load_mujoco, RenderError
from training.worlds.truth import FLOOR
from training.worlds.world import RenderedView, sample_world

PICTURES = ('rgb', 'depth', 'segmentation')

SETTINGS = 'settings.json'

_FLOOR_BYTE = 255


@dataclass(frozen=True)
class StoreSettings:
    """What a folder of worlds is rendered with.

    Attributes:
        split: 'train', 'val' or 'test'.
        kind: one kind of world, or None for all.
        views: cameras per world.
        size_px: (width, height), or None for a size drawn per view.
        noise: noise model of the stored depth; the truth stays that of the clean depth.
        mirrored: they are seen in a mirror, see ``training.worlds.mirror``.
    """

    split: str = 'train'
    kind: str | None = None
    views: int = 1
    size_px: tuple[int, int] | None = None
    noise: str = 'none'
    mirrored: bool = False


@dataclass(frozen=True, eq=False)
class StoredView:
    """One view read back from disk; the truth is the dictionary of ViewTruth.as_dict()."""

    frame: RgbdFrame
    segmentation: NDArray[np.int32]
    truth: dict[str, Any]


def stem_of(seed: int, view: int) -> str:
    """Return the path of a view inside each folder, without the suffix."""
    return f'{seed // 1000:03d}/{seed:06d}_{view}'


def stored_stems(root: Path) -> list[str]:
    """List the complete views of a folder, sorted."""
    truth = Path(root) / 'truth'
    return sorted(str(p.relative_to(truth).with_suffix('')) for p in truth.glob('*/*.json'))


def load_view(root: Path, stem: str) -> StoredView:
    """Read one view.

    Raises:
        FrameError: a file is missing or broken.
    """
    root = Path(root)
    path = root / 'truth' / f'{stem}.json'
    try:
        truth = json.loads(path.read_text())
        intrinsics = CameraIntrinsics(**truth['intrinsics'])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise FrameError(f'{path}: not the truth of a view ({error})') from error
    rgb, depth, labels = (root / picture / f'{stem}.png' for picture in PICTURES)
    frame = load_frame(rgb, depth, intrinsics)
    codes = cv2.imread(str(labels), cv2.IMREAD_UNCHANGED)
    if codes is None or codes.shape != frame.depth_m.shape:
        raise FrameError(f'{labels}: missing, or not of the size of the colour image')
    segmentation = codes.astype(np.int32)
    segmentation[codes == _FLOOR_BYTE] = FLOOR
    return StoredView(frame, segmentation, truth)


def settings_of(root: Path) -> dict[str, Any] | None:
    """Return what a folder was rendered with, as JSON has it; None where nobody has said.

    Raises:
        ConfigError: what it says cannot be read.
    """
    path = Path(root) / SETTINGS
    try:
        # A folder that was begun before a setting was there has the usual one.
        return asdict(StoreSettings()) | json.loads(path.read_text()) if path.exists() else None
    except (OSError, ValueError, TypeError) as error:
        raise ConfigError(f'{root}: cannot hold worlds ({error})') from error


def prepare(root: Path, settings: StoreSettings) -> None:
    """Make the folder, or check that it was rendered with the same settings.

    Raises:
        ConfigError: the folder holds worlds of other settings, or cannot be written.
    """
    try:
        Path(root).mkdir(parents=True, exist_ok=True)
        known = settings_of(root)
        if known is None:
            text = json.dumps(asdict(settings), indent=1)
            write_atomically(Path(root) / SETTINGS, text.encode())
            return
    except OSError as error:
        raise ConfigError(f'{root}: cannot hold worlds ({error})') from error
    wanted = json.loads(json.dumps(asdict(settings)))
    differing = [
        f'{key}: {known.get(key)!r} there, {value!r} asked for'
        for key, value in wanted.items()
        if known.get(key) != value
    ]
    if differing:
        raise ConfigError(
            f'{root} holds worlds of other settings ({"; ".join(differing)}). '
            'Use those settings to go on, or another folder'
        )


def render_worlds(
    root: Path, settings: StoreSettings, seeds: range, jobs: int
) -> Iterator[tuple[int, int, int]]:
    """Render worlds to disk over several processes, leaving out what is there already.

    Yields:
        (views rendered, views found complete, bytes written) for each world as it is done.

    Raises:
        RenderError: a process cannot render, or died.
        ConfigError: the folder holds worlds of other settings, or cannot be written.
        MissingPackageError: MuJoCo is not installed.
    """
    load_mujoco()  # a missing package is better said here than in a process of the pool
    prepare(root, settings)
    if jobs == 1:
        yield from (render_world(root, settings, seed) for seed in seeds)
        return
    # Started afresh, because an OpenGL context does not survive a fork.
    context = multiprocessing.get_context('spawn')
    # One thread each: as many processes as cores leave nothing for a second.
    os.environ.setdefault('LP_NUM_THREADS', '1')
    with ProcessPoolExecutor(jobs, mp_context=context) as pool:
        tasks = [pool.submit(render_world, root, settings, seed) for seed in seeds]
        try:
            for task in as_completed(tasks):
                yield task.result()
        except BrokenProcessPool as error:
            raise RenderError(
                'a rendering process died, perhaps for want of memory: '
                'the same command goes on where it stopped; fewer --jobs need less'
            ) from error
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def render_world(root: Path, settings: StoreSettings, seed: int) -> tuple[int, int, int]:
    """Render the views of one world that are not on disk yet.

    Returns:
        (views rendered, views found complete, bytes written).

    Raises:
        RenderError: no picture can be rendered.
    """
    missing = [
        view
        for view in range(settings.views)
        if not (Path(root) / 'truth' / f'{stem_of(seed, view)}.json').exists()
    ]
    size = 0
    if missing:
        world = sample_world(seed, settings.kind, settings.split)
        for view in missing:
            size += _store(Path(root), settings, seed, view, world.render(view, settings.size_px))
    return len(missing), settings.views - len(missing), size


def write_atomically(path: Path, content: bytes) -> int:
    """Write a file so that it is there whole or not at all; return its size."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f'{path.name}.{os.getpid()}.part')
    try:
        part.write_bytes(content)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)  # of a full disk
    return len(content)


def _store(
    root: Path, settings: StoreSettings, seed: int, view: int, rendered: RenderedView
) -> int:
    depth_m = add_noise(rendered.frame.depth_m, settings.noise, seed * 1000 + view)
    codes = rendered.segmentation.astype(np.uint8)  # -1, the floor, becomes 255
    images = {
        'rgb': rendered.frame.rgb[..., ::-1],
        'depth': depth_to_millimetres(depth_m),
        'segmentation': codes,
    }
    stem, size = stem_of(seed, view), 0
    for picture in PICTURES:
        png = cv2.imencode('.png', images[picture])[1]
        size += write_atomically(root / picture / f'{stem}.png', png.tobytes())
    truth = json.dumps(rendered.truth.as_dict(), separators=(',', ':'))
    return size + write_atomically(root / 'truth' / f'{stem}.json', truth.encode())
