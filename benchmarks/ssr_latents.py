# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Latents replaced by something else, as "Ablate-to-Validate" does it (arXiv 2605.21642).

If answers stay right with junk in the latents' place, what was gained was not in the latents.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor

from ssr_ros.evaluation.table import Question
from ssr_ros.model import EncodedFrame, Reasoner
from ssr_ros.model.tokens import insert_tor, question_ids

Pair = tuple[int, EncodedFrame, str]

PLAIN_WORDS = ' look at the picture and answer the question that is asked here'

POOL = 512
"""Newest latents that matched noise is drawn from."""


class Replacements:
    """Makes what stands in the latents' place, for some (number, frame, question).

    Random draws depend on the order of the questions alone.
    """

    def __init__(self, questions: Sequence[Question]) -> None:
        """Keep the true rationale of every question, by its number."""
        self._questions = questions
        self._pool: deque[Tensor] = deque(maxlen=POOL)
        self._draw = torch.Generator().manual_seed(0)
        self.kinds: dict[str, Callable[[Reasoner, Sequence[Pair]], Tensor]] = {
            'zero': lambda reasoner, pairs: torch.zeros_like(_own(reasoner, pairs)),
            'noise': self._noise,
            'first': lambda reasoner, pairs: _first(_own(reasoner, pairs)),
            'words': _words,
            'question': _own,
            'frame': _own,
            'oracle': lambda *asked: self._told(lambda known: known.rationale, *asked),
            'silent oracle': lambda *asked: self._told(without_answer, *asked),
        }

    @contextmanager
    def instead(self, kind: str, reasoner: Reasoner, pairs: Sequence[Pair]) -> Iterator[None]:
        """Let the VLM read something else than the latents of these questions.

        Raises:
            QuestionError: a question is too long.
        """
        if kind == 'own':
            yield
            return
        given = self.kinds[kind](
            reasoner, _in_ways(reasoner, pairs, OTHERS.get(kind, list)(pairs))
        )
        reasoner.midi.latents = lambda *_: given  # type: ignore[method-assign]
        try:
            yield
        finally:
            del reasoner.midi.latents

    def _noise(self, reasoner: Reasoner, pairs: Sequence[Pair]) -> Tensor:
        """Draw noise with the mean and the covariance that own latents have at each place."""
        own = _own(reasoner, pairs)
        self._pool.extend(own.cpu())
        seen = torch.stack(list(self._pool))
        mean = seen.mean(0)
        # A weighted sum of what was seen, less its mean, has its covariance.
        weights = torch.randn(len(own), seen.shape[1], len(seen), generator=self._draw)
        off = torch.einsum('bkn,nkw->bkw', weights, seen - mean) / max(1, len(seen) - 1) ** 0.5
        drawn: Tensor = (mean + off).to(own)
        return drawn

    @torch.inference_mode()
    def _told(
        self, rationale: Callable[[Question], str], reasoner: Reasoner, pairs: Sequence[Pair]
    ) -> Tensor:
        """Let MIDI read the true rationale, with its latent tokens in it as in stage 1."""
        tokenizer, found = reasoner.midi_tokenizer, []
        for number, frame, text in pairs:
            told = insert_tor(rationale(self._questions[number]), reasoner.n_tor)
            row = [*question_ids(text, tokenizer), *tokenizer.encode(told)]
            ids = torch.tensor([row], device=reasoner.device)
            places = (ids == tokenizer.tor_id).nonzero()[:, 1][None]
            found.append(reasoner.midi.latents(frame.mamba_state, ids, places)[0])
        return torch.stack(found)


def _in_ways(reasoner: Reasoner, pairs: Sequence[Pair], others: Sequence[Pair]) -> list[Pair]:
    """Return for each way in which a question is asked what MIDI reads in its place."""
    return [
        (number, frame, way.text if text == own else text)
        for (_, _, own), (number, frame, text) in zip(pairs, others, strict=True)
        for way in reasoner.ways(own)
    ]


def without_answer(question: Question) -> str:
    """Return the true rationale without the sentences that state the answer."""
    return str(question.meta.get('rationale_without_answer', ''))


def _own(reasoner: Reasoner, pairs: Sequence[Pair]) -> Tensor:
    return torch.stack([reasoner.latents(frame, text) for _, frame, text in pairs])


def _first(latents: Tensor) -> Tensor:
    return latents[:, :1].expand_as(latents).contiguous()


@torch.inference_mode()
def _words(reasoner: Reasoner, pairs: Sequence[Pair]) -> Tensor:
    """Put as many plain words there as there are latents."""
    ids = reasoner.vlm.tokenizer.encode(PLAIN_WORDS)
    cut = [ids[place % len(ids)] for place in range(reasoner.n_tor)]
    table = reasoner.vlm.model.get_input_embeddings()
    words: Tensor = table(torch.tensor(cut, device=reasoner.device)).float()
    return words.expand(len(pairs), -1, -1).contiguous()


def _other_questions(pairs: Sequence[Pair]) -> list[Pair]:
    """Exchange each question for another one about its frame; alone it stays its own."""
    texts: dict[int, list[str]] = {}
    for _, frame, text in pairs:
        texts.setdefault(id(frame), []).append(text)
    return [(number, frame, _after(texts[id(frame)], text)) for number, frame, text in pairs]


def _after(texts: Sequence[str], text: str) -> str:
    turned = [*texts[texts.index(text) :], *texts[: texts.index(text)]]
    return next((other for other in turned if other != text), text)


def _other_frames(pairs: Sequence[Pair]) -> list[Pair]:
    """Exchange each frame for another one of the batch; alone it stays its own."""
    frames = list({id(frame): frame for _, frame, _ in pairs}.values())
    following = {
        id(frame): frames[(place + max(1, len(frames) // 2)) % len(frames)]
        for place, frame in enumerate(frames)
    }
    return [(number, following[id(frame)], text) for number, frame, text in pairs]


OTHERS: dict[str, Callable[[Sequence[Pair]], list[Pair]]] = {
    'question': _other_questions,
    'frame': _other_frames,
}
"""What MIDI reads instead of a frame and its question."""
