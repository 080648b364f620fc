"""A measured resistivity as a smooth law of the temperature."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.interpolate import PchipInterpolator

from mitmodels.expressions import larger, smaller


@dataclass(frozen=True)
class TabulatedResistivity:
    r"""Monotone, once differentiable interpolation of measured points.

    Between two points the curve is the cubic of Fritsch and Carlson, which nowhere overshoots them.
    It is written as a sum over the intervals, so that floats, arrays and UFL share one formula:

    .. math::
        \rho(T) = \rho_0 + \sum_i s_i (a_i + s_i (b_i + s_i c_i)), \qquad
        s_i = \min\left(\max\left(\frac{T - T_i}{T_{i+1} - T_i}, 0\right), 1\right)

    It is constant beyond the first and the last point, so that an iteration may pass there; a
    *solution* there is refused (``ElectrothermalFilm.read``).

    Attributes
    ----------
    temperatures : tuple of float
        Increasing, at least two [K].
    resistivities : tuple of float
        Positive [ohm m].

    Raises
    ------
    ValueError
        If the points are no such table.

    References
    ----------
    F. N. Fritsch and R. E. Carlson, SIAM J. Numer. Anal. 17, 238 (1980).
    """

    temperatures: tuple[float, ...]
    resistivities: tuple[float, ...]

    def __post_init__(self) -> None:
        """Refuse what is no table."""
        T, rho = np.array(self.temperatures), np.array(self.resistivities)
        if len(T) != len(rho) or len(T) < 2:
            raise ValueError(
                f"needs as many resistivities as temperatures, two or more: "
                f"there are {len(rho)} and {len(T)}"
            )
        if not np.all(np.diff(T) > 0):
            at = int(np.argmin(np.diff(T) > 0))
            raise ValueError(f"the temperatures must increase: {T[at + 1]:g} K follows {T[at]:g} K")
        if not np.all(rho > 0):
            raise ValueError(f"the resistivities must be positive: there is {rho.min():g} ohm m")

    @property
    def range(self) -> tuple[float, float]:
        """First and last temperature [K]."""
        return self.temperatures[0], self.temperatures[-1]

    def __call__(self, T: Any) -> Any:
        """Resistivity [ohm m] at the temperature ``T`` [K]."""
        cubic = PchipInterpolator(self.temperatures, self.resistivities)
        rho: Any = self.resistivities[0]
        for begin, length, (c, b, a, _) in zip(
            self.temperatures, np.diff(self.temperatures), cubic.c.T, strict=False
        ):
            h = float(length)
            s = smaller(larger((T - begin) / h, 0.0), 1.0)
            rho += s * (float(a) * h + s * (float(b) * h**2 + s * (float(c) * h**3)))
        return rho
