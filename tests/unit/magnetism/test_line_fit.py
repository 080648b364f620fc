"""Line fits: coverage of the errors, guesses from the data, and the fitting trap."""

from functools import cache

import numpy as np
import pytest

from mitmodels.magnetism.line_fit import count_phases, fit_line_series, fit_lines
from mitmodels.magnetism.lineshapes import antisymmetric_derivative, symmetric_derivative
from mitmodels.magnetism.magnetisation import Brillouin
from mitmodels.magnetism.spectrum import Ferromagnet, spectrum

FILM = Ferromagnet(Brillouin(), H_a=0.0138, g=2.0, damping=0.0045, inhomogeneous=0.47e-3)
HWHM = float(FILM.hwhm(6e9))
SWEEP = np.linspace(0.015, 0.065, 401)
X = np.abs(np.linspace(-1, 1, 4001))


def line(field, centre, hwhm, symmetric, antisymmetric):
    return symmetric * symmetric_derivative(field - centre, hwhm) + (
        antisymmetric * antisymmetric_derivative(field - centre, hwhm)
    )


def signal_of(temperature, noise=0.01, seed=1):
    """Derivative spectrum of a profile, of height one, with noise."""
    signal = spectrum(
        FILM,
        SWEEP,
        6e9,
        temperature,
        np.ones(temperature.size),
        lambda x, hwhm: line(x, 0.0, hwhm, 1.0, 0.4),
    )
    rng = np.random.default_rng(seed)
    return signal / np.abs(signal).max() + noise * rng.standard_normal(SWEEP.size)


def plateaus(wall):
    """100, 160 and 250 K in equal thirds, with walls of a hyperbolic tangent."""
    outer, inner = np.tanh((2 / 3 - X) / wall), np.tanh((1 / 3 - X) / wall)
    return 100 + 30 * (1 + outer) + 45 * (1 + inner)


PROFILES = {
    "uniform": (np.full(X.size, 100.0), 1),
    "two": (np.where(X < 0.4, 250.0, 100.0), 2),
    "plateaus": (plateaus(0.03), 3),
    "parabola": (250 - 150 * X**2, None),
    "hot floor": (250 - 90 * X**2, None),
    "tent": (250 - 150 * X, None),
    "hot spot": (160 + 90 * np.exp(-(X**2) / 0.18), None),
}


@cache
def series(profile):
    return fit_line_series(SWEEP, signal_of(PROFILES[profile][0]), 4)


@pytest.mark.parametrize("profile", PROFILES)
def test_smooth_profiles_are_no_phases(profile):
    """The fitting trap: only plateaus make a number of narrow lines that explains the signal."""
    assert count_phases(series(profile), HWHM) == PROFILES[profile][1]


def test_more_lines_always_improve_on_a_smooth_profile():
    """The information criterion falls from one to four lines; the third one is broad."""
    fits = series("parabola")
    bic, aic = [fit.bic for fit in fits], [fit.aic for fit in fits]
    assert bic == sorted(bic, reverse=True)
    assert aic == sorted(aic, reverse=True)
    fields = [component.field for component in fits[2].lines]
    widths = [component.hwhm for component in fits[2].lines]
    assert fields == pytest.approx([32e-3, 40e-3, 46.3e-3], abs=1e-3)
    assert max(widths) > 3 * HWHM


def test_plateaus_drop_the_residual_at_three_lines():
    """By a factor over five in amplitude, with widths within 10 % of the uniform film's."""
    fits = series("plateaus")
    assert fits[1].residual / fits[2].residual > 5
    assert fits[2].residual / fits[3].residual < 1.2
    widths = [component.hwhm for component in fits[2].lines]
    assert widths == pytest.approx([HWHM] * 3, rel=0.1)


def test_errors_cover(record):
    """200 noisy lines: 62 to 74 % of the parameters inside one error, 98.5 % inside three."""
    truth = {"field": 31.8834e-3, "hwhm": HWHM, "symmetric": 1e-3, "antisymmetric": 0.4e-3}
    sweep = np.linspace(0.02, 0.045, 251)
    clean = line(sweep, *truth.values()) + 0.1 + 3.0 * (sweep - sweep.mean())
    rng = np.random.default_rng(0)
    pulls = []
    for _ in range(200):
        fit = fit_lines(sweep, clean + 0.01 * rng.standard_normal(sweep.size), 1).lines[0]
        pulls.append([(getattr(fit, k) - v) / getattr(fit, f"{k}_error") for k, v in truth.items()])
    pulls = np.array(pulls)
    inside = np.mean(np.abs(pulls) < 1)
    record("fitted lines inside one standard error", "62 to 74 %", f"{100 * inside:.1f} %")
    assert 0.62 < inside < 0.74
    assert np.mean(np.abs(pulls) < 3) >= 0.985
    assert np.abs(pulls.mean(axis=0)).max() < 4 / np.sqrt(200)


def test_background_and_parameters_of_a_clean_signal():
    signal = line(SWEEP, 0.03, HWHM, 2e-3, -1e-3) + 0.3 + 5.0 * (SWEEP - 0.04)
    fit = fit_lines(SWEEP, signal, 1)
    assert (fit.offset, fit.slope) == pytest.approx((0.3, 5.0), rel=1e-6)
    assert fit.lines[0].field == pytest.approx(0.03, rel=1e-8)
    assert fit.lines[0].hwhm == pytest.approx(HWHM, rel=1e-6)
    assert fit.lines[0].symmetric == pytest.approx(2e-3, rel=1e-6)
    assert fit.lines[0].antisymmetric == pytest.approx(-1e-3, rel=1e-6)


def test_series_ends_when_the_signal_is_explained():
    """Without noise a second line would have no place to go."""
    signal = line(SWEEP, 0.0319, HWHM, 1.0, 0.4)
    fits = fit_line_series(SWEEP, signal / np.abs(signal).max(), 4)
    assert len(fits) == 1
    assert count_phases(fits, HWHM) == 1
    assert count_phases(fits, 0.7 * HWHM) is None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((SWEEP, SWEEP, 5), "n must be 1, 2, 3 or 4 lines, got 5"),
        ((SWEEP, SWEEP, 0), "n must be 1, 2, 3 or 4 lines, got 0"),
        ((SWEEP, SWEEP[1:], 1), r"field \[T\] \(401,\) and signal \(400,\) must be equal lists"),
        ((SWEEP[:6], SWEEP[:6], 1), "1 lines need more than 6 points, got 6"),
        ((SWEEP[::-1], SWEEP, 1), r"field \[T\] must ascend"),
        ((SWEEP, np.full(401, np.nan), 1), "signal must be finite"),
        ((SWEEP, np.ones(401), 1), "signal is constant: there is no line to fit"),
    ],
)
def test_bad_signal(arguments, message):
    with pytest.raises(ValueError, match=message):
        fit_lines(*arguments)


def test_bad_count():
    fit = fit_lines(SWEEP, signal_of(PROFILES["uniform"][0]), 1)
    with pytest.raises(ValueError, match=r"fits must have 1, 2, \.\.\. lines, one after the other"):
        count_phases([fit, fit], HWHM)
    with pytest.raises(ValueError, match=r"intrinsic must be positive, got 0\.0 T"):
        count_phases([fit], 0.0)
