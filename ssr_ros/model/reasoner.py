# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""SSR as one object: a frame is encoded once, and the result is asked many times."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
import gc
import math
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
import torch
from torch import Tensor

from ssr_ros.errors import QuestionError
from ssr_ros.model.answer import Answer, EncodedFrame
from ssr_ros.model.choosing import choose
from ssr_ros.model.decode import ImagePrefix, pick, read
from ssr_ros.model.encoders import DepthEncoder, ImageEncoder
from ssr_ros.model.graphs import Recorded
from ssr_ros.model.lanes import Lanes
from ssr_ros.model.mamba import MambaState
from ssr_ros.model.midi import Midi
from ssr_ros.model.pointing import Pointer
from ssr_ros.model.seer import Seer
from ssr_ros.model.tokens import question_ids, settled, SsrTokenizer
from ssr_ros.model.trace import Trace
from ssr_ros.model.vlm import VisionLanguageModel
from ssr_ros.question import clean_question
from ssr_ros.rgbd import CameraIntrinsics, RgbdFrame
from ssr_ros.scene.questions.offered import Way, ways

MAX_NEW_TOKENS = 128
"""Longest answer in tokens, as upstream."""

MAX_RATIONALE_TOKENS = 256

IMAGE, DEPTH, VLM = range(3)
"""The lanes that a frame is read in."""

Result = TypeVar('Result')


class Reasoner:
    """MIDI, its two encoders and the vision-language model.

    Build one with ``load_reasoner``. Calls from several threads at once are not supported.

    Attributes:
        n_tor: number of latent tokens.
        chooses: where a question offers answers ("A or B?", yes or no), the likeliest of them is
            given; otherwise, and where it offers none, the model writes.
        tempered: what the log likelihoods of offered answers are divided by.
        trained: False where the weights are random.
        description: one line that says what this is, for people.
        seer: asks the same model, as it was before SSR, where things are; None where its own
            weights were not kept (``load_reasoner(..., keep_stock=True)`` keeps them).
        pointer: says in which field of the picture a thing is; None where it was not taught to.
        frame_pass: MIDI's reading of visual tokens, recorded where the device can.
        question_pass: its reading of a question after them, the same.
        lanes: CLIP, SigLIP and the vision-language model side by side, on CUDA.
        new_trace: makes what each call counts its work and times with.
    """

    def __init__(
        self,
        image_encoder: ImageEncoder,
        depth_encoder: DepthEncoder,
        midi: Midi,
        midi_tokenizer: SsrTokenizer,
        vlm: VisionLanguageModel,
        n_tor: int,
        trained: bool,
        description: str,
        seer: Seer | None = None,
        chooses: bool = False,
        tempered: float = 1.0,
        points: bool = False,
    ) -> None:
        self.image_encoder = image_encoder
        self.depth_encoder = depth_encoder
        self.midi = midi
        self.midi_tokenizer = midi_tokenizer
        self.vlm = vlm
        self.n_tor = n_tor
        self.chooses = chooses
        self.tempered = tempered
        self.trained = trained
        self.description = description
        self.seer = seer
        self.pointer = Pointer(self) if points else None
        self.device = vlm.device
        self.frame_pass = Recorded(self._tensors_of_frame, self.device)
        self.question_pass = Recorded(self._latents_of_question, self.device)
        self.lanes = Lanes(self.device, len((IMAGE, DEPTH, VLM)))
        self.new_trace: Callable[[torch.device], Trace] = Trace

    @torch.inference_mode()
    def encode(self, frame: RgbdFrame, picture: NDArray[np.uint8] | None = None) -> EncodedFrame:
        """Read a frame: everything that does not depend on a question.

        Args:
            frame: the frame.
            picture: (H, W, 3) uint8, what the vision-language model sees in place of the frame's
                image, such as that image with numbers on it.

        Raises:
            DeviceError: out of memory.
        """
        trace, lanes = self.new_trace(self.device), self.lanes
        seen = frame.rgb if picture is None else picture
        lanes.begin()
        image_embeds = lanes.run(IMAGE, lambda: self._see_image(frame, trace))
        depth_embeds = lanes.run(DEPTH, lambda: self._see_depth(frame, trace))
        lanes.join(IMAGE, DEPTH)
        with trace.stage('mamba_frame'):
            state = self._read_frame(image_embeds.float(), depth_embeds.float())
            trace.count(mamba_tokens=state.n_tokens)
        prefix = lanes.run(VLM, lambda: self.vlm.read_image(seen, trace))
        lanes.join(VLM)
        return EncodedFrame(
            state, prefix, frame.stamp_ns, frame.frame_id, trace.work, trace.timings_ms
        )

    def ask(
        self,
        encoded: EncodedFrame,
        question: str,
        max_new_tokens: int = MAX_NEW_TOKENS,
        with_rationale: bool = False,
        facts: str = '',
    ) -> Answer:
        """Answer a question about a frame.

        Args:
            encoded: from ``encode`` of this reasoner.
            question: plain words; special tokens in it are read as text.
            max_new_tokens: longest answer; one that is chosen is not cut.
            with_rationale: also decode the rationale in words, one Mamba step a token.
            facts: what the vision-language model is told before the question.

        Raises:
            QuestionError: the question is empty, too long or not text.
            DeviceError: out of memory.
        """
        return _result(self.stream(encoded, question, max_new_tokens, with_rationale, facts))

    def stream(
        self,
        encoded: EncodedFrame,
        question: str,
        max_new_tokens: int = MAX_NEW_TOKENS,
        with_rationale: bool = False,
        facts: str = '',
    ) -> Generator[str, None, Answer]:
        """Yield the answer piece by piece, and return it whole.

        The pieces joined are ``Answer.text``. There is one for every token that is generated, for
        the answer or for the rationale, '' where nothing can be shown yet: whoever reads can stop
        after any token by closing the generator.

        Raises:
            QuestionError: the question is empty, too long or not text.
            DeviceError: out of memory.
        """
        question = clean_question(question)
        trace = self.new_trace(self.device)
        prefix, tokens, text, likelihood = encoded.image_prefix, list[int](), '', math.nan
        asked = self.ways(question)
        latents = self._latents([encoded] * len(asked), [way.text for way in asked], trace)
        if asked[0].answers:
            (chosen,) = choose(self.vlm, [prefix], latents, [asked], trace, facts, self.tempered)
            tokens, likelihood = list(chosen.tokens), chosen.likelihood
        else:
            for row in self.vlm.generate(
                [prefix], latents, [question], max_new_tokens, trace, facts
            ):
                tokens += [token for token in row if token is not None]
                grown = settled(self.vlm.tokenizer.decode(tokens))
                yield grown[len(text) :]
                text += grown[len(text) :]
        whole = self.vlm.tokenizer.decode(tokens).strip()
        yield whole[len(text) :]
        rationale = ''
        if with_rationale:
            rationale = yield from self._rationale(encoded, question, trace)
        return self._answer(encoded, tokens, rationale, trace, likelihood)

    def ask_batch(
        self,
        encoded: Sequence[EncodedFrame],
        questions: Sequence[str],
        max_new_tokens: int = MAX_NEW_TOKENS,
    ) -> list[Answer]:
        """Answer several (frame, question) pairs in one pass; frames may repeat.

        ``timings_ms`` of each answer are those of the whole batch.

        Raises:
            QuestionError: a question is empty, too long or not text, or the numbers differ.
            DeviceError: out of memory.
        """
        if len(encoded) != len(questions):
            raise QuestionError(f'{len(encoded)} frames and {len(questions)} questions')
        if not encoded:
            return []
        cleaned = [clean_question(question) for question in questions]
        trace = self.new_trace(self.device)
        in_ways = [self.ways(text) for text in cleaned]
        asked = [(row, way) for row, own in enumerate(in_ways) for way in own]
        latents = self._latents(
            [encoded[row] for row, _ in asked], [way.text for _, way in asked], trace
        )
        tokens: list[list[int]] = [[] for _ in cleaned]
        likelihoods = [math.nan] * len(cleaned)

        def of(rows: Sequence[int]) -> tuple[list[ImagePrefix], Tensor]:
            own = [place for place, (row, _) in enumerate(asked) if row in rows]
            return [encoded[row].image_prefix for row in rows], latents[own]

        if rows := [row for row, own in enumerate(in_ways) if own[0].answers]:
            offered = [in_ways[row] for row in rows]
            found = choose(self.vlm, *of(rows), offered, trace, temperature=self.tempered)
            for row, chosen in zip(rows, found, strict=True):
                tokens[row], likelihoods[row] = list(chosen.tokens), chosen.likelihood
        if rows := [row for row, own in enumerate(in_ways) if not own[0].answers]:
            written = [cleaned[row] for row in rows]
            for step in self.vlm.generate(*of(rows), written, max_new_tokens, trace):
                for row, token in zip(rows, step, strict=True):
                    if token is not None:
                        tokens[row].append(token)
        return [
            self._answer(frame, answer, '', trace, likelihood)
            for frame, answer, likelihood in zip(encoded, tokens, likelihoods, strict=True)
        ]

    def latents(self, encoded: EncodedFrame, question: str) -> Tensor:
        """Return the latent rationale, (n_tor, width of the VLM) float32.

        Raises:
            QuestionError: the question is empty, too long or not text.
            DeviceError: out of memory.
        """
        return self._latents([encoded], [clean_question(question)], self.new_trace(self.device))[0]

    def ways(self, question: str) -> tuple[Way, ...]:
        """Return how a clean question is asked: at least as it is.

        Where the model is to write, that way offers no answers.
        """
        offering = ways(question) if self.chooses else ()
        return offering or (Way(question, ()),)

    def rationale(self, encoded: EncodedFrame, question: str) -> str:
        """Return the rationale in words, as MIDI's own language model writes it.

        Raises:
            QuestionError: the question is empty, too long or not text.
            DeviceError: out of memory.
        """
        return _result(
            self._rationale(encoded, clean_question(question), self.new_trace(self.device))
        )

    def warm_up(self) -> None:
        """Run every stage once, so that the first real question does not pay for it.

        Raises:
            DeviceError: out of memory.
        """
        rgb = np.zeros((48, 64, 3), np.uint8)
        depth_m = np.ones((48, 64), np.float32)
        frame = RgbdFrame(rgb, depth_m, CameraIntrinsics(50.0, 50.0, 32.0, 24.0))
        encoded = self.encode(frame)
        for words in (1, 8, 32) if self.question_pass.most else (1,):
            self.ask(encoded, 'What is ahead? ' * words, max_new_tokens=2)

    def stages(self) -> Iterator[tuple[object, str]]:
        """Yield (owner, attribute) of every stage that can be recorded."""
        yield from ((self.image_encoder, 'stage'), (self.depth_encoder, 'stage'))
        yield from ((self, 'frame_pass'), (self, 'question_pass'))
        yield from ((self.vlm, 'tower_pass'), (self.vlm, 'prefix_pass'))

    @property
    def memory_bytes(self) -> int | None:
        """What torch holds on the device, in bytes; None on the CPU, where the process tells."""
        if self.device.type != 'cuda':
            return None
        return int(torch.cuda.memory_reserved(self.device))

    def release(self) -> None:
        """Free the device's memory; this object cannot be used afterwards."""
        stages = ('frame_pass', 'question_pass')
        for name in ('image_encoder', 'depth_encoder', 'midi', 'vlm', 'pointer', *stages):
            self.__dict__.pop(name, None)
        gc.collect()  # a stage knows the model that knows the stage
        if self.device.type == 'cuda':
            torch.cuda.empty_cache()

    def _see_image(self, frame: RgbdFrame, trace: Trace) -> Tensor:
        with trace.stage('image_encoder'):
            trace.count(encoder_calls=1)
            return self.image_encoder(frame.rgb)

    def _see_depth(self, frame: RgbdFrame, trace: Trace) -> Tensor:
        with trace.stage('depth_encoder'):
            trace.count(encoder_calls=1)
            return self.depth_encoder(self.depth_encoder.picture(frame.depth_m))

    def _tensors_of_frame(self, image: Tensor, depth: Tensor) -> tuple[Tensor, ...]:
        state = self.midi.read_frame(image, depth)
        return (*state.conv, *state.ssm)

    def _read_frame(self, image: Tensor, depth: Tensor) -> MambaState:
        tensors = self.frame_pass(image, depth)
        layers = len(tensors) // 2
        return MambaState(tensors[:layers], tensors[layers:], image.shape[1] + depth.shape[1])

    def _latents_of_question(
        self, ids: Tensor, tor_places: Tensor, *state: Tensor
    ) -> tuple[Tensor, ...]:
        layers = len(state) // 2
        return (self.midi.latents(MambaState(state[:layers], state[layers:]), ids, tor_places),)

    @torch.inference_mode()
    def _latents(
        self, encoded: Sequence[EncodedFrame], questions: Sequence[str], trace: Trace
    ) -> Tensor:
        rows = [
            question_ids(q, self.midi_tokenizer) + [self.midi_tokenizer.tor_id] * self.n_tor
            for q in questions
        ]
        if self.n_tor == 0:
            return torch.zeros(len(rows), 0, self.vlm.width, device=self.device)
        with trace.stage('mamba_question'):
            longest = self.question_pass.padded(max(map(len, rows)))
            # Padding stands on the right: what comes later changes nothing in a recurrence.
            padded = [row + [0] * (longest - len(row)) for row in rows]
            ids = torch.tensor(padded, device=self.device)
            places = [list(range(len(row) - self.n_tor, len(row))) for row in rows]
            tor_places = torch.tensor(places, device=self.device)
            state = MambaState.stack([frame.mamba_state for frame in encoded])
            latents = self.question_pass(ids, tor_places, *state.conv, *state.ssm)[0]
            trace.count(mamba_tokens=sum(map(len, rows)))
        return latents

    def _rationale(
        self, encoded: EncodedFrame, question: str, trace: Trace
    ) -> Generator[str, None, str]:
        """Decode the rationale greedily; yield '' for every token and return the text."""
        mamba, tokenizer = self.midi.mamba, self.midi_tokenizer
        fed, state = question_ids(question, tokenizer), encoded.mamba_state
        written: list[int] = []
        seen = torch.zeros(1, tokenizer.size, dtype=torch.bool, device=self.device)
        for _ in range(MAX_RATIONALE_TOKENS):
            with trace.stage('rationale'), torch.inference_mode():
                hidden, state = mamba(mamba.embed(torch.tensor([fed], device=self.device)), state)
                trace.count(mamba_tokens=len(fed))
                logits = mamba.logits(hidden[:, -1])[:, : tokenizer.size]
                (token,) = read(pick(logits, seen, penalty=1.0))
            fed = [token]
            written.append(token)
            yield ''
            # In training the last <tor> follows the last word: that is how a rationale ends.
            if token == tokenizer.eos_id or written.count(tokenizer.tor_id) == self.n_tor > 1:
                break
        return tokenizer.without_tors(written)

    def _answer(
        self,
        encoded: EncodedFrame,
        tokens: list[int],
        rationale: str,
        trace: Trace,
        likelihood: float,
    ) -> Answer:
        return Answer(
            text=self.vlm.tokenizer.decode(tokens).strip(),
            rationale=rationale,
            tokens=tuple(tokens),
            trained=self.trained,
            stamp_ns=encoded.stamp_ns,
            frame_id=encoded.frame_id,
            work=trace.work,
            timings_ms=trace.timings_ms,
            likelihood=likelihood,
        )


def _result(steps: Generator[str, None, Result]) -> Result:
    """Run a generator to its end and return what it returns."""
    try:
        while True:
            next(steps)
    except StopIteration as stop:
        result: Result = stop.value
        return result
