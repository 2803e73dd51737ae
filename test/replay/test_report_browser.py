# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The report in a real browser, without network: filtered, opened, printed, attacked."""

import headless
import pytest

from ssr_ros.replay.report import write_report

pytest.importorskip('websockets', reason='the browser is driven through websockets')
pytestmark = pytest.mark.skipif(headless.chromium() is None, reason=headless.CURE)

HOSTILE = '</script><img src=x onerror="window.hacked=1"><script>window.hacked=2</script>?'
QUESTIONS = f"""
every_s: 0.4
questions:
  - ask: How far is the red object?
    id: red
    expect: {{number: 1.2, unit: m, tolerance: 0.05}}
  - ask: Is the red object left of the blue object?
    id: side
    expect: yes
  - ask: 'How far is the {HOSTILE}'
    id: hostile
    at: 0
    regions: {{'<b onmouseover=window.hacked=3>mug</b>': [30, 40, 60, 85]}}
"""
SHOWN = '[...document.querySelectorAll(".card")].filter(c => !c.hidden).map(c => c.dataset.%s)'


@pytest.fixture
def page(ask, boxes):
    result = ask([boxes], QUESTIONS)
    write_report(result.folder, result.rows, result.summary)
    with headless.browser() as opened:
        opened.size(1280, 900)
        opened.open(result.folder.report)
        opened.result = result
        yield opened
        bad = [e for e in opened.events if e['method'] == 'Runtime.exceptionThrown']
        assert not bad, bad


def test_the_report_is_filtered_opened_and_printed(page):
    verdicts = [row.verdict or 'open' for row in page.result.rows]
    assert {'right', 'wrong', 'open'} == set(verdicts)
    assert page.run(SHOWN % 'verdict') == verdicts
    page.click('input[value=wrong] + span')
    assert set(page.run(SHOWN % 'verdict')) == {'wrong'}
    assert page.run('count.textContent') == f'{verdicts.count("wrong")} questions'
    page.click('input[value=""] + span')
    page.write('[name=text]', 'LEFT side')
    assert set(page.run(SHOWN % 'kind')) == {'yes_no'}
    page.write('[name=text]', ' nothing like it')
    assert page.run(SHOWN % 'kind') == [] and not page.run('nothing.hidden')

    page.run('filters.reset(); filters.dispatchEvent(new Event("input"))')
    card = '.card[data-kind=number]'
    assert not page.run(f'document.querySelector("{card} .picture img").src'), 'shown when opened'
    page.click(f'{card} summary')
    picture = f'document.querySelector("{card} .picture img")'
    page.wait(f'{picture}.complete && {picture}.naturalWidth')
    assert page.run(f'{picture}.naturalWidth') == 160
    assert 'red object 1.2' in page.run(f'document.querySelector("{card} .meant").textContent')
    page.click(f'{card} .boxes')
    overlay = f'getComputedStyle(document.querySelector("{card} .overlay")).display'
    assert page.run(overlay) == 'none'

    assert page.print().startswith(b'%PDF')
    page.wait('document.querySelectorAll(".card[open]").length === 1')


def test_nothing_that_is_asked_or_named_is_run(page):
    for card in range(len(page.result.rows)):
        page.run(f'document.querySelectorAll(".card")[{card}].open = true')
    assert page.run('window.hacked') is None
    assert HOSTILE in page.run('document.querySelector("main").textContent')
    assert page.run('document.querySelectorAll("main script, main b[onmouseover]").length') == 0
    blocked = page.run(
        '(() => { const s = document.createElement("script"); s.textContent = "window.hacked=4";'
        'document.body.append(s); return window.hacked === undefined; })()'
    )
    assert blocked, 'the page allows no script but its own'


@pytest.mark.parametrize('width', [390, 1280])
def test_nothing_sticks_out_on_a_phone_or_a_desk(page, width):
    page.size(width, 844)
    page.run('document.querySelectorAll(".card").forEach(c => { c.open = true; })')
    assert page.run('document.documentElement.scrollWidth') <= width


def test_everything_is_in_the_one_file(page):
    assert page.run('performance.getEntriesByType("resource").length') == 0
