# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The answers of a run as a recording, read by a reader that knows none of our types."""

from __future__ import annotations

from dataclasses import replace
import json
import math

import pytest
from rosbags.rosbag2 import Reader
from rosbags.typesys import get_types_from_msg, get_typestore, Stores

from ssr_ros import cli
from ssr_ros.errors import BagError
from ssr_ros.replay.result_bag import result_path, write_result_bag
from ssr_ros.replay.rows import AnswerRow

QUESTIONS = """
questions:
  - ask: How far is the red object?
    id: red
    at: [0, 1.0]
    expect: {number: 1.21, unit: m, tolerance: 0.05}
  - ask: How far is the mug?
    id: mug
    at: 0
    regions: {mug: [30, 40, 60, 85]}
  - ask: How many objects are there?
    id: late
    at: 77
"""


def messages(path):
    """Return topic -> (time, message), decoded by the definitions that the recording carries."""
    store = get_typestore(Stores.EMPTY)
    found = {}
    with Reader(path) as reader:
        for connection in reader.connections:
            text = connection.msgdef.data
            known = get_types_from_msg(text, connection.msgtype)
            store.register({name: each for name, each in known.items() if name not in store.types})
        for connection, time_ns, cdr in reader.messages():
            message = store.deserialize_cdr(cdr, connection.msgtype)
            found.setdefault(connection.topic, []).append((time_ns, message))
    return found


@pytest.fixture
def run(ask, boxes):
    return ask([boxes], QUESTIONS)


def test_answers_stand_at_the_stamps_of_their_frames(run, boxes):
    path = result_path(boxes)
    assert path == boxes.parent / 'boxes_answers'
    assert write_result_bag(path, run.rows) == 3, 'the one without a frame is left out'
    found = messages(path)
    start_ns = 1_700_000_000_000_000_000
    assert [time for time, _ in found['/ssr/log']] == [start_ns, start_ns, start_ns + 10**9]
    said = {message.name: message for _, message in found['/ssr/log'][:2]}
    assert said['red'].msg.startswith('How far is the red object? ')
    assert '(right; expected 1.21 ± 0.05 m)' in said['red'].msg
    assert found['/ssr/log'][2][1].level == 30, 'the wrong one is a warning'
    row = json.loads(found['/ssr/answer_row'][0][1].data)
    assert row == json.loads(run.rows[1 if row['question_id'] == 'red' else 2].to_line())


def test_detections_are_boxes_in_the_frame_of_the_camera(run, boxes):
    write_result_bag(result_path(boxes), run.rows)
    found = messages(result_path(boxes))
    by_row = {}
    pairs = zip(found['/ssr/answer_row'], found['/ssr/detections'], strict=True)
    for (_, row), (_, array) in pairs:
        by_row.setdefault(json.loads(row.data)['question_id'], array)
    array = by_row['mug']
    assert array.header.frame_id == 'eye'
    red, blue = array.detections
    # The box's front is at 1.2 m, columns 30 to 60 and rows 40 to 85 of f = 150.
    center = red.bbox.center.position
    assert (center.x, center.y) == pytest.approx((-0.276, 0.024), abs=0.012)
    assert center.z == pytest.approx(1.2, abs=0.02)
    size = red.bbox.size
    assert (size.y, size.z) == pytest.approx((0.24, 0.36), abs=0.02)
    assert red.results[0].hypothesis.class_id == 'mug'
    assert blue.results[0].hypothesis.class_id == 'unknown'
    assert math.isnan(blue.results[0].hypothesis.score)
    assert red.results[0].pose.covariance[14] > 0, 'depth has a margin'


def test_markers_name_things_and_say_the_answer_at_its_target(run, boxes):
    write_result_bag(result_path(boxes), run.rows)
    markers = messages(result_path(boxes))['/ssr/markers'][0][1].markers
    assert markers[0].action == 3, 'what was drawn before is cleared'
    names = [marker.text for marker in markers if marker.ns == 'names']
    assert len(names) == 2 and all(' m' in text for text in names)
    (answer,) = [marker for marker in markers if marker.ns == 'answer']
    assert answer.text.startswith('How far is the ')
    (ball,) = [marker for marker in markers if marker.ns == 'target']
    assert ball.pose.position.z == pytest.approx(1.2, abs=0.02)
    assert answer.pose.position.y < ball.pose.position.y, 'it stands above'


def test_things_of_a_running_node_have_no_boxes_and_its_answers_are_kept(run, boxes):
    def without_boxes(row):
        things = tuple({k: v for k, v in each.items() if k != 'in_3d'} for each in row.objects)
        return replace(row, objects=things)

    write_result_bag(result_path(boxes), map(without_boxes, run.rows))
    found = messages(result_path(boxes))
    assert found['/ssr/detections'][0][1].detections == []
    kinds = {marker.ns for marker in found['/ssr/markers'][0][1].markers}
    assert kinds == {'boxes', 'answer', 'target'}
    assert len(found['/ssr/log']) == 3


def test_only_what_was_written_here_is_replaced(run, boxes):
    path = result_path(boxes)
    write_result_bag(path, run.rows)
    write_result_bag(path, run.rows[:2])
    assert len(messages(path)['/ssr/log']) == 1
    with pytest.raises(BagError, match='was not written here'):
        write_result_bag(boxes, run.rows)
    assert (boxes / 'metadata.yaml').is_file()
    assert sorted(p.name for p in boxes.parent.iterdir() if p.name.startswith('.')) == []


def test_a_run_without_frames_writes_nothing(tmp_path):
    row = AnswerRow(bag='b', question_id='q', question='Q?', asked_ns=0)
    with pytest.raises(BagError, match='no answer is about a frame'):
        write_result_bag(tmp_path / 'b_answers', [row])
    assert not (tmp_path / 'b_answers').exists()


def test_a_folder_that_cannot_be_made_is_refused_with_the_cure(run, tmp_path):
    (tmp_path / 'file').write_text('')
    with pytest.raises(BagError, match='name a folder, --write-bag DIR'):
        write_result_bag(tmp_path / 'file' / 'b_answers', run.rows)


def test_rerun_reads_it(run, boxes, tmp_path):
    rerun = pytest.importorskip('rerun', reason='Rerun comes with the extra rerun')
    write_result_bag(result_path(boxes), run.rows)
    recording = rerun.RecordingStream('test')
    recording.save(tmp_path / 'read.rrd')
    recording.log_file_from_path(result_path(boxes) / 'boxes_answers.mcap')
    recording.flush()
    recording.disconnect()
    assert (tmp_path / 'read.rrd').stat().st_size > 10_000


def test_the_command_writes_beside_the_recording_or_where_it_is_told(boxes, tmp_path, capsys):
    questions = tmp_path / 'q.yaml'
    questions.write_text(QUESTIONS, encoding='utf-8')
    words = ['bag', 'evaluate', str(boxes), '--questions', str(questions), '--model', 'none']
    out = ['--out', str(tmp_path / 'run')]
    assert cli.main([*words, *out, '--write-bag']) == 0
    assert (boxes.parent / 'boxes_answers/boxes_answers.mcap').is_file()
    capsys.readouterr()
    assert cli.main([*words, *out, '--write-bag', str(tmp_path / 'there'), '--json']) == 0
    written = json.loads(capsys.readouterr().out)
    assert written['bags_written'] == [str(tmp_path / 'there/boxes_answers')]
