# Sourced by demo.sh and test.sh, which set $root: makes the environment where needed and enters it.
PYTHON=${PYTHON:-python3}
if ! command -v "$PYTHON" > /dev/null; then
  echo "ssr_ros: $PYTHON was not found. Cure: sudo apt install python3-venv python3-dev g++" >&2
  exit 1
fi
"$PYTHON" "$root/scripts/make_env.py"
. "$("$PYTHON" "$root/scripts/machine.py")/ros_env.sh"
