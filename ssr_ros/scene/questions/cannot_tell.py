# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Why there is no answer; this leaves the room as a sentence only."""

from __future__ import annotations

from collections.abc import Sequence

from ssr_ros.scene.questions.evidence import Evidence


class CannotTell(Exception):
    """A question that geometry does not answer; the text says why. Never leaves this room."""

    def __init__(self, reason: str, evidence: Sequence[Evidence] = ()) -> None:
        super().__init__(reason)
        self.evidence = tuple(evidence)
