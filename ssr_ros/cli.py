# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``ssr-ros``: ask, measure, check, bag, demo, bench, export, fetch, merge, quantise.

ssr-ros check
ssr-ros measure color.png depth.png --intrinsics 525,525,319.5,239.5
ssr-ros demo
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from contextlib import suppress
import errno
import os
import sys
from typing import Any

from ssr_ros import __version__
from ssr_ros.commands import (
    agents,
    ask,
    bag,
    bag_play,
    bench,
    benchmark,
    check,
    demo,
    export,
    fetch,
    measure,
    merge,
    quantise,
    show,
    show_rerun,
)
from ssr_ros.errors import SsrError
from ssr_ros.stopping import exit_code_of, stopped_by_sigterm

VERBS = {
    'demo': demo,
    'ask': ask,
    'measure': measure,
    'bag': bag,
    'play': bag_play,  # `bag play`, as launch files and scripts have long named it
    'show': show_rerun,
    'benchmark': benchmark,
    'bench': bench,
    'check': check,
    'mcp': agents,
    'export': export,
    'fetch': fetch,
    'merge': merge,
    'quantise': quantise,
}

EXIT_BAD_INPUT = 2
EXIT_PIPE_CLOSED = 141

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG, errno.EROFS)
"""What a full disk, a quota, a broken or a write-protected disk say."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb and return the exit code.

    0 is success, 1 what the verb found wanting, 2 bad input; as for other programs, 130 is stopped
    with Ctrl-C, 143 with SIGTERM, and 141 that the reader of a pipe has closed it.
    """
    show.speak_to_any_terminal()
    try:
        with stopped_by_sigterm():
            code = _run(arguments)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        # The reader of our output (head, a pager) has seen enough.
        _leave_stdout()
        return EXIT_PIPE_CLOSED
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
        with suppress(OSError):
            print(f'ssr-ros: the output cannot be written: {error.strerror}', file=sys.stderr)
        _leave_stdout()
        return EXIT_BAD_INPUT


def _run(arguments: Sequence[str] | None) -> int:
    options = make_parser().parse_args(arguments)
    try:
        return int(VERBS[options.verb].run(options))
    except SsrError as error:
        report_error(options, error)
        return EXIT_BAD_INPUT
    except KeyboardInterrupt as stop:
        print('stopped', file=sys.stderr)
        return exit_code_of(stop)


def _leave_stdout() -> None:
    """Keep Python from complaining once more when it flushes at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class _Parser(argparse.ArgumentParser):
    def _print_message(self, message: str, file: Any = None) -> None:
        """Write help, version or usage; argparse's own loses it on a full disk and exits 0."""
        stream = file or sys.stderr
        stream.write(message)
        stream.flush()


def make_parser() -> argparse.ArgumentParser:
    """Build the parser of all verbs."""
    parser = _Parser(
        prog='ssr-ros',
        description='Spatial answers from RGB-D cameras. `ssr-ros VERB --help` shows an example.',
    )
    parser.add_argument('--version', action='version', version=f'ssr_ros {__version__}')
    verbs = parser.add_subparsers(dest='verb', metavar='VERB', required=True)
    for name, module in VERBS.items():
        # What is a verb of `bag` as well names itself so in its examples.
        example = module.EXAMPLE.replace(f'ssr-ros bag {name} ', f'ssr-ros {name} ')
        verb = verbs.add_parser(
            name,
            help=module.SUMMARY,
            description=module.SUMMARY[0].upper() + module.SUMMARY[1:] + '.',
            epilog=f'example:\n  {example}',
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        module.add_arguments(verb)
        verb.add_argument('--json', action='store_true', help='print JSON instead of text')
    return parser


def report_error(options: argparse.Namespace, error: SsrError) -> None:
    """Say what went wrong: one line on stderr, and an object on stdout for --json."""
    print(f'ssr-ros {options.verb}: {error}', file=sys.stderr)
    if options.json:
        show.print_json({'error': type(error).__name__, 'message': str(error)})


if __name__ == '__main__':
    sys.exit(main())
