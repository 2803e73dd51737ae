#!/bin/sh
# Ask a real ROS 2 node about a played bag, or about your own picture: ./demo.sh --help
set -eu
root=$(cd "$(dirname "$0")" && pwd)
. "$root/scripts/environment.sh"
exec python -m ssr_ros.cli demo "$@"
