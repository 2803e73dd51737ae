# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""How good answers are: read them, score them against what is true, and count honestly.

Plain Python and numpy: no model is needed to score answers that were kept.
"""

from ssr_ros.evaluation.conclusions import last_conclusion
from ssr_ros.evaluation.form import babbles, is_well_formed, well_formed, whole_sentences
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
    'babbles',
    'compare_numbers',
    'is_two_way',
    'is_well_formed',
    'last_conclusion',
    'paired',
    'paired_over_groups',
    'read',
    'same_meaning',
    'score',
    'well_formed',
    'whole_sentences',
    'wilson',
]
