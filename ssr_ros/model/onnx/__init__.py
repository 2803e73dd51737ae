# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The three frozen image networks in ONNX Runtime: CLIP, SigLIP and the VLM's vision tower.

``export`` writes them, one file each with fixed shapes, and compares each with torch; ``entry`` is
what is known of such a file; ``session`` runs it on torch's own memory, with the first of
``providers`` that works here.
"""
