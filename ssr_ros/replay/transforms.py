# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Where frames stood to each other while a recording was made: tf2's lookup, after the fact."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation, Slerp

from ssr_ros.bags.read import Bag
from ssr_ros.engine.request import Code, Refused
from ssr_ros.engine.transforms import RigidTransform
from ssr_ros.errors import quoted

TYPE = 'tf2_msgs/msg/TFMessage'
Matrix = NDArray[np.float64]


@dataclass
class _Link:
    """How a frame stood in its parent: at some times, or always."""

    always: bool
    parents: list[str] = field(default_factory=list)
    stamps_ns: array[int] = field(default_factory=lambda: array('q'))
    values: array[float] = field(default_factory=lambda: array('d'))

    def add(self, stamped: Any) -> None:
        stamp, pose = stamped.header.stamp, stamped.transform
        t, q = pose.translation, pose.rotation
        if self.always:
            self.parents, self.stamps_ns, self.values = [], array('q'), array('d')
        self.parents.append(stamped.header.frame_id.lstrip('/'))
        self.stamps_ns.append(stamp.sec * 1_000_000_000 + stamp.nanosec)
        self.values.extend((t.x, t.y, t.z, q.x, q.y, q.z, q.w))

    @cached_property
    def _ordered(self) -> tuple[NDArray[np.int64], NDArray[np.intp], Matrix]:
        stamps = np.asarray(self.stamps_ns, np.int64)
        order = np.argsort(stamps, kind='stable')
        return stamps[order], order, np.asarray(self.values).reshape(-1, 7)[order]

    def at(self, stamp_ns: int) -> tuple[str, Matrix] | None:
        """Return the parent and the (4, 4) pose in it; None at times that are not told."""
        if self.always:
            return self.parents[0], _pose(np.asarray(self.values))
        stamps, order, values = self._ordered
        after = int(np.searchsorted(stamps, stamp_ns))
        if after < len(stamps) and stamps[after] == stamp_ns:
            return self.parents[order[after]], _pose(values[after])
        if after in (0, len(stamps)):
            return None
        before, parent = after - 1, self.parents[order[after]]
        if self.parents[order[before]] != parent:
            return None
        share = float(stamp_ns - stamps[before]) / float(stamps[after] - stamps[before])
        return parent, _between(values[before], values[after], share)


class RecordedTransforms:
    """What a recording's /tf and /tf_static tell; read once, and whole.

    As in tf2, times between two messages are interpolated and none is extrapolated.

    Args:
        bag: an open recording.

    Attributes:
        topics: those that were read; none where the recording has no tf.

    Raises:
        BagError: the recording is damaged.
    """

    def __init__(self, bag: Bag) -> None:
        self.topics = sorted(topic.name for topic in bag.topics.values() if topic.type == TYPE)
        self._links: dict[str, _Link] = {}
        for message in bag.messages(self.topics):
            always = message.topic.endswith('tf_static')
            for stamped in bag.decode(message).transforms:
                frame = stamped.child_frame_id.lstrip('/')
                if frame not in self._links or self._links[frame].always is not always:
                    self._links[frame] = _Link(always)
                self._links[frame].add(stamped)

    def lookup(self, target: str, header: Any) -> RigidTransform:
        """Return the transform from a header's frame to the target at the header's stamp.

        Raises:
            Refused: NO_TRANSFORM, when the recording does not tell it.
        """
        source, target = header.frame_id.lstrip('/'), target.lstrip('/')
        stamp_ns = header.stamp.sec * 1_000_000_000 + header.stamp.nanosec
        above_target = dict(self._upwards(target, stamp_ns))
        for frame, pose in self._upwards(source, stamp_ns):
            if frame in above_target:
                matrix = np.linalg.inv(above_target[frame]) @ pose
                return RigidTransform(target, matrix[:3, :3], matrix[:3, 3])
        raise Refused(Code.NO_TRANSFORM, self._why_not(source, target, stamp_ns))

    def _upwards(self, frame: str, stamp_ns: int) -> Iterator[tuple[str, Matrix]]:
        """Yield a frame and all above it, each with the pose of the first one in it."""
        pose, seen = np.eye(4), set()
        while frame not in seen:
            yield frame, pose
            seen.add(frame)
            link = self._links.get(frame)
            found = link.at(stamp_ns) if link is not None else None
            if found is None:
                return
            frame, step = found
            pose = step @ pose

    def _why_not(self, source: str, target: str, stamp_ns: int) -> str:
        ends = [list(self._upwards(frame, stamp_ns))[-1][0] for frame in (source, target)]
        silent = [frame for frame in ends if frame in self._links]
        why = 'the recording does not join them'
        if silent:
            why = f'{quoted(silent[0])} is not told at that time'
        if not self.topics:
            why = 'the recording holds no tf'
        return f'no transform from {quoted(source)} to {quoted(target)} at the image: {why}'


def _pose(values: NDArray[np.float64]) -> Matrix:
    turned = RigidTransform.from_quaternion('', tuple(values[3:]), tuple(values[:3]))
    return _matrix(turned.rotation, turned.translation_m)


def _between(before: Matrix, after: Matrix, share: float) -> Matrix:
    first, second = _pose(before), _pose(after)  # refuses quaternions of zero
    turns = Rotation.from_matrix(np.stack([first[:3, :3], second[:3, :3]]))
    middle = Slerp([0.0, 1.0], turns)(share).as_matrix()
    return _matrix(middle, first[:3, 3] + share * (second[:3, 3] - first[:3, 3]))


def _matrix(rotation: NDArray[np.float64], translation_m: NDArray[np.float64]) -> Matrix:
    matrix = np.eye(4)
    matrix[:3, :3], matrix[:3, 3] = rotation, translation_m
    return matrix
