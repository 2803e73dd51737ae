# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

from pathlib import Path

import pytest

from ssr_ros.engine.settings import Settings
from ssr_ros.errors import ConfigError
from ssr_ros.settings import describe, flat


def test_every_setting_has_a_description_and_its_default_is_allowed():
    settings = Settings.from_flat(flat(Settings()))
    assert settings == Settings()
    for name, described in describe(Settings):
        assert described.metadata['description'], name


def test_names_are_groups_and_fields():
    names = dict(describe(Settings))
    assert {'model.path', 'sync.tolerance_s', 'max_frame_age_ms', 'qos.image'} <= set(names)


def test_a_misspelt_name_is_an_error_with_the_right_one():
    with pytest.raises(ConfigError, match=r"'model.pth'.*Did you mean 'model.path'"):
        Settings.from_flat({'model.pth': 'nano'})


def test_a_whole_number_is_taken_where_a_fraction_is_possible():
    """`max_frame_age_ms: 500` in a yaml is an integer to ROS."""
    assert Settings.from_flat({'max_frame_age_ms': 500}).max_frame_age_ms == 500.0


@pytest.mark.parametrize(
    ('name', 'value', 'words'),
    [
        ('sync.tolerance_s', -0.1, 'between 0 and 10'),
        ('sync.tolerance_s', float('nan'), 'finite'),
        ('max_frame_age_ms', 'old', 'expected float'),
        ('question.max_chars', 0, 'between 1 and'),
        ('question.max_chars', 1.5, 'expected int'),
        ('answer.with_rationale', 1, 'expected bool'),
        ('depth.noise_model', 'laser', 'one of stereo, tof, none'),
        ('color.transport', 'theora', 'one of raw, compressed'),
        ('color.topic', ' ', 'name a topic'),
        ('model.path', 7, 'expected str'),
    ],
)
def test_a_value_outside_its_range_is_an_error_that_says_the_range(name, value, words):
    with pytest.raises(ConfigError, match=f'{name}.*{words}'):
        Settings.from_flat({name: value})


def test_the_documentation_lists_every_setting():
    file = Path(__file__).parent.parent.parent / 'docs' / 'robot.md'
    text = file.read_text().split('## Parameters')[1]
    for name, described in describe(Settings):
        (row,) = (line for line in text.splitlines() if line.startswith(f'| `{name}` |'))
        default, _, meaning, while_running = (cell.strip() for cell in row.split('|')[2:-1])
        assert described.metadata['description'] in meaning, name
        assert while_running == ('no' if described.metadata['fixed'] else 'yes'), name
        said = {'(empty)': '', 'false': False, 'true': True}.get(default, default)
        assert str(said) == str(described.default) or name == 'cameras', name


def test_all_values_change_or_none():
    settings = Settings()
    with pytest.raises(ConfigError):
        settings.updated({'depth.max_m': 5.0, 'max_frame_age_ms': -1.0})
    assert settings == Settings()
    changed = settings.updated({'depth.max_m': 5.0, 'max_frame_age_ms': 1.0})
    assert (changed.depth.max_m, changed.max_frame_age_ms) == (5.0, 1.0)
    assert changed.model == settings.model
