"""Distance of points from the path of a sweep."""

import numpy as np
import pytest

from mitmodels.fitting.path_distance import signed_distance

# Up a slope to (2, 2), a jump down at x = 2, and on.
JUMP = np.array([[0.0, 0.0], [2.0, 2.0], [2.0, 1.0], [4.0, 1.0]])


@pytest.mark.parametrize(
    ("point", "distance"),
    [
        ((1.0, 1.0), 0.0),
        ((0.0, 1.0), np.sqrt(0.5)),  # left of the slope
        ((1.0, 0.0), -np.sqrt(0.5)),
        ((1.7, 1.2), -0.3),  # before the jump, behind the path
        ((3.0, 1.5), 0.5),
        ((3.0, 0.5), -0.5),
        ((5.0, 1.0), 1.0),  # beyond the end
    ],
)
def test_distance_and_side(point, distance):
    assert signed_distance([point], JUMP)[0] == pytest.approx(distance, abs=1e-12)


def test_distance_is_smooth_while_a_jump_moves_past_a_point():
    """The difference in height at one abscissa would jump from 0 to 1 instead."""
    places = np.linspace(-0.15, 0.15, 31)
    moved = [signed_distance([(2.0, 1.5)], JUMP + np.array([dx, 0.0]))[0] for dx in places]
    assert moved[0] == pytest.approx(0.15)
    assert moved[-1] < 0
    steps = np.diff(moved)
    assert (steps < 0).all()
    assert (steps > -0.0101).all()


def test_repeated_points_of_the_path_change_nothing():
    points = np.random.default_rng(3).uniform(0, 4, (20, 2))
    again = np.repeat(JUMP, 3, axis=0)
    np.testing.assert_array_equal(signed_distance(points, again), signed_distance(points, JUMP))
    with pytest.raises(ValueError, match="the path has no length"):
        signed_distance(points, again[:3])
