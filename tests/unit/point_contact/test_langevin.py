"""Langevin and Brillouin functions: definition, small and large arguments."""

import numpy as np
import pytest

from mitmodels.langevin import brillouin, langevin


def test_langevin_against_its_definition():
    x = np.array([0.5, 0.99, 1.01, 3.0, 30.0])
    np.testing.assert_allclose(langevin(x), 1 / np.tanh(x) - 1 / x, rtol=1e-14)
    tiny = np.array([1e-300, 1e-9, 1e-4])
    np.testing.assert_allclose(langevin(tiny), tiny / 3, rtol=1e-8)
    np.testing.assert_allclose(langevin(np.array([0.01])), 0.01 / 3 - 1e-6 / 45, rtol=1e-9)
    assert langevin(-1e6) == pytest.approx(-1 + 1e-6, rel=1e-15)
    assert langevin(0.0) == 0


@pytest.mark.parametrize("spin", [0.5, 1.85, 100.0])
def test_brillouin_against_its_definition(spin):
    y = np.array([0.3, 1.0, 5.0])
    whole, half = (2 * spin + 1) / (2 * spin), 1 / (2 * spin)
    exact = whole / np.tanh(whole * y) - half / np.tanh(half * y)
    value, slope = brillouin(spin, y)
    np.testing.assert_allclose(value, exact, rtol=1e-11)
    step = 1e-6
    difference = (brillouin(spin, y + step)[0] - brillouin(spin, y - step)[0]) / (2 * step)
    np.testing.assert_allclose(slope, difference, rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(brillouin(spin, np.array([1e-9]))[1], (spin + 1) / (3 * spin))


def test_spin_half_is_a_hyperbolic_tangent():
    y = np.array([1e-6, 0.1, 2.0, 30.0])
    np.testing.assert_allclose(brillouin(0.5, y)[0], np.tanh(y), rtol=1e-14)


def test_bad_argument():
    with pytest.raises(ValueError, match="x must be finite, got nan"):
        langevin(np.nan)
