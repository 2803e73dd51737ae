# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What must hold of the images and of compose, read from their files: nothing is built here."""

from __future__ import annotations

from pathlib import Path
import re
from typing import Any
import xml.etree.ElementTree as ElementTree

import pytest

yaml = pytest.importorskip('yaml', reason='PyYAML is not installed')

ROOT = Path(__file__).resolve().parent.parent
DOCKERFILES = sorted((ROOT / 'docker').glob('Dockerfile*'))
if not DOCKERFILES:
    pytest.skip('only in the source tree', allow_module_level=True)
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / 'docker/compose.yaml').read_text('utf-8'))
# Of ros_core itself, or what it is made of (ros2/variants, rclpy's package.xml).
IN_ROS_CORE = {
    *(
        'action_msgs',
        'builtin_interfaces',
        'diagnostic_msgs',
        'geometry_msgs',
        'launch',
        'launch_ros',
        'lifecycle_msgs',
    ),
    *(
        'rcl_interfaces',
        'rclpy',
        'ros2launch',
        'rosgraph_msgs',
        'rosidl_default_runtime',
        'sensor_msgs',
    ),
    *('std_msgs', 'visualization_msgs', 'python3-numpy', 'python3-yaml'),
}
# For encodings that our own table lacks; it brings all of OpenCV and breaks under NumPy 2.
LEFT_OUT = {'cv_bridge'}
FROM_PIP = {'python3-opencv': 'opencv-python-headless', 'python3-scipy': 'scipy'}


def instructions(path: Path) -> list[tuple[str, str]]:
    """Return (instruction, its words) of a Dockerfile, continued lines joined."""
    text = re.sub(r'^#.*\n', '', path.read_text('utf-8'), flags=re.MULTILINE)
    lines = re.sub(r'\\\n\s*', ' ', text).splitlines()
    return [(line.split()[0], line.partition(' ')[2]) for line in lines if line.strip()]


def values(path: Path, name: str) -> list[str]:
    return [words for instruction, words in instructions(path) if instruction == name]


@pytest.mark.parametrize('path', DOCKERFILES, ids=lambda path: path.name)
def test_an_image_does_not_run_as_root_and_says_how_it_is(path: Path) -> None:
    assert values(path, 'USER') == ['${UID}']
    (health,) = values(path, 'HEALTHCHECK')
    assert 'healthcheck.py' in health
    assert values(path, 'STOPSIGNAL') == ['SIGINT']
    for command in (*values(path, 'CMD'), *values(path, 'ENTRYPOINT')):
        assert command.startswith('['), 'a shell in between would not pass the signal on'


@pytest.mark.parametrize('path', DOCKERFILES, ids=lambda path: path.name)
def test_layers_are_small_and_their_bases_and_versions_are_said(path: Path) -> None:
    for command in values(path, 'RUN'):
        assert ('apt-get update' in command) == ('rm -rf /var/lib/apt/lists/*' in command)
        assert 'apt-get install -y --no-install-recommends' in command or 'apt-get' not in command
        for pip in re.findall(r'pip install ([^&]*)', command):
            assert pip.startswith('--no-cache-dir'), pip
            assert '--requirement' in pip or '--constraint' in pip or '--upgrade' in pip, pip
    stages = {words.partition(' AS ')[2] for words in values(path, 'FROM')}
    for words in values(path, 'FROM'):
        base = words.split()[0]
        assert base in stages or re.search(r':(r[\d.]+|\$\{ROS_DISTRO\}-ros-core)$', base)
    # The package's own code changes most: it comes after all that is downloaded.
    order = [words for name, words in instructions(path) if name in ('COPY', 'RUN')]
    assert order.index('. .') > max(i for i, words in enumerate(order) if 'pip install' in words)


@pytest.mark.parametrize('path', DOCKERFILES, ids=lambda path: path.name)
def test_what_is_copied_is_there_and_not_ignored(path: Path) -> None:
    ignored = (ROOT / '.dockerignore').read_text('utf-8').splitlines()
    for words in values(path, 'COPY'):
        if not words.startswith('--from'):
            for source in words.split()[:-1]:
                assert (ROOT / source).exists(), source
                assert source.split('/')[0] not in ignored
    installed = re.findall(
        r'DIRECTORY ([\w ]+) DEST', (ROOT / 'CMakeLists.txt').read_text('utf-8')
    )
    for name in ('msg', 'srv', 'action', 'scripts', *' '.join(installed).split()):
        assert name not in ignored


@pytest.mark.parametrize('path', DOCKERFILES, ids=lambda path: path.name)
def test_everything_that_package_xml_wants_at_run_time_is_brought(path: Path) -> None:
    package = ElementTree.parse(ROOT / 'package.xml')
    wanted = {e.text or '' for kind in ('depend', 'exec_depend') for e in package.iter(kind)}
    commands = ' '.join(values(path, 'RUN'))
    (name,) = re.findall(r'--requirement requirements/(robot|jetpack6)\.txt', commands)
    from_pip = (ROOT / f'requirements/{name}.txt').read_text('utf-8')
    for key in wanted - IN_ROS_CORE - LEFT_OUT:
        if key in FROM_PIP:
            assert re.search(rf'^{FROM_PIP[key]}\b', from_pip, re.MULTILINE)
        else:
            apt = re.escape(key.replace('_', '-'))
            assert re.search(rf'ros-(humble|\$\{{ROS_DISTRO\}})-{apt}\b', commands), key


def test_images_go_through_shared_memory_of_the_same_user() -> None:
    """In a network and ipc of its own a container sees topics and hears nothing."""
    for name, service in COMPOSE['services'].items():
        assert (service['network_mode'], service['ipc']) == ('host', 'host'), name
        assert service['user'].startswith('${SSR_UID:-')
        assert service['volumes'] == ['${SSR_MODELS:-../models}:/models']
        assert service['profiles'] == [name]
        assert (ROOT / 'docker' / service['build']['context'] / 'package.xml').exists()
        assert (ROOT / service['build']['dockerfile']).exists()


def test_every_service_with_a_gpu_asks_for_it() -> None:
    services = COMPOSE['services']
    (device,) = services['desktop']['deploy']['resources']['reservations']['devices']
    assert device == {'driver': 'nvidia', 'count': 1, 'capabilities': ['gpu']}
    assert {name for name in services if services[name].get('runtime') == 'nvidia'} == {
        'jetson',
        'jetpack6',
    }


def test_what_compose_sets_are_arguments_of_the_image_and_of_the_launch_file() -> None:
    launch = (ROOT / 'launch/ssr.launch.py').read_text('utf-8')
    for service in COMPOSE['services'].values():
        declared = {
            word.split('=')[0] for word in values(ROOT / service['build']['dockerfile'], 'ARG')
        }
        assert set(service['build']['args']) <= declared
        for argument in (word.partition(':=')[0] for word in service['command'] if ':=' in word):
            assert f"'{argument}'" in launch, argument
