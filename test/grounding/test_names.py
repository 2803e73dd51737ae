# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""When a label answers to a name."""

from __future__ import annotations

import pytest

from ssr_ros.scene.names import Fit, fit, plain_name


@pytest.mark.parametrize(
    ('name', 'plain'),
    [
        ('The_Coffee-Mugs ', 'coffee mug'),
        ('grey boxes', 'gray box'),
        ('knives', 'knife'),
        ('a pair of scissors', 'pair of scissors'),
        ('boxes of tissues', 'box of tissues'),
        ('wine glasses', 'wine glass'),
        ('cherries', 'cherry'),
        ('bus', 'bus'),
        ("Rubik's cubes", 'rubiks cube'),
        ('Cheez-It box', 'cheez it box'),
        ('', ''),
        ('!?', ''),
    ],
)
def test_names_have_one_spelling(name, plain):
    assert plain_name(name) == plain


@pytest.mark.parametrize(
    ('asked', 'label', 'expected'),
    [
        ('mustard bottle', 'Mustard_Bottle', Fit.SAME),
        ('mugs', 'mug', Fit.SAME),
        ('tooth brush', 'toothbrush', Fit.SAME),
        ('bottle', 'mustard bottle', Fit.KIND),
        ('mustard bottle', 'bottle', Fit.NONE),
        ('box', 'box of tissues', Fit.KIND),
        ('mug', 'mug tree', Fit.NONE),
        ('blue mug', 'big blue coffee mug', Fit.KIND),
        ('blue mug', 'red mug', Fit.NONE),
        ('mug', 'cup', Fit.SYNONYM),
        ('white mug', 'white cup', Fit.SYNONYM),
        ('white mug', 'cup', Fit.NONE),
        ('couches', 'sofa', Fit.SYNONYM),
        ('people', 'person', Fit.SAME),
        ('fork', 'spoon', Fit.NONE),
        ('can', 'coffee can', Fit.KIND),
        ('', 'spoon', Fit.NONE),
        ('spoon', '', Fit.NONE),
    ],
)
def test_a_label_may_say_more_than_the_name_and_never_less(asked, label, expected):
    assert fit(asked, label) is expected
