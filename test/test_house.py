# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""House rules that no linter knows: who may import whom, one version, units in every interface."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path
import re
import runpy
import subprocess
import sys
from typing import Any
from unittest import mock
import xml.etree.ElementTree as ElementTree

import pytest

import ssr_ros

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / 'ssr_ros'
OURS = ('benchmarks', 'launch', 'scripts', 'ssr_ros', 'test', 'training')
SOURCES = sorted(
    path
    for path in (ROOT / 'setup.py', *(p for name in OURS for p in (ROOT / name).rglob('*.py')))
    if path.exists()
)
INTERFACES = sorted(
    path for kind in ('msg', 'srv', 'action') for path in (ROOT / kind).glob(f'*.{kind}')
)
# Which rooms a room may import. What is not named (cli, commands, demo) may import all of them.
INWARDS = {
    'rgbd': set(),
    'scene': {'rgbd'},
    'grounding': {'rgbd', 'scene'},
    'model': {'rgbd', 'scene'},
    'engine': {'rgbd', 'scene', 'grounding', 'model'},
    'robot': {'rgbd', 'scene', 'grounding', 'model', 'engine'},
    'bags': {'rgbd', 'scene', 'grounding', 'model', 'engine', 'robot'},
    'evaluation': {'rgbd', 'scene', 'model', 'bags'},
    'replay': {
        'rgbd',
        'scene',
        'grounding',
        'model',
        'engine',
        'robot',
        'bags',
        'evaluation',
        'demo',
    },
}
# They look whether something is installed, and to do so import it.
LOOK_AT_WHAT_IS_INSTALLED = ('commands/findings.py', 'demo/run.py')


def imports(path: Path) -> set[str]:
    """Return the full names of all modules that a file imports, wherever in it."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding='utf-8'))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f'{path}: write imports from the top of the package'
            names |= {f'{node.module}.{alias.name}' for alias in node.names}
    return names


def modules_after(statement: str) -> set[str]:
    """Return the top-level modules that a fresh Python holds after a statement."""
    code = f'{statement}; import sys; print(*{{name.partition(".")[0] for name in sys.modules}})'
    done = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize('room', INWARDS)
def test_rooms_import_inwards_only(room: str) -> None:
    rooms = {path.name for path in PACKAGE.iterdir() if path.is_dir()}
    outwards = rooms - INWARDS[room] - {room, '__pycache__', 'msg', 'srv', 'action'}
    for path in (PACKAGE / room).rglob('*.py'):
        wrong = {
            name
            for name in imports(path)
            if name.split('.')[1:2]
            and name.startswith('ssr_ros.')
            and name.split('.')[1] in outwards
        }
        assert not wrong, f'{path.relative_to(ROOT)} imports {sorted(wrong)}'


def test_geometry_knows_no_words() -> None:
    above = ('ssr_ros.scene.questions', 'ssr_ros.scene.facts', 'ssr_ros.scene.nam')
    for path in (PACKAGE / 'scene' / 'geometry').glob('*.py'):
        wrong = [name for name in imports(path) if name.startswith(above)]
        assert not wrong, f'{path.relative_to(ROOT)} imports {wrong}'


@pytest.mark.parametrize(
    ('folder', 'outside'),
    [
        ('ssr_ros', ('training', 'benchmarks', 'test', 'scripts')),
        ('training', ('benchmarks', 'test', 'scripts', 'ssr_ros.robot')),
        ('benchmarks', ('test', 'scripts', 'ssr_ros.commands')),
    ],
)
def test_nothing_imports_what_stands_outside_of_it(folder: str, outside: tuple[str, ...]) -> None:
    for path in (ROOT / folder).rglob('*.py'):
        wrong = [
            name for name in imports(path) for out in outside if f'{name}.'.startswith(f'{out}.')
        ]
        assert not wrong, f'{path.relative_to(ROOT)} imports {wrong}'


def files_of_ours() -> dict[str, set[str]]:
    """Return module -> modules of ours that it imports when it is itself imported."""
    modules = {
        '.'.join(path.relative_to(ROOT).with_suffix('').parts).removesuffix('.__init__'): path
        for folder in ('ssr_ros', 'training', 'benchmarks')
        for path in (ROOT / folder).rglob('*.py')
    }
    found: dict[str, set[str]] = {}
    for module, path in modules.items():
        named = imports_at_the_top(path)
        found[module] = {
            known
            for name in named
            for known in (name, name.rpartition('.')[0])
            if known in modules and known != module
        }
    return found


def imports_at_the_top(path: Path) -> set[str]:
    """Return what a file imports outside of its functions, and not for types alone."""
    names: set[str] = set()
    for node in ast.parse(path.read_text(encoding='utf-8')).body:
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f'{node.module}.{alias.name}' for alias in node.names}
    return names


def test_no_file_imports_itself_through_others() -> None:
    ahead = files_of_ours()
    while leaves := [module for module, needs in ahead.items() if not needs & set(ahead)]:
        for module in leaves:
            del ahead[module]
    circle = {module for module in ahead if any(module in needs for needs in ahead.values())}
    assert not circle, f'a circle of imports among: {sorted(circle)}'


def test_only_the_robot_room_and_the_bag_player_know_ros() -> None:
    ros = re.compile(r'rclpy|\w+_msgs|tf2_ros|cv_bridge|ssr_ros\.(msg|srv|action)')
    for path in PACKAGE.rglob('*.py'):
        where = path.relative_to(PACKAGE).as_posix()
        if not where.startswith('robot/') and where not in (
            'bags/play.py',
            *LOOK_AT_WHAT_IS_INSTALLED,
        ):
            assert not [name for name in imports(path) if ros.match(name)], where


def test_only_the_model_room_knows_torch() -> None:
    learning = ('torch', 'transformers', 'peft', 'safetensors', 'tokenizers', 'onnxruntime')
    for path in PACKAGE.rglob('*.py'):
        where = path.relative_to(PACKAGE).as_posix()
        if not where.startswith('model/') and where not in LOOK_AT_WHAT_IS_INSTALLED:
            assert not [n for n in imports(path) if n.partition('.')[0] in learning], where


def reached(path: Path) -> set[str]:
    """Return the files of ours that a file imports, directly or through others."""
    found: set[str] = set()
    ahead = [path]
    while ahead:
        for name in imports(ahead.pop()):
            parts = name.split('.')
            for end in range(len(parts), 0, -1):
                module = ROOT.joinpath(*parts[:end])
                file = next(
                    (
                        p
                        for p in (module.with_suffix('.py'), module / '__init__.py')
                        if p.is_file()
                    ),
                    None,
                )
                if file is not None:
                    where = file.relative_to(ROOT).as_posix()
                    if where not in found:
                        found.add(where)
                        ahead.append(file)
                    break
    return found


@pytest.mark.parametrize('stage', ['stage1', 'stage2', 'export'])
def test_the_published_stages_reach_nothing_that_only_small_models_need(stage: str) -> None:
    found = reached(ROOT / f'training/{stage}.py')
    assert 'training/run/failures.py' in found, 'it looks through what others import'
    others = ('training/small/', 'training/worlds/', 'training/curation/', 'benchmarks/')
    assert not [where for where in found if where.startswith(others)]


def test_importing_the_package_loads_nothing_heavy() -> None:
    """`ros2 interface list` imports it too."""
    heavy = {'numpy', 'torch', 'transformers', 'cv2', 'scipy', 'rclpy', 'yaml', 'PIL'}
    assert not heavy & modules_after('import ssr_ros')


def test_frames_need_numpy_alone_and_measuring_needs_no_model() -> None:
    assert not {'torch', 'cv2', 'scipy', 'PIL', 'rclpy'} & modules_after('import ssr_ros.rgbd')
    assert not {'torch', 'transformers', 'rclpy'} & modules_after('import ssr_ros.scene')


def test_the_engine_needs_neither_ros_nor_a_model_to_be_imported() -> None:
    names = ', '.join(f'ssr_ros.engine.{path.stem}' for path in (PACKAGE / 'engine').glob('*.py'))
    assert not {'torch', 'transformers', 'rclpy', 'yaml'} & modules_after(f'import {names}')


def test_scoring_answers_that_were_kept_needs_numpy_alone() -> None:
    heavy = {'torch', 'transformers', 'cv2', 'scipy', 'rclpy', 'yaml'}
    assert not heavy & modules_after('import ssr_ros.evaluation.table')


def setup_arguments() -> dict[str, Any]:
    """Return what setup.py passes to setuptools."""
    with mock.patch('setuptools.setup') as setup:
        runpy.run_path(str(ROOT / 'setup.py'))
    return dict(setup.call_args.kwargs)


def test_one_version_everywhere() -> None:
    changelog = (ROOT / 'CHANGELOG.md').read_text(encoding='utf-8')
    released = re.findall(r'^## \[?(\d+\.\d+\.\d+)', changelog, re.MULTILINE)
    assert released[0] == ssr_ros.__version__
    assert ElementTree.parse(ROOT / 'package.xml').findtext('version') == ssr_ros.__version__
    assert setup_arguments()['version'] == ssr_ros.__version__


def pinned(*names: str) -> dict[str, list[str]]:
    """Return package -> versions in files of requirements/."""
    requirements = pytest.importorskip('packaging.requirements', reason='packaging is missing')
    found: dict[str, list[str]] = {}
    for name in names:
        for line in (ROOT / f'requirements/{name}.txt').read_text(encoding='utf-8').splitlines():
            if line and not line.startswith('#'):
                pin = requirements.Requirement(line)
                version = str(pin.specifier).removeprefix('==')
                found.setdefault(pin.name.replace('_', '-').lower(), []).append(version)
    return found


def test_every_requirement_has_a_tested_version_within_it() -> None:
    requirements = pytest.importorskip('packaging.requirements', reason='packaging is missing')
    arguments = setup_arguments()
    for extra, texts in {'': arguments['install_requires'], **arguments['extras_require']}.items():
        ros = {'ros': ['ros-jazzy']}.get(extra, [extra] if extra.startswith('ros-') else [])
        pins = pinned('constraints', 'torch', *ros)
        for text in texts if extra != 'gpu' else ():
            requirement = requirements.Requirement(text)
            found = pins.get(requirement.name.replace('_', '-').lower(), [])
            assert found, f'{text} has no version in requirements/'
            assert all(requirement.specifier.contains(version) for version in found), (text, found)


def test_every_extra_that_an_error_names_exists() -> None:
    """`pip install '.[...]'` with an unknown extra only warns, and installs nothing."""
    named = {
        call
        for path in SOURCES
        for call in re.findall(r"require_package\('[\w.]+', '(\w+)'\)", path.read_text('utf-8'))
    }
    assert named <= set(setup_arguments()['extras_require'])


def test_the_robots_requirements_are_those_of_measuring_the_model_and_bags() -> None:
    lines = (ROOT / 'requirements/robot.txt').read_text(encoding='utf-8').splitlines()
    extras = setup_arguments()['extras_require']
    names = ('scene', 'model', 'bags')
    wanted = {re.split('[<>=]', text)[0] for name in names for text in extras[name]}
    assert {line for line in lines if re.match(r'\w', line)} | set(pinned('torch')) == wanted
    assert '-c constraints.txt' in lines


def test_the_python_install_carries_everything_that_is_not_python() -> None:
    """A preset that git has and a wheel lacks fails only on the user's machine."""
    arguments = setup_arguments()
    patterns = arguments['package_data']['ssr_ros']
    carried = {path for pattern in patterns for path in PACKAGE.glob(pattern) if path.is_file()}
    other = {p for p in PACKAGE.rglob('*') if p.is_file() and p.suffix not in ('.py', '.pyc')}
    assert {path.name for path in other - carried} <= {'py.typed'}


@pytest.mark.parametrize('path', SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_source_file_is_left_out_of_formatting_or_longer_than_one_sitting(path: Path) -> None:
    text = path.read_text(encoding='utf-8')
    assert not re.search(r'#\s*fmt:', text)
    assert len(text.splitlines()) <= (400 if 'test' not in path.parts else 450)


@pytest.mark.parametrize('path', SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_source_file_has_the_licence_header(path: Path) -> None:
    header = (PACKAGE / '__init__.py').read_text(encoding='utf-8').partition('"""')[0]
    text = path.read_text(encoding='utf-8')
    assert text.removeprefix('#!/usr/bin/env python3\n').startswith(header.rstrip())


@pytest.mark.parametrize('path', INTERFACES, ids=lambda path: path.name)
def test_every_interface_field_has_a_comment_of_its_own(path: Path) -> None:
    before = ''
    for line in path.read_text(encoding='utf-8').splitlines():
        if line and line != '---' and not line.startswith('#'):
            assert '#' in line or before.startswith('# '), f'{path.name}: {line}'
            name = line.split()[1]
            if name.endswith(('_m', '_deg', '_ms', 'ms')):
                unit = f'({name.rpartition("_")[2]})'
                assert unit in before, f'{path.name}: {name} needs its unit {unit} in the comment'
        before = line


def test_no_test_imports_from_a_conftest():
    """Several files have that name: which of them is meant depends on the order of the run."""
    borrowing = [
        str(path.relative_to(ROOT))
        for path in ROOT.joinpath('test').rglob('*.py')
        if re.search(r'^\s*(from|import) conftest\b', path.read_text('utf-8'), re.MULTILINE)
    ]
    assert not borrowing, 'put it into a module of its own'


def test_no_two_test_files_share_a_name() -> None:
    """What pytest imports by its name alone must have one of its own, or it stops there."""
    names = Counter(path.name for path in (ROOT / 'test').rglob('test_*.py'))
    assert [name for name, count in names.items() if count > 1] == []


def test_every_interface_file_is_built() -> None:
    cmake = (ROOT / 'CMakeLists.txt').read_text(encoding='utf-8')
    built = set(re.findall(r'^  ((?:msg|srv|action)/\w+\.\w+)$', cmake, re.MULTILINE))
    assert built == {path.relative_to(ROOT).as_posix() for path in INTERFACES}


def test_package_xml_names_every_ros_package_that_is_imported() -> None:
    root = ElementTree.parse(ROOT / 'package.xml').getroot()
    named = {each.text for each in root if each.tag.endswith('depend')}
    files = [*PACKAGE.glob('robot/*.py'), PACKAGE / 'bags/play.py', *ROOT.glob('launch/*.py')]
    used = {name.partition('.')[0] for path in files for name in imports(path)}
    ros = {
        name for name in used if re.fullmatch(r'rclpy|\w+_msgs|launch\w*|tf2_ros|cv_bridge', name)
    }
    assert ros <= named, f'package.xml lacks {sorted(ros - named)}'
    assert not named & {'torch', 'python3-torch', 'transformers'}, 'pip brings these, as extras'


def flat(tree: dict[str, Any], prefix: str = '') -> dict[str, Any]:
    """Return nested yaml as parameter name -> value."""
    result: dict[str, Any] = {}
    for name, value in tree.items():
        below = (
            flat(value, f'{prefix}{name}.') if isinstance(value, dict) else {prefix + name: value}
        )
        result |= below
    return result


def parameters(path: Path) -> dict[str, Any]:
    """Return the parameters of a ROS parameter file."""
    yaml = pytest.importorskip('yaml', reason='pyyaml is missing')
    return flat(yaml.safe_load(path.read_text(encoding='utf-8'))['/**']['ros__parameters'])


def test_the_parameter_file_lists_every_setting_with_its_default() -> None:
    from ssr_ros import settings
    from ssr_ros.engine.settings import Settings

    defaults = settings.flat(Settings())
    defaults['cameras'] = list(defaults['cameras'])
    assert parameters(ROOT / 'config/ssr.yaml') == defaults


@pytest.mark.parametrize('path', sorted(ROOT.glob('config/cameras/*.yaml')), ids=lambda p: p.stem)
def test_camera_presets_name_all_three_topics_relative_to_the_namespace(path: Path) -> None:
    from ssr_ros.engine.settings import Settings

    names = parameters(path)
    Settings.from_flat(names)  # no misspelt one
    assert {'color.topic', 'depth.topic', 'camera_info.topic'} <= set(names)
    assert not [name for name in names.values() if str(name).startswith('/')]


def test_nothing_names_the_machine_that_it_was_written_on() -> None:
    machine = re.compile(r'(?<![\w.<])/(?:work|home|root)/\w')
    texts = ('.py', '.md', '.txt', '.yaml', '.toml', '.xml', '.sh', '.msg', '.srv', '.action', '')
    tops = [*ROOT.glob('*'), *(p for name in OURS for p in (ROOT / name).rglob('*'))]
    for path in (*tops, *ROOT.glob('config/**/*')):
        hidden = any(part.startswith('.') for part in path.relative_to(ROOT).parts[:-1])
        if path.is_file() and path.suffix in texts and not hidden and path.name != '.git':
            found = machine.search(path.read_text(encoding='utf-8', errors='replace'))
            assert not found, f'{path.relative_to(ROOT)} names {found}'


def test_a_missing_compiler_is_said_with_its_cure() -> None:
    """Before anything is installed, not after minutes of downloads."""
    if not (ROOT / 'scripts/make_env.py').exists():
        pytest.skip('only in the source tree')
    bare = {'PATH': '/nonexistent', 'CC': '', 'CXX': ''}
    command = [sys.executable, str(ROOT / 'scripts/make_env.py')]
    done = subprocess.run(command, env=bare, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert 'gcc' in done.stderr
    assert 'sudo apt install' in done.stderr
