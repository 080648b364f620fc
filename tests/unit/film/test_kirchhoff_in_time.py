"""Why a conductivity that depends on the temperature is for steady states: what one costs in time.

In time Kirchhoff's transform leaves the diffusivity D(T). That of one temperature makes the problem
linear again; here it is held against the nonlinear one, a half-space in one dimension that a flux
heats from 100 to 400 K, on finite volumes.
"""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from mitmodels.film.conductivity import TabulatedConductivity

pytestmark = pytest.mark.serial
CAPACITY, FLUX, COLD, HOT = 2.8e6, 1e8, 100.0, 400.0  # [J/(m3 K)], [W/m2], [K], [K]
FRACTIONS = np.array([0.03, 0.1, 0.3, 1.0])  # of the time in which the surface gets there


def heated(law, cells=60):
    """Times [s] and temperatures [K] of the surface of the nonlinear half-space."""
    rise = law.integral(HOT) - law.integral(COLD)
    scale = rise**2 * CAPACITY / (FLUX**2 * law(COLD))  # [s]
    depth = 15 * np.sqrt(law(COLD) * scale / CAPACITY)
    z = depth * np.expm1(np.linspace(0, 6, cells + 1)) / np.expm1(6)
    size, distance = np.diff(z), np.diff((z[1:] + z[:-1]) / 2)

    def rate(_, T):
        flux = -np.diff(law.integral(T)) / distance
        return -np.diff(np.concatenate([[FLUX], flux, [0.0]])) / (CAPACITY * size)

    def surface(T):
        return law.temperature(law.integral(T[0]) + FLUX * size[0] / 2)

    def reached(_, T):
        return surface(T) - HOT

    reached.terminal = True
    near = np.eye(cells, dtype=bool)
    found = solve_ivp(
        rate,
        (0, 20 * scale),
        np.full(cells, COLD),
        "BDF",
        dense_output=True,
        events=reached,
        rtol=1e-5,
        atol=1e-3,
        jac_sparsity=near | np.roll(near, 1, 0) | np.roll(near, -1, 0),
    )
    times = FRACTIONS * found.t_events[0][0]
    return times, np.array([surface(found.sol(t)) for t in times])


def linear(law, times, at):
    """The same with the diffusivity of one temperature [K]."""
    D = law(at) / CAPACITY
    return law.temperature(law.integral(COLD) + 2 * FLUX * np.sqrt(D * times / np.pi))


def test_reference_is_the_linear_half_space_if_the_conductivity_is_constant():
    law = TabulatedConductivity.power(11.0)
    times, T = heated(law)
    rise = T - COLD
    assert rise == pytest.approx(linear(law, times, COLD) - COLD, rel=3e-3)


def test_diffusivity_of_one_temperature_is_off_by_a_tenth_at_best(record):
    """Errors of the rise on the way, kappa = 11 W/(m K) (300 K/T)^0.7."""
    law = TabulatedConductivity.power(11.0, 0.7)
    times, T = heated(law)
    off = {at: (linear(law, times, at) - T) / (T - COLD) for at in (100, 150, 200, 300, 400)}
    for at, found in off.items():
        text = " to ".join(f"{100 * end:+.0f} %" for end in (found.min(), found.max()))
        record(f"flux from 100 to 400 K, diffusivity at {at} K: error of the rise", "-", text)
    largest = {at: np.abs(found).max() for at, found in off.items()}
    assert min(largest.values()) == largest[150] == pytest.approx(0.128, abs=0.01)
    assert off[100].max() == pytest.approx(0.41, abs=0.02)
    assert off[400].min() == pytest.approx(-0.38, abs=0.02)
