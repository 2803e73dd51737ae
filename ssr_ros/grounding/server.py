# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A vision-language model on another machine, behind an OpenAI-compatible address.

vLLM, TensorRT-Edge-LLM, Ollama and others answer ``POST {url}/chat/completions``. Nothing is sent
anywhere unless a URL is set: the image leaves the robot.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
import http.client
import json
import logging
import math
import os
import time
from typing import Any
from urllib import error, parse, request

import cv2
import numpy as np
from numpy.typing import NDArray

from ssr_ros.errors import ConfigError, GroundingError
from ssr_ros.grounding.replies import check_readable, form_of, read_reply, ReplyCounts
from ssr_ros.rgbd import RgbdFrame
from ssr_ros.scene.grounded import Grounded

MOST_REPLY_BYTES = 4_000_000
SIDE_FACTOR = 28
"""The model sees whole squares of so many pixels; an image of such sides is not resized again."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class ServerSettings:
    """Where the server is and how it is asked.

    Attributes:
        url: base address, such as 'http://192.168.1.7:8000/v1'.
        model: the name by which the server knows its model.
        family: how the model writes boxes, one of ssr_ros.grounding.replies.FORMS.
        key_variable: name of the environment variable that holds the key; unset: no key is sent.
        timeout_s: for one try, seconds.
        retries: further tries where the server is busy or does not answer.
        most_pixels: the image is made smaller than this.
        max_tokens: of the reply.
    """

    url: str
    model: str
    family: str = 'qwen2_5_vl'
    key_variable: str = 'SSR_GROUNDING_KEY'
    timeout_s: float = 10.0
    retries: int = 1
    most_pixels: int = 1_000_000
    max_tokens: int = 1024

    def __post_init__(self) -> None:
        address = parse.urlsplit(self.url)
        if address.scheme not in ('http', 'https') or not address.hostname:
            raise ConfigError(
                f'the address of a server looks like http://host:8000/v1, got {self.url!r}'
            )
        if not self.model:
            raise ConfigError('the server needs the name of a model')
        if not 0 < self.timeout_s <= 600 or not 0 <= self.retries <= 10:
            raise ConfigError(
                f'expected a timeout_s in 0..600 and 0..10 retries, got {self.timeout_s} and '
                f'{self.retries}'
            )
        if self.most_pixels < SIDE_FACTOR**2 or self.max_tokens < 1:
            raise ConfigError(
                f'expected most_pixels of at least {SIDE_FACTOR**2} and max_tokens of at least '
                f'1, got {self.most_pixels} and {self.max_tokens}'
            )
        form_of(self.family)


class _NoRedirect(request.HTTPRedirectHandler):
    """The image and the key go to the address that was set, and to no other."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


class ServerGrounder:
    """Asks a server where things are.

    Attributes:
        name: what its regions carry as their source.
        settings: where it is and how it is asked.
        counts: what became of the entries of the last reply.
        calls: requests sent so far.
    """

    def __init__(self, settings: ServerSettings, name: str = 'server') -> None:
        self.name = name
        self.settings = settings
        self.counts = ReplyCounts()
        self.calls = 0
        self._form = form_of(settings.family)
        self._opener = request.build_opener(_NoRedirect)

    def locate(self, frame: RgbdFrame, phrases: Sequence[str]) -> list[Grounded]:
        """Send the image and the names once, and read the boxes.

        Raises:
            GroundingError: the server does not answer, refuses, or writes no boxes.
        """
        if not phrases:
            return []
        picture = fit_pixels(frame.rgb, self.settings.most_pixels)
        text = self._ask(picture, self._form.question(phrases))
        reply = read_reply(
            text,
            self._form,
            phrases,
            (picture.shape[1], picture.shape[0]),
            (frame.width, frame.height),
            self.name,
        )
        self.counts = reply.counts
        return list(check_readable(reply, text, self.name))

    def _ask(self, rgb: NDArray[np.uint8], question: str) -> str:
        body = json.dumps(self._body(rgb, question)).encode()
        headers = {'Content-Type': 'application/json'}
        key = os.environ.get(self.settings.key_variable, '')
        if key:
            headers['Authorization'] = f'Bearer {key}'
        url = self.settings.url.rstrip('/') + '/chat/completions'
        reason = ''
        for tries in range(self.settings.retries + 1):
            if tries:
                logger.info('asking the server again: %s', reason)
                time.sleep(min(0.2 * 2 ** (tries - 1), 2.0))
            try:
                self.calls += 1
                return _content(self._post(request.Request(url, body, headers)))
            except _Busy as busy:
                reason = str(busy)
        raise GroundingError(
            f'the server at {_place(self.settings.url)} gave no answer in '
            f'{self.settings.retries + 1} tries: {reason}'
        )

    def _post(self, asked: request.Request) -> bytes:
        try:
            with self._opener.open(asked, timeout=self.settings.timeout_s) as answer:
                data = self._read(answer)
        except error.HTTPError as problem:
            with problem:
                said = problem.read(200).decode('utf-8', 'replace')
            if problem.code == 429 or problem.code >= 500:
                raise _Busy(f'HTTP {problem.code} {said}') from problem
            raise GroundingError(
                f'the server at {_place(self.settings.url)} refused: HTTP {problem.code} {said}'
            ) from problem
        except (OSError, http.client.HTTPException) as problem:  # URLError and time-outs, too
            raise _Busy(f'{type(problem).__name__}: {problem}') from problem
        if len(data) > MOST_REPLY_BYTES:
            raise GroundingError(f'the reply of the server is over {MOST_REPLY_BYTES} bytes')
        return data

    def _read(self, answer: http.client.HTTPResponse) -> bytes:
        """Read a reply in pieces: a time-out of the socket starts anew with each of them."""
        until = time.monotonic() + self.settings.timeout_s
        data = b''
        while len(data) <= MOST_REPLY_BYTES:
            piece = answer.read1(65536)
            if not piece:
                break
            if time.monotonic() > until:
                raise _Busy(f'still sending after {self.settings.timeout_s:g} s')
            data += piece
        return data

    def _body(self, rgb: NDArray[np.uint8], question: str) -> dict[str, Any]:
        done, encoded = cv2.imencode('.png', cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))
        if not done:
            raise GroundingError(f'the image {rgb.shape} could not be written as PNG')
        image = 'data:image/png;base64,' + base64.b64encode(encoded.tobytes()).decode('ascii')
        content = [
            {'type': 'image_url', 'image_url': {'url': image}},
            {'type': 'text', 'text': question},
        ]
        return {
            'model': self.settings.model,
            'messages': [{'role': 'user', 'content': content}],
            'temperature': 0,
            'max_tokens': self.settings.max_tokens,
        }


class _Busy(Exception):
    """Another try may help."""


def fit_pixels(rgb: NDArray[np.uint8], most_pixels: int) -> NDArray[np.uint8]:
    """Resize an image to sides that are multiples of SIDE_FACTOR, at most so many pixels."""
    height, width = rgb.shape[:2]
    scale = min(1.0, math.sqrt(most_pixels / (width * height)))
    sides = [
        max(SIDE_FACTOR, int(side * scale) // SIDE_FACTOR * SIDE_FACTOR)
        for side in (width, height)
    ]
    if sides == [width, height]:
        return rgb
    return np.asarray(cv2.resize(rgb, (sides[0], sides[1]), interpolation=cv2.INTER_AREA))


def _content(data: bytes) -> str:
    """The text of the first choice of a chat completion.

    Raises:
        GroundingError: there is none.
    """
    try:
        text = json.loads(data)['choices'][0]['message']['content']
    except (ValueError, RecursionError, KeyError, IndexError, TypeError) as problem:
        raise GroundingError(
            f'the server answered {data[:80]!r}, which is no chat completion'
        ) from problem
    if not isinstance(text, str):
        raise GroundingError(f'the server answered with {type(text).__name__} for a text')
    return text


def _place(url: str) -> str:
    """Host and port of an address: a message must not repeat a password in it."""
    address = parse.urlsplit(url)
    return address.hostname or '' if address.port is None else f'{address.hostname}:{address.port}'
