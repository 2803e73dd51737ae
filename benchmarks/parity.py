# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Compare this package with what the published SSR code computes, case by case.

    python benchmarks/parity.py DIR [--json]

DIR holds a checkpoint in the released layout (``reasoner.yaml``, ``plug_and_play.yaml``), frames
``rgb_K.png`` and ``depth_K.png``, and ``expected.json`` with ``expected.npz``. Exits with 1 where
a difference is beyond its bound: embeddings and latents 1e-4, logits 1e-3, stage-1 losses 1e-4;
every token, prompt and ``<tor>`` place equal. Frames encoded once and asked in turn, twice, must
equal one pass over everything to 1e-5 of the largest value.

Pillow before 13 makes other pixels of a picture that is shrunk one way and stretched the other:
with it the logits of the last of the four cases differ by 0.01.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray
import PIL
from PIL import Image
import torch

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import one_shot
from ssr_ros.errors import SsrError
from ssr_ros.model import load_reasoner, Reasoner
from ssr_ros.model.encoders import depth_picture
from ssr_ros.model.spec import read_spec
from ssr_ros.model.tokens import insert_tor, SsrTokenizer
from ssr_ros.rgbd import CameraIntrinsics, load_frame, RgbdFrame
from training.models.losses import collate, load_teacher, stage1_losses

BOUNDS = {'embeds': 1e-4, 'latents': 1e-4, 'logits': 1e-3, 'loss': 1e-4, 'split': 1e-5}
ROUNDED = {'embeds': 1e-1, 'latents': 1e-2, 'logits': 2e-1, 'loss': 1e-1, 'split': 1e-2}
"""The bounds of 16 bits: what rounding takes at the sizes of the data, with room."""

KINDS = {'plug_and_play': 'plug_and_play.yaml', 'lora': 'reasoner.yaml'}


class Report:
    """Collects differences, prints each, and knows whether all are within bounds."""

    def __init__(self, quiet: bool, bounds: dict[str, float]) -> None:
        self.rows: list[dict[str, Any]] = []
        self._bounds = bounds
        self._quiet = quiet

    def difference(self, what: str, bound: str, ours: Any, theirs: Any) -> None:
        """Record the largest difference of two arrays: absolute, for the split to their scale."""
        ours, theirs = (_on_the_host(values) for values in (ours, theirs))
        if ours.shape != theirs.shape:
            self._add(what, f'shape {ours.shape} and {theirs.shape}', False)
            return
        largest = float(np.abs(ours - theirs).max()) if ours.size else 0.0
        if bound == 'split':
            largest /= max(1.0, float(np.abs(theirs).max()))
        most = self._bounds[bound]
        self._add(what, f'{largest:.2e} (bound {most:.0e})', largest <= most)

    def equal(self, what: str, ours: Any, theirs: Any) -> None:
        """Record whether two values are equal."""
        same = ours == theirs
        self._add(what, 'equal' if same else f'ours {ours!r}, theirs {theirs!r}', same)

    def tokens(self, what: str, ours: list[int], theirs: list[int]) -> None:
        """Record whether two answers are equal; in 16 bits rounding may part them, and is told."""
        if ours == theirs or self._bounds is BOUNDS:
            self.equal(what, ours, theirs)
        else:
            pairs = enumerate(zip(ours, theirs, strict=False))
            same = next((i for i, (a, b) in pairs if a != b), min(len(ours), len(theirs)))
            self._add(what, f'part after {same} of {len(theirs)} (16 bits)', True)

    def _add(self, what: str, found: str, passed: bool) -> None:
        self.rows.append({'what': what, 'found': found, 'passed': passed})
        if not self._quiet:
            print(f'{"ok  " if passed else "FAIL"} {what:<44} {found}', flush=True)

    @property
    def passed(self) -> bool:
        """Whether there was something to compare and nothing was beyond its bound."""
        return bool(self.rows) and all(row['passed'] for row in self.rows)


def read_frame(folder: Path, number: int) -> RgbdFrame:
    """Read one of the folder's frames; the model does not look at the intrinsics."""
    pair = (folder / f'rgb_{number}.png', folder / f'depth_{number}.png')
    with Image.open(pair[0]) as image:
        width, height = image.size
    return load_frame(*pair, CameraIntrinsics(width, width, width / 2, height / 2))


def compare_case(
    report: Report, reasoner: Reasoner, frame: RgbdFrame, kind: str, case: dict[str, Any]
) -> None:
    """Compare every stage of one question about one frame with ``case``'s numbers."""
    question = case['question']
    name = f'case {case["number"]} {kind}: '
    image_embeds = reasoner.image_encoder(frame.rgb)[0]
    depth_embeds = reasoner.depth_encoder(depth_picture(frame.depth_m))[0]
    report.difference(name + 'image embeddings', 'embeds', image_embeds, case['image_embeds'])
    report.difference(name + 'depth embeddings', 'embeds', depth_embeds, case['depth_embeds'])
    encoded = reasoner.encode(frame)
    latents = reasoner.latents(encoded, question)
    report.difference(name + 'latents', 'latents', latents, case['tor_embeds'])
    mamba_ids = reasoner.midi_tokenizer.encode_user_text(question)
    mamba_ids += [reasoner.midi_tokenizer.tor_id] * reasoner.n_tor
    report.equal(name + 'Mamba prompt', mamba_ids, case['mamba_input_ids'])
    suffix = reasoner.vlm.prompt.question(question, reasoner.n_tor)
    report.equal(name + 'VLM prompt', [*encoded.image_prefix.ids, *suffix], case['vlm_input_ids'])
    logits = one_shot.split_logits(reasoner, encoded, question)
    report.difference(name + 'logits', 'logits', logits, case[f'{kind}_logits'])
    answer = reasoner.ask(encoded, question, max_new_tokens=case['max_new_tokens'])
    report.tokens(name + 'greedy tokens', list(answer.tokens), case[f'{kind}_tokens'])


def compare_split(
    report: Report, reasoner: Reasoner, frames: list[RgbdFrame], kind: str, cases: list[Any]
) -> None:
    """Encode all frames, ask them in turn twice, and compare with one pass over everything."""
    encoded = [reasoner.encode(frame) for frame in frames]
    passes = [
        one_shot.run(reasoner, frame, case['question'])
        for frame, case in zip(frames, cases, strict=True)
    ]
    for turn in ('first', 'second'):
        for number, case in enumerate(cases):
            name = f'case {number} {kind}: {turn} ask against one pass, '
            latents, logits = passes[number]
            ours = reasoner.latents(encoded[number], case['question'])
            report.difference(name + 'latents', 'split', ours, latents)
            ours = one_shot.split_logits(reasoner, encoded[number], case['question'])
            report.difference(name + 'logits', 'split', ours, logits)
            reasoner.ask(encoded[number], case['question'], max_new_tokens=4)


def compare_stage1(
    report: Report, reasoner: Reasoner, frame: RgbdFrame, folder: Path, expected: dict[str, Any]
) -> None:
    """Compare the two stage-1 losses."""
    teacher = load_teacher(folder / 'llm', read_spec(folder / KINDS['lora']).folder('midi'))
    tokenizer = SsrTokenizer(folder / 'llm')
    embeds = (
        reasoner.image_encoder(frame.rgb),
        reasoner.depth_encoder(depth_picture(frame.depth_m)),
    )
    sample = (expected['question'], expected['rationale'])
    batch = collate([sample], embeds, reasoner.midi_tokenizer, tokenizer, reasoner.n_tor)
    tor_ids = (reasoner.midi_tokenizer.tor_id, tokenizer.tor_id)
    with torch.no_grad():
        losses = stage1_losses(reasoner.midi, teacher, batch, tor_ids)
    report.difference('stage 1: Mamba loss', 'loss', losses.mamba, expected['mamba_loss'])
    report.difference('stage 1: teacher loss', 'loss', losses.llm, expected['llm_loss'])
    report.difference('stage 1: sum', 'loss', losses.total, expected['loss'])


def compare(
    folder: Path, quiet: bool = False, device: str = 'cpu', dtype: str = 'float32'
) -> Report:
    """Compare everything in a folder; stage 1 in float32 on a CPU alone."""
    expected = json.loads((folder / 'expected.json').read_text(encoding='utf-8'))
    arrays = np.load(folder / 'expected.npz', allow_pickle=False)
    # A list that is shorter than the longest one ended with the end token.
    longest = max(len(case[f'{kind}_tokens']) for case in expected['cases'] for kind in KINDS)
    cases = [
        {**case, 'number': number, 'max_new_tokens': longest, **_arrays_of(arrays, number)}
        for number, case in enumerate(expected['cases'])
    ]
    frames = [read_frame(folder, case['number']) for case in cases]
    report = Report(quiet, BOUNDS if dtype == 'float32' else ROUNDED)
    for n_tor, wanted in expected['insert_tor'].items():
        rationale = expected['stage1']['rationale']
        report.equal(f'insert_tor, {n_tor} tokens', insert_tor(rationale, int(n_tor)), wanted)
    for kind, yaml_name in KINDS.items():
        reasoner = load_reasoner(folder / yaml_name, device=device, dtype=dtype)
        tor_ids = {'mamba': reasoner.midi_tokenizer.tor_id, 'vlm': reasoner.vlm.tokenizer.tor_id}
        for key, tor_id in tor_ids.items():
            report.equal(f'{kind}: <tor> id, {key}', tor_id, expected[f'tor_token_id_{key}'])
        for frame, case in zip(frames, cases, strict=True):
            compare_case(report, reasoner, frame, kind, case)
        compare_split(report, reasoner, frames, kind, cases)
    if reasoner.device.type == 'cpu' and dtype == 'float32':
        compare_stage1(report, reasoner, frames[0], folder, expected['stage1'])
    return report


def _on_the_host(values: Any) -> NDArray[np.float64]:
    if isinstance(values, torch.Tensor):
        values = values.detach().double().cpu()
    return np.asarray(values, np.float64)


def _arrays_of(arrays: Any, number: int) -> dict[str, Any]:
    prefix = f'{number}_'
    return {key[len(prefix) :]: arrays[key] for key in arrays.files if key.startswith(prefix)}


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('folder', type=Path, metavar='DIR')
    parser.add_argument('--device', default='cpu', help='stage 1 needs cpu and float32')
    parser.add_argument('--dtype', default='float32')
    parser.add_argument('--json', action='store_true', help='print one json object instead')
    options = parser.parse_args()
    try:
        report = compare(options.folder, options.json, options.device, options.dtype)
    except (SsrError, OSError, KeyError, ValueError) as error:
        print(f'{type(error).__name__}: {error}', file=sys.stderr)
        return 2
    failed = [row for row in report.rows if not row['passed']]
    if options.json:
        print(json.dumps({'passed': report.passed, 'rows': report.rows}))
    else:
        beyond = f'{len(report.rows)} comparisons, {len(failed)} beyond their bound'
        print(f'{beyond} (Pillow {PIL.__version__})')
    return 0 if report.passed else 1


if __name__ == '__main__':
    sys.exit(main())
