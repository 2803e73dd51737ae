# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``report.html``: one file with everything in it, pictures too; it needs no network.

Every text in it goes through a template that escapes by itself, and the page allows no script but
its own (by its hash): what a question, a name or a model says is shown, never run.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from markupsafe import Markup

from ssr_ros.errors import ConfigError
from ssr_ros.replay import charts
from ssr_ros.replay.cards import Cards, first_stamps, KIND_WORDS, verdict_of, VERDICT_WORDS
from ssr_ros.replay.folder import Folder
from ssr_ros.replay.page_parts import packed_pictures, PAGE, render
from ssr_ros.replay.rows import AnswerRow

MOST_CARDS = 1000
WHOS = (('answer', 'Answer'), ('measured', 'Measured'), ('model', 'Model'))


def write_report(folder: Folder, rows: Sequence[AnswerRow], summary: Mapping[str, Any]) -> Path:
    """Write the report of a run, and return where it is.

    Raises:
        ConfigError: it cannot be written, or pictures are missing.
        MissingPackageError: Jinja2 is not installed.
    """
    shown = _shown(rows)
    bags: Mapping[str, Any] = summary['bags']
    cards = Cards(folder, first_stamps(folder))
    script = (PAGE / 'report.js').read_text(encoding='utf-8')
    page = render(
        'report.html',
        script=script,
        title='Evaluation of ' + _listed(list(bags)),
        subtitle=_subtitle(summary),
        failures=[(name, each['failure']) for name, each in bags.items() if each['failure']],
        tiles=_tiles(summary),
        whos=WHOS,
        kinds=_kinds(summary),
        agreement=_agreement(summary),
        agreement_words=', '.join(f'{n} {c}' for n, c in summary['agreement'].items()),
        refusals=summary['refusals'],
        stages=_stages(summary),
        latency_chart=_latency_chart(rows),
        lives=[_live(name, each['live']) for name, each in bags.items() if 'live' in each],
        bags=[_bag(name, each) for name, each in bags.items()],
        cards=[cards.card(row) for row in shown],
        left_out=len(rows) - len(shown),
        verdicts=_verdicts(rows),
        filter_kinds=_filter_kinds(rows),
        pictures=packed_pictures(folder, {row.picture for row in shown if row.picture}),
        footer=f'ssr_ros {summary["ssr_ros"]} · {summary["model"]}',
    )
    try:
        folder.report.write_text(page, encoding='utf-8')
    except OSError as error:
        raise ConfigError(f'{folder.report}: cannot be written ({error.strerror})') from error
    return folder.report


def _shown(rows: Sequence[AnswerRow]) -> list[AnswerRow]:
    """Return the rows that get a card; where they are too many, right ones are left out."""
    if len(rows) <= MOST_CARDS:
        return list(rows)
    ranked = sorted(range(len(rows)), key=lambda i: (rows[i].verdict == 'right', i))
    return [rows[i] for i in sorted(ranked[:MOST_CARDS])]


def _subtitle(summary: Mapping[str, Any]) -> str:
    bags: Mapping[str, Any] = summary['bags']
    times = [each['about']['start_ns'] for each in bags.values() if 'about' in each]
    recorded = ''
    if times:
        at = datetime.fromtimestamp(min(times) / 1e9, timezone.utc)
        recorded = f' · recorded {at:%Y-%m-%d %H:%M} UTC'
    minutes = sum(each['about']['duration_s'] for each in bags.values() if 'about' in each) / 60
    length = f'{minutes:.1f} min' if minutes >= 1 else f'{60 * minutes:.0f} s'
    model = str(summary['model']).partition(' (')[0]
    return f'{summary["questions"]} questions · {length}{recorded} · {model}'


def _tiles(summary: Mapping[str, Any]) -> list[dict[str, str]]:
    one = summary['accuracy']['answer']
    tiles = []
    if one['n']:
        note = f'{one["right"]} of {one["n"]}; 95 %: {_range(one)}'
        tiles.append(_tile('Right', _percent(one['share']), note, ''))
        tone = 'wrong' if one['wrong'] else 'right'
        tiles.append(_tile('Wrong', str(one['wrong']), f'{one["unread"]} unread', tone))
    refused = summary['questions'] - summary['answered']
    share = refused / summary['questions'] if summary['questions'] else 0.0
    tiles.append(_tile('Not answered', str(refused), f'{_percent(share)} of all questions', ''))
    if summary['accuracy']['model']['n'] or summary['agreement']['contradicts']:
        contradicts = summary['agreement']['contradicts']
        note = 'times the model contradicts what was measured'
        tiles.append(_tile('Contradictions', str(contradicts), note, ''))
    total = summary['latency_ms'].get('total')
    if total:
        note = f'median; 95 % within {_time(total["p95"])}'
        tiles.append(_tile('Time per answer', _time(total['median']), note, ''))
    missing = sum(
        stream['missing']
        for each in summary['bags'].values()
        for stream in each.get('about', {}).get('streams', ())
    )
    tone = 'unread' if missing else ''
    tiles.append(_tile('Lost images', str(missing), 'by gaps in the streams', tone))
    return tiles


def _tile(label: str, value: str, note: str, tone: str) -> dict[str, str]:
    return {'label': label, 'value': value, 'note': note, 'tone': tone}


def _kinds(summary: Mapping[str, Any]) -> list[dict[str, Any]]:
    if not summary['judged']:
        return []
    found = [('All', summary['accuracy'], None)]
    found += [(KIND_WORDS[kind], each, each['error']) for kind, each in summary['kinds'].items()]
    return [
        {
            'name': name,
            'n': each['answer']['n'],
            'cells': [_cell(words, each[who]) for who, words in WHOS],
            'off': _off(error),
        }
        for name, each, error in found
    ]


def _cell(words: str, found: Mapping[str, Any]) -> dict[str, Any]:
    if not found['n']:
        return {'who': words, 'n': 0}
    low, high = found['low'], found['high']
    label = f'{words}: {found["right"]} of {found["n"]} right'
    return {
        'who': words,
        'n': found['n'],
        'share': _percent(found['share']),
        'chart': charts.interval(found['share'], low, high, label),
        'range': _range(found),
    }


def _off(error: Mapping[str, Any] | None) -> str:
    if error is None:
        return ''
    median, p95, bias = (error[key] for key in ('median_abs', 'p95_abs', 'bias'))
    unit = f' {error["unit"]}'.rstrip()
    return f'{median:.2g}{unit} median, {p95:.2g} at 95 %, bias {bias:+.2g}'


def _agreement(summary: Mapping[str, Any]) -> list[dict[str, Any]]:
    words = {
        'agrees': 'agree',
        'contradicts': 'contradict each other',
        'unknown': 'cannot be compared',
    }
    found: Mapping[str, int] = summary['agreement']
    if not summary['has_model']:
        return []
    return [{'name': name, 'words': words[name], 'count': found[name]} for name in words]


def _stages(summary: Mapping[str, Any]) -> list[dict[str, Any]]:
    found: Mapping[str, Any] = summary['latency_ms']
    longest = max((each['median'] for each in found.values()), default=1.0) or 1.0
    return [
        {
            'name': name,
            'n': each['n'],
            'share': round(100 * each['median'] / longest, 1),
            **{key: f'{each[key]:.1f}' for key in ('median', 'p95', 'most')},
        }
        for name, each in found.items()
    ]


def _latency_chart(rows: Sequence[AnswerRow]) -> Markup:
    points, seen = [], set()
    for number, row in enumerate(rows):
        if 'total' in row.timings_ms:
            frame = (row.bag, row.frame)
            points.append((float(number), row.timings_ms['total'], frame not in seen))
            seen.add(frame)
    return charts.latency_over_time(points, 'Milliseconds of every answer, in the order of asking')


def _live(name: str, found: Mapping[str, Any]) -> dict[str, Any]:
    spreads = [
        {'name': what, 'n': each['n']}
        | {key: _number(each[key]) for key in ('median', 'p95', 'p99', 'most')}
        for what, each in found['spreads'].items()
    ]
    return {'bag': name, 'spreads': spreads, 'facts': found['facts']}


def _bag(name: str, each: Mapping[str, Any]) -> dict[str, Any]:
    if 'about' not in each:
        return {'name': name, 'facts': each['failure'], 'streams': []}
    about = each['about']
    pairs = about['pairs']
    alone = ', '.join(
        f'{n} of {topic} without a partner' for topic, n in pairs['unpaired'].items()
    )
    facts = (
        f'{about["duration_s"]:.1f} s · {pairs["count"]} RGB-D frames ({alone}) · '
        f'{each["questions"]} questions · calibrations: {about["calibrations"]}'
    )
    return {
        'name': name,
        'facts': facts,
        'streams': [_stream(stream, about['duration_s']) for stream in about['streams']],
    }


def _stream(stream: Mapping[str, Any], duration_s: float) -> dict[str, Any]:
    rate = stream['rate_hz']
    words = f'{stream["count"]} images at {_number(rate)} Hz'
    if stream['gaps']:
        longest = max(stream['longest'], key=lambda gap: gap['length_s'])
        words += (
            f'; {stream["gaps"]} gaps, {stream["missing"]} images missing, the longest '
            f'{longest["length_s"]:.2f} s at {longest["after_s"]:.1f} s'
        )
    label = f'Images of {stream["topic"]} over time'
    chart = charts.rates(stream['parts'], duration_s, rate, label)
    return {'topic': stream['topic'], 'words': words, 'chart': chart}


def _verdicts(rows: Iterable[AnswerRow]) -> list[dict[str, Any]]:
    counts = Counter(verdict_of(row) for row in rows)
    return [
        {'name': name, 'words': words.capitalize(), 'count': counts[name]}
        for name, words in VERDICT_WORDS.items()
        if counts[name]
    ]


def _filter_kinds(rows: Iterable[AnswerRow]) -> list[dict[str, str]]:
    there = {row.kind for row in rows}
    return [
        {'value': kind or 'open', 'words': words}
        for kind, words in KIND_WORDS.items()
        if kind in there
    ]


def _listed(names: Sequence[str]) -> str:
    if len(names) <= 3:
        return ', '.join(names)
    return f'{names[0]}, {names[1]} and {len(names) - 2} more recordings'


def _percent(share: float | None) -> str:
    return '–' if share is None else f'{100 * share:.0f} %'


def _range(found: Mapping[str, Any]) -> str:
    return f'{100 * found["low"]:.0f}–{_percent(found["high"])}'


def _time(ms: float) -> str:
    return f'{ms:.0f} ms' if ms < 1000 else f'{ms / 1000:.1f} s'


def _number(value: float | None) -> str:
    return '–' if value is None else f'{value:.1f}'
