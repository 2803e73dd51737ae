# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The layout for Foxglove is one, and shows what the node really sends.

The names of panels and of their settings are those of Foxglove's own exports and of its SDK
(``foxglove.layouts``, foxglove-sdk 0.30.3).
"""

from __future__ import annotations

from collections.abc import Iterator
import json
from pathlib import Path
import re
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
LAYOUT = json.loads((ROOT / 'foxglove' / 'ssr.json').read_text())

PANELS = {
    '3D': {'followTf', 'followMode', 'cameraState', 'scene', 'transforms', 'layers', 'topics'},
    'Image': {'imageMode'},
    'RawMessages': {'topicPath', 'diffEnabled'},
    'Publish': {'topicName', 'datatype', 'value', 'buttonText', 'buttonTooltip', 'advancedView'},
    'CallService': {
        'serviceName',
        'requestPayload',
        'layout',
        'buttonText',
        'editingMode',
        'timeoutSeconds',
    },
    'DiagnosticSummary': {
        'topicToRender',
        'hardwareIdFilter',
        'pinnedIds',
        'sortByLevel',
        'minLevel',
    },
}


def panels(node: Any) -> Iterator[str]:
    """Yield the panels of a layout's tree, from the left."""
    if isinstance(node, str):
        yield node
        return
    assert set(node) == {'direction', 'first', 'second', 'splitPercentage'}
    assert node['direction'] in ('row', 'column') and 0 < node['splitPercentage'] < 100
    yield from panels(node['first'])
    yield from panels(node['second'])


def test_every_panel_is_placed_once_and_is_of_a_kind_that_foxglove_has() -> None:
    assert set(LAYOUT) == {
        'configById',
        'globalVariables',
        'userNodes',
        'playbackConfig',
        'layout',
    }
    placed = list(panels(LAYOUT['layout']))
    assert sorted(placed) == sorted(LAYOUT['configById'])
    for name, config in LAYOUT['configById'].items():
        kind = name.partition('!')[0]
        assert set(config) - {'foxglovePanelTitle'} == PANELS[kind], name


def test_its_topics_and_services_are_the_nodes() -> None:
    offered = (ROOT / 'docs' / 'robot.md').read_text()
    found = re.findall(r'"/ssr/(\w+)', json.dumps(LAYOUT))
    assert {'markers', 'annotated', 'answer', 'objects', 'question', 'ask'} <= set(found)
    assert [name for name in found if f'`~/{name}`' not in offered] == []


def test_what_it_sends_are_messages_of_ours() -> None:
    payload = json.loads(LAYOUT['configById']['CallService!past']['requestPayload'])
    request = (ROOT / 'srv' / 'AskSpatial.srv').read_text().partition('---')[0]
    assert all(re.search(rf'^\w+ {name}$', request, re.M) for name in payload)
    question = LAYOUT['configById']['Publish!question']
    assert question['datatype'] == 'std_msgs/msg/String'
    assert set(json.loads(question['value'])) == {'data'}


def test_it_looks_from_where_rviz_looks() -> None:
    rviz = yaml.safe_load((ROOT / 'rviz' / 'ssr.rviz').read_text())
    fixed = rviz['Visualization Manager']['Global Options']['Fixed Frame']
    assert LAYOUT['configById']['3D!objects']['followTf'] == fixed
