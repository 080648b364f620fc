"""Quadrature of a substrate over its depth: wavenumbers and weights of half-space and slab."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from mitmodels.solvers.film.interfaces import Array

_DEPTH_MODES = 8


@dataclass(frozen=True)
class Quadrature:
    """Quadrature of the half-space: T = sum_j w_j (-lap + k_j^2)^-1 q / kappa.

    Attributes
    ----------
    wavenumbers : ndarray, shape (n,)
        k_j [1/m].
    weights : ndarray, shape (n,)
        w_j [1/m].
    """

    wavenumbers: Array
    weights: Array


def half_space_quadrature(smallest: float, largest: float, step: float = 0.75) -> Quadrature:
    """Sinc quadrature of (2/pi) int dk (lambda + k^2)^-1 in t = ln k.

    The error of the rule is about 4 exp(-pi^2/step): 8e-6 at the default. Beyond both ends the
    integrand is constant or falls as 1/k^2, so that its geometric series is summed into the end
    weights; ``smallest`` must lie below and ``largest`` above the wavenumbers of the mesh.
    """
    count = int(np.ceil(np.log(largest / smallest) / step)) + 1
    k = np.exp(np.log(smallest) + step * np.arange(count))
    weights = 2 / np.pi * step * k
    weights[[0, -1]] /= -np.expm1(-step)
    return Quadrature(k, weights)


def slab_quadrature(thickness: float, largest: float) -> Quadrature:
    """Modes of a slab [m] on a heat sink up to wavenumbers that are large for its mesh.

    The first `_DEPTH_MODES` are those of the depth themselves. The sum of all others is an integral
    that begins half a distance before the next one, by the rule of Euler and Maclaurin with its
    first correction, and by Gauss and Legendre in ln k. The error is 1e-5 at most for waves of 20
    cells and longer, whatever the thickness.
    """
    distance = np.pi / thickness
    k = distance * (np.arange(_DEPTH_MODES + 1) + 0.5)
    weights = np.full(_DEPTH_MODES + 1, 2 / thickness)
    weights[-2:] *= 1 - 1 / 24, 1 / 24
    begin = distance * _DEPTH_MODES
    end = 2 * max(largest, begin)
    span = np.log(end / begin)
    points, fractions = np.polynomial.legendre.leggauss(8 + int(np.ceil(1.5 * span)))
    between = begin * np.exp(span * (points + 1) / 2)
    # Beyond the end the integrand falls as 1/k^2.
    return Quadrature(
        np.concatenate([k, between, [end]]),
        np.concatenate([weights, span / np.pi * fractions * between, [2 / np.pi * end]]),
    )


def far_field(k: Any, radius: float) -> Any:
    """Decay rate -T'/T [1/m] of the cylindrical wave K0(k r) at the far circle."""
    from scipy.special import k0e, k1e  # only here: it takes longer than the rest

    return k * k1e(k * radius) / k0e(k * radius)


def far_field_slope(k: float, radius: float) -> float:
    """Derivative of that rate by k."""
    return float(k * radius * ((far_field(k, radius) / k) ** 2 - 1))
