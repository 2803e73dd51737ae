# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

r"""What lmms-eval finds by the entry-point group ``lmms_eval.models``: the name, and where it is.

    python -m lmms_eval --model ssr_ros --model_args pretrained=ssr-7b,depth=folder:/data/depth \
        --tasks cv_bench_2d --batch_size 1

Loaded whenever lmms-eval starts, whatever it evaluates; so nothing heavy is imported here.
"""

from __future__ import annotations

from typing import Any

from ssr_ros.errors import require_package

NAME = 'ssr_ros'
MODEL = 'ssr_ros.evaluation.lmms_model.SsrLmms'


def manifest() -> Any:
    """Return an lmms_eval.models.registry_v2.ModelManifest.

    Raises:
        MissingPackageError: lmms-eval is not installed.
    """
    registry = require_package('lmms_eval.models.registry_v2', 'lmms')
    return registry.ModelManifest(model_id=NAME, simple_class_path=MODEL)
