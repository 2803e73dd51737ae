# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""SSRBench: 789 free-form questions, judged by a language model; arXiv 2505.12448.

``ssrbench.json`` with task, question, answer, image_path, depth_path. The authors let
Qwen2.5-14B-Instruct-1M reply with a dictionary of pred (yes or no) and score (up to 5), and report
the share of yes and the mean score by task; the README of yliu-cs/SSR shows the function
(``get_score``). It asks again until a reply can be read; here a reply that cannot be read is
unparsed. The words that the judge is asked in are ours, unless others are given: theirs, for one.
Without a judge a rule stands in, which is called so wherever its figures appear: they are not
comparable with published ones.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
import ast
from collections.abc import Sequence
from dataclasses import replace
import json
from pathlib import Path
import re
from typing import Any

from ssr_ros.chat_server import ChatServer, ChatSettings
from ssr_ros.errors import ConfigError
from ssr_ros.evaluation.published.items import Benchmark, Item, Line, Mark, share_line, UNREAD
from ssr_ros.evaluation.published.rows import (
    field,
    files_of,
    needed_picture,
    picture,
    Row,
    rows_of,
)
from ssr_ros.evaluation.reading import lengths_m, plain, WORDS

SPATIAL = ('count', 'relative position', 'position based', 'position-based')
BEST = 5.0
KEY_VARIABLE = 'SSR_JUDGE_KEY'
OPPOSITES = (('yes', 'no'), ('left', 'right'), ('above', 'below'), ('front', 'behind'))

ASKED = """You judge an answer to a question about a picture by holding it against the true answer.
Same meaning in other words is right; a missing or contradicting part is not.

Question: {question}
True answer: {answer}
Answer to judge: {response}

Reply with one JSON object and nothing else: {"pred": "yes" or "no", "score": 0 to 5}.
"pred" says whether the answer is right, "score" (an integer, 5 is best) how well it matches."""


PLACES = ('{question}', '{answer}', '{response}')
"""What stands for question, true answer and answer in a prompt."""


class Judge(ABC):
    """Says whether an answer means what the true one does.

    Attributes:
        name: stands beside every figure.
    """

    name: str

    @abstractmethod
    def mark(self, question: str, truth: str, text: str) -> Mark:
        """Judge; unparsed where no verdict can be had.

        Raises:
            ServerError: there is a server, and it does not answer.
        """


class ServerJudge(Judge):
    """A language model behind an OpenAI-compatible address.

    Args:
        url: base address.
        model: the name by which the server knows it.
        timeout_s: for one verdict.
        prompt: what it is asked, with {question}, {answer} and {response} in it.

    Raises:
        ConfigError: the address is none, or the prompt lacks one of these.
    """

    def __init__(self, url: str, model: str, timeout_s: float = 60.0, prompt: str = ASKED) -> None:
        if lacking := [place for place in PLACES if place not in prompt]:
            raise ConfigError(f'the prompt of the judge lacks {", ".join(lacking)}')
        self._prompt = prompt
        settings = ChatSettings(url, model, KEY_VARIABLE, timeout_s, retries=3, max_tokens=64)
        self.name = f'judged by {model}'
        self._server = ChatServer(settings)

    def mark(self, question: str, truth: str, text: str) -> Mark:
        """Ask for a verdict."""
        words = dict(zip(PLACES, (question, truth, text), strict=True))
        # In one go: an answer may hold the name of a place itself.
        asked = re.sub('|'.join(map(re.escape, PLACES)), lambda m: words[m[0]], self._prompt)
        return read_verdict(self._server.ask(asked))


class RuleJudge(Judge):
    """Knows the same words and numbers when it sees them, and contradictions; nothing else."""

    name = 'by a rule, not by a judge: not comparable with published figures'

    def mark(self, question: str, truth: str, text: str) -> Mark:
        """Compare words and numbers; unparsed where they neither match nor contradict."""
        said, true = plain(text), plain(truth)
        if not said:
            return UNREAD
        if said == true:
            return Mark(True, True, 'yes', score=BEST)
        if _opposed(said.split(), true.split()):
            return Mark(False, True, 'no', score=0.0)
        mine, theirs = _numbers(text), _numbers(truth)
        if len(mine) == len(theirs) == 1:
            same = mine == theirs
            return Mark(same, True, 'yes' if same else 'no', score=BEST if same else 0.0)
        return UNREAD


class SsrBench(Benchmark):
    """SSRBench, with a judge."""

    name, title = 'ssrbench', 'SSRBench'
    source = 'arXiv 2505.12448, huggingface.co/datasets/yliu-cs/SSRBench'
    own_depth = True
    published = (
        ('Qwen2.5-VL-3B', 'general 62.8, spatial 48.8'),
        ('SSR-3B', 'general 79.3, spatial 69.7'),
        ('Qwen2.5-VL-7B', 'general 69.4, spatial 53.6'),
        ('SSR-7B', 'general 82.1, spatial 76.1'),
    )

    def __init__(self, judge: Judge | None = None) -> None:
        self.judge = judge or RuleJudge()

    def load(self, folder: Path) -> list[Item]:
        """Read the rows; paths in them are relative to the folder."""
        files = files_of(folder, '*.jsonl', '*.json', '*.parquet', 'data/*.parquet')
        return [_item(row, folder, where) for path in files for where, row in rows_of(path)]

    def mark(self, item: Item, text: str) -> Mark:
        """Let the judge decide; nothing said needs no judge."""
        return self.judge.mark(item.question, item.truth, text) if text.strip() else UNREAD

    def lines(self, items: Sequence[Item], marks: Sequence[Mark]) -> list[Line]:
        """Return tasks, general and spatial as shares of yes, and the mean scores."""
        pairs = list(zip(items, marks, strict=True))
        groups: dict[str, list[Mark]] = {item.group: [] for item in items}
        for item, mark in pairs:
            groups[item.group].append(mark)
        halves = {
            half: [mark for item, mark in pairs if is_spatial(item.group) == is_it]
            for half, is_it in (('general', False), ('spatial', True))
        }
        shares = {**groups, **{name: of for name, of in halves.items() if of}, 'all': list(marks)}
        lines = [share_line(name, of) for name, of in shares.items() if of]
        return [*lines, *(_score_line(name, of) for name, of in shares.items() if of)]


def read_verdict(reply: str) -> Mark:
    """Read what a judge replied; unparsed where it is no verdict.

    Args:
        reply: an object with pred and score, as JSON or as Python writes it, with a fence or not.
    """
    found = re.search(r'\{[^{}]*\}', reply)
    if found is None:
        return UNREAD
    verdict = None
    for reader in (json.loads, ast.literal_eval):
        try:
            verdict = reader(found[0])
            break
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
    if not isinstance(verdict, dict):
        return UNREAD
    said = str(verdict.get('pred', '')).strip().lower()
    score: Any = verdict.get('score')
    if isinstance(score, str) and re.fullmatch(r'\d(?:\.\d+)?', score.strip()):
        score = float(score)
    is_score = isinstance(score, (int, float)) and not isinstance(score, bool)
    if said not in ('yes', 'no') or not is_score or not 0 <= score <= BEST:
        return UNREAD
    return Mark(said == 'yes', True, said, score=float(score))


def is_spatial(task: str) -> bool:
    """Whether a task is one of the three spatial ones."""
    return task.lower().replace('_', ' ').startswith(SPATIAL)


def _score_line(name: str, marks: Sequence[Mark]) -> Line:
    """Mean of 0..5; no verdict is 0, as wrong."""
    mean = sum(mark.score or 0.0 for mark in marks) / len(marks)
    line = share_line(f'{name}, mean score of 5', marks)
    return replace(line, value=mean, low=None, high=None)


def _opposed(said: list[str], true: list[str]) -> bool:
    """Whether one text says the one word and the other its opposite."""
    return any(
        (a in said and b in true and b not in said and a not in true)
        or (b in said and a in true and a not in said and b not in true)
        for a, b in OPPOSITES
    )


def _numbers(text: str) -> list[float]:
    """Lengths in metres where there are any, else bare numbers, in digits or words."""
    if lengths := lengths_m(text):
        return lengths
    words = plain(text).split()
    named = [float(WORDS.index(word)) for word in words if word in WORDS]
    return named + [float(word) for word in words if re.fullmatch(r'\d+(?:\.\d+)?', word)]


def _item(row: Row, folder: Path, where: str) -> Item:
    return Item(
        key=where,
        group=field(row, 'task', where, str),
        question=field(row, 'question', where, str),
        truth=str(field(row, 'answer', where, str, int, float)),
        image=needed_picture(row, ('image_path', 'image'), folder, where),
        depth=picture(row, ('depth_path', 'depth'), folder, where),
    )
