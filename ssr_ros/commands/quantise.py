# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``ssr-ros quantise``: write a checkpoint whose language model has weights of 8 or 4 bits."""

from __future__ import annotations

import argparse
from pathlib import Path

from ssr_ros.commands import show

SUMMARY = "write a checkpoint with the language model's weights in 8 or 4 bits"
EXAMPLE = 'ssr-ros quantise ssr-7b --bits 4 --out ~/ssr-7b-int4'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this verb's arguments."""
    parser.add_argument('model', metavar='MODEL', help='preset, checkpoint folder or yaml')
    parser.add_argument('--bits', type=int, choices=(8, 4), required=True, help='of a weight')
    parser.add_argument(
        '--out', metavar='DIR', required=True, help='a new folder; it holds every part'
    )


def run(options: argparse.Namespace) -> int:
    """Quantise, say how large it is, and return 0."""
    show.progress('importing torch ...')
    from ssr_ros.model.made import quantise_vlm

    out = Path(options.out).expanduser()
    size = quantise_vlm(options.model, out, options.bits, show.progress)
    if options.json:
        show.print_json({'folder': str(out), 'bits': options.bits, 'vlm_bytes': size})
    else:
        print(f'{out}: the VLM has {size / 1e9:.3f} GB; load it by this name')
    return 0
