"""Kerr-amplitude map of a switched film as a scanning laser spot sees it.

Source: Salev et al., Nat. Commun. 12, 5499 (2021), Fig. 2 and Supporting Information 3: hysteresis
loops recorded point by point with a laser of 5 um; the map is their amplitude. What the spot does
to the apparent width of a barrier is derived in `docs/theory/magnetic_map.md`.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from mitmodels.checks import FloatArray, finite, not_negative, positive

LASER_SPOT: float = 5e-6
"""Spot of Salev et al. 2021 [m]; full width at half maximum is our reading of its "size"."""

_FWHM_OF_UNIT_GAUSSIAN = 2 * np.sqrt(2 * np.log(2))


def kerr_map(
    T: ArrayLike, law: Callable[[FloatArray], ArrayLike], spacing: float, spot: float = LASER_SPOT
) -> FloatArray:
    r"""Kerr amplitude, the order M(T) averaged over the intensity of the spot.

    .. math:: K(x) = \int M(T(x'))\, g(x - x')\, dx'

    The amplitude is that of a saturated loop, proportional to the local order. The Gaussian g has
    unit integral and the map is continued by its mirror image, which keeps the mean of M: leave
    about one spot of film or of nothing around what is looked at.

    Parameters
    ----------
    T : temperature on a square grid of one or two dimensions, NaN where there is no film [K]
    law : order at an array of temperatures, zero above the transition; its unit is that of K
    spacing : distance of the points [m]
    spot : full width at half maximum of the laser intensity [m]; zero for the map of M itself

    Returns
    -------
    ndarray, shape of T

    Raises
    ------
    ValueError
        If the spacing is not positive, or the spot is negative or narrower than two spacings.
    """
    temperature = np.asarray(T, dtype=float)
    dx, fwhm = float(positive("spacing", spacing, "m")), float(not_negative("spot", spot, "m"))
    if 0 < fwhm < 2 * dx:
        raise ValueError(
            f"spot must span at least two grid spacings or be zero, got {spot} m on a spacing of "
            f"{spacing} m: sample T more finely"
        )
    film = ~np.isnan(temperature)
    order = np.zeros_like(temperature)
    order[film] = law(temperature[film])
    sigma = fwhm / _FWHM_OF_UNIT_GAUSSIAN / dx
    from scipy.ndimage import gaussian_filter  # only here: films load this module, most see no spot

    return np.asarray(gaussian_filter(order, sigma, mode="reflect", truncate=6.0))


def contrast_level(kerr: ArrayLike, bright: ArrayLike, fraction: float = 0.5) -> FloatArray:
    """Amplitude at a fraction of the way from the darkest point of each row to `bright`.

    At one half `apparent_width` is the full width at half depth. It finds a dip in any row,
    however shallow: that there is a barrier must be known beforehand.

    Parameters
    ----------
    kerr : Kerr amplitude, shape (n,) or (n, rows), the barrier lying across the first axis
    bright : amplitude of the ferromagnetic film, one number or one per row
    fraction : between 0 and 1

    Raises
    ------
    ValueError
        If the fraction is not between 0 and 1.
    """
    if not 0 < fraction < 1:
        raise ValueError(f"fraction must lie between 0 and 1, got {fraction}")
    dark = np.min(finite("kerr", kerr, ""), axis=0)
    return np.asarray(dark + fraction * (np.asarray(bright) - dark))


def apparent_width(kerr: ArrayLike, level: ArrayLike, spacing: float) -> FloatArray:
    """Length along the first axis on which the amplitude is below a level [m].

    The amplitude is interpolated linearly; lengths of separate dark stretches add up.

    Parameters
    ----------
    kerr : Kerr amplitude, shape (n,) or (n, rows)
    level : amplitude below which the film counts as switched, one number or one per row; a fixed
        one, such as half the amplitude of the unheated film, overlooks a barrier narrower than
        0.573 spots
    spacing : distance of the points along the first axis [m]

    Returns
    -------
    ndarray, shape () or (rows,)

    Raises
    ------
    ValueError
        If an argument is not finite or the spacing not positive.
    """
    above = finite("kerr", kerr, "") - finite("level", level, "")
    dark, size = np.maximum(-above, 0.0), np.abs(above)
    total = size[:-1] + size[1:]
    fraction = np.divide(dark[:-1] + dark[1:], total, out=np.zeros_like(total), where=total > 0)
    return np.asarray(float(positive("spacing", spacing, "m")) * fraction.sum(axis=0))
