"""Spectrum of local oscillators: superposition, the Curie temperature, binning, weights."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from power_law import PowerLaw

from mitmodels.magnetism import lineshapes
from mitmodels.magnetism.kittel import resonance_frequency
from mitmodels.magnetism.magnetisation import Brillouin
from mitmodels.magnetism.spectrum import Ferromagnet, maxima, rf_weight, spectrum

FILM = Ferromagnet(Brillouin(), H_a=0.0138, g=2.0, damping=0.0045, inhomogeneous=0.47e-3)
FIELD = np.linspace(0.02, 0.08, 301)
ABSORB = lineshapes.symmetric


def test_uniform_film_is_one_line():
    signal = spectrum(FILM, FIELD, 6e9, np.full(50, 100.0), np.full(50, 0.02))
    line = lineshapes.symmetric(FIELD - 31.8833740277e-3, 1.434544425e-3)
    np.testing.assert_allclose(signal, line, rtol=1e-8)


@settings(deadline=None, max_examples=20)
@given(split=st.integers(1, 99), scale=st.floats(0, 10))
def test_spectrum_is_linear_in_the_cells(split, scale):
    T = np.linspace(100, 380, 100)
    weight = np.linspace(0, scale, 100)
    parts = [
        spectrum(FILM, FIELD, 6e9, T[cut], weight[cut])
        for cut in (slice(split), slice(split, None))
    ]
    whole = spectrum(FILM, FIELD, 6e9, T, weight)
    np.testing.assert_allclose(sum(parts), whole, rtol=1e-12, atol=1e-300)


def test_cells_above_the_curie_temperature_contribute_nothing():
    field = np.linspace(0.0, 0.25, 200)
    np.testing.assert_array_equal(spectrum(FILM, field, 6e9, np.full(9, 341.0), np.ones(9)), 0)
    np.testing.assert_array_equal(
        spectrum(FILM, field, 6e9, np.full(9000, 341.0), np.ones(9000)), 0
    )


def test_cells_below_the_minimum_frequency_contribute_nothing():
    """At 3 GHz the film at 100 K (minimum 3.245 GHz) is silent, at 250 K it is not."""
    assert resonance_frequency(0.0, 0.96, 0.0138, 2.0) > 3e9
    T = np.repeat([100.0, 250.0], 3000)
    signal = spectrum(FILM, FIELD - 0.02, 3e9, T, np.ones(6000))
    hot = spectrum(FILM, FIELD - 0.02, 3e9, T[3000:], np.ones(3000))
    np.testing.assert_allclose(signal, hot, atol=1e-5 * hot.max())


@pytest.mark.parametrize("law", [Brillouin(), PowerLaw(), PowerLaw(inner=1.0)])
@pytest.mark.parametrize("shape", [lineshapes.symmetric, lineshapes.symmetric_derivative])
def test_binning_keeps_its_declared_accuracy(law, shape):
    """1e-5 of the greatest possible height, for even and for sharply peaked distributions."""
    film = Ferromagnet(law, 0.0138, 2.0, 0.0045, 0.47e-3)
    rng = np.random.default_rng(3)
    top = np.abs(shape(np.linspace(-3e-3, 3e-3, 999), film.hwhm(6e9))).max()
    for T in (rng.uniform(90, 345, 5000), rng.normal(212.3, 1e-3, 5000)):
        weight = rng.uniform(0, 1, T.size)
        fast = spectrum(film, FIELD, 6e9, T, weight, shape)
        halves = np.array_split(np.arange(T.size), 2)
        exact = sum(spectrum(film, FIELD, 6e9, T[i], weight[i], shape) for i in halves)
        assert np.abs(fast - exact).max() < 1e-5 * top * weight.sum()


def test_temperature_is_read_from_a_line():
    T = np.array([100.0, 160.0, 250.0, 300.0])
    for f in (4e9, 6e9, 8e9):
        field = FILM.resonance_field(f, T)
        np.testing.assert_allclose(FILM.temperature(f, field), T, rtol=1e-10)
    assert np.isnan(FILM.temperature(6e9, 0.25))


def test_weight_is_the_joule_power_of_the_cell():
    np.testing.assert_allclose(rf_weight([1e-12, 2e-12], 3.0, [5.0, 7.0]), [45e-12, 126e-12])


def test_maxima():
    signal = ABSORB(FIELD - 0.03, 1e-3) + 0.2 * ABSORB(FIELD - 0.05, 1e-3)
    found = maxima(FIELD, signal)
    assert found == pytest.approx((0.03, 0.05), abs=2e-4)
    assert maxima(FIELD, signal, prominence=0.18) == found
    assert maxima(FIELD, signal, prominence=0.22) == found[:1]
    assert not maxima(FIELD, signal, prominence=1.02)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((FIELD, 6e9, [-1.0], [1.0]), r"temperature must not be negative, got -1\.0 K"),
        ((FIELD, 6e9, [np.nan], [1.0]), "temperature must be finite, got nan K"),
        ((FIELD, 6e9, [100.0], [-1.0]), "weight must not be negative"),
        ((FIELD, 6e9, [100.0, 200.0], [1.0]), r"temperature \[K\] \(2,\) and weight \(1,\) differ"),
        ((FIELD, 6e9, [], []), "must not be empty"),
        (([], 6e9, [100.0], [1.0]), "must not be empty"),
        ((FIELD, 0.0, [100.0], [1.0]), r"frequency must be positive, got 0\.0 Hz"),
    ],
)
def test_bad_spectrum(arguments, message):
    with pytest.raises(ValueError, match=message):
        spectrum(FILM, *arguments)


def test_bad_arguments():
    with pytest.raises(ValueError, match=r"g must be positive"):
        Ferromagnet(Brillouin(), 0.0138, -2.0, 0.0045, 0.47e-3)
    with pytest.raises(ValueError, match=r"H_a must be finite, got nan T"):
        Ferromagnet(Brillouin(), np.nan, 2.0, 0.0045, 0.47e-3)
    with pytest.raises(ValueError, match=r"damping must not be negative"):
        Ferromagnet(Brillouin(), 0.0138, 2.0, -0.0045, 0.47e-3)
    with pytest.raises(ValueError, match=r"inhomogeneous must not be negative, got .* T"):
        Ferromagnet(Brillouin(), 0.0138, 2.0, 0.0045, -0.47e-3)
    with pytest.raises(ValueError, match=r"area must not be negative, got .* m2"):
        rf_weight(-1.0, 1.0, 1.0)
    with pytest.raises(ValueError, match=r"current_density must not be negative, got .* A/m"):
        rf_weight(1.0, -1.0, 1.0)
    with pytest.raises(ValueError, match=r"response must not be negative"):
        rf_weight(1.0, 1.0, -1.0)
    with pytest.raises(ValueError, match=r"field \[T\] \(0,\) and absorption \(0,\) must be equal"):
        maxima([], [])
    with pytest.raises(ValueError, match=r"absorption must be finite"):
        maxima([1.0], [np.nan])
