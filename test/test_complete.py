# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""CI does not pass over what it could have tested."""

from __future__ import annotations

from pathlib import Path
import subprocess
import sys

import pytest

HERE = Path(__file__).resolve().parent


@pytest.mark.parametrize(
    ('reason', 'arguments', 'code'),
    [
        ('no OpenGL with MUJOCO_GL=osmesa', ['--complete'], 1),
        ('no OpenGL with MUJOCO_GL=osmesa', [], 0),
        ('no CUDA device', ['--complete'], 0),
    ],
)
def test_a_skip_that_an_installation_cures_fails_when_all_is_asked_for(
    tmp_path: Path, reason: str, arguments: list[str], code: int
) -> None:
    (tmp_path / 'test_one.py').write_text(
        f'import pytest\n\ndef test_it():\n    pytest.skip({reason!r})\n'
    )
    (tmp_path / 'conftest.py').write_text((HERE / 'conftest.py').read_text('utf-8'))
    command = [sys.executable, '-m', 'pytest', '-q', '-p', 'no:cacheprovider', *arguments]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stdout
    assert (reason in done.stdout) == (code == 1)
