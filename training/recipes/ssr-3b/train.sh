#!/usr/bin/env bash
# The 3B size by the same steps: see ../ssr-7b/train.sh.
RECIPE=training/recipes/ssr-3b exec "$(dirname "$0")/../ssr-7b/train.sh" "$@"
