# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Rows that teach a model to point: asked and answered in the words of the model's room."""

from __future__ import annotations

from safetensors.torch import load_file
from test_places import BOXES, scene_of
from tokenizers import Tokenizer

from ssr_ros.model.spec import presets
from ssr_ros.scene.fields import ALL, answer_in, began_to_say, field_of, NOWHERE, question_for
from training.curation.shards import questions, Recipe


def asked(form, key='a scene'):
    recipe = Recipe(per_frame=99, families=('point',))
    units = questions(scene_of(), key, recipe)
    return [ask for unit in units for ask in unit if ask.form == form]


def test_each_thing_is_asked_for_and_answered_with_the_field_of_its_middle():
    found = {ask.question: ask for ask in asked('one')}
    assert set(found) == {question_for(name) for name in BOXES}
    for name, box in BOXES.items():
        ask = found[question_for(name)]
        assert ask.answer == answer_in(field_of(box)) and ask.subjects == (name,)
        assert ask.rationale().startswith(f'{began_to_say(name)} {field_of(box)} ')
        assert not any(field in ask.rationale(with_answer=False) for field in ALL)


def test_a_shape_means_one_of_its_kind():
    (ask,) = asked('kind')
    (shape,) = ask.subjects
    fitting = {answer_in(field_of(box)) for name, box in BOXES.items() if name.endswith(shape)}
    assert ask.question == question_for(shape) and ask.answer in fitting


def test_each_of_a_kind_has_its_turn():
    mugs = {ask.answer for key in map(str, range(30)) for ask in asked('kind', key)}
    assert mugs == {answer_in(field_of(box)) for box in BOXES.values()}


def test_what_is_not_there_is_nowhere():
    (ask,) = asked('absent')
    assert ask.answer == NOWHERE and ask.subjects[0] not in BOXES
    assert ask.rationale() and not ask.rationale(with_answer=False)


def test_it_is_asked_only_where_it_is_wanted():
    units = questions(scene_of(), 'a scene', Recipe(per_frame=99))
    assert not [ask for unit in units for ask in unit if ask.family == 'point']


def test_what_nano_is_taught_to_answer_are_words_that_its_vlm_has_said():
    """Words that were never said lie in one direction, away from everything: no adapter says them.

    Most of its words are of that kind, so that their mean is that direction.
    """
    vlm = presets()['nano'].parent / 'vlm'
    words = load_file(vlm / 'model.safetensors')['lm_head.weight'].float()
    words /= words.norm(dim=1, keepdim=True)
    unsaid = words.mean(0) / words.mean(0).norm()
    tokenizer = Tokenizer.from_file(str(vlm / 'tokenizer.json'))

    def likeness(text):
        return float((words[tokenizer.encode(text).ids] @ unsaid).max())

    assert likeness('Nowhere.') > 0.99
    assert max(map(likeness, (*map(answer_in, ALL), NOWHERE, 'Yes.'))) < 0.8
