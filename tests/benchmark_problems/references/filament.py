r"""Problem 5: plateau of a filament by equal areas, and the field at which the even film is lost.

Even along the field E, T'' = T - sigma(T) E^2. An even film is lost where its heating rises as fast
with T as its loss; a cold and a hot half meet in a wall at rest where

.. math:: \int_{T_c}^{T_h} (T - \sigma E^2)\, dT = 0 .
"""

import numpy as np
from scipy.optimize import brentq

SMOOTHING, COLD = 0.1, 0.05  # of the law; conductivity of the cold phase, of the hot one 1 more


def conductivity(T):
    """Conductivity at a temperature."""
    return COLD + 1 / (1 + np.exp((1 - T) / SMOOTHING))


def _primitive(T: float) -> float:
    return COLD * T + SMOOTHING * np.logaddexp(0, (T - 1) / SMOOTHING)


def _temperatures(field: float) -> tuple[float, float]:
    """Cold and hot temperature of an even film."""
    edges = np.linspace(1e-6, 4, 4001)
    excess = edges - conductivity(edges) * field**2
    signs = np.flatnonzero(excess[:-1] * excess[1:] < 0)
    roots = [
        brentq(lambda T: T - conductivity(T) * field**2, edges[i], edges[i + 1], xtol=1e-15)
        for i in signs
    ]
    return roots[0], roots[-1]


def _area(field: float) -> float:
    cold, hot = _temperatures(field)
    return (hot**2 - cold**2) / 2 - field**2 * (_primitive(hot) - _primitive(cold))


def plateau() -> tuple[float, float, float]:
    """Field of the filament, temperatures beside and in it."""
    field = float(brentq(_area, 1.15, 1.9, xtol=1e-14))
    return field, *_temperatures(field)


def end_of_even_film() -> tuple[float, float]:
    """Largest field and current density of a cold even film."""

    def slope(T: float) -> float:
        hot = conductivity(T) - COLD
        return T * hot * (1 - hot) / SMOOTHING - conductivity(T)

    T = brentq(slope, 0.3, 0.9, xtol=1e-15)
    field = np.sqrt(T / conductivity(T))
    return float(field), float(field * conductivity(T))
