# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What came of a benchmark: its own figures, and what the controls say about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ssr_ros.evaluation.intervals import Paired, paired
from ssr_ros.evaluation.published.asking import Answered, MAIN, ORDER_SWAP, Task, WRONG_DEPTH
from ssr_ros.evaluation.published.items import Benchmark, Item, Line, Mark
from ssr_ros.evaluation.table import Cell


@dataclass(frozen=True)
class Result:
    """Everything about one run.

    Attributes:
        lines: the benchmark's own figures.
        failed: items that were not answered, by reason.
        order_swap: pairs of orders, and how many were answered with the same meaning; None where
            nothing has an order or it was not asked for.
        wrong_depth: right with its own depth (A) against another picture's (B); None likewise.
    """

    lines: list[Line]
    failed: Mapping[str, int]
    order_swap: Cell | None
    wrong_depth: Paired | None

    def as_dict(self) -> dict[str, Any]:
        """Return everything, for JSON."""
        return {
            'lines': [asdict(line) for line in self.lines],
            'failed': dict(self.failed),
            'order_swap': self.order_swap and self.order_swap.as_dict(),
            'wrong_depth': self.wrong_depth and asdict(self.wrong_depth),
        }


def result_of(benchmark: Benchmark, todo: Sequence[Task], rows: Sequence[Answered]) -> Result:
    """Score a run.

    Args:
        benchmark: which one.
        todo: what was asked.
        rows: what was answered, in that order.
    """
    asked: dict[str, list[tuple[Item, Mark]]] = {}
    failed: dict[str, int] = {}
    for task, row in zip(todo, rows, strict=True):
        asked.setdefault(task.control, []).append((task.item, row.mark))
        if row.failed and task.control == MAIN:
            reason = row.failed.removeprefix(f'{row.key}: ').partition('. ')[0][:200]
            failed[reason] = failed.get(reason, 0) + 1
    main = asked.get(MAIN, [])
    by_key = {item.key: mark for item, mark in main}
    swapped, wrong = asked.get(ORDER_SWAP, []), asked.get(WRONG_DEPTH, [])
    own = [by_key[item.key].right for item, _ in wrong]
    return Result(
        lines=benchmark.lines(*zip(*main, strict=True)) if main else [],
        failed=failed,
        order_swap=_consistency(benchmark, swapped, by_key) if swapped else None,
        wrong_depth=paired(own, [mark.right for _, mark in wrong]) if wrong else None,
    )


def _consistency(
    benchmark: Benchmark, swapped: Sequence[tuple[Item, Mark]], by_key: Mapping[str, Mark]
) -> Cell:
    pairs = [(item, by_key[item.key], mark) for item, mark in swapped]
    same = sum(benchmark.is_consistent(item, one, other) for item, one, other in pairs)
    unread = sum(not (one.parsed and other.parsed) for _, one, other in pairs)
    return Cell(len(pairs), same, unread)
