# Copyright 2026 The ssr_ros authors
#
# Licensed under the Apache License, Version 2.0 (the "License");
# you may not use this file except in compliance with the License.
# You may obtain a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS,
# WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
# See the License for the specific language governing permissions and
# limitations under the License.

"""What the depth says: planes, objects, measurements with margins, answers. No model, no weights.

Example::

    from ssr_ros.scene import measure

    facts = measure(frame)
    print(facts.table())
    print(facts.answer('How far is the nearest red object?'))
"""

from ssr_ros.scene.evidence import Agreement, Check, Evidence, MeasuredAnswer, Rationale
from ssr_ros.scene.extent import Margins
from ssr_ros.scene.facts import SceneFacts
from ssr_ros.scene.gravity import down_from_tilt, Gravity
from ssr_ros.scene.measuring import measure
from ssr_ros.scene.noise import NoiseModel
from ssr_ros.scene.objects import SceneObject, ScenePlane
from ssr_ros.scene.region import measure_at, RegionMeasurement

__all__ = [
    'Agreement',
    'Check',
    'Evidence',
    'Gravity',
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
