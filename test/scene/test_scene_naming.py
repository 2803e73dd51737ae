# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Things that somebody pointed at are asked for by name, and nothing else is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ssr_ros.errors import GroundingError
from ssr_ros.rgbd import CameraIntrinsics, RgbdFrame
from ssr_ros.scene import Grounded, measure

# The rendered scene's things, in the order of its ids: where they stand is in conftest.py.
CALLED = ('red mug', 'toolbox', 'coffee can', 'orange', 'red mug')


def box_around(ids, number):
    rows, columns = np.nonzero(ids == number)
    return int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1


def regions(rendered, called=CALLED, source='detections'):
    return [
        Grounded(name, box_around(rendered.ids, number), 0.9, source)
        for number, name in enumerate(called, 1)
        if name
    ]


@pytest.fixture(scope='module')
def named(facts, rendered):
    return facts.named(regions(rendered))


def test_named_things_carry_label_source_and_score_and_are_the_same_objects(facts, named):
    assert [(o.name, o.label) for o in named.objects] == [
        ('red mug 1', 'red mug'),
        ('toolbox', 'toolbox'),
        ('red mug 2', 'red mug'),
        ('coffee can', 'coffee can'),
        ('orange', 'orange'),
    ]
    assert {(o.label_source, o.label_score) for o in named.objects} == {('detections', 0.9)}
    assert [o.box_px for o in named.objects] == [o.box_px for o in facts.objects]
    assert all(o.label == '' for o in facts.objects)


@pytest.mark.parametrize(
    ('question', 'choice'),
    [
        ('Which is closer, the toolbox or the coffee can?', 'toolbox'),
        ('Which is closer, the coffee can or the toolbox?', 'toolbox'),
        ('Which is taller, the orange or the coffee can?', 'coffee can'),
        ('Which is closer: the orange or the toolbox?', 'toolbox'),
        ('Which is wider, the coffee can or the toolbox?', 'toolbox'),
        ('What is the nearest thing to the orange?', 'coffee can'),
        ('What is the closest mug?', 'red mug 1'),
        ('What is the closest cup to the coffee can?', 'red mug 2'),
        ('What is the rightmost red mug?', 'red mug 2'),
        ('Which mug is closer?', 'red mug 1'),
        ('Which mug is the farthest?', 'red mug 2'),
        ('Which of the mugs is to the right?', 'red mug 2'),
        ('Which cup is on the left?', 'red mug 1'),
    ],
)
def test_a_choice_is_made_by_name_in_either_order(named, question, choice):
    answer = named.answer(question)
    assert answer.answered, answer.text
    assert answer.choice == choice


@pytest.mark.parametrize(
    ('question', 'same'),
    [
        ('hows far is the coffee can', 'How far is the coffee can?'),
        ('What distance is it to the coffee can?', 'How far is the coffee can?'),
        ('Point me to the toolbox.', 'Where is the toolbox?'),
        (
            'Is the coffee can farther away than the toolbox?',
            'Is the coffee can farther than the toolbox?',
        ),
        (
            'How many cm separate the orange from the toolbox?',
            'How many cm are between the orange and the toolbox?',
        ),
        ('How far is the can nearest to the orange?', 'How far is the coffee can?'),
    ],
)
def test_what_is_asked_in_other_words_has_the_same_answer(named, question, same):
    answer = named.answer(same)
    assert answer.answered and named.answer(question).text == answer.text


def test_what_is_next_to_something_is_one_thing_and_no_pair(named):
    text = named.answer('How far is the can next to the orange?').text
    assert 'fits "the can next to the orange"' in text


def test_what_a_thing_is_can_be_told_where_somebody_named_it_and_not_otherwise(facts, rendered):
    named = facts.named(regions(rendered, ('', 'blue toolbox', '', '', '')))
    answer = named.answer('What is the blue object?')
    assert (answer.choice, answer.text.partition('.')[0]) == (
        'blue toolbox',
        'The blue object is the blue toolbox',
    )
    nobody = facts.answer('What is red object 2?')
    assert not nobody.answered and nobody.text.startswith('Nobody has named red object 2')


def test_a_colour_in_a_name_is_a_colour(facts, rendered):
    """What is called white is meant by 'the white one', whatever the light makes of it."""
    called = ('white mug', '', 'white bottle', '', '')
    named = facts.named(regions(rendered, called))
    answer = named.answer('How far is the white one?')
    assert not answer.answered
    assert 'white mug' in answer.text and 'white bottle' in answer.text
    assert named.answer('How far is the nearest red thing?').subjects == ('red object 2',)
    only = facts.named(regions(rendered, ('white mug', '', '', '', '')))
    assert only.answer('How far is the white one?').text.startswith('The white mug is')
    assert only.answer('How far is the thing that is white?').text.startswith('The white mug is')


def test_a_name_that_is_nearly_another_is_asked_back_and_never_taken(named):
    answer = named.answer('How far is the cofee can?')
    assert not answer.answered and answer.value is None
    assert 'did you mean "coffee can"?' in answer.text
    assert 'did you mean' not in named.answer('How far is the fork?').text
    assert 'did you mean "mug"?' in named.answer('How far is the mag?').text


def test_what_is_asked_with_no_in_it_is_refused_as_what_is_asked_with_not(named):
    assert 'with "not"' in named.answer('Is there no orange on the floor?').text


@pytest.mark.parametrize(
    ('question', 'value', 'within'),
    [
        ('How far is the coffee can?', 1.79, 0.03),
        ('How tall is the coffee can?', 0.35, 0.02),
        ('How wide is the toolbox?', 0.20, 0.02),
        ('How far apart are the toolbox and the coffee can?', 0.45, 0.02),
        ('How far is the mug left of the toolbox?', 1.09, 0.02),
        ('How far apart are the two mugs?', 0.93, 0.08),
        ('How far apart are the two red mugs?', 0.93, 0.08),
        ('How many mugs are there?', 2, 0),
        ('How many red mugs do you see?', 2, 0),
        ('Is the toolbox closer than the coffee can?', 1, 0),
        ('Is the coffee can closer than the toolbox?', 0, 0),
        ('Is the orange to the left of the toolbox?', 1, 0),
        ('Is the toolbox to the left of the orange?', 0, 0),
        ('Is the coffee can behind the toolbox?', 1, 0),
        ('Does a 20 cm wide robot fit between the toolbox and the orange?', 1, 0),
        ('Does a 90 cm wide robot fit between the toolbox and the orange?', 0, 0),
        ('Will the toolbox fit between the orange and the coffee can?', 1, 0),
        ('Is there a toolbox?', 1, 0),
    ],
)
def test_numbers_are_asked_by_name(named, question, value, within):
    answer = named.answer(question)
    assert answer.answered, answer.text
    assert answer.value == pytest.approx(value, abs=within), answer.text


def test_the_answer_calls_things_by_their_names(named):
    said = named.answer('How far is the coffee can?').text
    assert said.startswith('The coffee can is')
    assert 'taking' not in said.lower()


@pytest.mark.parametrize(
    ('question', 'reason'),
    [
        ('How far is the mug?', 'fits 2 objects: red mug 1'),
        ('Which is taller, the mug or the toolbox?', 'fits 2 objects: red mug 1'),
        ('How far is the fork?', 'detections looked and saw red mug, toolbox'),
        ('Is there a fork?', 'detections looked and saw red mug, toolbox'),
        ('How many forks are there?', 'detections looked and saw red mug, toolbox'),
        ('How far is the blue box?', 'I found no "the blue box"'),
        ('How far is the green mug?', 'I found no "the green mug"'),
        ('Which is closer, the fork or the toolbox?', 'I found no "the fork"'),
        ('Which is closer, the toolbox or the fork?', 'I found no "the fork"'),
        ('How far apart are the two forks?', ''),
    ],
)
def test_what_is_not_known_by_name_is_refused_with_who_looked_and_what_was_seen(
    named, question, reason
):
    answer = named.answer(question)
    assert not answer.answered, answer.text
    assert answer.value is None
    assert reason in answer.text


def test_a_colour_never_overrides_a_denied_name(facts, rendered):
    """Without names, 'the blue box' is taken for the only blue object; nobody denies it."""
    assert facts.answer('How far is the blue box?').answered
    only = facts.named(regions(rendered, ('', '', 'coffee can', '', '')))
    assert not only.answer('How far is the blue box?').answered
    denied = facts.named([Grounded('blue box', source='vlm')])
    answer = denied.answer('How far is the blue box?')
    assert not answer.answered
    assert 'vlm looked and saw nothing' in answer.text


def test_things_without_a_name_are_still_asked_for_by_colour_and_place(facts, rendered):
    some = facts.named(regions(rendered, ('', '', 'coffee can', '', '')))
    for question in ('How far is the blue object?', 'What is the nearest thing?'):
        before, after = facts.answer(question), some.answer(question)
        assert after.answered
        assert (after.value, after.choice) == (before.value, before.choice)


def test_a_name_may_hold_words_that_mean_something_else(facts, rendered):
    names = ('box at the back', 'left shoe', 'coffee can', 'white', 'orange')
    named = facts.named(regions(rendered, names))
    for name in names[:3]:
        thing = next(o for o in named.objects if o.label == name)
        answer = named.answer(f'How far is the {name}?')
        assert answer.value == pytest.approx(thing.distance_m), answer.text
    answer = named.answer('Which is closer, the left shoe or the box at the back?')
    assert answer.choice == 'box at the back'
    assert named.answer('How far are the coffee cans?').subjects == ('coffee can',)


def test_spelling_hyphens_and_apostrophes_of_a_name_do_not_matter(facts, rendered):
    named = facts.named(regions(rendered, ("Rubik's cube", 'Cheez-It box', '', '', '')))
    far = [named.answer(f'How far is the {n}?').value for n in ('rubiks cube', "Rubik's Cube")]
    assert far[0] == far[1] is not None
    far = [named.answer(f'How far is the {n}?').value for n in ('cheez it box', 'Cheez-It box')]
    assert far[0] == far[1] is not None


def test_a_label_is_kept_as_it_was_given(facts, rendered):
    named = facts.named(regions(rendered, ('the Cheez-It box', 'Grey Block', '', '', '')))
    answer = named.answer('Which is closer, the grey block or the cheez it box?')
    assert answer.choice == 'Cheez-It box'
    assert answer.text.startswith('The Cheez-It box is closer than the Grey Block')


def test_what_has_a_plural_only_is_one_thing(facts, rendered):
    named = facts.named(regions(rendered, ('scissors', 'black socks', '', '', '')))
    assert named.answer('How far are the scissors?').value == pytest.approx(1.09, abs=0.02)
    assert named.answer('How far is the black socks?').kind == 'number'


def test_a_fruit_is_no_colour_where_it_is_known(named, facts):
    assert named.answer('How far is the orange?').subjects == ('orange',)
    assert not facts.answer('How far is the orange?').answered


def test_a_synonym_counts_where_nothing_is_called_so(facts, rendered):
    named = facts.named(regions(rendered, ('cup', 'couch', '', '', '')))
    assert named.answer('How far is the mug?').subjects == ('cup',)
    assert named.answer('How far is the sofa?').subjects == ('couch',)
    both = facts.named(regions(rendered, ('cup', 'mug', '', '', '')))
    assert both.answer('How far is the mug?').subjects == ('mug',)


def test_two_sources_that_mean_one_thing_give_it_two_names(facts, rendered):
    box = box_around(rendered.ids, 2)
    named = facts.named(
        [Grounded('suitcase', box, 0.5, 'detections'), Grounded('toolbox', box, 0.9, 'vlm')]
    )
    assert len(named.objects) == len(facts.objects)
    assert named.answer('How far is the toolbox?').subjects == ('suitcase',)
    assert named.answer('How far is the suitcase?').subjects == ('suitcase',)


def test_an_answer_about_a_thing_by_its_other_name_says_that_it_has_both(facts, rendered):
    """A detector called one box a cup and a bowl; "the bowl" was answered with "The cup is"."""
    box = box_around(rendered.ids, 2)
    both = [Grounded('cup', box, 0.6, 'detector'), Grounded('bowl', box, 0.5, 'detector')]
    named = facts.named([*both, *regions(rendered, ('', '', 'coffee can', '', ''))])
    taking = 'Taking "the bowl" to be the cup, which has both names: '
    for question in (
        'How far is the bowl?',
        'Which is closer, the coffee can or the bowl?',
        'What colour is the bowl?',
        'Is the bowl left of the coffee can?',
    ):
        answer = named.answer(question)
        assert answer.answered and answer.text.startswith(taking), answer.text
    for question in ('How far is the cup?', 'How far is the mug?', 'How far is the coffee can?'):
        assert 'both names' not in named.answer(question).text
    pair = named.answer('Which is closer, the cup or the bowl?')
    assert not pair.answered
    assert '"the cup" and "the bowl" are the same object' in pair.text


def test_a_detector_that_says_a_thin_thing_twice_means_it_once():
    """Its two boxes hold other halves of the scissors, and still overlap by more than half."""
    rgb = np.full((120, 160, 3), 120, np.uint8)
    depth_m = np.full((120, 160), 2.0, np.float32)
    depth_m[50:53, 40:100] = 1.0
    depth_m[62:65, 40:100] = 1.3
    facts = measure(RgbdFrame(rgb, depth_m, CameraIntrinsics(150.0, 150.0, 79.5, 59.5)))
    twice = [
        Grounded('scissors', (38, 44, 102, 64), 0.8, 'detector'),
        Grounded('scissors', (38, 50, 102, 70), 0.4, 'detector'),
    ]
    named = facts.named(twice)
    assert [o.name for o in named.objects if o.label] == ['scissors']
    apart = [twice[0], Grounded('scissors', (38, 60, 102, 70), 0.4, 'detector')]
    assert len([o for o in facts.named(apart).objects if o.label]) == 2


def test_a_region_over_unknown_depth_is_named_and_has_no_number(rendered):
    depth_m = rendered.frame.depth_m.copy()
    depth_m[rendered.ids == 2] = np.nan
    x0, y0, x1, y1 = box_around(rendered.ids, 2)
    facts = measure(replace(rendered.frame, depth_m=depth_m), noise='none')
    named = facts.named([Grounded('toolbox', (x0 + 4, y0 + 4, x1 - 4, y1 - 4), 0.9, 'yolo')])
    answer = named.answer('How far is the toolbox?')
    assert not answer.answered
    assert answer.value is None
    assert 'Yolo points at "toolbox"' in answer.text
    assert 'depth is not known' in answer.text


def test_pieces_of_what_was_pointed_at_are_not_told_of_beside_it(rendered, facts):
    x0, y0, x1, y1 = box_around(rendered.ids, 3)
    half = (y0 + y1) // 2
    parts = [Grounded('top', (x0, y0, x1, half)), Grounded('foot', (x0, half, x1, y1))]
    broken = replace(facts.named(parts), names=None)
    assert len(broken.objects) == 6
    named = broken.named([Grounded('lamp', (x0, y0, x1, y1))])
    assert len(named.objects) == 5
    assert named.answer('How tall is the lamp?').value == pytest.approx(0.35, abs=0.02)


def test_regions_of_another_image_and_floods_of_them_are_refused(facts):
    with pytest.raises(GroundingError, match='outside the 320x240 image'):
        facts.named([Grounded('mug', (400, 10, 500, 90))])
    with pytest.raises(GroundingError, match='at most 300'):
        facts.named([Grounded('mug', (10, 10, 50, 90))] * 301)


def test_names_are_part_of_what_is_written_out(named):
    row = named.as_dict()['objects'][0]
    assert (row['name'], row['label'], row['label_source']) == (
        'red mug 1',
        'red mug',
        'detections',
    )
    assert row['label_score'] == 0.9
    assert 'toolbox' in named.table()


def test_a_models_text_is_checked_by_name(named):
    question = 'Which is closer, the toolbox or the coffee can?'
    assert named.check(question, 'The toolbox.').agreement.name == 'AGREES'
    assert named.check(question, 'The coffee can is closer.').agreement.name == 'CONTRADICTS'
