# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Which middleware ROS talks through, for whoever may not import rclpy."""

from __future__ import annotations


def middleware() -> str:
    """Return the middleware's name, such as 'rmw_fastrtps_cpp'."""
    import rclpy

    return str(rclpy.get_rmw_implementation_identifier())
