# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The node's settings: one tree of frozen dataclasses, which is the truth.

ROS parameters, yaml files and command lines all fill it (``ssr_ros.robot.parameters``). Names
carry their unit; a group's name and a field's name make the parameter: ``model.path``,
``sync.tolerance_s``. Validation is pure: nothing here knows ROS.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, get_args

from ssr_ros.errors import check_keys, ConfigError
from ssr_ros.rgbd.calibration import Images, OnDistortion
from ssr_ros.scene.telling import Telling
from ssr_ros.settings import build, describe, nested, setting

QOS_NAMES = ('SENSOR_DATA', 'RELIABLE', 'SYSTEM_DEFAULT')

MOST_NEW_TOKENS = 4096
"""Longest answer that may be asked for: a model that never stops holds the only worker."""


@dataclass(frozen=True)
class ModelSettings:
    """Which model answers."""

    path: str = setting('nano', 'A preset, a checkpoint folder or a model yaml', fixed=True)
    device: str = setting('auto', "Where it runs: 'auto', 'cpu', 'cuda', 'cuda:1' ...", fixed=True)
    dtype: str = setting(
        'auto',
        'Its number format',
        choices=('auto', 'float32', 'float16', 'bfloat16'),
        fixed=True,
    )
    encoders: str = setting(
        'auto',
        "What runs its image networks: 'torch', 'onnx', 'onnx:cuda' ...; auto: the best there is",
        fixed=True,
    )
    memory_budget_gb: float = setting(
        0.0,
        'What its weights may take, in 1e9 bytes; 0: all that is free',
        least=0.0,
        most=10_000.0,
        fixed=True,
    )


@dataclass(frozen=True)
class ColorSettings:
    """The colour stream."""

    topic: str = setting('color/image_raw', 'Topic of the colour image', fixed=True)
    transport: str = setting(
        'raw',
        'raw: sensor_msgs/Image; compressed: JPEG or PNG on <color.topic>/compressed',
        choices=('raw', 'compressed'),
        fixed=True,
    )


@dataclass(frozen=True)
class DepthSettings:
    """The depth stream, registered to colour."""

    topic: str = setting(
        'depth/image_raw', 'Topic of the depth image, registered to colour', fixed=True
    )
    transport: str = setting(
        'raw',
        'raw: sensor_msgs/Image; compressedDepth or compressed: the topic of that name below it',
        choices=('raw', 'compressedDepth', 'compressed'),
        fixed=True,
    )
    noise_model: str = setting(
        'stereo',
        'How its error grows: stereo (structured light too) with z squared, tof with z, none',
        choices=('stereo', 'tof', 'none'),
    )
    max_m: float = setting(
        0.0, 'Depth beyond this many metres counts as unknown; 0 keeps all', least=0.0, most=1000.0
    )


@dataclass(frozen=True)
class CameraInfoSettings:
    """The calibration."""

    topic: str = setting(
        'color/camera_info', "Topic of the colour camera's camera_info", fixed=True
    )
    images: Images = setting(
        'auto',
        'Which images it is for: raw (K, D), rectified (P), or auto: their topic name tells',
        choices=get_args(Images),
    )
    distortion: OnDistortion = setting(
        'undistort',
        'What becomes of raw images with distortion that matters',
        choices=get_args(OnDistortion),
    )


@dataclass(frozen=True)
class CameraSettings:
    """How the camera is held, where nothing else tells."""

    pitch_deg: float = setting(
        0.0,
        'How far it looks below the horizon, degrees; with roll_deg 0 as well: not told',
        least=-90.0,
        most=90.0,
    )
    roll_deg: float = setting(
        0.0,
        'How far it is turned clockwise about its axis, degrees; 180 is upside down',
        least=-180.0,
        most=180.0,
    )


@dataclass(frozen=True)
class GravitySettings:
    """Who knows where down is."""

    frame: str = setting(
        '', 'A tf frame whose z axis points up, e.g. odom (needs tf2_ros); empty: none'
    )
    imu_topic: str = setting(
        '', 'An IMU (sensor_msgs/Imu) on the same body as the camera; empty: none', fixed=True
    )


@dataclass(frozen=True)
class SyncSettings:
    """Which colour and depth images belong together."""

    tolerance_s: float = setting(
        0.02,
        'Largest difference of stamps in a pair, seconds; 0 pairs equal stamps only',
        least=0.0,
        most=10.0,
    )


@dataclass(frozen=True)
class QosSettings:
    """How images are subscribed to."""

    image: str = setting(
        'SENSOR_DATA',
        'SENSOR_DATA (best effort, fits every publisher), RELIABLE, or SYSTEM_DEFAULT',
        choices=QOS_NAMES,
        fixed=True,
    )


@dataclass(frozen=True)
class QuestionSettings:
    """What is taken as a question."""

    max_chars: int = setting(
        1000, 'Longer questions are refused, in characters', least=1, most=100_000
    )
    max_waiting: int = setting(
        4,
        'Questions that may wait for the model; one more is refused as busy',
        least=1,
        most=64,
        fixed=True,
    )


@dataclass(frozen=True)
class PromptSettings:
    """What the model is told beside the question."""

    facts: Telling = setting(
        'none',
        'What it is told of the measurement: table: the nearest things, numbered, with metres; '
        'marks: their numbers are drawn on the image that it sees, too. For models that were not '
        'trained with SSR; the trained ones have not seen such prompts',
        choices=get_args(Telling),
    )


@dataclass(frozen=True)
class AnswerSettings:
    """How it is answered."""

    max_new_tokens: int = setting(
        128, 'Longest answer of the model, in tokens', least=1, most=MOST_NEW_TOKENS
    )
    with_rationale: bool = setting(False, "Decode the model's rationale into words too (slower)")
    limit_s: float = setting(
        120.0,
        'A question that shows no sign of life (a token) for so long is given up, in seconds',
        least=1.0,
        most=86_400.0,
    )


@dataclass(frozen=True)
class GroundingSettings:
    """Who says what things are called."""

    regions_topic: str = setting(
        'named_regions', 'Topic of ssr_ros/NamedRegions about the same images', fixed=True
    )
    detections_topic: str = setting(
        '', 'Topic of a detector about the same images; empty: none', fixed=True
    )
    detections_type: str = setting(
        'vision_msgs/msg/Detection2DArray',
        'What is sent there; yolo_msgs is the one that yolo_ros brings',
        choices=('vision_msgs/msg/Detection2DArray', 'yolo_msgs/msg/DetectionArray'),
        fixed=True,
    )
    tolerance_s: float = setting(
        0.0,
        'Largest difference of stamps between an image and what was detected in it, seconds',
        least=0.0,
        most=10.0,
    )
    wait_s: float = setting(
        0.3,
        'How long a question waits for the detections of its image, where somebody detects, s',
        least=0.0,
        most=10.0,
    )
    vlm: bool = setting(
        False,
        'Ask the loaded model for what a question names and nobody knows: in which field of the '
        'picture it is, where it was taught that (nano); else, as it was before SSR, for boxes, '
        'and its own weights are kept for that beside those of an adapter',
        fixed=True,
    )
    onnx_path: str = setting(
        '', 'A detector as ONNX file, asked likewise; empty: none', fixed=True
    )
    onnx_classes: str = setting(
        '', "Text file with the names of the detector's classes, one a line", fixed=True
    )
    server_url: str = setting(
        '',
        'An OpenAI-compatible server, asked likewise: the image is sent there. Its key comes from '
        'the environment variable SSR_GROUNDING_KEY. Empty: none',
        fixed=True,
    )
    server_model: str = setting('', 'The name by which that server knows its model', fixed=True)
    server_family: str = setting(
        'qwen2_5_vl',
        'How that model writes boxes',
        choices=('qwen2_5_vl', 'qwen3_vl'),
        fixed=True,
    )
    server_timeout_s: float = setting(
        10.0, 'How long that server may take, in seconds', least=0.1, most=600.0, fixed=True
    )


@dataclass(frozen=True)
class MemorySettings:
    """What is remembered of each camera, to be asked about later."""

    rate_hz: float = setting(
        0.0,
        'How often the newest frame is looked at to be kept, in Hz, while nobody asks; 0: only '
        'what was asked about is kept',
        least=0.0,
        most=10.0,
    )
    encode_ahead: bool = setting(
        True, 'Let the model read what is kept at once, not when it is asked about'
    )
    every_s: float = setting(
        1.0,
        'A frame is kept when the one before it is older than this, in seconds',
        least=0.0,
        most=3600.0,
    )
    min_change: float = setting(
        0.02,
        'It is also kept when more than this share of the picture has changed, 0 to 1',
        least=0.0,
        most=1.0,
    )
    tolerance_s: float = setting(
        1.0,
        'Farthest that a kept frame may lie from the time that is asked about, seconds',
        least=0.0,
        most=3600.0,
    )
    max_scenes: int = setting(30, 'Most frames that are kept; the oldest go', least=1, most=10_000)
    max_mb: int = setting(
        500,
        'Most memory that they take, in megabytes (10^6 bytes), on the device and beside it',
        least=0,
        most=1_000_000,
    )


@dataclass(frozen=True)
class PublishSettings:
    """What is sent without a question; nothing is computed while nobody subscribes."""

    objects_rate_hz: float = setting(
        5.0,
        'How often ~/objects and ~/detections are sent between questions, in Hz; 0: never',
        least=0.0,
        most=60.0,
    )
    markers: bool = setting(True, 'Publish boxes, names and distances on ~/markers')
    annotated: bool = setting(True, 'Publish the annotated colour image on ~/annotated')
    max_rate_hz: float = setting(
        2.0,
        'How often both are refreshed between questions, in Hz; 0: only with an answer',
        least=0.0,
        most=60.0,
    )


@dataclass(frozen=True)
class Settings:
    """All settings of the node.

    Raises:
        ConfigError: from ``from_flat`` and ``updated``, when a name or value is not allowed.
    """

    model: ModelSettings = field(default_factory=ModelSettings)
    color: ColorSettings = field(default_factory=ColorSettings)
    depth: DepthSettings = field(default_factory=DepthSettings)
    camera_info: CameraInfoSettings = field(default_factory=CameraInfoSettings)
    camera: CameraSettings = field(default_factory=CameraSettings)
    gravity: GravitySettings = field(default_factory=GravitySettings)
    sync: SyncSettings = field(default_factory=SyncSettings)
    qos: QosSettings = field(default_factory=QosSettings)
    question: QuestionSettings = field(default_factory=QuestionSettings)
    prompt: PromptSettings = field(default_factory=PromptSettings)
    answer: AnswerSettings = field(default_factory=AnswerSettings)
    grounding: GroundingSettings = field(default_factory=GroundingSettings)
    memory: MemorySettings = field(default_factory=MemorySettings)
    publish: PublishSettings = field(default_factory=PublishSettings)
    cameras: tuple[str, ...] = setting(
        ('',),
        'Names of several cameras on one model, each with topics below its name and parameters of '
        "its own (front.color.topic); [''] is one without a name",
        fixed=True,
    )
    max_frame_age_ms: float = setting(
        2000.0,
        'Questions about an older frame are refused, in milliseconds; 0: any age',
        least=0.0,
        most=3_600_000.0,
    )
    target_frame: str = setting(
        '', 'Give positions in this tf frame (needs tf2_ros); empty: the camera frame'
    )
    auto_activate: bool = setting(
        True, 'Configure and activate at start; false under a lifecycle manager', fixed=True
    )

    @classmethod
    def from_flat(cls, values: Mapping[str, Any]) -> Settings:
        """Build the tree from parameter names and values; what is not named has its default.

        Raises:
            ConfigError: a name is not known, or a value has the wrong type or range.
        """
        return cls().updated(values)

    def updated(self, values: Mapping[str, Any]) -> Settings:
        """Return a copy with other values, all or none of them.

        Raises:
            ConfigError: a name is not known, or a value has the wrong type or range.
        """
        check_keys(values, dict(describe(Settings)), 'parameters')
        for name, value in values.items():
            if name.endswith('.topic') and not str(value).strip():
                raise ConfigError(f'{name} must name a topic, got {value!r}')
        return build(Settings, nested(values), base=self)
