#!/bin/sh
# Check everything: lint, format, types and tests. What is given goes to pytest: ./test.sh -k depth
set -eu
root=$(cd "$(dirname "$0")" && pwd)
. "$root/scripts/environment.sh"
cd "$root"

# Nobody else's nodes: this machine only, and a domain of this run's own.
export ROS_AUTOMATIC_DISCOVERY_RANGE=LOCALHOST
if [ "${ROS_DISTRO:-}" = humble ]; then export ROS_LOCALHOST_ONLY=1; fi
export ROS_DOMAIN_ID=${ROS_DOMAIN_ID:-$(($$ % 100 + 1))}

status=0
check() {
  echo "== $*"
  "$@" || status=1
}
check ruff check --quiet
check ruff format --check --quiet
check mypy
check python -m pytest "$@"
exit $status
