# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Numbers with their margins, and what can be decided from them."""

from __future__ import annotations

from dataclasses import dataclass
import enum
import math
from typing import Literal

Unit = Literal['m', 'm2', 'm3', 'deg', '']

DECIDED_SIGMAS = 2.0
"""A comparison is decided when the difference exceeds this many standard errors."""


class Verdict(enum.Enum):
    """Yes, no, or inside the margin."""

    YES = 'yes'
    NO = 'no'
    UNSURE = 'unsure'

    def __invert__(self) -> Verdict:
        return {Verdict.YES: Verdict.NO, Verdict.NO: Verdict.YES}.get(self, self)

    @classmethod
    def of(cls, true: bool) -> Verdict:
        """Turn what is known for certain into a verdict."""
        return cls.YES if true else cls.NO

    @classmethod
    def all(cls, *verdicts: Verdict) -> Verdict:
        """No where one is no, else unsure where one is unsure."""
        for verdict in (cls.NO, cls.UNSURE):
            if verdict in verdicts:
                return verdict
        return cls.YES

    @classmethod
    def any(cls, *verdicts: Verdict) -> Verdict:
        """Yes where one is yes, else unsure where one is unsure."""
        return ~cls.all(*(~verdict for verdict in verdicts))

    @property
    def number(self) -> float | None:
        """1.0, 0.0 or None."""
        return None if self is Verdict.UNSURE else float(self is Verdict.YES)

    @property
    def opening(self) -> str:
        """What an answer begins with."""
        return 'I cannot tell' if self is Verdict.UNSURE else self.value


@dataclass(frozen=True)
class Quantity:
    """A number with its standard error, both in its unit."""

    value: float
    sigma: float
    unit: Unit

    def __sub__(self, other: Quantity) -> Quantity:
        if self.unit != other.unit:
            raise TypeError(f'{other.unit!r} cannot be taken from {self.unit!r}')
        sigma = math.hypot(self.sigma, other.sigma)
        return Quantity(self.value - other.value, sigma, self.unit)

    def __neg__(self) -> Quantity:
        return Quantity(-self.value, self.sigma, self.unit)

    def __abs__(self) -> Quantity:
        return Quantity(abs(self.value), self.sigma, self.unit)

    def __truediv__(self, other: Quantity) -> Quantity:
        if self.unit != other.unit:
            raise TypeError(f'{self.unit!r} cannot be divided by {other.unit!r}')
        ratio = self.value / other.value
        sigma = math.hypot(self.sigma, ratio * other.sigma) / abs(other.value)
        return Quantity(ratio, sigma, '')

    def beyond(self, bound: float) -> Quantity:
        """How far it exceeds a bound that is known exactly, in its own unit."""
        return Quantity(self.value - bound, self.sigma, self.unit)

    @property
    def verdict(self) -> Verdict:
        """Whether it is positive: yes, no (negative), or unsure inside its margin."""
        if not math.isfinite(self.value) or abs(self.value) <= DECIDED_SIGMAS * self.sigma:
            return Verdict.UNSURE
        return Verdict.of(self.value > 0)

    @property
    def decided(self) -> bool:
        """Whether its sign is known."""
        return self.verdict is not Verdict.UNSURE
