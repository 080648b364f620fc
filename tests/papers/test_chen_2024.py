"""Reference values for the ST-FMR measurement of Chen et al. 2024 and for its two readings."""

import numpy as np
import pytest
from power_law import PowerLaw

from mitmodels.cases.papers.chen2024 import DAMPING, H_A, INHOMOGENEOUS, M_EFF
from mitmodels.constants import BOHR_MAGNETON, PLANCK
from mitmodels.magnetism import kittel
from mitmodels.magnetism.dipolar import Strip, dipolar_modes
from mitmodels.magnetism.magnetisation import Brillouin
from mitmodels.magnetism.spectrum import Ferromagnet, maxima, spectrum

pytestmark = pytest.mark.serial  # no ranks take part

FILM = Ferromagnet(Brillouin(), H_A, 2.0, DAMPING, INHOMOGENEOUS)
POWER_FILM = Ferromagnet(PowerLaw(), H_A, 2.0, DAMPING, INHOMOGENEOUS)


@pytest.mark.parametrize(
    ("frequency", "g", "reference"),
    [
        (5e9, 2.0, 18.357073433),
        (6e9, 2.0, 31.8833740277),
        (8e9, 2.0, 64.8380417952),
        (5e9, 2.00231930436, 18.2849531923),
        (6e9, 2.00231930436, 31.7821905009),
        (8e9, 2.00231930436, 64.6687620378),
        (5e9, 1.97, 19.3120624473),
        (6e9, 1.97, 33.2227164227),
        (8e9, 1.97, 67.0770015698),
        (5e9, 1.95, 19.9723145345),
        (6e9, 1.95, 34.1481672496),
        (8e9, 1.95, 68.6221701055),
    ],
)
def test_resonance_field(frequency, g, reference):
    field = kittel.resonance_field(frequency, M_EFF, H_A, g)
    assert field * 1e3 == pytest.approx(reference, rel=1e-10)


@pytest.mark.parametrize(
    ("frequency", "slope", "hwhm"),
    [
        (5e9, -31.39376092, 1.27378702),
        (6e9, -43.45141609, 1.434544425),
        (8e9, -70.38371531, 1.756059233),
    ],
)
def test_slope_and_width(frequency, slope, hwhm):
    """Slope from the Kittel law by central differences; width as half width."""
    step = 1e-4
    fields = kittel.resonance_field(frequency, [M_EFF + step, M_EFF - step], H_A, 2.0)
    assert (fields[0] - fields[1]) / (2 * step) * 1e3 == pytest.approx(slope, rel=1e-8)
    width = kittel.linewidth(frequency, DAMPING, INHOMOGENEOUS, 2.0)
    assert width * 1e3 == pytest.approx(hwhm, rel=1e-9)


@pytest.mark.parametrize(
    ("g", "reference"),
    [
        (2.0, 27.9924898341),
        (2.00231930436, 28.024951386),
        (1.97, 27.5726024866),
        (1.95, 27.2926775883),
    ],
)
def test_gyromagnetic_ratio(g, reference):
    assert g * BOHR_MAGNETON / PLANCK * 1e-9 == pytest.approx(reference, rel=1e-10)


@pytest.mark.parametrize(
    ("M_eff", "reference"),
    [
        (0.0, 200.5432055),
        (0.2, 122.7227467),
        (0.4, 79.36038226),
        (0.6, 54.90450191),
        (0.7, 46.61809138),
        (0.8, 40.00944209),
        (0.9, 34.64057793),
        (1.0, 30.20644273),
    ],
)
def test_resonance_field_of_a_warmer_film(M_eff, reference):
    field = kittel.resonance_field(6e9, M_eff, H_A, 2.0)
    assert field * 1e3 == pytest.approx(reference, rel=1e-9)


def test_minimum_frequency_and_inverse():
    lowest = kittel.resonance_frequency(0.0, M_EFF, H_A, 2.0)
    assert lowest == pytest.approx(3.24500938717e9, rel=1e-10)
    reading = kittel.effective_magnetisation(6e9, 40e-3, H_A, 2.0)
    assert reading == pytest.approx(0.800159288646, rel=1e-11)


def test_slope_of_the_frequency():
    field, step = 31.8833740277e-3, 1e-6
    above, below = kittel.resonance_frequency([field + step, field - step], M_EFF, H_A, 2.0)
    assert (above - below) / (2 * step) == pytest.approx(68.65245143e9, rel=1e-8)


@pytest.mark.parametrize(
    ("law", "magnetisation", "fields"),
    [
        (Brillouin(), [0.96, 0.8992, 0.831, 0.7036, 0.4935], [31.88, 34.68, 38.23, 46.36, 66.30]),
        (PowerLaw(), None, [31.88, 35.32, 38.85, 46.01, 61.72]),
        (PowerLaw(inner=1.0), None, [31.88, 36.50, 40.83, 49.08, 66.15]),
    ],
)
def test_magnetisation_laws(law, magnetisation, fields):
    T = np.array([100.0, 160.0, 200.0, 250.0, 300.0])
    if magnetisation is not None:
        np.testing.assert_allclose(law(T), magnetisation, atol=5.1e-5)
    film = Ferromagnet(law, H_A, 2.0, DAMPING, INHOMOGENEOUS)
    np.testing.assert_allclose(film.resonance_field(6e9, T) * 1e3, fields, atol=5.1e-3)


X = np.abs((np.arange(20000) + 0.5) / 10000 - 1)
SWEEP = np.arange(0.020, 0.080, 2e-5)


def plateaus(wall):
    return 100 + 30 * (1 + np.tanh((2 / 3 - X) / wall)) + 45 * (1 + np.tanh((1 / 3 - X) / wall))


def local_maxima(temperature, weight=None, film=FILM):
    weight = np.ones_like(temperature) if weight is None else weight
    absorption = spectrum(film, SWEEP, 6e9, temperature, weight)
    return [peak * 1e3 for peak in maxima(SWEEP, absorption)]


@pytest.mark.parametrize(
    ("temperature", "reference"),
    [
        pytest.param(250 - 150 * X**2, [33.99, 45.40], id="parabola from 100 K"),
        pytest.param(250 - 90 * X**2, [45.41], id="parabola from 160 K"),
        pytest.param(100 + 150 * np.cos(np.pi * X / 2) ** 2, [32.53, 45.32], id="cosine"),
        pytest.param(250 - 150 * X, [33.36], id="tent"),
        pytest.param(160 + 90 * np.exp(-(X**2) / 0.18), [35.2], id="hot spot on a floor"),
        pytest.param(plateaus(0.01), [32.0, 34.5, 46.3], id="plateaus, sharp"),
        pytest.param(plateaus(0.03), [32.1, 34.5, 46.3], id="plateaus, 3 % walls"),
        pytest.param(plateaus(0.06), [32.2, 46.2], id="plateaus, 6 % walls"),
    ],
)
def test_local_maxima(temperature, reference):
    """One maximum per stationary temperature that carries weight."""
    assert local_maxima(temperature) == pytest.approx(reference, abs=0.06)


def test_cold_film_under_the_pads_adds_a_line():
    """10 % of film at 100 K beside a parabola from 160 K."""
    temperature = np.concatenate([250 - 90 * X**2, np.full(X.size // 9, 100.0)])
    assert local_maxima(temperature) == pytest.approx([32.0, 45.4], abs=0.06)


def test_interior_maximum_is_a_step_in_the_plane():
    x = X[::100]
    temperature = 100 + 150 * np.outer(1 - x**2, 1 - 0.4 * x**2)
    assert local_maxima(temperature.ravel()) == pytest.approx([36.9], abs=0.06)


@pytest.mark.parametrize(("film", "middle"), [(FILM, 35.2), (POWER_FILM, 35.9)])
def test_three_lines_of_a_smooth_spot_with_resistive_weight(film, middle):
    """A spot on a flat 160 K floor, local voltage exp(0.012 (T - 100)), and film at 100 K."""
    spot = 160 + 90 * np.exp(-(X**2) / 0.18)
    temperature = np.concatenate([spot, np.full(X.size, 100.0)])
    weight = np.concatenate([np.exp(0.012 * (spot - 100)), np.full(X.size, 0.6)])
    found = local_maxima(temperature, weight, film)
    assert found == pytest.approx([32.1, middle, 45.4], abs=0.35)
    assert len(local_maxima(temperature)) <= 2


def hill(top):
    x = (np.arange(128) + 0.5) / 64 - 1
    return top - (top - 100) * x**2


DIPOLAR = {
    "uniform": (np.full(128, 100.0), [[32.0], [31.0], [29.8]]),
    "190": (hill(190.0), [[35.8], [35.6], [28.4, 34.4]]),
    "220": (hill(220.0), [[33.8, 39.6], [34.8, 38.8], [26.0, 30.8, 37.6]]),
    "250": (hill(250.0), [[33.8, 45.2], [34.0, 36.4, 39.6, 44.2], [25.6, 30.0, 35.0, 42.8]]),
}


@pytest.mark.parametrize("direction", [0, 1, 2], ids=["along", "45 degrees", "across"])
@pytest.mark.parametrize("profile", DIPOLAR)
def test_dipolar_maxima(profile, direction, record):
    """Fields of the absorption maxima to 0.3 mT, on a grid of 0.2 mT; measured: equal."""
    temperature, reference = DIPOLAR[profile]
    strip = Strip(temperature, np.ones(128), 10e-6 / 128, 20e-9)
    field = np.arange(0.010, 0.080, 2e-4)
    modes = dipolar_modes(FILM, strip, 6e9, direction * np.pi / 4)
    found = [peak * 1e3 for peak in maxima(field, modes.absorption(field))]
    assert len(found) == len(reference[direction])
    worst = np.max(np.abs(np.subtract(found, reference[direction])))
    name = f"dipolar maxima, profile {profile}, field at {45 * direction} degrees"
    record(name, "0.3 mT", f"{worst:.1f} mT")
    assert worst <= 0.3


@pytest.mark.parametrize(
    ("direction", "reference"),
    [(0, [32.2]), (1, [30.6, 39.4, 44.2]), (2, [28.6, 30.6, 35.2, 42.8])],
)
def test_dipolar_maxima_with_film_under_the_pads(direction, reference):
    """A smooth well and 5 um of cold film on either side: three maxima at 45 degrees."""
    temperature = np.concatenate([np.full(64, 100.0), hill(250.0), np.full(64, 100.0)])
    strip = Strip(temperature, np.ones(256), 10e-6 / 128, 20e-9)
    field = np.arange(0.010, 0.080, 2e-4)
    modes = dipolar_modes(FILM, strip, 6e9, direction * np.pi / 4)
    found = [peak * 1e3 for peak in maxima(field, modes.absorption(field))]
    assert found == pytest.approx(reference, abs=0.3)
