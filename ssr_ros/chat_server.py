# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A language model behind an OpenAI-compatible address: one request, one text.

vLLM, TensorRT-Edge-LLM, Ollama and others answer ``POST {url}/chat/completions``. Nothing is sent
anywhere unless somebody sets a URL, and then to that address alone.
"""

from __future__ import annotations

from dataclasses import dataclass
import http.client
import json
import logging
import os
import time
from typing import Any
from urllib import error, parse, request

from ssr_ros.errors import ConfigError, ServerError

MOST_REPLY_BYTES = 4_000_000

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class ChatSettings:
    """Where the server is and how patient one is with it.

    Attributes:
        url: base address, such as 'http://192.168.1.7:8000/v1'.
        model: the name by which the server knows its model.
        key_variable: name of the environment variable that holds the key; unset: no key is sent.
        timeout_s: for one try, seconds.
        retries: further tries where the server is busy or does not answer.
        max_tokens: of the reply.

    Raises:
        ConfigError: the address is none, or a number is outside its range.
    """

    url: str
    model: str
    key_variable: str
    timeout_s: float = 10.0
    retries: int = 1
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
        if self.max_tokens < 1:
            raise ConfigError(f'expected max_tokens of at least 1, got {self.max_tokens}')


class _NoRedirect(request.HTTPRedirectHandler):
    """What is sent and the key go to the address that was set, and to no other."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


class ChatServer:
    """Asks for one completion at a time, the most likely one.

    Attributes:
        settings: where it is and how it is asked.
        calls: requests sent so far.
    """

    def __init__(self, settings: ChatSettings) -> None:
        self.settings = settings
        self.calls = 0
        self._opener = request.build_opener(_NoRedirect)

    def ask(self, content: str | list[dict[str, Any]]) -> str:
        """Send one user turn, and return the text of the first choice.

        Args:
            content: text, or parts as the API has them.

        Raises:
            ServerError: the server does not answer, refuses, or answers something else.
        """
        body = json.dumps(self._body(content)).encode()
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
        raise ServerError(
            f'the server at {_place(self.settings.url)} gave no answer in '
            f'{self.settings.retries + 1} tries: {reason}'
        )

    def _body(self, content: str | list[dict[str, Any]]) -> dict[str, Any]:
        return {
            'model': self.settings.model,
            'messages': [{'role': 'user', 'content': content}],
            'temperature': 0,
            'max_tokens': self.settings.max_tokens,
        }

    def _post(self, asked: request.Request) -> bytes:
        try:
            with self._opener.open(asked, timeout=self.settings.timeout_s) as answer:
                data = self._read(answer)
        except error.HTTPError as problem:
            with problem:
                said = problem.read(200).decode('utf-8', 'replace')
            if problem.code == 429 or problem.code >= 500:
                raise _Busy(f'HTTP {problem.code} {said}') from problem
            raise ServerError(
                f'the server at {_place(self.settings.url)} refused: HTTP {problem.code} {said}'
            ) from problem
        except (OSError, http.client.HTTPException) as problem:  # URLError and time-outs, too
            raise _Busy(f'{type(problem).__name__}: {problem}') from problem
        if len(data) > MOST_REPLY_BYTES:
            raise ServerError(f'the reply of the server is over {MOST_REPLY_BYTES} bytes')
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


class _Busy(Exception):
    """Another try may help."""


def _content(data: bytes) -> str:
    """The text of the first choice of a chat completion.

    Raises:
        ServerError: there is none.
    """
    try:
        text = json.loads(data)['choices'][0]['message']['content']
    except (ValueError, RecursionError, KeyError, IndexError, TypeError) as problem:
        raise ServerError(
            f'the server answered {data[:80]!r}, which is no chat completion'
        ) from problem
    if not isinstance(text, str):
        raise ServerError(f'the server answered with {type(text).__name__} for a text')
    return text


def _place(url: str) -> str:
    """Host and port of an address: a message must not repeat a password in it."""
    address = parse.urlsplit(url)
    return address.hostname or '' if address.port is None else f'{address.hostname}:{address.port}'
