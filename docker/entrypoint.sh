#!/bin/bash
# Enter ROS 2, the virtual environment and the built package, then do what was asked.
set -e
source /opt/ssr/venv/bin/activate
source /opt/ssr/install/setup.bash # enters /opt/ros too
exec "$@"
