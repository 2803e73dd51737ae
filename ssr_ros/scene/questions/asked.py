# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""One question about one frame, and the ways to put its answer together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ssr_ros.scene.geometry.objects import SceneObject, ScenePlane
from ssr_ros.scene.geometry.survey import Survey
from ssr_ros.scene.names import fit
from ssr_ros.scene.questions import referents, surfaces, wording
from ssr_ros.scene.questions.cannot_tell import CannotTell, require_whole
from ssr_ros.scene.questions.evidence import AnswerKind, Evidence, Frame, MeasuredAnswer
from ssr_ros.scene.questions.phrases import Phrase
from ssr_ros.scene.questions.quantity import Quantity, Verdict
from ssr_ros.scene.questions.query import Query, Role
from ssr_ros.scene.questions.vocabulary import Aspect


@dataclass(frozen=True, eq=False)
class Asked:
    """What goes through the families: what was measured, and what is asked of it."""

    survey: Survey
    query: Query
    _found: dict[Phrase, SceneObject] = field(default_factory=dict)

    @property
    def what(self) -> str:
        """The dimension, trait, relation or side that is asked for."""
        return self.query.what

    def has(self, role: Role) -> bool:
        """Whether the question names something in a role."""
        return getattr(self.query, role) is not None

    def phrase(self, role: Role) -> Phrase:
        """The phrase in a role, one that the kind of question needs."""
        phrase = getattr(self.query, role)
        if not isinstance(phrase, Phrase):
            raise TypeError(f'a query of kind {self.query.kind!r} has no phrase {role!r}')
        return phrase

    def thing(self, role: Role) -> SceneObject:
        """The object in a role; it is looked for once.

        Raises:
            CannotTell: why it cannot be told which one is meant.
        """
        return self._meant(self.phrase(role))

    def place(self, role: Role) -> SceneObject | ScenePlane:
        """The object or the surface in a role.

        Raises:
            CannotTell: why it cannot be told which one is meant.
        """
        phrase = self.phrase(role)
        is_surface = phrase.kind == 'plane'
        return surfaces.plane(self.survey, phrase) if is_surface else self._meant(phrase)

    def pair(self) -> tuple[SceneObject, SceneObject]:
        """The two objects that are asked about: a and b, or the two that a means.

        Raises:
            CannotTell: one cannot be told, or both are the same.
        """
        if not self.has('b'):
            return referents.group(self.survey, self.phrase('a'))
        a, b = self._distinct(self.phrase('a'), self.phrase('b'))
        return a, b

    def several(self) -> tuple[SceneObject, ...]:
        """The objects that are listed in a.

        Raises:
            CannotTell: one cannot be told, or two are the same.
        """
        return self._distinct(*self.phrase('a').anchors)

    def _distinct(self, *phrases: Phrase) -> tuple[SceneObject, ...]:
        found: dict[SceneObject, Phrase] = {}
        for phrase in phrases:
            thing = self._meant(phrase)
            if thing in found:
                raise CannotTell(
                    f'"{found[thing].text}" and "{phrase.text}" are the same object, '
                    f'{self.survey.label(thing)}'
                )
            found[thing] = phrase
        return tuple(found)

    def _meant(self, phrase: Phrase) -> SceneObject:
        if phrase not in self._found:
            self._found[phrase] = referents.one(self.survey, phrase)
        return self._found[phrase]

    def require_whole(
        self, thing: SceneObject | ScenePlane, aspect: Aspect, what: str = 'size'
    ) -> None:
        """Refuse to go by a size that is only a least value.

        Raises:
            CannotTell: not all of it is seen, and why.
        """
        if not isinstance(thing, ScenePlane):
            require_whole(self.survey, thing, aspect, what)

    def caveat(self) -> str:
        """What has to be said first: what was picked out by colour or place, or by its other name.

        Half a colour is said, too.
        """
        found = self._found.items()
        taken = [
            f'"{phrase.text}" to be {self.survey.label(thing)}'
            for phrase, thing in found
            if phrase.noun and not thing.label
        ]
        if taken:
            return f'Taking {wording.listing(taken)} (depth does not tell what a thing is): '
        otherwise = [
            f'"{phrase.text}" to be {self.survey.label(thing)}, which has both names'
            for phrase, thing in found
            if thing.also and not fit(phrase.noun or thing.label, thing.label)
        ]
        partly = [
            f'"{phrase.text}" to be {self.survey.label(thing)}, which is partly '
            f'{thing.second_color}'
            for phrase, thing in found
            if thing.second_color in phrase.colors
            and not thing.label
            and thing.color not in phrase.colors
        ]
        said = otherwise + partly
        return f'Taking {wording.listing(said)}: ' if said else ''

    def label(self, thing: SceneObject | ScenePlane) -> str:
        """What an object or a surface is called in a sentence."""
        if isinstance(thing, ScenePlane):
            return wording.the(thing.name)
        return self.survey.label(thing)

    def say(self, quantity: Quantity) -> str:
        """Write a quantity with its margin, in the unit that was asked for."""
        return wording.amount(quantity, self.query.unit)

    def number(
        self, text: str, quantity: Quantity, evidence: Sequence[Evidence], choice: str = ''
    ) -> MeasuredAnswer:
        """Answer with a number, in the quantity's own unit."""
        return self._answer('number', text, evidence, quantity=quantity, choice=choice)

    def measured(
        self, kind: str, names: Sequence[str], quantity: Quantity, frame: Frame, text: str
    ) -> MeasuredAnswer:
        """Answer with a number whose one piece of evidence says the same."""
        return self.number(text, quantity, [Evidence.of(kind, names, quantity, frame, text)])

    def direction(
        self, text: str, quantity: Quantity, evidence: Sequence[Evidence]
    ) -> MeasuredAnswer:
        """Answer with a direction."""
        return self._answer('direction', text, evidence, quantity=quantity)

    def count(
        self, text: str, quantity: Quantity, evidence: Sequence[Evidence], subjects: Sequence[str]
    ) -> MeasuredAnswer:
        """Answer with a number of things; there may be more by twice its sigma."""
        return self._answer('count', text, evidence, subjects, quantity=quantity)

    def choice(
        self, text: str, choice: str, evidence: Sequence[Evidence], subjects: Sequence[str]
    ) -> MeasuredAnswer:
        """Answer with a name, a side or a relation; '' where it cannot be told."""
        return self._answer('choice', text, evidence, subjects, choice=choice)

    def color(self, text: str, color: str, evidence: Sequence[Evidence]) -> MeasuredAnswer:
        """Answer with a colour."""
        return self._answer('color', text, evidence, choice=color)

    def text(
        self, text: str, evidence: Sequence[Evidence], subjects: Sequence[str] | None = None
    ) -> MeasuredAnswer:
        """Answer with a text that is no number and no choice."""
        return self._answer('text', text, evidence, subjects)

    def yes_no(
        self,
        verdict: Verdict,
        text: str,
        evidence: Sequence[Evidence],
        subjects: Sequence[str] | None = None,
    ) -> MeasuredAnswer:
        """Answer with yes, no or 'I cannot tell', which the text says too."""
        return self._answer('yes_no', text, evidence, subjects, value=verdict.number)

    def _answer(
        self,
        kind: AnswerKind,
        text: str,
        evidence: Sequence[Evidence],
        subjects: Sequence[str] | None = None,
        *,
        quantity: Quantity | None = None,
        value: float | None = None,
        choice: str = '',
    ) -> MeasuredAnswer:
        if subjects is None:
            subjects = [name for item in evidence for name in item.subjects]
        caveat = self.caveat()
        return MeasuredAnswer(
            text=wording.sentence(caveat + wording.inner(text) if caveat else text),
            evidence=tuple(evidence),
            kind=kind,
            value=value if quantity is None else quantity.value,
            sigma=None if quantity is None else quantity.sigma,
            unit='' if quantity is None else quantity.unit,
            choice=choice,
            subjects=tuple(dict.fromkeys(subjects)),
        )
