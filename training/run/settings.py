# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The settings of a training run: one tree, filled from a yaml file and the command line.

``python -m training.stage1 recipe.yaml optim.steps=500 data.train=[a.jsonl,b.jsonl]``
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import yaml

from ssr_ros.errors import ConfigError
from ssr_ros.settings import build
from ssr_ros.yaml_text import load_yaml
from training.run.saving import save_text

T = TypeVar('T')


@dataclass(frozen=True)
class ModelSettings:
    """Which parts the run starts from; folders (relative to the working directory) or hub names.

    Attributes:
        start: a preset, folder or reasoner.yaml that names all parts; the others override it.
        image_encoder: CLIP.
        depth_encoder: SigLIP.
        mamba: tokenizer, config and (for a new MIDI) weights of the Mamba.
        midi: '' makes a new one: the Mamba's weights with untrained projectors.
        vlm: Qwen2.5-VL.
        teacher: a Qwen2.5 of the VLM's width, for stage 1; '' is the VLM's own language model.
        n_tor: latent tokens; -1 takes ``start``'s.
        image_size: (width, height) that the VLM's image is squashed to; () takes ``start``'s.
        bf16: keep the frozen models in bfloat16. What is trained is always float32.
        save_memory: forget activations and compute them twice.
    """

    start: str = ''
    image_encoder: str = ''
    depth_encoder: str = ''
    mamba: str = ''
    midi: str = ''
    vlm: str = ''
    teacher: str = ''
    n_tor: int = -1
    image_size: tuple[int, ...] = ()
    bf16: bool = False
    save_memory: bool = False


@dataclass(frozen=True)
class DataSettings:
    """What is read, and how.

    Attributes:
        root: folder that the image paths in the jsonl files are relative to; '' is the folder of
            each jsonl file.
        train: jsonl files.
        val: jsonl files; none means no evaluation.
        rationale: 'full'; 'without_answer', the leakage control; 'answer', in its place the
            answer, so that MIDI learns to know it without writing down how; 'either', the answer
            in every second row.
        target: what the VLM learns to say: 'answer', or 'explained': every second row asks to
            explain, and the answer is its rationale; or 'reading': one row of five is as it is
            and one asks to explain; in the others the rationale, to be repeated or to be made
            use of, or the answer itself stands before the question, where latents will stand;
            or 'notes': the same, with names in these texts that the image does not show, and in
            one row of six the answer in fewer words.
        question_tokens: longest question; longer ones are cut, here and below.
        rationale_tokens: longest rationale, latent tokens included.
        answer_tokens: longest answer.
        feature_cache: folder for the frozen encoders' features; '' computes them every time.
        together: rows that follow each other in a file and stay together in every pass. A file
            asks about one frame after the other, and a batch reads each of its frames once.
        max_broken: share of broken samples that stops the run.
        workers: processes that read samples; 0 reads in the training process.
    """

    root: str = ''
    train: tuple[str, ...] = ()
    val: tuple[str, ...] = ()
    rationale: str = 'full'
    target: str = 'answer'
    question_tokens: int = 256
    rationale_tokens: int = 1024
    answer_tokens: int = 256
    feature_cache: str = ''
    together: int = 1
    max_broken: float = 0.01
    workers: int = 0


@dataclass(frozen=True)
class OptimSettings:
    """How the weights change.

    Attributes:
        learning_rate: the highest.
        tor_proj: share of it that MIDI's ``tor_proj`` gets. A step moves every weight about as
            far, whatever its size: where the VLM's words are small, whole steps throw latents
            about.
        warmup: share of the steps in which it rises; afterwards it falls along a cosine to 0.
        epochs: passes over the data, if ``steps`` is 0.
        steps: optimizer steps.
        batch: samples per process and pass.
        accumulate: passes per step.
        weight_decay: of AdamW.
        clip: largest norm of the gradient; 0 does not clip.
    """

    learning_rate: float = 2e-5
    tor_proj: float = 1.0
    warmup: float = 0.02
    epochs: float = 1.0
    steps: int = 0
    batch: int = 4
    accumulate: int = 1
    weight_decay: float = 0.0
    clip: float = 1.0


@dataclass(frozen=True)
class RunSettings:
    """Where the results go and how often; changing these between a stop and a resume is allowed.

    Attributes:
        output: folder of the run.
        log_every: steps between lines in log.jsonl (and TensorBoard).
        eval_every: steps between evaluations; 0 evaluates at the end only.
        eval_samples: how many of the validation samples are read.
        save_every: steps between checkpoints; 0 saves at the end only.
        keep: newest checkpoints that are kept.
        stop_after: stop after this step as if interrupted; 0 runs to the end.
        tensorboard: also write TensorBoard scalars.
    """

    output: str = ''
    log_every: int = 10
    eval_every: int = 0
    eval_samples: int = 256
    save_every: int = 0
    keep: int = 2
    stop_after: int = 0
    tensorboard: bool = False


@dataclass(frozen=True)
class LoraSettings:
    """The adapter of stage 2.

    Attributes:
        rank: 0 trains no adapter.
        alpha: scale; the product is multiplied by alpha / rank.
        dropout: before the first factor.
    """

    rank: int = 64
    alpha: int = 16
    dropout: float = 0.05


@dataclass(frozen=True)
class Stage1Settings:
    """Stage 1: MIDI learns to reason.

    Attributes:
        seed: of everything random.
        train_encoders: also train CLIP and SigLIP, for sizes that nobody has pretrained.
    """

    seed: int = 0
    train_encoders: bool = False
    model: ModelSettings = field(default_factory=ModelSettings)
    data: DataSettings = field(default_factory=DataSettings)
    optim: OptimSettings = field(default_factory=lambda: OptimSettings(epochs=2.0))
    run: RunSettings = field(default_factory=RunSettings)


@dataclass(frozen=True)
class Stage2Settings:
    """Stage 2: MIDI and an adapter of the VLM learn to answer together.

    Attributes:
        seed: of everything random.
        with_midi: False fine-tunes the VLM on the same answers without latents (the control).
        train_encoders: also train CLIP and SigLIP.
        lora: the adapter.
    """

    seed: int = 0
    with_midi: bool = True
    train_encoders: bool = False
    lora: LoraSettings = field(default_factory=LoraSettings)
    model: ModelSettings = field(default_factory=ModelSettings)
    data: DataSettings = field(default_factory=DataSettings)
    optim: OptimSettings = field(default_factory=OptimSettings)
    run: RunSettings = field(default_factory=RunSettings)


@dataclass(frozen=True)
class EncodersSettings:
    """Vision towers of a size that nobody has pretrained, on rendered worlds.

    Attributes:
        seed: of everything random.
        worlds: folders of training.worlds to learn from; ``data`` is not used.
        val_worlds: to evaluate on.
    """

    seed: int = 0
    worlds: tuple[str, ...] = ()
    val_worlds: tuple[str, ...] = ()
    model: ModelSettings = field(default_factory=ModelSettings)
    data: DataSettings = field(default_factory=DataSettings)
    optim: OptimSettings = field(default_factory=OptimSettings)
    run: RunSettings = field(default_factory=RunSettings)


@dataclass(frozen=True)
class BaseVlmSettings:
    """A small vision-language model from nothing, on colour images alone."""

    seed: int = 0
    model: ModelSettings = field(default_factory=ModelSettings)
    data: DataSettings = field(default_factory=DataSettings)
    optim: OptimSettings = field(default_factory=OptimSettings)
    run: RunSettings = field(default_factory=RunSettings)


def read_settings(kind: type[T], arguments: Sequence[str]) -> T:
    """Build settings from an optional yaml file and ``key.sub=value`` arguments, in that order.

    Raises:
        ConfigError: a key is unknown, a value has the wrong type, or the file cannot be read.
    """
    tree: dict[str, Any] = {}
    for argument in arguments:
        key, equals, value = argument.partition('=')
        if equals:
            _put(tree, key.split('.'), _yaml(value, argument), argument)
        else:
            _merge(tree, _read_yaml(Path(argument)), argument)
    return build(kind, tree)


def differences(old: Mapping[str, Any], new: Mapping[str, Any], where: str = '') -> list[str]:
    """Return 'key: old -> new' for every setting that differs."""
    found = []
    for key in sorted({*old, *new}):
        a, b = old.get(key), new.get(key)
        if isinstance(a, Mapping) and isinstance(b, Mapping):
            found += differences(a, b, f'{where}{key}.')
        elif _plain(a) != _plain(b):
            found.append(f'{where}{key}: {a!r} -> {b!r}')
    return found


def save_settings(settings: Any, path: Path) -> None:
    """Write all settings, the defaults included."""
    save_text(path, yaml.safe_dump(_plain(asdict(settings)), sort_keys=False))


def _yaml(text: str, where: str) -> Any:
    try:
        value = load_yaml(text)
    except yaml.YAMLError as error:
        raise ConfigError(f'{where}: cannot be read as yaml: {error}') from error
    return '' if value is None else value


def _read_yaml(path: Path) -> dict[str, Any]:
    try:
        content = _yaml(path.read_text(encoding='utf-8'), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f'{path}: cannot be read ({error}). Expected a yaml file or key=value'
        ) from error
    if not isinstance(content, dict):
        raise ConfigError(f'{path}: expected "key: value" lines, got {content!r}')
    return content


def _put(tree: dict[str, Any], keys: list[str], value: Any, argument: str) -> None:
    for key in keys[:-1]:
        tree = tree.setdefault(key, {})
        if not isinstance(tree, dict):
            raise ConfigError(f'{argument}: {key!r} is a value, not a group of settings')
    tree[keys[-1]] = value


def _merge(tree: dict[str, Any], more: Mapping[str, Any], where: str) -> None:
    for key, value in more.items():
        if isinstance(value, Mapping) and isinstance(tree.get(key), dict):
            _merge(tree[key], value, where)
        else:
            tree[key] = value


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, (list, tuple)) else value
