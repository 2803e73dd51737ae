# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The line that says what a figure was measured on."""

from ssr_ros.machine import machine, revision

__all__ = ['machine', 'revision']
