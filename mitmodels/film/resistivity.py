"""Laws of material properties: frozen records that evaluate on floats, arrays and UFL alike."""

from dataclasses import dataclass
from typing import Any

from mitmodels.expressions import exp, log


def _fraction_above(T: Any, temperature: float, width: float) -> Any:
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
