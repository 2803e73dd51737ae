# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The usual outputs of exported detectors, recognised by their shapes and read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
import enum

import cv2
import numpy as np
from numpy.typing import NDArray

from ssr_ros.errors import GroundingError

Floats = NDArray[np.float32]
Shape = tuple[int, ...]

OVERLAP = 0.5
"""Boxes of one class that overlap more than this (intersection over union) are one thing."""


class OutputForm(enum.Enum):
    """How a detector writes what it found."""

    YOLO = 'yolo'
    """(1, 4 + C, N): centre, size, C class scores; suppression is left to the reader."""
    YOLO_OBJECTNESS = 'yolo_objectness'
    """(1, N, 5 + C): centre, size, objectness, C class scores; the same."""
    SUPPRESSED = 'suppressed'
    """(1, N, 6): corners, score, class; nothing is left to do."""
    DETR = 'detr'
    """(1, N, C or C + 1) logits and (1, N, 4) boxes: centre and size in shares of the sides."""


@dataclass(frozen=True)
class Found:
    """Detections in pixels of the model's input.

    Attributes:
        boxes_px: (N, 4) float32 corners.
        scores: (N,) float32, 0..1.
        classes: (N,) int64.
    """

    boxes_px: Floats
    scores: Floats
    classes: NDArray[np.int64]

    def over(self, least: float) -> Found:
        """Keep what is sure enough, finite, and has an area."""
        sizes = self.boxes_px[:, 2:] - self.boxes_px[:, :2]
        kept = np.isfinite(self.boxes_px).all(axis=1) & (sizes > 0).all(axis=1)
        kept &= (self.scores >= least) & (self.scores <= 1 + 1e-4)  # false for NaN
        return Found(self.boxes_px[kept], self.scores[kept], self.classes[kept])

    def suppressed(self) -> Found:
        """Keep the surest of boxes of one class that overlap."""
        if not len(self.scores):
            return self
        corners = self.boxes_px.astype(np.float64)
        boxes = np.column_stack([corners[:, :2], corners[:, 2:] - corners[:, :2]])
        kept = cv2.dnn.NMSBoxesBatched(
            boxes.tolist(), self.scores.tolist(), self.classes.tolist(), 0.0, OVERLAP
        )
        order = np.asarray(kept, np.int64).ravel()
        return Found(self.boxes_px[order], self.scores[order], self.classes[order])


def recognise(
    shapes: Sequence[Shape], n_classes: int, said: OutputForm | None = None
) -> OutputForm:
    """Tell the form of a model by the shapes of its outputs.

    Args:
        shapes: of one image's outputs.
        n_classes: number of class names.
        said: the form that somebody says it is: it must have these shapes, too.

    Raises:
        GroundingError: no form, or more than one, has these shapes with so many classes.
    """
    fitting = [form for form, fits in _SHAPES.items() if fits(shapes, n_classes)]
    fitting = [form for form in fitting if said in (None, form)]
    if len(fitting) == 1:
        return fitting[0]
    shown = ', '.join(str(tuple(shape)) for shape in shapes)
    expected = (
        f'expected with {n_classes} class names: (1, {4 + n_classes}, N), (1, N, '
        f'{5 + n_classes}), (1, N, 6), or logits (1, N, {n_classes} or {n_classes + 1}) with '
        'boxes (1, N, 4)'
    )
    if fitting:
        names = ' or '.join(repr(form.value) for form in fitting)
        raise GroundingError(
            f'the outputs {shown} may be {names} with {n_classes} class names: say which one'
        )
    raise GroundingError(
        f'the outputs {shown} are those of no detector that is known; {expected}. Check the '
        'number of class names'
    )


def decode(
    form: OutputForm,
    outputs: Sequence[NDArray[np.generic]],
    input_size: tuple[int, int],
    n_classes: int,
) -> Found:
    """Read the outputs of one image, with their batch axis.

    Args:
        form: from ``recognise``.
        outputs: the arrays that the model gave.
        input_size: (width, height) of the model's input, pixels.
        n_classes: number of class names.
    """
    arrays = [np.asarray(output, np.float32)[0] for output in outputs]
    if form is OutputForm.YOLO:
        rows = arrays[0].T
        return _surest(_corners(rows[:, :4]), rows[:, 4:])
    rows = arrays[0]
    if form is OutputForm.YOLO_OBJECTNESS:
        return _surest(_corners(rows[:, :4]), rows[:, 5:] * rows[:, 4:5])
    if form is OutputForm.SUPPRESSED:
        rows = rows[np.isfinite(rows).all(axis=1)]
        return Found(rows[:, :4], rows[:, 4], np.rint(rows[:, 5]).astype(np.int64))
    return _detr(arrays, input_size, n_classes)


def _detr(arrays: Sequence[Floats], input_size: tuple[int, int], n_classes: int) -> Found:
    """Facebook's DETR has one class more, 'nothing', and softmax; its successors sigmoid."""
    logits, boxes = arrays if _is_boxes(arrays[1].shape) else (arrays[1], arrays[0])
    corners = _corners(boxes) * np.array(input_size * 2, np.float32)
    if logits.shape[-1] == n_classes:
        return _surest(corners, np.float32(1) / (1 + np.exp(-np.clip(logits, -80, 80))))
    shares = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return _surest(corners, (shares / shares.sum(axis=-1, keepdims=True))[:, :-1])


def _surest(boxes_px: Floats, scores: Floats) -> Found:
    """The class of each box with the highest score."""
    scores = np.where(np.isfinite(scores), scores, 0).astype(np.float32)
    classes = scores.argmax(axis=1)
    return Found(boxes_px, scores[np.arange(len(classes)), classes], classes.astype(np.int64))


def _corners(boxes: Floats) -> Floats:
    """From centre and size to corners."""
    centre, half = boxes[:, :2], boxes[:, 2:4] / 2
    return np.concatenate([centre - half, centre + half], axis=1)


def _is_boxes(shape: Shape) -> bool:
    return shape[-1] == 4


def _is_detr(shapes: Sequence[Shape], n_classes: int) -> bool:
    if len(shapes) != 2 or any(len(shape) != 3 for shape in shapes):
        return False
    one, other = shapes
    if one[1] != other[1]:
        return False
    return any(
        _is_boxes(boxes) and logits[2] in (n_classes, n_classes + 1)
        for logits, boxes in ((one, other), (other, one))
    )


def _alone(shapes: Sequence[Shape], axis: int, size: int) -> bool:
    """Whether there is one output (1, ., .) with such a size on an axis."""
    return len(shapes) == 1 and len(shapes[0]) == 3 and shapes[0][axis] == size


_SHAPES: dict[OutputForm, Callable[[Sequence[Shape], int], bool]] = {
    OutputForm.YOLO: lambda shapes, count: _alone(shapes, 1, 4 + count),
    OutputForm.YOLO_OBJECTNESS: lambda shapes, count: _alone(shapes, 2, 5 + count),
    OutputForm.SUPPRESSED: lambda shapes, count: _alone(shapes, 2, 6),
    OutputForm.DETR: _is_detr,
}
NEEDS_SUPPRESSION = frozenset((OutputForm.YOLO, OutputForm.YOLO_OBJECTNESS))
LETTERBOXED = frozenset((OutputForm.YOLO, OutputForm.YOLO_OBJECTNESS, OutputForm.SUPPRESSED))
"""Forms whose models are trained on images with kept proportions and gray bars."""
