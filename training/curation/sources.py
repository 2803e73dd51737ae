# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Folders of frames: rendered worlds with their truth, or any RGB-D frames with intrinsics."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import cv2
import yaml

from ssr_ros.errors import ConfigError, FrameError
from ssr_ros.rgbd import CameraIntrinsics, depth_to_millimetres, load_frame
from ssr_ros.scene import measure
from ssr_ros.yaml_text import load_yaml
from training.curation.scene import Scene, scene_from_facts, scene_from_truth
from training.worlds.store import load_view, stored_stems

IMAGES = ('.png', '.jpg', '.jpeg')
DEPTHS = ('.png', '.pgm', '.tif', '.tiff', '.npy')


@dataclass(frozen=True, eq=False)
class Found:
    """A frame, what is known of it, and the files that a row names.

    Attributes:
        scene: what is known.
        image_path: colour image.
        depth_path: depth image; a 16-bit PNG in millimetres.
    """

    scene: Scene
    image_path: Path
    depth_path: Path


class Source(Protocol):
    """A folder of frames."""

    def keys(self) -> list[str]:
        """Return the frames' names, sorted."""

    def read(self, key: str) -> Found:
        """Read one frame.

        Raises:
            FrameError: it cannot be used.
        """


@dataclass(frozen=True)
class Worlds:
    """A folder made by ``python -m training.worlds --out``; its truth is what is known."""

    root: Path

    def keys(self) -> list[str]:
        """Return the complete views."""
        return stored_stems(self.root)

    def read(self, key: str) -> Found:
        """Read one view."""
        view = load_view(self.root, key)
        kept = ('split', 'seed', 'view', 'kind', 'room_type', 'intrinsics')
        meta = {name: view.truth[name] for name in kept}
        scene = scene_from_truth(view.truth, view.frame, {'source': 'worlds', **meta})
        return Found(scene, self.root / 'rgb' / f'{key}.png', self.root / 'depth' / f'{key}.png')


@dataclass(frozen=True)
class Frames:
    """Any folder of RGB-D frames; what is known is measured.

    A colour and a depth file belong together if their names differ in nothing but the words that
    say which is which: ``3.color.png`` and ``3.depth_mm.pgm``, ``rgb/3.jpg`` and ``depth/3.png``.

    Attributes:
        root: the folder; subfolders are searched.
        intrinsics: fx, fy, cx, cy; () reads intrinsics.yaml (or .json) in the folder.
        noise: noise model of the sensor.
        converted: where depth that is not a 16-bit PNG of millimetres is written as one.
        depth_unit_m: metres of one of the whole numbers of its depth; None for millimetres.
    """

    root: Path
    intrinsics: tuple[float, ...]
    noise: str
    converted: Path
    depth_unit_m: float | None = None

    def keys(self) -> list[str]:
        """Return the names of the pairs."""
        return sorted(self._pairs())

    def read(self, key: str) -> Found:
        """Read and measure one frame."""
        image_path, depth_path = self._pairs()[key]
        fx, fy, cx, cy = self._camera()
        camera = CameraIntrinsics(fx, fy, cx, cy)
        frame = load_frame(image_path, depth_path, camera, depth_unit_m=self.depth_unit_m)
        meta = {
            'source': 'frames',
            'frame': key,
            'noise': self.noise,
            'intrinsics': dict(zip(('fx', 'fy', 'cx', 'cy'), self._camera(), strict=True)),
        }
        scene = scene_from_facts(measure(frame, noise=self.noise), meta)
        if depth_path.suffix != '.png' or self.depth_unit_m is not None:
            depth_path = self._convert(key, scene)
        return Found(scene, image_path, depth_path)

    def _convert(self, key: str, scene: Scene) -> Path:
        path = self.converted / f'{key.replace("/", "_")}.png'
        path.parent.mkdir(parents=True, exist_ok=True)
        if not cv2.imwrite(str(path), depth_to_millimetres(scene.frame.depth_m)):
            raise OSError(f'{path}: cannot be written')
        return path

    def _pairs(self) -> dict[str, tuple[Path, Path]]:
        colors, depths = {}, {}
        for path in sorted(self.root.rglob('*')):
            name = path.relative_to(self.root).as_posix().lower()
            if 'depth' in name and path.suffix.lower() in DEPTHS:
                depths[_bare(name)] = path
            elif path.suffix.lower() in IMAGES:
                colors[_bare(name)] = path
        return {key: (colors[key], depths[key]) for key in colors.keys() & depths.keys()}

    def _camera(self) -> tuple[float, ...]:
        if self.intrinsics:
            return self.intrinsics
        for name in ('intrinsics.yaml', 'intrinsics.json'):
            path = self.root / name
            if path.is_file():
                try:
                    content = load_yaml(path.read_text(encoding='utf-8'))
                    return tuple(float(content[key]) for key in ('fx', 'fy', 'cx', 'cy'))
                except (yaml.YAMLError, KeyError, TypeError, ValueError) as error:
                    raise ConfigError(f'{path}: expected fx, fy, cx and cy: {error}') from error
        raise ConfigError(
            f'{self.root}: frames carry no calibration: give --intrinsics fx,fy,cx,cy in pixels, '
            'or put an intrinsics.yaml with these four keys beside them'
        )


def find_source(
    root: Path,
    intrinsics: tuple[float, ...],
    noise: str,
    converted: Path,
    depth_unit_m: float | None = None,
) -> Worlds | Frames:
    """Say which kind of folder it is.

    Raises:
        ConfigError: it is none, or holds no frames.
    """
    if not root.is_dir():
        raise ConfigError(f'{root}: no such folder')
    if (root / 'truth').is_dir():
        source: Worlds | Frames = Worlds(root)
    else:
        source = Frames(root, intrinsics, noise, converted, depth_unit_m)
        source._camera()
    if not source.keys():
        raise ConfigError(
            f'{root}: no frames: neither rendered worlds nor pairs of a colour and a depth image '
            'whose names differ in "color"/"rgb" and "depth" only'
        )
    return source


def _bare(name: str) -> str:
    """Take away what says which of the two images a name belongs to."""
    for word in ('depth_f32_m', 'depth_mm', 'depth', 'colour', 'color', 'rgb', 'image'):
        name = name.replace(word, '')
    stem = name.rpartition('.')[0]
    return stem.strip('._-/').replace('//', '/')


__all__ = ['Found', 'FrameError', 'Frames', 'Source', 'Worlds', 'find_source']
