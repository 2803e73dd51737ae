#!/bin/sh
# Check everything: lint, format, types and tests. What is given goes to pytest: ./test.sh -k depth
# ROS_DISTRO=kilted ./test.sh tests on Kilted's wheels; SSR_TESTS_ONLY=1 leaves lint and types out.
set -eu
root=$(cd "$(dirname "$0")" && pwd)
. "$root/scripts/environment.sh"
cd "$root"

# What pip cannot bring: who draws rendered worlds without a screen, and who looks at reports.
need() {
  echo "ssr_ros: this machine lacks $1, $2"
  install="apt-get update -qq && apt-get install -qq -y --no-install-recommends $1"
  if [ "$(id -u)" != 0 ] || ! sh -c "$install" > /dev/null; then
    echo "    Cure: sudo sh -c '$install'; those tests are skipped until then"
  fi
}
if ! python -c 'import ctypes.util, sys; sys.exit(not ctypes.util.find_library("OSMesa"))'; then
  need libosmesa6 'without which nothing is rendered'
fi
if ! command -v chromium chromium-browser google-chrome chrome > /dev/null; then
  need chromium 'without which reports are not tried in a browser'
fi

# Nobody else's nodes: this machine only, and a domain of this run's own.
export ROS_AUTOMATIC_DISCOVERY_RANGE=LOCALHOST
if [ "${ROS_DISTRO:-}" = humble ]; then export ROS_LOCALHOST_ONLY=1; fi
export ROS_DOMAIN_ID="${ROS_DOMAIN_ID:-$(($$ % 100 + 1))}"

status=0
check() {
  echo "== $*"
  "$@" || status=1
}
if [ -z "${SSR_TESTS_ONLY:-}" ]; then
  check ruff check --quiet
  check ruff format --check --quiet
  check mypy
fi
# A file's tests share what is dear to make, so each file stays with one process; -n 0 takes one for all.
# One that hangs is ended by its timeout, and would be begun again in nine processes, one after the other.
cores=$(nproc)
jobs=$((cores < 4 ? cores : 4))
export OMP_NUM_THREADS="${OMP_NUM_THREADS:-1}"
check python -m pytest -n "$jobs" --dist loadfile --max-worker-restart 1 "$@"
exit $status
