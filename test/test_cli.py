# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The command line as a user meets it: what it prints, and what it says to bad input."""

import argparse
import json
import os
from pathlib import Path
import subprocess
import sys

import numpy as np
import pytest

from ssr_ros import cli
from ssr_ros.commands import findings, show

ROOT = Path(__file__).resolve().parent.parent
INTRINSICS = '--intrinsics=60,60,31.5,23.5'

cv2 = pytest.importorskip('cv2', reason='the verbs read and write images with OpenCV')


@pytest.fixture
def pair(tmp_path):
    """A colour and a depth file of a red box before a wall."""
    rgb = np.full((48, 64, 3), 120, np.uint8)
    rgb[15:35, 20:40] = (200, 20, 20)
    depth_mm = np.full((48, 64), 2000, np.uint16)
    depth_mm[15:35, 20:40] = 1200
    cv2.imwrite(str(tmp_path / 'rgb.png'), rgb[..., ::-1])
    cv2.imwrite(str(tmp_path / 'depth.png'), depth_mm)
    return [str(tmp_path / 'rgb.png'), str(tmp_path / 'depth.png')]


def run(*arguments):
    """Run a verb in this process; return its exit code."""
    try:
        return cli.main([str(argument) for argument in arguments])
    except SystemExit as exit:  # argparse
        return exit.code


def refused(capsys, *arguments):
    """Run a verb that must refuse its input with one line on stderr; return that line."""
    assert run(*arguments) == 2
    error = capsys.readouterr().err
    lines = [line for line in error.splitlines() if not line.startswith('  ')]
    assert len(lines) == 1, error
    assert lines[0].startswith(f'ssr-ros {arguments[0]}: ')
    return lines[0]


def test_depth_in_another_unit_is_said_where_all_is_far_and_read_where_it_is_told(
    pair, capsys, tmp_path
):
    depth = cv2.imread(pair[1], cv2.IMREAD_UNCHANGED)
    cv2.imwrite(pair[1], depth * 10)  # tenths of a millimetre
    measure = ('measure', *pair, INTRINSICS, '--json', '--out', tmp_path / 'out.png')
    assert run(*measure) == 0
    said = capsys.readouterr()
    assert 'nothing is nearer than 12.0 m' in said.err and '--depth-unit' in said.err
    assert run(*measure, '--depth-unit', '0.0001') == 0
    told = capsys.readouterr()
    (box,) = json.loads(told.out)['objects']
    assert told.err == '' and box['distance_m'] == pytest.approx(1.2, abs=0.02)


@pytest.mark.parametrize('verb', cli.VERBS)
def test_the_help_of_each_verb_ends_with_an_example(capsys, verb):
    assert run(verb, '--help') == 0
    assert f'example:\n  ssr-ros {verb}' in capsys.readouterr().out


@pytest.mark.parametrize('verb', cli.VERBS)
def test_the_examples_are_commands_that_parse(verb):
    import shlex

    for line in cli.VERBS[verb].EXAMPLE.replace('\\\n', '').splitlines():
        program, *arguments = shlex.split(line)
        assert program == 'ssr-ros'
        assert isinstance(cli.make_parser().parse_args(arguments), argparse.Namespace)


def test_help_loads_nothing_heavy():
    code = (
        'import sys, ssr_ros.cli as c; c.make_parser(); '
        'print({"numpy", "cv2", "torch", "rclpy", "rosbags"} & set(sys.modules))'
    )
    done = subprocess.run(
        [sys.executable, '-c', code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == 'set()'


def test_measure_prints_a_table_and_draws(capsys, tmp_path, pair):
    picture = tmp_path / 'new' / 'measured.png'
    assert run('measure', *pair, INTRINSICS, '--out', picture, '--ask', 'How far is it?') == 0
    out = capsys.readouterr().out
    assert 'distance' in out and 'question   How far is it?' in out
    assert str(picture) in out
    assert cv2.imread(str(picture)).shape == (48, 64, 3)
    assert max(len(line) for line in out.splitlines()) <= 100 + len(str(picture))


def test_measure_speaks_json(capsys, tmp_path, pair):
    assert run('measure', *pair, INTRINSICS, '--out', tmp_path / 'm.png', '--json') == 0
    report = json.loads(capsys.readouterr().out)
    assert (report['width'], report['height'], report['valid_ratio']) == (64, 48, 1.0)
    assert Path(report['picture']).is_file()


def test_measure_reads_the_shipped_recording(capsys, tmp_path):
    assert (
        run('measure', '--bag', 'demo', '--frame', 1, '--out', tmp_path / 'm.png', '--json') == 0
    )
    report = json.loads(capsys.readouterr().out)
    assert report['stamp_ns'] > 0 and len(report['objects']) >= 4


def test_ask_marks_untrained_weights_beside_every_answer(capsys):
    pytest.importorskip('torch', reason='the model needs torch')
    assert run('ask', '--bag', 'demo', 'How far is it?', 'What is red?', '--json') == 0
    report = json.loads(capsys.readouterr().out)
    assert [a['question'] for a in report['answers']] == ['How far is it?', 'What is red?']
    assert [a['work']['encoder_calls'] for a in report['answers']] == [0, 0]
    expected = 'trained' if report['trained'] else 'untrained weights'
    assert {a['weights'] for a in report['answers']} == {expected}


def test_ask_takes_names_and_leads_with_the_answer_to_act_on(capsys):
    pytest.importorskip('torch', reason='the model needs torch')
    named = ('--named', 'lunch box=100,60,260,200')
    assert run('ask', '--bag', 'demo', *named, 'How far is the lunch box?') == 0
    lines = capsys.readouterr().out.splitlines()
    question = next(n for n, line in enumerate(lines) if line.startswith('  question'))
    assert lines[question + 1].startswith('  answer     The lunch box is ')
    assert '[grounded]' in ''.join(lines[question + 1 : question + 4])
    assert run('ask', '--bag', 'demo', '--named', 'lunch box', 'How far is it?') == 2


def make_answer(**changes):
    fields = {
        'question': 'How far is it?',
        'answer': 'It is 1.20 ± 0.01 m away. (The model says otherwise.)',
        'source': 'measured',
        'text': 'two metres',
        'trained': True,
        'rationale': '',
        'measured': 'It is 1.20 ± 0.01 m away.',
        'evidence': (),
        'value': 1.2,
        'sigma': 0.005,
        'unit': 'm',
        'agreement': 'contradicts',
        'reason': 'it said 2 m',
        'stamp_ns': 1_500_000_000,
        'frame_id': 'eye',
    }
    return show.ShownAnswer(**{**fields, **changes})


def test_untrained_text_never_looks_like_an_answer(capsys):
    show.print_answer(make_answer(trained=False, text='two \x1b[2Jmetres', rationale='because'))
    out = capsys.readouterr().out
    assert out.count('[untrained weights]') == 2
    assert '\x1b' not in out
    show.print_answer(make_answer())
    assert 'untrained' not in capsys.readouterr().out


def test_a_rationale_whose_sentences_have_come_apart_is_not_printed(capsys):
    babble = 'The red bowl is closer.0 m.. is is farther.2 m. m.3 m.. The red bowl is'
    show.print_answer(make_answer(rationale=babble))
    said = capsys.readouterr().out
    assert 'farther.2' not in said
    assert 'left out' in said
    sound = 'The red bowl is 1.10 m away, 3 cm wide. So it is closer. It is 0.5 m high... perhaps.'
    show.print_answer(make_answer(rationale=sound))
    assert '1.10 m away' in capsys.readouterr().out


def test_an_answer_shows_the_measurement_and_its_frame(capsys):
    show.print_answer(make_answer())
    out = capsys.readouterr().out
    assert out.splitlines()[1].startswith('  answer     It is 1.20 ± 0.01 m away.')
    assert '1.20 ± 0.01 m' in out
    assert 'contradicts: it said 2 m' in out
    assert '1.500000000 s in eye' in out


def test_unknown_numbers_are_null_in_json(capsys):
    """Python would write NaN, which other readers of JSON refuse."""
    answer = make_answer(value=float('nan'), timings_ms={'ask': float('inf')}).as_dict()
    show.print_json({'answers': [answer]})
    (read,) = json.loads(capsys.readouterr().out)['answers']
    assert (read['value'], read['timings_ms'], read['waited_ms']) == (None, {'ask': None}, None)


@pytest.mark.parametrize(
    ('arguments', 'words'),
    [
        ([], 'expected a colour and a depth file'),
        (['RGB', 'DEPTH'], 'files carry no calibration'),
        (['RGB', 'DEPTH', '--intrinsics=1,2,3'], 'four numbers'),
        (['RGB', 'DEPTH', '--intrinsics=1,2,3,x'], 'four numbers'),
        (['RGB', 'DEPTH', '--intrinsics=0,60,3,4'], 'focal length must be positive'),
        (['RGB', 'DEPTH', '--intrinsics=nan,60,3,4'], 'finite'),
        (['RGB', 'missing.png', INTRINSICS], 'missing.png: cannot be read'),
        (['RGB', 'RGB', INTRINSICS], '8-bit picture of depth has lost its scale'),
        (['RGB', 'GRAY', INTRINSICS], '8-bit picture of depth has lost its scale'),
        (['RGB', 'SMALL', INTRINSICS], 'colour is 64x48 and depth is 32x24'),
        (['TEXT', 'DEPTH', INTRINSICS], 'not an image'),
        (['RGB', 'DEPTH', INTRINSICS, '--bag', 'demo'], 'not both'),
        (['RGB', 'DEPTH', INTRINSICS, '--depth-unit', '0'], '--depth-unit must be a number'),
        (['--bag', 'demo', '--depth-unit', '0.001'], '--depth-unit is for files'),
        (['--bag', 'nowhere'], 'no such recording'),
        (['--bag', 'TEXT'], 'expected a rosbag2 folder'),
        (['--bag', 'CORRUPT'], 'cannot be read'),
        (['--bag', 'demo', '--frame', '999'], 'there is no frame 999'),
        (['--bag', 'demo', '--frame', '-1'], '--frame must be a number from 0'),
        (['--bag', 'demo', '--tolerance', 'nan'], '--tolerance must be a number from 0 to 10'),
        (['--bag', 'demo', '--tolerance', '-1'], '--tolerance must be a number from 0 to 10'),
        (['--bag', 'demo', '--roll-deg', 'nan'], '--roll-deg must be a number from -180 to 180'),
        (['--bag', 'demo', '--pitch-deg', '91'], '--pitch-deg must be a number from -90 to 90'),
        (['PIPE', 'DEPTH', INTRINSICS], 'a pipe or a device'),
        (['RGB', '/dev/zero', INTRINSICS], 'a pipe or a device'),
        (['RGB', 'NOTHING', INTRINSICS], 'no valid pixel'),
        (['--bag', 'demo', '--depth-topic', '/x'], "no topic '/x'"),
        (['--bag', 'demo', '--depth-topic', '/color/image_raw'], "/color/image_raw ('rgb8')"),
    ],
)
def test_bad_input_gets_one_clear_line(capsys, tmp_path, pair, arguments, words):
    cv2.imwrite(str(tmp_path / 'gray.png'), np.zeros((48, 64), np.uint8))
    cv2.imwrite(str(tmp_path / 'small.png'), np.full((24, 32), 1000, np.uint16))
    (tmp_path / 'text.txt').write_text('hello')
    (tmp_path / 'corrupt.mcap').write_bytes(b'\x89MCAP0\r\n' + bytes(200))
    names = {
        'RGB': pair[0],
        'DEPTH': pair[1],
        'GRAY': tmp_path / 'gray.png',
        'SMALL': tmp_path / 'small.png',
        'TEXT': tmp_path / 'text.txt',
        'CORRUPT': tmp_path / 'corrupt.mcap',
        'PIPE': tmp_path / 'pipe',
        'NOTHING': tmp_path / 'nothing.png',
    }
    os.mkfifo(names['PIPE'])
    cv2.imwrite(str(names['NOTHING']), np.zeros((48, 64), np.uint16))
    arguments = [str(names.get(argument, argument)) for argument in arguments]
    assert words in refused(capsys, 'measure', *arguments)


@pytest.mark.parametrize(
    ('arguments', 'words'),
    [
        (['bag', 'play', 'nowhere'], 'no such recording'),
        (['bag', 'play', 'demo', '--remap', '/a->/b'], 'expected OLD:=NEW'),
        (['bag', 'play', 'demo', '--rate', '0'], 'the rate must be greater than 0'),
        (['bag', 'play', 'demo', '--rate', 'nan'], 'the rate must be greater than 0'),
        (['bag', 'play', 'demo', '--wait', 'nan'], 'the time to wait must be 0 seconds or more'),
        (
            ['bag', 'play', 'demo', '--start-offset', '-1'],
            'the start offset must be 0 seconds or more',
        ),
        (['bag', 'play', 'demo', '--loops', '-1'], 'passes must be 0'),
        (['bag', 'play', 'demo', '--namespace', 'not a name'], 'is not a namespace'),
        (['bag', 'play', 'demo', '--clock', '--restamp'], 'restamped'),
        (['demo', '--timeout', 'nan'], '--timeout must be a number'),
        (['demo', '--rgb', 'a.png'], 'all of --rgb, --depth and --intrinsics'),
        (['demo', '--bag', 'nowhere'], 'no such recording'),
        (
            ['ask', '--bag', 'demo', '--model', 'nothing', 'How far?'],
            'nothing: no such checkpoint',
        ),
        (['ask', '--bag', 'demo', '--device', 'tpu', 'How far?'], 'expected auto, cpu, cuda'),
        (['ask', '--bag', 'demo', ' '], 'empty'),
        (['measure', '--bag', 'demo', '--noise', 'loud'], 'loud'),
        (['measure', '--bag', 'demo', '--out', '/proc/no/picture.png'], 'cannot be written'),
        (['measure', '--bag', 'demo', '--out', 'x.json'], "expected a .png, got 'x.json'"),
    ],
)
def test_bad_options_get_one_clear_line(capsys, tmp_path, monkeypatch, arguments, words):
    monkeypatch.chdir(tmp_path)
    if arguments[0] == 'ask':
        pytest.importorskip('torch', reason='the model needs torch')
    assert words in refused(capsys, *arguments)


def test_json_has_the_error_too(capsys):
    assert run('measure', '--bag', 'nowhere', '--json') == 2
    report = json.loads(capsys.readouterr().out)
    assert report['error'] == 'BagError' and 'nowhere' in report['message']


def test_our_own_mistakes_keep_their_traceback(monkeypatch):
    def crash(options):
        raise ZeroDivisionError

    monkeypatch.setattr(cli.VERBS['check'], 'run', crash)
    with pytest.raises(ZeroDivisionError):
        run('check')


@pytest.mark.skipif(not Path('/dev/full').exists(), reason='this system has no /dev/full')
@pytest.mark.parametrize(
    'verb',
    [['check', '--json'], ['measure', '--json'], ['--help'], ['ask', '--help'], ['--version']],
)
def test_a_full_disk_gets_one_line_and_exit_code_2(verb):
    with open('/dev/full', 'wb') as full:
        command = [sys.executable, '-m', 'ssr_ros.cli', *verb]
        done = subprocess.run(command, cwd=ROOT, stdout=full, stderr=subprocess.PIPE, text=True)
    lines = [line for line in done.stderr.splitlines() if not line.startswith('  ')]
    assert done.returncode == 2
    assert lines[-1] == 'ssr-ros: the output cannot be written: No space left on device'


def test_a_terminal_without_plus_minus_reads_plus_slash_minus(tmp_path):
    arguments = ['measure', '--bag', 'demo', '--out', str(tmp_path / 'out.png')]
    command = [sys.executable, '-m', 'ssr_ros.cli', *arguments]
    environment = {**os.environ, 'PYTHONIOENCODING': 'ascii'}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=True)
    assert b' +/- ' in done.stdout and b'?' not in done.stdout


def test_gravity_can_be_told(capsys, tmp_path):
    arguments = ['measure', '--bag', 'demo', '--out', str(tmp_path / 'out.png'), '--json']
    assert run(*arguments, '--pitch-deg', '30', '--roll-deg', '180') == 0
    gravity = json.loads(capsys.readouterr().out)['gravity']
    assert gravity['source'] == 'given'
    assert gravity['down'] == pytest.approx([0, -0.86603, 0.5], abs=1e-4)


def test_a_reader_that_has_seen_enough_gets_no_traceback(tmp_path):
    """As in `ssr-ros measure ... | head -1`."""
    code = (
        'import sys; from ssr_ros import cli\n'
        'cli.VERBS["check"].run = lambda options: print("x" * 200_000, flush=True) or 0\n'
        'sys.exit(cli.main(["check"]))'
    )
    command = [sys.executable, '-c', code]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as child:
        child.stdout.read(10)
        child.stdout.close()
        assert child.wait(20) == 141
        assert child.stderr.read() == ''


def test_check_says_ready_only_when_everything_needed_is_there(capsys):
    code = run('check', '--json')
    report = json.loads(capsys.readouterr().out)
    needed = [f['state'] for f in report['findings'] if f['needed']]
    assert report['ready'] == all(state == 'ok' for state in needed)
    assert code == (0 if report['ready'] else 1)
    assert all(f['cure'] for f in report['findings'] if f['state'] != 'ok')


def test_check_names_the_cure_of_what_is_missing(capsys, monkeypatch):
    find = findings.importlib.util.find_spec
    monkeypatch.setattr(
        findings.importlib.util,
        'find_spec',
        lambda name, *rest: None if name == 'rosbags' else find(name, *rest),
    )
    assert run('check') == 1
    out = capsys.readouterr().out
    assert "pip install '.[bags]' in the source folder of ssr_ros\n    for rosbags" in out
    assert 'Not ready yet' in out


def test_check_tells_a_broken_package_from_a_missing_one(tmp_path, monkeypatch):
    """Torch without its CUDA libraries is found, and fails only when it is imported."""
    (tmp_path / 'broken_package.py').write_text('raise OSError("libcudart.so.12: not found")')
    monkeypatch.syspath_prepend(tmp_path)
    finding = findings._package('broken_package', 'ask', 'pip install it')
    assert (finding.state, finding.detail) == ('broken', 'libcudart.so.12: not found')


def test_a_path_is_never_cut():
    path = '/tmp/' + 'folder/' * 40 + 'picture.png'
    assert path in show.wrap('picture', f'drawn into {path} just now')


@pytest.mark.skipif('COLUMNS' in os.environ, reason='COLUMNS is set')
def test_paragraphs_fit_the_terminal():
    text = show.wrap('measured', 'word ' * 100)
    assert max(map(len, text.splitlines())) <= 100
    assert all(line.startswith(' ' * 13) for line in text.splitlines()[1:])


@pytest.mark.parametrize('text', ['-1', 'nan', 'yesterday', '3000000000', '1e99'])
def test_a_stamp_that_is_none_is_refused(capsys, text):
    assert 'expected seconds' in refused(capsys, 'ask', 'How far?', '--robot', f'--stamp={text}')


def test_a_stamp_keeps_all_its_digits():
    from ssr_ros.commands.ask_robot import parse_stamp

    assert parse_stamp('1700000000.033333333') == 1_700_000_000_033_333_333
    assert parse_stamp('') == 0


def test_a_node_is_not_asked_about_files(capsys, pair):
    line = refused(capsys, 'ask', 'How far?', '--robot', '--rgb', pair[0])
    assert 'leave --bag, --rgb, --depth out' in line
