# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""rosbag2 recordings: read them, write small ones, play them. Reading needs no ROS.

Example::

    from ssr_ros.bags.read import open_bag

    with open_bag('my_bag') as bag:
        for frame in bag.frames():
            print(frame.stamp_ns, frame.valid_ratio)
"""
