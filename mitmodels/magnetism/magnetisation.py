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
        positive("curie_temperature", self.curie_temperature, "K")
        positive("reference", self.reference, "T")
        positive("reference_temperature", self.reference_temperature, "K")
        if self.reference_temperature >= self.curie_temperature:
            raise ValueError(
                "reference_temperature must lie below the Curie temperature "
                f"{self.curie_temperature} K, got {self.reference_temperature} K"
            )

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
