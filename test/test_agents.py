# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""An agent's client calls the tools, as it would on a robot; only the node is made up."""

from __future__ import annotations

import asyncio
import json
import math
from types import SimpleNamespace

import pytest

pytest.importorskip('mcp', reason='agents need the extra mcp')

import mcp

from ssr_ros.commands.agents import make_server

HEADER = SimpleNamespace(frame_id='camera', stamp=SimpleNamespace(sec=12, nanosec=500_000_000))
NOWHERE = SimpleNamespace(x=math.nan, y=math.nan, z=math.nan)


class Node:
    """A client of a node that remembers what it was asked."""

    def __init__(self, error_code=0):
        self.error_code, self.asked, self.when = error_code, [], []

    def ask(self, question, timeout_s, camera='', ago_s=0.0):
        self.asked.append(question)
        self.when.append((camera, ago_s))
        return SimpleNamespace(
            answer='The mug is 1.20 m away.',
            source=2,
            value=1.2,
            sigma=0.01,
            unit='m',
            confidence=0.9,
            target=SimpleNamespace(point=SimpleNamespace(x=0.0, y=0.1, z=1.2)),
            header=HEADER,
            camera='front',
            error_code=self.error_code,
            error_msg='no frame yet',
        )

    def measure(self, timeout_s, question='', camera='', ago_s=0.0):
        self.asked.append(question)
        self.when.append((camera, ago_s))
        mug = SimpleNamespace(
            name='mug',
            label='mug',
            color='red',
            distance_m=1.2,
            distance_sigma_m=math.nan,
            bearing_deg=3.0,
            size=SimpleNamespace(x=0.1, y=0.1, z=0.2),
            center=NOWHERE,
        )
        return SimpleNamespace(
            objects=[mug],
            measured_text='It is 1.20 m away.',
            answered=True,
            measured_value=1.2,
            measured_sigma=math.nan,
            measured_unit='m',
            header=HEADER,
            camera='front',
            error_code=self.error_code,
            error_msg='no frame yet',
        )


def call(node, *calls):
    """Call tools through a client of the protocol; return (is error, content) of each."""

    async def talk():
        async with mcp.Client(make_server(node, 5.0)) as client:
            names = sorted(tool.name for tool in (await client.list_tools()).tools)
            results = [await client.call_tool(name, arguments) for name, arguments in calls]
            return names, results

    names, results = asyncio.run(talk())
    assert names == ['ask', 'can_pass', 'measure', 'objects']
    return [(result.is_error, [part.text for part in result.content]) for result in results]


def test_a_question_comes_back_as_one_answer():
    ((is_error, (text,)),) = call(Node(), ('ask', {'question': 'How far is the mug?'}))
    assert not is_error
    assert json.loads(text) == {
        'answer': 'The mug is 1.20 m away.',
        'source': 'grounded',
        'value': 1.2,
        'sigma': 0.01,
        'unit': 'm',
        'confidence': 0.9,
        'target_m': [0.0, 0.1, 1.2],
        'frame_id': 'camera',
        'stamp_s': 12.5,
        'camera': 'front',
    }


def test_things_are_measured_by_name_pixel_and_box_and_the_way_by_width():
    node = Node()
    results = call(
        node,
        ('measure', {'name': 'the mug'}),
        ('measure', {'pixel': [320, 240]}),
        ('measure', {'box': [1, 2, 30, 40]}),
        ('can_pass', {'width_m': 0.45}),
        ('measure', {}),
        ('can_pass', {'width_m': -1}),
    )
    assert node.asked == [
        'How far is the mug?',
        'How far is pixel (320, 240)?',
        'How far is box (1, 2, 30, 40)?',
        'How far can a 45 cm wide robot drive ahead?',
    ]
    assert [is_error for is_error, _ in results] == [False] * 4 + [True] * 2


def test_a_camera_is_named_and_the_past_is_asked_about():
    node = Node()
    call(
        node,
        ('ask', {'question': 'How far?', 'camera': 'front', 'ago_s': 10}),
        ('measure', {'name': 'mug', 'camera': 'back', 'ago_s': 2.5}),
        ('objects', {'ago_s': 3}),
        ('can_pass', {'width_m': 0.5, 'camera': 'front'}),
    )
    assert node.when == [('front', 10.0), ('back', 2.5), ('', 3.0), ('front', 0.0)]


def test_unknown_numbers_are_null_and_objects_are_listed():
    ((_, (text,)),) = call(Node(), ('objects', {}))
    thing = json.loads(text)
    assert (thing['name'], thing['distance_m'], thing['distance_sigma_m']) == ('mug', 1.2, None)
    assert thing['center_m'] is None


def test_a_node_that_cannot_answer_says_why():
    ((is_error, (text,)),) = call(Node(error_code=10), ('ask', {'question': 'How far?'}))
    assert is_error
    assert 'no frame yet' in text


def test_what_the_tools_ask_is_understood():
    from ssr_ros.scene.questions.parsing import parse
    from ssr_ros.scene.questions.query import Query

    for question in (
        'How far is pixel (320, 240)?',
        'How far is box (1, 2, 30, 40)?',
        'How far can a 45 cm wide robot drive ahead?',
    ):
        query = parse(question)
        assert isinstance(query, Query), question
    assert (query.kind, query.width_m) == ('free', 0.45)
