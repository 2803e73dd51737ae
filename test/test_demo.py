# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The demo from end to end: a real node, a real player, in processes of their own."""

import json
import os
from pathlib import Path
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from ssr_ros.commands.demo import DEMO_QUESTIONS, questions_about, who_answers
from ssr_ros.commands.frames import DEMO_BAG
from ssr_ros.demo.environment import demo_environment, FASTDDS_PROFILE, find_shared
from ssr_ros.demo.run import camera_transports
from ssr_ros.rgbd import CameraIntrinsics, RgbdFrame
from ssr_ros.scene import Grounded, measure
from ssr_ros.scene.questions.offered import ways

ROOT = Path(__file__).resolve().parent.parent

for needed in ('torch', 'cv2', 'rosbags'):
    pytest.importorskip(needed, reason='the demo needs the model, OpenCV and rosbags')
try:
    import rclpy  # noqa: F401
    import ssr_ros.srv  # noqa: F401
except ImportError as error:
    pytest.skip(
        f'needs ROS 2 and the generated interfaces ({error}); run ./test.sh',
        allow_module_level=True,
    )

import cv2  # noqa: E402


def start(*arguments):
    """Start the demo as ./demo.sh does."""
    return subprocess.Popen(
        [sys.executable, '-m', 'ssr_ros.cli', 'demo', *map(str, arguments)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process, timeout_s=150):
    """Return what it printed, once it has ended."""
    try:
        return process.communicate(timeout=timeout_s)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGINT)  # its children are its own to stop
        process.wait(30)
        raise


def left_over(process):
    """Return the command lines of processes that still belong to a demo."""
    namespace = f'ssr_demo_{process.pid}'
    found = []
    for path in Path('/proc').glob('[0-9]*/cmdline'):
        try:
            command = path.read_bytes().replace(b'\0', b' ').decode(errors='replace')
        except OSError:
            continue  # it has just ended
        if namespace in command:
            found.append(command)
    return found


@pytest.fixture(scope='module')
def shown(tmp_path_factory):
    """One whole run, looked at by several tests."""
    out = tmp_path_factory.mktemp('demo')
    process = start('--json', '--out', out)
    output, error = finish(process)
    assert process.returncode == 0, error
    return json.loads(output), left_over(process), out


def test_every_question_is_answered_about_a_frame_that_was_played(shown):
    report, _, _ = shown
    assert len(DEMO_QUESTIONS) >= 6
    assert [a['question'] for a in report['answers']] == list(DEMO_QUESTIONS)
    assert report['refused'] == []
    from ssr_ros.bags.read import open_bag

    with open_bag(DEMO_BAG) as bag:
        played = {frame.stamp_ns for frame in bag.frames()}
    assert {a['stamp_ns'] for a in report['answers']} <= played
    for answer in report['answers']:
        assert answer['measured'] and answer['rationale'] is not None
        assert answer['text'] and answer['work']['vlm_tokens'] > 0
        # What a question offers is chosen, and costs no token that is generated.
        written = answer['work']['generated_tokens'] > 0
        assert written == ('ask.decode' in answer['timings_ms'])
        assert written == (not ways(answer['question']))
    assert {bool(ways(question)) for question in DEMO_QUESTIONS} == {True, False}
    # A frame that was asked about before, or measured, is not encoded or measured again.
    stages = {stage for answer in report['answers'] for stage in answer['timings_ms']}
    assert {'encode.image_encoder', 'scene.measure'} <= stages


def test_the_distance_that_was_asked_for_is_that_of_the_pink_pixels(shown):
    """Found here from colour alone, to hold against what the node measured."""
    report, _, _ = shown
    from ssr_ros.bags.read import open_bag

    answer = next(a for a in report['answers'] if a['question'] == 'How far is the pink mug?')
    assert answer['unit'] == 'm' and 0 < answer['sigma'] < 0.02
    with open_bag(DEMO_BAG) as bag:
        frame = next(f for f in bag.frames() if f.stamp_ns == answer['stamp_ns'])
    red, green, blue = np.moveaxis(frame.rgb.astype(int), 2, 0)
    is_pink = (red > green + 40) & (blue > green + 15) & (red > blue + 15) & frame.valid
    ranges_m = np.linalg.norm(frame.points_m()[is_pink], axis=-1)
    assert answer['value'] == pytest.approx(np.percentile(ranges_m, 1), abs=0.015)


def test_things_are_asked_for_by_the_names_that_the_recording_carries(shown):
    report, _, _ = shown
    asked = {answer['question']: answer for answer in report['answers']}
    closest = asked[DEMO_QUESTIONS[0]]
    # In one of the ten frames, which a busy machine may ask about, two things are as near.
    tie = closest['answer'].startswith('I cannot tell which is the nearest one: the purple box')
    assert closest['source'] == ('none' if tie else 'grounded')
    others = [answer['source'] for answer in asked.values() if answer is not closest]
    assert others == ['grounded'] * (len(DEMO_QUESTIONS) - 1)
    answer = asked['How many cylinders are there?']
    assert (answer['value'], answer['unit']) == (2, '')
    assert 'red cylinder' in answer['answer'] and 'blue cylinder' in answer['answer']


def test_the_picture_names_what_was_named_in_its_own_image(tmp_path):
    from ssr_ros.bags.write import write_bag
    from ssr_ros.demo.run import frame_at, names_at
    from ssr_ros.rgbd import CameraIntrinsics, RgbdFrame
    from ssr_ros.scene.grounded import Grounded

    camera = CameraIntrinsics(60.0, 60.0, 31.5, 23.5)
    rgb, depth_m = np.zeros((48, 64, 3), np.uint8), np.ones((48, 64), np.float32)
    frames = [RgbdFrame(rgb, depth_m, camera, stamp_ns, 'eye') for stamp_ns in (10**9, 2 * 10**9)]
    boxes = {10**9: (1, 2, 30, 40), 2 * 10**9: (5, 6, 35, 45)}
    write_bag(
        tmp_path / 'bag',
        frames,
        regions=lambda f: [Grounded('mug', boxes[f.stamp_ns], source='x')],
    )
    assert frame_at(tmp_path / 'bag', 2 * 10**9).stamp_ns == 2 * 10**9
    (mug,) = names_at(tmp_path / 'bag', 2 * 10**9)
    assert (mug.phrase, mug.box_px) == ('mug', (5, 6, 35, 45))
    assert names_at(tmp_path / 'bag', 3) == []
    write_bag(tmp_path / 'nameless', frames)
    assert names_at(tmp_path / 'nameless', 10**9) == []


def test_untrained_weights_are_named_beside_every_answer(shown):
    report, _, _ = shown
    expected = 'trained' if report['trained'] else 'untrained weights'
    assert {answer['weights'] for answer in report['answers']} == {expected}


def test_the_picture_shows_more_than_the_camera_saw(shown):
    report, _, out = shown
    picture = cv2.imread(report['picture'])
    assert Path(report['picture']).parent == out
    assert picture.shape[0] >= 240 and picture.shape[1] >= 320
    assert len(np.unique(picture.reshape(-1, 3), axis=0)) > 1000


def test_no_process_is_left_behind(shown):
    _, left, out = shown
    assert left == []
    assert 'Traceback' not in (out / 'ssr_node.log').read_text()
    assert 'Traceback' not in (out / 'player.log').read_text()


def test_ctrl_c_ends_the_children_too(tmp_path):
    process = start('--out', tmp_path)
    assert 'starting ssr_node' in process.stderr.readline()
    time.sleep(1.5)
    assert left_over(process), 'the children should have been running'
    process.send_signal(signal.SIGINT)
    _, error = finish(process, 30)
    assert process.returncode == 130
    assert 'Traceback' not in error
    assert left_over(process) == []


def test_killing_the_demo_ends_its_children_too(tmp_path):
    """`kill -9`, or a machine short of memory, leaves the demo no time to stop them."""
    process = start('--out', tmp_path)
    give_up = time.monotonic() + 60
    while len(left_over(process)) < 2 and time.monotonic() < give_up:
        time.sleep(0.1)
    assert len(left_over(process)) >= 2, 'the node and the player'
    process.kill()
    process.communicate()
    give_up = time.monotonic() + 30
    while left_over(process) and time.monotonic() < give_up:
        time.sleep(0.1)
    assert left_over(process) == []


def test_a_pair_of_files_goes_the_same_way_and_a_refused_question_is_no_success(tmp_path):
    """The pair's colour, depth and calibration arrive unchanged, stamped with the present."""
    rgb = np.full((120, 160, 3), 150, np.uint8)
    depth_m = np.full((120, 160), 2.0, np.float32)
    rgb[40:80, 50:100] = (210, 20, 20)
    depth_m[40:80, 50:100] = 1.25
    cv2.imwrite(str(tmp_path / 'rgb.png'), rgb[..., ::-1])
    np.save(tmp_path / 'depth.npy', depth_m)
    pair = ['--rgb', tmp_path / 'rgb.png', '--depth', tmp_path / 'depth.npy']
    questions = ['--ask', 'why? ' * 1000, '--ask', 'How far is the mug?']
    questions += ['--named', 'mug=50,40,100,80']
    before_s = time.time()
    process = start(
        *pair, '--intrinsics', '150,150,79.5,59.5', *questions, '--out', tmp_path, '--json'
    )
    output, error = finish(process)
    assert process.returncode == 1, error
    report = json.loads(output)
    assert [refused['error_code'] for refused in report['refused']] == [2]
    assert '5000 characters' in report['refused'][0]['why']
    (answer,) = report['answers']
    assert before_s - 5 < answer['stamp_ns'] / 1e9 < time.time() + 5
    assert answer['value'] == pytest.approx(1.25, abs=0.03)
    assert answer['source'] == 'grounded'
    assert left_over(process) == []


def test_a_model_that_cannot_be_loaded_ends_the_demo_with_the_reason(tmp_path):
    process = start('--model', 'no-such-model', '--out', tmp_path)
    _, error = finish(process)
    assert process.returncode == 2
    assert 'no-such-model: no such checkpoint' in error and 'Traceback' not in error
    assert left_over(process) == []


def scene(colors, boxes=()):
    """Faces before a wall at 2 m, some of them named."""
    rgb = np.full((120, 200, 3), 120, np.uint8)
    depth_m = np.full((120, 200), 2.0, np.float32)
    for number, color in enumerate(colors):
        left = 10 + 45 * number
        rgb[40:80, left : left + 30] = color
        depth_m[40:80, left : left + 30] = 1.0 + number / 10
    facts = measure(RgbdFrame(rgb, depth_m, CameraIntrinsics(150.0, 150.0, 99.5, 59.5)))
    return facts.named(boxes) if boxes else facts


RED, GREEN = (210, 20, 20), (20, 170, 30)


@pytest.mark.parametrize(
    ('facts', 'expected'),
    [
        (lambda: scene([RED, GREEN]), ('red object', 'green object')),
        (lambda: scene([RED, RED, GREEN]), ('nearest red object', 'green object')),
        (
            lambda: scene([RED, RED], [Grounded('mug', (10, 40, 40, 80))]),
            ('mug',),
        ),
        (lambda: scene([]), ()),
    ],
)
def test_of_any_scene_is_asked_what_it_can_answer(facts, expected):
    """By name where there are names, else by colour, and each question has one meaning."""
    asked = questions_about(facts())
    for name in expected:
        assert f'How far is the {name}?' in asked
    if len(expected) == 2:
        one, other = expected
        assert f'How far apart are the {one} and the {other}?' in asked
    if expected:
        answers = [facts().answer(question) for question in asked[: len(expected)]]
        assert all(answer.answered for answer in answers), answers


def test_what_to_make_of_the_model_is_said_before_the_first_answer():
    said = who_answers('nano: mostly wrong', trained=True)
    assert 'mostly wrong' in said and 'act on the answer line' in said
    assert 'noise' in who_answers('random', trained=False)


def test_the_environment_keeps_what_the_user_has_set():
    mine = {'ROS_AUTOMATIC_DISCOVERY_RANGE': 'SUBNET', FASTDDS_PROFILE: '/my.xml', 'PATH': '/bin'}
    environment = demo_environment(mine)
    assert mine.items() <= environment.items()
    assert demo_environment({})['ROS_AUTOMATIC_DISCOVERY_RANGE'] == 'LOCALHOST'
    assert Path(demo_environment({})[FASTDDS_PROFILE]).is_file()


def test_shared_files_are_found_in_an_installed_prefix(tmp_path):
    assert find_shared('no/such.file', {'AMENT_PREFIX_PATH': str(tmp_path)}) is None
    file = tmp_path / 'share/ssr_ros/only/here.txt'
    file.parent.mkdir(parents=True)
    file.write_text('x')
    prefixes = os.pathsep.join(['', '/nowhere', str(tmp_path)])
    assert find_shared('only/here.txt', {'AMENT_PREFIX_PATH': prefixes}) == file


def test_the_node_is_told_how_a_strangers_camera_is_compressed(tmp_path):
    sys.path.insert(0, str(ROOT / 'test' / 'bags'))
    from bag_recorder import Recorder

    name = 'sensor_msgs/msg/CompressedImage'
    color = cv2.imencode('.jpg', np.zeros((3, 4, 3), np.uint8))[1].ravel()
    depth = cv2.imencode('.png', np.ones((3, 4), np.uint16))[1].tobytes()
    depth = np.frombuffer(bytes(12) + depth, np.uint8)
    depth_format = '16UC1; compressedDepth png'
    with Recorder(tmp_path / 'bag') as bag:
        bag.info('/eye/camera_info', 1)
        bag.put('/eye/rgb/compressed', name, 1, format='bgr8; jpeg compressed bgr8', data=color)
        bag.put('/eye/d/compressedDepth', name, 1, format=depth_format, data=depth)
    assert camera_transports(tmp_path / 'bag') == {
        'color.transport': 'compressed',
        'depth.transport': 'compressedDepth',
        'camera_info.images': 'auto',
    }
    assert set(camera_transports(DEMO_BAG).values()) == {'raw'}


def test_a_client_without_a_node_says_what_it_waited_for():
    from ssr_ros.errors import SsrError
    from ssr_ros.robot.client import SsrClient

    namespace = f'/nobody_{os.getpid()}'
    with (
        SsrClient(namespace) as client,
        pytest.raises(SsrError, match=f'no node offers {namespace}/ssr/ask.*ROS_DOMAIN_ID'),
    ):
        client.wait_until_ready(0.3)
