# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""C++ is compiled when it is wanted, kept, and done without where that fails."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
import ctypes
import logging
import os
from pathlib import Path
import shutil
import subprocess

import numpy as np
import pytest

from ssr_ros.commands import findings
from ssr_ros.compiled import compiled, EXACT
from ssr_ros.scene.geometry.passes import passes

NEEDS_COMPILER = pytest.mark.skipif(
    shutil.which(os.environ.get('CXX', 'c++')) is None, reason='no C++ compiler'
)


@pytest.fixture
def source(tmp_path, monkeypatch):
    """A C++ file, and a cache in which nothing is yet."""
    monkeypatch.setenv('XDG_CACHE_HOME', str(tmp_path / 'cache'))
    path = tmp_path / 'twice.cpp'
    path.write_text('extern "C" int twice(int n) { return 2 * n; }', encoding='utf-8')
    return path


@NEEDS_COMPILER
def test_a_library_is_compiled_once_and_kept(source, monkeypatch):
    assert compiled(source, 'doubles', 'nobody', *EXACT).twice(21) == 42
    kept = [path.name for path in (Path(source).parent / 'cache/ssr_ros').iterdir()]
    assert len(kept) == 1 and kept[0].startswith('twice-')
    monkeypatch.setattr('subprocess.run', None)
    assert compiled(source, 'doubles', 'nobody', *EXACT).twice(4) == 8


def test_without_a_compiler_there_is_none_and_the_log_says_what_computes_instead(
    source, monkeypatch, caplog
):
    monkeypatch.setenv('CXX', 'no-such-compiler')
    with caplog.at_level(logging.INFO):
        assert compiled(source, 'doubles', 'NumPy', *EXACT) is None
    assert 'NumPy computes doubles' in caplog.text


@NEEDS_COMPILER
def test_threads_that_want_it_at_once_all_get_it_and_it_is_compiled_once(source, monkeypatch):
    runs, run = [], subprocess.run

    def counted(*given, **named):
        runs.append(given)
        return run(*given, **named)

    monkeypatch.setattr('subprocess.run', counted)
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda _: compiled(source, 'doubles', 'nobody', *EXACT), '1234'))
    assert [library.twice(4) for library in found] == [8] * 4 and len(runs) == 1


@NEEDS_COMPILER
def test_what_does_not_compile_is_none_with_a_warning(source, caplog):
    source.write_text('no C++', encoding='utf-8')
    assert compiled(source, 'doubles', 'NumPy', *EXACT) is None
    assert caplog.records[0].levelname == 'WARNING' and 'NumPy computes doubles' in caplog.text


@NEEDS_COMPILER
def test_a_sum_of_products_is_rounded_twice_as_numpy_does_it(source):
    """Of a fused product what is less than half a step would be left."""
    source.write_text(
        'extern "C" void fused(float * x) { x[2] = x[0] * x[0] - x[1]; }', encoding='utf-8'
    )
    x = np.array([1 + 2**-12, 0, 9], np.float32)
    x[1] = x[0] * x[0]
    library = compiled(source, 'products', 'NumPy', *EXACT)
    library.fused(ctypes.c_void_p(x.ctypes.data))
    assert x[2] == 0


@pytest.mark.parametrize('there', [True, False])
def test_check_names_the_compiler_or_how_to_get_one(monkeypatch, there):
    if not there:
        monkeypatch.setenv('CXX', 'no-such-compiler')
    elif passes() is None:
        pytest.skip('no C++ compiler')
    found = findings._compiler()
    assert (found.state, found.needed) == ('ok' if there else 'missing', False)
    assert ('apt install g++' in found.cure) == (not there)


def test_check_says_that_a_compiler_does_not_work(monkeypatch):
    monkeypatch.setattr('shutil.which', lambda name: name)
    monkeypatch.setattr('ssr_ros.scene.geometry.passes.passes', lambda: None)
    assert findings._compiler().state == 'broken'
