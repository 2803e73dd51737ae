# Copyright 2026 The ssr_ros authors
#
# Licensed under the Apache License, Version 2.0 (the "License");
# you may not use this file except in compliance with the License.
# You may obtain a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS,
# WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
# See the License for the specific language governing permissions and
# limitations under the License.

"""Tiny checkpoints in the released layout."""

from __future__ import annotations

from pathlib import Path
import shutil

import pytest

pytest.importorskip('torch', reason='the model room needs torch')

from ssr_ros.model import load_reasoner, Reasoner
from training.new_checkpoint import Sizes, write_checkpoint

SHARED = Path(__file__).resolve().parents[3] / 'shared' / 'parity'


@pytest.fixture(scope='session')
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny checkpoint with an adapter; read-only for tests, copy it to change it."""
    folder = tmp_path_factory.mktemp('checkpoint')
    write_checkpoint(folder, Sizes(adapter_rank=4, n_tor=6), seed=1)
    return folder


@pytest.fixture
def own_checkpoint(checkpoint: Path, tmp_path: Path) -> Path:
    """A copy of the tiny checkpoint that a test may damage."""
    return Path(shutil.copytree(checkpoint, tmp_path / 'own'))


@pytest.fixture(scope='session')
def reasoner(checkpoint: Path) -> Reasoner:
    return load_reasoner(checkpoint, device='cpu')


@pytest.fixture(scope='session')
def parity_folder() -> Path:
    if not (SHARED / 'expected.json').is_file():
        pytest.skip('the parity data is not beside the repository (../shared/parity)')
    return SHARED
