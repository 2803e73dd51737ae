# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The yaml that says which parts make up a checkpoint, and where presets are."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from pathlib import Path
import re
from typing import Any

import yaml

from ssr_ros.errors import check_keys, CheckpointError, ConfigError
from ssr_ros.model.hub import fetch
from ssr_ros.onnx_runtime import PROVIDERS
from ssr_ros.settings import build, setting
from ssr_ros.yaml_text import load_yaml

PRESETS = Path(__file__).resolve().parent.parent / 'presets'
YAML_NAME = 'reasoner.yaml'
PARTS = ('image_encoder', 'depth_encoder', 'mamba', 'midi', 'vlm', 'adapter')
MAX_DEPTH_M = 65.535
"""What 16 bits of millimetres can say."""

LEAST_DEPTH_SPAN_M = 0.1
MOST_NEAREST_M = 10.0
"""A narrower span, or one that begins farther away, paints every room in one gray."""

ENCODERS = ('auto', 'torch', 'onnx', *(f'onnx:{word}' for word in PROVIDERS))
"""What may run the image networks: a word for ONNX Runtime may name its provider."""

HUB_NAME = re.compile(r'[\w.-]+/[\w.-]+(@[\w./-]+)?')


@dataclass(frozen=True)
class CheckpointSpec:
    """A whole SSR checkpoint.

    Attributes:
        source: the yaml it was read from.
        image_encoder: CLIP; a local folder or a hub name, like all parts.
        depth_encoder: SigLIP.
        mamba: tokenizer and config of MIDI's Mamba; its weights come with ``midi``.
        midi: the interpreter's weights.
        vlm: Qwen2.5-VL.
        adapter: LoRA adapter for it; None is plug-and-play.
        n_tor: number of latent tokens.
        choose: where a question offers answers, the likeliest of them is given; otherwise the
            model writes freely, as published.
        choice_temperature: what its log likelihoods of offered answers are divided by before they
            are told, so that of those held 80 % likely 80 in a hundred are right (temperature
            scaling, arXiv 1706.04599; ``training.calibrate`` finds it). Which is likeliest stays.
        point: it was taught in which field of the picture a thing is; 'vlm' as a source of names
            then asks it so, and not its stock weights for boxes.
        image_size: (width, height) that the VLM's image is squashed to.
        look_size: (width, height) that it is squashed to when the VLM is asked where things are;
            None takes the image's own, as a model that was trained on all sizes reads best.
        depth_range_m: metres that the depth picture paints darkest and brightest; None stretches
            each picture from its nearest to its farthest pixel, as published: metres are lost.
        tor_ids: ids of ``<tor>`` in the Mamba's and in the VLM's tokenizer when this was trained;
            None where nobody has written them down.
        encoders: what runs the image networks unless the caller says.
        onnx: folder of the exported networks, relative to the yaml.
        made_from: what a merged or quantised checkpoint was made from; '' for others.
        merged: the VLM's weights hold an adapter that can no longer be taken out.
        trained: False where the weights are random, so that nobody takes an answer for one.
        note: a sentence for people.
    """

    source: Path
    image_encoder: str
    depth_encoder: str
    mamba: str
    midi: str
    vlm: str
    adapter: str | None = None
    n_tor: int = setting(10, least=0, most=256)
    choose: bool = False
    choice_temperature: float = setting(1.0, least=0.1, most=10.0)
    point: bool = False
    image_size: tuple[int, int] = setting((256, 256), least=28, most=4096)
    look_size: tuple[int, int] | None = setting(None, least=28, most=4096)
    depth_range_m: tuple[float, float] | None = setting(None, least=0, most=MAX_DEPTH_M)
    tor_ids: tuple[int, int] | None = setting(None, least=0, most=2**31)
    encoders: str = setting('auto', choices=ENCODERS)
    onnx: str = 'onnx'
    made_from: str = ''
    merged: bool = False
    trained: bool = True
    note: str = ''

    @property
    def taught(self) -> dict[str, bool]:
        """What this checkpoint says that it was taught, in the words of its yaml."""
        return {word: True for word in ('choose', 'point') if getattr(self, word)}

    def folder(self, part: str, whole: bool = False) -> Path:
        """Return the local folder of a part, fetching it from the hub if it is named there.

        Args:
            part: one of PARTS.
            whole: fetch also what an answer does not need, such as Mamba's own weights.

        Raises:
            CheckpointError: it is neither a folder nor to be had from the hub.
        """
        name = str(getattr(self, part))
        local = self.local(part)
        if local is not None:
            return local
        if HUB_NAME.fullmatch(name):
            return fetch(name, '' if whole else part)
        raise CheckpointError(
            f'{self.source}: {part}: {name!r} is neither a folder beside the yaml nor a hub name '
            '(owner/name)'
        )

    def local(self, part: str) -> Path | None:
        """Return the folder of a part that is on this machine by its own name, or None.

        Raises:
            CheckpointError: its name can be no folder's.
        """
        name = str(getattr(self, part))
        try:
            folder = (self.source.parent / Path(name).expanduser()).resolve()
            return folder if folder.is_dir() else None
        except (OSError, RuntimeError, ValueError) as error:  # too long, ~nobody, or a NUL
            raise CheckpointError(f'{self.source}: {part}: {name!r}: {error}') from error


def presets() -> dict[str, Path]:
    """Return the checkpoints that ship with the package: name -> yaml."""
    return {path.parent.name: path for path in sorted(PRESETS.glob(f'*/{YAML_NAME}'))}


def read_spec(name: str | Path) -> CheckpointSpec:
    """Read the yaml of a preset, of a folder, or at a path.

    Raises:
        CheckpointError: there is no such yaml, or it cannot be read.
        ConfigError: a key is unknown, missing or has an impossible value.
    """
    path = _find_yaml(name)
    try:
        content = load_yaml(path.read_text(encoding='utf-8'))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise CheckpointError(f'{path}: cannot be read as yaml: {error}') from error
    if not isinstance(content, dict):
        raise ConfigError(f'{path}: expected "key: value" lines, got {type(content).__name__}')
    check_keys(content, {each.name for each in fields(CheckpointSpec)} - {'source'}, str(path))
    spec = build(CheckpointSpec, {**content, 'source': path}, str(path))
    _check_depth_range(spec)
    return spec


def write_spec(spec: CheckpointSpec, folder: Path, **changes: Any) -> None:
    """Write a checkpoint's yaml into another folder; parts that stay are named where they are.

    Raises:
        CheckpointError: a part's name can be no folder's.
    """
    spec = replace(spec, **changes)
    content = {
        each.name: getattr(spec, each.name)
        for each in fields(spec)
        if each.name != 'source' and getattr(spec, each.name) != each.default
    }
    for part in PARTS:
        if part in content and part not in changes:
            content[part] = str(spec.local(part) or content[part])
    plain = {key: list(v) if isinstance(v, tuple) else v for key, v in content.items()}
    text = yaml.safe_dump(plain, sort_keys=False, allow_unicode=True)
    (folder / YAML_NAME).write_text(text, encoding='utf-8')


def _check_depth_range(spec: CheckpointSpec) -> None:
    if spec.depth_range_m is None:
        return
    nearest, farthest = spec.depth_range_m
    if nearest > MOST_NEAREST_M or farthest - nearest < LEAST_DEPTH_SPAN_M:
        raise ConfigError(
            f'{spec.source}: depth_range_m: [{nearest:g}, {farthest:g}] would paint every picture '
            f'in one gray: expected [nearest, farthest] in metres, the nearest at most '
            f'{MOST_NEAREST_M:g} and {LEAST_DEPTH_SPAN_M:g} or more between them'
        )


def _find_yaml(name: str | Path) -> Path:
    known = presets()
    if str(name) in known:
        return known[str(name)]
    path = Path(name).expanduser()
    if path.is_dir():
        path = path / YAML_NAME
    if path.is_file():
        return path.resolve()
    raise CheckpointError(
        f'{name}: no such checkpoint. Expected a preset ({", ".join(known) or "none installed"}), '
        f'a folder with a {YAML_NAME}, or the path of such a yaml'
    )
