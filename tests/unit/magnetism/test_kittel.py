"""Kittel law: inverse, limits, minimum frequency, fits with honest errors, bad input."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mitmodels.magnetism import kittel

M_EFF, H_A, G = 0.96, 0.0138, 2.0


@settings(deadline=None)
@given(M=st.floats(0.1, 2.0), f=st.floats(3.5e9, 20e9), g=st.floats(1.9, 2.1))
def test_inverse(M, f, g):
    """effective_magnetisation and resonance_frequency undo resonance_field to 1e-12."""
    field = kittel.resonance_field(f, M, H_A, g)
    if f < kittel.resonance_frequency(0.0, M, H_A, g) * (1 - 1e-14):
        assert np.isnan(field)
    elif f > kittel.resonance_frequency(0.0, M, H_A, g) * (1 + 1e-14):
        assert kittel.effective_magnetisation(f, field, H_A, g) == pytest.approx(M, rel=1e-12)
        assert kittel.resonance_frequency(field, M, H_A, g) == pytest.approx(f, rel=1e-12)


@settings(deadline=None)
@given(M=st.floats(-1e6, 1e6), f=st.floats(1e-300, 1e18), H_a=st.floats(-1e6, 1e6))
def test_no_overflow(M, f, H_a):
    field = kittel.resonance_field(f, M, H_a, G)
    assert np.isnan(field) or field >= 0
    assert kittel.resonance_frequency(abs(M), abs(M), H_A, G) >= 0


@settings(deadline=None)
@given(M=st.floats(0.0, 2.0), f=st.floats(4e9, 20e9))
def test_more_magnetisation_lowers_the_field(M, f):
    """dB/dM = -u/(2 u + M) < 0: the opposite of the letter's sentence."""
    step = 1e-6
    low, high = kittel.resonance_field(f, [M, M + step], 0.0, G)
    assert (high - low) / step == pytest.approx(-low / (2 * low + M), rel=1e-4)


def test_limits():
    """Paramagnet: F - H_a. Field along a film with strong out-of-plane anisotropy: F - M/2."""
    F = float(kittel.reduced_frequency(6e9, G))
    assert kittel.resonance_field(6e9, 0.0, H_A, G) == pytest.approx(F - H_A, rel=1e-15)
    assert kittel.resonance_field(6e9, 1e-9, 0.0, G) == pytest.approx(F - 0.5e-9, rel=1e-15)
    assert kittel.resonance_field(6e9, -1.0, 0.0, G) == pytest.approx(
        0.5 + np.sqrt(0.25 + F**2), rel=1e-15
    )


def test_minimum_frequency_is_where_the_field_vanishes():
    lowest = float(kittel.resonance_frequency(0.0, M_EFF, H_A, G))
    fields = kittel.resonance_field([lowest * (1 + 1e-9), lowest * (1 - 1e-9)], M_EFF, H_A, G)
    assert 0 <= fields[0] < 1e-9
    assert np.isnan(fields[1])


def test_unstable_directions_have_no_frequency():
    assert np.isnan(kittel.resonance_frequency(0.1, -0.5, H_A, G))
    assert np.isnan(kittel.resonance_frequency(-0.1, 0.5, H_A, G))


def test_linewidth_is_the_half_width():
    """At no inhomogeneous width the full width is 2 alpha F: 1.92909 mT at 6 GHz."""
    assert 2 * kittel.linewidth(6e9, 0.0045, 0.0, G) == pytest.approx(1.92909e-3, rel=1e-5)


def test_fits_of_exact_data_return_the_parameters():
    f = np.linspace(4e9, 8e9, 9)
    fit = kittel.fit_kittel(f, kittel.resonance_field(f, M_EFF, H_A, G), G)
    assert (fit.M_eff, fit.H_a) == pytest.approx((M_EFF, H_A), rel=1e-9)
    widths = kittel.linewidth(f, 0.0045, 0.47e-3, G)
    width_fit = kittel.fit_linewidth(f, widths, G)
    assert width_fit.damping == pytest.approx(0.0045, rel=1e-9)
    assert width_fit.inhomogeneous == pytest.approx(0.47e-3, rel=1e-9)


def test_errors_of_the_fits_cover():
    """Known noise: 68 % of 400 x 2 parameters inside one standard error, 99.7 % inside three."""
    rng = np.random.default_rng(11)
    f, noise = np.linspace(4e9, 8e9, 9), 0.05e-3
    fields, widths = (
        kittel.resonance_field(f, M_EFF, H_A, G),
        kittel.linewidth(f, 0.0045, 0.47e-3, G),
    )
    pulls = []
    for _ in range(200):
        k = kittel.fit_kittel(f, fields + noise * rng.standard_normal(9), G, noise)
        w = kittel.fit_linewidth(f, widths + noise * rng.standard_normal(9), G, noise)
        pulls += [
            (k.M_eff - M_EFF) / k.M_eff_error,
            (k.H_a - H_A) / k.H_a_error,
            (w.damping - 0.0045) / w.damping_error,
            (w.inhomogeneous - 0.47e-3) / w.inhomogeneous_error,
        ]
    pulls = np.abs(pulls)
    assert 0.62 < np.mean(pulls < 1) < 0.74
    assert np.mean(pulls < 3) >= 0.985


@pytest.mark.parametrize(
    ("function", "arguments", "message"),
    [
        (kittel.resonance_field, (6e9, 1.0, 0.0, 0.0), r"g must be positive, got 0\.0"),
        (kittel.resonance_field, (2e18, 1.0, 0.0, 2.0), "frequency must lie between 0 and 1e"),
        (kittel.resonance_field, (6e9, 2e6, 0.0, 2.0), r"M_eff must lie between -1e\+06 and 1e"),
        (kittel.resonance_field, (-6e9, 1.0, 0.0, 2.0), "frequency must be positive, got .* Hz"),
        (kittel.resonance_field, (6e9, np.nan, 0.0, 2.0), "M_eff must be finite, got nan T"),
        (kittel.resonance_field, (6e9, 1.0, np.inf, 2.0), "H_a must be finite, got inf T"),
        (kittel.resonance_field, ([1e9, 2e9], [1.0] * 3, 0.0, 2.0), "shapes do not match"),
        (kittel.resonance_frequency, (np.nan, 1.0, 0.0, 2.0), "field must be finite, got nan T"),
        (kittel.resonance_frequency, (0.1, 1.0, 0.0, -2.0), "g must be positive"),
        (kittel.effective_magnetisation, (6e9, -0.1, 0.0, 2.0), r"field \+ H_a must be positive"),
        (kittel.linewidth, (6e9, -0.1, 0.0, 2.0), "damping must not be negative"),
        (kittel.linewidth, (6e9, 0.1, -1e-3, 2.0), "inhomogeneous must not be negative, got .* T"),
        (kittel.fit_kittel, ([6e9, 7e9], [0.03, 0.05], 2.0), r"frequencies \[Hz\] and fields"),
        (kittel.fit_kittel, ([6e9] * 3, [0.03] * 4, 2.0), r"got shapes \(3,\) and \(4,\)"),
        (kittel.fit_kittel, ([5e9, 6e9, 7e9], [0.01, 0.03, 0.05], 2.0, 0.0), "error of the data"),
        (kittel.fit_linewidth, ([5e9, 6e9, 7e9], [1e-3, -1e-3, 1e-3], 2.0), "widths must be pos"),
    ],
)
def test_bad_input(function, arguments, message):
    with pytest.raises(ValueError, match=message):
        function(*arguments)
