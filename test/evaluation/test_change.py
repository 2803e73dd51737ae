# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What a change of a checkpoint does to its answers is said with its interval."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from ssr_ros import cli
from ssr_ros.errors import DatasetError
from ssr_ros.evaluation.change import answers, change, read_asked

cv2 = pytest.importorskip('cv2', reason='frames are read with OpenCV')

CAMERA = {'fx': 60.0, 'fy': 60.0, 'cx': 31.5, 'cy': 23.5}


def row(image: str, question: str, answer: str, **meta: object) -> dict[str, object]:
    about = {'family': 'distance', 'form': 'far', 'subjects': ['box'], 'unit': question, **meta}
    about |= {'verdict': '', 'value': 1.0, 'value_unit': 'm', 'swap': '', 'intrinsics': CAMERA}
    named = {'image_path': f'{image}.png', 'depth_path': f'{image}_depth.png'}
    return {'question': question, 'answer': answer, 'meta': about, **named}


@pytest.fixture
def test_file(tmp_path: Path) -> Path:
    """Three questions about two frames."""
    for name, level in (('a', 1000), ('b', 2000)):
        cv2.imwrite(str(tmp_path / f'{name}.png'), np.full((48, 64, 3), 90, np.uint8))
        cv2.imwrite(str(tmp_path / f'{name}_depth.png'), np.full((48, 64), level, np.uint16))
    rows = [
        row('a', 'How far is the red box?', '1.00 m.'),
        row('a', 'How far is the blue box?', '1.00 m.'),
        row('b', 'How far is the green box?', '2.00 m.'),
    ]
    path = tmp_path / 'questions.jsonl'
    path.write_text('\n'.join(map(json.dumps, rows)))
    return path


def test_a_frame_is_read_once_for_its_questions(test_file: Path) -> None:
    encoded: list[float] = []
    reasoner = SimpleNamespace(
        encode=lambda frame: encoded.append(float(frame.depth_m[0, 0])) or encoded[-1],
        ask=lambda scene, question, tokens: SimpleNamespace(text=f'{scene:.2f} m.'),
    )
    rows = read_asked(test_file, 0)
    assert list(answers(reasoner, rows)) == ['1.00 m.', '1.00 m.', '2.00 m.']
    assert encoded == [1.0, 2.0]
    assert len(read_asked(test_file, 2)) == 2


def test_a_change_is_scored_question_by_question(test_file: Path) -> None:
    rows = read_asked(test_file, 0)
    found = change(rows, ['1.00 m.', '1.00 m.', '9.00 m.'], ['1.00 m.', 'purple', '9.00 m.'])
    assert (found.before.right, found.after.right, found.before.n) == (2, 1, 3)
    assert found.after.unparsed == 1
    assert found.equal == 2
    assert found.pair.difference == pytest.approx(-1 / 3)
    assert found.pair.low < -1 / 3 < found.pair.high
    assert found.as_dict()['before']['right'] == 2


@pytest.mark.parametrize(
    ('text', 'words'),
    [
        ('', 'no question in it'),
        ('{"question": "How far?"', 'questions.jsonl:1: not a row of json'),
        ('[1]', 'expected a json object'),
        ('{"question": "How far?", "answer": "1 m"}', 'expected question, answer, image_path'),
        (json.dumps({**row('a', 'q', 'a'), 'meta': {}}), 'expected family, form and intrinsics'),
    ],
)
def test_rows_that_cannot_be_asked_are_named(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / 'questions.jsonl'
    path.write_text(text)
    with pytest.raises(DatasetError, match=words):
        read_asked(path, 0)
    with pytest.raises(DatasetError, match='cannot be read'):
        read_asked(tmp_path / 'none.jsonl', 0)


def test_quantising_says_what_it_does_to_answers(
    test_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip('torch', reason='the model needs torch')
    out = tmp_path / 'int8'
    given = ['quantise', 'nano', '--bits', '8', '--device', 'cpu', '--out']
    assert cli.main([*given, str(out), '--test', str(tmp_path / 'none.jsonl')]) == 2
    assert not out.exists(), 'what cannot be asked is refused before anything is written'
    assert cli.main([*given, str(out), '--test', str(test_file)]) == 0
    said = ' '.join(capsys.readouterr().out.split())
    for words in ('before', 'of 3 right', 'points (', '95 %)', 'same to the letter'):
        assert words in said
