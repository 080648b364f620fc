"""Laws of material properties: frozen records that evaluate on floats, arrays and UFL alike."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.interpolate import PchipInterpolator

from mitmodels.expressions import exp, larger, log, smaller


def _fraction_above(T: Any, temperature: float, width: float) -> Any:
    """Fraction of the phase above a transition."""
    return 1 / (1 + exp(-(T - temperature) / width))


@dataclass(frozen=True)
class SwitchingResistivity:
    r"""Resistivity of a film between two phases, one above the other in temperature.

    .. math::
        \rho(T) = (1 - f)(\rho_0 + \rho_2 T^2) + f \rho_h, \qquad
        f = \frac{1}{1 + e^{-(T - T_s)/w}}

    Attributes
    ----------
    cold : float
        Temperature-independent part below the transition [ohm m].
    cold_quadratic : float
        Coefficient of T^2 below the transition [ohm m/K2].
    hot : float
        Resistivity far above the transition [ohm m].
    temperature : float
        Centre of the transition [K].
    width : float
        Width of the transition [K].
    """

    cold: float
    cold_quadratic: float
    hot: float
    temperature: float
    width: float

    def __call__(self, T: Any) -> Any:
        """Resistivity [ohm m] at the temperature ``T`` [K]."""
        f = _fraction_above(T, self.temperature, self.width)
        return (1 - f) * (self.cold + self.cold_quadratic * T**2) + f * self.hot


@dataclass(frozen=True)
class LogarithmicSwitchingResistivity:
    r"""Resistivity between two phases that are orders of magnitude apart.

    .. math::
        \ln\rho(T) = (1 - f) \ln\rho_c + f \ln\rho_h, \qquad
        f = \frac{1}{1 + e^{-(T - T_s)/w}}

    Attributes
    ----------
    cold, hot : float
        Resistivity far below and far above the transition [ohm m].
    temperature, width : float
        Centre and width of the transition [K].
    """

    cold: float
    hot: float
    temperature: float
    width: float

    def __call__(self, T: Any) -> Any:
        """Resistivity [ohm m] at the temperature ``T`` [K]."""
        f = _fraction_above(T, self.temperature, self.width)
        return self.cold * exp(log(self.hot / self.cold) * f)


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
        If the points are not such a table.

    References
    ----------
    F. N. Fritsch and R. E. Carlson, SIAM J. Numer. Anal. 17, 238 (1980).
    """

    temperatures: tuple[float, ...]
    resistivities: tuple[float, ...]

    def __post_init__(self) -> None:
        """Refuse what is not a table."""
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
