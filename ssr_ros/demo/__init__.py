# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The demo: a real node, a played recording, questions through its service, a picture.

``bag`` beside this file is the recording that ships: rendered by ``training/worlds/demo_bag.py``.
"""
