# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Run the demo: start the node, play at it, ask, draw."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
import os
from pathlib import Path
import re
import time
from typing import Any, TYPE_CHECKING

from ssr_ros.demo.children import Children
from ssr_ros.demo.environment import demo_environment
from ssr_ros.errors import require_package, SsrError

if TYPE_CHECKING:
    from ssr_ros.rgbd import RgbdFrame
    from ssr_ros.scene.grounded import Grounded

ANSWER_TIMEOUT_S = 300.0
"""A 7B model on a CPU takes minutes; nothing takes longer."""

MAX_FRAME_AGE_MS = 3_600_000.0
"""Questions are about what is played, however slow the machine."""

NAMES_WAIT_S = 2.0
"""They are played too, right behind their image."""

TOLERANCE_S = 0.05
"""Between the stamps of colour and depth: cameras that are not synchronised are played too."""

PROGRESS_EVERY_S = 10.0

LOG_PREFIX = re.compile(r'\[\w+\] \[[\d.]+\] \[[^]]*\]: ')
"""Level, time and name of the logger."""


@dataclass(frozen=True)
class DemoOptions:
    """What to run.

    Attributes:
        bag: the recording to play, over and over.
        questions: what to ask, one after the other.
        model: preset, checkpoint folder or yaml.
        device: 'auto', 'cpu', 'cuda' ...
        out: folder for the picture and the logs.
        start_timeout_s: how long the node may take to load its model.
        restamp: give the images the present time as stamps.
    """

    bag: Path
    questions: Sequence[str]
    model: str
    device: str
    out: Path
    start_timeout_s: float
    restamp: bool = False


@dataclass(frozen=True)
class Asked:
    """One question and what came back.

    Attributes:
        reply: ssr_ros/msg/SpatialAnswer.
        waited_ms: from asking to the reply.
    """

    reply: Any
    waited_ms: float


def run_demo(
    options: DemoOptions,
    on_progress: Callable[[str], None],
    on_answer: Callable[[Asked], None],
) -> list[Asked]:
    """Run node and player as processes of their own, and ask every question.

    Everything happens in a namespace of its own, so that a robot in the same network neither
    hears nor disturbs it.

    Args:
        options: what to run.
        on_progress: told what is going on.
        on_answer: told every answer as it comes.

    Raises:
        SsrError: the node or the player failed, or did not answer in time.
        MissingPackageError: rclpy is not installed.
    """
    transports = camera_transports(options.bag)
    namespace = f'/ssr_demo_{os.getpid()}'
    environment = demo_environment()
    os.environ.update(environment)
    _check_ros()
    with Children(options.out, environment) as children:
        on_progress(f'starting ssr_node with {options.model} ...')
        arguments = _node_arguments(options, transports, namespace)
        children.start('ssr_node', 'ssr_ros.robot.main', arguments)
        children.start('player', 'ssr_ros.cli', _player_arguments(options, namespace))
        from ssr_ros.robot.client import SsrClient

        watch = _Watch(children, on_progress)
        with SsrClient(namespace, watch) as client:
            start_s = time.monotonic()
            try:
                client.wait_until_ready(options.start_timeout_s)
            except SsrError as error:
                raise _with_log(error, children) from error
            on_progress(f'ready after {time.monotonic() - start_s:.1f} s')
            replies = []
            for question in options.questions:
                watch.begin(f'waiting for the answer to: {question[:60]}')
                replies.append(_ask(client, question))
                on_answer(replies[-1])
            return replies


class _Watch:
    """Called while waiting: sees that the children live, and tells now and then what goes on."""

    def __init__(self, children: Children, on_progress: Callable[[str], None]) -> None:
        self._children, self._on_progress = children, on_progress
        self.begin()

    def begin(self, doing: str = '') -> None:
        """Start to wait for something; without a name, the node's log tells what goes on."""
        self._doing = doing
        self._start_s = self._told_s = time.monotonic()

    def __call__(self) -> None:
        self._children.check()
        now_s = time.monotonic()
        if now_s - self._told_s > PROGRESS_EVERY_S:
            self._told_s = now_s
            log = LOG_PREFIX.sub('', self._children.tail('ssr_node', lines=1).strip())
            self._on_progress(f'{now_s - self._start_s:4.0f} s  {self._doing or log[:80]}')


def _check_ros() -> None:
    require_package('rclpy', 'ros')
    try:
        import ssr_ros.srv  # noqa: F401
    except ModuleNotFoundError as error:
        raise SsrError(
            f'the ROS interfaces of this package are not built ({error}). `ssr-ros check` says '
            'what to do; ./demo.sh builds them'
        ) from error


def camera_transports(path: Path) -> dict[str, str]:
    """Return the node's parameters for the RGB-D camera of a recording.

    Raises:
        BagError: it cannot be read, or has no RGB-D camera or no calibration.
        FrameError: the calibration is not valid.
    """
    from ssr_ros.bags.play import camera_names, NODE_TOPICS
    from ssr_ros.bags.read import open_bag
    from ssr_ros.rgbd.calibration import images_by_name

    with open_bag(path) as bag:
        found = bag.find_rgbd()
        bag.calibration(found)
        names = camera_names(bag, found)
    return {
        'color.transport': _transport(names[found.color], NODE_TOPICS.color),
        'depth.transport': _transport(names[found.depth], NODE_TOPICS.depth),
        # Played under another name, which does not tell.
        'camera_info.images': images_by_name(found.color),
    }


def _transport(topic: str, base: str) -> str:
    return topic.removeprefix(base).removeprefix('/') or 'raw'


def _node_arguments(options: DemoOptions, transports: dict[str, str], namespace: str) -> list[str]:
    parameters = {
        **transports,
        'model.path': _yaml_string(options.model),
        'model.device': _yaml_string(options.device),
        'max_frame_age_ms': MAX_FRAME_AGE_MS,
        'grounding.wait_s': NAMES_WAIT_S,
        'sync.tolerance_s': TOLERANCE_S,
    }
    arguments = ['--ros-args', '-r', f'__ns:={namespace}']
    for name, value in parameters.items():
        arguments += ['-p', f'{name}:={value}']
    return arguments


def _yaml_string(text: str) -> str:
    """Quote a parameter, which ROS reads as yaml: a folder named 7 must not become a number."""
    return "'" + text.replace("'", "''") + "'"


def _player_arguments(options: DemoOptions, namespace: str) -> list[str]:
    arguments = ['bag', 'play', str(options.bag), '--camera', '--loop', '--namespace', namespace]
    arguments += ['--wait', str(options.start_timeout_s)]
    return [*arguments, '--restamp'] if options.restamp else arguments


def _with_log(error: SsrError, children: Children) -> SsrError:
    log = children.log('ssr_node')
    return SsrError(f'{error}\nThe end of {log}:\n{children.tail("ssr_node")}')


def _ask(client: Any, question: str) -> Asked:
    start_s = time.perf_counter()
    reply = client.ask(question, ANSWER_TIMEOUT_S, with_rationale=True)
    return Asked(reply, (time.perf_counter() - start_s) * 1e3)


def frame_at(bag: Path, stamp_ns: int) -> RgbdFrame:
    """Return the frame of a recording that an answer is about: the one nearest in stamp."""
    from ssr_ros.bags.read import open_bag

    with open_bag(bag) as recording:
        return min(recording.frames(), key=lambda frame: abs(frame.stamp_ns - stamp_ns))


def names_at(bag: Path, stamp_ns: int) -> list[Grounded]:
    """Return what was recorded about the names in the image of a stamp; none is no error."""
    from ssr_ros.bags.names import name_topics, read_names
    from ssr_ros.bags.read import open_bag

    with open_bag(bag) as recording:
        messages = list(recording.messages(name_topics(recording, None)))
        regions, detections = read_names(recording, messages)
    about_it = [each for each in (*regions, *detections) if each.stamp_ns == stamp_ns]
    return [region for each in about_it for region in each.regions]
