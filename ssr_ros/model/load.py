# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Load a whole SSR checkpoint onto a device."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import torch

from ssr_ros.errors import CheckpointError, ConfigError, DeviceError
from ssr_ros.model.checkpoint import check_names, fill, reading, TensorFiles
from ssr_ros.model.encoders import load_depth_encoder, load_image_encoder
from ssr_ros.model.folder import check_folder, quantised_by, read_json
from ssr_ros.model.lora import StockWeights
from ssr_ros.model.memory import dtypes_to_try, pick_fitting
from ssr_ros.model.midi import Midi, TEACHER_PREFIX, TIED_HEAD
from ssr_ros.model.onnx.load import onnx_networks
from ssr_ros.model.reasoner import Reasoner
from ssr_ros.model.seer import Seer
from ssr_ros.model.spec import CheckpointSpec, PARTS, read_spec
from ssr_ros.model.tokens import SsrTokenizer
from ssr_ros.model.vlm import load_vlm, VisionLanguageModel

DTYPES = {
    'float32': torch.float32,
    'float16': torch.float16,
    'bfloat16': torch.bfloat16,
}

FEW_PARAMETERS = 20_000_000
"""Below this many, handing a matrix to threads takes longer than multiplying it."""

logger = logging.getLogger(__name__)


def load_reasoner(
    name: str | Path,
    device: str = 'auto',
    dtype: str = 'auto',
    keep_stock: bool = False,
    encoders: str = 'auto',
    memory_budget_gb: float = 0.0,
) -> Reasoner:
    """Load a preset, a folder with a reasoner.yaml, or such a yaml.

    Args:
        name: 'nano', 'ssr-7b', a folder or a path.
        device: 'auto' (CUDA where there is one), 'cpu', 'cuda', 'cuda:1'.
        dtype: of the encoders and the vision-language model: 'float32', 'float16', 'bfloat16', or
            'auto': bfloat16 on CUDA, float32 on a CPU unless only the bfloat16 that the VLM is
            stored in fits. MIDI always runs in float32: its recurrence loses the latents'
            direction in bfloat16 (cosine 0.94).
        keep_stock: keep the weights that an adapter changes as they were, too, so that the model
            can be asked for boxes (``Reasoner.seer``); they take as much memory again. A model
            that points (``Reasoner.pointer``) needs none and keeps none.
        encoders: what runs the image networks: 'torch'; 'onnx' or 'onnx:cuda' and the like, from
            what ``ssr-ros export --onnx`` has written; or 'auto': what the checkpoint says, and
            there ONNX Runtime where all was exported from these weights and works here.
        memory_budget_gb: what the weights may take, in 1e9 bytes; 0 is all that is free. 'auto'
            takes the dtype that fits; where none does, the error says what would.

    A model of few parameters on a CPU sets torch to one thread for this process, unless
    OMP_NUM_THREADS is set: threads made nano 30 times slower on a busy machine.

    Raises:
        CheckpointError: a part is missing, broken, or its tensors do not fit.
        ConfigError: the yaml, device or dtype cannot be understood, or the parts do not fit
            together.
        DeviceError: the device is not there, is out of memory, or has less than the weights take:
            that is summed before anything is allocated.
    """
    where = pick_device(device)
    precision = pick_dtype(dtype, where)
    spec = read_spec(name)
    if where.type == 'cuda':
        # What is float32 here is so for its digits: convolutions would take 10 bits of them.
        torch.backends.cudnn.allow_tf32 = False
    for part in PARTS:
        if getattr(spec, part) is not None:
            check_folder(spec.folder(part))
    check_adapter(spec)
    keep_stock = keep_stock and not spec.point
    if keep_stock and spec.merged:
        raise ConfigError(
            f'{spec.source}: the adapter was merged for good, and boxes are asked of the weights '
            'as they were before: use the checkpoint that it was merged from'
        )
    tried = dtypes_to_try(spec, where, precision) if dtype == 'auto' else [precision]
    precision = pick_fitting(spec, where, tried, memory_budget_gb)
    if precision != tried[0]:
        logger.warning('float32 does not fit into memory: bfloat16, as the weights are stored')
    networks = onnx_networks(spec, encoders, where, precision)
    logger.info('loading MIDI')
    midi = load_midi(spec, where)
    with reading(spec.folder('mamba')):
        midi_tokenizer = SsrTokenizer(spec.folder('mamba'))
    logger.info('loading the vision-language model')
    stock = StockWeights() if keep_stock else None
    adapter = None if spec.adapter is None else spec.folder('adapter')
    vlm = load_vlm(spec.folder('vlm'), spec.image_size, where, precision, adapter, stock)
    one_thread_for_few(midi, vlm, where)
    seer = Seer(vlm, stock, spec.look_size) if keep_stock or _is_stock(spec) else None
    logger.info('loading the encoders')
    image_encoder = load_image_encoder(
        spec.folder('image_encoder'), where, precision, networks.get('image_encoder')
    )
    depth_encoder = load_depth_encoder(
        spec.folder('depth_encoder'),
        where,
        precision,
        spec.depth_range_m,
        networks.get('depth_encoder'),
    )
    if 'vision_tower' in networks:
        vlm.tower = networks['vision_tower'](None)
    for what, wanted, found in (
        ('image encoder width', midi.image_proj[0].in_features, image_encoder.width),
        ('depth encoder width', midi.depth_proj[0].in_features, depth_encoder.width),
        ('VLM width', midi.tor_proj[2].out_features, vlm.width),
    ):
        if wanted != found:
            raise ConfigError(
                f'{spec.source}: {what} is {found} and MIDI was trained for {wanted}'
            )
    if midi_tokenizer.tor_id >= midi.mamba.sizes.vocabulary:
        raise CheckpointError(
            f'{spec.source}: <tor> would be Mamba token {midi_tokenizer.tor_id} and MIDI has only '
            f'{midi.mamba.sizes.vocabulary} embeddings'
        )
    check_tor_ids(spec, midi_tokenizer, vlm.tokenizer)
    description = _describe(name, spec, midi, vlm, where, precision)
    if vlm.tower is not None and seer is None:
        vlm.model.model.visual = None  # nobody else looks through it: its weights are let go
    return Reasoner(
        image_encoder,
        depth_encoder,
        midi,
        midi_tokenizer,
        vlm,
        n_tor=spec.n_tor,
        chooses=spec.choose,
        tempered=spec.choice_temperature,
        points=spec.point,
        trained=spec.trained,
        description=description,
        seer=seer,
    )


def one_thread_for_few(midi: Midi, vlm: VisionLanguageModel, device: torch.device) -> None:
    """Set torch to one thread where there is little to multiply, unless the user chose."""
    n_parameters = sum(p.numel() for part in (midi, vlm.model) for p in part.parameters())
    if (
        device.type == 'cpu'
        and n_parameters < FEW_PARAMETERS
        and 'OMP_NUM_THREADS' not in os.environ
    ):
        torch.set_num_threads(1)


def check_adapter(spec: CheckpointSpec) -> None:
    """Refuse an adapter for weights that it cannot be added to.

    Raises:
        ConfigError: the VLM is quantised.
    """
    method = quantised_by(spec.folder('vlm'))
    if method is not None and spec.adapter is not None:
        raise ConfigError(
            f'{spec.source}: the VLM is quantised ({method}) and an adapter cannot be merged into '
            'it: merge first, then quantise: ssr-ros quantise does both'
        )


def _is_stock(spec: CheckpointSpec) -> bool:
    return spec.adapter is None and not spec.merged


def load_midi(spec: CheckpointSpec, device: torch.device) -> Midi:
    """Load MIDI in float32, without the teacher that stage-1 checkpoints also hold.

    Raises:
        CheckpointError: files are missing or broken, or a tensor does not fit.
        DeviceError: out of memory.
    """
    path = spec.folder('mamba') / 'config.json'
    epsilon = read_json(path).get('layer_norm_epsilon', 1e-5)
    if not isinstance(epsilon, (int, float)) or not 0 <= epsilon < 1:
        raise CheckpointError(f'{path}: layer_norm_epsilon: expected some 1e-5, got {epsilon!r}')
    files = TensorFiles(spec.folder('midi'))
    shapes = {n: s for n, s in files.shapes.items() if not n.startswith(TEACHER_PREFIX)}
    skip = (TEACHER_PREFIX, TIED_HEAD)
    with reading(files.source):
        with torch.device('meta'):  # nothing is allocated before every tensor is known to fit
            midi = Midi.from_shapes(shapes, str(files.source), epsilon)
        check_names(midi, files, skip)
        midi = midi.to_empty(device=device)
        fill(midi, files, skip)
    return midi.eval().requires_grad_(False)


def check_tor_ids(
    spec: CheckpointSpec, midi_tokenizer: SsrTokenizer, vlm_tokenizer: SsrTokenizer
) -> None:
    """Compare where ``<tor>`` stands in both vocabularies with where it stood in training.

    Raises:
        CheckpointError: a tokenizer is another one: its ``<tor>`` would read an embedding that was
            never trained.
    """
    found = (midi_tokenizer.tor_id, vlm_tokenizer.tor_id)
    if spec.tor_ids is not None and spec.tor_ids != found:
        raise CheckpointError(
            f'{spec.source}: <tor> was token {spec.tor_ids[0]} of the Mamba and '
            f'{spec.tor_ids[1]} of the VLM when this was trained, and is {found[0]} and '
            f'{found[1]} in the tokenizers here: use the tokenizers that it was trained with'
        )


def pick_device(device: str) -> torch.device:
    """Turn 'auto' or a device's name into a device that is there.

    Raises:
        ConfigError: not a device's name.
        DeviceError: the device is not there, or torch has no code for it.
    """
    if device == 'auto':
        device = 'cuda' if torch.cuda.is_available() else 'cpu'
    try:
        picked = torch.device(device)
    except RuntimeError as error:
        raise ConfigError(f'device {device!r}: expected auto, cpu, cuda or cuda:N') from error
    if picked.type not in ('cpu', 'cuda'):
        raise ConfigError(f'device {device!r}: expected auto, cpu, cuda or cuda:N')
    if picked.type == 'cuda' and (picked.index or 0) >= torch.cuda.device_count():
        raise DeviceError(
            f'device {device!r}: this torch sees {torch.cuda.device_count()} CUDA devices. '
            '`ssr-ros check` says why; device:=cpu works everywhere'
        )
    if picked.type == 'cuda':
        _compute_something(picked)
    return picked


def _compute_something(device: torch.device) -> None:
    """See that torch holds code for this very card, before gigabytes are read for it."""
    try:
        ones = torch.ones((8, 8), device=device)
        (ones @ ones).sum().item()
    except RuntimeError as error:
        raise DeviceError(
            f'{device}: torch {torch.__version__} computes nothing there '
            f'({str(error).partition(chr(10))[0]:.200}): `ssr-ros check` says which torch to '
            'install; device:=cpu works everywhere'
        ) from error


def pick_dtype(dtype: str, device: torch.device) -> torch.dtype:
    """Turn 'auto' or a dtype's name into a dtype.

    Raises:
        ConfigError: not a dtype that is supported.
    """
    if dtype == 'auto':
        return torch.bfloat16 if device.type == 'cuda' else torch.float32
    if dtype not in DTYPES:
        raise ConfigError(f'dtype {dtype!r}: expected auto, {", ".join(DTYPES)}')
    return DTYPES[dtype]


def _describe(
    name: str | Path,
    spec: CheckpointSpec,
    midi: Midi,
    vlm: VisionLanguageModel,
    device: torch.device,
    dtype: torch.dtype,
) -> str:
    def millions(module: torch.nn.Module) -> str:
        return f'{sum(p.numel() for p in module.parameters()) / 1e6:.1f} M'

    kind = 'with its adapter' if spec.adapter else spec.made_from or 'plug-and-play'
    encoders = '' if vlm.tower is None else f', encoders in ONNX Runtime ({vlm.tower.provider})'
    weights = '' if spec.trained else ', untrained weights'
    note = f' ({spec.note})' if spec.note else ''
    return (
        f'{name}: MIDI {millions(midi)}, VLM {millions(vlm.model)} parameters {kind}, '
        f'{spec.n_tor} latent tokens, {device} {str(dtype).removeprefix("torch.")}{encoders}'
        f'{weights}{note}'
    )
