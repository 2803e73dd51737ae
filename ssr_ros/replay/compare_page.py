# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``compare.html``: two runs side by side, in one file as the report is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ssr_ros import __version__
from ssr_ros.errors import ConfigError
from ssr_ros.replay import charts
from ssr_ros.replay.cards import Cards, first_stamps, KIND_WORDS
from ssr_ros.replay.compare import match, Pair
from ssr_ros.replay.folder import Folder
from ssr_ros.replay.page_parts import packed_pictures, PAGE, render
from ssr_ros.replay.rows import AnswerRow

MOST_CARDS = 1000
PAIRED = (
    'The same questions of the same frames. The interval is Newcombe’s for pairs, p is of '
    'McNemar’s exact test. Questions about one frame are not quite independent.'
)
UNPAIRED = (
    'The runs have no question of one frame in common: their shares are compared as those of two '
    'samples, which tells less than pairs would.'
)
CHANGES = {'better': 'Only B right', 'worse': 'Only A right', 'other': 'Other answers'}


def write_comparison(
    path: Path,
    names: tuple[str, str],
    folders: tuple[Folder, Folder],
    rows: tuple[Sequence[AnswerRow], Sequence[AnswerRow]],
    found: Mapping[str, Any],
) -> Path:
    """Write the page.

    Args:
        path: of the file.
        names: of the runs A and B.
        folders: of the runs.
        rows: of the runs.
        found: by ``compare``.

    Raises:
        ConfigError: it cannot be written, or pictures are missing.
        MissingPackageError: Jinja2 is not installed.
    """
    matched = match(*rows)
    changed = [pair for pair in matched.pairs if change_of(pair)]
    makers = [Cards(folder, first_stamps(folder)) for folder in folders]
    cards = [_card(pair, makers) for pair in changed[:MOST_CARDS]]
    shown = {card['b']['picture'] for card in cards if card['b']['picture']}
    page = render(
        'compare.html',
        script=(PAGE / 'report.js').read_text(encoding='utf-8'),
        title=f'{names[0]} and {names[1]}, compared',
        name_a=names[0],
        name_b=names[1],
        notice=_notice(found),
        tiles=_tiles(found),
        method=PAIRED if found['paired'] else UNPAIRED,
        kinds=_kinds(found),
        numbers=_numbers(found),
        cards=cards,
        changes=[
            {'name': name, 'words': words, 'count': n}
            for name, words in CHANGES.items()
            if (n := sum(card['change'] == name for card in cards))
        ],
        left_out=len(changed) - len(cards),
        pictures=packed_pictures(folders[1], shown),
        footer=f'ssr_ros {__version__}',
    )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page, encoding='utf-8')
    except OSError as error:
        raise ConfigError(f'{path}: cannot be written ({error.strerror})') from error
    return path


def change_of(pair: Pair) -> str:
    """Return how a pair differs: 'better', 'worse', 'other' (another answer), or ''."""
    a, b = pair
    if a.verdict != b.verdict and 'right' in (a.verdict, b.verdict):
        return 'better' if b.verdict == 'right' else 'worse'
    return 'other' if (a.verdict, a.answer) != (b.verdict, b.answer) else ''


def _card(pair: Pair, makers: Sequence[Cards]) -> dict[str, Any]:
    a, b = (maker.card(row) for maker, row in zip(makers, pair, strict=True))
    return {'a': a, 'b': b, 'change': change_of(pair), 'search': f'{a["search"]} {b["search"]}'}


def _notice(found: Mapping[str, Any]) -> str:
    said = [
        f'{found[key]} {words}'
        for key, words in (
            ('only_a', 'questions only in A'),
            ('only_b', 'questions only in B'),
            ('expected_changed', 'whose right answer is another one in B'),
        )
        if found[key]
    ]
    return f'Left out of the pairs: {", ".join(said)}.' if said and found['paired'] else ''


def _tiles(found: Mapping[str, Any]) -> list[dict[str, str]]:
    all_of_it = found['accuracy']
    tiles = [
        _tile('A right', _percent(all_of_it['a']['share']), _of(all_of_it['a']), ''),
        _tile('B right', _percent(all_of_it['b']['share']), _of(all_of_it['b']), ''),
    ]
    if all_of_it['difference'] is not None:
        note = f'points; 95 %: {_interval(all_of_it)}'
        value = f'{100 * all_of_it["difference"]:+.1f}'
        tiles.append(_tile('B less A', value, note, _verdict(all_of_it)))
    if found['paired']:
        note = f'and {found["worse"]} that only A answers right'
        tiles.append(_tile('Only B right', str(found['better']), note, ''))
    if found['latency']:
        latency = found['latency']
        note = f'median, A {latency["median_a"]:.0f} ms'
        tiles.append(_tile('Time per answer', f'{latency["median_b"]:.0f} ms', note, ''))
    return tiles


def _tile(label: str, value: str, note: str, tone: str) -> dict[str, str]:
    return {'label': label, 'value': value, 'note': note, 'tone': tone}


def _kinds(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    named = [('All', found['accuracy'])]
    named += [(KIND_WORDS[kind], each) for kind, each in found['kinds'].items()]
    return [
        {
            'name': name,
            'n': each['n'],
            'cells': [_cell(who, each[who.lower()]) for who in ('A', 'B')],
            'difference': '–'
            if each['difference'] is None
            else f'{100 * each["difference"]:+.1f}',
            'verdict': _verdict(each) or 'open',
            'range': _interval(each),
            'only': f'{each["only_a_right"]} · {each["only_b_right"]}' if found['paired'] else '–',
            'p': f'{each["p_value"]:.2g}' if found['paired'] else '–',
        }
        for name, each in named
    ]


def _cell(who: str, share: Mapping[str, Any]) -> dict[str, Any]:
    label = f'{who}: {share["right"]} of {share["n"]} right'
    chart = charts.interval(share['share'], share['low'], share['high'], label)
    return {'who': who, 'share': _percent(share['share']), 'chart': chart}


def _numbers(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    named = [(f'|error|, {unit}', each) for unit, each in found['errors'].items()]
    if found['latency']:
        named.append(('time per answer, ms', found['latency']))
    return [
        {
            'name': name,
            'n': each['n'],
            'a': f'{each["median_a"]:.3g}',
            'b': f'{each["median_b"]:.3g}',
            'difference': f'{each["difference"]:+.3g} ({each["low"]:+.3g} to {each["high"]:+.3g})',
        }
        for name, each in named
    ]


def _verdict(each: Mapping[str, Any]) -> str:
    """'right' where B is surely better, 'wrong' where it is surely worse."""
    if each['difference'] is None or each['low'] <= 0 <= each['high']:
        return ''
    return 'right' if each['low'] > 0 else 'wrong'


def _interval(each: Mapping[str, Any]) -> str:
    return f'{100 * each["low"]:+.0f} to {100 * each["high"]:+.0f}'


def _of(share: Mapping[str, Any]) -> str:
    return f'{share["right"]} of {share["n"]}'


def _percent(share: float | None) -> str:
    return '–' if share is None else f'{100 * share:.0f} %'
