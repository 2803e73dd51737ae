# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""How long a frame and an answer take, way by way, and how near that is to what the device can.

One process, and the ways take turns, so that what slows the machine slows all of them. The
published order of work is among them, on the same weights.
"""

from ssr_ros.model.bench.legs import LEGS
from ssr_ros.model.bench.measure import bench, Plan
from ssr_ros.model.bench.plot import draw

__all__ = ['LEGS', 'Plan', 'bench', 'draw']
