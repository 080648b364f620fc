"""Resonance spectrum of a film of uneven temperature, every cell an oscillator of its own.

The local picture: no exchange or dipolar field couples the cells (see
`mitmodels.magnetism.dipolar` for what the dipolar field changes).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.interpolate import CubicSpline
from scipy.signal import find_peaks

from mitmodels.checks import FloatArray, finite, not_negative, positive
from mitmodels.magnetism import kittel
from mitmodels.magnetism.lineshapes import symmetric
from mitmodels.magnetism.magnetisation import MagnetisationLaw, temperature_of

# Above this number of cells their resonance fields are binned: linear deposition on bins of
# hwhm/256 is exact to 2 (1/256)^2 / 8 = 4e-6 of a line's height.
_CELLS = 4096
_BINS_PER_WIDTH = 256


@dataclass(frozen=True)
class Ferromagnet:
    """Magnetic film.

    Parameters
    ----------
    magnetisation : law M_eff(T)
    H_a : anisotropy field in the plane, T; independent of temperature
    g : spectroscopic splitting factor
    damping : Gilbert damping
    inhomogeneous : half width at no frequency, T

    Raises
    ------
    ValueError
        If g is not positive, the damping or width negative, or H_a not finite.
    """

    magnetisation: MagnetisationLaw
    H_a: float
    g: float
    damping: float
    inhomogeneous: float

    def __post_init__(self) -> None:
        finite("H_a", self.H_a, "T")
        positive("g", self.g, "(dimensionless)")
        not_negative("damping", self.damping, "(dimensionless)")
        not_negative("inhomogeneous", self.inhomogeneous, "T")

    def resonance_field(self, frequency: ArrayLike, temperature: ArrayLike) -> FloatArray:
        """Field of resonance [T] at a frequency [Hz] and a temperature [K]; NaN without one."""
        M_eff = self.magnetisation(temperature)
        field = kittel.resonance_field(frequency, M_eff, self.H_a, self.g)
        return np.where(M_eff > 0, field, np.nan)

    def hwhm(self, frequency: ArrayLike) -> FloatArray:
        """Half width of the absorption [T] at a frequency [Hz]."""
        return kittel.linewidth(frequency, self.damping, self.inhomogeneous, self.g)

    def temperature(self, frequency: ArrayLike, field: ArrayLike) -> FloatArray:
        """Temperature [K] read from a line's field [T]: the film resonates there when uniform.

        NaN where no temperature gives a resonance at this field.
        """
        M_eff = kittel.effective_magnetisation(frequency, field, self.H_a, self.g)
        return temperature_of(self.magnetisation, M_eff)


def rf_weight(area: ArrayLike, current_density: ArrayLike, response: ArrayLike) -> FloatArray:
    """Contribution of film cells to the rectified voltage, up to one common factor.

    A change dR of the local sheet resistance changes the device's by the sum of
    area K^2 dR over the cells, over the current squared (K the sheet current density).

    Parameters
    ----------
    area : m2
    current_density : magnitude of the rf sheet current density, A/m
    response : local change of sheet resistance. Anisotropic magnetoresistance: proportional to
        the sheet resistance R_s(T), the weight is then the local Joule power. Bolometric: its
        slope dR_s/dT. Film in parallel with a pad: R_s times a declared factor from 0 to 1

    Raises
    ------
    ValueError
        If an argument is negative or not finite.
    """
    return (
        not_negative("area", area, "m2")
        * not_negative("current_density", current_density, "A/m") ** 2
        * not_negative("response", response, "Ohm or Ohm/K")
    )


def spectrum(
    ferromagnet: Ferromagnet,
    field: ArrayLike,
    frequency: float,
    temperature: ArrayLike,
    weight: ArrayLike,
    shape: Callable[[FloatArray, FloatArray], FloatArray] = symmetric,
) -> FloatArray:
    """Sum of the lines of all cells.

    Parameters
    ----------
    ferromagnet : film
    field : applied field, T, shape (m,)
    frequency : Hz
    temperature : temperature of each cell, K
    weight : contribution of each cell, same shape; see `rf_weight`
    shape : line shape of one cell, see `mitmodels.magnetism.lineshapes`

    Returns
    -------
    FloatArray
        Shape (m,). Cells without a resonance contribute nothing: above the Curie temperature,
        or where the frequency is below the minimum. Above 4096 cells correct to 1e-5 of the
        greatest height a line of the total weight would have.

    Raises
    ------
    ValueError
        If field or temperature is empty, the shapes differ, or an argument is out of range.
    """
    H = finite("field", field, "T")
    T = not_negative("temperature", temperature, "K")
    w = not_negative("weight", weight, "(dimensionless)")
    if H.ndim != 1 or H.size == 0 or T.size == 0:
        raise ValueError("field [T] and temperature [K] must not be empty, field a list")
    if T.shape != w.shape:
        raise ValueError(f"temperature [K] {T.shape} and weight {w.shape} differ in shape")
    hwhm = ferromagnet.hwhm(frequency)
    T, w = T.ravel(), w.ravel()
    if T.size > _CELLS:
        centres, w = _binned(_interpolated_field(ferromagnet, frequency, T), w, float(hwhm))
    else:
        centres = ferromagnet.resonance_field(frequency, T)
        centres, w = centres[np.isfinite(centres)], w[np.isfinite(centres)]
    return np.array([shape(h - centres, hwhm) @ w for h in H])


def _interpolated_field(
    ferromagnet: Ferromagnet, frequency: float, temperature: FloatArray
) -> FloatArray:
    """Resonance field of many cells from a spline in sqrt(1 - T/T_c), smooth up to T_c."""
    curie = ferromagnet.magnetisation.curie_temperature
    nodes = np.linspace(0, 1, _CELLS)
    fields = ferromagnet.resonance_field(frequency, curie * (1 - nodes[1:] ** 2))
    known = np.isfinite(fields)
    if not known.any():
        return np.full_like(temperature, np.nan)
    s = np.sqrt(np.maximum(1 - temperature / curie, 0))
    spline = CubicSpline(nodes[1:][known], fields[known], extrapolate=False)
    return np.asarray(np.where(s > 0, spline(np.maximum(s, nodes[1])), np.nan))


def _binned(centres: FloatArray, weight: FloatArray, hwhm: float) -> tuple[FloatArray, FloatArray]:
    found = np.isfinite(centres)
    if not found.any():
        return np.zeros(0), np.zeros(0)
    centres, weight = centres[found], weight[found]
    start, width = centres.min(), hwhm / _BINS_PER_WIDTH
    position = (centres - start) / width
    left = position.astype(np.intp)
    fraction = position - left
    bins = int(left.max()) + 2
    total = np.bincount(left, weight * (1 - fraction), bins)
    total += np.bincount(left + 1, weight * fraction, bins)
    return start + width * np.arange(bins), total


def maxima(field: ArrayLike, absorption: ArrayLike, prominence: float = 0.03) -> tuple[float, ...]:
    """Fields of the maxima of an absorption [T], ascending.

    Parameters
    ----------
    field : T, shape (m,), ascending
    absorption : shape (m,)
    prominence : the least of a maximum that counts, as a fraction of the greatest absorption

    Raises
    ------
    ValueError
        If the shapes differ, the spectrum is empty or not finite.
    """
    H, signal = finite("field", field, "T"), finite("absorption", absorption, "(dimensionless)")
    if H.ndim != 1 or H.shape != signal.shape or H.size == 0:
        raise ValueError(f"field [T] {H.shape} and absorption {signal.shape} must be equal lists")
    peaks, _ = find_peaks(signal, prominence=prominence * signal.max())
    return tuple(H[peaks].tolist())
