r"""Temperature that one watt at a point of the surface makes at another one, away from it.

On an adiabatic half-space, with the conductivity :math:`\kappa` and the distance r, it is
:math:`1/(2\pi\kappa r)` (Carslaw and Jaeger, section 10.5). A heat sink below a slab adds images of
alternating sign at the depths of twice its thickness.
"""

import numpy as np
import numpy.typing as npt

from mitmodels.chip.footprint import Footprint

Array = npt.NDArray[np.float64]

_POINTS = 12  # of Gauss and Legendre along a side over which a mean is taken
_IMAGES = 14  # their accelerated sum errs by 5.8 to the power of minus their number


def steady_kernel(distance: Array, thickness: float = np.inf) -> Array:
    """Rise of the conductivity's integral [1/m] at distances [m] from one watt.

    Parameters
    ----------
    distance : ndarray
    thickness : float
        Of the substrate, to its heat sink [m].
    """
    if not np.isfinite(thickness):
        return np.asarray(1 / (2 * np.pi * distance))
    total = -0.5 / distance
    for number, weight in enumerate(_alternating(_IMAGES)):
        total += weight / np.hypot(distance, 2 * number * thickness)
    return np.asarray(total / np.pi)


def _alternating(count: int) -> Array:
    """Weights of the terms of an alternating series, their signs included.

    H. Cohen, F. Rodriguez Villegas, D. Zagier, Experiment. Math. 9 (2000) 3, algorithm 1.
    """
    size = np.cosh(count * np.arccosh(3.0))
    weights, b, c = np.empty(count), -1.0, -size
    for k in range(count):
        c = b - c
        weights[k] = c / size
        b *= (k + count) * (k - count) / ((k + 0.5) * (k + 1))
    return weights


def heated_rectangle(points: Array, length: float, width: float) -> Array:
    r"""Rise of the conductivity's integral [1/m] by one watt spread evenly over a rectangle.

    The integral of :math:`1/(2\pi r)` (A. E. H. Love, Phil. Trans. R. Soc. A 228 (1929) 377).

    Parameters
    ----------
    points : ndarray, shape (n, 2)
        On the surface, from the centre of the rectangle [m].
    length, width : float
        Of the rectangle along both coordinates [m].
    """
    total = np.zeros(len(points))
    for sign, edge in ((1, length / 2), (-1, -length / 2)):
        for other, side in ((1, width / 2), (-1, -width / 2)):
            x, y = points[:, 0] + edge, points[:, 1] + side
            total += sign * other * (_edge(x, y) + _edge(y, x))
    return total / (2 * np.pi * length * width)


def _edge(x: Array, y: Array) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.nan_to_num(x * np.arcsinh(y / np.abs(x)))  # nothing on the line of a side


def even_rectangles(source: Footprint, receiver: Footprint) -> float:
    """Mean rise [1/m] over a rectangle by one watt spread evenly over another one."""
    nodes, weights = np.polynomial.legendre.leggauss(_POINTS)
    x, y = np.meshgrid(nodes * receiver.length / 2, nodes * receiver.width / 2, indexing="ij")
    points = receiver.on_chip(np.column_stack([x.ravel(), y.ravel()])) - (source.x, source.y)
    rise = heated_rectangle(points, *source.sides)
    return float(np.outer(weights, weights).ravel() @ rise / 4)
