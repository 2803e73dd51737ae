# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What the depth says: planes, objects, measurements with margins, answers. No model, no weights.

Example::

    from ssr_ros.scene import measure

    facts = measure(frame)
    print(facts.table())
    print(facts.answer('How far is the nearest red object?'))
"""

from ssr_ros.scene.facts import SceneFacts
from ssr_ros.scene.geometry.extent import Margins
from ssr_ros.scene.geometry.gravity import down_from_tilt, Gravity
from ssr_ros.scene.geometry.noise import NoiseModel
from ssr_ros.scene.geometry.objects import SceneObject, ScenePlane
from ssr_ros.scene.geometry.region import measure_at, RegionMeasurement
from ssr_ros.scene.grounded import Grounded
from ssr_ros.scene.measuring import measure
from ssr_ros.scene.questions.evidence import (
    Agreement,
    Check,
    Evidence,
    MeasuredAnswer,
    Rationale,
)

__all__ = [
    'Agreement',
    'Check',
    'Evidence',
    'Gravity',
    'Grounded',
    'Margins',
    'MeasuredAnswer',
    'NoiseModel',
    'Rationale',
    'RegionMeasurement',
    'SceneFacts',
    'SceneObject',
    'ScenePlane',
    'down_from_tilt',
    'measure',
    'measure_at',
]
