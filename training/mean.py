# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Lay the mean of two checkpoints' weights, one of which was trained on from the other.

    python -m training.mean nano out/nano/on_export out/nano/mean

What training has learned anew and what it has forgotten do not fade alike on the way between the
two: a mean may keep most of both (Wortsman et al., Model soups, arXiv 2203.05482).
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
import shutil
import sys

from safetensors.torch import load_file
import torch

from ssr_ros.errors import ConfigError, SsrError
from ssr_ros.model.checkpoint import reading, weight_files
from ssr_ros.model.spec import read_spec
from training.export import FOLDERS
from training.export import main as export
from training.run.saving import save_folder, save_tensors


def main(one: str, other: str, target: Path, share: float = 0.5) -> int:
    """Write the mean; return how many tensors differ between the two.

    Args:
        one: what ``load_reasoner`` takes.
        other: likewise, with tensors of the same names and shapes; all but the weights is its.
        target: a folder that does not exist.
        share: of the other one in the mean, 0 to 1.

    Raises:
        CheckpointError: one of them cannot be read.
        ConfigError: the target exists, the share is none, or the two are not alike.
        TrainingError: the target cannot be written.
    """
    if not 0 <= share <= 1:
        raise ConfigError(f'the share of the other checkpoint is 0 to 1, got {share}')
    if target.exists():
        raise ConfigError(f'{target} exists: name a new folder, or move it away first')
    spec, others = read_spec(one), read_spec(other)
    for part in FOLDERS:
        if bool(getattr(spec, part)) != bool(getattr(others, part)):
            raise ConfigError(f'of {one} and {other} only one has a part "{part}"')
    differing: list[int] = []

    def write(folder: Path) -> None:
        shutil.rmtree(folder)
        export(other, folder)
        for part, name in FOLDERS.items():
            if part == 'mamba' or not (folder / name).is_dir():
                continue  # a Mamba has no weights of its own: MIDI has them
            files = weight_files(folder / name)
            tensors = _tensors(weight_files(spec.folder(part)))
            if tensors.keys() != _tensors(files).keys():
                raise ConfigError(f'the tensors of "{part}" in {one} and {other} differ in name')
            for file in files:
                mean, count = _mean(tensors, load_file(file), share)
                save_tensors(mean, file)
                differing.append(count)

    save_folder(target, write)
    return sum(differing)


def _tensors(files: list[Path]) -> dict[str, torch.Tensor]:
    tensors: dict[str, torch.Tensor] = {}
    for file in files:
        with reading(file.parent):
            tensors |= load_file(file)
    return tensors


def _mean(
    one: Mapping[str, torch.Tensor], other: Mapping[str, torch.Tensor], share: float
) -> tuple[dict[str, torch.Tensor], int]:
    """The means of tensors of another file, in its dtypes, and how many tensors differ."""
    means, differing = {}, 0
    for name, tensor in other.items():
        if one[name].shape != tensor.shape:
            raise ConfigError(
                f'{name} is {tuple(one[name].shape)} in one and {tuple(tensor.shape)} in the other'
            )
        mean = torch.lerp(one[name].float(), tensor.float(), share)
        means[name] = mean.to(tensor.dtype)
        differing += not torch.equal(one[name].to(tensor.dtype), tensor)
    return means, differing


def command_line() -> int:
    """Run the command; return its exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('one', help='preset, folder or yaml of a checkpoint')
    parser.add_argument('other', help='one that was trained on from it')
    parser.add_argument('target', type=Path, help='folder to make')
    parser.add_argument('--share', type=float, default=0.5, help='of the other one (default 0.5)')
    try:
        options = parser.parse_args()
        count = main(**vars(options))
    except SsrError as error:
        print(f'{type(error).__name__}: {error}', file=sys.stderr)
        return 2
    print(f'{options.target}: {count} tensors differ between the two')
    return 0


if __name__ == '__main__':
    sys.exit(command_line())
