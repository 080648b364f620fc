"""A random field: what it promises about its moments, its extent and its reproducibility."""

import numpy as np
import pytest

from mitmodels.film.disorder import LognormalField


def test_moments_and_correlation():
    """Over many correlation lengths: mean 1, standard deviation of ln F, Gaussian decay."""
    field = LognormalField(0.05, 1.0, seed=3, waves=2000)
    x = np.linspace(0.0, 60.0, 241)
    grid = np.stack(np.meshgrid(x, x), axis=-1)
    F = field(grid.reshape(-1, 2)).reshape(241, 241)
    f = (np.log(F) + 0.05**2 / 2) / 0.05
    assert F.mean() == pytest.approx(1.0, abs=2e-3)
    assert f.std() == pytest.approx(1.0, abs=0.05)
    shift = 4  # one correlation length
    assert (f[:, shift:] * f[:, :-shift]).mean() == pytest.approx(np.exp(-0.5), abs=0.06)


def test_value_depends_on_the_place_and_the_seed_only():
    points = np.random.default_rng(0).uniform(size=(50, 2))
    field = LognormalField(0.03, 0.2, seed=7)
    np.testing.assert_array_equal(field(points)[10:20], field(points[10:20]))
    assert np.abs(field(points) / LognormalField(0.03, 0.2, seed=8)(points) - 1).max() > 0.01


@pytest.mark.parametrize(("amplitude", "length"), [(0.0, 1.0), (0.1, 0.0), (np.nan, 1.0)])
def test_what_is_no_field_is_refused(amplitude, length):
    with pytest.raises(ValueError, match="must be"):
        LognormalField(amplitude, length, seed=0)
