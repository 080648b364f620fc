"""Lorentzians: extrema, derivatives, the separation that two lines need."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import find_peaks

from mitmodels.magnetism import lineshapes

D = 1.4345e-3
SHAPES = [
    lineshapes.symmetric,
    lineshapes.antisymmetric,
    lineshapes.symmetric_derivative,
    lineshapes.antisymmetric_derivative,
]


def test_extrema():
    """F_S'(D/sqrt 3) = -3 sqrt(3)/(8 D); F_A'(0) = 1/D with minima -1/(8 D) at sqrt(3) D."""
    x = np.linspace(-5 * D, 5 * D, 20001)
    slope, other = lineshapes.symmetric_derivative(x, D), lineshapes.antisymmetric_derivative(x, D)
    assert x[slope.argmin()] == pytest.approx(D / np.sqrt(3), abs=1e-6)
    assert slope.max() == pytest.approx(3 * np.sqrt(3) / (8 * D), rel=1e-6)
    assert other.max() == pytest.approx(1 / D, rel=1e-12)
    assert other.min() == pytest.approx(-1 / (8 * D), rel=1e-6)
    assert abs(x[other.argmin()]) == pytest.approx(np.sqrt(3) * D, abs=1e-6)
    assert lineshapes.antisymmetric(D, D) == 0.5
    assert lineshapes.symmetric(D, D) == 0.5


@pytest.mark.parametrize(("factor", "peaks"), [(1.14, 1), (1.17, 2)])
def test_two_equal_lines_part_beyond_the_inflection(factor, peaks):
    """Two maxima only if more than 2 D/sqrt(3) = 1.1547 D apart."""
    x = np.linspace(-3 * D, 3 * D, 20001)
    half = 0.5 * factor * D
    both = lineshapes.symmetric(x - half, D) + lineshapes.symmetric(x + half, D)
    assert len(find_peaks(both)[0]) == peaks


@settings(deadline=None)
@given(x=st.floats(-0.1, 0.1), hwhm=st.floats(1e-4, 1e-2))
def test_derivatives(x, hwhm):
    step = 1e-5 * hwhm
    for shape, slope in zip(SHAPES[:2], SHAPES[2:], strict=True):
        rise = shape(x + step, hwhm) - shape(x - step, hwhm)
        assert slope(x, hwhm) == pytest.approx(rise / (2 * step), abs=1e-5 / hwhm)


@settings(deadline=None)
@given(x=st.floats(-1e300, 1e300), hwhm=st.floats(1e-100, 1e100))
def test_parity_and_bounds(x, hwhm):
    """No overflow; even and odd; bounded by the extrema."""
    bounds = [1, 0.5, 3 * np.sqrt(3) / 8 / hwhm, 1 / hwhm]
    for shape, parity, bound in zip(SHAPES, [1, -1, -1, 1], bounds, strict=True):
        value = shape(x, hwhm)
        assert value == parity * shape(-x, hwhm)
        assert abs(value) <= bound * (1 + 1e-12)


@pytest.mark.parametrize("shape", SHAPES)
def test_bad_input(shape):
    with pytest.raises(ValueError, match=r"hwhm must be positive, got 0\.0 T"):
        shape(0.0, 0.0)
    with pytest.raises(ValueError, match="offset must be finite, got nan T"):
        shape(np.nan, 1e-3)
