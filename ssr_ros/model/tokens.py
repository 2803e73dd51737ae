# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The latent token ``<tor>``: where it stands in a text, and how user text cannot forge it."""

from __future__ import annotations

from functools import cache
import json
from pathlib import Path
import subprocess
import sys
from typing import Any

from transformers import AutoTokenizer
from transformers.utils.versions import require_version

from ssr_ros.errors import CheckpointError, QuestionError

TOR = '<tor>'
"""Stands for one latent token of the rationale in both tokenizers (METHOD of SSR, section 3)."""

CHILD = Path(__file__).with_name('chat_child.py')

SANDBOX = 'jinja2>=3.1.6'
"""Known ways lead out of the sandboxes of earlier ones."""

MAX_QUESTION_TOKENS = 256
"""Longest question that SSR was trained on, in tokens of the Mamba tokenizer."""


def insert_tor(text: str, n_tor: int) -> str:
    """Spread ``n_tor`` latent tokens evenly over the words of a text, as in upstream's training.

    Token ``i`` stands before word ``round(i * k / (n_tor - 1))`` of ``k`` words, so the first one
    precedes the text and the last one follows it; a single token stands before word
    ``round(k / 2)``. No space is left on either side of a token.
    """
    if n_tor == 0:
        return text
    words = text.split()
    if n_tor == 1:
        places = [round(len(words) / 2)]
    else:
        places = [round(i * len(words) / (n_tor - 1)) for i in range(n_tor)]
    pieces: list[str] = []
    for place in range(len(words) + 1):
        n_here = places.count(place)
        pieces.append(TOR * n_here)
        if place < len(words):
            pieces.append(words[place] if n_here or place == 0 else ' ' + words[place])
    return ''.join(pieces)


class SsrTokenizer:
    """A tokenizer that knows ``<tor>`` and reads user text as nothing but text.

    Attributes:
        tor_id: id of ``<tor>``.
        size: number of ids, ``<tor>`` included.
    """

    def __init__(self, folder: Path) -> None:
        """Load the tokenizer of a local folder and add ``<tor>``.

        Raises:
            OSError: the folder holds no tokenizer.
            ValueError: its files cannot be read.
        """
        self._tokenizer: Any = _read_tokenizer(folder)
        self._tokenizer.add_tokens([TOR], special_tokens=True)
        self.tor_id = int(self._tokenizer.convert_tokens_to_ids(TOR))
        self.size = len(self._tokenizer)
        self.eos_id: int | None = self._tokenizer.eos_token_id

    @property
    def chat_template(self) -> str | None:
        """The chat template that came with the tokenizer."""
        template: str | None = self._tokenizer.chat_template
        return template

    def encode(self, text: str) -> list[int]:
        """Return ids of text that we wrote: special tokens in it are meant."""
        ids: list[int] = self._tokenizer(text, add_special_tokens=False).input_ids
        return ids

    def encode_user_text(self, text: str) -> list[int]:
        """Return ids of text that somebody else wrote: ``<tor>`` in it is five characters.

        Upstream parses special tokens in questions; a typed ``<tor>`` shifts every latent by one
        and a typed ``<|im_end|>`` ends the user's turn.
        """
        ids: list[int] = self._tokenizer(
            text, add_special_tokens=False, split_special_tokens=True
        ).input_ids
        return ids

    def decode(self, ids: list[int]) -> str:
        """Return the text of ids, special tokens left out."""
        text: str = self._tokenizer.decode(
            ids, skip_special_tokens=True, clean_up_tokenization_spaces=False
        )
        return text

    def without_tors(self, ids: list[int]) -> str:
        """Undo ``insert_tor``: the text of ids, with a space where each ``<tor>`` stood."""
        words: list[list[int]] = [[]]
        for token in ids:
            if token == self.tor_id:
                words.append([])
            else:
                words[-1].append(token)
        return ' '.join(' '.join(self.decode(part) for part in words if part).split())

    def render_chat(self, messages: list[dict[str, Any]], template: str) -> str:
        """Render a conversation that ends where the assistant is to speak.

        Raises:
            CheckpointError: the template fails, or takes more than a template needs; or the jinja2
                that is installed would let it out.
        """
        try:
            require_version(SANDBOX)
        except ImportError as error:
            raise CheckpointError(f'the chat template cannot be used: {error}') from error
        variables = {
            **self._tokenizer.special_tokens_map,
            'messages': messages,
            'tools': None,
            'documents': None,
            'add_generation_prompt': True,
        }
        return _rendered(json.dumps({'template': template, 'variables': variables}))


@cache
def _rendered(given: str) -> str:
    done = subprocess.run(
        [sys.executable, '-c', CHILD.read_text(encoding='utf-8')],
        input=given,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=False,
    )
    said = {} if done.returncode else json.loads(done.stdout)
    if 'text' in said:
        return str(said['text'])
    taken = f'rendering takes more time or memory than one needs (it ended with {done.returncode})'
    raise CheckpointError(f'the chat template cannot be used: {said.get("error", taken)}')


def _read_tokenizer(folder: Path) -> Any:
    try:
        return AutoTokenizer.from_pretrained(folder, local_files_only=True)
    except Exception as error:
        # What the tokenizers library cannot read it raises as an Exception of no kind.
        if type(error) is Exception:
            raise ValueError(f'tokenizer.json: {error}') from error
        raise


def question_ids(question: str, tokenizer: SsrTokenizer) -> list[int]:
    """Return the Mamba tokens of a clean question.

    Raises:
        QuestionError: it has more than MAX_QUESTION_TOKENS tokens.
    """
    ids = tokenizer.encode_user_text(question)
    if len(ids) > MAX_QUESTION_TOKENS:
        raise QuestionError(
            f'the question has {len(ids)} tokens and at most {MAX_QUESTION_TOKENS} are read: '
            'ask a shorter one'
        )
    return ids


def settled(text: str) -> str:
    """Leave out what later tokens may still change: half a character, white space at the end."""
    return text.lstrip().rstrip('\ufffd').rstrip()
