# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Which sources of names are asked, as the settings say: the cheapest first."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ssr_ros.engine.reasoner import Reasoner
from ssr_ros.engine.settings import GroundingSettings
from ssr_ros.errors import ConfigError
from ssr_ros.grounding.onnx_detector import OnnxDetector
from ssr_ros.grounding.pointing import PointingGrounder
from ssr_ros.grounding.server import ServerGrounder, ServerSettings
from ssr_ros.grounding.sources import Grounder
from ssr_ros.grounding.vlm import VlmGrounder


def configured(settings: GroundingSettings, reasoner: Reasoner) -> list[Grounder]:
    """Make the sources that are asked when a question names something that nobody knows.

    Args:
        settings: which ones.
        reasoner: the loaded model.

    Raises:
        ConfigError: a setting that one of them needs is missing or impossible.
        GroundingError: the detector cannot be run.
        MissingPackageError: ONNX Runtime is not installed.
    """
    made = (make(settings, reasoner) for make in _SOURCES)
    return [grounder for grounder in made if grounder is not None]


def asking(reasoner: Reasoner) -> PointingGrounder | VlmGrounder:
    """Ask a model where things are: as it was taught to point, or before SSR for boxes.

    Raises:
        ConfigError: it can do neither.
    """
    if reasoner.pointer is not None:
        return PointingGrounder(reasoner.pointer)
    if reasoner.seer is None:
        raise ConfigError(
            'the model was neither taught to point nor kept as it was before SSR, to be asked '
            'for boxes: load_reasoner(..., keep_stock=True) keeps it, grounding.vlm: false does '
            'without'
        )
    return VlmGrounder(reasoner.seer)


def _detector(settings: GroundingSettings, reasoner: Reasoner) -> Grounder | None:
    if not settings.onnx_path:
        return None
    path = Path(settings.onnx_classes).expanduser()
    try:
        names = path.read_text(encoding='utf-8').splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f'grounding.onnx_classes must name a text file with one class a line, got '
            f'{settings.onnx_classes!r}: {error}'
        ) from error
    return OnnxDetector(Path(settings.onnx_path).expanduser(), [name.strip() for name in names])


def _vlm(settings: GroundingSettings, reasoner: Reasoner) -> Grounder | None:
    return asking(reasoner) if settings.vlm else None


def _server(settings: GroundingSettings, reasoner: Reasoner) -> Grounder | None:
    if not settings.server_url:
        return None
    return ServerGrounder(
        ServerSettings(
            url=settings.server_url,
            model=settings.server_model,
            family=settings.server_family,
            timeout_s=settings.server_timeout_s,
        )
    )


_SOURCES: tuple[Callable[[GroundingSettings, Reasoner], Grounder | None], ...] = (
    _detector,
    _vlm,
    _server,
)
