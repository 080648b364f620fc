"""Langevin function and the Brillouin function built from it, accurate at small argument."""

import numpy as np
from numpy.typing import ArrayLike

from mitmodels.checks import FloatArray, finite


def langevin(x: ArrayLike) -> FloatArray:
    """Langevin function coth(x) - 1/x, to rounding for any finite x.

    Raises
    ------
    ValueError
        If x is not finite.
    """
    x = finite("x", x, "(dimensionless)")
    # Continued fraction x/(3 + x^2/(5 + ...)) where the two terms would cancel.
    small = np.minimum(np.abs(x), 1.0)
    fraction = np.full_like(small, 19.0)
    for odd in range(17, 1, -2):
        fraction = odd + small**2 / fraction
    large = np.maximum(np.abs(x), 1.0)
    return np.copysign(np.where(np.abs(x) < 1, small / fraction, 1 / np.tanh(large) - 1 / large), x)


def brillouin(spin: float, y: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Brillouin function of a spin S at y > 0, and its slope; at zero that is (S + 1)/(3 S).

    Written with Langevin functions, whose poles at zero cancel without being formed.
    """
    whole, half = 1 + 1 / (2 * spin), 1 / (2 * spin)
    upper, lower = langevin(whole * y), langevin(half * y)
    value = whole * upper - half * lower
    slope = whole**2 * (1 - upper**2 - 2 * upper / (whole * y)) - half**2 * (
        1 - lower**2 - 2 * lower / (half * y)
    )
    return value, slope
