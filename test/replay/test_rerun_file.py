# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Frames and answers as a Rerun recording, read back by Rerun's own reader."""

from __future__ import annotations

import json

import cv2
import numpy as np
import pytest

from ssr_ros import cli

pytest.importorskip('rerun', reason='Rerun comes with the extra rerun')
chunk = pytest.importorskip('rerun.chunk', reason='this Rerun has no reader of .rrd files')

START_NS = 1_700_000_000_000_000_000


def show(*arguments):
    try:
        return cli.main(['show', *map(str, arguments)])
    except SystemExit as exit:  # argparse
        return exit.code


def read(path):
    """Return entity -> component -> values of its rows, in the order of their stamps."""
    rows = {}
    for each in chunk.RrdReader(str(path)).store().stream():
        batch = each.to_record_batch()
        for number in range(each.num_rows):
            values = {
                name.partition(':')[2] or name: batch.column(name)[number]
                for name in batch.schema.names
            }
            rows.setdefault(str(each.entity_path), []).append(values)
    return {entity: sorted(found, key=stamp_of) for entity, found in rows.items()}


def stamp_of(row):
    return row['stamp'].value if 'stamp' in row else 0


@pytest.fixture
def shown(boxes, tmp_path):
    path = tmp_path / 'out.rrd'
    question = 'Which is closer, the red object or the blue object?'
    assert show(boxes, '--rerun', path, '--frames', 2, '--ask', question) == 0
    return read(path)


def test_image_depth_cloud_boxes_and_answers_stand_on_one_time_line(shown):
    frames = ['/world/camera', '/world/camera/image', '/world/camera/depth', '/world/cloud']
    for entity in (*frames, '/world/things', '/world/camera/things', '/answers', '/world/target'):
        stamps = [(row['stamp'].value, row['frame'].as_py()) for row in shown[entity]]
        assert stamps == [(START_NS + 400_000_000, 2), (START_NS + 1_400_000_000, 7)], entity
    assert 'log_time' not in shown['/answers'][0]


def test_the_picture_and_its_depth_are_those_of_the_frame(shown):
    blob = shown['/world/camera/depth'][0]['blob'].as_py()[0]
    depth_mm = cv2.imdecode(np.frombuffer(bytes(blob), np.uint8), cv2.IMREAD_UNCHANGED)
    assert (depth_mm.dtype, depth_mm.shape) == (np.uint16, (120, 160))
    assert (depth_mm[60, 45], depth_mm[60, 110], depth_mm[5, 5]) == (1160, 1500, 2500)
    assert shown['/world/camera/depth'][0]['meter'].as_py() == [1000.0]
    blob = shown['/world/camera/image'][0]['blob'].as_py()[0]
    bgr = cv2.imdecode(np.frombuffer(bytes(blob), np.uint8), cv2.IMREAD_COLOR)
    assert bgr[60, 45, 2] > 150 > 60 > bgr[60, 45, 0], 'the left box is red'


def test_boxes_have_names_and_stand_where_the_things_are(shown):
    things = shown['/world/things'][0]
    assert things['labels'].as_py()[0].startswith('red object')
    center = things['centers'].as_py()[0]
    assert center[2] == pytest.approx(1.16, abs=0.02)
    assert center[0] == pytest.approx(-0.267, abs=0.02)
    assert things['half_sizes'].as_py()[0][1] == pytest.approx(0.116, abs=0.012), 'across'
    flat = shown['/world/camera/things'][0]
    assert flat['centers'].as_py()[0] == pytest.approx([45, 62.5], abs=1.5)


def test_the_cloud_holds_every_known_point_in_its_colour(shown):
    cloud = shown['/world/cloud'][0]
    points = np.array(cloud['positions'].as_py())
    assert len(points) == 120 * 160
    assert len(cloud['colors'].as_py()) == len(points)
    assert points[:, 2].min() == pytest.approx(1.16, abs=0.001)


def test_answers_say_question_and_answer_and_where(shown):
    text = shown['/answers'][0]['text'].as_py()[0]
    assert text.startswith('Which is closer, the red object or the blue object? ')
    assert shown['/answers'][0]['level'].as_py() == ['INFO']
    target = shown['/world/target'][0]['positions'].as_py()[0]
    assert target[2] == pytest.approx(1.16, abs=0.03), 'the red one'


def test_the_answers_of_a_run_are_shown_at_their_frames(ask, boxes, tmp_path, capsys):
    text = """
questions:
  - ask: How far is the red object?
    at: [0.6]
    expect: {number: 5, unit: m}
"""
    ask([boxes], text)
    path = tmp_path / 'run.rrd'
    assert show(boxes, '--rerun', path, '--frames', 1, '--run', tmp_path / 'run', '--json') == 0
    assert json.loads(capsys.readouterr().out)['frames'] == 2
    (row,) = read(path)['/answers']
    assert row['frame'].as_py() == 3
    assert row['level'].as_py() == ['WARN'], 'it is wrong'
    assert 'expected 5' in row['text'].as_py()[0]


def test_a_pair_of_files_is_shown_too(tmp_path, capsys):
    cv2.imwrite(str(tmp_path / 'a.png'), np.full((48, 64, 3), 90, np.uint8))
    cv2.imwrite(str(tmp_path / 'd.png'), np.full((48, 64), 2000, np.uint16))
    files = (tmp_path / 'a.png', tmp_path / 'd.png')
    assert show(*files, '--rerun', tmp_path / 'f.rrd', '--intrinsics=60,60,31.5,23.5') == 0
    assert '/world/cloud' in read(tmp_path / 'f.rrd')
    assert show(*files, '--rerun', tmp_path / 'f.rrd') == 2
    assert 'give --intrinsics' in capsys.readouterr().err


def test_what_cannot_be_written_or_shown_is_refused(boxes, tmp_path, capsys, ask):
    (tmp_path / 'file').write_text('')
    assert show(boxes, '--rerun', tmp_path / 'file' / 'o.rrd') == 2
    assert 'cannot be written' in capsys.readouterr().err
    ask([boxes], 'questions:\n- ask: How many objects are there?\n')
    run = ('--run', tmp_path / 'run')
    assert show('demo', '--rerun', tmp_path / 'o.rrd', *run) == 2
    assert "no answer is about 'bag'; there are: boxes" in capsys.readouterr().err
