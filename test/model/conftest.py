# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Tiny checkpoints in the released layout."""

from __future__ import annotations

from pathlib import Path
import shutil

import pytest

pytest.importorskip('torch', reason='the model room needs torch')

from ssr_ros.model import load_reasoner, Reasoner
from training.small.new_checkpoint import write_checkpoint
from training.small.sizes import Sizes

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
