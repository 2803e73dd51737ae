# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What benchmarks/ssr.py found: one dictionary, and the same as text and Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
import json
from pathlib import Path
from typing import Any

import yaml

from benchmarks.ssr_chosen import chosen, in_words
from benchmarks.ssr_margins import MARGINS, margins, ORDERS, orders
from benchmarks.ssr_places import as_text, POINTED
from benchmarks.ssr_systems import FULL, Result, System, SYSTEMS, TUNED
from ssr_ros.evaluation import NumberTally, Score
from ssr_ros.evaluation.table import (
    by_family,
    by_group,
    Cell,
    compare,
    near_lengths,
    Question,
    swap_consistency,
)

OPPONENTS = (
    TUNED,
    'tuned writes',
    'full writes',
    'plugged',
    'said',
    'zero latents',
    'matched noise',
    'first latent',
    'plain words',
    'other question',
    'other frame',
    'oracle',
    'silent oracle',
    'shuffled depth',
    'no depth',
    'no rationale',
    '1 latent',
    '10 latents',
    'leakage control',
    'facts',
    'facts table',
    'written',
    'midi writes',
    'grounded',
)
"""Whom the full system is compared with, question by question."""

WRITERS = {'written': 'the base VLM', 'midi writes': 'MIDI'}

COMPARED_IN = ('depth families', 'colour is enough', 'everything')


def report_of(
    system: System, result: Result, questions: Sequence[Question], scores: Sequence[Score]
) -> dict[str, Any]:
    """Sum up one system."""
    tokens = [asked.tokens for asked in result.answers]
    return {
        'groups': {k: cell.as_dict() for k, cell in by_group(questions, scores).items()},
        'families': {k: cell.as_dict() for k, cell in by_family(questions, scores).items()},
        'near': {
            f'{family} within {100 * share:.0f} %': near_lengths(
                questions, scores, family, share
            ).as_dict()
            for family in ('distance', 'gap')
            for share in (0.15, 0.25)
        },
        'swap': swap_consistency(questions, scores).as_dict(),
        'margins': margins(questions, scores),
        'orders': orders(questions, scores),
        'tokens': sum(tokens) / max(1, len(tokens)) if system.run else None,
        'seconds': result.seconds,
        'refused': sum(asked.refused for asked in result.answers),
        'chosen': chosen(result.answers, scores),
        'most_frequent': Counter(asked.text for asked in result.answers).most_common(3),
    }


def compared(
    questions: Sequence[Question], scores: Mapping[str, Sequence[Score]]
) -> list[dict[str, Any]]:
    """Compare the full system with the others, group by group."""
    rows = []
    for other in OPPONENTS:
        for group in COMPARED_IN:
            if FULL not in scores or other not in scores:
                continue
            found, (low, high) = compare(questions, scores[FULL], scores[other], group)
            if found.n:
                over_frames = {'low_over_frames': low, 'high_over_frames': high}
                rows.append({'other': other, 'group': group, **asdict(found), **over_frames})
    return rows


SAVED = 'checkpoints'
"""The folder of a run's checkpoints: a MIDI is named by one of them."""


def training_of(runs: Path, name: str) -> list[dict[str, Any]]:
    """Return how long a run, and those that it started from, were trained; the run first.

    Samples are steps x batch x accumulate, of one process.
    """
    found: dict[str, dict[str, Any]] = {}
    names = [name]
    while names:
        folder = runs / names.pop(0)
        if folder.name in found or not (folder / 'settings.yaml').is_file():
            continue
        settings = yaml.safe_load((folder / 'settings.yaml').read_text(encoding='utf-8'))
        optim, steps = settings['optim'], _steps(folder / 'log.jsonl')
        samples = steps * optim['batch'] * optim['accumulate']
        found[folder.name] = {'run': folder.name, 'steps': steps, 'samples': samples}
        # Starts are relative to where the training ran; runs stand beside each other.
        start, midi = (Path(settings['model'].get(part, '')) for part in ('start', 'midi'))
        names += [start.name, *(part.parent.name for part in midi.parents if part.name == SAVED)]
    return list(found.values())


def _steps(log: Path) -> int:
    if not log.is_file():
        return 0
    lines = [json.loads(line) for line in log.read_text(encoding='utf-8').splitlines()]
    return max((line['step'] for line in lines if line['part'] == 'train'), default=0)


def goals(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Hold the full system against the figures to reach; nothing about what was not run."""
    systems = report['systems']
    full = systems[FULL].get('groups')
    if full is None:
        return []
    found = []

    def goal(text: str, value: str, reached: bool) -> None:
        found.append({'goal': text, 'measured': value, 'reached': reached})

    def share(cell: Mapping[str, float] | None, least: float, text: str) -> None:
        if cell and cell['n']:
            goal(text, interval(cell) + f' of {cell["n"]}', cell['share'] >= least)

    for row in report['paired']:
        if (row['other'], row['group']) == (TUNED, 'depth families'):
            goal(
                'depth families: at least 20 points above the tuned RGB-only VLM, clear of 10',
                points(row),
                row['difference'] >= 0.20 and min(row['low'], row['low_over_frames']) > 0.10,
            )
        if row['other'] in WRITERS and row['group'] == 'everything':
            ratio = systems[FULL]['tokens'] / max(systems[row['other']]['tokens'], 1e-9)
            goal(
                f'no more than 2 points below rationales that {WRITERS[row["other"]]} writes, at '
                '1/10 of the tokens',
                f'{points(row)}; {ratio:.2f} of the tokens',
                row['difference'] >= -0.02 and ratio <= 0.1,
            )
    share(full.get('two-way'), 0.85, 'two-way questions: at least 85 %')
    share(
        full.get('two-way depth families'),
        0.85,
        'two-way questions of the depth families: at least 85 %',
    )
    near = systems[FULL]['near']['distance within 15 %']
    share(near, 0.70, 'distances within 15 %: at least 70 %')
    share(systems[FULL]['swap'], 0.95, 'same meaning in both orders of naming: at least 95 %')
    least = 0.90 if 'seen' in Path(report.get('test', '')).parts else 0.75
    written = report.get('rationale', {})
    if 'tally' in written:
        tally = NumberTally(**written['tally'])
        share(
            written['sentences'],
            0.90,
            'written sentences well formed: at least 90 %',
        )
        near_numbers = Cell(tally.matched, tally.within).as_dict()
        share(near_numbers, 0.60, 'their numbers within 10 %: at least 60 %')
    share(report.get('places', {}).get(POINTED), least, f'{POINTED}: at least {100 * least:.0f} %')
    return found


def interval(cell: Mapping[str, float] | None) -> str:
    """Write a share with its interval, in per cent: '62.3 (58.1-66.3)', '-' of nothing."""
    if not cell or not cell['n']:
        return '-'
    low, high = 100 * cell['low'], 100 * cell['high']
    return f'{100 * cell["share"]:.1f} ({low:.1f}-{high:.1f})'


def points(row: Mapping[str, float]) -> str:
    """Write a difference with its interval, in points."""
    low, high = 100 * row['low'], 100 * row['high']
    return f'{100 * row["difference"]:+.1f} ({low:+.1f} to {high:+.1f})'


def as_markdown(report: Mapping[str, Any]) -> str:
    """Write everything as Markdown tables that can be read in a terminal, too."""
    parts = [
        f'{report["machine"]}. {report["questions"]} questions about {report["frames"]} test '
        'frames. Per cent right, with Wilson 95 % intervals; u: answers that could not be read, '
        'which count as wrong. Depth families: closer/farther, distance, size, gap, order. '
        'Distance: within 15 %. Both orders: the two orders of naming get the same meaning. '
        'Tokens generated and seconds, per question; x: times those of full SSR.',
        table(('system', *_GROUPS, 'distance', 'both orders', 'u', 'tokens', 's'), _main(report)),
        '**The full system against the others**, same questions: points, Newcombe 95 % interval '
        "(and where whole frames are drawn), McNemar's exact p.",
        table(
            (
                'against',
                'group',
                'n',
                'full alone right',
                'other alone right',
                'points',
                'over frames',
                'p',
            ),
            _paired(report),
        ),
        '**By family**',
        table(('family', 'n', *_run(report)), _by_family(report)),
        '**Comparisons of distance**, by how far apart the two are and by which of them is named '
        'first',
        table(('system', *MARGINS, *ORDERS), _comparisons(report)),
        '**Figures to reach**',
        table(('goal', 'measured', ''), _goals(report)),
        '**Where things are**, asked through the grounding room: ' + _places(report['places']),
        '**Rationales of full SSR**: ' + _rationale(report['rationale']),
        '**Training and notes**',
        '\n'.join(_notes(report)),
    ]
    return '\n\n'.join(parts) + '\n'


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Line up a Markdown table."""
    if not rows:
        return 'not run'
    lines = [[*map(str, row)] for row in (head, *rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    lines.insert(1, ['-' * width for width in widths])
    return '\n'.join(
        '| '
        + ' | '.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        + ' |'
        for row in lines
    )


_GROUPS = ('depth families', 'all that need depth', 'colour is enough', 'two-way', 'everything')


def _main(report: Mapping[str, Any]) -> list[list[str]]:
    rows = []
    for system in SYSTEMS:
        found = report['systems'][system.key]
        if 'groups' not in found:
            rows.append([system.title, 'not run', *[''] * (len(_GROUPS) + 4)])
            continue
        cells = [found['groups'].get(name) for name in _GROUPS]
        rows.append(
            [
                system.title,
                *(interval(cell) for cell in cells),
                interval(found['near']['distance within 15 %']),
                interval(found['swap']),
                str(found['groups']['everything']['unparsed']),
                *(_cost(report, system.key, name) for name in ('tokens', 'seconds')),
            ]
        )
    return rows


def _cost(report: Mapping[str, Any], key: str, name: str) -> str:
    """Write a cost, and how many times that of the full system it is."""
    value = report['systems'][key].get(name)
    full = report['systems'][FULL].get(name)
    if value is None:
        return '-'
    shown = f'{value:.1f}' if name == 'tokens' else f'{value:.3f}'
    return f'{shown} (x{value / full:.2f})' if full else shown


def _paired(report: Mapping[str, Any]) -> list[list[str]]:
    titles = {system.key: system.title for system in SYSTEMS}
    return [
        [
            titles[row['other']],
            row['group'],
            str(row['n']),
            str(row['only_a']),
            str(row['only_b']),
            points(row),
            f'{100 * row["low_over_frames"]:+.1f} to {100 * row["high_over_frames"]:+.1f}',
            f'{row["p_value"]:.2g}',
        ]
        for row in report['paired']
    ]


def _by_family(report: Mapping[str, Any]) -> list[list[str]]:
    rows = []
    for family, about in report['systems']['majority']['families'].items():
        cells = [report['systems'][key]['families'][family] for key in _run(report)]
        unread = [f' u{cell["unparsed"]}' * bool(cell['unparsed']) for cell in cells]
        shares = [
            f'{100 * c["share"]:.0f} ({100 * c["low"]:.0f}-{100 * c["high"]:.0f})' for c in cells
        ]
        marked = [a + b for a, b in zip(shares, unread, strict=True)]
        rows.append([family, str(about['n']), *marked])
    return rows


def _comparisons(report: Mapping[str, Any]) -> list[list[str]]:
    titles = {system.key: system.title for system in SYSTEMS}
    rows = []
    for key in _run(report):
        found = report['systems'][key]
        cells = [found['margins'].get(name) for name in MARGINS]
        cells += [found['orders'].get(name) for name in ORDERS]
        rows.append([titles[key], *(interval(cell) for cell in cells)])
    return rows


def _run(report: Mapping[str, Any]) -> list[str]:
    keys = [system.key for system in SYSTEMS]
    return [key for key in keys if 'families' in report['systems'][key]]


def _goals(report: Mapping[str, Any]) -> list[list[str]]:
    return [
        [row['goal'], row['measured'], 'reached' if row['reached'] else 'NOT reached']
        for row in report['goals']
    ]


def _places(found: Mapping[str, Any]) -> str:
    return str(found['status']) if 'status' in found else f'\n\n{as_text(found)}'


def _rationale(found: Mapping[str, Any]) -> str:
    if 'status' in found:
        return str(found['status'])
    tally = NumberTally(**found['tally'])
    return (
        f'{found["asked"]} written, of their different sentences '
        f'{interval(found["sentences"])} well formed. {tally.stated} different numbers '
        f'stated, {tally.matched} of '
        'them about something that the true rationale has a number for (of '
        f'{tally.true}); within 10 % of the truth: '
        f'{interval(Cell(tally.matched, tally.within).as_dict())} of those matched.'
    )


def _notes(report: Mapping[str, Any]) -> list[str]:
    lines = []
    for system in SYSTEMS:
        found = report['systems'][system.key]
        notes = [found['status'] if found['status'] != 'run' else '', system.note]
        if system.run and found['status'] == 'run':
            notes.append(_trained(found['training']))
        if found.get('refused'):
            notes.append(f'{found["refused"]} questions were too long and count as wrong')
        if found.get('near'):
            cell = found['near']['distance within 25 %']
            notes.append(f'distances within 25 %: {interval(cell)}')
        notes.append(in_words(found.get('chosen', {})))
        lines.append(f'- {system.title}: ' + '; '.join(filter(None, notes)))
    return lines


def _trained(stages: Sequence[Mapping[str, Any]]) -> str:
    """Say what a run was trained on, from its last stage back to its first."""
    if not stages:
        return 'UNTRAINED, or trained elsewhere: no settings.yaml'
    return 'trained: ' + ', after '.join(
        f'{stage["run"]} {stage["samples"]:,} samples ({stage["steps"]:,} steps)'
        for stage in stages
    )
