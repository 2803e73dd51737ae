# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``ssr-ros bag`` and its verbs as a user meets them."""

import argparse
import json
import shlex

import pytest

pytest.importorskip('cv2', reason='measuring needs the extra scene')
pytest.importorskip('rosbags.rosbag2', reason='bags are read through rosbags')

from bag_recorder import Recorder, START_NS, STEP_NS

from ssr_ros import cli
from ssr_ros.commands import bag


def run(*arguments):
    try:
        return cli.main([str(argument) for argument in arguments])
    except SystemExit as exit:
        return exit.code


@pytest.mark.parametrize('verb', bag.VERBS)
def test_the_help_of_each_verb_ends_with_examples_that_parse(capsys, verb):
    assert run('bag', verb, '--help') == 0
    examples = capsys.readouterr().out.partition('example:\n')[2].strip().splitlines()
    assert examples
    for line in examples:
        program, *arguments = shlex.split(line)
        assert (program, *arguments[:2]) == ('ssr-ros', 'bag', verb)
        assert isinstance(cli.make_parser().parse_args(arguments), argparse.Namespace)


def test_json_may_stand_before_or_behind_the_verb():
    for arguments in (['bag', '--json', 'info', 'demo'], ['bag', 'info', 'demo', '--json']):
        assert cli.make_parser().parse_args(arguments).json
    assert not cli.make_parser().parse_args(['bag', 'info', 'demo']).json


def test_info_says_what_the_demo_holds_and_what_can_be_asked(capsys):
    assert run('bag', 'info', 'demo', '--json') == 0
    said = json.loads(capsys.readouterr().out)
    assert said['pairs']['count'] == 10
    assert said['streams'][0]['rate_hz'] == pytest.approx(5.0)
    assert said['view']['size'] == [480, 360]
    assert 'How far is the nearest object?' in said['view']['answered']
    assert run('bag', 'info', 'demo') == 0
    assert '10 pairs of colour and depth' in capsys.readouterr().out


def test_info_counts_gaps_and_images_that_are_alone(tmp_path, capsys):
    with Recorder(tmp_path / 'lossy') as recorder:
        recorder.info('/eye/camera_info', START_NS, latched=True)
        for number in range(12):
            at_ns = START_NS + number * STEP_NS
            if number not in (4, 5):
                recorder.image('/eye/rgb', at_ns)
            if number != 8:
                recorder.image('/eye/depth', at_ns, '16UC1')
    assert run('bag', 'info', tmp_path / 'lossy', '--json') == 0
    said = json.loads(capsys.readouterr().out)
    color, depth = said['streams']
    assert (color['gaps'], color['missing'], depth['missing']) == (1, 2, 1)
    assert color['longest'] == [{'after_s': pytest.approx(0.3), 'length_s': pytest.approx(0.3)}]
    assert said['pairs']['count'] == 9
    assert said['pairs']['unpaired'] == {'/eye/rgb': 1, '/eye/depth': 2}
    assert run('bag', 'info', tmp_path / 'lossy') == 0


def test_info_names_a_recording_that_is_none(tmp_path, capsys):
    assert run('bag', 'info', tmp_path / 'none') == 2
    assert 'there is no such recording' in capsys.readouterr().err
