# Copyright 2026 The ssr_ros authors
#
# Licensed under the Apache License, Version 2.0 (the "License");
# you may not use this file except in compliance with the License.
# You may obtain a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS,
# WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
# See the License for the specific language governing permissions and
# limitations under the License.

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
