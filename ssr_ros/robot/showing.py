# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Markers and the annotated picture: made only while somebody looks at them."""

from __future__ import annotations

import time
from typing import Any

from ssr_ros.engine.answering import Scene
from ssr_ros.engine.settings import PublishSettings
from ssr_ros.robot.messages import image_message
from ssr_ros.robot.pictures import scene_markers
from ssr_ros.scene.draw import annotate


class Showing:
    """Publishes what a scene looks like; called from the worker's thread.

    Args:
        markers: publisher of visualization_msgs/MarkerArray.
        annotated: publisher of sensor_msgs/Image.
    """

    def __init__(self, markers: Any, annotated: Any) -> None:
        self._markers, self._annotated = markers, annotated
        self._shown_s = 0.0
        self._shown_number = -1

    def is_due(self, settings: PublishSettings) -> bool:
        """Whether a picture between questions is wanted now."""
        if settings.max_rate_hz <= 0 or not self._watched(settings):
            return False
        return time.monotonic() - self._shown_s >= 1 / settings.max_rate_hz

    def is_new(self, number: int) -> bool:
        """Whether this frame has not been looked at yet; remembers it."""
        is_new = number != self._shown_number
        self._shown_number, self._shown_s = number, time.monotonic()
        return is_new

    def show(self, scene: Scene, settings: PublishSettings) -> None:
        """Publish a measured scene to whoever subscribes."""
        if settings.markers and self._markers.get_subscription_count():
            self._markers.publish(scene_markers(scene.facts, scene.header))
        if settings.annotated and self._annotated.get_subscription_count():
            picture = annotate(scene.frame, scene.facts)
            self._annotated.publish(image_message(picture, scene.header))

    def _watched(self, settings: PublishSettings) -> bool:
        return bool(
            (settings.markers and self._markers.get_subscription_count())
            or (settings.annotated and self._annotated.get_subscription_count())
        )
