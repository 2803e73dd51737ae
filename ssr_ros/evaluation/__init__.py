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

"""How good answers are: read them, score them against what is true, and count honestly.

Plain Python and numpy: no model is needed to score answers that were kept.
"""

from ssr_ros.evaluation.conclusions import last_conclusion
from ssr_ros.evaluation.intervals import Paired, paired, paired_over_groups, wilson
from ssr_ros.evaluation.majority import Majority
from ssr_ros.evaluation.rationales import compare_numbers, NumberTally
from ssr_ros.evaluation.reading import read, Reading
from ssr_ros.evaluation.scoring import is_two_way, same_meaning, Score, score

__all__ = [
    'Majority',
    'NumberTally',
    'Paired',
    'Reading',
    'Score',
    'compare_numbers',
    'is_two_way',
    'last_conclusion',
    'paired',
    'paired_over_groups',
    'read',
    'same_meaning',
    'score',
    'wilson',
]
