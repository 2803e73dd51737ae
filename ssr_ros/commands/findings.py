# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What ``ssr-ros check`` looks at."""

from __future__ import annotations

from collections.abc import Iterator
import ctypes.util
from dataclasses import dataclass
import importlib
import importlib.metadata
import importlib.util
import os
import shutil
import sys
from types import ModuleType

from ssr_ros import onnx_runtime
from ssr_ros.commands.device import judge, look_at_gpu
from ssr_ros.errors import pip_install, SsrError
from ssr_ros.robot.main import middleware
from ssr_ros.robot.shared_memory import dead_segments, dead_words, lack_of_room

DISTRO = os.environ.get('ROS_DISTRO', 'jazzy')

OLDEST_PYTHON = (3, 10)


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        group: which part of the package it serves.
        name: what was looked for.
        state: 'ok', 'missing' or 'broken'.
        detail: version, or what is wrong.
        cure: what to do about it; empty when it is ok.
        needed: False where everything else works without it.
    """

    group: str
    name: str
    state: str
    detail: str
    cure: str = ''
    needed: bool = True


def collect() -> list[Finding]:
    """Look at everything, the core first."""
    core = _python(), *_packages(), _compiler()
    return [*core, _device(), _presets(), *_ros(), *_optional()]


def _python() -> Finding:
    version = '.'.join(map(str, sys.version_info[:3]))
    if sys.version_info < OLDEST_PYTHON:
        return Finding('all', 'Python', 'broken', version, 'use Python 3.10 or newer')
    return Finding('all', 'Python', 'ok', version)


def _packages() -> Iterator[Finding]:
    yield _package('numpy', 'all', "pip install 'numpy<3'")
    for module in ('cv2', 'scipy'):
        yield _package(module, 'measure', pip_install('scene'))
    yield _package('torch', 'ask', pip_install('model'))
    for module in ('transformers', 'safetensors', 'PIL', 'yaml'):
        yield _package(module, 'ask', pip_install('model'), do_import=False)
    yield _package('rosbags.rosbag2', 'bags', pip_install('bags'))


def _compiler() -> Finding:
    """Compile what is compiled for this processor: a compiler may be there and not work."""
    name, compiler = 'C++ compiler', shutil.which(os.environ.get('CXX', 'c++'))
    cure = (
        'apt install g++; without it measuring is up to 1.2 times slower, the model on a CPU 1.5'
    )
    if compiler is None:
        return Finding('measure', name, 'missing', '', cure, False)
    try:
        from ssr_ros.scene.geometry.passes import passes
    except (ImportError, OSError):
        return Finding('measure', name, 'ok', compiler, '', False)
    if passes() is None:
        return Finding('measure', name, 'broken', 'the log says why', cure, False)
    return Finding('measure', name, 'ok', f'{compiler}, compiles', '', False)


def _package(
    module: str, group: str, cure: str, needed: bool = True, do_import: bool = True
) -> Finding:
    """Look for a Python package; importing it shows a broken one too, but takes longer."""
    name = module.partition('.')[0]
    try:
        if importlib.util.find_spec(name) is None:
            return Finding(group, name, 'missing', '', cure, needed)
        loaded = importlib.import_module(module) if do_import else None
    except (ImportError, OSError, AttributeError) as error:
        # AttributeError: what a package built for NumPy 1 raises under NumPy 2.
        said = str(error).splitlines()[0] if str(error) else type(error).__name__
        return Finding(group, name, 'broken', said, f'install it again: {cure}', needed)
    return Finding(group, name, 'ok', _version(name, loaded), '', needed)


def _version(name: str, loaded: ModuleType | None) -> str:
    version = getattr(loaded, '__version__', None)
    if version is None:
        distributions = importlib.metadata.packages_distributions().get(name, [name])
        try:
            version = importlib.metadata.version(distributions[0])
        except importlib.metadata.PackageNotFoundError:
            version = 'installed'
    return str(version)


def _device() -> Finding:
    try:
        import torch
    except (ImportError, OSError):
        return Finding('ask', 'device', 'missing', 'no torch', pip_install('model'))
    if torch.cuda.is_available():
        try:
            return Finding('ask', 'device', *judge(look_at_gpu(torch), torch.__version__))
        except RuntimeError as error:
            cure = 'look at the driver (nvidia-smi). Until then: model.device:=cpu'
            return Finding('ask', 'device', 'broken', str(error).partition('\n')[0], cure)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, 'sched_getaffinity') else os.cpu_count()
    if shutil.which('nvidia-smi') is None and not os.path.exists('/etc/nv_tegra_release'):
        return Finding('ask', 'device', 'ok', f'CPU, {cores} cores (no NVIDIA driver here)')
    if torch.version.cuda is None:
        why, cure = 'this torch is a CPU build', 'install a CUDA build of torch'
        cure += ' (docs/installing.md names them); in Docker start with --gpus all'
    else:
        why = f'torch for CUDA {torch.version.cuda} sees no device'
        cure = 'compare with nvidia-smi: the driver may be older than that CUDA; in Docker start '
        cure += 'with --gpus all (Jetson: --runtime nvidia)'
    return Finding('ask', 'CUDA', 'broken', f'{why}; CPU is used, {cores} cores', cure, False)


def _presets() -> Finding:
    try:
        from ssr_ros.model.spec import presets
    except (ImportError, OSError, SsrError):
        return Finding('ask', 'presets', 'missing', '', pip_install('model'))
    names = sorted(presets())
    if not names:
        cure = 'the installation lost its data files: install the package again'
        return Finding('ask', 'presets', 'missing', '', cure)
    return Finding('ask', 'presets', 'ok', ', '.join(names))


def _ros() -> Iterator[Finding]:
    source = f'source /opt/ros/{DISTRO}/setup.bash'
    cure = f'{source}, or without ROS, on x86_64: {pip_install("ros")}'
    rclpy = _package('rclpy', 'node', cure)
    if rclpy.state == 'ok':
        rclpy = Finding('node', 'rclpy', 'ok', f'{rclpy.detail}, {middleware()}')
    yield rclpy
    if rclpy.state == 'ok':
        cure = f'apt install ros-{DISTRO}-common-interfaces ros-{DISTRO}-lifecycle-msgs'
    for name in ('sensor_msgs', 'lifecycle_msgs', 'diagnostic_msgs', 'visualization_msgs'):
        yield _package(name, 'node', cure, do_import=False)
    yield _interfaces()
    yield _shared_memory()


def _interfaces() -> Finding:
    """Look whether this package's own messages were generated, and load in this Python."""
    name = 'ssr_ros interfaces'
    cure = (
        'build them: colcon build --packages-select ssr_ros, then source install/setup.bash; '
        'without ROS, ./demo.sh does it'
    )
    try:
        from ssr_ros.srv import AskSpatial
    except ImportError as error:
        return Finding('node', name, 'missing', str(error), cure)
    request = type(AskSpatial.Request)
    request.__import_type_support__()
    if request._TYPE_SUPPORT is None:
        said = 'their libraries do not load (LD_LIBRARY_PATH, or built for another Python)'
        return Finding('node', name, 'broken', said, cure)
    return Finding('node', name, 'ok', 'generated, libraries load')


def _shared_memory() -> Finding:
    """Look whether images between processes have room; without it the most of them are lost."""
    name, lack, dead = 'shared memory', lack_of_room(), dead_segments()
    if lack:
        return Finding('node', name, 'broken', 'too little', lack, needed=False)
    if dead:
        words = f'{len(dead)} dead segments'
        return Finding('node', name, 'broken', words, dead_words(dead), needed=False)
    return Finding('node', name, 'ok', 'room for images, no dead segments', needed=False)


def _optional() -> Iterator[Finding]:
    apt = f'apt install ros-{DISTRO}'
    yield _package('tf2_ros', 'target_frame', f'{apt}-tf2-ros-py', needed=False)
    yield from _providers()
    yield _package('mujoco', 'worlds', pip_install('train'), needed=False)
    yield _gl()
    yield _package('accelerate', 'training', pip_install('train'), False, False)


def _providers() -> Iterator[Finding]:
    """Run one node on each provider that is built in: to be listed is not to work."""
    found = _package('onnxruntime', 'gpu', pip_install('onnx'), needed=False)
    yield found
    if found.state != 'ok':
        return
    import onnxruntime

    there = onnxruntime.get_available_providers()
    for word, name in onnx_runtime.PROVIDERS.items():
        if name not in there:
            continue
        why_not = onnx_runtime.why_not(word)
        cure = 'compare CUDA, cuDNN and TensorRT with what this ONNX Runtime was built for; '
        cure += 'the next provider, or torch, is used instead'
        state = 'broken' if why_not else 'ok'
        words = why_not or 'one node was run'
        yield Finding('gpu', f'ONNX on {word}', state, words, cure if why_not else '', False)


def _gl() -> Finding:
    wanted = os.environ.get('MUJOCO_GL', '').lower()
    found = [name for name in ('OSMesa', 'EGL') if ctypes.util.find_library(name)]
    if found and (not wanted or wanted in (name.lower() for name in found)):
        return Finding('worlds', 'OpenGL', 'ok', ' and '.join(found), '', False)
    cure = 'apt install libosmesa6 (software) or libegl1 (GPU driver); MUJOCO_GL=osmesa or egl'
    return Finding('worlds', 'OpenGL', 'missing', f'MUJOCO_GL={wanted}', cure, False)
