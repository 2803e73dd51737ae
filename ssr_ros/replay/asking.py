# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The node's own engine, given the frames of a recording one by one: no ROS, no queue."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass, field
import math
from types import SimpleNamespace
from typing import Any, TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ssr_ros.bags.index import RawFrame
from ssr_ros.engine.answering import Answered, Answering
from ssr_ros.engine.gravity import GravitySources, ImuLog
from ssr_ros.engine.grounders import configured
from ssr_ros.engine.intake import Intake
from ssr_ros.engine.reasoner import Reasoner
from ssr_ros.engine.request import checked, Code, Refused, Request
from ssr_ros.engine.settings import Settings
from ssr_ros.engine.transforms import RigidTransform
from ssr_ros.errors import quoted
from ssr_ros.grounding import Detections, DetectionsGrounder, Grounded
from ssr_ros.grounding.pointing import Pointer
from ssr_ros.grounding.vlm import Seer
from ssr_ros.replay.questions import Question
from ssr_ros.rgbd import CameraIntrinsics, RgbdFrame
from ssr_ros.scene import SceneFacts

if TYPE_CHECKING:
    from ssr_ros.model import Answer, EncodedFrame

ANY_NS = 10**15
"""Pairing is done before: what is given here belongs together."""


@dataclass(frozen=True)
class NoWork:
    """Work of a model that is none."""

    encoder_calls: int = 0
    mamba_tokens: int = 0
    vlm_tokens: int = 0
    generated_tokens: int = 0

    def __add__(self, other: Any) -> Any:
        return other


@dataclass(frozen=True)
class NoAnswer:
    """What a model that is none says and keeps."""

    text: str = ''
    rationale: str = ''
    trained: bool = False
    work: NoWork = field(default_factory=NoWork)
    timings_ms: dict[str, float] = field(default_factory=dict)
    likelihood: float = math.nan


class MeasuringOnly:
    """Stands in the place of a model where only what geometry says is wanted."""

    seer: Seer | None = None
    pointer: Pointer | None = None
    description = 'none: measured only'
    trained = False

    def warm_up(self) -> None:
        """There is nothing to warm up."""

    def encode(self, frame: RgbdFrame, picture: NDArray[np.uint8] | None = None) -> EncodedFrame:
        """Keep nothing of a frame."""
        encoded: Any = NoAnswer()
        return encoded  # type: ignore[no-any-return]

    def stream(
        self,
        encoded: EncodedFrame,
        question: str,
        max_new_tokens: int,
        with_rationale: bool,
        facts: str = '',
    ) -> Generator[str, None, Answer]:
        """Say nothing."""
        answer: Any = NoAnswer()
        yield from ()
        return answer  # type: ignore[no-any-return]

    def release(self) -> None:
        """There is nothing to free."""


def stay(target: str, header: Any) -> RigidTransform:
    """Transform to the header's own frame alone.

    Raises:
        Refused: NO_TRANSFORM, to any other.
    """
    if target == header.frame_id:
        return RigidTransform.identity(target)
    raise Refused(Code.NO_TRANSFORM, f'no transform to {quoted(target)}: no tf was read')


class Asker:
    """Answers questions about one frame of a recording after the other, as the node would.

    Args:
        reasoner: the model.
        settings: the node's.
        topic: name of the colour topic.
        transform: gives the transform from a header's frame to another at its stamp.

    Attributes:
        settings: those that are used: nobody is waited for, and nothing is remembered.
    """

    def __init__(
        self,
        reasoner: Reasoner,
        settings: Settings,
        topic: str,
        transform: Callable[[str, Any], RigidTransform] = stay,
    ) -> None:
        self.settings = settings.updated(
            {'grounding.wait_s': 0.0, 'memory.max_scenes': 1, 'max_frame_age_ms': 0.0}
        )
        self._now_ns = 0
        self._intake = Intake(ANY_NS, lambda: self._now_ns, lambda stream: 'it is not recorded')
        self._regions = DetectionsGrounder('regions')
        self._detections = DetectionsGrounder('detections')
        self._gravity = GravitySources(lambda: self.settings, transform)
        self._answering = Answering(
            reasoner,
            self._intake,
            lambda: self.settings,
            transform,
            self._gravity.down,
            topic,
            detectors=(self._regions, self._detections),
            grounders=configured(self.settings.grounding, reasoner),
        )

    def hold(self, raw: RawFrame) -> None:
        """Take the next frame; the one before is forgotten."""
        self._intake.forget()
        self._answering.forget()
        self._now_ns = max(1, raw.place.stamp_ns)
        for image in (raw.color, raw.depth):
            _stamp(image, self._now_ns)
        info = raw.info
        if isinstance(info, CameraIntrinsics):
            info = intrinsics_message(info, raw.color)
        self._intake.take_info(info)
        self._intake.take_image('color', raw.color)
        self._intake.take_image('depth', raw.depth)

    def hear(self, regions: Iterable[Detections], detections: Iterable[Detections]) -> None:
        """Take what was recorded about names in the frame that is held."""
        for each in regions:
            self._regions.put(each)
        for each in detections:
            self._detections.put(each)

    def feel(self, imu: Iterable[Any]) -> None:
        """Take the sensor_msgs/Imu messages that were recorded around the frame that is held."""
        self._gravity.imu = ImuLog()
        for message in imu:
            self._gravity.imu.take(message)

    @property
    def gravity_trouble(self) -> str:
        """Why what was to tell where down is could not, for the frame that is held."""
        return self._gravity.trouble

    def ask(self, question: Question) -> Answered:
        """Answer about the frame that is held.

        Raises:
            SsrError: there is no answer; ``request.refusal`` says under which code.
        """
        regions = tuple(
            Grounded(name, box, source='question file') for name, box in question.regions.items()
        )
        request = checked(Request(question.text, regions=regions), self.settings)
        return self._answering.ask(request)

    def facts(self) -> SceneFacts:
        """Measure the frame that is held, for its picture.

        Raises:
            SsrError: it cannot be used.
        """
        return self._answering.measure(Request('')).facts


def _stamp(image: Any, stamp_ns: int) -> None:
    """Give an image the stamp of its frame: drivers leave it zero, or differ in both."""
    image.header.stamp.sec, image.header.stamp.nanosec = divmod(stamp_ns, 1_000_000_000)


def intrinsics_message(intrinsics: CameraIntrinsics, color: Any) -> Any:
    """Return a calibration as the camera_info that a driver without distortion would send."""
    from ssr_ros.rgbd.messages import image_size

    width, height = image_size(color)
    k = intrinsics.as_matrix().ravel()
    return SimpleNamespace(
        header=color.header,
        width=width,
        height=height,
        distortion_model='plumb_bob',
        d=[0.0] * 5,
        k=k,
        r=[1.0, 0, 0, 0, 1.0, 0, 0, 0, 1.0],
        p=[*k[0:3], 0.0, *k[3:6], 0.0, *k[6:9], 0.0],
        binning_x=0,
        binning_y=0,
        roi=SimpleNamespace(x_offset=0, y_offset=0, width=0, height=0, do_rectify=False),
    )
