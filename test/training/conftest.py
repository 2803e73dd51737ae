# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A tiny untrained checkpoint and a folder of drawn RGB-D frames with questions."""

from drawn_frames import draw, write_lines
import pytest

from ssr_ros.settings import build
from training.small.new_checkpoint import write_checkpoint
from training.small.sizes import Sizes


@pytest.fixture(scope='session')
def untrained(tmp_path_factory):
    folder = tmp_path_factory.mktemp('untrained')
    write_checkpoint(folder, Sizes(), seed=0)
    return folder


@pytest.fixture
def frames(tmp_path):
    """A folder with data.jsonl: 12 rows, two kinds of question, rationales of three lengths."""
    folder = tmp_path / 'frames'
    folder.mkdir()
    write_lines(folder / 'data.jsonl', [draw(folder, number) for number in range(12)])
    return folder


@pytest.fixture
def configure(untrained, frames, tmp_path):
    """Make settings of a short run; groups of settings can be overridden."""

    def make(kind, output='run', **groups):
        tree = {
            'model': {'start': str(untrained)},
            'data': {'train': [str(frames / 'data.jsonl')]},
            'optim': {'steps': 4, 'batch': 2, 'learning_rate': 1e-3},
            'run': {'output': str(tmp_path / output)},
        }
        for name, values in groups.items():
            tree[name] = {**tree.get(name, {}), **values} if isinstance(values, dict) else values
        return build(kind, tree)

    return make
