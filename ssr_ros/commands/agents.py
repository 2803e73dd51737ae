# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``ssr-ros mcp``: what the node answers, as tools of the Model Context Protocol for agents."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import wraps
import math
import threading
from typing import Any, Protocol

from ssr_ros.errors import ConfigError, require_package, SsrError

SUMMARY = 'offer the running node to agents (Model Context Protocol, over stdin and stdout)'
EXAMPLE = 'ssr-ros mcp --namespace /robot1'
INSTRUCTIONS = (
    "A robot's RGB-D camera. Lengths are metres with one standard error; frames are optical: x "
    'right, y down, z forward. "source" says whether an answer was measured or is a model\'s word.'
)
SOURCES = ('none', 'measured', 'grounded', 'model')


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this verb's arguments."""
    parser.add_argument('--namespace', default='', help='of the node')
    parser.add_argument('--timeout', type=float, default=60.0, metavar='S', help='for one reply')


def run(options: argparse.Namespace) -> int:
    """Serve until the other side closes, and return 0."""
    require_package('rclpy', 'ros')
    from ssr_ros.robot.client import SsrClient

    with SsrClient(options.namespace) as client:
        make_server(client, options.timeout).run('stdio')
    return 0


class Client(Protocol):
    """As much of an SsrClient as the tools need."""

    def ask(self, question: str, timeout_s: float, *, camera: str = '', ago_s: float = 0.0) -> Any:
        """Return a SpatialAnswer."""

    def measure(
        self, timeout_s: float, question: str = '', *, camera: str = '', ago_s: float = 0.0
    ) -> Any:
        """Return a Measure response."""


def make_server(client: Client, timeout_s: float) -> Any:
    """Make the server with its tools.

    Raises:
        MissingPackageError: the package mcp is not installed.
    """
    protocol = require_package('mcp.server.mcpserver', 'mcp')
    failed = require_package('mcp.server.mcpserver.exceptions', 'mcp').ToolError
    server = protocol.MCPServer('ssr_ros', instructions=INSTRUCTIONS)
    tools = Tools(client, timeout_s)
    for tool in (tools.ask, tools.measure, tools.objects, tools.can_pass):
        server.tool()(_telling(tool, failed))
    return server


def _telling(tool: Callable[..., Any], failed: type[Exception]) -> Callable[..., Any]:
    """Let the agent read why a tool failed: of other errors it is told nothing."""

    @wraps(tool)
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return tool(*args, **kwargs)
        except SsrError as error:
            raise failed(str(error)) from error

    return call


class Tools:
    """What an agent may ask; one call at a time goes to the node.

    Each takes ``camera``, where the robot has several, and ``ago_s``: what was seen then.
    """

    def __init__(self, client: Client, timeout_s: float) -> None:
        self._client, self._timeout_s = client, timeout_s
        self._lock = threading.Lock()

    def ask(self, question: str, camera: str = '', ago_s: float = 0.0) -> dict[str, Any]:
        """Ask a spatial question in plain English about what a camera sees, or saw ago_s ago."""
        with self._lock:
            answer = self._client.ask(question, self._timeout_s, camera=camera, ago_s=ago_s)
        _check(answer)
        place = answer.target.point
        return {
            'answer': answer.answer,
            'source': SOURCES[answer.source],
            'value': _number(answer.value),
            'sigma': _number(answer.sigma),
            'unit': answer.unit,
            'confidence': _number(answer.confidence),
            'target_m': _point(place),
            **_about(answer),
        }

    def measure(
        self,
        name: str = '',
        pixel: list[float] | None = None,
        box: list[float] | None = None,
        camera: str = '',
        ago_s: float = 0.0,
    ) -> dict[str, Any]:
        """Measure how far something is, or was: by its name, at a pixel, or in a box of four."""
        given = [part for part in (name, pixel, box) if part]
        if len(given) != 1:
            raise ConfigError('give one of name, pixel (u, v) and box (x0, y0, x1, y1)')
        what = f'the {name.removeprefix("the ")}' if name else ''
        if pixel or box:
            what = f'{"pixel" if pixel else "box"} ({", ".join(f"{v:g}" for v in given[0])})'
        return self._measured(f'How far is {what}?', camera, ago_s)

    def objects(self, camera: str = '', ago_s: float = 0.0) -> list[dict[str, Any]]:
        """List the things that stand off the surfaces, the nearest first."""
        with self._lock:
            reply = self._client.measure(self._timeout_s, camera=camera, ago_s=ago_s)
        _check(reply)
        return [
            {
                'name': thing.name,
                'label': thing.label,
                'color': thing.color,
                'distance_m': _number(thing.distance_m),
                'distance_sigma_m': _number(thing.distance_sigma_m),
                'bearing_deg': _number(thing.bearing_deg),
                'size_m': [thing.size.x, thing.size.y, thing.size.z],
                'center_m': _point(thing.center),
            }
            for thing in reply.objects
        ]

    def can_pass(self, width_m: float, camera: str = '') -> dict[str, Any]:
        """Say how far something of a width in metres can drive straight ahead."""
        if not 0 < width_m < 100:
            raise ConfigError(f'a width in metres is expected, got {width_m}')
        return self._measured(
            f'How far can a {100 * width_m:.0f} cm wide robot drive ahead?', camera
        )

    def _measured(self, question: str, camera: str, ago_s: float = 0.0) -> dict[str, Any]:
        with self._lock:
            reply = self._client.measure(self._timeout_s, question, camera=camera, ago_s=ago_s)
        _check(reply)
        return {
            'answer': reply.measured_text,
            'answered': reply.answered,
            'value': _number(reply.measured_value),
            'sigma': _number(reply.measured_sigma),
            'unit': reply.measured_unit,
            **_about(reply),
        }


def _check(reply: Any) -> None:
    if reply.error_code:
        raise SsrError(reply.error_msg)


def _about(reply: Any) -> dict[str, Any]:
    """Which image it is about."""
    stamp = reply.header.stamp
    return {
        'frame_id': reply.header.frame_id,
        'stamp_s': stamp.sec + stamp.nanosec / 1e9,
        'camera': reply.camera,
    }


def _number(value: float) -> float | None:
    """A number for JSON, which has no NaN."""
    return float(value) if math.isfinite(value) else None


def _point(place: Any) -> list[float] | None:
    numbers = [float(place.x), float(place.y), float(place.z)]
    return numbers if all(map(math.isfinite, numbers)) else None
