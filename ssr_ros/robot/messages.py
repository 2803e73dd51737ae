# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Requests read from messages, replies and diagnostics written into them: conversion only.

Message fields are known here, and in ``ssr_ros.rgbd.messages`` (what a camera sends),
``detections`` (named regions), ``outputs`` and ``pictures`` (what others take and show).
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
import math
from typing import Any
import unicodedata

from builtin_interfaces.msg import Time
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
from geometry_msgs.msg import Point, Transform, Vector3
import numpy as np
from numpy.typing import NDArray
from sensor_msgs.msg import Image, RegionOfInterest
from std_msgs.msg import Header

from ssr_ros.engine.answering import Answered, Measured, Reply
from ssr_ros.engine.diagnostics import Status
from ssr_ros.engine.request import refusal, Request
from ssr_ros.engine.transforms import RigidTransform
from ssr_ros.msg import (
    Evidence,
    Scene,
    SceneObject,
    ScenePlane,
    SpatialAnswer,
    StageTiming,
    WorkCounters,
)
from ssr_ros.robot.detections import region_of
from ssr_ros.scene.questions.regions import region_evidence
from ssr_ros.srv import Measure

NAN = math.nan


def request_of(message: Any) -> Request:
    """Read an AskSpatial or Measure request, or an AskStream goal."""
    region = getattr(message, 'region', RegionOfInterest())
    return Request(
        message.question,
        getattr(message, 'with_rationale', False),
        message.max_age_ms,
        getattr(message, 'max_new_tokens', 0),
        (region.x_offset, region.y_offset, region.width, region.height),
        tuple(region_of(each) for each in message.regions),
        message.camera,
        message.stamp.sec * 1_000_000_000 + message.stamp.nanosec,
        message.ago_s,
    )


def answer_message(reply: Answered) -> SpatialAnswer:
    """Write an answer."""
    answer = SpatialAnswer(
        header=_header(reply),
        camera=reply.request.camera,
        text=printable(reply.text),
        told_facts=printable(reply.told),
        rationale=printable(reply.rationale),
        model=reply.model,
        trained=reply.answer.trained,
        evidence=_evidence(reply.measured.evidence),
        objects=_objects(reply),
        gravity_source=reply.gravity_source,
        age_ms=reply.age_ms,
        timings=[StageTiming(name=name, ms=ms) for name, ms in reply.timings_ms.items()],
        work=WorkCounters(
            encoder_calls=reply.work.encoder_calls,
            mamba_tokens=reply.work.mamba_tokens,
            vlm_tokens=reply.work.vlm_tokens,
            fact_tokens=reply.work.fact_tokens,
            generated_tokens=reply.work.generated_tokens,
        ),
    )
    _put_one(answer, reply)
    _put_measured(answer, reply.measured)
    _put_agreement(answer, reply)
    return answer


def refused_answer(question: str, error: BaseException) -> SpatialAnswer:
    """Write that there is no answer, and why."""
    code, text = refusal(error)
    answer = SpatialAnswer(
        question=question,
        answer=text,
        value=NAN,
        sigma=NAN,
        error_code=int(code),
        error_msg=text,
    )
    answer.target.point = point((NAN, NAN, NAN))
    _put_measured(answer, None)
    return answer


def scene_message(reply: Reply) -> Scene:
    """Write what is seen, for whoever did not ask."""
    return Scene(
        header=_header(reply),
        camera=reply.request.camera,
        objects=_objects(reply),
        planes=[_plane(plane, reply.transform) for plane in reply.facts.planes],
        gravity_source=reply.gravity_source,
        valid_ratio=reply.facts.valid_ratio,
        age_ms=reply.age_ms,
    )


def fill_measure(response: Measure.Response, reply: Measured) -> Measure.Response:
    """Write a measurement."""
    facts = reply.facts
    response.header = _header(reply)
    response.camera = reply.request.camera
    response.objects = _objects(reply)
    response.gravity_source = reply.gravity_source
    response.planes = [_plane(plane, reply.transform) for plane in facts.planes]
    response.rationale = str(reply.rationale)
    response.valid_ratio = facts.valid_ratio
    response.answered = reply.measured is not None and reply.measured.answered
    response.evidence = _evidence((reply.measured or reply.rationale).evidence)
    _put_measured(response, reply.measured)
    _put_region(response, reply)
    return response


def refused_measure(error: BaseException) -> Measure.Response:
    """Write that nothing was measured, and why; no number is 0 by accident."""
    code, text = refusal(error)
    response = Measure.Response(valid_ratio=NAN, error_code=int(code), error_msg=text)
    _put_measured(response, None)
    _put_no_region(response)
    return response


def image_message(rgb: NDArray[np.uint8], header: Header) -> Image:
    """Write a (H, W, 3) uint8 picture, red first."""
    height, width, _ = rgb.shape
    # rclpy copies an array.array whole; anything else it checks byte by byte.
    data = array('B', np.ascontiguousarray(rgb).tobytes())
    return Image(
        header=header, height=height, width=width, encoding='rgb8', step=3 * width, data=data
    )


def diagnostic_array(
    statuses: Iterable[Status], node: str, hardware: str, stamp: Time
) -> DiagnosticArray:
    """Write what the node says of itself.

    Args:
        statuses: from ``ssr_ros.engine.diagnostics``.
        node: full name of the node.
        hardware: which one it is about.
        stamp: now.
    """
    array = DiagnosticArray(
        status=[
            DiagnosticStatus(
                level=bytes([status.level]),
                name=f'{node}: {status.name}',
                message=status.message,
                hardware_id=hardware,
                values=[
                    KeyValue(key=k, value=printable(str(v))) for k, v in status.values.items()
                ],
            )
            for status in statuses
        ]
    )
    array.header.stamp = stamp
    return array


def rigid_transform(frame_id: str, transform: Transform) -> RigidTransform:
    """Read the transform to a frame.

    Raises:
        Refused: NO_TRANSFORM, when its quaternion is zero.
    """
    q, t = transform.rotation, transform.translation
    return RigidTransform.from_quaternion(frame_id, (q.x, q.y, q.z, q.w), (t.x, t.y, t.z))


def printable(text: str) -> str:
    """Leave out control characters: random weights write escape sequences for terminals too."""
    return ''.join(c for c in text if c in '\n\t' or unicodedata.category(c) != 'Cc')


def point(xyz: Any) -> Point:
    """Write (3,) metres as a Point."""
    return Point(x=float(xyz[0]), y=float(xyz[1]), z=float(xyz[2]))


def vector(xyz: Any) -> Vector3:
    """Write (3,) numbers as a Vector3."""
    return Vector3(x=float(xyz[0]), y=float(xyz[1]), z=float(xyz[2]))


def _header(reply: Reply) -> Header:
    return Header(stamp=reply.header.stamp, frame_id=reply.transform.frame_id)


def _objects(reply: Reply) -> list[SceneObject]:
    return [_object(thing, reply.transform) for thing in reply.facts.objects]


def _object(thing: Any, transform: RigidTransform) -> SceneObject:
    x0, y0, x1, y1 = thing.box_px
    return SceneObject(
        name=thing.name,
        color=thing.color,
        label=thing.label,
        label_source=thing.label_source,
        label_score=float(thing.label_score),
        box=RegionOfInterest(
            x_offset=int(x0), y_offset=int(y0), width=int(x1 - x0), height=int(y1 - y0)
        ),
        center=point(transform.point(thing.center_m)),
        size=vector(thing.size_m),
        size_sigma=vector(thing.margins.size_m),
        distance_m=float(thing.distance_m),
        distance_sigma_m=float(thing.margins.distance_m),
        median_distance_m=float(thing.median_distance_m),
        bearing_deg=float(thing.bearing_deg),
        valid_ratio=float(thing.valid_ratio),
        touches_edge=bool(thing.touches_edge),
    )


def _plane(plane: Any, transform: RigidTransform) -> ScenePlane:
    normal = transform.direction(plane.normal)
    return ScenePlane(
        name=plane.name,
        normal=vector(normal),
        offset_m=float(plane.offset_m - normal @ transform.translation_m),
        center=point(transform.point(plane.center_m)),
        tilt_deg=plane.tilt_deg,
        rms_m=plane.rms_m,
        pixel_ratio=float(np.count_nonzero(plane.mask) / plane.mask.size),
    )


def _evidence(facts: Any) -> list[Evidence]:
    return [
        Evidence(
            kind=fact.kind,
            subjects=list(fact.subjects),
            value=_number(fact.value),
            sigma=_number(fact.sigma),
            unit=fact.unit,
            frame=fact.frame,
            text=fact.text,
        )
        for fact in facts
    ]


def _put_one(answer: SpatialAnswer, reply: Answered) -> None:
    """Write what to act on."""
    one = reply.one
    answer.answer = printable(one.text)
    answer.source = int(one.source)
    answer.value, answer.sigma, answer.unit = one.value, one.sigma, one.unit
    answer.confidence = one.confidence
    answer.target.header = answer.header
    answer.target.point = point(reply.transform.point(one.target_m))


def _put_measured(message: Any, measured: Any) -> None:
    """Write the measured answer's number and words; the fields are alike in both messages."""
    value = None if measured is None else measured.value
    message.has_measured_value = value is not None
    message.measured_value = _number(value)
    message.measured_sigma = _number(None if measured is None else measured.sigma)
    message.measured_unit = '' if measured is None else measured.unit
    message.measured_text = '' if measured is None else measured.text


def _put_agreement(answer: SpatialAnswer, reply: Answered) -> None:
    if reply.agreement is None:
        answer.agreement_reason = 'untrained weights wrote the text: it means nothing'
        return
    name = f'AGREEMENT_{reply.agreement.agreement.name}'
    answer.agreement = getattr(SpatialAnswer, name)
    answer.agreement_reason = reply.agreement.reason


def _put_region(response: Measure.Response, reply: Measured) -> None:
    region = reply.region
    response.has_region = region is not None and region.known
    if region is None:
        _put_no_region(response)
        return
    width, depth, height = region.size_m
    response.region_point = point(reply.transform.point(region.point_m))
    response.region_distance_m = float(region.median_distance_m)
    response.region_sigma_m = float(region.margins.median_distance_m)
    response.region_extent = vector((width, height, depth))
    response.region_valid_ratio = float(region.valid_ratio)
    response.evidence = [*_evidence([region_evidence(region)]), *response.evidence]


def _put_no_region(response: Measure.Response) -> None:
    response.region_point = point((NAN, NAN, NAN))
    response.region_extent = vector((NAN, NAN, NAN))
    response.region_distance_m = response.region_sigma_m = response.region_valid_ratio = NAN


def _number(value: float | None) -> float:
    return NAN if value is None else float(value)
