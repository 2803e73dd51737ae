# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What a camera has shown lately: scenes that can be asked about when they are gone from view."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
import threading

from ssr_ros.engine.intake import Moment
from ssr_ros.engine.scenes import Scene
from ssr_ros.engine.settings import MemorySettings

MEGABYTE = 1_000_000


@dataclass
class MemoryCounts:
    """What became of the scenes, since the start.

    Attributes:
        taken: how many came in.
        dropped: how many went, by reason: ``count`` and ``bytes`` (the oldest, for want of room),
            ``alike`` (soon after another and hardly different), ``time went back``, ``settings``.
    """

    taken: int = 0
    dropped: Counter[str] = field(default_factory=Counter)


class SceneMemory:
    """A ring of scenes, from old to new, that never holds more than is allowed.

    The newest scene is always taken. When the next one comes it stays only where time has passed
    or the picture has changed; of two alike the one that was encoded stays. May be used from
    several threads.

    Args:
        settings: gives the limits.
    """

    def __init__(self, settings: Callable[[], MemorySettings]) -> None:
        self.counts = MemoryCounts()
        self._settings = settings
        self._lock = threading.RLock()
        self._scenes: deque[Scene] = deque()
        self._weights: dict[Scene, int] = {}

    def __len__(self) -> int:
        """How many scenes are held."""
        return len(self._scenes)

    @property
    def nbytes(self) -> int:
        """Memory of their arrays and tensors, in bytes."""
        with self._lock:
            return sum(self._weights.values())

    @property
    def scenes(self) -> list[Scene]:
        """What is held, from old to new."""
        with self._lock:
            return list(self._scenes)

    @property
    def newest(self) -> Scene | None:
        """The scene that was taken last, while it is held."""
        with self._lock:
            return self._scenes[-1] if self._scenes else None

    def find(self, key: tuple[object, ...]) -> Scene | None:
        """Return the scene that was made of this."""
        return next((scene for scene in self.scenes if scene.key == key), None)

    def take(self, scene: Scene) -> None:
        """Take a scene, unless it is held."""
        with self._lock:
            if scene not in self._weights:
                self.counts.taken += 1
                self._thin_out()
                self._scenes.append(scene)
                self._weights[scene] = 0
            self.weigh(scene)

    def weigh(self, scene: Scene) -> None:
        """Weigh a scene again if it is held: what is found out about it grows."""
        with self._lock:
            if scene in self._weights:
                self._weights[scene] = scene.nbytes
                self._make_room()

    def nearest(self, distance_s: Callable[[Moment], float]) -> Scene | None:
        """Return the scene that lies nearest to a time, the newer of two."""
        return min(reversed(self.scenes), key=lambda each: distance_s(each.moment), default=None)

    def keep_only(self, wanted: Callable[[Scene], bool], reason: str) -> None:
        """Drop what is not wanted any more."""
        with self._lock:
            for scene in [scene for scene in self._scenes if not wanted(scene)]:
                self._drop(scene, reason)

    def clear(self) -> None:
        """Let go of everything, and begin to count anew."""
        with self._lock:
            self._scenes.clear()
            self._weights.clear()
            self.counts = MemoryCounts()

    def is_news(self, scene: Scene) -> bool:
        """Whether a scene is worth to be kept beside the newest one that is held."""
        newest = self.newest
        return newest is None or newest is scene or not self._are_alike(newest, scene)

    def _thin_out(self) -> None:
        """Drop the newest scene, or the one before, where they are alike."""
        if len(self._scenes) < 2:
            return
        before, last = self._scenes[-2], self._scenes[-1]
        if self._are_alike(before, last):
            is_less = before.encoded is None and last.encoded is not None
            self._drop(before if is_less else last, 'alike')

    def _are_alike(self, old: Scene, new: Scene) -> bool:
        settings = self._settings()
        between_ns = new.moment.stamp_ns - old.moment.stamp_ns
        return between_ns < settings.every_s * 1e9 and new.change_since(old) < settings.min_change

    def _make_room(self) -> None:
        settings = self._settings()
        while len(self._scenes) > settings.max_scenes:
            self._drop(self._scenes[0], 'count')
        while sum(self._weights.values()) > settings.max_mb * MEGABYTE:
            self._drop(self._scenes[0], 'bytes')

    def _drop(self, scene: Scene, reason: str) -> None:
        self._scenes.remove(scene)
        del self._weights[scene]
        self.counts.dropped[reason] += 1
