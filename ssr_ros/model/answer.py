# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What encoding a frame leaves, and what asking about it gives."""

from __future__ import annotations

from dataclasses import dataclass, field
import math

from ssr_ros.model.decode import ImagePrefix
from ssr_ros.model.mamba import MambaState
from ssr_ros.model.trace import WorkCounters


@dataclass(frozen=True, eq=False)
class EncodedFrame:
    """All that asking about a frame needs; asking never changes it.

    Attributes:
        mamba_state: MIDI after the visual tokens.
        image_prefix: the vision-language model after the image.
        stamp_ns: of the frame, nanoseconds.
        frame_id: of the frame.
        work: what encoding took.
        timings_ms: stage -> milliseconds.
    """

    mamba_state: MambaState
    image_prefix: ImagePrefix
    stamp_ns: int
    frame_id: str
    work: WorkCounters
    timings_ms: dict[str, float] = field(default_factory=dict)

    @property
    def nbytes(self) -> int:
        """Device memory that keeping this frame takes, in bytes."""
        return self.mamba_state.nbytes + self.image_prefix.nbytes


@dataclass(frozen=True)
class Answer:
    """An answer about one frame.

    Attributes:
        text: the answer; '' if the model ended at once.
        rationale: MIDI's reasons in words, '' unless asked for.
        tokens: ids of the generated tokens, the end token included.
        likelihood: how likely the model held it among the answers that the question offers, 0..1;
            NaN where it offers none, or the model was left to write.
        trained: False where the weights are random and the text means nothing.
        stamp_ns: of the frame that was answered about, nanoseconds.
        frame_id: of that frame.
        work: what asking took; encoding is in EncodedFrame.work.
        timings_ms: stage -> milliseconds of asking.
    """

    text: str
    rationale: str
    tokens: tuple[int, ...]
    trained: bool
    stamp_ns: int
    frame_id: str
    work: WorkCounters
    timings_ms: dict[str, float]
    likelihood: float = math.nan
