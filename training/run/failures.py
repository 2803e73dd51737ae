# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What ends a training run on purpose.

::

    SsrError
    +-- TrainingError    the run cannot go on: the loss is not a number, the disk is full
    +-- DataError        too many samples are broken, or there is none

Settings that cannot be used raise ConfigError, as everywhere in this package.
"""

from __future__ import annotations

from ssr_ros.errors import SsrError


class TrainingError(SsrError):
    """A training run cannot go on."""


class DataError(SsrError):
    """Training data cannot be used."""
