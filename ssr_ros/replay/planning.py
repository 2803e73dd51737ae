# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Which question is asked of which frame of a recording."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ssr_ros.bags.index import BagIndex, FramePlace
from ssr_ros.errors import ConfigError
from ssr_ros.replay.questions import Question, QuestionSet, Scene

MOST_ASKED = 1_000_000


@dataclass(frozen=True)
class Asking:
    """A question that is due.

    Attributes:
        question: what is asked.
        asked_ns: the stamp that it is asked for, nanoseconds.
        place: the frame nearest to that; None where there is none.
        why_none: why, in words.
    """

    question: Question
    asked_ns: int
    place: FramePlace | None
    why_none: str = ''


def plan(asked: QuestionSet, index: BagIndex, bag_name: str) -> list[Asking]:
    """Find the frame of every question: the one nearest by its stamp.

    Args:
        asked: all questions.
        index: of the recording.
        bag_name: what it is called.

    Returns:
        by frame, each frame's questions in the order of the file; first those without a frame.

    Raises:
        ConfigError: there are far too many.
    """
    due = list(_Planner(asked, index, bag_name).all())
    order = {question.id: number for number, question in enumerate(asked.questions)}
    return sorted(due, key=lambda each: _key(each, order))


def _key(each: Asking, order: dict[str, int]) -> tuple[int, int, int]:
    number = -1 if each.place is None else each.place.number
    return number, order[each.question.id], each.asked_ns


class _Planner:
    def __init__(self, asked: QuestionSet, index: BagIndex, bag_name: str) -> None:
        self._asked, self._name = asked, bag_name
        self._places = sorted(index.places, key=lambda place: place.stamp_ns)
        self._stamps = [place.stamp_ns for place in self._places]
        color = index.streams[index.topics.color].stamps_ns
        self._start_ns = min(color, default=index.start_ns)
        self._end_ns = max(color, default=index.start_ns)
        self._count = 0

    def all(self) -> Iterator[Asking]:
        for question in self._asked.questions:
            if not question.is_for(self._name):
                continue
            taken: set[int] = set()
            for asked_ns, is_repeated in self._times(question):
                asking = self._asking(question, asked_ns)
                if is_repeated and asking.place is not None:
                    if asking.place.number in taken:
                        continue
                    taken.add(asking.place.number)
                self._count += 1
                if self._count > MOST_ASKED:
                    raise ConfigError(
                        f'{question.id} (line {question.line}) and those before it are asked more '
                        f'than {MOST_ASKED:,} times: raise every_s'
                    )
                yield asking

    def _times(self, question: Question) -> Iterator[tuple[int, bool]]:
        """Yield stamps, and whether they are of one question asked again and again."""
        when = question.when
        for scene in self._scenes(question):
            first_ns, last_ns = self._span(scene)
            if when.once:
                yield from ((ns, False) for ns in self._first_in(first_ns, last_ns))
            elif when.every_ns:
                yield from ((ns, True) for ns in range(first_ns, last_ns + 1, when.every_ns))
            else:
                times = [self._start_ns + ns for ns in when.after_start_ns]
                times += when.stamps_ns
                inside = [ns for ns in times if scene is None or first_ns <= ns <= last_ns]
                yield from ((ns, False) for ns in inside)

    def _scenes(self, question: Question) -> Sequence[Scene | None]:
        """The parts that a question is about; None is the whole recording."""
        own = [scene for scene in self._asked.scenes if scene.is_for(self._name)]
        if question.scene:
            return [scene for scene in own if scene.name == question.scene]
        return own if question.when.once and own else [None]

    def _span(self, scene: Scene | None) -> tuple[int, int]:
        """First and last stamp of a part, both within it."""
        if scene is None:
            return self._start_ns, self._end_ns
        return self._start_ns + scene.from_ns, self._start_ns + scene.to_ns - 1

    def _first_in(self, first_ns: int, last_ns: int) -> Iterator[int]:
        at = bisect_left(self._stamps, first_ns)
        inside = at < len(self._stamps) and self._stamps[at] <= last_ns
        yield self._stamps[at] if inside else first_ns

    def _asking(self, question: Question, asked_ns: int) -> Asking:
        at = bisect_left(self._stamps, asked_ns)
        near = self._places[max(0, at - 1) : at + 1]
        best = min(near, key=lambda place: abs(place.stamp_ns - asked_ns), default=None)
        if best is None:
            return Asking(question, asked_ns, None, 'the recording holds no pair of images')
        apart_ns = abs(best.stamp_ns - asked_ns)
        if apart_ns <= self._asked.within_ns:
            return Asking(question, asked_ns, best)
        return Asking(question, asked_ns, None, self._why_none(asked_ns, best, apart_ns))

    def _why_none(self, asked_ns: int, best: FramePlace, apart_ns: int) -> str:
        asked_s = (asked_ns - self._start_ns) / 1e9
        length_s = (self._end_ns - self._start_ns) / 1e9
        where = ''
        if not 0 <= asked_s <= length_s:
            where = f'the images are from 0 to {length_s:.3f} s; '
        return (
            f'no frame near {asked_s:.3f} s: {where}the nearest one is {apart_ns / 1e9:.3f} s off '
            f'(stamp {best.stamp_ns}), and within_s allows {self._asked.within_ns / 1e9:g} s'
        )


def check_every_question_is_asked(asked: QuestionSet, bag_names: Sequence[str]) -> None:
    """Refuse questions for recordings that are not among those given.

    Raises:
        ConfigError: a question's ``bag`` fits none of them.
    """
    for question in asked.questions:
        if not any(question.is_for(name) for name in bag_names):
            raise ConfigError(
                f'line {question.line}: {question.id!r} is for {", ".join(question.bags)}, and '
                f'the recordings are {", ".join(sorted(bag_names))}'
            )
