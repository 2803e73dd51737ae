# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Names -> regions: who can point at 'the mustard bottle', so that geometry can measure it.

Example::

    from ssr_ros.grounding import Detections, DetectionsGrounder, Grounded

    facts.named([Grounded('mustard bottle', (192, 129, 283, 272), 0.9, 'detections')])
    facts.answer('How far is the mustard bottle?')
"""

from ssr_ros.grounding.detections import Detections, DetectionsGrounder
from ssr_ros.grounding.sources import Grounder, Sight, Sources
from ssr_ros.scene.grounded import Grounded

__all__ = ['Detections', 'DetectionsGrounder', 'Grounded', 'Grounder', 'Sight', 'Sources']
