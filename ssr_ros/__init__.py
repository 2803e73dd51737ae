# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""SSR (Spatial Sense and Reasoning) for ROS 2: RGB-D in, spatial answers out.

This module runs at every ``import ssr_ros.msg``, the ``ros2`` command line's included, so it
imports nothing heavy. Pick a room: ``ssr_ros.rgbd``, ``ssr_ros.scene``, ``ssr_ros.model``,
``ssr_ros.robot``, ``ssr_ros.bags``.
"""

import pkgutil

# The generated interfaces (ssr_ros.msg, .srv, .action) may be installed under another prefix than
# this Python code; without this line the first one found on sys.path would hide the other.
__path__ = pkgutil.extend_path(__path__, __name__)

__version__ = '0.1.0'
