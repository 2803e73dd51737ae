# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What the stages share: starting up, training, and the command line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
import logging
from pathlib import Path
import sys
from typing import Any

from accelerate import Accelerator, DistributedType
import torch
from torch import distributed
from transformers.utils import logging as transformers_logging

from ssr_ros.errors import SsrError
from ssr_ros.model.spec import CheckpointSpec
from ssr_ros.settings import build as build_settings
from training.data.datasets import Change, sample_sets, SampleSet
from training.data.features import FeatureCache, fingerprint
from training.data.fill import fill
from training.data.frames import EncoderPair, FrameReader
from training.data.lengths import Lengths
from training.models.interpreter import Encoders, Interpreter, save_memory
from training.models.learner import Learner, MidiLearner
from training.run import check
from training.run.batches import Samples
from training.run.exporting import export_midi, Tensors
from training.run.loop import Export, Job, Trainer
from training.run.parts import find_parts, Parts, write_yaml
from training.run.tree import read_settings


@dataclass(frozen=True)
class Stage:
    """What a stage starts with.

    Attributes:
        config: its settings.
        accelerator: of the processes and devices.
        parts: where the models come from.
    """

    config: Any
    accelerator: Accelerator
    parts: Parts

    def interpreter(
        self, encoders: EncoderPair, width: int, encoders_too: bool = False
    ) -> Interpreter:
        """Load MIDI, for a language model of some width, ready to be trained."""
        midi = self.parts.midi(encoders, width)
        if self.config.model.save_memory:
            save_memory(midi)
        lengths = Lengths(self.config.data)
        tokenizer, n_tor = self.parts.tokenizer(), self.parts.spec.n_tor
        return Interpreter(midi, Encoders(encoders, encoders_too), tokenizer, n_tor, lengths)

    def samples(
        self, read: FrameReader, rationales: bool = False, change: Change | None = None
    ) -> tuple[SampleSet, SampleSet | None]:
        """Return what is trained on and what is evaluated on, if anything; see SampleSet."""
        train, val = sample_sets(self.config.data, read, rationales, change)
        workers = self.config.data.workers
        if workers and self.accelerator.device.type == 'cuda' and read.cache and read.encoders:
            for some in filter(None, (train, val)):  # the processes that read have no GPU
                of_frames = (some.rows[index] for index in some.rows.one_of_each_frame)
                fill(read.cache, of_frames, read.encoders, workers)
        return train, val

    @property
    def at_once(self) -> bool:
        """Whether a tower may be gone through in another way than block by block."""
        sharded = self.accelerator.distributed_type == DistributedType.FSDP
        return not sharded and not self.config.model.save_memory

    def feature_cache(self) -> FeatureCache | None:
        """Return the cache of the encoders' features, where one is wanted."""
        data = self.config.data
        if not data.feature_cache:
            return None
        spec = self.parts.spec
        names = fingerprint([spec.folder('image_encoder'), spec.folder('depth_encoder')])
        dtype = str(self.parts.frozen_dtype).removeprefix('torch.')
        # Pictures painted over another range are other pictures.
        limits = ''.join(f'-{limit:g}' for limit in spec.depth_range_m or ())
        return FeatureCache(Path(data.feature_cache), f'{names}-{dtype}{limits}')


@dataclass(frozen=True)
class Plan:
    """What a stage makes of its settings.

    Attributes:
        model: what is trained, and what it is trained with.
        samples: to learn from, and to evaluate on or None.
        export: writes the trained parts, see Job.
        note: about the checkpoint; what it was trained on is put before it.
        spec: the parts of the checkpoint; the trained ones take their places.
    """

    model: Learner
    samples: tuple[Samples, Samples | None]
    export: Export
    note: str
    spec: CheckpointSpec


def plan_midi(
    stage: Stage, model: MidiLearner, samples: tuple[Samples, Samples | None], note: str
) -> Plan:
    """Plan a run whose only new part is its MIDI."""

    def export(folder: Path, tensors: Tensors) -> dict[str, str]:
        return export_midi(stage.parts, model.midi, tensors, folder)

    return Plan(model, samples, export, note, stage.parts.spec)


def train(config: Any, build: Callable[[Stage], Plan]) -> Path:
    """Train, go on with a run that was interrupted, or check what it would take.

    Args:
        config: settings of a stage.
        build: makes a plan of them.

    Returns:
        The newest checkpoint's folder; ``run.output`` itself can be given to ``load_reasoner``
        and be the ``model.start`` of the next stage. With ``run.check`` the report.

    Raises:
        ConfigError: a setting cannot be used, or the output holds a run with other settings.
        CheckpointError: a part cannot be loaded.
        DataError: there is no data, or too much of it is broken.
        TrainingError: the loss is not a number, or a checkpoint cannot be written.
    """
    stage = start(config)
    if config.run.check:
        check.resolve(stage.parts)
    job = _job(config, build(stage))
    if config.run.check:
        return check.check(job, stage.accelerator)
    return Trainer(job, stage.accelerator).run()


def start(config: Any) -> Stage:
    """Set up processes, device and randomness, and find the parts.

    Raises:
        ConfigError: a number is out of its range, or a part is not named.
        CheckpointError: ``model.start`` cannot be read.
    """
    build_settings(type(config), asdict(config))  # whoever made them: the ranges hold
    transformers_logging.disable_progress_bar()
    accelerator = Accelerator()
    if config.model.tf32:
        torch.set_float32_matmul_precision('high')
    torch.manual_seed(config.seed)
    return Stage(config, accelerator, find_parts(config.model, accelerator.device))


def _job(config: Any, plan: Plan) -> Job:
    train_on, val = plan.samples
    note = f'{plan.note}; {len(train_on)} samples'

    def publish(folder: Path, own: dict[str, str]) -> None:
        write_yaml(folder, plan.spec, own, note)

    return Job(config, plan.model, train_on, val, plan.export, publish)


def leave_the_others() -> None:
    """End what several processes talk through, where there are several.

    Its threads, still running when the interpreter ends, abort a process now and then ("terminate
    called without an active exception"), and a launcher takes a finished run for a failed one.
    """
    if distributed.is_available() and distributed.is_initialized():
        distributed.destroy_process_group()


def command_line(kind: type[Any], main: Callable[[Any], Path], about: str | None) -> None:
    """Read settings from the command line and run; an expected error is one line, exit code 2."""
    arguments = sys.argv[1:]
    if not arguments or arguments[0] in ('-h', '--help'):
        print(about)
        raise SystemExit(0 if arguments else 2)
    logging.basicConfig(level=logging.INFO, format='%(asctime)s %(message)s', datefmt='%H:%M:%S')
    try:
        print(main(read_settings(kind, arguments)))
        leave_the_others()
    except SsrError as error:
        print(f'{type(error).__name__}: {error}', file=sys.stderr)
        raise SystemExit(2) from error
