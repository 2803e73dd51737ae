# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Rows of text and images turned into what the models read.

A sample that cannot be read (missing or truncated image, depth of another size) is counted, logged
and left out of its batch; it is never exchanged for another one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from ssr_ros.errors import ConfigError, FrameError
from ssr_ros.model.encoders import DepthEncoder, ImageEncoder
from ssr_ros.model.prompt import ChatPrompt, ImagePrompt
from ssr_ros.model.tokens import insert_tor, SsrTokenizer
from ssr_ros.rgbd import read_depth_m, read_rgb
from training.data.features import FeatureCache
from training.data.rows import Row, RowFiles
from training.run.failures import DataError
from training.run.settings import DataSettings
from training.small.readings import in_fewer_words, renamed

RATIONALES = ('full', 'without_answer', 'answer', 'either')
TARGETS = ('answer', 'explained', 'reading', 'notes')

EXPLAIN = 'Explain.'
"""After a question: asks a VLM for the rationale in place of the answer."""


@dataclass(frozen=True)
class Sample:
    """A row with its images read.

    Attributes:
        row: the texts.
        image: (3, S, S) pixels for CLIP, or (tokens, width) features where they are cached; None
            where nothing reads it.
        depth: the same for SigLIP.
        prompt: the image as the VLM's prompt has it; None where nothing reads it.
        counts: False for a stand-in whose labels are ignored.
    """

    row: Row
    image: Tensor | None = None
    depth: Tensor | None = None
    prompt: ImagePrompt | None = None
    counts: bool = True


@dataclass(frozen=True)
class Broken:
    """A row whose images cannot be used."""

    where: str
    why: str


class FrameReader:
    """Reads the images of a row for the models that want them."""

    def __init__(
        self,
        encoders: tuple[ImageEncoder, DepthEncoder] | None,
        chat: ChatPrompt | None,
        cache: FeatureCache | None = None,
    ) -> None:
        """Make a reader.

        Args:
            encoders: of colour and depth, where MIDI is trained.
            chat: where a VLM is trained.
            cache: where features are kept; pixels are read instead where None.
        """
        self._encoders = encoders
        self._chat = chat
        self._cache = cache
        self._newest: Sample | None = None

    def __call__(self, row: Row) -> Sample:
        """Read; the frame that was read last is not read again.

        Raises:
            FrameError: an image is missing, broken or of another size than its partner.
        """
        last = self._newest
        if last is None or frame_files(last.row) != frame_files(row):
            self._newest = self._sample(row)
            return self._newest
        return replace(last, row=row)

    def _sample(self, row: Row) -> Sample:
        if self._encoders is None:
            return Sample(row, prompt=self._prompt(row))
        if self._cache is None:
            image, depth = (pixels[0] for pixels in self._pixels(row))
        else:
            _check_there(row)
            image, depth = self._cache.get(frame_files(row), lambda: self._features(row))
        return Sample(row, image, depth, self._prompt(row))

    def _prompt(self, row: Row) -> ImagePrompt | None:
        return self._chat and self._chat.image(read_rgb(row.image_path))

    def _pictures(self, row: Row) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
        rgb = read_rgb(row.image_path)
        if row.depth_path is None:
            return rgb, np.zeros_like(rgb)  # what a wholly unknown depth image looks like
        assert self._encoders is not None, 'nothing reads the depth'
        depth_m = read_depth_m(row.depth_path)
        if depth_m.shape != rgb.shape[:2]:
            raise FrameError(
                f'{row.depth_path}: depth is {depth_m.shape[1]}x{depth_m.shape[0]} and colour is '
                f'{rgb.shape[1]}x{rgb.shape[0]}'
            )
        return rgb, self._encoders[1].picture(depth_m)

    def _pixels(self, row: Row) -> list[Tensor]:
        return [
            encoder.processor(
                images=picture, return_tensors='pt', input_data_format='channels_last'
            )['pixel_values']
            for encoder, picture in zip(self._encoders or (), self._pictures(row), strict=True)
        ]

    def _features(self, row: Row) -> tuple[Tensor, Tensor]:
        pictures = self._pictures(row)
        # Made under inference mode, which a tensor that meets gradients must not be: clone.
        image, depth = (
            encoder(picture)[0].clone()
            for encoder, picture in zip(self._encoders or (), pictures, strict=True)
        )
        return image, depth


class SampleSet(Dataset[Any]):
    """The samples of some jsonl files.

    Attributes:
        rows: their texts, and the broken samples so far.
    """

    def __init__(
        self,
        files: Sequence[str],
        settings: DataSettings,
        read: Callable[[Row], Sample],
        rationales: bool = False,
    ) -> None:
        """Index the files.

        Args:
            files: jsonl files.
            settings: of the data.
            read: a FrameReader.
            rationales: whether a row without a rationale is broken.

        Raises:
            ConfigError: a file is missing, or a setting is unknown.
            DataError: too many lines are broken.
        """
        for name, known in (('rationale', RATIONALES), ('target', TARGETS)):
            if getattr(settings, name) not in known:
                raise ConfigError(
                    f'data.{name}: expected {", ".join(known)}; got {getattr(settings, name)!r}'
                )
        self.rows = RowFiles(files, settings.root, settings.max_broken)
        self._rationale = settings.rationale
        self._target = settings.target
        self._needs_rationale = rationales
        self._read = read

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> Sample | Broken:
        """Read one sample, or say why it cannot be read."""
        row = self.rows[index]
        if self._rationale == 'without_answer':
            row = replace(row, rationale=str(row.meta.get('rationale_without_answer', '')))
        if self._rationale == 'answer' or (self._rationale == 'either' and index % 2):
            row = replace(row, rationale=row.answer)
        row = _aimed(row, index, self._target)
        if self._needs_rationale and not row.rationale:
            return Broken(row.where, f'the row has no rationale ({self._rationale})')
        try:
            return self._read(row)
        except FrameError as error:
            return Broken(row.where, str(error))

    def first_good(self) -> Sample:
        """Return the first sample that can be read.

        Raises:
            DataError: none can.
        """
        for index in range(len(self)):
            sample = self[index]
            if isinstance(sample, Sample):
                return sample
        raise DataError('not one sample can be read')


def _aimed(row: Row, index: int, target: str) -> Row:
    """Return the row with what ``target`` asks of the row of this number."""
    if target == 'answer' or not row.rationale:
        return row
    turn = index % {'explained': 2, 'reading': 5, 'notes': 6}[target]
    if turn == 0:
        return row
    if turn == 1:
        return replace(row, question=f'{row.question} {EXPLAIN}', answer=row.rationale)
    asked, rationale, answer = row.question, row.rationale, row.answer
    if target == 'notes':
        asked, rationale, answer = renamed((asked, rationale, answer), index)
    if turn == 2:
        return replace(row, question=f'{rationale}\n{asked} {EXPLAIN}', answer=rationale)
    read = (rationale, answer, in_fewer_words(answer))[turn - 3]
    return replace(row, question=f'{read}\n{asked}', answer=answer)


def sample_sets(
    settings: DataSettings, read: Callable[[Row], Sample], rationales: bool = False
) -> tuple[SampleSet, SampleSet | None]:
    """Return what a run trains on and what it evaluates on, if anything; see SampleSet."""
    train = SampleSet(settings.train, settings, read, rationales)
    return train, SampleSet(settings.val, settings, read, rationales) if settings.val else None


class Lengths:
    """Cuts texts to the longest that the models are trained on."""

    def __init__(self, settings: DataSettings) -> None:
        self._settings = settings

    def question(self, text: str, tokenizer: SsrTokenizer) -> str:
        """Cut a question."""
        return cut_words(text, _user_tokens(tokenizer), self._settings.question_tokens)

    def rationale(self, text: str, tokenizer: SsrTokenizer, n_tor: int) -> str:
        """Cut a rationale so that its latent tokens fit as well."""

        def count(cut: str) -> int:
            return len(tokenizer.encode(insert_tor(cut, n_tor)))

        return cut_words(text, count, self._settings.rationale_tokens)

    def answer(self, text: str, tokenizer: SsrTokenizer) -> str:
        """Cut an answer so that its end token fits as well."""
        return cut_words(text, _user_tokens(tokenizer), self._settings.answer_tokens - 1)


def cut_words(text: str, count: Callable[[str], int], most: int) -> str:
    """Cut a text to whole words so that ``count`` of it is at most ``most``."""
    words = text.split(' ')
    while len(words) > 1 and (length := count(' '.join(words))) > most:
        words = words[: min(len(words) - 1, max(1, len(words) * most // length))]
    return ' '.join(words)


def _user_tokens(tokenizer: SsrTokenizer) -> Callable[[str], int]:
    return lambda text: len(tokenizer.encode_user_text(text))


def frame_files(row: Row) -> tuple[Path, Path | None]:
    """Return the files of the row's frame."""
    return row.image_path, row.depth_path


def pad(rows: Sequence[Sequence[int]], value: int) -> Tensor:
    """Stack lists of numbers, padded on the right."""
    longest = max(map(len, rows))
    return torch.tensor([[*row, *[value] * (longest - len(row))] for row in rows])


def _check_there(row: Row) -> None:
    for path in (row.image_path, row.depth_path):
        if path is not None and not Path(path).is_file():
            raise FrameError(f'{path}: there is no such file')
