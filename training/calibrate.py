# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Have a checkpoint that chooses say how likely it is right, and not more.

    python -m training.calibrate out/nano/export out/nano/worlds/val/questions.jsonl

Asks questions of frames that it was not trained on, and divides its log likelihoods of the
offered answers by the one number under which they fit best what was right (temperature scaling,
arXiv 1706.04599). That number is written into its reasoner.yaml; no answer changes by it.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
import sys

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
import torch
from tqdm import tqdm

from ssr_ros.errors import ConfigError, SsrError
from ssr_ros.evaluation import score
from ssr_ros.model import load_reasoner, Reasoner
from ssr_ros.model.choosing import choose
from ssr_ros.model.spec import PARTS, read_spec, write_spec
from ssr_ros.rgbd import CameraIntrinsics, load_frame
from training.data.rows import Row, RowFiles

BOUNDS = (0.1, 10.0)
"""Those of ``choice_temperature``."""

FEWEST = 50
"""From fewer answers no number is taken."""


@dataclass(frozen=True, eq=False)
class Choice:
    """One question whose answer was chosen.

    Attributes:
        log_shares: (answers,) log of how likely each was held, the likeliest first.
        right: the likeliest is.
    """

    log_shares: NDArray[np.float64]
    right: bool

    def likelihood(self, temperature: float) -> float:
        """Return how likely what was chosen is held under a temperature, 0..1."""
        return float(1 / np.exp((self.log_shares - self.log_shares[0]) / temperature).sum())


def fit(choices: Sequence[Choice]) -> float:
    """Return the temperature under which being right or wrong is likeliest.

    Raises:
        ConfigError: fewer than FEWEST choices, or all or none of them right.
    """
    n_right = sum(each.right for each in choices)
    if len(choices) < FEWEST or n_right in (0, len(choices)):
        raise ConfigError(
            f'{len(choices)} answers were chosen and {n_right} of them are right: expected at '
            f'least {FEWEST}, some right and some wrong; give more rows of training.curate'
        )

    def surprise(log_temperature: float) -> float:
        held = np.array([each.likelihood(float(np.exp(log_temperature))) for each in choices])
        right = np.array([each.right for each in choices])
        return float(-np.log(np.clip(np.where(right, held, 1 - held), 1e-12, 1)).mean())

    found = minimize_scalar(surprise, bounds=tuple(np.log(BOUNDS)), method='bounded')
    return float(np.exp(found.x))


def ask(reasoner: Reasoner, rows: Sequence[Row]) -> Iterator[Choice]:
    """Ask what offers answers, frame by frame.

    Raises:
        FrameError: a frame cannot be read.
        DeviceError: out of memory.
    """
    frames: dict[Path, list[Row]] = defaultdict(list)
    for row in rows:
        frames[row.image_path].append(row)
    for own in tqdm(frames.values(), unit='frame', disable=None):
        code = None
        for row in own:
            ways = reasoner.ways(row.question)
            if not ways[0].answers or row.depth_path is None:
                continue
            if code is None:
                code = reasoner.encode(load_frame(row.image_path, row.depth_path, _camera(row)))
            latents = torch.stack([reasoner.latents(code, way.text) for way in ways])
            trace = reasoner.new_trace(reasoner.device)
            (chosen,) = choose(reasoner.vlm, [code.image_prefix], latents, [ways], trace)
            logs = np.log(np.maximum(np.sort(chosen.shares)[::-1], np.finfo(float).tiny))
            text = reasoner.vlm.tokenizer.decode(list(chosen.tokens)).strip()
            yield Choice(logs, score(text, row.answer, row.meta).right)


def main(checkpoint: Path, rows: Path, limit: int = 0) -> float:
    """Calibrate a checkpoint; return the temperature that was written into its yaml.

    Args:
        checkpoint: its folder.
        rows: jsonl that training.curate wrote, of frames that it was not trained on.
        limit: rows to ask, drawn from all; 0 for all.

    Raises:
        ConfigError: the checkpoint does not choose, the rows have no intrinsics, or too few of
            them offer answers.
        DataError: too many lines are broken.
        SsrError: the checkpoint cannot be loaded, or a frame not be read.
    """
    spec = read_spec(checkpoint)
    if not spec.choose:
        raise ConfigError(f'{spec.source}: it writes its answers: expected "choose: true"')
    files = RowFiles([rows], '', 0.01)
    numbers = np.random.default_rng(0).permutation(len(files))[: limit or None]
    choices = list(
        ask(load_reasoner(checkpoint), [files[int(number)] for number in sorted(numbers)])
    )
    temperature = round(fit(choices), 3)
    for name, value in (('as it is', 1.0), (f'divided by {temperature:g}', temperature)):
        held = np.mean([each.likelihood(value) for each in choices])
        right = np.mean([each.right for each in choices])
        print(f'{name}: {len(choices)} answers held {held:.1%} likely, {right:.1%} right')
    parts = {part: getattr(spec, part) for part in PARTS}  # under the names that they have
    write_spec(spec, spec.source.parent, choice_temperature=temperature, **parts)
    return temperature


def _camera(row: Row) -> CameraIntrinsics:
    known = row.meta.get('intrinsics')
    if not isinstance(known, dict):
        raise ConfigError(f'{row.where}: no intrinsics in its meta: expected training.curate rows')
    return CameraIntrinsics(**{key: known[key] for key in ('fx', 'fy', 'cx', 'cy')})


def command_line() -> int:
    """Run the command; return its exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('checkpoint', type=Path, help='folder of a checkpoint that chooses')
    parser.add_argument('rows', type=Path, help='jsonl of frames that it was not trained on')
    parser.add_argument('--limit', type=int, default=0, help='rows to ask; 0 (default) for all')
    try:
        options = parser.parse_args()
        main(**vars(options))
    except SsrError as error:
        print(f'{type(error).__name__}: {error}', file=sys.stderr)
        return 2
    return 0


if __name__ == '__main__':
    sys.exit(command_line())
