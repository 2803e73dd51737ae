# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A user's detector is recognised by its shapes or refused; boxes come in pixels of the frame."""

from __future__ import annotations

import numpy as np
import pytest

from ssr_ros.errors import ConfigError, GroundingError
from ssr_ros.grounding.onnx_outputs import decode, Found, OutputForm, recognise
from ssr_ros.rgbd import CameraIntrinsics, RgbdFrame

NAMES = ('cup', 'chair', 'mustard bottle')
# Two boxes of one cup, a chair, and one that is not sure: centre, size, scores in a 320x320 input.
CUP, CUP_AGAIN = (100, 160, 40, 60, 0.9, 0.1, 0.0), (102, 160, 40, 60, 0.7, 0.1, 0.0)
CHAIR, UNSURE = (200, 200, 80, 80, 0.0, 0.8, 0.1), (50, 50, 10, 10, 0.1, 0.2, 0.1)
YOLO = np.array([CUP, CUP_AGAIN, CHAIR, UNSURE], np.float32).T[None]
OBJECTNESS = np.array(
    [[*row[:4], 0.5, *row[4:]] for row in (CUP, CUP_AGAIN, CHAIR, UNSURE)], np.float32
)[None]
SUPPRESSED = np.array(
    [[80, 130, 120, 190, 0.9, 0], [160, 160, 240, 240, 0.8, 1], [0, 0, 5, 5, 0.1, 2]], np.float32
)[None]
SHARES = np.array([[100 / 320, 0.5, 40 / 320, 60 / 320], [0.625, 0.625, 0.25, 0.25]], np.float32)


def logits(*scores):
    """Logits whose sigmoid is the scores."""
    scores = np.clip(np.array(scores, np.float32), 1e-4, 1 - 1e-4)
    return np.log(scores / (1 - scores))


@pytest.mark.parametrize(
    ('shapes', 'classes', 'form'),
    [
        ([(1, 84, 8400)], 80, OutputForm.YOLO),
        ([(1, 25200, 85)], 80, OutputForm.YOLO_OBJECTNESS),
        ([(1, 300, 6)], 80, OutputForm.SUPPRESSED),
        ([(1, 300, 80), (1, 300, 4)], 80, OutputForm.DETR),
        ([(1, 300, 4), (1, 300, 80)], 80, OutputForm.DETR),
        ([(1, 100, 92), (1, 100, 4)], 91, OutputForm.DETR),
        ([(1, 6, 8400)], 2, OutputForm.YOLO),
    ],
)
def test_the_usual_outputs_are_recognised_by_their_shapes(shapes, classes, form):
    assert recognise(shapes, classes) is form


@pytest.mark.parametrize(
    ('shapes', 'classes', 'said'),
    [
        ([(1, 84, 8400)], 79, r'\(1, 84, 8400\) are those of no detector.*79 class names'),
        ([(1, 1000)], 80, 'no detector'),
        ([(1, 300, 80), (1, 200, 4)], 80, 'no detector'),
        ([(1, 52, 52, 255), (1, 26, 26, 255)], 80, 'no detector'),
        ([], 80, 'no detector'),
        ([(1, 300, 6)], 1, "'yolo_objectness' or 'suppressed'.*say which one"),
    ],
)
def test_other_outputs_are_refused_by_name(shapes, classes, said):
    with pytest.raises(GroundingError, match=said):
        recognise(shapes, classes)


@pytest.mark.parametrize(
    ('form', 'outputs'),
    [
        (OutputForm.YOLO, [YOLO]),
        (OutputForm.YOLO_OBJECTNESS, [OBJECTNESS]),
        (OutputForm.SUPPRESSED, [SUPPRESSED]),
        (OutputForm.DETR, [logits([[0.9, 0.1, 0], [0, 0.8, 0.1]]), SHARES[None]]),
        (OutputForm.DETR, [SHARES[None], logits([[0.9, 0.1, 0], [0, 0.8, 0.1]])]),
    ],
)
def test_every_form_gives_the_same_cup_and_chair(form, outputs):
    found = decode(form, outputs, (320, 320), 3).over(0.3).suppressed()
    order = np.argsort(found.classes)
    assert found.classes[order].tolist() == [0, 1]
    assert found.boxes_px[order] == pytest.approx(
        np.array([[80, 130, 120, 190], [160, 160, 240, 240]]), abs=1e-3
    )
    halved = 0.5 if form is OutputForm.YOLO_OBJECTNESS else 1
    assert found.scores[order] == pytest.approx(np.array([0.9, 0.8]) * halved, abs=1e-3)


def test_detr_with_a_class_for_nothing_leaves_it_out():
    scores = np.log(np.array([[0.7, 0.1, 0.1, 0.1], [0.05, 0.05, 0.0001, 0.9]], np.float32))
    found = decode(OutputForm.DETR, [scores[None], SHARES[None]], (320, 320), 3).over(0.3)
    assert found.classes.tolist() == [0]
    assert found.scores == pytest.approx([0.7], abs=1e-3)


def test_numbers_that_are_none_are_no_detections():
    broken = YOLO.copy()
    broken[0, 0, 0] = np.nan
    broken[0, 4, 1] = np.nan
    broken[0, 2, 2] = -80
    found = decode(OutputForm.YOLO, [broken], (320, 320), 3).over(0.05)
    assert found.classes.tolist() == [1, 1]  # what is left of the second cup, and the unsure one
    assert np.isfinite(found.boxes_px).all()


@pytest.mark.parametrize(
    ('apart', 'classes', 'kept'),
    [((50, 0), (0, 0), 2), ((0, 70), (0, 0), 2), ((4, 4), (0, 0), 1), ((4, 4), (0, 1), 2)],
    ids=['beside', 'below', 'of one place', 'of two classes'],
)
def test_boxes_are_one_thing_where_they_overlap_and_are_of_one_class(apart, classes, kept):
    first = np.array([250.0, 200.0, 290.0, 260.0])
    boxes_px = np.array([first, first + np.tile(apart, 2)], np.float32)
    found = Found(boxes_px, np.array([0.6, 0.9], np.float32), np.array(classes))
    left = found.suppressed()
    assert sorted(left.scores.tolist()) == pytest.approx([0.6, 0.9][-kept:])
    assert len(left.boxes_px) == len(left.classes) == kept


@pytest.fixture
def detector(tmp_path):
    """Make detectors whose outputs are constants, whatever they see."""
    pytest.importorskip('onnxruntime', reason='running a detector needs the extra onnx')
    onnx = pytest.importorskip('onnx', reason='making a detector needs the package onnx')
    from ssr_ros.grounding.onnx_detector import OnnxDetector

    def make(
        *outputs, names=NAMES, shape=(1, 3, 320, 320), inputs=('image',), breaks=False, **options
    ):
        nodes, results = [], []
        for number, output in enumerate(outputs):
            tensor = onnx.numpy_helper.from_array(output, f'value{number}')
            # The image is read, so that the input is not pruned, and counts for nothing.
            nodes += [
                onnx.helper.make_node('Constant', [], [f'constant{number}'], value=tensor),
                onnx.helper.make_node('ReduceMax', ['image'], [f'max{number}'], keepdims=0),
                onnx.helper.make_node('Sub', [f'max{number}'] * 2, [f'zero{number}']),
                onnx.helper.make_node(
                    'Add', [f'constant{number}', f'zero{number}'], [f'output{number}']
                ),
            ]
            results.append(
                onnx.helper.make_tensor_value_info(
                    f'output{number}', onnx.TensorProto.FLOAT, ['batch', 'rows', 'columns']
                )
            )
        if breaks:
            sizes = onnx.numpy_helper.from_array(np.array([7], np.int64), 'sizes')
            nodes += [
                onnx.helper.make_node('Constant', [], ['sizes'], value=sizes),
                onnx.helper.make_node('Reshape', ['image', 'sizes'], ['reshaped']),
            ]
            results.append(
                onnx.helper.make_tensor_value_info('reshaped', onnx.TensorProto.FLOAT, [7])
            )
        given = [
            onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape)
            for name in inputs
        ]
        graph = onnx.helper.make_graph(nodes, 'detector', given, results)
        model = onnx.helper.make_model(
            graph, ir_version=8, opset_imports=[onnx.helper.make_opsetid('', 17)]
        )
        path = tmp_path / 'detector.onnx'
        onnx.save(model, path)
        return OnnxDetector(path, names, **options)

    return make


def frame(width=640, height=480):
    rgb = np.zeros((height, width, 3), np.uint8)
    return RgbdFrame(
        rgb, np.ones((height, width), np.float32), CameraIntrinsics(500, 500, 320, 240)
    )


def test_boxes_of_a_letterboxed_image_come_in_pixels_of_the_frame(detector):
    yolo = detector(YOLO)
    found = yolo.locate(frame(), ['mug', 'fork'])
    # 640x480 becomes 320x240 with 40 rows of gray above: x twice, y twice after 40 less.
    assert [(r.phrase, r.box_px) for r in found] == [
        ('cup', pytest.approx((160, 180, 240, 300), abs=1e-3)),
        ('chair', pytest.approx((320, 240, 480, 400), abs=1e-3)),
        ('fork', None),
    ]
    assert found[0].score == pytest.approx(0.9)
    assert {r.source for r in found} == {'detector'}
    assert yolo.providers[-1] == 'CPUExecutionProvider'


def test_boxes_of_a_squashed_image_come_in_pixels_of_the_frame(detector):
    scores = logits([[0.9, 0.1, 0], [0, 0.8, 0.1]])
    detr = detector(scores, SHARES[None])
    assert detr.form is OutputForm.DETR
    assert [r.box_px for r in detr.locate(frame(), [])] == [
        pytest.approx((160, 195, 240, 285), abs=1e-3),
        pytest.approx((320, 240, 480, 360), abs=1e-3),
    ]


def test_an_input_of_any_size_is_given_640_pixels(detector):
    free = detector(SUPPRESSED, shape=('batch', 3, 'height', 'width'))
    assert free.locate(frame(), [])[0].box_px == pytest.approx((80, 50, 120, 110))


def test_classes_beyond_the_names_and_empty_names_are_left_out(detector):
    assert (
        detector(SUPPRESSED, names=('cup',), form=OutputForm.SUPPRESSED)
        .locate(frame(), [])[0]
        .phrase
        == 'cup'
    )
    assert not detector(SUPPRESSED, names=('', '', 'x')).locate(frame(), [])


def test_models_that_take_something_else_are_refused_by_name(detector):
    with pytest.raises(GroundingError, match=r'one image \(1, 3, H, W\)'):
        detector(YOLO, inputs=('image', 'orig_size'))
    with pytest.raises(GroundingError, match=r'expected \(1, 3, H, W\)'):
        detector(YOLO, shape=(1, 1, 320, 320))
    with pytest.raises(GroundingError, match='no detector that is known'):
        detector(YOLO, names=('cup',))


def test_files_that_are_no_models_are_refused(detector, tmp_path):
    from ssr_ros.grounding.onnx_detector import OnnxDetector

    with pytest.raises(GroundingError, match='no such file'):
        OnnxDetector(tmp_path / 'nothing.onnx', NAMES)
    (tmp_path / 'text.onnx').write_text('hello')
    with pytest.raises(GroundingError, match='cannot open it'):
        OnnxDetector(tmp_path / 'text.onnx', NAMES)
    with pytest.raises(ConfigError, match='class names'):
        OnnxDetector(tmp_path / 'text.onnx', ())
    with pytest.raises(GroundingError, match='none of the providers'):
        detector(YOLO, providers=['MagicExecutionProvider'])


def test_a_model_that_fails_while_running_is_said(detector):
    with pytest.raises(GroundingError, match='ONNX Runtime failed'):
        detector(YOLO, shape=('batch', 3, 'height', 'width'), breaks=True)


def test_a_form_that_was_said_must_fit_the_outputs(detector):
    with pytest.raises(GroundingError, match='no detector that is known'):
        detector(YOLO, form=OutputForm.SUPPRESSED)
    assert detector(SUPPRESSED, names=('cup',), form=OutputForm.SUPPRESSED).locate(frame(), [])
