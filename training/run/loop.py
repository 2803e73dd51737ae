# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The training loop of every stage.

A step is a function of its number: which samples it reads, its learning rate and its random
numbers follow from (settings, step, process). So a run that was stopped goes on exactly as if it
had not been: a checkpoint holds the trained weights, AdamW's moments and the step, nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import asdict, dataclass
import json
import logging
import math
from pathlib import Path
import time
from typing import Any

from accelerate import Accelerator
import torch
from torch import Tensor

from ssr_ros.errors import ConfigError
from training.models.learner import Learner
from training.run import saving, state
from training.run.batches import Batches, Loaded, Samples
from training.run.clock import asked_to_stop, Clock, never
from training.run.failures import TrainingError
from training.run.journal import Journal
from training.run.recorded import RecordedSteps
from training.run.schedule import learning_rate
from training.run.settings import OptimSettings
from training.run.tree import differences, read_yaml, save_settings

FREE_TO_CHANGE = ('run',)
"""Groups of settings that a resumed run may change."""

logger = logging.getLogger(__name__)


Export = Callable[[Path, dict[str, Tensor]], dict[str, str]]


@dataclass(frozen=True)
class Job:
    """What a stage gives the loop.

    Attributes:
        settings: Stage1Settings or a sibling.
        model: what is trained, and what it is trained with.
        train: samples to learn from.
        val: samples to evaluate on, or None.
        export: writes the trained parts into a folder, given all trained tensors by name; returns
            part -> subfolder.
        publish: is given the run's folder and part -> folder in it, of a new checkpoint.
    """

    settings: Any
    model: Learner
    train: Samples
    val: Samples | None
    export: Export
    publish: Callable[[Path, dict[str, str]], None]


class Trainer:
    """Runs a job to its end, or on from its newest checkpoint."""

    def __init__(self, job: Job, accelerator: Accelerator) -> None:
        """Prepare a run.

        Raises:
            ConfigError: the output holds a run with other settings, or no output is named.
            DataError: there is no sample.
        """
        self.job = job
        self.run_settings = job.settings.run
        self.optim: OptimSettings = job.settings.optim
        self.accelerator = accelerator
        if not self.run_settings.output:
            raise ConfigError('run.output: a folder for the results is needed')
        self._clock = Clock(self.optim.minutes, self.optim.until)
        if self._clock.decides and accelerator.num_processes > 1:
            raise ConfigError(
                'optim.minutes and until: several processes have several clocks; use steps'
            )
        if self.optim.recorded:
            self._check_recorded()
        self._batches = Batches(job.settings, job.model, job.train, accelerator)
        self.output = Path(self.run_settings.output)
        self.folder = self.output / 'checkpoints'
        self.steps = self.optim.steps or math.ceil(
            self.optim.epochs * len(job.train) / (self._batches.per_pass * self.optim.accumulate)
        )
        self._check_settings()
        optimizer = torch.optim.AdamW(
            _groups(job.model, {'midi.tor_proj.': self.optim.tor_proj, **job.model.shares}),
            lr=self.optim.learning_rate,
            weight_decay=self.optim.weight_decay,
        )
        self.model, self.optimizer = accelerator.prepare(job.model, optimizer)
        self._recorded = (
            RecordedSteps(job.model, optimizer, self.optim.clip) if self.optim.recorded else None
        )
        self.step_seconds = 0.0

    def _check_recorded(self) -> None:
        model, number = self.job.model, self.accelerator.num_processes
        if number > 1 or self.optim.accumulate > 1 or not model.fills:
            raise ConfigError(
                'optim.recorded: expected one process, accumulate 1 and a stage that trains MIDI '
                f'alone, got {number}, {self.optim.accumulate} and {type(model).__name__}'
            )

    def run(self) -> Path:
        """Train; return the newest checkpoint.

        Raises:
            TrainingError: the loss is not a number, or a checkpoint cannot be written.
            DataError: too many samples are broken.
        """
        start = self._resume()
        recorded = self._recorded.running() if self._recorded else nullcontext()
        alone = self.accelerator.num_processes == 1
        with recorded, asked_to_stop() if alone else nullcontext(never) as asked:
            return self._run(start, asked)

    def _run(self, start: int, asked: Callable[[], bool]) -> Path:
        stop = min(self.run_settings.stop_after or self.steps, self.steps)
        journal = Journal(self.output, start, self.run_settings.tensorboard, self._is_main)
        batches = self._batches.of_steps(start, stop)
        for step in range(start, stop):
            began = time.monotonic()
            learn = self._launch if self._recorded else self._step
            losses = learn(step, batches)
            self.step_seconds = time.monotonic() - began
            done, over = step + 1, self._clock.share() >= 1
            last = over or asked() or step + 1 == stop
            if done % self.run_settings.log_every == 0 or done == start + 1 or last:
                rate = (done - start) * self._batches.per_pass * self.optim.accumulate
                told = {name: float(value) for name, value in losses.items()}
                if not math.isfinite(sum(told.values())):
                    raise TrainingError(f'step {done}: {told}. Lower optim.learning_rate')
                told['samples_per_s'] = rate / self._clock.seconds()
                journal.write('train', done, self.steps, told)
            over = over or done == self.steps
            if last or _due(done, self.run_settings.save_every):
                self._save(
                    done, over
                )  # first: whoever has no time for the losses keeps the weights
            if (over or _due(done, self.run_settings.eval_every)) and self.job.val:
                journal.write('val', done, self.steps, self.evaluate())
            if last:
                break
        journal.close()
        return saving.checkpoints(self.folder)[-1]

    @torch.no_grad()
    def evaluate(self) -> dict[str, float]:
        """Return the mean of each loss over the validation samples."""
        samples = self.job.val
        if samples is None:
            return {}
        self.model.eval()
        number = min(len(samples), self.run_settings.eval_samples)
        mine = list(range(self.accelerator.process_index, number, self.accelerator.num_processes))
        size = self.optim.batch
        # As many batches on every process, if need be empty ones: they run in step.
        passes = range(math.ceil(number / self._batches.per_pass))
        chunks = [mine[i * size : (i + 1) * size] for i in passes]
        totals: dict[str, Tensor] = {}
        for loaded in self._batches.load(samples, chunks):
            self._count_broken(samples, loaded)
            for name, losses in self.model(loaded.batch).items():
                labels = self.job.model.labels(loaded.batch)[name]
                pair = torch.stack([losses.sum(), losses.new_tensor(labels)])
                totals[name] = totals.get(name, 0) + pair
        sums = {name: self.accelerator.reduce(pair, 'sum') for name, pair in totals.items()}
        return {name: float(pair[0] / pair[1]) for name, pair in sums.items()}

    def _step(self, step: int, batches: Iterator[Loaded]) -> dict[str, float]:
        self.model.train()
        passes = [next(batches) for _ in range(self.optim.accumulate)]
        self._clock.start()  # not while processes start to read
        # For dropout: a step draws the same numbers whenever it runs. After the reading, because a
        # DataLoader that starts draws a number too.
        torch.manual_seed(hash((self.job.settings.seed, step, self.accelerator.process_index)))
        for loaded in passes:
            self._count_broken(self.job.train, loaded)
        counts = self._total([self.job.model.labels(loaded.batch) for loaded in passes])
        sums: list[dict[str, float]] = []
        for number, loaded in enumerate(passes):
            last = number == len(passes) - 1
            with nullcontext() if last else self.accelerator.no_sync(self.model):
                # Processes average their gradients; the sum over all is wanted.
                parts = {
                    name: losses.sum() / max(counts[name], 1) * self.accelerator.num_processes
                    for name, losses in self.model(loaded.batch).items()
                }
                weights = self.job.model.weights
                loss = torch.stack([weights.get(name, 1.0) * parts[name] for name in parts]).sum()
                self._check_finite(float(loss.detach()), 'loss', step, [loaded])
                self.accelerator.backward(loss)
            sums.append({name: float(value.detach()) for name, value in parts.items()})
        norm = self._clip(step, passes)
        rate = learning_rate(max(step, self._clock.share() * self.steps), self.steps, self.optim)
        for group in self.optimizer.param_groups:
            group['lr'] = rate * group.get('share', 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad()
        means = {name: sum(part[name] for part in sums) for name in sums[0]}
        return {**self._over_processes(means), 'gradient_norm': norm, 'learning_rate': rate}

    def _launch(self, step: int, batches: Iterator[Loaded]) -> dict[str, Any]:
        """Make a step without waiting for the device."""
        loaded = next(batches)
        self._clock.start()
        self._count_broken(self.job.train, loaded)
        rate = learning_rate(max(step, self._clock.share() * self.steps), self.steps, self.optim)
        groups = self.optimizer.param_groups
        rates = [rate * group.get('share', 1.0) for group in groups]
        if self._recorded is None:
            raise TypeError('nothing is recorded')
        told = self._recorded(loaded.batch, loaded.counts, rates)
        return {**told, 'learning_rate': rate}

    def _over_processes(self, means: dict[str, float]) -> dict[str, float]:
        values = torch.tensor(list(means.values()), device=self.accelerator.device)
        values = self.accelerator.reduce(values, 'mean')
        return dict(zip(means, values.tolist(), strict=True))

    def _clip(self, step: int, passes: list[Loaded]) -> float:
        trained = [p for p in self.model.parameters() if p.requires_grad]
        norm = self.accelerator.clip_grad_norm_(trained, self.optim.clip or math.inf)
        self._check_finite(float(norm), 'norm of the gradient', step, passes)
        return float(norm)

    def _check_finite(self, value: float, what: str, step: int, passes: list[Loaded]) -> None:
        if math.isfinite(value):
            return
        kept = saving.checkpoints(self.folder)
        names = '\n  '.join(name for loaded in passes for name in loaded.names)
        raise TrainingError(
            f'step {step + 1}: the {what} is {value}. The batch:\n  {names}\n'
            f'The last good checkpoint is {kept[-1] if kept else "none yet"}. '
            'Look at these samples, or lower optim.learning_rate'
        )

    @staticmethod
    def _count_broken(samples: Samples, loaded: Loaded) -> None:
        for broken in loaded.broken:
            samples.broken.add(broken.where, broken.why)

    def _total(self, counts: list[dict[str, int]]) -> dict[str, float]:
        names = list(counts[0])
        totals = torch.tensor([float(sum(count[name] for count in counts)) for name in names])
        totals = self.accelerator.reduce(totals.to(self.accelerator.device), 'sum')
        return dict(zip(names, totals.tolist(), strict=True))

    @property
    def _is_main(self) -> bool:
        return bool(self.accelerator.is_main_process)

    def _check_settings(self) -> None:
        path = self.output / 'settings.yaml'
        if path.is_file() and saving.checkpoints(self.folder):
            old = read_yaml(path)
            new = asdict(self.job.settings)
            changed = differences(
                {k: v for k, v in old.items() if k not in FREE_TO_CHANGE},
                {k: v for k, v in new.items() if k not in FREE_TO_CHANGE},
            )
            if changed:
                raise ConfigError(
                    f'{self.output} holds a run with other settings, which cannot be gone on '
                    f'with:\n  {chr(10).join(changed)}\nName another run.output, or use the same'
                )
        if self._is_main:
            self.output.mkdir(parents=True, exist_ok=True)
            save_settings(self.job.settings, path)

    def _facts(self, step: int) -> dict[str, Any]:
        processes = self.accelerator.num_processes
        return {'step': step, 'processes': processes, 'samples': len(self.job.train)}

    def _resume(self) -> int:
        found = saving.checkpoints(self.folder)
        if not found:
            return 0
        facts = json.loads((found[-1] / 'trainer.json').read_text(encoding='utf-8'))
        if facts.pop('over', False):  # its minutes were
            return int(self.steps)
        changed = differences(facts, self._facts(facts['step']))
        if changed:
            raise ConfigError(f'{found[-1]}: cannot be gone on with: {"; ".join(changed)}')
        state.restore(self.model, self.optimizer, found[-1])
        logger.info('going on from %s', found[-1])
        return int(facts['step'])

    def _save(self, step: int, over: bool) -> None:
        folder = self.folder / f'step-{step:08d}'
        if folder.exists():
            return
        tensors = state.gather(self.model, self.optimizer)
        if self._is_main:
            parts: dict[str, str] = {}

            def write(unfinished: Path) -> None:
                parts.update(self.job.export(unfinished, tensors.model))
                state.write(tensors, unfinished)
                facts = {**self._facts(step), **({'over': True} if over else {})}
                saving.save_json(facts, unfinished / 'trainer.json')

            saving.save_folder(folder, write)
            own = {part: f'checkpoints/{folder.name}/{sub}' for part, sub in parts.items()}
            self.job.publish(self.output, own)
            saving.keep_newest(self.folder, self.run_settings.keep)
        self.accelerator.wait_for_everyone()


def _due(done: int, every: int) -> bool:
    return every > 0 and done % every == 0


def _groups(model: Any, shares: Mapping[str, float]) -> list[dict[str, Any]]:
    """Return what AdamW trains: everything alike but what has a share of the rate of its own."""
    groups: dict[float, dict[str, Any]] = {}
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            share = next((shares[start] for start in shares if name.startswith(start)), 1.0)
            groups.setdefault(share, {'params': [], 'share': share})['params'].append(parameter)
    return [groups[share] for share in sorted(groups, reverse=True)]
