# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Where bfloat16 changes answers: which part brings it, and how near the two tokens were.

    python benchmarks/rounding.py --test out/nano/worlds/test/questions.jsonl --limit 40 --list

Greedy answers, one by one, against those of float32. First each part by itself in bfloat16, then
ways to keep what is cheap in float32. Released weights are bfloat16 as they are stored: what
rounding does beside that is told apart ('as float32 on rounded weights'). With --list every answer
that differs: its first token that does, the gap of the two logits in float32 and in bfloat16, and
what float32 gives both as chances.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
import sys
from typing import Any

import torch
from torch import nn, Tensor

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.machine import machine
from benchmarks.same_answers import arguments, ask_all, compare
from benchmarks.ssr_rows import read_test, TestFrame
from ssr_ros.evaluation.table import Question
from ssr_ros.model import Answer, load_reasoner, Reasoner
from ssr_ros.model.decode import Request, seen_tokens

BFLOAT16, FLOAT32 = torch.bfloat16, torch.float32


class Ways:
    """Reasoners of which some parts compute in bfloat16."""

    def __init__(self, model: str) -> None:
        self._model = model

    def load(self, dtype: str) -> Reasoner:
        """Load all of it in one dtype."""
        return load_reasoner(self._model, 'cpu', dtype, encoders='torch')

    def whole(self) -> Reasoner:
        """Return what users get."""
        return self.load('bfloat16')

    def weights(self) -> Reasoner:
        """Round weights alone: nothing can be nearer in 16 bits."""
        reasoner = self.load('float32')
        for part in (reasoner.vlm, reasoner.image_encoder, reasoner.depth_encoder):
            for name, parameter in part.model.named_parameters():
                if parameter.dim() > 1 and 'lm_head' not in name:
                    parameter.data = parameter.data.bfloat16().float()
        return reasoner

    def encoders(self) -> Reasoner:
        """Round CLIP and SigLIP."""
        reasoner, other = self.load('float32'), self.load('bfloat16')
        reasoner.image_encoder, reasoner.depth_encoder = other.image_encoder, other.depth_encoder
        return reasoner

    def tower(self) -> Reasoner:
        """Round the vision tower."""
        reasoner = self.load('float32')
        reasoner.vlm.model.model.visual = self.load('bfloat16').vlm.model.model.visual
        return reasoner

    def language(self) -> Reasoner:
        """Round the language model, with what it reads."""
        reasoner, other = self.load('float32'), self.load('bfloat16')
        other.vlm.model.model.visual = reasoner.vlm.model.model.visual
        reasoner.vlm = other.vlm
        return reasoner

    def latents(self) -> Reasoner:
        """Round what the language model is told of the scene, and nothing else."""
        reasoner = self.load('float32')
        exact = reasoner.vlm.requests

        def rounded(prefixes: Any, latents: Tensor, *more: Any) -> list[Request]:
            return exact(prefixes, latents.bfloat16().float(), *more)

        vars(reasoner.vlm)['requests'] = rounded
        return reasoner

    def matrices(self) -> Reasoner:
        """Round matrices and what goes through them; all between them stays in float32."""
        reasoner = self.load('float32')
        between(reasoner.vlm.model, 'language_model', 'visual')
        return reasoner

    def language_matrices(self) -> Reasoner:
        """Do so in the language model, with encoders and tower in float32."""
        reasoner = self.load('float32')
        between(reasoner.vlm.model, 'language_model')
        return reasoner


def between(model: nn.Module, *parts: str) -> None:
    """Make the linear modules of some parts compute in bfloat16, from and to float32."""
    for name, module in model.named_modules():
        if isinstance(module, nn.Linear) and any(part in name for part in parts):
            module.to(BFLOAT16)
            module.register_forward_pre_hook(lambda _, given: (given[0].bfloat16(),))
            module.register_forward_hook(lambda _, given, made: made.float())


def ways(model: str) -> dict[str, Callable[[], Reasoner]]:
    """Return name -> what loads it."""
    made = Ways(model)
    return {
        'all': made.whole,
        'weights alone': made.weights,
        'CLIP, SigLIP': made.encoders,
        'tower': made.tower,
        'language model': made.language,
        'latents': made.latents,
        'matrices alone': made.matrices,
        'its matrices': made.language_matrices,
    }


def logits_after(
    reasoner: Reasoner, frame: TestFrame, question: Question, tokens: tuple[int, ...]
) -> Tensor:
    """Return (vocabulary,) float32: what a reasoner says next, repetition punished."""
    vlm, encoded = reasoner.vlm, reasoner.encode(frame.read())
    latents = reasoner.latents(encoded, question.text)[None]
    (asked,) = vlm.requests([encoded.image_prefix], latents, [question.text])
    embeds = torch.cat([asked.embeds, vlm.embed(list(tokens))]) if tokens else asked.embeds
    request = Request(prefix=asked.prefix, ids=[*asked.ids, *tokens], embeds=embeds)
    with torch.inference_mode():
        (logits,) = vlm.plain.first_logits([request])
    (seen,) = seen_tokens([request], len(logits), logits.device)
    penalty = vlm.plain.penalty
    return torch.where(seen, torch.where(logits < 0, logits * penalty, logits / penalty), logits)


def first_difference(before: Answer, after: Answer) -> int:
    """Return the place of the first token that differs."""
    pairs = enumerate(zip(before.tokens, after.tokens, strict=False))
    shorter = min(len(before.tokens), len(after.tokens))
    return next((place for place, (a, b) in pairs if a != b), shorter)


def differing(
    exact: Reasoner,
    rounded: Reasoner,
    rows: list[tuple[TestFrame, Question, Answer, Answer]],
) -> Iterator[str]:
    """Yield a line for every answer that differs."""
    decode = exact.vlm.tokenizer.decode
    for frame, question, before, after in rows:
        place = first_difference(before, after)
        if place == min(len(before.tokens), len(after.tokens)):
            continue
        pair = [before.tokens[place], after.tokens[place]]
        gaps, chances = [], [0.0, 0.0]
        for reasoner in (rounded, exact):
            logits = logits_after(reasoner, frame, question, before.tokens[:place])
            gaps.append(float(logits[pair[0]] - logits[pair[1]]))
            chances = logits.softmax(-1)[pair].tolist()
        words = ' or '.join(repr(decode([token])) for token in pair)
        yield (
            f'    {question.text!r}: {before.text!r} -> {after.text!r}: token {place + 1}, '
            f'{words}: gap {gaps[1]:.3f} in float32, {gaps[0]:.3f} in bfloat16; '
            f'chances {chances[0]:.2f} and {chances[1]:.2f}'
        )


def main() -> None:
    """Command line."""
    options = arguments(__doc__).parse_args()
    questions, frames = read_test(options.test, options.limit)
    print(f'{machine()}; {len(questions)} questions about {len(frames)} frames')
    known = ways(options.model)
    exact = load_reasoner(options.model, 'cpu', 'float32', encoders='torch')
    expected = ask_all(exact, questions, frames)
    stored = ask_all(known['weights alone'](), questions, frames)
    frame_of = {number: frame for frame in frames for number in frame.asked}
    for name in options.only.split(',') if options.only else known:
        rounded = known[name]()
        found = ask_all(rounded, questions, frames)
        row = compare(questions, expected, found)
        beside = sum(a.tokens == b.tokens for a, b in zip(stored, found, strict=True))
        print(
            f'{name:<16}{row["equal"]:>5} of {row["n"]} as float32 '
            f'({row["equal"] / row["n"]:.1%}), {beside} as float32 on rounded weights '
            f'({beside / row["n"]:.1%}); right {row["right"]} (float32 {row["right_before"]})',
            flush=True,
        )
        rows = [
            (frame_of[number], questions[number], before, after)
            for number, (before, after) in enumerate(zip(expected, found, strict=True))
            if before.tokens != after.tokens
        ]
        for line in differing(exact, rounded, rows) if options.list else ():
            print(line, flush=True)


if __name__ == '__main__':
    main()
