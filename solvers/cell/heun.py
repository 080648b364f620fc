"""Heun's step of an outline along its normals, and the speed that it is given."""

from collections.abc import Callable

import numpy as np

from mitmodels.solvers.cell.nucleus import outside
from mitmodels.solvers.cell.outline import Array, Outline


def rounded(speed: Array, outline: Outline, length: float) -> Array:
    r"""Add a numerical term to the speed [m/s] that rounds the corners where metal dissolves.

    .. math:: v - \ell\,v^-\,(\kappa - \bar\kappa), \qquad
        \bar\kappa = \int v^- \kappa \,dA \Big/ \int v^-\,dA

    with the speed of dissolution v- = max(-v, 0), a length l [m] and the sum of both principal
    curvatures. A surface that recedes at one speed gets sharp edges; these recede faster. What is
    gained there is given back elsewhere, so charge and volume stay balanced.
    """
    dissolving = np.maximum(-speed, 0.0)
    weight = dissolving * outline.ring_areas
    if length == 0.0 or not weight.any():
        return speed
    curvature = outline.mean_curvature
    mean = float(weight @ curvature / weight.sum())
    return speed - length * dissolving * (curvature - mean)


def heun(
    outline: Outline,
    speed: Array,
    dt: float,
    speed_of: Callable[[Outline], Array],
    least: float = 0.0,
) -> tuple[Outline, Outline]:
    """Advance an outline whose nodes move along its normals; return Euler's and Heun's result.

    Parameters
    ----------
    outline : Outline
    speed : ndarray, shape (n,)
        Normal speed of its nodes [m/s].
    dt : float
        Time step [s].
    speed_of : callable
        Normal speed of another outline at the end of the step [m/s].
    least : float
        Radius around the foot of the axis that the outline stays out of: a nucleus [m].
    """
    first = speed[:, None] * outline.directions
    euler = outside(outline.displaced(dt * first), least)
    second = speed_of(euler)[:, None] * euler.directions
    return euler, outside(outline.displaced(dt / 2 * (first + second)), least)
