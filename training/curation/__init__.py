# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""From what is known of a frame to questions, rationales and answers.

``scene`` says what is known, whoever knows it: the renderer or ``ssr_ros.scene.measure``.
``pairs``, ``single``, ``surfaces`` ask about it, a function for each family; ``ask`` is what
they make. ``balance`` drops what would let a model guess. ``sources`` and ``shards`` read folders
and write files; ``training.curate`` is the command.
"""
