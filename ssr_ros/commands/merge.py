# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``ssr-ros merge``: write a checkpoint whose VLM holds its adapter."""

from __future__ import annotations

import argparse
from pathlib import Path

from ssr_ros.commands import show

SUMMARY = "write a checkpoint with its adapter merged for good: it loads as fast as it's read"
EXAMPLE = (
    'ssr-ros merge ssr-7b --out ~/ssr-7b-merged --dtype bfloat16\n'
    '  ssr-ros ask --model ~/ssr-7b-merged ...'
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this verb's arguments."""
    parser.add_argument('model', metavar='MODEL', help='preset, checkpoint folder or yaml')
    parser.add_argument(
        '--out', metavar='DIR', required=True, help='a new folder; it holds every part'
    )
    parser.add_argument(
        '--dtype',
        choices=('bfloat16', 'float16'),
        default='',
        help='store VLM and encoders in it: nothing is then converted when they load so '
        '(default: each as it is stored)',
    )


def run(options: argparse.Namespace) -> int:
    """Merge, say how large it is, and return 0."""
    show.progress('importing torch ...')
    from ssr_ros.model.made import merge

    out = Path(options.out).expanduser()
    size = merge(options.model, out, show.progress, options.dtype)
    if options.json:
        show.print_json({'folder': str(out), 'vlm_bytes': size})
    else:
        print(f'{out}: the VLM has {size / 1e9:.3f} GB; load it by this name')
    return 0
