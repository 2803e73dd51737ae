# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``ssr-ros measure``: what the depth of one frame says; no model, no ROS."""

from __future__ import annotations

import argparse
import math
from pathlib import Path
from typing import Any, TYPE_CHECKING

from ssr_ros.commands import frames, show
from ssr_ros.errors import ConfigError, require_package, SsrError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SUMMARY = 'measure one RGB-D frame and draw it; needs no model and no ROS'
EXAMPLE = 'ssr-ros measure --bag demo --out measured.png --ask "How far is the nearest object?"'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this verb's arguments."""
    parser.add_argument('rgb', nargs='?', metavar='A.png', help='colour image')
    parser.add_argument(
        'depth',
        nargs='?',
        metavar='B.png',
        help='registered depth: 16-bit millimetres, or .npy metres',
    )
    frames.add_camera_arguments(parser)
    parser.add_argument(
        '--noise',
        default='stereo',
        metavar='MODEL',
        help='how the error of depth grows: stereo (structured light too), tof, none (stereo)',
    )
    parser.add_argument(
        '--ask', action='append', default=[], metavar='QUESTION', help='may be repeated'
    )
    parser.add_argument(
        '--out', default='measured.png', metavar='PNG', help='annotated picture (measured.png)'
    )


def run(options: argparse.Namespace) -> int:
    """Measure, print, draw, and return 0."""
    if Path(options.out).suffix.lower() != '.png':
        raise ConfigError(f'--out: expected a .png, got {options.out!r}; numbers come by --json')
    down = frames.given_down(options)
    frame = frames.load_chosen_frame(options, options.rgb, options.depth)
    from ssr_ros.scene import measure
    from ssr_ros.scene.draw import annotate

    facts = measure(frame, noise=options.noise, gravity=down)
    answers = [(question, facts.answer(question)) for question in options.ask]
    picture, unwritten = '', None
    try:
        picture = str(write_png(options.out, annotate(frame, facts)))
    except SsrError as error:  # what was measured is worth showing all the same
        unwritten = error
    if options.json:
        show.print_json(_as_dict(facts, answers, picture))
    else:
        _print(facts, answers, picture)
    if unwritten is not None:
        raise unwritten
    return 0


def write_png(path: str | Path, rgb: NDArray[np.uint8]) -> Path:
    """Write a (H, W, 3) uint8 picture, red first, and return its absolute path.

    Raises:
        SsrError: the file cannot be written.
        MissingPackageError: OpenCV is not installed.
    """
    path = Path(path)
    content = require_package('cv2', 'scene').imencode('.png', rgb[..., ::-1])[1]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.tobytes())
    except OSError as error:
        raise SsrError(f'{path}: the picture cannot be written ({error.strerror})') from error
    return path.resolve()


def _print(facts: Any, answers: list[tuple[str, Any]], picture: str) -> None:
    frame = facts.frame
    print(
        f'  {frame.width}x{frame.height}, depth known at {100 * frame.valid_ratio:.0f} % of the '
        f'pixels; margins are two standard errors ({facts.noise.name} noise)\n'
    )
    show.print_caveats(frame.caveats)
    head = ('object', 'distance', 'where', 'width', 'depth', 'height')
    print(show.table(head, [_object_row(thing) for thing in facts.objects]))
    if not facts.objects:
        print('  (no object stands off the surfaces, or none has enough depth)')
    print()
    print(show.table(('surface', 'nearest', 'height'), map(_plane_row, facts.planes)))
    for question, answer in answers:
        print()
        print(show.wrap('question', question))
        print(show.wrap('measured', str(answer)))
    print()
    print(show.wrap('in words', str(facts.rationale())))
    if picture:
        print()
        print(show.wrap('picture', picture))


def _object_row(thing: Any) -> tuple[str, ...]:
    from ssr_ros.scene.questions import wording

    at_least = '>= ' if thing.touches_edge else ''
    sizes = zip(thing.size_m, thing.margins.size_m, strict=True)
    return (
        thing.name,
        wording.length(thing.distance_m, thing.margins.distance_m),
        wording.side(thing.bearing_deg).replace('to the ', '').removeprefix('straight '),
        *(at_least + wording.length(size_m, sigma_m) for size_m, sigma_m in sizes),
    )


def _plane_row(plane: Any) -> tuple[str, ...]:
    from ssr_ros.scene.questions import wording

    height = ''
    if math.isfinite(plane.height_m):
        where = 'below' if plane.height_m < 0 else 'above'
        height = f'{wording.length(abs(plane.height_m), plane.sigma_m)} {where} the camera'
    return plane.name, wording.length(plane.distance_m, plane.sigma_m), height


def _as_dict(facts: Any, answers: list[tuple[str, Any]], picture: str) -> dict[str, Any]:
    return {
        **facts.as_dict(),
        'rationale': str(facts.rationale()),
        'answers': [{'question': question, **answer.as_dict()} for question, answer in answers],
        'picture': picture or None,
    }
