# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

from hypothesis import given
from hypothesis import strategies as st

from ssr_ros.engine.pairing import Pairing

MS = 1_000_000
SECOND = 1_000_000_000
START = 1_700_000_000 * SECOND


def feed(pairing, *arrivals):
    """Add (stream, stamp) in order of arrival; return the pairs as (colour stamp, depth stamp)."""
    found = (pairing.add(stream, stamp, (stream, stamp)) for stream, stamp in arrivals)
    return [(pair.color[1], pair.depth[1]) for pair in found if pair is not None]


def playback(first, last, color_every, depth_every):
    """One pass through a recording: (stream, stamp) in order of arrival."""
    color = [('color', stamp) for stamp in range(first, last, color_every)]
    depth = [('depth', stamp) for stamp in range(first, last, depth_every)]
    return sorted(color + depth, key=lambda each: each[1])


def test_equal_stamps_pair_at_a_tolerance_of_zero():
    """The upstream synchroniser never matches at slop 0."""
    pairing = Pairing(0)
    assert feed(pairing, ('color', START), ('depth', START)) == [(START, START)]
    assert feed(pairing, ('depth', START + MS), ('color', START + MS)) == [
        (START + MS, START + MS)
    ]


def test_stamps_further_apart_than_the_tolerance_do_not_pair():
    pairing = Pairing(20 * MS)
    assert feed(pairing, ('color', START), ('depth', START + 20 * MS + 1)) == []
    assert '20.0 ms apart' in pairing.explain() and 'sync.tolerance_s' in pairing.explain()
    assert len(feed(pairing, ('color', START + 40 * MS))) == 1


def test_the_offset_is_depth_minus_color():
    pairing = Pairing(20 * MS)
    pairing.add('color', START, None)
    assert pairing.add('depth', START + 5 * MS, None).offset_ns == 5 * MS


def test_a_bag_that_loops_with_unequal_rates_pairs_as_well_in_every_pass():
    """The upstream synchroniser gave 75, 10 and 84 pairs over three such passes."""
    pairing = Pairing(20 * MS)
    one_pass = playback(START, START + 5 * SECOND, 33 * MS, 66 * MS)
    pairs = [len(feed(pairing, *one_pass)) for _ in range(3)]
    assert pairs[0] == len([stream for stream, _ in one_pass if stream == 'depth'])
    assert pairs[1] == pairs[2] == pairs[0]
    assert pairing.counts.resets == 2


def test_after_a_loop_nothing_of_the_old_pass_is_paired():
    pairing = Pairing(50 * MS)
    feed(pairing, ('color', START), ('depth', START), ('color', START + 33 * MS))
    # Time goes back by less than the tolerance: the colour image that waits is of the old pass.
    assert feed(pairing, ('color', START - 10 * MS)) == []
    assert feed(pairing, ('depth', START - 10 * MS)) == [(START - 10 * MS, START - 10 * MS)]
    assert pairing.counts.dropped['time jump'] == 1
    assert pairing.counts.resets == 1


def test_a_stream_that_lags_loses_no_pair_to_the_jump_of_the_other():
    """Colour loops first; what it has sent since then must survive the jump of depth."""
    pairing = Pairing(0)
    end = START + SECOND
    feed(pairing, ('color', end - MS), ('depth', end - MS), ('color', end))
    assert feed(pairing, ('color', START), ('color', START + 33 * MS), ('depth', end)) == []
    late = feed(pairing, ('depth', START), ('depth', START + 33 * MS))
    assert late == [(START, START), (START + 33 * MS, START + 33 * MS)]
    assert pairing.counts.resets == 1


def test_a_bag_of_one_frame_pairs_at_every_loop():
    pairing = Pairing(0)
    for _ in range(3):
        assert feed(pairing, ('color', START), ('depth', START)) == [(START, START)]


def test_a_closer_partner_replaces_a_first_one():
    """Else one lost image leaves the streams a frame apart for good."""
    pairing = Pairing(40 * MS)
    depth_0, color_1 = START, START + 33 * MS  # the colour image at START was lost
    assert feed(pairing, ('depth', depth_0), ('color', color_1)) == [(color_1, depth_0)]
    assert feed(pairing, ('depth', color_1)) == [(color_1, color_1)]
    assert feed(pairing, ('color', START + 66 * MS)) == []
    assert feed(pairing, ('depth', START + 66 * MS)) == [(START + 66 * MS, START + 66 * MS)]


def test_a_partner_is_not_taken_away_for_a_worse_match():
    pairing = Pairing(40 * MS)
    feed(pairing, ('color', START), ('depth', START))
    assert feed(pairing, ('color', START + 33 * MS)) == []


def test_zero_stamps_are_dropped_and_counted():
    pairing = Pairing(SECOND)
    assert feed(pairing, ('color', 0), ('depth', 0)) == []
    assert pairing.counts.dropped['zero stamp'] == 2


def test_a_silent_partner_does_not_fill_the_memory():
    pairing = Pairing(0, buffer=10)
    feed(pairing, *(('color', START + n * MS) for n in range(1, 101)))
    assert pairing.counts.dropped == {'buffer full': 90}
    assert pairing.counts.received == {'color': 100}


def test_images_that_a_newer_pair_overtakes_are_counted_as_unpaired():
    pairing = Pairing(0)
    feed(pairing, ('color', START), ('color', START + MS), ('depth', START + MS))
    assert pairing.counts.dropped == {'unpaired': 1}


@given(
    st.lists(st.tuples(st.sampled_from(['color', 'depth']), st.integers(0, 30)), max_size=60),
    st.integers(0, 4),
)
def test_whatever_arrives_pairs_keep_the_tolerance_and_nothing_is_kept_for_ever(
    arrivals, tolerance
):
    pairing = Pairing(tolerance, buffer=5)
    for color, depth in feed(pairing, *arrivals):
        assert abs(color - depth) <= tolerance and color > 0 and depth > 0
    assert all(len(waiting) <= 5 for waiting in pairing._waiting.values())


@given(st.lists(st.integers(1, 1000), min_size=1, max_size=30), st.data())
def test_whatever_came_before_a_steady_camera_pairs_again(before, data):
    """No sequence of stamps may leave the pairing stuck."""
    pairing = Pairing(0)
    for stamp in before:
        pairing.add(data.draw(st.sampled_from(['color', 'depth'])), stamp, ('', stamp))
    steady = [(stream, 2000 + n) for n in range(20) for stream in ('color', 'depth')]
    assert len(feed(pairing, *steady)) == 20


def test_a_stream_may_lag_by_many_images():
    """Depth over a slow link came 12 images late, and ten were kept: nothing paired."""
    pairing = Pairing(20 * MS)
    stamps = [START + n * 33 * MS for n in range(60)]
    late = [None] * 20 + stamps
    pairs = 0
    for color, depth in zip(stamps, late, strict=False):
        pairs += len(feed(pairing, ('color', color)))
        pairs += len(feed(pairing, ('depth', depth))) if depth else 0
    assert pairs == 40


def test_a_stream_that_lags_too_far_is_called_late():
    """Not out of tolerance: raising that would pair the wrong images."""
    pairing = Pairing(20 * MS, buffer=10)
    for n in range(40):
        feed(pairing, ('color', START + n * 33 * MS))
        if n >= 20:
            feed(pairing, ('depth', START + (n - 20) * 33 * MS))
    assert pairing.counts.pairs == 0
    assert 'depth images arrive 660 ms after the others' in pairing.explain()
