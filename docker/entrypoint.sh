#!/bin/bash
# Enter ROS 2, the built package and the virtual environment, then do what was asked.
# shellcheck disable=SC1091
set -e
source /opt/ssr/install/setup.bash # enters /opt/ros too
source /opt/ssr/venv/bin/activate
exec "$@"
