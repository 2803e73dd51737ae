# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""SSR itself: frozen encoders, MIDI, the vision-language model, and the encode/ask split.

Example::

    from ssr_ros.model import load_reasoner

    reasoner = load_reasoner('nano')
    encoded = reasoner.encode(frame)                       # once per frame
    answer = reasoner.ask(encoded, 'How far is the red box?')   # as often as you like
"""

from ssr_ros.errors import require_package

for _package in ('torch', 'transformers', 'safetensors', 'PIL', 'yaml'):
    require_package(_package, 'model')

from ssr_ros.model.answer import Answer, EncodedFrame  # noqa: E402
from ssr_ros.model.load import load_reasoner  # noqa: E402
from ssr_ros.model.reasoner import Reasoner  # noqa: E402
from ssr_ros.model.spec import presets  # noqa: E402
from ssr_ros.model.trace import WorkCounters  # noqa: E402

__all__ = [
    'Answer',
    'EncodedFrame',
    'Reasoner',
    'WorkCounters',
    'load_reasoner',
    'presets',
]
