"""Effective magnetisation against temperature, calibrated at one point.

Only M_eff(100 K) = 0.96 T and T_c = 340 K are measured (Chen et al. 2024). The laws between are
assumptions: part of the 0.96 T is growth anisotropy, since 3.7 Bohr magnetons per cell of
(0.387 nm)^3 make 0.74 T, and need not follow the moment.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike

from mitmodels.checks import FloatArray, finite, not_negative, positive
from mitmodels.langevin import brillouin


class MagnetisationLaw(Protocol):
    """Effective magnetisation [T] of a temperature [K], exactly zero from `curie_temperature`."""

    @property
    def curie_temperature(self) -> float:
        """Temperature [K] at which the magnetisation vanishes."""

    def __call__(self, temperature: ArrayLike) -> FloatArray:
        """Effective magnetisation [T] at a temperature [K]."""


@dataclass(frozen=True)
class Brillouin:
    """Molecular field of a spin S: m = B_S(3 S/(S + 1) m T_c/T).

    Parameters
    ----------
    spin : 1.85 is the mean of 70 % Mn3+ (S = 2) and 30 % Mn4+ (S = 3/2)
    curie_temperature : K
    reference : effective magnetisation at `reference_temperature`, T
    reference_temperature : K

    Raises
    ------
    ValueError
        If a parameter is not positive, or the reference is not below the Curie temperature.
    """

    spin: float = 1.85
    curie_temperature: float = 340.0
    reference: float = 0.96
    reference_temperature: float = 100.0

    def __post_init__(self) -> None:
        positive("spin", self.spin, "(dimensionless)")
        _check_calibration(self.curie_temperature, self.reference, self.reference_temperature)

    def __call__(self, temperature: ArrayLike) -> FloatArray:
        """Effective magnetisation [T] at a temperature [K]."""
        reference = self._reduced(np.asarray(self.reference_temperature))
        reduced = self._reduced(not_negative("temperature", temperature, "K"))
        return self.reference / reference * reduced

    def _reduced(self, temperature: FloatArray) -> FloatArray:
        slope = (self.spin + 1) / (3 * self.spin)
        # Below 1e-3 T_c the moment is full to rounding.
        t = np.clip(temperature / self.curie_temperature, 1e-3, 1 - 1e-15)
        y = 1 / (slope * t)
        # Newton on the concave B_S(y) - slope t y descends to the root from above.
        for _ in range(60):
            value, derivative = brillouin(self.spin, y)
            step = (value - slope * t * y) / (slope * t - derivative)
            y = y + step
            if (np.abs(step) * (1 - t) <= 1e-14 * y).all():
                break
        return np.where(temperature < self.curie_temperature, slope * t * y, 0.0)


@dataclass(frozen=True)
class PowerLaw:
    """Interpolation m = [1 - (T/T_c)^inner]^outer.

    Parameters
    ----------
    inner : 3/2 follows the Bloch law at low temperature; 1 is critical scaling throughout
    outer : 0.37 is the critical exponent of the three-dimensional Heisenberg magnet
    curie_temperature : K
    reference : effective magnetisation at `reference_temperature`, T
    reference_temperature : K

    Raises
    ------
    ValueError
        If a parameter is not positive, or the reference is not below the Curie temperature.
    """

    inner: float = 1.5
    outer: float = 0.37
    curie_temperature: float = 340.0
    reference: float = 0.96
    reference_temperature: float = 100.0

    def __post_init__(self) -> None:
        positive("inner", self.inner, "(dimensionless)")
        positive("outer", self.outer, "(dimensionless)")
        _check_calibration(self.curie_temperature, self.reference, self.reference_temperature)

    def __call__(self, temperature: ArrayLike) -> FloatArray:
        """Effective magnetisation [T] at a temperature [K]."""
        reference = self._reduced(np.asarray(self.reference_temperature))
        reduced = self._reduced(not_negative("temperature", temperature, "K"))
        return self.reference / reference * reduced

    def _reduced(self, temperature: FloatArray) -> FloatArray:
        t = np.minimum(temperature / self.curie_temperature, 1.0)
        return np.asarray((1 - t**self.inner) ** self.outer)


def _check_calibration(curie: float, reference: float, temperature: float) -> None:
    positive("curie_temperature", curie, "K")
    positive("reference", reference, "T")
    positive("reference_temperature", temperature, "K")
    if temperature >= curie:
        raise ValueError(
            f"reference_temperature must lie below the Curie temperature {curie} K, "
            f"got {temperature} K"
        )


def temperature_of(law: MagnetisationLaw, M_eff: ArrayLike) -> FloatArray:
    """Temperature [K] at which a law has a magnetisation [T], by bisection; inverse of the law.

    NaN for a negative magnetisation or one above that at no temperature.

    Raises
    ------
    ValueError
        If the magnetisation is not finite.
    """
    M = finite("M_eff", M_eff, "T")
    low, high = np.zeros_like(M), np.full_like(M, law.curie_temperature)
    for _ in range(60):
        middle = 0.5 * (low + high)
        warmer = law(middle) > M
        low, high = np.where(warmer, middle, low), np.where(warmer, high, middle)
    return np.where((M >= 0) & (law(0.0) >= M), 0.5 * (low + high), np.nan)
