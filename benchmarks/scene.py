# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Measure what `ssr_ros.scene` measures: on rendered truth, on real frames, against the clock.

    python benchmarks/scene.py [--worlds 200] [--rgbd DIR] [--json]
    python benchmarks/scene.py --marked DIR [--pictures OUT] [--json]

Rendered truth: settled worlds of the test split, one view each, under four noise models. An
object of at least 400 visible pixels counts as found when the mask of one measured object
overlaps it by half (IoU); a measured object of that size that matches no object and lies on none
of the furniture counts against precision. Extents are compared with those of the visible surface,
because that is what a camera sees; how many errors the told margins (two standard errors) cover is
said too, also for `measure_at` with the box around what is seen of each object. Relations are
asked of all pairs of found objects; one inside its margin counts as declined.

Real frames: DIR/tabletop as in the 6-DOF GraspNet demo data, with the points of the object beside
each frame. The clock counts processor time of one thread, on rendered 640x480 views and on the
real frames, beside Open3D's plane segmentation and DBSCAN where Open3D is installed.

Marked frames (see scene_marked): how many objects that somebody marked by hand are found.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Callable
import itertools
import json
from pathlib import Path
import sys
from time import process_time
from typing import Any, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import scene_marked
from benchmarks.machine import machine
from ssr_ros.rgbd import CameraIntrinsics, load_frame, RgbdFrame
from ssr_ros.scene import measure, measure_at, SceneFacts
from ssr_ros.scene.geometry.objects import SceneObject
from ssr_ros.scene.questions import relations
from ssr_ros.scene.questions.vocabulary import Dimension
from training.worlds import add_noise, RenderedView, sample_world
from training.worlds.truth import ThingTruth, ViewTruth

LEAST_PIXELS = 400
NOISES = {'none': 'none', 'stereo': 'stereo', 'tof': 'tof', 'smeared': 'stereo'}
"""Noise of the rendered depth -> the model that measuring is told of."""
GOALS = {
    'recall': '>= 0.95',
    'precision': '>= 0.95',
    'distance_within': '1 % + 3 mm, median',
    'extent_median': '<= 0.05',
    'relations_correct': '>= 0.99',
    'relations_declined': '<= 0.10',
}


Value = TypeVar('Value')
Pair = tuple[ThingTruth, SceneObject]
SIZES: tuple[tuple[str, Dimension, int], ...] = (('wider', 'width', 0), ('taller', 'height', 2))


class Tally:
    """Counts and errors under one noise model."""

    def __init__(self) -> None:
        self.found = self.missed = self.right = self.wrong = 0
        self.distance: list[float] = []
        self.within: list[bool] = []
        self.extent: list[NDArray[np.float64]] = []
        self.color: list[bool] = []
        self.cover: defaultdict[str, list[bool]] = defaultdict(list)
        self.relations: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0, 0])

    def add(self, view: RenderedView, facts: SceneFacts) -> None:
        """Compare the facts of one view with its truth."""
        truths = [t for t in view.truth.objects if t.pixels]
        masks = {t.name: view.mask(t.name) for t in truths}
        pairs = {}
        for truth in truths:
            best = max(facts.objects, key=lambda o: iou(masks[truth.name], o.mask), default=None)
            if best is not None and iou(masks[truth.name], best.mask) >= 0.5:
                pairs[truth.name] = (truth, best)
        large = [t for t in truths if t.pixels >= LEAST_PIXELS]
        self.found += sum(t.name in pairs for t in large)
        self.missed += sum(t.name not in pairs for t in large)
        self._precision(view, facts, [o for _, o in pairs.values()])
        matched = [pairs[t.name] for t in large if t.name in pairs]
        for truth, thing in matched:
            self._errors(truth, thing)
        for truth in large:
            self._pointed_at(truth, facts)
        for one, other in itertools.combinations(matched, 2):
            self._relate(view.truth, facts, one, other)

    def _precision(
        self, view: RenderedView, facts: SceneFacts, matched: list[SceneObject]
    ) -> None:
        furniture = [t.id for t in view.truth.things if t.role == 'furniture']
        on_furniture = np.isin(view.segmentation, furniture)
        for thing in facts.objects:
            if thing.pixels < LEAST_PIXELS:
                continue
            if any(thing is other for other in matched):
                self.right += 1
            elif np.count_nonzero(thing.mask & on_furniture) <= 0.5 * thing.pixels:
                self.wrong += 1

    def _errors(self, truth: ThingTruth, thing: SceneObject) -> None:
        true_m = seen(truth.distance_m)
        error = abs(thing.distance_m - true_m)
        self.distance.append(error / true_m)
        self.within.append(error <= 0.01 * true_m + 0.003)
        self.color.append(thing.color == truth.color)
        margins = thing.margins
        self._cover('distance', thing.distance_m - true_m, margins.distance_m)
        middle_m = thing.median_distance_m - seen(truth.median_distance_m)
        self._cover('median distance', middle_m, margins.median_distance_m)
        self._cover('centre', thing.center_m - seen(truth.visible_center_m), margins.center_m)
        if not (thing.touches_edge or truth.touches_edge):
            size = np.asarray(truth.visible_size_m)
            self.extent.append(np.abs(thing.size_m - size) / size)
            self._cover('size', thing.size_m - size, margins.size_m)

    def _pointed_at(self, truth: ThingTruth, facts: SceneFacts) -> None:
        """Measure the box around what is seen of a thing, found or not."""
        at = measure_at(facts.frame, seen(truth.box_px), facts.noise, facts.gravity)
        if at.known:
            self._cover(
                'box: distance', at.distance_m - seen(truth.distance_m), at.margins.distance_m
            )
            middle_m = at.median_distance_m - seen(truth.median_distance_m)
            self._cover('box: median', middle_m, at.margins.median_distance_m)

    def _cover(self, name: str, error: Any, sigma: Any) -> None:
        """Count whether the margin that is told, two standard errors, covers an error."""
        self.cover[name] += np.atleast_1d(np.abs(error) <= 2 * np.asarray(sigma)).tolist()

    def _relate(self, view: ViewTruth, facts: SceneFacts, one: Pair, other: Pair) -> None:
        (true_a, a), (true_b, b) = one, other
        axes = axes_of(view.gravity)
        place_a, place_b = (axes @ np.asarray(t.visible_center_m) for t in (true_a, true_b))
        asked = {
            'right_of': (relations.right_of(facts, a, b), place_a[0] - place_b[0]),
            'above': (relations.above(facts, a, b), place_a[2] - place_b[2]),
            'behind': (-relations.in_front_of(facts, a, b), place_a[1] - place_b[1]),
            'farther': (
                relations.distance(a) - relations.distance(b),
                seen(true_a.distance_m) - seen(true_b.distance_m),
            ),
        }
        if not (a.touches_edge or b.touches_edge or true_a.touches_edge or true_b.touches_edge):
            for name, key, axis in SIZES:
                asked[name] = (
                    relations.size(a, key) - relations.size(b, key),
                    seen(true_a.visible_size_m)[axis] - seen(true_b.visible_size_m)[axis],
                )
        for name, (said, true) in asked.items():
            right = 1 if said.value * true > 0 else 2
            self.relations[name][right if said.decided else 0] += 1

    def summary(self) -> dict[str, Any]:
        """Return the figures."""
        table = {
            name: dict(zip(('declined', 'correct', 'wrong'), counts, strict=True))
            for name, counts in sorted(self.relations.items())
        }
        declined, correct, wrong = (sum(c) for c in zip(*self.relations.values(), strict=True))
        extent = np.array(self.extent)
        return {
            'objects': self.found + self.missed,
            'recall': self.found / max(1, self.found + self.missed),
            'precision': self.right / max(1, self.right + self.wrong),
            'distance_median': float(np.median(self.distance)),
            'distance_within': float(np.mean(self.within)),
            'extent_median': float(np.median(extent)),
            'extent_width_depth_height': np.median(extent, axis=0).round(4).tolist(),
            'color': float(np.mean(self.color)),
            'cover': {name: float(np.mean(held)) for name, held in self.cover.items()},
            'relations': declined + correct + wrong,
            'relations_correct': correct / max(1, correct + wrong),
            'relations_declined': declined / max(1, declined + correct + wrong),
            'relation_table': table,
        }


def seen(value: Value | None) -> Value:
    """What is known of every thing of which a pixel is seen."""
    if value is None:
        raise ValueError('the thing is not seen')
    return value


def axes_of(gravity: NDArray[np.float64]) -> NDArray[np.float64]:
    """Right, forward and up in the camera frame, from the true direction of gravity."""
    up = -np.asarray(gravity)
    forward = np.array([0.0, 0.0, 1.0]) - up[2] * up
    if np.linalg.norm(forward) < 1e-3:
        forward = np.array([0.0, -1.0, 0.0]) + up[1] * up
    forward /= np.linalg.norm(forward)
    return np.stack([np.cross(forward, up), forward, up])


def iou(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    shared = int(np.count_nonzero(one & other))
    return shared / max(1, int(np.count_nonzero(one) + np.count_nonzero(other)) - shared)


def rendered(count: int) -> dict[str, Any]:
    """Measure rendered worlds under every noise model."""
    tallies = {noise: Tally() for noise in NOISES}
    seconds = defaultdict(list)
    for seed in range(count):
        view = sample_world(seed, split='test').render()
        for noise, tally in tallies.items():
            depth_m = add_noise(view.frame.depth_m, noise, seed=seed)
            frame = RgbdFrame(view.frame.rgb, depth_m, view.frame.intrinsics)
            start = process_time()
            facts = measure(frame, noise=NOISES[noise])
            seconds[noise].append(process_time() - start)
            tally.add(view, facts)
        if sys.stderr.isatty():
            print(f'\r{seed + 1}/{count} worlds', end='', file=sys.stderr)
    return {noise: {'worlds': count, **tally.summary()} for noise, tally in tallies.items()}


def tabletop(folder: Path) -> list[dict[str, Any]]:
    """Compare centres and extents with the objects' points of real tabletop frames."""
    camera = CameraIntrinsics(616.365, 616.203, 310.259, 236.600)
    rows = []
    for points in sorted((folder / 'tabletop').glob('*.object_pc.npy')):
        stem = points.name.removesuffix('.object_pc.npy')
        depth = points.with_name(f'{stem}.depth_f32_m.npy')
        facts = measure(load_frame(points.with_name(f'{stem}.color.png'), depth, camera))
        truth = np.load(points)
        thing = min(facts.objects, key=lambda o: np.linalg.norm(o.center_m - truth.mean(axis=0)))
        along = truth @ facts.gravity.axes.T
        rows.append(
            {
                'frame': stem,
                'objects': len(facts.objects),
                'color': thing.color,
                'centre_error_m': float(np.linalg.norm(thing.center_m - truth.mean(axis=0))),
                'size_m': np.round(thing.size_m, 4).tolist(),
                'true_size_m': np.round(np.ptp(along, axis=0), 4).tolist(),
                'distance_error_m': float(
                    thing.distance_m - np.percentile(np.linalg.norm(truth, axis=1), 1)
                ),
            }
        )
    return rows


def speed(frames: list[RgbdFrame], rounds: int = 5) -> dict[str, Any]:
    """Time one thread, beside Open3D where it is installed, in turn on the same frames."""
    ours, theirs = [], []
    for frame in frames:
        measure(frame)
        ours += [timed(measure, frame) for _ in range(rounds)]
    figures: dict[str, Any] = {'frames': len(frames), 'median_ms': float(np.median(ours) * 1e3)}
    try:
        import open3d
    except ImportError as error:
        figures['open3d'] = f'not compared: {error}'
        return figures
    for frame in frames:
        theirs.append(timed(with_open3d, frame, open3d))
    figures['open3d'] = open3d.__version__
    figures['open3d_median_ms'] = float(np.median(theirs) * 1e3)
    figures['times_faster'] = float(np.median(theirs) / np.median(ours))
    return figures


def timed(call: Callable[..., object], *args: object) -> float:
    start = process_time()
    call(*args)
    return process_time() - start


def with_open3d(frame: RgbdFrame, open3d: Any) -> NDArray[np.int32]:
    """Segment planes and cluster the rest, as its documentation shows, thinned to 1 cm first."""
    points = frame.points_m()[frame.valid]
    cloud = open3d.geometry.PointCloud(open3d.utility.Vector3dVector(points.astype(np.float64)))
    cloud = cloud.voxel_down_sample(0.01)
    least = 0.02 * len(cloud.points)
    for _ in range(6):
        if len(cloud.points) < 100:
            break
        _, inliers = cloud.segment_plane(0.015, ransac_n=3, num_iterations=1000)
        if len(inliers) < least:
            break
        cloud = cloud.select_by_index(inliers, invert=True)
    return np.asarray(cloud.cluster_dbscan(eps=0.03, min_points=10))


def speed_frames(folder: Path | None) -> list[RgbdFrame]:
    """Real frames where there are some, and ten rendered views with stereo noise."""
    frames = []
    for seed in range(10):
        view = sample_world(seed, split='test').render(size_px=(640, 480))
        depth_m = add_noise(view.frame.depth_m, 'stereo', seed=seed)
        frames.append(RgbdFrame(view.frame.rgb, depth_m, view.frame.intrinsics))
    camera = CameraIntrinsics(525, 525, 319.5, 239.5)
    for depth in sorted(folder.glob('*/*.depth*')) if folder else ():
        color = next(depth.parent.glob(f'{depth.name.partition(".depth")[0]}.color.*'), None)
        if color is not None:
            frames.append(load_frame(color, depth, camera))
    return frames


def show(report: dict[str, Any]) -> None:
    print(report['machine'])
    for noise, row in report['rendered'].items():
        print(f'\n{noise}: {row["worlds"]} worlds, {row["objects"]} objects of >= 400 px')
        for name, goal in GOALS.items():
            print(f'  {name:20} {row[name]:.3f}   (goal {goal})')
        print(f'  {"distance, median":20} {100 * row["distance_median"]:.2f} %')
        print(f'  {"width, depth, height":20} {row["extent_width_depth_height"]}')
        print(f'  {"colour":20} {row["color"]:.3f}')
        cover = ', '.join(f'{name} {share:.2f}' for name, share in row['cover'].items())
        print(f'  {"covered by margins":20} {cover}   (goal >= 0.90)')
        for name, counts in row['relation_table'].items():
            print(f'    {name:10} {counts}')
    for row in report['tabletop']:
        print(f'\ntabletop/{row["frame"]}: {row}')
    print(f'\n640x480, one thread: {report["speed"]}')


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('--worlds', type=int, default=200, help='how many rendered worlds')
    parser.add_argument('--rgbd', type=Path, help='folder of real frames')
    parser.add_argument('--marked', type=Path, help='folder of frames marked by hand: these alone')
    parser.add_argument('--pictures', type=Path, help='folder to draw the marked frames to')
    parser.add_argument('--json', action='store_true', help='print one JSON object')
    options = parser.parse_args(argv)
    cv2.setNumThreads(1)
    if options.marked:
        rows = scene_marked.marked(options.marked, options.pictures)
        print(json.dumps(rows, indent=2)) if options.json else scene_marked.show(rows)
        return 0
    report = {
        'machine': machine(),
        'rendered': rendered(options.worlds),
        'tabletop': tabletop(options.rgbd) if options.rgbd else [],
        'speed': speed(speed_frames(options.rgbd)),
    }
    print(json.dumps(report, indent=2)) if options.json else show(report)
    return 0


if __name__ == '__main__':
    sys.exit(main())
