# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Question files as people write them, and what is said about faults in them."""

import json

import pytest

pytest.importorskip('yaml', reason='question files are yaml')
pytest.importorskip('cv2', reason='regions are those of scene')

from ssr_ros.errors import ConfigError
from ssr_ros.replay.question_file import load_questions
from ssr_ros.replay.questions import Expected, When


def load(tmp_path, text):
    path = tmp_path / 'q.yaml'
    path.write_text(text, encoding='utf-8')
    return load_questions(path)


def expected(tmp_path, text):
    return load(tmp_path, f'questions:\n  - ask: Q?\n    expect: {text}\n').questions[0].expected


def refusal(tmp_path, text):
    with pytest.raises(ConfigError) as raised:
        load(tmp_path, text)
    return str(raised.value)


def test_a_file_says_what_to_ask_when_and_what_is_right(tmp_path):
    asked = load(
        tmp_path,
        """
scenes:
  - {name: kitchen, from: 0, to: 12.5, bag: 'house_*'}
every_s: 5
within_s: 0.1
questions:
  - ask: How far is the mug?
    id: mug
    at: [2, 7.5]
    expect: {number: 124, unit: cm, tolerance: 5%}
    regions: {mug: [10, 20, 30, 40.5]}
    bag: [house_1, 'yard*']
  - ask: Is it on the table?
    stamp: 1700000000.123456789
    expect: no
  - ask: What is there?
    once: yes
    scene: kitchen
  - ask: How many?
""",
    )
    mug, table, what, many = asked.questions
    assert (mug.id, mug.line) == ('mug', 7)
    assert mug.when == When(after_start_ns=(2_000_000_000, 7_500_000_000))
    assert mug.expected.kind == 'number' and mug.expected.unit == 'm'
    assert mug.expected.value == pytest.approx(1.24)
    assert mug.expected.tolerance == pytest.approx(0.062)
    assert mug.regions == {'mug': (10, 20, 30, 40.5)}
    assert [mug.is_for(name) for name in ('house_1', 'house_2', 'yard_3')] == [True, False, True]
    assert table.when == When(stamps_ns=(1_700_000_000_123_456_789,)), 'no float on the way'
    assert table.expected == Expected(kind='yes_no', value=0.0) and table.id == 'q2'
    assert what.when == When(once=True) and what.scene == 'kitchen'
    assert many.when == When(every_ns=5_000_000_000) and many.expected is None
    (kitchen,) = asked.scenes
    assert (kitchen.name, kitchen.to_ns, kitchen.bags) == ('kitchen', 12_500_000_000, ('house_*',))
    assert asked.within_ns == 100_000_000


def test_a_stamp_may_be_whole_nanoseconds(tmp_path):
    text = 'questions:\n  - {ask: Q, stamp: [1700000000123456789, 3.5]}\n'
    assert load(tmp_path, text).questions[0].when.stamps_ns == (
        1_700_000_000_123_456_789,
        3_500_000_000,
    )


@pytest.mark.parametrize(
    ('text', 'right'),
    [
        ('yes', Expected(kind='yes_no', value=1.0)),
        ('{yes_no: false}', Expected(kind='yes_no', value=0.0)),
        ('unknown', Expected(kind='unknown')),
        ('{count: 3}', Expected(kind='count', value=3.0)),
        ('{number: 2}', Expected(kind='number', value=2.0, tolerance=0.3, unit='m')),
        (
            '{number: 20, unit: deg, tolerance: 4}',
            Expected(kind='number', value=20, tolerance=4, unit='deg'),
        ),
        (
            '{choice: left, of: [left, right]}',
            Expected(kind='choice', words=('left',), options=('left', 'right')),
        ),
        ('{name: [mug, cup]}', Expected(kind='name', words=('mug', 'cup'))),
        ('{text: on the table}', Expected(kind='text', words=('on the table',))),
    ],
)
def test_every_kind_of_answer_can_be_expected_and_survives_json(tmp_path, text, right):
    assert expected(tmp_path, text) == right
    kept = json.loads(json.dumps(right.as_dict()))
    assert kept.pop('text') == str(right)
    fields = {name: tuple(v) if isinstance(v, list) else v for name, v in kept.items()}
    assert Expected(**fields) == right


@pytest.mark.parametrize(
    ('text', 'words'),
    [
        ('', 'it is empty: expected "questions:"'),
        ('questions: []', 'expected "questions:" with a list of at least one'),
        ('- ask: Q?', 'line 1: the file: expected "key: value" lines, got a list'),
        ('questions:\n  - ask: ""\n', 'line 2: ask: expected a text, got nothing'),
        ('questions:\n  - as: Q?\n', "line 2: question 1: unknown key 'as'; did you mean 'ask'"),
        ('questions:\n  - at: 3\n', 'line 2: question 1: expected "ask: ..."'),
        ('questions:\n - ask: Q?\n   at: -1\n', 'line 3: at (seconds): expected at least 0'),
        ('questions:\n - ask: Q?\n   at: soon\n', "expected a number, got 'soon'"),
        ('questions:\n - ask: Q?\n   at: .nan\n', "expected a number, got '.nan'"),
        ('questions:\n - ask: Q?\n   at: 1\n   once: yes\n', 'line 4: one of at and once'),
        ('questions:\n - ask: Q?\n   every_s: 0\n', 'expected at least 0.001, got 0'),
        (
            'questions:\n - ask: Q?\n   expect: maybe\n',
            'line 3: expect: expected yes, no, unknown',
        ),
        ('questions:\n - {ask: Q, expect: {number: x}}\n', "number: expected a number, got 'x'"),
        ('questions:\n - {ask: Q, expect: {number: 1, unit: feet}}\n', 'unit: expected m, cm'),
        ('questions:\n - {ask: Q, expect: {number: 1, of: [a]}}\n', "'of' does not go with"),
        ('questions:\n - {ask: Q, expect: {count: 1.5}}\n', 'expected a whole number, got 1.5'),
        ('questions:\n - {ask: Q, expect: {count: 1, name: a}}\n', 'one kind of answer'),
        ('questions:\n - {ask: Q, expect: {choice: a, of: [b, c]}}\n', "'a' is not among"),
        ('questions:\n - {ask: Q, expect: {number: 1, tolerance: -5%}}\n', 'a share like 5%'),
        ('questions:\n - {ask: Q, scene: hall}\n', "scene: 'hall' is not among"),
        ('questions:\n - {ask: Q, regions: {mug: [3, 3, 1, 9]}}\n', 'is empty'),
        (
            'questions:\n - {ask: Q, regions: {mug: [3, 3]}}\n',
            r'expected [x0, y0, x1, y1], got 2',
        ),
        ('questions:\n - {ask: Q, id: a}\n - {ask: R, id: a}\n', 'line 3: id: '),
        ('scenes: [{name: a, from: 3, to: 1}]\nquestions: [{ask: Q}]', 'ends before it begins'),
        ('questions:\n  - ask: "Q?\n', 'no yaml: line'),
        ('questions:\n  - {ask: Q?, at: 1}\n', 'line 2: a question mark inside { } wants quotes'),
        ('questions: &a\n  - {ask: Q}\nscenes: *a\n', 'alias'),
        ('questions:\n - ask: Q?\n   ask: R?\n', "'ask' is given twice"),
    ],
)
def test_a_fault_is_named_with_its_line(tmp_path, text, words):
    said = refusal(tmp_path, text)
    assert words in said and 'q.yaml' in said


def test_all_faults_are_named_at_once(tmp_path):
    said = refusal(
        tmp_path,
        'questions:\n  - ask: Q?\n    at: x\n  - aks: Q?\n  - {ask: R, expect: {count: -1}}\n',
    )
    assert said.splitlines()[0].endswith('3 faults')
    assert [line.split(':')[0].strip() for line in said.splitlines()[1:]] == [
        'line 3',
        'line 4',
        'line 5',
    ]


def test_a_missing_or_binary_file_is_refused(tmp_path):
    with pytest.raises(ConfigError, match='cannot be read'):
        load_questions(tmp_path / 'none.yaml')
    (tmp_path / 'b.yaml').write_bytes(b'\xff\xfe\x00')
    with pytest.raises(ConfigError, match='UTF-8'):
        load_questions(tmp_path / 'b.yaml')
