# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Published benchmarks: their layouts, their rules, and what is left unsaid in them.

Every scorer follows the rule that its authors published, edge for edge, and beside it says how
many answers could be read at all: a rule that finds "no" in "not sure" holds it for right, and the
result says how often that happened.
"""

from collections.abc import Callable

from ssr_ros.evaluation.published.cv_bench import CvBench
from ssr_ros.evaluation.published.items import Benchmark, Item, Line, Mark, Picture
from ssr_ros.evaluation.published.q_spatial import QSpatial
from ssr_ros.evaluation.published.robospatial import RoboSpatialHome
from ssr_ros.evaluation.published.spatial_bench import SpatialBench
from ssr_ros.evaluation.published.spatial_rgpt import SpatialRgpt
from ssr_ros.evaluation.published.ssr_bench import SsrBench

BENCHMARKS: dict[str, Callable[[], Benchmark]] = {
    made.name: made
    for made in (SsrBench, SpatialBench, CvBench, QSpatial, RoboSpatialHome, SpatialRgpt)
}
"""By the name on the command line."""

__all__ = [
    'BENCHMARKS',
    'Benchmark',
    'CvBench',
    'Item',
    'Line',
    'Mark',
    'Picture',
    'QSpatial',
    'RoboSpatialHome',
    'SpatialBench',
    'SpatialRgpt',
    'SsrBench',
]
