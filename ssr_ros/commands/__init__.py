# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The verbs of ``ssr-ros``, one module each: SUMMARY, EXAMPLE, add_arguments and run.

Their imports are light, so that ``ssr-ros --help`` is quick; ``run`` imports what it needs.
"""
