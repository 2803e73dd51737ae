# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A measured region, in words."""

from __future__ import annotations

from ssr_ros.scene.geometry.region import RegionMeasurement
from ssr_ros.scene.questions import wording
from ssr_ros.scene.questions.evidence import Evidence
from ssr_ros.scene.questions.quantity import Quantity


def region_evidence(region: RegionMeasurement) -> Evidence:
    """Say how far a region's surface is, as a fact."""
    x0, y0, x1, y1 = region.box_px
    name = f'region ({x0}, {y0}) to ({x1}, {y1})'
    sigma = region.margins.median_distance_m
    if not region.known:
        text = f'The {name} has no depth to measure.'
    else:
        far = wording.length(region.median_distance_m, sigma)
        text = f'The surface in the {name} is {far} away.'
    distance = Quantity(region.median_distance_m, sigma, 'm')
    return Evidence.of('distance', (name,), distance, 'camera', text)
