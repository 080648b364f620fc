r"""Problem 6: a neck in oblate spheroidal coordinates, in which everything depends on one of them.

.. math::
    r = c\sqrt{(1 + \xi^2)(1 - \eta^2)}, \quad z = c\,\xi\eta, \qquad
    R_1 = \frac{2 \arctan \xi_0}{2\pi c\,(1 - \eta_0)}

is the resistance between xi = -xi_0 and xi_0 of a body of conductivity 1 that the hyperboloid
eta = eta_0 bounds; of a screen with a hole of radius c (eta_0 = 0, xi_0 to infinity) it is Holm's
1/(2 c). With ends at T = 0 temperature and potential are functions of each other (Kohlrausch):

.. math:: \int_0^{T} \kappa/\sigma\, dT = \tfrac18 V^2 - \tfrac12 \varphi^2 .
"""

import numpy as np


def resistance(eta: float, xi: float, c: float) -> float:
    """Return the resistance of a body of conductivity 1 between its ends."""
    return float(np.arctan(xi) / (np.pi * c * (1 - eta)))


def largest_temperature(voltage: float) -> float:
    """Return the temperature in the middle for sigma = 1 / (1 + T) and kappa = 1."""
    return float(np.sqrt(1 + voltage**2 / 4) - 1)


def current(voltage: float, cold_resistance: float) -> float:
    """Return the current for sigma = 1 / (1 + T) and kappa = 1."""
    return float(2 * np.arctan(voltage / 2) / cold_resistance)
