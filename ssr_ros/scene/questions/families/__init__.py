# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The families of questions, in the order in which they are tried."""

from ssr_ros.scene.questions.asked import Family
from ssr_ros.scene.questions.families.choosing import (
    answer_color,
    answer_order,
    answer_superlative,
    answer_what_is,
    answer_which_are,
)
from ssr_ros.scene.questions.families.comparing import (
    answer_alike,
    answer_how_much,
    answer_is_more,
    answer_is_most,
    answer_which,
    answer_which_of_group,
)
from ssr_ros.scene.questions.families.counting import answer_count, answer_exists, answer_more_than
from ssr_ros.scene.questions.families.distance import answer_between, answer_camera_distance
from ssr_ros.scene.questions.families.passing import answer_free, answer_passable
from ssr_ros.scene.questions.families.placing import answer_standing_on, answer_where
from ssr_ros.scene.questions.families.reaching import answer_reach, answer_vacant
from ssr_ros.scene.questions.families.relating import (
    answer_left_or_right,
    answer_on_side,
    answer_relation,
    answer_stands_on,
    answer_touch,
)
from ssr_ros.scene.questions.families.size import (
    answer_camera_height,
    answer_height_above,
    answer_size,
    answer_tilt,
)

FAMILIES: tuple[Family, ...] = (
    answer_passable,
    answer_vacant,
    answer_free,
    answer_reach,
    answer_height_above,
    answer_how_much,
    answer_alike,
    answer_is_more,
    answer_which,
    answer_which_of_group,
    answer_is_most,
    answer_left_or_right,
    answer_on_side,
    answer_touch,
    answer_stands_on,
    answer_relation,
    answer_camera_height,
    answer_tilt,
    answer_between,
    answer_camera_distance,
    answer_size,
    answer_color,
    answer_order,
    answer_count,
    answer_more_than,
    answer_exists,
    answer_standing_on,
    answer_where,
    answer_what_is,
    answer_superlative,
    answer_which_are,
)
"""The first family that fits and does not pass a question on answers it."""

__all__ = ['FAMILIES', 'Family']
