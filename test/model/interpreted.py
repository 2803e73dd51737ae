# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Importing this lets Triton's interpreter count loops whose bounds are no constants.

Its numbers are arrays of one number in one dimension, which NumPy 2 takes for no index.
"""

from importlib import import_module
import os

if os.environ.get('TRITON_INTERPRET') == '1':
    _interpreter = import_module('triton.runtime.interpreter')
    _patch = _interpreter._patch_lang_tensor

    def _patch_tensor(tensor, scope):
        _patch(tensor, scope)
        scope.set_attr(tensor, '__index__', lambda self: int(self.handle.data.ravel()[0]))

    _interpreter._patch_lang_tensor = _patch_tensor
