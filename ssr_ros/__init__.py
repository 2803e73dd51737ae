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
