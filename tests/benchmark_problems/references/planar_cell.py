r"""Problem 6: a planar cell whose gap closes, as an ordinary differential equation.

Charge transfer into the deposit, hopping through the gap x, charge transfer out of the electrode,

.. math::
    J = J_0 [e^{\alpha u} - e^{-(1 - \alpha) u}]_{u = zF\eta_1/RT}
      = \sigma(E)\, E = J_0 [e^{(1 - \alpha) u} - e^{-\alpha u}]_{u = zF\eta_2/RT}, \qquad
    \eta_1 + x E + \eta_2 = V ,

and Faraday's law dx/dt = -M J / (z F rho), which is integrated as t = int dx / |dx/dt|.
"""

import numpy as np
from scipy.constants import elementary_charge as e
from scipy.constants import hbar, k, m_e, physical_constants
from scipy.integrate import quad, solve_ivp
from scipy.optimize import brentq

V, T, J0, ALPHA = 0.6, 300.0, 1.0, 0.3
C, F_0, A, W = 1e26, 1e13, 0.4e-9, 0.4774 * e  # hopping
MOLAR, DENSITY, FARADAY = 63.546e-3, 8960.0, 96485.33212
HEIGHT, MASS, FERMI = 3.6 * e, 0.84 * m_e, 7.0 * e  # tunnelling
BEGIN, END = 5e-9, 0.25e-9
FINE = {"xtol": 1e-14, "rtol": 1e-15}
V_PER_C = MOLAR / (FARADAY * DENSITY)  # volume of deposit per charge [m3/C]


def hopping_field(J):
    """Return the field [V/m] of a current density [A/m2]: Mott and Gurney, inverted."""
    return np.arcsinh(J / (2 * e * C * A * F_0 * np.exp(-W / (k * T)))) * 2 * k * T / (A * e)


def overpotential(J: float, a: float) -> float:
    """Return that of an interface [V]: of the deposit with a = alpha, else with 1 - alpha."""
    return (
        k * T / e * brentq(lambda u: J0 * (np.exp(a * u) - np.exp((a - 1) * u)) - J, 0, 80, **FINE)
    )


def ionic_current(gap: float, load: float = 0.0) -> float:
    """Return the current density of the ions [A/m2] at a gap [m], behind a load [ohm m2]."""

    def excess(log: float) -> float:
        J = np.exp(log)
        reactions = overpotential(J, ALPHA) + overpotential(J, 1 - ALPHA)
        device = reactions + gap * hopping_field(J)
        return float(device + load * (J + tunnel_conductance(gap) * device) - V)

    return float(np.exp(brentq(excess, -20, np.log(J0) + 8, **FINE)))


def speed(gap: float, load: float = 0.0) -> float:
    """Return -dx/dt [m/s]."""
    return V_PER_C * ionic_current(gap, load)


def tunnel_conductance(gap):
    """Return the conductance per area [S/m2] at a gap [m]: Simmons in series with Sharvin."""
    quantum = physical_constants["conductance quantum"][0]
    open_contact = quantum * 2 * m_e * FERMI / hbar**2 / (4 * np.pi)
    momentum = np.sqrt(2 * MASS * HEIGHT)
    barrier = (e / (2 * np.pi * hbar)) ** 2 * momentum / gap * np.exp(-2 * momentum * gap / hbar)
    return 1 / (1 / barrier + 1 / open_contact)


def closing_time(load: float = 0.0, error: float = 1e-12) -> float:
    """Return the time [s] from the first to the last gap, behind a load [ohm m2]."""
    return quad(lambda x: 1 / speed(x, load), END, BEGIN, epsrel=error)[0]


def gap_at(time: float) -> float:
    """Return the gap [m] at a time [s], by a Runge-Kutta method."""
    found = solve_ivp(
        lambda _, x: [-speed(x[0])], (0, time), [BEGIN], "DOP853", rtol=1e-12, atol=1e-20
    )
    return float(found.y[0, -1])
