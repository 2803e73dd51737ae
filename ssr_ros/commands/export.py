# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``ssr-ros export``: write a checkpoint's image networks as ONNX files."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

from ssr_ros.commands import show

SUMMARY = "write a checkpoint's three image networks as ONNX files, each compared with torch"
EXAMPLE = 'ssr-ros export nano --onnx --out ~/nano_onnx\n  ssr-ros ask --model ~/nano_onnx ...'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this verb's arguments."""
    parser.add_argument('model', metavar='MODEL', help='preset, checkpoint folder or yaml')
    parser.add_argument('--onnx', action='store_true', required=True, help='the form to write')
    parser.add_argument(
        '--out',
        metavar='DIR',
        help='a folder of its own, with a reasoner.yaml that can be loaded; without it: beside '
        "the checkpoint's yaml, where every load finds them",
    )
    parser.add_argument(
        '--dtype',
        choices=('float32', 'float16'),
        default='float32',
        help='of weights, pixels and tokens; float16 is for GPUs (float32)',
    )


def run(options: argparse.Namespace) -> int:
    """Export, print the differences, and return 0."""
    show.progress('importing torch ...')
    from ssr_ros.model.made import export_onnx

    out = Path(options.out).expanduser() if options.out else None
    folder, entries = export_onnx(options.model, out, options.dtype, show.progress)
    if options.json:
        written = {part: asdict(entry) for part, entry in entries.items()}
        show.print_json({'folder': str(folder), 'networks': written})
        return 0
    rows = [
        (part, f'{e.bytes / 1e6:.1f} MB', f'{e.difference:.1e}', 'x'.join(map(str, e.given)))
        for part, e in entries.items()
    ]
    print(show.table(('network', 'file', 'differs from torch by', 'pixels'), rows))
    print(f'\n  in {folder}; differences are parts of the largest value')
    return 0
