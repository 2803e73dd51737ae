# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What ONNX Runtime can do on this machine; knows no model.

A provider that is listed is one that was built in. Whether its libraries, its driver and kernels
for this very card are there shows only when it runs something, so one node is run.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from ssr_ros.errors import require_package

PROVIDERS = {
    'tensorrt-rtx': 'NvTensorRTRTXExecutionProvider',
    'tensorrt': 'TensorrtExecutionProvider',
    'cuda': 'CUDAExecutionProvider',
    'cpu': 'CPUExecutionProvider',
}
"""Our word -> its name, the quickest first."""

ONE_NODE = bytes.fromhex(
    '080812003a350a0e0a01780a017812017922034164641201675a0f0a0178120a0a08080112040a020802'
    '620f0a0179120a0a08080112040a02080242040a001011'
)
"""A model of one node, y = x + x over two numbers, as onnx.helper writes it."""


def errors() -> tuple[type[Exception], ...]:
    """What ONNX Runtime raises: its errors have no base of their own."""
    state = require_package('onnxruntime.capi.onnxruntime_pybind11_state', 'onnx')
    own = [v for v in vars(state).values() if isinstance(v, type) and issubclass(v, Exception)]
    return (*own, RuntimeError, ValueError)


@cache
def why_not(word: str) -> str:
    """Run one node with a provider alone; return '' where it works, else what is in the way.

    Raises:
        MissingPackageError: ONNX Runtime is not installed.
    """
    runtime = require_package('onnxruntime', 'onnx')
    name = PROVIDERS[word]
    if name not in runtime.get_available_providers():
        return 'not in this build of ONNX Runtime'
    options = runtime.SessionOptions()
    options.log_severity_level = 4  # what it would print to stderr is returned here
    try:
        session = runtime.InferenceSession(ONE_NODE, options, providers=[name])
        (result,) = session.run(None, {'x': np.ones(2, np.float32)})
    except errors() as error:
        return f'one node cannot be run: {first_line(error)}'
    if session.get_providers()[0] != name:
        return 'its libraries cannot be loaded'
    if result.tolist() != [2.0, 2.0]:
        return f'1 + 1 is {result[0]:g} on it: no kernels for this card'
    return ''


def version() -> str:
    """Return the version of ONNX Runtime.

    Raises:
        MissingPackageError: it is not installed.
    """
    runtime: Any = require_package('onnxruntime', 'onnx')
    return str(runtime.__version__)


def first_line(error: Exception) -> str:
    """Return the beginning of what an error says."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
