r"""Problem 8: a hemisphere of metal that grows into a hemispherical electrode, with compliance.

Even over the angle, the current I of the ions at a radius a of the metal obeys

.. math::
    \eta_1(I/2\pi a^2) + \int_a^R E(I/2\pi r^2)\, dr + \eta_2(I/2\pi R^2) = V_c, \qquad
    V_c = \min(V, I_c / G), \quad G = 2\pi a^2 g_t(R - a) ,

with the laws of problem 6, and Faraday's law gives da/dt, a function of the radius alone.
"""

from functools import cache

import numpy as np
from scipy.integrate import quad, solve_ivp
from scipy.optimize import brentq

from references.planar_cell import (
    ALPHA,
    FINE,
    J0,
    V_PER_C,
    V,
    hopping_field,
    overpotential,
    tunnel_conductance,
)

SEED, ELECTRODE, COMPLIANCE = 1e-9, 4e-9, 1e-6  # radii [m], current [A]
NODES, WEIGHTS = np.polynomial.legendre.leggauss(40)


def voltage(radius: float) -> float:
    """Return that of the cell [V] at a radius of the metal [m]."""
    return float(min(V, COMPLIANCE / conductance(radius)))


def conductance(radius: float) -> float:
    """Return that of the gap [S]."""
    return float(2 * np.pi * radius**2 * tunnel_conductance(ELECTRODE - radius))


@cache
def ionic_current(radius: float) -> float:
    """Return the current of the ions [A] at a radius of the metal [m]."""
    r = radius * (ELECTRODE / radius) ** ((NODES + 1) / 2)  # evenly in ln r

    def excess(log: float) -> float:
        I = np.exp(log)  # noqa: E741
        J = I / (2 * np.pi * r**2)
        ohmic = WEIGHTS @ (r * hopping_field(J)) * np.log(ELECTRODE / radius) / 2
        first = overpotential(I / (2 * np.pi * radius**2), ALPHA)
        last = overpotential(I / (2 * np.pi * ELECTRODE**2), 1 - ALPHA)
        return float(first + ohmic + last - voltage(radius))

    scale = np.log(2 * np.pi * radius**2 * J0)
    return float(np.exp(brentq(excess, scale - 20, scale + 12, **FINE)))


def speed(radius: float) -> float:
    """Return da/dt [m/s]."""
    return V_PER_C * ionic_current(radius) / (2 * np.pi * radius**2)


def radius_of_set() -> float:
    """Return the radius [m] at which the current reaches the compliance."""
    return float(
        brentq(lambda a: V * conductance(a) - COMPLIANCE, SEED, 0.999 * ELECTRODE, xtol=1e-22)
    )


def time_to(radius: float) -> float:
    """Return the time [s] at which the metal has a radius [m]: quadrature over the radius."""
    corner = min(radius, radius_of_set())
    parts = ((SEED, corner), (corner, radius))
    return sum(quad(lambda a: 1 / speed(a), *part, epsrel=1e-11)[0] for part in parts)


def radius_at(time: float) -> float:
    """Return the radius [m] at a time [s] before SET, by a Runge-Kutta method."""
    found = solve_ivp(
        lambda _, a: [speed(a[0])], (0, time), [SEED], "DOP853", rtol=1e-12, atol=1e-20
    )
    return float(found.y[0, -1])
