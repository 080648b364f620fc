r"""Ferromagnetic resonance of a film magnetised in its plane.

.. math::

    f = \frac{g\mu_B}{h}\sqrt{(H+H_a)(H+H_a+M_\mathrm{eff})}

Fields and magnetisations are given as :math:`\mu_0 H` and :math:`\mu_0 M` in tesla, frequencies
in hertz. A higher magnetisation gives a lower resonance field.
Source: Chen et al., Nano Letters 24, 11476 (2024), doi:10.1021/acs.nanolett.4c02697; corrections
in `docs/theory/resonance.md`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import curve_fit

from mitmodels.checks import FloatArray, broadcast, not_negative, positive, within
from mitmodels.constants import BOHR_MAGNETON, PLANCK


def reduced_frequency(frequency: ArrayLike, g: float) -> FloatArray:
    """Field that corresponds to a frequency, h f / (g mu_B) [T].

    Raises
    ------
    ValueError
        If the frequency [Hz] or g is not positive, or the frequency above 1e18 Hz.
    """
    positive("g", g, "(dimensionless)")
    positive("frequency", frequency, "Hz")
    return within("frequency", frequency, 0, 1e18, "Hz") * (PLANCK / (g * BOHR_MAGNETON))


def _tesla(name: str, value: ArrayLike) -> FloatArray:
    return within(name, value, -1e6, 1e6, "T")


def resonance_field(frequency: ArrayLike, M_eff: ArrayLike, H_a: ArrayLike, g: float) -> FloatArray:
    """Field of resonance [T] at a frequency [Hz].

    Parameters
    ----------
    frequency : Hz
    M_eff : effective magnetisation, T
    H_a : anisotropy field in the plane, T
    g : spectroscopic splitting factor

    Returns
    -------
    FloatArray
        NaN below the minimum frequency, where no field of resonance exists.

    Raises
    ------
    ValueError
        If the frequency or g is not positive, a field beyond 1e6 T, or shapes do not match.

    Examples
    --------
    >>> field = resonance_field(10e9, M_eff=0.4, H_a=0.0, g=2.0)
    >>> float(field.round(4))
    0.2094
    >>> float(resonance_frequency(field, M_eff=0.4, H_a=0.0, g=2.0) / 1e9)
    10.0
    """
    F, M, H_a = broadcast(
        frequency=reduced_frequency(frequency, g),
        M_eff=_tesla("M_eff", M_eff),
        H_a=_tesla("H_a", H_a),
    )
    root = np.hypot(M, 2 * F)
    # The form that does not cancel for either sign of the magnetisation.
    stiffness = np.where(M > 0, 2 * F * (F / (root + np.abs(M))), 0.5 * (root - M))
    field = stiffness - H_a
    return np.where(field >= 0, field, np.nan)


def resonance_frequency(field: ArrayLike, M_eff: ArrayLike, H_a: ArrayLike, g: float) -> FloatArray:
    """Frequency of resonance [Hz] at a field [T]; arguments as in `resonance_field`.

    NaN where the film is not magnetised along the field: H + H_a or H + H_a + M_eff negative.

    Raises
    ------
    ValueError
        If g is not positive, a field beyond 1e6 T, or shapes do not match.
    """
    positive("g", g, "(dimensionless)")
    H, M, H_a = broadcast(
        field=_tesla("field", field), M_eff=_tesla("M_eff", M_eff), H_a=_tesla("H_a", H_a)
    )
    in_plane, out_of_plane = H + H_a, H + H_a + M
    stable = (in_plane >= 0) & (out_of_plane >= 0)
    product = np.sqrt(np.maximum(in_plane, 0)) * np.sqrt(np.maximum(out_of_plane, 0))
    return np.where(stable, g * BOHR_MAGNETON / PLANCK * product, np.nan)


def effective_magnetisation(
    frequency: ArrayLike, field: ArrayLike, H_a: ArrayLike, g: float
) -> FloatArray:
    """Effective magnetisation [T] that resonates at a field [T] and a frequency [Hz].

    Raises
    ------
    ValueError
        If H + H_a, the frequency or g is not positive, a field beyond 1e6 T, or shapes do not
        match.
    """
    F, H, H_a = broadcast(
        frequency=reduced_frequency(frequency, g),
        field=_tesla("field", field),
        H_a=_tesla("H_a", H_a),
    )
    stiffness = positive("field + H_a", H + H_a, "T")
    with np.errstate(over="ignore"):
        return (F - stiffness) * ((F + stiffness) / stiffness)


def linewidth(
    frequency: ArrayLike, damping: ArrayLike, inhomogeneous: ArrayLike, g: float
) -> FloatArray:
    """Half width of the absorption at half maximum [T].

    Parameters
    ----------
    frequency : Hz
    damping : Gilbert damping
    inhomogeneous : half width at no frequency, T
    g : spectroscopic splitting factor

    Raises
    ------
    ValueError
        If the damping or the inhomogeneous width is negative, or the frequency or g not positive.
    """
    F, damping, inhomogeneous = broadcast(
        frequency=reduced_frequency(frequency, g),
        damping=not_negative("damping", damping, "(dimensionless)"),
        inhomogeneous=not_negative("inhomogeneous", inhomogeneous, "T"),
    )
    return inhomogeneous + damping * F


@dataclass(frozen=True)
class KittelFit:
    """Effective magnetisation and anisotropy field [T] with standard errors [T]."""

    M_eff: float
    M_eff_error: float
    H_a: float
    H_a_error: float


@dataclass(frozen=True)
class LinewidthFit:
    """Gilbert damping and inhomogeneous half width [T] with standard errors."""

    damping: float
    damping_error: float
    inhomogeneous: float
    inhomogeneous_error: float


def fit_kittel(
    frequencies: ArrayLike, fields: ArrayLike, g: float, field_error: ArrayLike | None = None
) -> KittelFit:
    """Fit the Kittel law to fields of resonance.

    Parameters
    ----------
    frequencies : Hz, shape (n,), three or more
    fields : fields of resonance, T, shape (n,)
    g : spectroscopic splitting factor, not fitted: it is nearly degenerate with M_eff
    field_error : standard deviation of the fields, T; estimated from the residuals if absent

    Raises
    ------
    ValueError
        If there are fewer than three points, shapes differ, or an argument is out of range.
    """
    F = reduced_frequency(frequencies, g)
    B = _tesla("fields", fields)
    _require_points(F, B, "frequencies [Hz]", "fields [T]")
    # F^2 - B^2 is linear in B: slope 2 H_a + M, intercept H_a (H_a + M).
    slope, intercept = np.polyfit(B, F**2 - B**2, 1)
    H_a = 0.5 * (slope - np.sqrt(max(slope**2 - 4 * intercept, 0.0)))

    def law(F: FloatArray, M_eff: float, H_a: float) -> FloatArray:
        return np.asarray(0.5 * (np.hypot(M_eff, 2 * F) - M_eff) - H_a)

    return KittelFit(*_fit(law, F, B, (slope - 2 * H_a, H_a), field_error))


def fit_linewidth(
    frequencies: ArrayLike, widths: ArrayLike, g: float, width_error: ArrayLike | None = None
) -> LinewidthFit:
    """Fit the linear law to half widths at half maximum.

    Parameters
    ----------
    frequencies : Hz, shape (n,), three or more
    widths : half widths at half maximum, T, shape (n,); full widths double the damping
    g : spectroscopic splitting factor
    width_error : standard deviation of the widths, T; estimated from the residuals if absent

    Raises
    ------
    ValueError
        If there are fewer than three points, shapes differ, or an argument is out of range.
    """
    F = reduced_frequency(frequencies, g)
    D = positive("widths", widths, "T")
    _require_points(F, D, "frequencies [Hz]", "widths [T]")

    def law(F: FloatArray, damping: float, inhomogeneous: float) -> FloatArray:
        return np.asarray(inhomogeneous + damping * F)

    slope, intercept = np.polyfit(F, D, 1)
    return LinewidthFit(*_fit(law, F, D, (slope, intercept), width_error))


def _require_points(x: FloatArray, y: FloatArray, x_name: str, y_name: str) -> None:
    if x.ndim != 1 or x.shape != y.shape or x.size < 3:
        raise ValueError(
            f"{x_name} and {y_name} must be two lists of three or more values, "
            f"got shapes {x.shape} and {y.shape}"
        )


def _fit(
    law: Callable[..., FloatArray],
    F: FloatArray,
    data: FloatArray,
    start: tuple[float, float],
    error: ArrayLike | None,
) -> Iterator[float]:
    given = None if error is None else positive("error of the data", error, "T")
    sigma = None if given is None else np.broadcast_to(given, data.shape)
    values, covariance = curve_fit(law, F, data, start, sigma, absolute_sigma=error is not None)
    for value, variance in zip(values, np.diag(covariance), strict=True):
        yield from (float(value), float(np.sqrt(variance)))
