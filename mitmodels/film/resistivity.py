"""Laws of material properties: frozen records that evaluate on floats, arrays and UFL alike."""

from dataclasses import dataclass
from typing import Any

import numpy as np

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


@dataclass(frozen=True)
class HystereticResistivity:
    r"""Resistivity between two phases that heating and cooling join at different temperatures.

    The film consists of small domains, each of which turns at its own temperature, on cooling by
    :math:`T_\uparrow - T_\downarrow` lower than on heating: relays of one width (Preisach). All
    that they remember is the temperature :math:`\theta` that they follow with backlash,

    .. math::
        \theta = \min(\max(\theta_0, T - h), T + h), \qquad
        h = \frac{T_\uparrow - T_\downarrow}{2} ,

    from the one before, :math:`\theta_0`, on a way to T without return, and

    .. math::
        f = \frac{1}{1 + e^{-(\theta - T_s)/w}}, \qquad
        T_s = \frac{T_\uparrow + T_\downarrow}{2}, \qquad
        \ln\rho = (1 - f) \ln\rho_c + f \ln\rho_h, \qquad
        \rho_c = \rho_\uparrow e^{A (1/T - 1/T_\uparrow)} .

    Heated or cooled all the way, f is the logistic function around :math:`T_\uparrow` or
    :math:`T_\downarrow`; between them it stays until T has come back by :math:`2h`.

    Attributes
    ----------
    cold : float
        Resistivity of the cold phase at the temperature ``up`` [ohm m].
    hot : float
        Resistivity of the hot phase [ohm m].
    up, down : float
        Centre of the transition on heating and on cooling [K].
    width : float
        Width of both transitions [K].
    activation : float
        A, the activation energy of the cold phase over the constant of Boltzmann [K].

    References
    ----------
    F. Preisach, Z. Phys. 94, 277 (1935); M. A. Krasnosel'skii and A. V. Pokrovskii, Systems with
    Hysteresis, section 2 (1989).
    """

    cold: float
    hot: float
    up: float
    down: float
    width: float
    activation: float = 0.0

    def followed(self, T: Any, before: Any) -> Any:
        """Temperature [K] that the phases follow at ``T`` [K], from the one that they followed."""
        backlash = (self.up - self.down) / 2
        return np.clip(before, T - backlash, T + backlash)

    def moves(self, T: Any, before: Any) -> Any:
        """Whether that temperature goes on with ``T``: 1 outside of the backlash, 0 within."""
        return np.where(np.abs(T - before) >= (self.up - self.down) / 2, 1.0, 0.0)

    def __call__(self, T: Any, followed: Any = None) -> Any:
        """Resistivity [ohm m] at ``T`` [K] of phases that follow another, None if only heated."""
        if followed is None:
            followed = T - (self.up - self.down) / 2
        f = _fraction_above(followed, (self.up + self.down) / 2, self.width)
        cold = self.cold * exp(self.activation * (1 / T - 1 / self.up))
        return cold * exp(log(self.hot / cold) * f)
