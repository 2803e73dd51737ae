# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The ROS shell around ``ssr_ros.engine``: topics in, questions answered, operators told.

From messages to answers::

    subscriptions -> engine.intake -> engine.worker -> engine.answering -> messages -> endpoints

Everything here needs rclpy and the generated messages; what can do without stands in ``engine``.
"""
