# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The families of questions: what reads them, in the order tried, and what answers them."""

from collections.abc import Callable

from ssr_ros.scene.questions.asked import Asked
from ssr_ros.scene.questions.evidence import MeasuredAnswer
from ssr_ros.scene.questions.families import (
    choosing,
    comparing,
    counting,
    describing,
    distance,
    driving,
    passing,
    placing,
    reaching,
    relating,
    several,
    size,
)
from ssr_ros.scene.questions.query import Kind
from ssr_ros.scene.questions.reader import Reader

READERS: tuple[Reader, ...] = (
    passing.read_passage,
    reaching.read_vacant,
    driving.read_free,
    reaching.read_reach,
    size.read_height_above,
    comparing.read_how_much,
    comparing.read_alike,
    several.read_which_of_three,
    comparing.read_which,
    comparing.read_is_more,
    comparing.read_which_of_group,
    comparing.read_is_most,
    relating.read_which_side_of,
    relating.read_on_side,
    relating.read_touching,
    relating.read_stands_on,
    relating.read_related,
    size.read_camera_height,
    size.read_tilt,
    distance.read_apart,
    distance.read_distance,
    size.read_size,
    choosing.read_color,
    choosing.read_order,
    counting.read_count,
    counting.read_number_is,
    counting.read_exists,
    counting.read_empty,
    placing.read_support,
    placing.read_where,
    choosing.read_what_is,
    choosing.read_which_are,
    choosing.read_which_kind,
    choosing.read_called,
    choosing.read_superlative,
    describing.read_describe,
)
"""The first that fits and does not pass a question on reads it."""

ANSWERS: dict[Kind, Callable[[Asked], MeasuredAnswer]] = {
    'distance': distance.distance,
    'apart': distance.apart,
    'size': size.size,
    'height above': size.height_above,
    'camera height': size.camera_height,
    'camera tilt': size.camera_tilt,
    'which': comparing.which,
    'which of three': several.which_of_three,
    'is more': comparing.is_more,
    'is beyond': comparing.is_beyond,
    'how much more': comparing.how_much_more,
    'as much': comparing.as_much,
    'is most': comparing.is_most,
    'which side of': relating.which_side_of,
    'which side': relating.which_side,
    'on side': relating.on_side,
    'related': relating.related,
    'passage': passing.passage,
    'free': driving.free,
    'is free': driving.free,
    'obstacle': driving.free,
    'most free': driving.most_free,
    'reach': reaching.reach,
    'vacant': reaching.vacant,
    'count': counting.count,
    'number is': counting.number_is,
    'exists': counting.exists,
    'empty': counting.empty,
    'list': choosing.list_fitting,
    'find': choosing.find,
    'called': choosing.called,
    'order': choosing.order,
    'color': choosing.color,
    'support': placing.support,
    'where': placing.where,
    'describe': describing.describe_all,
}
