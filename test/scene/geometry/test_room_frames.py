# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Every number that is measured in frames made by hand: beside the truth, and as it was."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from room_frames import numbers, surveys

TRUE_SIZES_M = {
    ('table', 'brown object 1'): (1.2, 0.8, 0.4),
    ('table', 'red object 1'): (0.1, 0.1, 0.12),
    ('table', 'purple object 1'): (0.12, 0.1, 0.1),
    ('open box', 'blue object 1'): (0.2, 0.15, 0.03),
    ('dots', 'green object 1'): (0.4, 0.4, 0.15),
    ('dots', 'blue object 1'): (0.2, 0.15, 0.03),
    ('bin, level', 'black object 1'): (70 * 0.73 / 300, 45 * 0.73 / 300, 0.02),
    ('bin, level', 'red object 1'): (50 * 0.7 / 300, 40 * 0.7 / 300, 0.05),
}
TRUE_PLANES = {
    ('smeared', 'support surface'): ('support', 0.7, 0.0),
    ('table', 'floor'): ('support', 1.2, 0.0),
    ('table', 'raised surface'): ('top', 0.8, 0.0),
    ('table', 'wall'): ('wall', 3.0, 90.0),
    ('bin', 'surface 1'): ('surface', 0.75, None),
    ('room', 'support surface'): ('support', 0.9, 0.0),
    ('room', 'ceiling'): ('ceiling', 1.0, 180.0),
    ('room', 'wall 1'): ('wall', 1.3, 90.0),
    ('room', 'wall 2'): ('wall', 3.5 / np.hypot(1, 0.3), 90.0),
    ('ramp', 'slope'): ('slope', 1.2 / np.hypot(0.1, 0.7 * np.sqrt(2)), 45.3),
}
"""Role, offset in metres and tilt in degrees."""


@pytest.mark.parametrize(('frame', 'name'), TRUE_SIZES_M)
def test_sizes_are_true_within_two_and_a_half_of_their_margins(frame, name):
    thing = surveys()[frame].object_named(name)
    error = np.abs(np.subtract(thing.size_m, TRUE_SIZES_M[frame, name]))
    assert (error < 2.5 * np.array(thing.margins.size_m)).all(), (thing.size_m, thing.margins)


@pytest.mark.parametrize(('frame', 'name'), TRUE_PLANES)
def test_planes_are_what_and_where_they_are(frame, name):
    role, offset_m, tilt_deg = TRUE_PLANES[frame, name]
    plane = next(plane for plane in surveys()[frame].planes if plane.name == name)
    assert plane.role == role
    assert plane.offset_m == pytest.approx(offset_m, rel=0.006)
    if tilt_deg is None:
        assert np.isnan(plane.tilt_deg)
    else:
        assert plane.tilt_deg == pytest.approx(tilt_deg, abs=0.6)


@pytest.mark.parametrize('frame', surveys())
def test_every_number_is_what_it_was(frame):
    """The lines beside this file: frame | thing | what | words or numbers."""
    lines = (Path(__file__).parent / 'room_frames.txt').read_text(encoding='utf-8').splitlines()
    told = [line.split(' | ') for line in lines if line.startswith(f'{frame} | ')]
    found = dict(found_in(surveys()[frame]))
    assert [tuple(words[1:3]) for words in told] == list(found)
    for _, name, what, expected in told:
        assert found[name, what] == as_read(expected), (name, what)


def found_in(survey):
    """Yield what is known of a survey, in the order of the lines."""
    yield ('gravity', 'down'), survey.gravity.down
    yield ('gravity', 'source'), survey.gravity.source
    noise = survey.noise
    yield ('noise', 'parts'), (noise.constant_m, noise.linear, noise.quadratic_per_m)
    for measured in (*survey.planes, *survey.objects):
        for what, value in numbers(measured).items():
            words = isinstance(value, (str, bool)) or value is None
            yield (measured.name, what), str(value) if words else np.ravel(value).astype(float)


def as_read(expected):
    """Read what a line says: words, or numbers to a fifth of a millimetre."""
    try:
        return pytest.approx([float(word) for word in expected.split()], 5e-4, 2e-4, nan_ok=True)
    except ValueError:
        return expected
