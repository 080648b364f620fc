"""Circuit between source and device: load, inductance, compliance, and capacitance across it."""

import math
from dataclasses import dataclass

import numpy as np

from mitmodels.checks import not_negative, positive


@dataclass(frozen=True)
class Compliance:
    r"""Series element that limits the current (Eq 7 with its sign mended).

    .. math::
        I = I_c \left(1 - e^{-V_R/V_0}\right) \ (V_R \ge 0), \qquad
        I = I_c V_R/V_0 \ (V_R < 0)

    Buttberg et al., Adv. Mater. Technol. (2025) 202500837; as printed, the current is negative.

    Attributes
    ----------
    limit : float
        I_c [A].
    voltage_scale : float
        V_0 [V].
    """

    limit: float
    voltage_scale: float

    def __post_init__(self) -> None:
        """Refuse values without a meaning."""
        positive("current compliance", self.limit, "A")
        positive("voltage_scale", self.voltage_scale, "V")

    def current(self, voltage: float) -> float:
        """Return the current [A] at the voltage across the element [V]."""
        x = voltage / self.voltage_scale
        return float(self.limit * (-np.expm1(-x) if x > 0 else x))

    def conductance(self, voltage: float) -> float:
        """Return the derivative of the current by the voltage across the element [S]."""
        x = max(voltage / self.voltage_scale, 0.0)
        return float(self.limit / self.voltage_scale * np.exp(-x))

    def drop(self, conductance: float, source: float) -> float:
        """Return the voltage across the element [V] between a source [V] and a conductance [S].

        The unknown is the drop, not the current: close to the limit 1 - I/I_c underflows.
        """
        not_negative("conductance", conductance, "S")
        if source <= 0:
            return conductance * source / (conductance + self.limit / self.voltage_scale)

        def excess(drop: float) -> float:
            return self.current(drop) - conductance * (source - drop)

        from scipy.optimize import brentq  # only here: it takes longer than the rest

        return float(brentq(excess, 0.0, source, xtol=1e-16 * source, rtol=4e-15))


@dataclass(frozen=True)
class SeriesCircuit:
    r"""Load, inductance and limit of the current in series with a device, capacitance across it.

    With source (s) and device (d), V_l across the limiter of the current:

    .. math::
        V_s = R I_s + L \dot I_s + V_l(I_s) + V_d, \qquad I_s = I_d + C \dot V_d

    A source of current imposes I_s, which leaves the second equation. The limit is one of I_s: the
    capacitance is a parasitic one behind the compliance, through which the current of the device
    overshoots. In steady state the inductance is a short and the capacitance is open.

    Attributes
    ----------
    load : float
        Resistance R [ohm].
    limit : float
        Compliance [A], infinite for none.
    softness : float
        Voltage scale of the compliance [V], 0 for a sharp limit of the forward current.
    inductance : float
        L [H].
    capacitance : float
        C [F].
    """

    load: float = 0.0
    limit: float = math.inf
    softness: float = 0.0
    inductance: float = 0.0
    capacitance: float = 0.0

    def __post_init__(self) -> None:
        """Refuse values without a meaning."""
        not_negative("load", self.load, "ohm")
        not_negative("compliance_softness", self.softness, "V")
        not_negative("inductance", self.inductance, "H")
        not_negative("capacitance", self.capacitance, "F")

    @property
    def stores(self) -> bool:
        """Whether the circuit holds energy, so that it has a state of its own."""
        return self.inductance > 0 or self.capacitance > 0

    def drop(self, conductance: float, source: float) -> float:
        """Return the steady voltage across it [V] between a source [V] and a conductance [S]."""
        behind = conductance / (1 + self.load * conductance)
        limited = self._limited(behind, source)
        return limited + self.load * behind * (source - limited)

    def _limited(self, conductance: float, source: float) -> float:
        """Voltage across the limiter [V]."""
        if self.softness > 0 and math.isfinite(self.limit):
            return Compliance(self.limit, self.softness).drop(conductance, source)
        return max(source - self.limit / conductance, 0.0) if conductance > 0 else 0.0
