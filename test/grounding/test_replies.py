# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Everything in a model's reply may be wrong; what is, is counted."""

from __future__ import annotations

from dataclasses import asdict
import json

from hypothesis import given, settings
from hypothesis import strategies as st
import pytest

from ssr_ros.errors import ConfigError
from ssr_ros.grounding.replies import form_of, read_reply

PIXELS, SHARES = form_of('qwen2_5_vl'), form_of('qwen3_vl')


def read(text, phrases=('mug',), form=PIXELS, image=(560, 420), frame=(640, 480)):
    if not isinstance(text, str):
        text = json.dumps(text)
    return read_reply(text, form, phrases, image, frame, 'vlm')


def counted(reply):
    return {name: count for name, count in asdict(reply.counts).items() if count}


def boxes(reply):
    return [(r.phrase, r.box_px) for r in reply.regions if r.found]


def test_a_box_in_pixels_of_the_resized_image_becomes_one_of_the_frame():
    text = '```json\n[\n\t{"bbox_2d": [56, 42, 280, 210], "label": "mug"}\n]\n```'
    reply = read(text)
    assert boxes(reply) == [('mug', (64.0, 48.0, 320.0, 240.0))]
    assert counted(reply) == {'used': 1}
    assert reply.regions[0].source == 'vlm'


def test_a_box_in_thousandths_becomes_one_of_the_frame():
    reply = read([{'bbox_2d': [100, 100, 500, 500], 'label': 'mug'}], form=SHARES)
    assert boxes(reply) == [('mug', (64.0, 48.0, 320.0, 240.0))]


def test_points_are_read_too():
    reply = read([{'point_2d': [280, 210], 'label': 'mug'}])
    assert reply.regions[0].point_px == (320.0, 240.0)


def test_a_single_object_is_a_list_of_one():
    assert boxes(read({'bbox_2d': [56, 42, 280, 210], 'label': 'mugs'}))[0][0] == 'mug'


def test_one_phrase_needs_no_label_and_two_do():
    entry = [{'bbox_2d': [56, 42, 280, 210]}]
    assert len(boxes(read(entry))) == 1
    assert counted(read(entry, phrases=('mug', 'fork'))) == {'broken': 1}


def test_a_label_that_says_more_is_kept_and_another_thing_is_not():
    reply = read(
        [
            {'bbox_2d': [0, 0, 50, 50], 'label': 'white mug'},
            {'bbox_2d': [60, 60, 90, 90], 'label': 'cup'},
            {'bbox_2d': [60, 60, 90, 90], 'label': 'fork'},
        ]
    )
    assert [name for name, _ in boxes(reply)] == ['white mug', 'mug']
    assert counted(reply) == {'used': 2, 'unasked': 1}


def test_nothing_found_denies_what_was_asked():
    reply = read([], phrases=('mug', 'fork'))
    assert reply.readable
    assert [(r.phrase, r.found) for r in reply.regions] == [('mug', False), ('fork', False)]


@pytest.mark.parametrize(
    'text',
    [
        '',
        'I see a mug on the table.',
        'The mug is at 12, 40, 80, 90',
        '[',
        '{"bbox_2d": [1, 2, 3',
        '[' * 100_000,
        '{"a":' * 100_000,
        '<script>alert(1)</script>',
        '[1, 2, 3, 4]',
        '["mug"]',
        'null',
        '[null]',
        '[{"bbox_2d": [NaN, 0, 5, 5], "label": "mug"}]',
        '[{"bbox_2d": [Infinity, 0, 5, 5], "label": "mug"}]',
        '[{"bbox_2d": ["1", "2", "30", "40"], "label": "mug"}]',
        '[{"bbox_2d": [true, false, true, true], "label": "mug"}]',
        '[{"bbox_2d": [1, 2, 30], "label": "mug"}]',
        '[{"bbox_2d": {"x": 1}, "label": "mug"}]',
        f'[{{"bbox_2d": [0, 0, {10**400}, 9], "label": "mug"}}]',
        '[{"bbox_2d": [0, 0, 1e300, 9], "label": "mug"}]',
        '[{"bbox_2d": [0, 0, 50, 50], "label": ["mug"]}]',
    ],
)
def test_what_cannot_be_read_is_broken_and_denies_nothing(text):
    reply = read(text)
    assert not reply.readable
    assert reply.regions == ()
    assert reply.counts.used == 0
    assert reply.counts.broken >= 1


def test_a_reply_that_was_cut_off_keeps_its_whole_entries():
    reply = read('```json\n[{"bbox_2d": [56, 42, 280, 210], "label": "mug"}, {"bbox_2d": [1, 2')
    assert len(boxes(reply)) == 1
    assert counted(reply) == {'used': 1, 'broken': 1}


def test_swapped_corners_are_put_right():
    reply = read([{'bbox_2d': [280, 210, 56, 42], 'label': 'mug'}])
    assert boxes(reply) == [('mug', (64.0, 48.0, 320.0, 240.0))]
    assert counted(reply) == {'used': 1, 'swapped': 1}


def test_boxes_beyond_the_image_are_cut_and_those_outside_are_dropped():
    reply = read(
        [
            {'bbox_2d': [-50, 0, 280, 600], 'label': 'mug'},
            {'bbox_2d': [560, 0, 700, 100], 'label': 'mug'},
            {'bbox_2d': [-90, 0, -10, 100], 'label': 'mug'},
            {'point_2d': [600, 10], 'label': 'mug'},
        ]
    )
    assert boxes(reply) == [('mug', (0.0, 0.0, 320.0, 480.0))]
    assert counted(reply) == {'used': 1, 'outside': 3}


def test_a_box_without_area_is_dropped():
    assert counted(read([{'bbox_2d': [10, 10, 10, 90], 'label': 'mug'}])) == {'empty': 1}
    assert counted(read([{'bbox_2d': [559, 10, 590, 90], 'label': 'mug'}])) == {'empty': 1}


def test_the_same_box_twice_is_one_thing_and_beside_each_other_two():
    reply = read(
        [
            {'bbox_2d': [0, 0, 100, 100], 'label': 'mug'},
            {'bbox_2d': [0, 0, 101, 100], 'label': 'mug'},
            {'bbox_2d': [100, 0, 200, 100], 'label': 'mug'},
        ]
    )
    assert counted(reply) == {'used': 2, 'duplicates': 1}


def test_a_flood_of_boxes_is_counted_and_cut():
    flood = [
        {'bbox_2d': [i % 100 * 5, i // 100 * 4, i % 100 * 5 + 4, i // 100 * 4 + 3], 'label': 'mug'}
        for i in range(10_000)
    ]
    reply = read(flood)
    assert counted(reply) == {'used': 100, 'too_many': 9_900}


def test_a_label_cannot_carry_anything_but_a_name():
    reply = read([{'bbox_2d': [0, 0, 100, 100], 'label': 'x' * 500 + ' mug'}])
    assert [name for name, _ in boxes(reply)] == ['mug']


def test_an_unknown_family_is_refused_with_those_that_are_known():
    with pytest.raises(ConfigError, match='qwen2_5_vl'):
        form_of('gpt')


def test_the_question_names_what_is_looked_for():
    assert 'mustard bottle, mug' in PIXELS.question(['mustard bottle', 'mug'])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(st.sampled_from(['bbox_2d', 'point_2d', 'label', 'x']), inner)
    ),
    max_leaves=30,
)


@settings(max_examples=300, deadline=None)
@given(value=JSON, cut=st.integers(0, 400), noise=st.text(max_size=12))
def test_no_reply_whatever_gives_a_region_outside_the_image(value, cut, noise):
    for text in (json.dumps(value), noise + json.dumps(value)[:cut]):
        for region in read(text, phrases=('mug', 'x')).regions:
            if region.box_px is not None:
                x0, y0, x1, y1 = region.box_px
                assert 0 <= x0 < x1 <= 640
                assert 0 <= y0 < y1 <= 480
