# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The real node, with the time of its image callbacks written to a file once a second.

``python benchmarks/timed_node.py FILE --ros-args ...``; ``benchmarks/node_load.py`` starts it.
"""

from __future__ import annotations

from functools import wraps
import json
from pathlib import Path
import sys
import threading
import time
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from ssr_ros.engine.intake import Intake
from ssr_ros.robot.main import main

times_ms: list[float] = []
processor_ms: list[float] = []
models: list[str] = []


def timed(callback: Any) -> Any:
    """Note how long a callback takes."""

    @wraps(callback)
    def wrapper(*arguments: Any) -> Any:
        start_s, used_s = time.perf_counter(), time.thread_time()
        result = callback(*arguments)
        times_ms.append((time.perf_counter() - start_s) * 1e3)
        processor_ms.append((time.thread_time() - used_s) * 1e3)
        return result

    return wrapper


def write(path: Path) -> None:
    """Write what was measured so far, again and again."""
    while True:
        time.sleep(1.0)
        found: dict[str, Any] = {'callbacks': len(times_ms), 'models': len(models)}
        if times_ms:
            found |= {'waited': summary(times_ms), 'processor': summary(processor_ms)}
        path.write_text(json.dumps(found))


def summary(values_ms: list[float]) -> dict[str, float]:
    """Return the middle, the 99th hundredth and the longest, in milliseconds."""
    ordered = sorted(values_ms)
    return {
        'median_ms': ordered[len(ordered) // 2],
        'p99_ms': ordered[int(0.99 * (len(ordered) - 1))],
        'longest_ms': ordered[-1],
    }


def load(path: str, **options: Any) -> Any:
    """Load the model, and count that."""
    from ssr_ros.model import load_reasoner

    models.append(path)
    return load_reasoner(path, **options)


if __name__ == '__main__':
    Intake.take_image = timed(Intake.take_image)  # type: ignore[method-assign]
    Intake.take_info = timed(Intake.take_info)  # type: ignore[method-assign]
    report = Path(sys.argv.pop(1))
    threading.Thread(target=write, args=(report,), daemon=True).start()
    sys.exit(main(load=load))
