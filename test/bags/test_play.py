# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Playing recordings at real ROS 2 subscribers."""

import json
import os
import time

import pytest

from ssr_ros.errors import BagError, ConfigError

rclpy = pytest.importorskip('rclpy', reason='playing needs ROS 2; run ./test.sh')

from bag_recorder import make_frames, Recorder, START_NS  # noqa: E402
from rclpy.executors import SingleThreadedExecutor  # noqa: E402
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy  # noqa: E402
from rosgraph_msgs.msg import Clock  # noqa: E402
from sensor_msgs.msg import CameraInfo, CompressedImage, Image  # noqa: E402

from ssr_ros import cli  # noqa: E402
from ssr_ros.bags.play import play, PlayOptions  # noqa: E402
from ssr_ros.bags.write import write_bag  # noqa: E402
from ssr_ros.scene import Grounded  # noqa: E402


class Listener:
    """Subscribes in a namespace of its own, and listens whenever the player asks to go on."""

    def __init__(self):
        os.environ['ROS_AUTOMATIC_DISCOVERY_RANGE'] = 'LOCALHOST'
        self.namespace = f'/play_{os.getpid()}_{time.monotonic_ns()}'
        self.context = rclpy.Context()
        rclpy.init(context=self.context)
        self.node = rclpy.create_node('ear', namespace=self.namespace, context=self.context)
        self.executor = SingleThreadedExecutor(context=self.context)
        self.executor.add_node(self.node)
        self.heard = []

    def listen(self, topic, message_class, reliability=ReliabilityPolicy.RELIABLE):
        qos = QoSProfile(depth=50, reliability=reliability, durability=DurabilityPolicy.VOLATILE)
        self.node.create_subscription(
            message_class, topic, lambda message: self.heard.append((topic, message)), qos
        )

    def play(self, bag, enough=10**9, seconds=20, **options):
        """Play until that many messages were heard; return what was heard by topic."""
        give_up = time.monotonic() + seconds

        def keep_going():
            self.executor.spin_once(timeout_sec=0)
            return len(self.heard) < enough and time.monotonic() < give_up

        options = {'wait_s': 10.0, 'namespace': self.namespace, **options}
        played = play(bag, PlayOptions(**options), keep_going)
        settle = time.monotonic() + 0.3
        while time.monotonic() < settle:
            self.executor.spin_once(timeout_sec=0.05)
        return played

    def close(self):
        self.executor.shutdown()
        self.node.destroy_node()
        rclpy.shutdown(context=self.context)


@pytest.fixture(autouse=True)
def alone(monkeypatch):
    """Have nobody else in the domain: leaving while one learns of others may hang."""
    domain = int(os.environ.get('ROS_DOMAIN_ID', '0'))
    monkeypatch.setenv('ROS_DOMAIN_ID', str(1 + (domain + 11) % 100))


@pytest.fixture
def listener():
    ear = Listener()
    yield ear
    ear.close()


@pytest.fixture
def bag(tmp_path):
    write_bag(tmp_path / 'bag', make_frames(3), color_topic='/head/rgb', depth_topic='/head/depth')
    return tmp_path / 'bag'


def test_a_strangers_camera_arrives_under_the_names_of_the_node(listener, bag):
    for topic, kind in (
        ('color/image_raw', Image),
        ('depth/image_raw', Image),
        ('color/camera_info', CameraInfo),
    ):
        listener.listen(topic, kind)
    assert listener.play(bag, as_camera=True, rate=5.0) == 9
    colors = [m for topic, m in listener.heard if topic == 'color/image_raw']
    written = list(make_frames(3))
    assert [bytes(m.data) for m in colors] == [f.rgb.tobytes() for f in written]
    assert [m.header.stamp.nanosec for m in colors] == [0, 100_000_000, 200_000_000]
    assert len(listener.heard) == 9


def test_what_things_are_called_is_played_with_the_camera_whether_or_not_somebody_listens(
    listener, tmp_path
):
    named = pytest.importorskip('ssr_ros.msg').NamedRegions
    mug = Grounded('mug', (1, 2, 7, 6), 0.5)
    write_bag(tmp_path / 'bag', make_frames(3), regions=lambda frame: [mug])
    for topic, kind in (
        ('color/image_raw', Image),
        ('depth/image_raw', Image),
        ('color/camera_info', CameraInfo),
    ):
        listener.listen(topic, kind)
    assert listener.play(tmp_path / 'bag', as_camera=True, rate=5.0) == 12
    listener.listen('named_regions', named)
    listener.play(tmp_path / 'bag', as_camera=True, rate=5.0)
    heard = [m for topic, m in listener.heard if topic == 'named_regions']
    assert [m.header.stamp.nanosec for m in heard] == [0, 100_000_000, 200_000_000]
    assert heard[0].regions[0].name == 'mug' and heard[0].regions[0].box.width == 6


def test_a_loop_goes_on_with_the_period_of_the_recording(listener, bag):
    listener.listen('rgb', Image)
    listener.play(bag, enough=5, only=['/head/rgb'], remap={'/head/rgb': 'rgb'}, passes=0, rate=4)
    stamps = [m.header.stamp.nanosec // 10**8 for _, m in listener.heard]
    assert stamps[:5] == [0, 1, 2, 0, 1]


def test_restamped_images_of_one_frame_keep_one_stamp(listener, bag):
    listener.listen('color/image_raw', Image)
    listener.listen('depth/image_raw', Image)
    listener.listen('color/camera_info', CameraInfo)
    before = time.time()
    listener.play(bag, as_camera=True, restamp=True, rate=10)
    stamps = {topic: [] for topic in ('color/image_raw', 'depth/image_raw', 'color/camera_info')}
    for topic, message in listener.heard:
        stamps[topic].append(message.header.stamp.sec + message.header.stamp.nanosec / 1e9)
    assert stamps['color/image_raw'] == stamps['depth/image_raw']
    assert all(before - 1 < stamp < time.time() + 1 for stamp in stamps['color/image_raw'])


def test_best_effort_is_offered_only_when_asked_for(listener, bag):
    """A reliable subscriber cannot hear a best-effort publisher."""
    listener.listen('rgb', Image, ReliabilityPolicy.RELIABLE)
    options = {'only': ['/head/rgb'], 'remap': {'/head/rgb': 'rgb'}, 'rate': 10}
    with pytest.raises(BagError, match='nobody subscribed within 1 s'):
        listener.play(bag, best_effort=True, wait_s=1.0, **options)
    assert listener.heard == []
    listener.play(bag, **options)
    assert len(listener.heard) == 3


def test_compressed_topics_keep_their_transport_suffix(listener, tmp_path):
    name = 'sensor_msgs/msg/CompressedImage'
    cv2 = pytest.importorskip('cv2')
    np = pytest.importorskip('numpy')
    png = cv2.imencode('.png', np.zeros((3, 4, 3), np.uint8))[1].ravel()
    depth = cv2.imencode('.png', np.ones((3, 4), np.uint16))[1].tobytes()
    depth = np.frombuffer(bytes(12) + depth, np.uint8)
    with Recorder(tmp_path / 'packed') as recorder:
        recorder.info('/c/camera_info', 1)
        recorder.put('/c/rgb/compressed', name, 1, format='png', data=png)
        recorder.put(
            '/c/d/compressedDepth', name, 1, format='16UC1; compressedDepth png', data=depth
        )
    listener.listen('color/image_raw/compressed', CompressedImage)
    listener.listen('depth/image_raw/compressedDepth', CompressedImage)
    listener.listen('color/camera_info', CameraInfo)
    assert listener.play(tmp_path / 'packed', as_camera=True) == 3
    assert len(listener.heard) == 3


@pytest.mark.parametrize(
    ('options', 'error', 'message'),
    [
        ({'rate': 0.0}, ConfigError, 'greater than 0'),
        ({'rate': float('nan')}, ConfigError, 'greater than 0'),
        ({'only': ['/imu']}, BagError, "no topic '/imu'"),
        ({'remap': {'/imu': '/x'}}, BagError, "no topic '/imu'"),
        ({'remap': {'/head/rgb': 'not a name'}}, ConfigError, 'not a topic name'),
    ],
)
def test_wrong_options_are_named(bag, options, error, message):
    with pytest.raises(error, match=message):
        play(bag, PlayOptions(**options))


def test_a_swap_of_two_names_comes_out_swapped(listener, bag, monkeypatch):
    """The arguments of the command were once read again by rclpy, which swapped them back."""
    swap = {'/head/rgb': 'depth', '/head/depth': 'rgb'}
    names = {old: f'{listener.namespace}/{new}' for old, new in swap.items()}
    remaps = [
        f'{listener.namespace}/{a}:={listener.namespace}/{b}'
        for a, b in (('rgb', 'depth'), ('depth', 'rgb'))
    ]
    monkeypatch.setattr('sys.argv', ['ssr-ros', '--ros-args', '-r', remaps[0], '-r', remaps[1]])
    listener.listen('rgb', Image)
    listener.listen('depth', Image)
    listener.play(bag, only=list(swap), remap=names, rate=10)
    assert {(topic, m.encoding) for topic, m in listener.heard} == {
        ('rgb', '16UC1'),
        ('depth', 'rgb8'),
    }


def test_the_clock_tells_recorded_time(listener, bag):
    """Of every message played, and of the time between."""
    listener.listen('/clock', Clock)
    listener.listen('/head/rgb', Image)  # who listens to nothing but a clock is not waited for
    listener.play(bag, clock=True, rate=0.25)
    clocks = [message.clock for topic, message in listener.heard if topic == '/clock']
    told_ns = [clock.sec * 10**9 + clock.nanosec - START_NS for clock in clocks]
    assert told_ns == sorted(told_ns) and len(set(told_ns)) > 5
    assert 0 <= told_ns[0] < 10**8 and told_ns[-1] == 2 * 10**8


def test_a_start_offset_leaves_out_what_comes_before_it(listener, bag):
    listener.listen('rgb', Image)
    played = listener.play(
        bag, only=['/head/rgb'], remap={'/head/rgb': 'rgb'}, start_s=0.05, rate=10
    )
    assert played == 2
    assert [m.header.stamp.nanosec for _, m in listener.heard] == [10**8, 2 * 10**8]


def test_an_offset_beyond_the_end_is_named(bag):
    with pytest.raises(BagError, match='shorter than the start offset of 9 s'):
        play(bag, PlayOptions(start_s=9.0))


def test_so_many_passes_are_played(listener, bag):
    listener.listen('rgb', Image)
    options = {'only': ['/head/rgb'], 'remap': {'/head/rgb': 'rgb'}, 'rate': 20}
    assert listener.play(bag, passes=3, **options) == 9
    assert [m.header.stamp.nanosec // 10**8 for _, m in listener.heard] == [0, 1, 2] * 3


@pytest.fixture
def latched_bag(tmp_path):
    with Recorder(tmp_path / 'latched') as recorder:
        recorder.info('/c/camera_info', START_NS, latched=True)
        for number in range(3):
            recorder.image('/c/rgb', START_NS + number * 10**8)
    return tmp_path / 'latched'


def test_latched_topics_stay_reliable_and_are_played_whatever_the_offset(listener, latched_bag):
    """Best effort may lose what is never sent again."""
    listener.listen('info', CameraInfo, ReliabilityPolicy.RELIABLE)
    remap = {'/c/camera_info': 'info', '/c/rgb': 'rgb'}
    listener.play(latched_bag, remap=remap, best_effort=True, start_s=0.15, rate=5)
    assert [topic for topic, _ in listener.heard] == ['info']


@pytest.mark.parametrize('form', [[], ['--json']], ids=['text', 'json'])
def test_a_loop_that_is_stopped_says_how_much_it_has_played(bag, form, monkeypatch, capsys):
    """It said 'stopped', and nothing else."""
    monkeypatch.setattr('ssr_ros.bags.play._sleep_until', sleep_until_the_third())
    assert cli.main(['bag', 'play', str(bag), '--loop', '--namespace', '/nobody', *form]) == 130
    said = capsys.readouterr()
    assert 'stopped' in said.err
    if form:
        assert json.loads(said.out)['messages'] == 2
    else:
        assert 'played 2 messages in ' in said.out


def sleep_until_the_third():
    """Return a sleep that Ctrl-C ends before the third message."""
    slept = []

    def sleep(*due):
        slept.append(due)
        if len(slept) == 3:
            raise KeyboardInterrupt

    return sleep
