"""Kerr map: what a Gaussian spot does to a barrier, against error functions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import brentq

from mitmodels.magnetism.kerr_map import LASER_SPOT, apparent_width, contrast_level, kerr_map


def step_law(T):
    return np.where(T < 340.0, 1.0, 0.0)


def smooth_law(T):
    return 0.96 * np.maximum(1 - (T / 340.0) ** 1.5, 0.0) ** 0.37


def slit(width, spacing):
    """Profile of a sharp barrier on sixteen spots of film; its edges lie between two points."""
    half = round(width / 2 / spacing)
    i = np.arange(round(16 * LASER_SPOT / spacing))
    centre = i.size // 2
    return np.where((i >= centre - half) & (i < centre + half), 500.0, 100.0)


@given(arrays(float, (12, 9), elements=st.floats(60.0, 600.0)), st.floats(2e-6, 30e-6))
def test_spot_keeps_the_mean(T, spot):
    kerr = kerr_map(T, smooth_law, 1e-6, spot)
    assert kerr.mean() == pytest.approx(smooth_law(T).mean(), rel=1e-12, abs=1e-15)
    assert kerr.min() >= smooth_law(T).min() - 1e-12
    assert kerr.max() <= smooth_law(T).max() + 1e-12


def test_no_spot_maps_the_order():
    T = np.linspace(100.0, 400.0, 30).reshape(6, 5)
    np.testing.assert_array_equal(kerr_map(T, smooth_law, 1e-6, spot=0.0), smooth_law(T))


def test_narrow_barrier_is_the_image_of_the_spot():
    """Full width at half depth: a factor of 2.355, sigma for FWHM, or a shift shows here."""
    dx = LASER_SPOT / 100
    kerr = kerr_map(slit(2 * dx, dx), step_law, dx)
    assert apparent_width(kerr, contrast_level(kerr, 1.0), dx) == pytest.approx(5e-6, rel=1e-3)


@pytest.mark.parametrize("width", [2.0, 3.0, 6.0])
@pytest.mark.parametrize("fixed", [True, False])
def test_wide_barrier_keeps_its_width(width, fixed):
    dx = LASER_SPOT / 100
    kerr = kerr_map(slit(width * LASER_SPOT, dx), step_law, dx)
    level = 0.5 if fixed else contrast_level(kerr, 1.0)
    tolerance = 0.025 if width < 3.0 and not fixed else 0.01
    assert apparent_width(kerr, level, dx) == pytest.approx(width * LASER_SPOT, rel=tolerance)


# Roots of 1 - [erf((x + d/2)/(sqrt(2) sigma)) - erf((x - d/2)/(sqrt(2) sigma))]/2 = level.
@pytest.mark.parametrize(
    ("width", "at_half_contrast", "at_fixed_half"),
    [
        (0.10, 1.0023, 0.0),
        (0.50, 1.0591, 0.0),
        (0.60, 1.0859, 0.2594),
        (0.80, 1.1561, 0.7221),
        (1.00, 1.2494, 0.9789),
        (1.50, 1.5822, 1.4996),
        (2.00, 2.0197, 2.0000),
    ],
)
def test_apparent_width_of_a_sharp_barrier(width, at_half_contrast, at_fixed_half):
    """Widths in units of the spot, for both thresholds."""
    dx = LASER_SPOT / 200
    kerr = kerr_map(slit(width * LASER_SPOT, dx), step_law, dx)
    contrast = apparent_width(kerr, contrast_level(kerr, 1.0), dx) / LASER_SPOT
    fixed = apparent_width(kerr, 0.5, dx) / LASER_SPOT
    assert contrast == pytest.approx(at_half_contrast, rel=2e-3)
    assert fixed == pytest.approx(at_fixed_half, rel=2e-3)


def test_fixed_threshold_overlooks_a_barrier_below_0573_spots():
    dx = LASER_SPOT / 500
    widths = [
        apparent_width(kerr_map(slit(d * LASER_SPOT, dx), step_law, dx), 0.5, dx)
        for d in (0.568, 0.576)
    ]
    assert widths[0] == 0.0 < widths[1]


def test_warm_flanks_widen_the_barrier():
    """The order is halved at 310 K already, and its steep drop to T_c is averaged outwards."""
    x = np.linspace(-40e-6, 40e-6, 1601)
    dx = x[1] - x[0]
    T = 100.0 + 400.0 / np.cosh(x / 8e-6) ** 2
    above = apparent_width(-T, -340.0, dx)
    level = 0.5 * smooth_law(100.0)
    maps = (kerr_map(T, smooth_law, dx, spot) for spot in (0.0, LASER_SPOT))
    half, seen = (apparent_width(kerr, level, dx) for kerr in maps)
    assert above == pytest.approx(2 * 8e-6 * np.arccosh(np.sqrt(400 / 240)), rel=1e-3)
    T_half = brentq(lambda T: smooth_law(T) - level, 200.0, 340.0)
    assert T_half == pytest.approx(310.0, abs=0.5)
    assert half == pytest.approx(2 * 8e-6 * np.arccosh(np.sqrt(400 / (T_half - 100))), rel=1e-3)
    assert above < half < seen < half + 5e-6


def test_transverse_barrier_looks_the_same_in_every_row():
    dx = LASER_SPOT / 20
    profile = slit(LASER_SPOT, dx)
    row = kerr_map(profile, step_law, dx)
    image = kerr_map(np.repeat(profile[:, None], 7, axis=1), step_law, dx)
    np.testing.assert_allclose(image, np.repeat(row[:, None], 7, axis=1), rtol=1e-12)
    width = apparent_width(image, contrast_level(image, 1.0), dx)
    assert width.shape == (7,)
    np.testing.assert_allclose(width, apparent_width(row, contrast_level(row, 1.0), dx))


def test_edge_of_the_film_is_half_bright():
    """Without film there is no signal: NaN counts as zero, before the spot averages."""
    dx = LASER_SPOT / 50
    T = np.where(np.arange(800) < 400, 100.0, np.nan)
    kerr = kerr_map(T, step_law, dx)
    assert kerr[:200] == pytest.approx(np.ones(200))
    assert 0.5 * (kerr[399] + kerr[400]) == pytest.approx(0.5, rel=1e-12)
    assert kerr[600:] == pytest.approx(np.zeros(200))


def test_width_of_piecewise_linear_profiles():
    valley = np.array([1.0, 1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0])
    assert apparent_width(valley, 0.5, 2.0) == pytest.approx(2.0 * (2.0 + 1.0))
    assert apparent_width(valley, 0.25, 2.0) == pytest.approx(2.0 * (1.5 + 0.5))
    rows = np.stack([valley, np.ones(8), np.zeros(8)], axis=1)
    np.testing.assert_allclose(apparent_width(rows, 0.5, 1.0), [3.0, 0.0, 7.0])
    assert apparent_width(np.full(5, 0.5), 0.5, 1.0) == 0.0
    np.testing.assert_allclose(
        contrast_level(rows, [1.0, 1.0, 2.0], fraction=0.25), [0.25, 1.0, 0.5]
    )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: kerr_map(np.ones(5), step_law, 0.0), r"spacing must be positive, got 0.0 m"),
        (lambda: kerr_map(np.ones(5), step_law, 1e-6, -1.0), r"spot must not be negative"),
        (lambda: kerr_map(np.ones(5), step_law, 3e-6), r"spot must span at least two .* finely"),
        (lambda: contrast_level(np.ones(5), 1.0, 1.0), r"fraction must lie between 0 and 1"),
        (lambda: contrast_level(np.array([1.0, np.nan]), 1.0), r"kerr must be finite, got nan"),
        (lambda: apparent_width(np.ones(5), np.inf, 1.0), r"level must be finite, got inf"),
        (lambda: apparent_width(np.ones(5), 0.5, -1.0), r"spacing must be positive, got -1.0 m"),
    ],
)
def test_unusable_arguments_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
