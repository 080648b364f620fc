"""Resistance against temperature of the elements of the LSMO resistor network.

Source: Salev et al., Nat. Commun. 12, 5499 (2021), Supporting Information 6, read as argued in
`docs/theory/network.md`. Resistances are in the arbitrary unit of the paper.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit

from mitmodels.checks import FloatArray, positive


@dataclass(frozen=True)
class ArmResistance:
    r"""Resistance of one arm of a cell against temperature (Eqs 6.1-6.2).

    .. math::

        R(T) = \frac{R_0}{m} e^{a \min(T, T_{cap})}
            \left[1 + \frac{m - 1}{1 + e^{-\lambda (T^2 - T_c^2)}}\right]

    The paper prints :math:`\lambda (T - T_c)`, which has no transition.

    Parameters
    ----------
    R_0 : scale of the resistance
    m : ratio of the insulating to the metallic branch
    slope : a, logarithmic temperature coefficient of both branches [1/K]
    T_cap : temperature above which the branches stay constant [K]
    steepness : lambda [1/K^2]
    T_c : transition temperature [K]

    Raises
    ------
    ValueError
        If a parameter is not positive and finite.
    """

    R_0: float = 18.5
    m: float = 3.0
    slope: float = 0.012
    T_cap: float = 400.0
    steepness: float = 1.2e-4
    T_c: float = 340.0

    def __post_init__(self) -> None:
        units = {"R_0": "", "m": "", "slope": "1/K", "T_cap": "K", "steepness": "1/K^2", "T_c": "K"}
        for name, unit in units.items():
            positive(name, getattr(self, name), unit)

    def __call__(self, T: ArrayLike) -> FloatArray:
        """Return R at the temperature T [K]."""
        return self._branch(T) * (1 + (self.m - 1) * self._insulating(T))

    def derivative(self, T: ArrayLike) -> FloatArray:
        """Return dR/dT at the temperature T [K]; at T_cap, where it jumps, from the right."""
        f = self._insulating(T)
        growth = 2 * self.steepness * np.asarray(T) * f * (1 - f)
        slope = np.where(np.less(T, self.T_cap), self.slope, 0.0)
        return slope * self(T) + self._branch(T) * (self.m - 1) * growth

    def _branch(self, T: ArrayLike) -> FloatArray:
        return np.asarray(self.R_0 / self.m * np.exp(self.slope * np.minimum(T, self.T_cap)))

    def _insulating(self, T: ArrayLike) -> FloatArray:
        return np.asarray(expit(self.steepness * (np.square(T) - self.T_c**2)))
