# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Which RGB-D frame a verb works on: a pair of files, or a frame of a recording."""

from __future__ import annotations

import argparse
from pathlib import Path
import sys
from typing import TYPE_CHECKING

from ssr_ros.errors import ConfigError, quoted

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ssr_ros.bags.choice import CameraChoice
    from ssr_ros.rgbd import CameraIntrinsics, RgbdFrame
    from ssr_ros.scene import Grounded

FAR_M = 4.0
"""Where nothing is nearer, it is said what depth was taken to count in."""

DEMO_BAG = Path(__file__).resolve().parent.parent / 'demo' / 'bag'


def add_camera_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what a recording or a pair of files needs besides its name."""
    parser.add_argument(
        '--bag',
        metavar='BAG',
        help="a rosbag2 (folder, .mcap or .db3) instead of files; 'demo' is the one shipped",
    )
    parser.add_argument(
        '--frame', type=int, default=0, metavar='N', help='which RGB-D frame of the bag (0)'
    )
    add_topic_arguments(parser)
    add_unit_argument(parser)
    add_tilt_arguments(parser)


def add_unit_argument(parser: argparse.ArgumentParser) -> None:
    """Add what a depth file of whole numbers counts in."""
    parser.add_argument(
        '--depth-unit',
        type=float,
        metavar='METRES',
        help='what a depth file of whole numbers counts in (0.001); OSD has 0.0001, TUM 0.0002',
    )


def add_tilt_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what tells how the camera is held."""
    parser.add_argument(
        '--pitch-deg',
        type=float,
        metavar='DEG',
        help='how far the camera looks below the horizon; gravity follows from it and --roll-deg',
    )
    parser.add_argument(
        '--roll-deg',
        type=float,
        metavar='DEG',
        help='how far it is turned clockwise about its axis; 180 is upside down',
    )


def add_topic_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what tells which images of a recording belong together, and how to read them."""
    parser.add_argument(
        '--intrinsics',
        metavar='FX,FY,CX,CY',
        help='calibration in pixels; needed for files, taken from camera_info in a bag',
    )
    parser.add_argument('--color-topic', metavar='TOPIC', help='where the bag has several cameras')
    parser.add_argument('--depth-topic', metavar='TOPIC', help='likewise')
    parser.add_argument('--info-topic', metavar='TOPIC', help='likewise, of the camera_info')
    parser.add_argument(
        '--tolerance',
        type=float,
        metavar='S',
        help='largest difference of the stamps of colour and depth in a bag (0.02)',
    )
    parser.add_argument(
        '--images',
        choices=('auto', 'raw', 'rectified'),
        default='auto',
        help='what K and P of a camera_info are for; auto goes by the name of the topic (auto)',
    )
    parser.add_argument(
        '--distortion',
        choices=('undistort', 'refuse'),
        default='undistort',
        help='what becomes of raw images with distortion (undistort)',
    )


def camera_choice(options: argparse.Namespace) -> CameraChoice:
    """Return what the options of ``add_topic_arguments`` say.

    Raises:
        ConfigError: a number is outside its range.
        FrameError: a focal length is not positive.
    """
    from ssr_ros.bags.choice import CameraChoice
    from ssr_ros.bags.read import TOLERANCE_S

    tolerance_s = TOLERANCE_S if options.tolerance is None else options.tolerance
    check_number('--tolerance', tolerance_s, 0, 10)
    return CameraChoice(
        options.color_topic,
        options.depth_topic,
        options.info_topic,
        tolerance_s,
        parse_intrinsics(options.intrinsics) if options.intrinsics else None,
        options.images,
        options.distortion,
    )


def given_down(options: argparse.Namespace) -> NDArray[np.float64] | None:
    """Return the direction of gravity in the camera frame that the options tell, or None.

    Raises:
        ConfigError: an angle is outside its range.
    """
    angles = {'--pitch-deg': options.pitch_deg, '--roll-deg': options.roll_deg}
    if all(angle is None for angle in angles.values()):
        return None
    for (name, angle), most in zip(angles.items(), (90, 180), strict=True):
        check_number(name, angle or 0.0, -most, most)
    from ssr_ros.scene import down_from_tilt

    return down_from_tilt(options.pitch_deg or 0.0, options.roll_deg or 0.0)


def check_number(name: str, value: float, least: float, most: float) -> None:
    """Refuse an option that is outside its range, or is no number.

    Raises:
        ConfigError: it is.
    """
    if not least <= value <= most:  # NaN is not
        raise ConfigError(f'{name} must be a number from {least:g} to {most:g}, got {value:g}')


def bag_path(name: str) -> Path:
    """Return the path of a recording; ``demo`` is the one that ships with this package."""
    return DEMO_BAG if name == 'demo' else Path(name)


def parse_intrinsics(text: str) -> CameraIntrinsics:
    """Read fx,fy,cx,cy.

    Raises:
        ConfigError: not four numbers.
        FrameError: a focal length is not positive.
    """
    from ssr_ros.rgbd import CameraIntrinsics

    parts = text.split(',')
    try:
        fx, fy, cx, cy = (float(part) for part in parts)
    except ValueError as error:
        raise ConfigError(
            f'--intrinsics: expected four numbers fx,fy,cx,cy in pixels, got {text!r}. They are '
            'k[0], k[4], k[2], k[5] of the camera_info'
        ) from error
    return CameraIntrinsics(fx, fy, cx, cy)


def parse_named(text: str) -> Grounded:
    """Read NAME=X0,Y0,X1,Y1.

    Raises:
        ConfigError: no name, or not four numbers.
        GroundingError: the box is empty.
    """
    from ssr_ros.scene import Grounded

    name, _, box = text.rpartition('=')
    try:
        x0, y0, x1, y1 = (float(part) for part in box.split(','))
    except ValueError as error:
        raise ConfigError(
            f'--named: expected NAME=X0,Y0,X1,Y1 in pixels, got {quoted(text)}'
        ) from error
    return Grounded(name, (x0, y0, x1, y1), source='command line')


def load_chosen_frame(
    options: argparse.Namespace, rgb: str | None, depth: str | None
) -> RgbdFrame:
    """Load the frame that the options name.

    Args:
        options: with the arguments of ``add_camera_arguments``.
        rgb: colour file, or None for a bag.
        depth: depth file, or None for a bag.

    Raises:
        ConfigError: neither or both were named, or something is missing.
        BagError: the recording cannot be read or has no such frame.
        FrameError: the images cannot be used; NoDepthError, where no depth is known.
    """
    if options.bag is not None and (rgb or depth):
        raise ConfigError('name either a bag or a pair of files, not both')
    if options.bag is None:
        return load_pair(options, rgb, depth)
    refuse_unit(options)
    frame = _frame_of_bag(options)
    frame.check_depth()
    return frame


def refuse_unit(options: argparse.Namespace) -> None:
    """Refuse a unit where a recording is read.

    Raises:
        ConfigError: one is given.
    """
    if options.depth_unit is not None:
        raise ConfigError('--depth-unit is for files: a recording says what its depth counts in')


def load_pair(options: argparse.Namespace, rgb: str | None, depth: str | None) -> RgbdFrame:
    """Load a frame of two files.

    Args:
        options: with --intrinsics and the argument of ``add_unit_argument``.
        rgb: colour file.
        depth: depth file.

    Raises:
        ConfigError: something is missing, or the unit is none.
        FrameError: the images cannot be used; NoDepthError, where no depth is known.
    """
    if not (rgb and depth):
        raise ConfigError('expected a colour and a depth file, or --bag BAG (--bag demo works)')
    if options.intrinsics is None:
        raise ConfigError(
            'files carry no calibration: give --intrinsics fx,fy,cx,cy in pixels (a RealSense at '
            '640x480 has about 615,615,320,240, a Kinect 525,525,319.5,239.5)'
        )
    from ssr_ros.rgbd import load_frame

    unit_m = options.depth_unit
    if unit_m is not None:
        check_number('--depth-unit', unit_m, 1e-6, 1)
    frame = load_frame(rgb, depth, parse_intrinsics(options.intrinsics), depth_unit_m=unit_m)
    frame.check_depth()
    if unit_m is None:
        _say_if_far(frame, depth)
    return frame


def _say_if_far(frame: RgbdFrame, depth: str) -> None:
    """Say what was taken for granted where all is so far away that it may be wrong."""
    nearest_m = float(frame.depth_m[frame.valid].min())
    if nearest_m > FAR_M:
        print(
            f'{depth}: nothing is nearer than {nearest_m:.1f} m, where whole numbers are '
            'millimetres; --depth-unit METRES says what else they count in',
            file=sys.stderr,
        )


def _frame_of_bag(options: argparse.Namespace) -> RgbdFrame:
    from ssr_ros.bags.read import open_bag
    from ssr_ros.errors import BagError

    chosen = camera_choice(options)
    check_number('--frame', options.frame, 0, 10**9)
    path = bag_path(options.bag)
    with open_bag(path) as bag:
        topics = chosen.topics(bag)
        found = bag.frames(topics, chosen.tolerance_s, chosen.intrinsics, chosen.rules(topics))
        number = -1
        for number, frame in enumerate(found):
            if number == options.frame:
                return frame
    raise BagError(
        f'{path}: there is no frame {options.frame}; {topics.color} and {topics.depth} make '
        f'{number + 1} pairs whose stamps are at most {chosen.tolerance_s:g} s apart '
        '(--tolerance), counted from 0'
    )
