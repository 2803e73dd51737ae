# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What a figure was measured on."""

from ssr_ros.machine import machine, revision, told_bytes

__all__ = ['machine', 'revision', 'told_bytes']
