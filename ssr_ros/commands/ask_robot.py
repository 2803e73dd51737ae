# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``ssr-ros ask --robot``: the same questions to a running node, about now or about before."""

from __future__ import annotations

import argparse
from decimal import Decimal, InvalidOperation
import sys
import time
from typing import Any

from ssr_ros.commands import replies, show
from ssr_ros.errors import ConfigError, require_package

MOST_STAMP_S = 2**31
"""A stamp's seconds have 32 bits."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what a running node is asked with."""
    group = parser.add_argument_group('about what a running node sees')
    group.add_argument('--robot', action='store_true', help='ask the running node instead')
    group.add_argument('--namespace', default='', help='of the node')
    group.add_argument('--camera', default='', metavar='NAME', help='which one, of several')
    when = group.add_mutually_exclusive_group()
    when.add_argument(
        '--ago', type=float, default=0.0, metavar='S', help='about what it saw so many seconds ago'
    )
    when.add_argument(
        '--stamp', default='', metavar='S', help='about the image of that stamp, in seconds'
    )
    group.add_argument('--timeout', type=float, default=60.0, metavar='S', help='for one reply')


def run(options: argparse.Namespace) -> int:
    """Ask, print, and return 0; 1 where a question was refused."""
    if options.bag or options.rgb or options.depth:
        raise ConfigError('--robot asks about what the node sees: leave --bag, --rgb, --depth out')
    if options.named or options.point or options.facts != 'none':
        raise ConfigError(
            '--robot asks the node as it was started: leave --named, --point, --facts out; its '
            'own are the topic named_regions, grounding.vlm and prompt.facts'
        )
    stamp_ns = parse_stamp(options.stamp)
    require_package('rclpy', 'ros')
    from ssr_ros.robot.client import SsrClient

    with SsrClient(options.namespace) as client:
        client.wait_for_services(options.timeout)
        answers = [_ask(client, question, options, stamp_ns) for question in options.questions]
        exit_code = _tell(answers, options.json)
        client.close(exit_code)
    return exit_code


def _tell(answers: list[tuple[Any, float]], as_json: bool) -> int:
    """Print before the ROS graph is left, in which Fast DDS may hang; return the exit code."""
    refused = [answer for answer, _ in answers if answer.error_code]
    found = [replies.shown(answer, ms) for answer, ms in answers if not answer.error_code]
    if as_json:
        errors = [{'question': each.question, 'message': each.error_msg} for each in refused]
        show.print_json({'answers': [each.as_dict() for each in found], 'refused': errors})
    for answer in () if as_json else found:
        print()
        show.print_answer(answer)
    for answer in refused:
        show.progress(f'refused: {answer.question!r}: {answer.error_msg}')
    sys.stdout.flush()
    return 1 if refused else 0


def parse_stamp(text: str) -> int:
    """Read seconds as nanoseconds, all nine digits of them; '' is 0.

    Raises:
        ConfigError: it is no stamp.
    """
    try:
        seconds = Decimal(text or '0')
    except InvalidOperation:
        seconds = Decimal('nan')
    if not (seconds.is_finite() and 0 <= seconds < MOST_STAMP_S):
        raise ConfigError(f'--stamp: expected seconds, such as 1700000000.033, got {text!r}')
    return int(seconds * 1_000_000_000)


def _ask(
    client: Any, question: str, options: argparse.Namespace, stamp_ns: int
) -> tuple[Any, float]:
    start_s = time.perf_counter()
    answer = client.ask(
        question,
        options.timeout,
        with_rationale=options.rationale,
        camera=options.camera,
        stamp_ns=stamp_ns,
        ago_s=options.ago,
    )
    return answer, (time.perf_counter() - start_s) * 1e3
