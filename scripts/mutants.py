# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Plant small faults in a room, one at a time, and see whether its tests notice.

    python scripts/mutants.py ssr_ros/scene/questions --count 60 --seed 1

Each mutant changes one place: a sign, a comparison, a constant, a word of a table or of a pattern,
a unit, the order of two arguments, a condition, a case that is dropped. The tests of the room
(``--tests``, else the folder under test/ that mirrors it) run on a copy, with -x and a time-out;
what survives is printed. Nothing in the working tree is touched.
"""

from __future__ import annotations

import argparse
import ast
from collections.abc import Callable, Iterator
import copy
import importlib
import multiprocessing
import os
from pathlib import Path
import random
import re
import shutil
import sys
import tempfile

import pytest

ROOT = Path(__file__).resolve().parent.parent
SLOW_TO_IMPORT = ('cv2', 'hypothesis', 'numpy', 'scipy.spatial')
COMPARISONS = {
    ast.Lt: ast.GtE,
    ast.LtE: ast.Gt,
    ast.Gt: ast.LtE,
    ast.GtE: ast.Lt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
OPERATORS = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult}
UNITS = ('m', 'm2', 'm3', 'deg', 'cm', 'camera', 'gravity')


def main() -> int:
    """Run the mutants and print who survived; 1 where fewer than --least were noticed."""
    parser = argparse.ArgumentParser(description=__doc__.partition('\n')[0])
    parser.add_argument('room', help='a folder or file of the package')
    parser.add_argument('--tests', nargs='*', help='what to run; default: the mirror under test/')
    parser.add_argument('--exclude', nargs='*', default=[], help='names of files left out')
    parser.add_argument('--count', type=int, default=60)
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument('--timeout', type=float, default=120, help='seconds for one mutant')
    parser.add_argument('--least', type=float, default=0.85, help='share that must be noticed')
    options = parser.parse_args()
    sys.dont_write_bytecode = True
    for name in SLOW_TO_IMPORT:
        importlib.import_module(name)
    room = ROOT / options.room
    tests = options.tests or [mirror(options.room)]
    sites = [site for path in sources(room, options.exclude) for site in sites_of(path)]
    chosen = random.Random(options.seed).sample(sites, min(options.count, len(sites)))
    print(f'{len(chosen)} of {len(sites)} places in {options.room}, held against {tests}')
    with tempfile.TemporaryDirectory() as folder:
        survivors = run_all(Path(folder), chosen, tests, options.timeout)
    noticed = 1 - len(survivors) / len(chosen)
    print(f'noticed: {noticed:.0%} ({len(chosen) - len(survivors)} of {len(chosen)})')
    return int(noticed < options.least)


def mirror(room: str) -> str:
    """The folder of tests of a room."""
    return room.replace('ssr_ros', 'test', 1)


def sources(room: Path, exclude: list[str]) -> list[Path]:
    """The files of a room."""
    found = [room] if room.is_file() else sorted(room.rglob('*.py'))
    return [path for path in found if path.name not in exclude]


class Site:
    """One place where one fault can be planted."""

    def __init__(
        self, path: Path, text: str, number: int, change: int, line: int, told: str
    ) -> None:
        self.path, self.text, self.number, self.change = path, text, number, change
        self.line, self.told = line, told

    def __str__(self) -> str:
        return f'{self.path.relative_to(ROOT)}:{self.line}: {self.told}'

    def source(self) -> str:
        """The file with the fault in it."""
        tree = ast.parse(self.text)
        node = list(ast.walk(tree))[self.number]
        _, plant = list(changes(node))[self.change]
        plant()
        return ast.unparse(ast.fix_missing_locations(tree))


def sites_of(path: Path) -> Iterator[Site]:
    """Every place of a file, docstrings and annotations left out."""
    text = path.read_text(encoding='utf-8')
    tree = ast.parse(text)
    left_out = {id(node) for root in not_code(tree) for node in ast.walk(root)}
    for number, node in enumerate(ast.walk(tree)):
        if id(node) not in left_out:
            for change, (told, _) in enumerate(changes(node)):
                yield Site(path, text, number, change, getattr(node, 'lineno', 0), told)


def not_code(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield what says nothing when it runs: docstrings, annotations, imports, errors' messages."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)) or (
            isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        ):
            yield node
        elif isinstance(node, (ast.arg, ast.AnnAssign)) and node.annotation is not None:
            yield node.annotation
        elif isinstance(node, ast.FunctionDef) and node.returns is not None:
            yield node.returns
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Subscript):
            if ast.unparse(node.value).startswith('Literal['):
                yield node.value
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in ('cast', 'TypeVar'):
            yield node.args[0]


def changes(node: ast.AST) -> Iterator[tuple[str, Callable[[], None]]]:
    """Yield each fault that can be planted in a node: what it is, and what plants it."""
    if isinstance(node, ast.Compare) and type(node.ops[0]) in COMPARISONS:
        other = COMPARISONS[type(node.ops[0])]()
        yield told(node, 'compared the other way'), lambda: set_item(node.ops, 0, other)
    elif isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        operator = OPERATORS[type(node.op)]()
        yield told(node, 'another operator'), lambda: setattr(node, 'op', operator)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.Not, ast.Invert)):
        yield told(node, 'sign dropped'), lambda: become(node, node.operand)
    elif isinstance(node, ast.BoolOp):
        other_op = ast.And() if isinstance(node.op, ast.Or) else ast.Or()
        yield told(node, 'and for or'), lambda: setattr(node, 'op', other_op)
        yield told(node, 'condition dropped'), lambda: node.values.pop()
    elif isinstance(node, ast.IfExp):
        yield told(node, 'branches swapped'), lambda: swap(node, 'body', 'orelse')
    elif isinstance(node, ast.If):
        yield told(node.test, 'case dropped'), lambda: setattr(node, 'test', ast.Constant(False))
    elif isinstance(node, ast.Dict) and len(node.values) > 1:
        yield told(node, 'two values swapped'), lambda: swap_items(node.values)
    elif isinstance(node, ast.Call) and len(node.args) > 1 and not commutes(node):
        yield told(node, 'two arguments swapped'), lambda: swap_items(node.args)
    elif isinstance(node, ast.Constant):
        yield from constant_changes(node)


def commutes(call: ast.Call) -> bool:
    """Whether the order of a call's arguments changes nothing."""
    return ast.unparse(call.func) in ('max', 'min', 'math.hypot', 'np.hypot', 'np.minimum')


def constant_changes(node: ast.Constant) -> Iterator[tuple[str, Callable[[], None]]]:
    """Yield the faults of a number, a unit, a word, a text or a pattern."""
    value = node.value
    if isinstance(value, bool):
        yield told(node, 'turned round'), lambda: setattr(node, 'value', not value)
    elif isinstance(value, (int, float)):
        yield told(node, 'another number'), lambda: setattr(node, 'value', value * 1.5 + 1)
    elif isinstance(value, str) and value in UNITS:
        other = UNITS[(UNITS.index(value) + 1) % len(UNITS)]
        yield told(node, f'unit {other}'), lambda: setattr(node, 'value', other)
    elif isinstance(value, str):
        words = list(re.finditer(r'[a-z]{2,}', value))
        if words:
            word = words[len(value) * 7 % len(words)]
            lost = value[: word.start()] + 'qzx' + value[word.end() :]
            yield told(node, f'{word[0]!r} lost'), lambda: setattr(node, 'value', lost)


def told(node: ast.AST, what: str) -> str:
    """Describe a fault."""
    return f'{what}: {ast.unparse(node)[:90]}'


def set_item(items: list[ast.cmpop], index: int, value: ast.cmpop) -> None:
    """Change one of some items."""
    items[index] = value


def swap_items(items: list[ast.expr]) -> None:
    """Let the first two change places."""
    items[0], items[1] = items[1], items[0]


def swap(node: ast.AST, one: str, other: str) -> None:
    """Let two fields change places."""
    first, second = getattr(node, one), getattr(node, other)
    setattr(node, one, second)
    setattr(node, other, first)


def become(node: ast.AST, other: ast.AST) -> None:
    """Turn a node into another one, in place."""
    other = copy.copy(other)
    node.__class__ = other.__class__
    node.__dict__ = other.__dict__


def run_all(folder: Path, sites: list[Site], tests: list[str], timeout: float) -> list[Site]:
    """Run the tests on each mutant in a copy of the tree; return who survived."""
    for name in ('ssr_ros', 'test', 'scripts', 'pyproject.toml'):
        whole = ROOT / name
        if whole.is_dir():
            shutil.copytree(whole, folder / name, ignore=shutil.ignore_patterns('__pycache__'))
        else:
            shutil.copy(whole, folder / name)
    sys.stdout.flush()
    if not passes(folder, tests, timeout, quiet=False):
        raise SystemExit('mutants: the tests fail without any fault: mend them first')
    survivors = []
    for number, site in enumerate(sites, 1):
        target = folder / site.path.relative_to(ROOT)
        target.write_text(site.source(), encoding='utf-8')
        survived = passes(folder, tests, timeout)
        target.write_text(site.text, encoding='utf-8')
        if survived:
            survivors.append(site)
        print(f'{number:3} {"SURVIVED" if survived else "noticed "} {site}', flush=True)
    return survivors


def passes(folder: Path, tests: list[str], timeout: float, quiet: bool = True) -> bool:
    """Whether the tests pass on the copy; a time-out is a failure."""
    child = multiprocessing.get_context('fork').Process(target=test, args=(folder, tests, quiet))
    child.start()
    child.join(timeout)
    if child.is_alive():
        child.kill()
        child.join()
    return child.exitcode == 0


def test(folder: Path, tests: list[str], quiet: bool) -> None:
    """Run the tests in a process of their own, which has inherited what takes long to import."""
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    if quiet:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
    os._exit(int(pytest.main(['-q', '-x', '-p', 'no:cacheprovider', *tests])))


if __name__ == '__main__':
    sys.exit(main())
