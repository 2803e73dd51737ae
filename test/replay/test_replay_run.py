# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Whole runs: the same again, stopped and gone on with, over several recordings, with bad ones."""

from dataclasses import replace
import json
import random
import shutil

from boxes_recording import boxes_frame
import numpy as np
import pytest

from ssr_ros.bags.write import write_bag
from ssr_ros.errors import BagError, ConfigError
from ssr_ros.replay.report import write_report
from ssr_ros.replay.rows import read_rows, TIMES

QUESTIONS = """
every_s: 0.4
questions:
  - ask: How far is the red object?
    id: red
    at: [0, 1.0]
    expect: {number: 1.21, unit: m, tolerance: 0.05}
  - ask: Is the red object left of the blue object?
    expect: yes
  - ask: How many objects are there?
    expect: {count: 2}
  - ask: Which is closer, the red object or the blue object?
    expect: {choice: red object, of: [red object, blue object]}
  - ask: How far is the mug?
    id: mug
    once: yes
    regions: {mug: [30, 40, 60, 85]}
    expect: {number: 120, unit: cm}
  - ask: What is it made of?
    id: made
    once: yes
    expect: unknown
  - ask: How many objects are there?
    id: late
    at: 77
"""


class StoppedError(Exception):
    """In place of a kill."""


def lines_without_times(path):
    found = []
    for line in path.read_text('utf-8').splitlines():
        row = json.loads(line)
        found.append({name: value for name, value in row.items() if name not in TIMES})
    return found


def test_answers_are_scored_and_two_runs_are_the_same_but_for_times(ask, boxes):
    first, second = (ask([boxes], QUESTIONS, out) for out in ('one', 'two'))
    by_id = {}
    for row in first.rows:
        by_id.setdefault(row.question_id, []).append(row)
    red = by_id['red']
    assert [row.verdict for row in red] == ['right', 'wrong']
    assert [round(row.value, 2) for row in red] == [1.21, 1.11]
    assert red[1].error_off == pytest.approx(-0.1, abs=0.005)
    assert {row.verdict for row in by_id['q2'] + by_id['q3'] + by_id['q4']} == {'right'}
    assert len(by_id['q2']) == 5
    (mug,), (made,), (late,) = by_id['mug'], by_id['made'], by_id['late']
    assert (mug.source, mug.verdict, mug.objects[0]['label']) == ('grounded', 'right', 'mug')
    assert (made.source, made.verdict) == ('none', 'right')
    assert (late.error_code, late.frame, late.picture) == ('NO_FRAME', None, '')
    assert lines_without_times(first.folder.answers) == lines_without_times(second.folder.answers)
    assert first.summary['kinds']['count']['answer'] | {'low': 0} == {
        'n': 5,
        'right': 5,
        'wrong': 0,
        'unread': 0,
        'refused': 0,
        'share': 1.0,
        'share_of_decided': 1.0,
        'low': 0,
        'high': 1.0,
    }
    assert first.summary['bags']['boxes']['decoded'] == 2 * 6, 'colour and depth of six frames'


def test_a_run_that_was_stopped_five_times_ends_as_one_that_was_not(ask, boxes, tmp_path):
    whole = ask([boxes], QUESTIONS, 'whole')
    chance, count = random.Random(5), len(whole.rows)
    for stop_at in sorted(chance.sample(range(1, count), 5)):

        def stop(done, total, stop_at=stop_at):
            if done >= stop_at:
                raise StoppedError

        with pytest.raises(StoppedError):
            ask([boxes], QUESTIONS, 'stopped', stop)
        part = tmp_path / 'stopped' / 'parts' / 'boxes.jsonl'
        with part.open('a') as stream:
            stream.write('{"bag": "bo')  # a kill cuts the line that is being written
    told = []
    ended = ask([boxes], QUESTIONS, 'stopped', lambda done, total: told.append((done, total)))
    assert ended.resumed and told[-1] == (count, count)
    assert lines_without_times(ended.folder.answers) == lines_without_times(whole.folder.answers)
    again = ask([boxes], QUESTIONS, 'stopped')
    assert again.rows == ended.rows, 'what is done is not asked again, its times stand'


def test_several_recordings_at_once_give_what_they_give_one_by_one(ask, boxes, tmp_path):
    other = tmp_path / 'other' / 'boxes'
    other.parent.mkdir()
    shutil.copytree(boxes, other)
    one = ask([boxes, other], QUESTIONS, 'one')
    names = list(one.summary['bags'])
    assert len(set(names)) == 2 and names[1] == 'other_boxes'
    two = ask([boxes, other], QUESTIONS, 'two', jobs=2)
    assert lines_without_times(one.folder.answers) == lines_without_times(two.folder.answers)


def test_a_folder_of_another_run_is_refused_and_says_what_differs(ask, boxes, tmp_path):
    ask([boxes], QUESTIONS)
    with pytest.raises(ConfigError, match='it differs in the questions'):
        ask([boxes], QUESTIONS.replace('1.21', '1.3'))
    assert ask([boxes], '# a remark\n' + QUESTIONS).resumed, 'a remark is no other question'
    assert not ask([boxes], QUESTIONS.replace('1.21', '1.3'), fresh=True).resumed
    (tmp_path / 'mine').mkdir()
    (tmp_path / 'mine' / 'thesis.tex').write_text('')
    for fresh in (False, True):
        with pytest.raises(ConfigError, match='there is something else in it'):
            ask([boxes], QUESTIONS, 'mine', fresh=fresh)
    assert (tmp_path / 'mine' / 'thesis.tex').exists()


def test_one_bad_recording_does_not_cost_the_others(ask, boxes, tmp_path):
    bad = tmp_path / 'bad'
    shutil.copytree(boxes, bad)
    file = bad / 'boxes.mcap'
    file.write_bytes(file.read_bytes()[:-3000])
    result = ask([bad, boxes], QUESTIONS)
    assert list(result.failures) == ['bad'] and 'mcap recover' in result.failures['bad']
    assert {row.bag for row in result.rows} == {'boxes'}
    page = write_report(result.folder, result.rows, result.summary).read_text('utf-8')
    assert '1 recording could not be asked' in page and 'mcap recover' in page
    with pytest.raises(BagError, match='mcap recover'):
        ask([bad], QUESTIONS, 'alone')


def test_a_recording_without_a_pair_is_a_row_that_says_so(ask, tmp_path):
    from bag_recorder import Recorder

    with Recorder(tmp_path / 'apart') as bag:
        bag.info('/eye/camera_info', 10**9)
        bag.image('/eye/rgb', 10**9)
        bag.image('/eye/depth', 3 * 10**9, '16UC1')
    result = ask([tmp_path / 'apart'], 'questions:\n  - {ask: How many objects are there}\n')
    assert [row.answer for row in result.rows] == ['the recording holds no pair of images']
    write_report(result.folder, result.rows, result.summary)


def test_frames_that_cannot_be_measured_are_refused_one_by_one(ask, tmp_path, boxes):
    frames = [boxes_frame(number) for number in range(3)]
    frames[1] = replace(frames[1], depth_m=np.full_like(frames[1].depth_m, np.nan))
    write_bag(tmp_path / 'blind', frames)
    text = 'every_s: 0.2\nquestions:\n  - {ask: "How many objects are there?", expect: {count: 2}}'
    rows = ask([tmp_path / 'blind'], text).rows
    assert [row.error_code for row in rows] == ['NONE', 'NO_DEPTH', 'NONE']
    assert [row.verdict for row in rows] == ['right', 'refused', 'right']


def test_rows_of_answers_are_those_of_the_result(ask, boxes):
    result = ask([boxes], QUESTIONS)
    assert list(read_rows(result.folder.answers)) == list(result.rows)
