# Copyright 2026 The ssr_ros authors
#
# Licensed under the Apache License, Version 2.0 (the "License");
# you may not use this file except in compliance with the License.
# You may obtain a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS,
# WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
# See the License for the specific language governing permissions and
# limitations under the License.

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
