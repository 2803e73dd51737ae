# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The settings of a node with one camera or several, each of which has some of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, Field, field, fields
import re
from typing import Any, TypeVar

from ssr_ros.engine.request import Code, Refused
from ssr_ros.engine.settings import Settings
from ssr_ros.errors import check_keys, ConfigError, quoted
from ssr_ros.settings import describe, flat

OWN = re.compile(
    r'(color|depth|camera_info|camera|gravity|sync)\.\w+|grounding\.(regions|detections)_topic'
)
"""Settings that each camera may have for itself, as ``<camera>.<setting>``."""

IN_ITS_NAMESPACE = (
    'color.topic',
    'depth.topic',
    'camera_info.topic',
    'grounding.regions_topic',
    'grounding.detections_topic',
)
"""Topics that stand below the camera's name where it has no others of its own."""

MOST_CAMERAS = 8
NAME = re.compile(r'[A-Za-z][A-Za-z0-9_]*')

T = TypeVar('T')


@dataclass(frozen=True)
class NodeSettings:
    """The settings of a node, and what each of its cameras sees of them.

    Attributes:
        shared: what holds for all cameras that have nothing else of their own.
        own: ``<camera>.<setting>`` -> value, where one was given.

    Raises:
        ConfigError: a camera's name cannot be one, or two cameras take the same images.
    """

    shared: Settings = field(default_factory=Settings)
    own: Mapping[str, Any] = field(default_factory=dict)
    _of: dict[str, Settings] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        _check_names(self.names)
        self._of.update({name: self._settings_of(name) for name in self.names})
        self._check_apart()

    @property
    def names(self) -> tuple[str, ...]:
        """The cameras; one without a name is called ''."""
        return self.shared.cameras

    def of(self, camera: str) -> Settings:
        """Return what holds for a camera."""
        return self._of[camera]

    def updated(self, values: Mapping[str, Any]) -> NodeSettings:
        """Return a copy with other values, all or none of them.

        Raises:
            ConfigError: a name is not known, or a value has the wrong type or range.
        """
        names = self.shared.updated({k: v for k, v in values.items() if k == 'cameras'}).cameras
        check_keys(values, dict([*describe(Settings), *_described(names)]), 'parameters')
        own = {name: value for name, value in values.items() if name.split('.')[0] in names}
        shared = {name: value for name, value in values.items() if name not in own}
        return NodeSettings(self.shared.updated(shared), {**self.own, **own})

    def describe(self) -> Iterator[tuple[str, Field[Any], Any]]:
        """Yield (name, dataclass field, value) of every setting, those of cameras included."""
        values = flat(self.shared)
        for name, described in describe(Settings):
            yield name, described, values[name]
        for name, described in _described(self.names):
            camera, _, setting = name.partition('.')
            yield name, described, flat(self.of(camera))[setting]

    def _settings_of(self, camera: str) -> Settings:
        if not camera:
            return self.shared
        values = flat(self.shared)
        below = {
            name: f'{camera}/{values[name]}'
            for name in IN_ITS_NAMESPACE
            if values[name] and not values[name].startswith(('/', '~'))
        }
        prefix = f'{camera}.'
        own = {
            name.removeprefix(prefix): value
            for name, value in self.own.items()
            if name.startswith(prefix)
        }
        try:
            return self.shared.updated({**below, **own})
        except ConfigError as error:
            raise ConfigError(f'camera {quoted(camera)}: {error}') from error

    def _check_apart(self) -> None:
        for setting in ('color.topic', 'depth.topic', 'camera_info.topic'):
            taken: dict[str, str] = {}
            for camera in self.names:
                topic = flat(self.of(camera))[setting]
                if topic in taken:
                    raise ConfigError(
                        f'the cameras {taken[topic]} and {camera} both take {topic}: set '
                        f'{camera}.{setting}'
                    )
                taken[topic] = camera


def choose(cameras: Mapping[str, T], name: str) -> tuple[str, T]:
    """Return the camera that a question means, and its full name.

    Raises:
        Refused: BAD_REQUEST, when there is none of that name, or several and none is named.
    """
    if name in cameras:
        return name, cameras[name]
    if not name and len(cameras) == 1:
        return next(iter(cameras.items()))
    if '' in cameras:
        text = f'camera is {quoted(name)}, and this node has one camera, without a name: leave it'
        raise Refused(Code.BAD_REQUEST, f'{text} empty')
    said = f'there is no camera {quoted(name)}' if name else 'there are several cameras'
    raise Refused(Code.BAD_REQUEST, f'{said}: set camera to one of {", ".join(cameras)}')


def _described(cameras: tuple[str, ...]) -> Iterator[tuple[str, Field[Any]]]:
    for camera in cameras:
        for name, described in describe(Settings) if camera else ():
            if OWN.fullmatch(name):
                yield f'{camera}.{name}', described


def _check_names(names: tuple[str, ...]) -> None:
    if names == ('',):
        return
    taken = {each.name for each in fields(Settings)}
    for name in names:
        if not NAME.fullmatch(name) or name in taken:
            raise ConfigError(
                f'cameras: {quoted(name)} cannot be the name of a camera; letters, digits and _ '
                f'make one, and it may not be a group of parameters ({", ".join(sorted(taken))})'
            )
    if len(set(names)) < len(names) or not 0 < len(names) <= MOST_CAMERAS:
        raise ConfigError(
            f'cameras: expected 1 to {MOST_CAMERAS} different names, got {list(names)}'
        )
