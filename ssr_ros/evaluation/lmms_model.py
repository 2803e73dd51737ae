# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""SSR as a model of lmms-eval, so that its scores stand beside everybody's.

Written to lmms_eval.api.model.lmms of version 0.7.3.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lmms_eval.api.model import lmms

from ssr_ros.errors import ConfigError
from ssr_ros.evaluation.lmms_depth import LmmsDepth, rgb_of
from ssr_ros.evaluation.published.depth import frame_of
from ssr_ros.model import load_reasoner
from ssr_ros.model.reasoner import MAX_NEW_TOKENS

IMAGE_TOKEN = '<image>'


class SsrLmms(lmms):
    """Answers the tasks of lmms-eval that show one picture and want text.

    Args:
        depth: where depth comes from, see LmmsDepth: tasks hand over pictures only, so there is no
            default.
        pretrained: preset, checkpoint folder or yaml.
        device: 'auto', 'cpu', 'cuda' or 'cuda:1'.
        batch_size: 1; questions are asked one by one.
        max_batch_size: given by lmms-eval, not used.

    Raises:
        ConfigError: no depth is named, or batches are asked for.
        CheckpointError: the model cannot be loaded.
    """

    is_simple = True

    def __init__(
        self,
        depth: str = '',
        pretrained: str = 'nano',
        device: str | None = None,
        batch_size: int | str = 1,
        max_batch_size: int | None = None,
    ) -> None:
        super().__init__()
        self._depth = LmmsDepth(depth)
        if str(batch_size) not in ('1', 'auto'):
            raise ConfigError(f'questions are asked one by one: --batch_size 1, got {batch_size}')
        self._reasoner = load_reasoner(pretrained, device=device or 'auto')

    def generate_until(self, requests: Sequence[Any]) -> list[str]:
        """Answer every request, in order.

        Raises:
            ConfigError: a task shows no picture or several.
            FrameError: a picture has no depth where depth was named, or the two do not fit.
            QuestionError: a prompt is too long for the model.
        """
        return [self._answer(*request.args) for request in requests]

    def _answer(
        self,
        context: str,
        settings: dict[str, Any],
        visual: Any,
        number: int,
        task: str,
        split: str,
    ) -> str:
        document = self.task_dict[task][split][number]
        shown = visual(document) or []
        if len(shown) != 1:
            raise ConfigError(f'{task}: this model sees one picture, the task shows {len(shown)}')
        rgb = rgb_of(shown[0])
        frame = frame_of(rgb, self._depth.of(document, f'{task}/{number}', rgb.shape[1::-1]))
        question = context.replace(IMAGE_TOKEN, '').strip()
        most = min(int(settings.get('max_new_tokens') or MAX_NEW_TOKENS), MAX_NEW_TOKENS)
        answer = self._reasoner.ask(self._reasoner.encode(frame), question, max_new_tokens=most)
        text = _until(answer.text, settings.get('until') or ())
        self.cache_hook.add_partial('generate_until', (context, settings), text)
        return text

    def loglikelihood(self, requests: Sequence[Any]) -> list[tuple[float, bool]]:
        """Refuse: likelihoods of given answers are not computed."""
        raise NotImplementedError('ssr_ros writes answers; tasks of likelihoods cannot be run')

    def generate_until_multi_round(self, requests: Sequence[Any]) -> list[str]:
        """Refuse: every question stands alone."""
        raise NotImplementedError('ssr_ros answers one question at a time, without a dialogue')


def _until(text: str, stops: str | Sequence[str]) -> str:
    for stop in (stops,) if isinstance(stops, str) else stops:
        text = text.partition(stop)[0] if stop else text
    return text
