# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Small recordings of scenes whose answers are known, and runs over them."""

from boxes_recording import boxes_frame
import pytest

pytest.importorskip('cv2', reason='measuring needs the extra scene')
pytest.importorskip('rosbags.rosbag2', reason='bags are read through rosbags')
pytest.importorskip('jinja2', reason='reports are made with Jinja2')

from ssr_ros.bags.write import write_bag
from ssr_ros.replay.evaluate import evaluate, RunOptions
from ssr_ros.replay.question_file import load_questions


@pytest.fixture
def boxes(tmp_path):
    """A recording of ten frames, 0.2 s apart; the red box comes nearer by 2 cm each."""
    frames = (boxes_frame(number, 1.2 - 0.02 * number) for number in range(10))
    write_bag(tmp_path / 'boxes', frames)
    return tmp_path / 'boxes'


@pytest.fixture
def ask(tmp_path):
    """Return what asks recordings the questions of a text, without a model."""

    def asked(bags, text, out='run', on_progress=lambda done, total: None, **options):
        path = tmp_path / 'q.yaml'
        path.write_text(text, encoding='utf-8')
        chosen = {'model': 'none', **options}
        return evaluate(
            bags, load_questions(path), RunOptions(tmp_path / out, **chosen), on_progress
        )

    return asked
