# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Settings in YAML are read in bounded time and memory, and one way only."""

import pytest

yaml = pytest.importorskip('yaml', reason='pyyaml is missing')

from ssr_ros.yaml_text import load_yaml, MAX_DEPTH  # noqa: E402

BILLION = 'a: &a [x, x, x, x, x, x, x, x, x]\n' + ''.join(
    f'{new}: &{new} [{", ".join(["*" + old] * 9)}]\n'
    for old, new in zip('abcdefgh', 'bcdefghi', strict=True)
)


def test_settings_are_read():
    text = 'midi: midi  # ours\nsize: [256, 256]\nrange: {near: 0.3}\nnone: ~\n'
    expected = {'midi': 'midi', 'size': [256, 256], 'range': {'near': 0.3}, 'none': None}
    assert load_yaml(text) == expected
    assert load_yaml('[' * MAX_DEPTH + ']' * MAX_DEPTH)
    assert load_yaml('') is None


@pytest.mark.parametrize(
    ('text', 'said'),
    [
        (BILLION, 'alias in line 2'),
        ('a: &a 1\nb: *a\n', 'alias in line 2: write the value out'),
        ('midi: a\nvlm: b\nmidi: c\n', "'midi' is given twice in line 1"),
        ('data: {root: a, root: b}\n', "'root' is given twice"),
        ('[' * 17 + ']' * 17, 'more than 16 levels'),
        ('[' * 30_000, 'more than 16 levels'),
        ('a: ' + 'x' * 70_000, '70,003 characters'),
        ('a: ' + '9' * 5_000, 'digits'),
        ('a: 2026-13-45', 'month'),
        ('a: !!python/object/apply:os.system [ls]', 'could not determine a constructor'),
        ('? [a, b]\n: c', 'unhashable'),
        ('a: b: c', 'mapping values are not allowed'),
    ],
    ids=lambda text: text[:20],
)
def test_what_is_more_than_settings_is_refused_at_once(text, said):
    with pytest.raises(yaml.YAMLError, match=said):
        load_yaml(text)
