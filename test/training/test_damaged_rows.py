# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Rows damaged at random are counted, and never stop anything with a traceback."""

from collections import Counter
import random

from benchmarks.fuzz_rows import damaged_rows, DAMAGES


def test_sixty_damaged_rows_of_every_kind_are_read_or_counted(tmp_path):
    case = damaged_rows(tmp_path)
    kinds = Counter(case(random.Random(f'0 {number}')) for number in range(60))
    assert set(kinds) == {damage.__name__ for damage in DAMAGES}
