# SPDX-FileCopyrightText: 2026 The ssr_ros authors
# SPDX-License-Identifier: Apache-2.0

import numpy as np
import pytest

from ssr_ros.engine.request import Refused
from ssr_ros.engine.transforms import RigidTransform

# From an optical frame (x right, y down, z forward) to a body frame (x forward, y left, z up).
OPTICAL_TO_BODY = (-0.5, 0.5, -0.5, 0.5)


def test_forward_of_the_camera_is_forward_of_the_robot():
    transform = RigidTransform.from_quaternion('base', OPTICAL_TO_BODY, (0.1, 0.0, 1.2))
    np.testing.assert_allclose(transform.point([0, 0, 2.0]), [2.1, 0, 1.2], atol=1e-12)
    np.testing.assert_allclose(transform.point([1.0, 0, 0]), [0.1, -1.0, 1.2], atol=1e-12)
    np.testing.assert_allclose(transform.direction([0, 1.0, 0]), [0, 0, -1.0], atol=1e-12)


def test_a_quaternion_need_not_be_normalised_but_not_zero():
    doubled = tuple(2 * part for part in OPTICAL_TO_BODY)
    transform = RigidTransform.from_quaternion('base', doubled, (0, 0, 0))
    np.testing.assert_allclose(transform.point([0, 0, 1.0]), [1.0, 0, 0], atol=1e-12)
    with pytest.raises(Refused, match='zero quaternion'):
        RigidTransform.from_quaternion('base', (0, 0, 0, 0), (0, 0, 0))


def test_the_identity_changes_nothing():
    stay = RigidTransform.identity('camera')
    np.testing.assert_array_equal(stay.point([1.0, 2.0, 3.0]), [1.0, 2.0, 3.0])
