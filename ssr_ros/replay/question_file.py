# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Read the questions of a yaml file; ``docs/evaluation.md`` says what may stand in it.

::

    questions:
      - ask: How far is the nearest object?
        at: [2.0, 7.5]
        expect: {number: 1.24, unit: m, tolerance: 5%}
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path

from ssr_ros.errors import GroundingError, QuestionError
from ssr_ros.question import clean_question
from ssr_ros.replay.questions import (
    DEFAULT_SHARE,
    Expected,
    Question,
    QuestionSet,
    Scene,
    UNITS,
    When,
)
from ssr_ros.replay.yaml_nodes import (
    described,
    document,
    fault,
    Faults,
    mapping,
    Node,
    number,
    one_or_more,
    text,
    yes_or_no,
)
from ssr_ros.scene import Grounded

MOST_CHARACTERS = 2_000_000
MOST_QUESTIONS = 20_000

WHEN_KEYS = ('at', 'stamp', 'every_s', 'once')
QUESTION_KEYS = ('ask', 'id', *WHEN_KEYS, 'expect', 'to_be_corrected', 'regions', 'bag', 'scene')
FILE_KEYS = ('questions', 'scenes', 'within_s', *WHEN_KEYS)
EXPECT_FORMS = (
    'yes, no, unknown, {number: 1.24, unit: m, tolerance: 5%}, {count: 3}, '
    '{choice: left, of: [left, right]}, {name: mustard bottle} or {text: on the table}'
)


def load_questions(path: str | Path) -> QuestionSet:
    """Read a question file.

    Raises:
        ConfigError: it cannot be read, or something in it is wrong: every fault with its line.
        MissingPackageError: pyyaml is not installed.
    """
    path = Path(path)
    root, faults = document(path, MOST_CHARACTERS), Faults(path)
    questions: list[Question] = []
    scenes: list[Scene] = []
    within_ns = QuestionSet.within_ns
    with faults.collected():
        parts = mapping(root, FILE_KEYS, 'the file')
        default = _when(parts) or When(once=True)
        if 'within_s' in parts:
            within_ns = _ns(number(parts['within_s'], 'within_s', 0))
        for node in _list(parts, 'scenes', root):
            with faults.collected():
                scenes.append(_scene(node))
        names = {scene.name for scene in scenes}
        for place, node in enumerate(_list(parts, 'questions', root), 1):
            with faults.collected():
                questions.append(_question(node, place, default, names))
        if not parts.get('questions') or not parts['questions'].value:
            raise fault(root, 'expected "questions:" with a list of at least one question')
    _check_ids(questions, faults)
    faults.check()
    return QuestionSet(questions=tuple(questions), scenes=tuple(scenes), within_ns=within_ns)


def _list(parts: Mapping[str, Node], name: str, root: Node) -> list[Node]:
    if name not in parts:
        return []
    node = parts[name]
    if node.id != 'sequence':
        raise fault(node, f'{name}: expected a list ("- ..." lines), got {described(node)}')
    if len(node.value) > MOST_QUESTIONS:
        raise fault(node, f'{name}: at most {MOST_QUESTIONS:,} are read, got {len(node.value):,}')
    return list(node.value)


def _question(node: Node, place: int, default: When, scenes: set[str]) -> Question:
    parts = mapping(node, QUESTION_KEYS, f'question {place}')
    if 'ask' not in parts:
        raise fault(node, f'question {place}: expected "ask: ..." with the question in it')
    try:
        asked = clean_question(text(parts['ask'], 'ask'))
    except QuestionError as error:
        raise fault(parts['ask'], f'ask: {error}') from error
    scene = text(parts['scene'], 'scene') if 'scene' in parts else ''
    if scene and scene not in scenes:
        known = ', '.join(sorted(scenes)) or 'none'
        raise fault(parts['scene'], f'scene: {scene!r} is not among "scenes:" ({known})')
    right = _expected(parts['expect']) if 'expect' in parts else None
    is_proposed = 'to_be_corrected' in parts and yes_or_no(
        parts['to_be_corrected'], 'to_be_corrected'
    )
    return Question(
        id=text(parts['id'], 'id') if 'id' in parts else f'q{place}',
        text=asked,
        when=_when(parts) or default,
        expected=None if is_proposed else right,
        proposal=right if is_proposed else None,
        regions=_regions(parts['regions']) if 'regions' in parts else {},
        bags=one_or_more(parts['bag'], lambda each: text(each, 'bag')) if 'bag' in parts else (),
        scene=scene,
        line=node.start_mark.line + 1,
    )


def _check_ids(questions: list[Question], faults: Faults) -> None:
    seen: dict[str, int] = {}
    for question in questions:
        if question.id in seen:
            where = f'line {seen[question.id]} has it already'
            faults.add(question.line, f'id: {question.id!r} is given twice; {where}')
        seen.setdefault(question.id, question.line)


def _when(parts: Mapping[str, Node]) -> When | None:
    given = [name for name in WHEN_KEYS if name in parts]
    if not given:
        return None
    if len(given) > 1:
        raise fault(parts[given[1]], f'one of {" and ".join(given)} is expected, not both')
    (name,) = given
    node = parts[name]
    if name == 'once':
        if not yes_or_no(node, 'once'):
            raise fault(node, 'once: no says nothing; give at, stamp or every_s')
        return When(once=True)
    if name == 'every_s':
        return When(every_ns=_ns(number(node, 'every_s', 0.001)))
    if name == 'at':
        return When(
            after_start_ns=one_or_more(node, lambda each: _ns(number(each, 'at (seconds)', 0)))
        )
    return When(stamps_ns=one_or_more(node, _stamp))


def _stamp(node: Node) -> int:
    """Seconds with a point ('1700000000.25'), or whole nanoseconds (19 digits)."""
    value = number(node, 'stamp', 0)
    return int(value) if value >= 10**12 else _ns(value)


def _ns(seconds: Decimal) -> int:
    return int((seconds * 1_000_000_000).to_integral_value())


def _scene(node: Node) -> Scene:
    parts = mapping(node, ('name', 'from', 'to', 'bag'), 'scene')
    for name in ('name', 'from', 'to'):
        if name not in parts:
            raise fault(
                node, f'scene: {name!r} is missing: name, from and to (seconds) are needed'
            )
    begin, end = (_ns(number(parts[name], name, 0)) for name in ('from', 'to'))
    if end <= begin:
        raise fault(parts['to'], 'scene: it ends before it begins')
    bags = one_or_more(parts['bag'], lambda each: text(each, 'bag')) if 'bag' in parts else ()
    return Scene(name=text(parts['name'], 'name'), from_ns=begin, to_ns=end, bags=bags)


def _regions(node: Node) -> dict[str, tuple[float, float, float, float]]:
    if node.id != 'mapping':
        raise fault(node, 'regions: expected "name: [x0, y0, x1, y1]" lines (pixels)')
    found = {}
    for key, value in node.value:
        name = text(key, 'regions')
        edges = [float(edge) for edge in one_or_more(value, _edge)]
        if len(edges) != 4:
            raise fault(value, f'regions: {name!r}: expected [x0, y0, x1, y1], got {len(edges)}')
        x0, y0, x1, y1 = edges
        try:
            Grounded(name, (x0, y0, x1, y1))
        except GroundingError as error:
            raise fault(value, f'regions: {error}') from error
        found[name] = (x0, y0, x1, y1)
    return found


def _edge(node: Node) -> Decimal:
    return number(node, 'regions (pixels)')


def _expected(node: Node) -> Expected:
    if node.id == 'scalar':
        if node.value.lower() in ('yes', 'no', 'true', 'false'):
            return Expected(kind='yes_no', value=float(yes_or_no(node, 'expect')))
        if node.value == 'unknown':
            return Expected(kind='unknown')
    if node.id != 'mapping':
        raise fault(node, f'expect: expected {EXPECT_FORMS}; got {described(node)}')
    parts = mapping(node, (*READ, *MORE), 'expect')
    kinds = [name for name in READ if name in parts]
    if len(kinds) != 1:
        raise fault(node, f'expect: one kind of answer is expected: {EXPECT_FORMS}')
    foreign = [name for name in parts if name in MORE and MORE[name] != kinds[0]]
    if foreign:
        raise fault(parts[foreign[0]], f'expect: {foreign[0]!r} does not go with {kinds[0]!r}')
    return READ[kinds[0]](parts)


def _number(parts: Mapping[str, Node]) -> Expected:
    value = float(number(parts['number'], 'number'))
    written = text(parts['unit'], 'unit') if 'unit' in parts else 'm'
    if written not in UNITS and written != 'none':
        names = ', '.join(name for name in UNITS if name)
        raise fault(parts['unit'], f'unit: expected {names} or none, got {written!r}')
    unit, scale = UNITS['' if written == 'none' else written]
    tolerance = abs(value) * DEFAULT_SHARE
    if 'tolerance' in parts:
        tolerance = _tolerance(parts['tolerance'], value)
    return Expected(kind='number', value=value * scale, tolerance=tolerance * scale, unit=unit)


def _tolerance(node: Node, value: float) -> float:
    """'0.05' in the number's own unit, or '5%' of it."""
    written = str(node.value).strip() if node.id == 'scalar' else ''
    if not written.endswith('%'):
        return float(number(node, 'tolerance', 0))
    try:
        share = float(written[:-1])
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1000:
        raise fault(node, f'tolerance: expected a number or a share like 5%, got {written!r}')
    return abs(value) * share / 100


def _count(parts: Mapping[str, Node]) -> Expected:
    value = number(parts['count'], 'count', 0)
    if value != int(value):
        raise fault(parts['count'], f'count: expected a whole number, got {value}')
    return Expected(kind='count', value=float(value))


def _choice(parts: Mapping[str, Node]) -> Expected:
    words = one_or_more(parts['choice'], lambda each: text(each, 'choice'))
    options: tuple[str, ...] = ()
    if 'of' in parts:
        options = one_or_more(parts['of'], lambda each: text(each, 'of'))
        if not set(words) <= set(options):
            raise fault(parts['choice'], f'choice: {words[0]!r} is not among "of:"')
    return Expected(kind='choice', words=words, options=options)


def _name(parts: Mapping[str, Node]) -> Expected:
    return Expected(kind='name', words=one_or_more(parts['name'], lambda n: text(n, 'name')))


def _text(parts: Mapping[str, Node]) -> Expected:
    return Expected(kind='text', words=one_or_more(parts['text'], lambda n: text(n, 'text')))


def _yes_no(parts: Mapping[str, Node]) -> Expected:
    return Expected(kind='yes_no', value=float(yes_or_no(parts['yes_no'], 'yes_no')))


READ: Mapping[str, Callable[[Mapping[str, Node]], Expected]] = {
    'number': _number,
    'yes_no': _yes_no,
    'choice': _choice,
    'name': _name,
    'count': _count,
    'text': _text,
}
MORE = {'unit': 'number', 'tolerance': 'number', 'of': 'choice'}
"""Further keys, and the kind that each goes with."""
