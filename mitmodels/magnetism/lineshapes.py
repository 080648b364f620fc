r"""Lorentzian line shapes and their field derivatives.

With :math:`r=(H-H_0)/\Delta` and the half width :math:`\Delta` of the absorption at half maximum,
:math:`F_S=1/(1+r^2)` and :math:`F_A=r/(1+r^2)`. All raise ValueError for an offset that is not
finite or a width that is not positive.
"""

import numpy as np
from numpy.typing import ArrayLike

from mitmodels.checks import FloatArray, finite, positive


def symmetric(offset: ArrayLike, hwhm: ArrayLike) -> FloatArray:
    """Absorption F_S at an offset H - H_0 [T] for a half width [T]; 1 at the centre."""
    return 1 / (1 + _reduced(offset, hwhm) ** 2)


def antisymmetric(offset: ArrayLike, hwhm: ArrayLike) -> FloatArray:
    """Dispersion F_A; 1/2 and -1/2 at one half width above and below the centre."""
    r = _reduced(offset, hwhm)
    return r / (1 + r**2)


def symmetric_derivative(offset: ArrayLike, hwhm: ArrayLike) -> FloatArray:
    """Slope dF_S/dH [1/T]; extreme at hwhm/sqrt(3) from the centre."""
    r = _reduced(offset, hwhm)
    absorption = 1 / (1 + r**2)
    return np.asarray(-2 * (r * absorption) * absorption / np.asarray(hwhm, dtype=float))


def antisymmetric_derivative(offset: ArrayLike, hwhm: ArrayLike) -> FloatArray:
    """Slope dF_A/dH [1/T]; 1/hwhm at the centre."""
    absorption = symmetric(offset, hwhm)
    return np.asarray((2 * absorption - 1) * absorption / np.asarray(hwhm, dtype=float))


def _reduced(offset: ArrayLike, hwhm: ArrayLike) -> FloatArray:
    offset, hwhm = finite("offset", offset, "T"), positive("hwhm", hwhm, "T")
    # Beyond 1e150 half widths the square would overflow; the shapes are zero there.
    with np.errstate(over="ignore"):
        return np.clip(offset / hwhm, -1e150, 1e150)
