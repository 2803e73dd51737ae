# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Every error that this package raises on purpose, in one tree.

::

    SsrError
    +-- FrameError              a colour, depth or calibration input cannot be used
    |   +-- EncodingError       unsupported image encoding, or bytes that contradict it
    |   +-- NoDepthError        no pixel of the depth image is known
    +-- QuestionError           a question cannot be asked as it stands
    +-- GroundingError          a named region cannot be used, or who names things cannot look
    +-- ServerError             a language model's server gives no answer that can be used
    +-- CheckpointError         a checkpoint cannot be loaded
    |   +-- TensorMismatchError tensors are missing, left over or of the wrong shape
    +-- DeviceError             the device cannot be used, or is out of memory
    +-- ConfigError             a setting is unknown or outside its range
    +-- BagError                a recording cannot be read or written
    +-- DatasetError            a published data set is not laid out as its authors have it
    +-- MissingPackageError     an optional package is not installed

A message says what was expected, what came, and what to do. Anything else that is raised is a
programming error and is left to stop the program with a traceback.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
import difflib
import importlib
from types import ModuleType


class SsrError(Exception):
    """Base of all errors raised on purpose by ssr_ros."""


class FrameError(SsrError):
    """A colour image, depth image or calibration cannot be used."""


class EncodingError(FrameError):
    """An image encoding is not supported, or the bytes contradict it."""


class NoDepthError(FrameError):
    """A depth image has no pixel whose depth is known."""


class QuestionError(SsrError):
    """A question cannot be asked as it stands."""


class GroundingError(SsrError):
    """A named region cannot be used, or a source of names cannot look."""


class ServerError(SsrError):
    """A language model's server gives no answer that can be used."""


class CheckpointError(SsrError):
    """A checkpoint cannot be loaded."""


class TensorMismatchError(CheckpointError):
    """The tensors of a checkpoint are not the ones that the model needs.

    Attributes:
        source: the file or name that was being loaded.
        missing: names that the model needs and the checkpoint lacks.
        unexpected: names that the checkpoint holds and nothing reads.
        wrong_shape: name -> (shape expected, shape found).
    """

    def __init__(
        self,
        source: str,
        missing: Iterable[str] = (),
        unexpected: Iterable[str] = (),
        wrong_shape: Mapping[str, tuple[tuple[int, ...], tuple[int, ...]]] | None = None,
    ) -> None:
        self.source = source
        self.missing = tuple(sorted(missing))
        self.unexpected = tuple(sorted(unexpected))
        self.wrong_shape = dict(sorted((wrong_shape or {}).items()))
        parts = []
        if self.missing:
            parts.append(f'{len(self.missing)} missing ({_some(self.missing)})')
        if self.unexpected:
            parts.append(f'{len(self.unexpected)} left over ({_some(self.unexpected)})')
        if self.wrong_shape:
            shapes = [
                f'{name}: expected {list(want)}, found {list(found)}'
                for name, (want, found) in self.wrong_shape.items()
            ]
            parts.append(f'{len(shapes)} of the wrong shape ({_some(shapes)})')
        super().__init__(
            f'{source}: the tensors do not fit the model: {"; ".join(parts)}. '
            'Check that the yaml names the checkpoint that was trained for this configuration.'
        )


class DeviceError(SsrError):
    """The device cannot be used, or has no memory left."""


class ConfigError(SsrError):
    """A setting is unknown or outside its range."""


class BagError(SsrError):
    """A recording cannot be read or written."""


class DatasetError(SsrError):
    """A published data set is not laid out as its authors have it."""


class MissingPackageError(SsrError):
    """An optional package is needed and not installed.

    Attributes:
        package: the module that could not be imported.
        extra: the extra of this package that brings it.
    """

    def __init__(self, package: str, extra: str) -> None:
        self.package = package
        self.extra = extra
        super().__init__(
            f'This needs the Python package {package!r}, which is not installed. '
            f'Install it with: {pip_install(extra)}'
        )


def pip_install(extra: str) -> str:
    """Return the command that brings an extra; the package index has another one of our name."""
    return f"pip install '.[{extra}]' in the source folder of ssr_ros"


def require_package(package: str, extra: str) -> ModuleType:
    """Import an optional package, or name the extra that brings it.

    Raises:
        MissingPackageError: the package is not installed.
    """
    try:
        return importlib.import_module(package)
    except ModuleNotFoundError as error:
        # A package that is there but lacks something of its own is a broken installation: show it.
        if error.name is None or error.name.partition('.')[0] != package.partition('.')[0]:
            raise
        raise MissingPackageError(package, extra) from error


LONGEST_KEY = 80
"""Characters of an unknown key that a message quotes."""


def check_keys(given: Iterable[str], known: Iterable[str], where: str) -> None:
    """Refuse unknown keys, with the nearest known one in the message.

    Raises:
        ConfigError: a key is not known.
    """
    known = sorted(known)
    for key in given:
        if key not in known:
            key = str(key)[:LONGEST_KEY]  # from a file, it may be anything
            near = difflib.get_close_matches(key, known, n=1)
            hint = f' Did you mean {near[0]!r}?' if near else f' Known: {", ".join(known)}.'
            raise ConfigError(f'{where}: unknown key {key!r}.{hint}')


def quoted(text: object, most: int = 60) -> str:
    """Return a foreign text in quotes, cut: it may be a megabyte, and come back in every reply."""
    text = str(text)
    if len(text) <= most:
        return repr(text)
    return f'{text[:most]!r}... ({len(text)} characters)'


def _some(names: Iterable[str], most: int = 8) -> str:
    names = list(names)
    more = f', and {len(names) - most} more' if len(names) > most else ''
    return ', '.join(names[:most]) + more
