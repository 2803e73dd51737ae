# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""One tree of settings; what cannot be understood is refused with its place."""

import pytest

from ssr_ros.errors import ConfigError
from training.run.settings import Stage1Settings
from training.run.tree import differences, read_settings


def test_the_command_line_overrides_the_file_and_keeps_the_rest_of_a_group(tmp_path):
    recipe = tmp_path / 'recipe.yaml'
    recipe.write_text('optim: {learning_rate: 1e-4, batch: 8}\nrun: {output: here}\n')
    settings = read_settings(Stage1Settings, [str(recipe), 'optim.batch=2', 'data.val=[a, b]'])
    assert settings.optim.batch == 2
    assert settings.optim.learning_rate == 1e-4, 'YAML reads 1e-4 as a word'
    assert settings.optim.epochs == 2.0, "stage 1's own default"
    assert settings.data.val == ('a', 'b')


@pytest.mark.parametrize(
    ('argument', 'says'),
    [
        ('optim.learning_rat=1.0', "Did you mean 'learning_rate'"),
        ('optim.batch=two', 'expected int'),
        ('optim.clip=yes', 'expected float'),
        ('data.train=a.jsonl', 'expected a list'),
        ('model=nano', 'key: value'),
        ('no-such-file.yaml', 'cannot be read'),
    ],
)
def test_a_setting_that_cannot_be_understood_is_named(argument, says):
    with pytest.raises(ConfigError, match=says):
        read_settings(Stage1Settings, [argument])


def test_differences_name_the_key_and_both_values():
    old, new = {'a': {'b': 1, 'c': [1]}, 'd': 2}, {'a': {'b': 3, 'c': (1,)}, 'd': 2}
    assert differences(old, new) == ['a.b: 1 -> 3']
