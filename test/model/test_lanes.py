# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Streams part and come together in the right order; on a CPU there is one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from model_frames import make_frame
import pytest
import torch

from ssr_ros.model import load_reasoner, Reasoner
from ssr_ros.model.lanes import Lanes

CPU = torch.device('cpu')


class FakeCuda:
    """Stands for torch.cuda and writes down who waits for whom, and what runs where."""

    def __init__(self) -> None:
        self.log: list[str] = []
        self.streams: list[FakeStream] = []
        self.now = FakeStream(self, 'main')

    def Stream(self, device: torch.device) -> FakeStream:
        self.streams.append(FakeStream(self, 'abc'[len(self.streams)]))
        return self.streams[-1]

    def current_stream(self, device: torch.device) -> FakeStream:
        return self.now

    @contextmanager
    def stream(self, stream: FakeStream) -> Iterator[None]:
        before, self.now = self.now, stream
        yield
        self.now = before

    def do(self, what: str) -> str:
        self.log.append(f'{self.now.name}: {what}')
        return what


class FakeStream:
    def __init__(self, cuda: FakeCuda, name: str) -> None:
        self.cuda, self.name = cuda, name

    def wait_stream(self, other: FakeStream) -> None:
        self.cuda.log.append(f'{self.name} waits for {other.name}')


class Noting:
    """Does what another does, and notes in which stream."""

    def __init__(self, cuda: FakeCuda, name: str, other: Any) -> None:
        self._cuda, self._name, self._other = cuda, name, other

    def __call__(self, *given: Any) -> Any:
        self._cuda.do(self._name)
        return self._other(*given)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._other, name)


def test_lanes_part_run_and_come_together() -> None:
    cuda = FakeCuda()
    lanes = Lanes(CPU, 2, cuda)
    lanes.begin()
    assert lanes.run(0, lambda: cuda.do('see')) == 'see'
    lanes.run(1, lambda: cuda.do('feel'))
    lanes.join(0, 1)
    cuda.do('think')
    waits = ['a waits for main', 'b waits for main']
    joined = ['main waits for a', 'main waits for b']
    assert cuda.log == [*waits, 'a: see', 'b: feel', *joined, 'main: think']


def test_the_plain_twin_stays_in_one_stream() -> None:
    cuda = FakeCuda()
    lanes = Lanes(CPU, 2, cuda)
    lanes.apart = False
    lanes.begin(), lanes.run(1, lambda: cuda.do('see')), lanes.join(1)
    assert cuda.log == ['main: see']
    assert not Lanes(CPU, 2).apart, 'nor has a CPU any'


def test_a_frame_is_read_in_three_lanes_and_mamba_waits_for_two(
    reasoner: Reasoner, monkeypatch: pytest.MonkeyPatch
) -> None:
    cuda, frame = FakeCuda(), make_frame(seed=4)
    plain = reasoner.ask(reasoner.encode(frame), 'How far is it?', 6)
    monkeypatch.setattr(reasoner, 'lanes', Lanes(CPU, 3, cuda))
    for owner, name in (
        (reasoner, 'image_encoder'),
        (reasoner, 'depth_encoder'),
        (reasoner, 'frame_pass'),
        (reasoner.vlm, 'read_image'),
    ):
        noting = Noting(cuda, name, getattr(owner, name))
        monkeypatch.setattr(owner, name, noting)
    assert reasoner.ask(reasoner.encode(frame), 'How far is it?', 6).tokens == plain.tokens
    places = {line: number for number, line in enumerate(cuda.log)}
    assert places['c waits for main'] < places['a: image_encoder'] < places['main waits for a']
    assert places['b: depth_encoder'] < places['main waits for b'] < places['main: frame_pass']
    assert places['main: frame_pass'] < places['c: read_image'] < places['main waits for c']
    assert cuda.log.count('c waits for main') == 1, 'it does not wait for Mamba'


@pytest.mark.skipif(not torch.cuda.is_available(), reason='no CUDA device')
def test_streams_and_one_stream_give_the_same_tokens_on_cuda() -> None:
    nano = load_reasoner('nano', device='cuda', dtype='float32')
    assert nano.lanes.apart
    frames = [make_frame(96, 72, seed=seed) for seed in range(5)]
    apart = [nano.ask(nano.encode(frame), 'What is ahead?', 16).tokens for frame in frames]
    nano.lanes.apart = False
    assert [nano.ask(nano.encode(f), 'What is ahead?', 16).tokens for f in frames] == apart
