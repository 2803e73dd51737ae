# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The ROS 2 node: topics in, questions answered, everything said that an operator needs to know.

From messages to answers::

    subscriptions -> intake (pairing, newest pair) -> worker -> answering -> outgoing messages

Only ``parameters``, ``subscriptions``, ``transforms``, ``node`` and ``main`` need rclpy; the rest
is plain Python and is tested as such.
"""
