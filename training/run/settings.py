# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The settings of the two stages, one tree each; ``tree`` fills them."""

from __future__ import annotations

from dataclasses import dataclass, field

from ssr_ros.settings import setting

MOST = 2**31 - 1


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
        tf32: let a GPU multiply float32 matrices with 10 bits of mantissa.
        save_memory: forget activations and compute them twice.
    """

    start: str = ''
    image_encoder: str = ''
    depth_encoder: str = ''
    mamba: str = ''
    midi: str = ''
    vlm: str = ''
    teacher: str = ''
    n_tor: int = setting(-1, least=-1, most=256)
    image_size: tuple[int, ...] = setting((), least=28, most=4096)
    bf16: bool = False
    tf32: bool = False
    save_memory: bool = False


@dataclass(frozen=True)
class DataSettings:
    """What is read, and how.

    Attributes:
        root: folder that the image paths in the jsonl files are relative to, and that they must
            not leave; '' is the folder of each jsonl file.
        train: jsonl files.
        val: jsonl files; none means no evaluation.
        rationale: 'full', or 'without_answer', the leakage control.
        question_tokens: longest question; longer ones are cut, here and below.
        rationale_tokens: longest rationale, latent tokens included.
        answer_tokens: longest answer.
        feature_cache: folder for the frozen encoders' features; '' computes them every time.
        together: rows that follow each other in a file and stay together in every pass. A file
            asks about one frame after the other, and a batch reads each of its frames once.
        kept: batches that stay on the device once they are read and are gone through again, pass
            by pass in another order; 0 reads every batch anew. For a device that learns faster
            than processes read, with memory for them.
        max_broken: share of broken samples that stops the run.
        workers: processes that read samples; 0 reads in the training process.
    """

    root: str = ''
    train: tuple[str, ...] = ()
    val: tuple[str, ...] = ()
    rationale: str = setting('full', choices=('full', 'without_answer'))
    question_tokens: int = setting(256, least=1, most=65536)
    rationale_tokens: int = setting(1024, least=1, most=65536)
    answer_tokens: int = setting(256, least=2, most=65536)
    feature_cache: str = ''
    together: int = setting(1, least=1, most=MOST)
    kept: int = setting(0, least=0, most=MOST)
    max_broken: float = setting(0.01, least=0, most=1)
    workers: int = setting(0, least=0, most=1024)


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
        minutes: end after so many minutes, however many steps that is: the rate follows the
            clock where that is ahead of the steps. 0 goes by the steps alone; only then does a
            run that was interrupted go on exactly, and only then may there be several processes.
        until: the same, but end at this time (seconds since 1970), however long it took to begin.
        batch: samples per process and pass.
        accumulate: passes per step.
        weight_decay: of AdamW.
        clip: largest norm of the gradient; 0 does not clip.
        recorded: make each step one launch, see ``training.run.recorded``: for one GPU, and for a
            model so small that it waits for launches. Only what trains MIDI alone can.
    """

    learning_rate: float = setting(2e-5, least=0, most=1e30)
    tor_proj: float = setting(1.0, least=0, most=1e6)
    warmup: float = setting(0.02, least=0, most=1)
    epochs: float = setting(1.0, least=1e-6, most=1e6)
    steps: int = setting(0, least=0, most=MOST)
    minutes: float = setting(0.0, least=0, most=1e6)
    until: float = setting(0.0, least=0, most=1e12)
    batch: int = setting(4, least=1, most=1 << 20)
    accumulate: int = setting(1, least=1, most=1 << 20)
    weight_decay: float = setting(0.0, least=0, most=1e6)
    clip: float = setting(1.0, least=0, most=1e30)
    recorded: bool = False


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
        check: read 100 rows, make two steps, save them in ``output``/check, say what the run
            would take, and stop.
    """

    output: str = ''
    log_every: int = setting(10, least=1, most=MOST)
    eval_every: int = setting(0, least=0, most=MOST)
    eval_samples: int = setting(256, least=1, most=MOST)
    save_every: int = setting(0, least=0, most=MOST)
    keep: int = setting(2, least=1, most=MOST)
    stop_after: int = setting(0, least=0, most=MOST)
    tensorboard: bool = False
    check: bool = False


@dataclass(frozen=True)
class LoraSettings:
    """The adapter of stage 2.

    Attributes:
        rank: 0 trains no adapter.
        alpha: scale; the product is multiplied by alpha / rank.
        dropout: before the first factor.
        start: folder of an adapter of this rank to go on from; '' begins one that changes nothing.
    """

    rank: int = setting(64, least=0, most=65536)
    alpha: int = setting(16, least=1, most=65536)
    dropout: float = setting(0.05, least=0, most=1)
    start: str = ''


@dataclass(frozen=True)
class Stage1Settings:
    """Stage 1: MIDI learns to reason.

    Attributes:
        seed: of everything random.
    """

    seed: int = setting(0, least=0, most=MOST)
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
        keep_rationale: weight of the loss on the rationale that MIDI writes, so that it is not
            forgotten; 0, as published, leaves it out. Rows without a rationale have no such loss.
        rationale_every: the rows of a batch that have it: every so many. The longest text of a
            row is then read less often.
        encoders: share of the learning rate that CLIP and SigLIP get; 0, as published, leaves them
            as they are. Towers of a small model's own may learn what its answers need.
        stand_ins: the share of the rows whose answer names one of several things that the VLM
            hears, and answers, with other names: it learns to copy them; see that module.
        lora: the adapter.
    """

    seed: int = setting(0, least=0, most=MOST)
    with_midi: bool = True
    keep_rationale: float = setting(0.0, least=0, most=1e6)
    rationale_every: int = setting(1, least=1, most=MOST)
    encoders: float = setting(0.0, least=0, most=1e6)
    stand_ins: float = setting(0.0, least=0, most=1)
    lora: LoraSettings = field(default_factory=LoraSettings)
    model: ModelSettings = field(default_factory=ModelSettings)
    data: DataSettings = field(default_factory=DataSettings)
    optim: OptimSettings = field(default_factory=OptimSettings)
    run: RunSettings = field(default_factory=RunSettings)
