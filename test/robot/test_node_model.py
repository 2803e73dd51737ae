# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The node with the real model: it answers, and a damaged checkpoint is named, not fatal."""

from pathlib import Path
import shutil

import pytest

pytest.importorskip('rclpy', reason='needs ROS 2')
pytest.importorskip('transformers', reason='needs the model extra')
pytest.importorskip('ssr_ros.msg', reason='needs the generated interfaces')

from ros_bench import REAL
from safetensors.torch import load_file, save_file
from ssr_ros.msg import ErrorCode
import torch

import ssr_ros

NANO = Path(ssr_ros.__file__).parent / 'presets' / 'nano'
TENSOR = 'mamba.backbone.norm_f.weight'


def damaged(folder, damage):
    """Copy nano and damage its MIDI; returns the copy."""
    shutil.copytree(NANO, folder)
    file = folder / 'midi' / 'model.safetensors'
    if damage == 'a pickle':
        torch.save(load_file(file), folder / 'midi' / 'pytorch_model.bin')
        file.unlink()
        return folder
    tensors = load_file(file)
    if damage == 'a tensor missing':
        del tensors[TENSOR]
    else:
        tensors[TENSOR] = torch.ones(3)
    save_file(tensors, file, metadata={'format': 'pt'})
    return folder


@pytest.fixture(scope='module')
def robots(ros, tmp_path_factory):
    """One good node and three with damaged checkpoints, started together to save time."""
    folders = {'good': NANO}
    for damage in ('a tensor missing', 'a wrong shape', 'a pickle'):
        folders[damage] = damaged(tmp_path_factory.mktemp('damaged') / 'checkpoint', damage)
    robots = {
        name: ros.start_node(
            f'model.path:={folder}', 'max_frame_age_ms:=0.0', entry=REAL, wait=False
        )
        for name, folder in folders.items()
    }
    yield robots
    for robot in robots.values():
        robot.end()


@pytest.mark.parametrize(
    ('damage', 'words'),
    [
        ('a tensor missing', ['missing', TENSOR]),
        ('a wrong shape', ['wrong shape', TENSOR, '[3]']),
        ('a pickle', ['pickle', 'safetensors']),
    ],
)
def test_a_damaged_checkpoint_is_named_and_the_node_lives(robots, damage, words):
    robot = robots[damage]
    robot.wait_until_known(300)
    assert robot.state() == 'unconfigured'
    reply = robot.ask()
    assert reply.error_code == ErrorCode.MODEL_FAILED
    robot.wait_for_diagnostic('model', 2, words[-1])
    for word in words:
        assert word in reply.error_msg and word in robot.log()
    assert 'Traceback' not in robot.log()


def test_the_real_model_answers_and_reuses_the_frame(robots):
    robot = robots['good']
    robot.wait_until_known(300)
    assert robot.state() == 'active', robot.log()
    question = 'How far is the red object?'
    _, first = robot.show_and_ask(question=question)
    assert first.error_msg == ''
    assert first.answer.work.encoder_calls == 3
    second = robot.ask(question)
    assert second.answer.work.encoder_calls == 0
    assert second.answer.text == first.answer.text
    assert 10 < second.answer.work.mamba_tokens < 100, 'the question and ten <tor>'
    assert second.answer.trained or first.answer.text.startswith('[untrained weights] ')


def test_the_real_model_streams_the_same_text(robots):
    robot = robots['good']
    robot.wait_until_known(300)
    robot.show_and_ask()
    heard = []
    goal = robot.send_goal('What is near?', lambda m: heard.append(m.feedback.text_so_far))
    status, result = robot.goal_result(goal)
    assert status == 'succeeded'
    assert result.answer.text == robot.ask('What is near?').answer.text


def test_the_model_refuses_a_question_of_too_many_tokens(robots):
    robot = robots['good']
    robot.wait_until_known(300)
    robot.show_and_ask()
    reply = robot.ask('zq ' * 330)
    assert reply.error_code == ErrorCode.BAD_QUESTION
    assert 'tokens' in reply.error_msg
    assert robot.ask().error_code == 0
