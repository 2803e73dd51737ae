# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A reasoner of a few lines that keeps the real one's contract, and a node process that uses it.

The first words of a question make it misbehave, so that a test in another process can steer it::

    slowly N ...   writes N words, 50 ms each
    out of memory  raises what the real one raises when the device is full
    crash ...      raises an error that nobody foresaw
    die ...        ends the thread
    hang ...       never comes back, as a loop in a library that lets other threads run
    freeze ...     never comes back and lets nobody else run
"""

from dataclasses import dataclass, field
import math
import re
import sys
import time

from ssr_ros.errors import CheckpointError, DeviceError, TensorMismatchError


@dataclass(frozen=True)
class Work:
    encoder_calls: int = 0
    mamba_tokens: int = 0
    vlm_tokens: int = 0
    generated_tokens: int = 0
    fact_tokens: int = 0

    def __add__(self, other):
        mine, theirs = vars(self), vars(other)
        return Work(**{name: mine[name] + theirs[name] for name in mine})


@dataclass(frozen=True, eq=False)
class Encoded:
    mean_depth_m: float
    stamp_ns: int
    frame_id: str
    work: Work = Work(encoder_calls=3, mamba_tokens=1306, vlm_tokens=96)
    timings_ms: dict = field(default_factory=lambda: {'image_encoder': 1.0})


@dataclass(frozen=True)
class FakeAnswer:
    text: str
    rationale: str
    trained: bool
    stamp_ns: int
    frame_id: str
    work: Work
    timings_ms: dict
    likelihood: float = math.nan


class FakeReasoner:
    n_tor = 10
    seer = None
    pointer = None
    likelihood = math.nan

    def __init__(self, trained=True):
        self.trained = trained
        self.description = 'a fake reasoner for tests'
        self.encoded = 0

    def warm_up(self):
        pass

    def release(self):
        self.description = 'released'

    def encode(self, frame, picture=None):
        self.encoded += 1
        self.picture = picture
        depth_m = frame.depth_m[frame.valid]
        return Encoded(float(depth_m.mean()), frame.stamp_ns, frame.frame_id)

    def stream(self, encoded, question, max_new_tokens=128, with_rationale=False, facts=''):
        words = self._words(encoded, question)[:max_new_tokens]
        for number, word in enumerate(words):
            if question.startswith('slowly'):
                time.sleep(0.05)
            yield word if number == 0 else ' ' + word
        tokens = len(question.split())
        told = len(facts.split())
        work = Work(0, tokens + self.n_tor, tokens + self.n_tor + told, len(words), told)
        rationale = 'because it is a fake' if with_rationale else ''
        return FakeAnswer(
            ' '.join(words),
            rationale,
            self.trained,
            encoded.stamp_ns,
            encoded.frame_id,
            work,
            {'decode': 1.0},
            self.likelihood,
        )

    def _words(self, encoded, question):
        if question.startswith('out of memory'):
            raise DeviceError('the device has no memory left (decode): use a smaller dtype')
        if question.startswith('crash'):
            raise ZeroDivisionError('nobody foresaw this')
        if question.startswith('die'):
            raise SystemExit(3)
        if question.startswith('hang'):
            time.sleep(1000)
        if question.startswith('freeze'):
            re.match('(a+)+$', 'a' * 60 + 'b')  # takes longer than the universe is old
        if question.startswith('slowly'):
            return ['word'] * int(question.split()[1])
        return f'about {encoded.mean_depth_m:.2f} metres'.split()


def load_fake(path, **options):
    """Load by name: 'fake', 'fake-untrained', or one of the ways in which loading fails."""
    if path == 'missing-tensor':
        raise TensorMismatchError('model.safetensors', missing=['mamba.backbone.norm_f.weight'])
    if path == 'pickle':
        raise CheckpointError('pytorch_model.bin is a pickle: convert it to safetensors')
    if path == 'slow-to-load':
        time.sleep(100)
    return FakeReasoner(trained=path != 'fake-untrained')


if __name__ == '__main__':
    from ssr_ros.robot.main import main

    sys.exit(main(load=load_fake))
