"""Circuit between source and device: what is in series, compliance, and capacitance across it."""

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
class CircuitState:
    """State of a circuit in time.

    Attributes
    ----------
    voltage, current : float
        Across the capacitance, which is that of the device [V], and through the inductance, which
        is that of the source [A].
    voltage_rate, current_rate : float
        Their derivatives [V/s, A/s].
    source : float
        Voltage of the source, without what a limiter takes of it [V].
    charge, passed : float
        What the source has given since the beginning, which a capacitance in series holds, and what
        of it has passed the device [C].
    work, heat : float
        What the source has given since the beginning, and what of it the load has taken [J].
    """

    voltage: float
    current: float
    voltage_rate: float = 0.0
    current_rate: float = 0.0
    source: float = 0.0
    charge: float = 0.0
    passed: float = 0.0
    work: float = 0.0
    heat: float = 0.0


@dataclass(frozen=True)
class ImplicitStep:
    """A stage y = known + duration y' of an implicit step, at rest of infinite duration [s].

    Attributes
    ----------
    voltage, current : float
        Known part of those of `CircuitState` [V, A].
    duration : float
        [s].
    charge : float
        As voltage and current [C].
    """

    voltage: float = 0.0
    current: float = 0.0
    duration: float = math.inf
    charge: float = 0.0


@dataclass(frozen=True)
class Companion:
    """A circuit over an implicit step: resistances and sources, linear in voltage and current.

    Attributes
    ----------
    conductance, injected : float
        Of the capacitance, C/h [S], and the current that its known voltage feeds [A].
    impedance, emf : float
        Of what is in series, R + L/h + h/C_s [ohm], and the voltage that its known current and
        charge give [V].
    """

    conductance: float
    injected: float
    impedance: float
    emf: float

    def source_current(self, voltage: float, current: float) -> float:
        """Return the current of the source [A] for voltage [V] and current [A] of the device."""
        return current + self.conductance * voltage - self.injected

    def source_voltage(self, voltage: float, source_current: float) -> float:
        """Return that of the source [V] for the device's [V] and the current of the source [A]."""
        return voltage + self.impedance * source_current - self.emf


@dataclass(frozen=True)
class SeriesCircuit:
    r"""Load, inductance, capacitance and limit in series with a device, capacitance across it.

    With source (s) and device (d), V_l across the limiter of the current:

    .. math::
        V_s = R I_s + L \dot I_s + \frac{1}{C_s}\int I_s\,dt + V_l(I_s) + V_d, \qquad
        I_s = I_d + C \dot V_d

    A source of current imposes I_s, which leaves the second equation. The limit is one of I_s: the
    capacitance is a parasitic one behind the compliance, through which the current of the device
    overshoots. In steady state the inductance is a short and the capacitance is open.
    That in series lets no steady current through: it begins uncharged under a source at zero.

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
    series_capacitance : float
        C_s [F], infinite for none.
    """

    load: float = 0.0
    limit: float = math.inf
    softness: float = 0.0
    inductance: float = 0.0
    capacitance: float = 0.0
    series_capacitance: float = math.inf

    def __post_init__(self) -> None:
        """Refuse values without a meaning."""
        not_negative("load", self.load, "ohm")
        not_negative("compliance_softness", self.softness, "V")
        not_negative("inductance", self.inductance, "H")
        not_negative("capacitance", self.capacitance, "F")
        if self.is_blocked:
            positive("series_capacitance", self.series_capacitance, "F")

    def over(self, step: "ImplicitStep") -> "Companion":
        """Return its companion model over an implicit step."""
        g, z = self.capacitance / step.duration, self.inductance / step.duration
        held = step.duration / self.series_capacitance if math.isfinite(step.duration) else 0.0
        emf = z * step.current - step.charge / self.series_capacitance
        return Companion(g, g * step.voltage, self.load + z + held, emf)

    @property
    def stores(self) -> bool:
        """Whether the circuit holds energy, so that it has a state of its own."""
        return self.inductance > 0 or self.capacitance > 0 or self.is_blocked

    @property
    def is_blocked(self) -> bool:
        """Whether a capacitance in series lets no steady current through."""
        return math.isfinite(self.series_capacitance)

    def energy(self, state: CircuitState) -> float:
        """Return the energy in capacitances and inductance [J]."""
        magnetic, held = self.inductance * state.current**2, state.charge**2
        return (self.capacitance * state.voltage**2 + magnetic + held / self.series_capacitance) / 2

    def drop(self, conductance: float, source: float, step: ImplicitStep = ImplicitStep()) -> float:
        """Return the voltage across it [V] between a source [V] and a conductance [S].

        It is steady, or that at the end of an implicit step.
        """
        over = self.over(step)
        total = conductance + over.conductance
        ratio, behind = 1 + over.impedance * total, total / (1 + over.impedance * total)
        known = over.emf + over.impedance * over.injected
        opened = source + known - (over.injected / behind if over.injected else 0.0)
        across = self._limited(behind, opened)
        return (source * over.impedance * total + across - known) / ratio

    def after(
        self, voltage: float, current: float, step: ImplicitStep, source: float | None = None
    ) -> CircuitState:
        """Return its state for voltage [V] and current [A] of the device behind a step.

        ``source`` is the voltage of a source without a limit [V], from which the current of an
        inductance follows with fewer errors of rounding.
        """
        over = self.over(step)
        given = over.source_current(voltage, current)
        if source is not None and self.inductance and math.isfinite(step.duration):
            given = (source + over.emf - voltage) / over.impedance
        return CircuitState(
            voltage,
            given,
            (voltage - step.voltage) / step.duration,
            (given - step.current) / step.duration,
            over.source_voltage(voltage, given),
            step.charge + (step.duration * given if math.isfinite(step.duration) else 0.0),
        )

    def _limited(self, conductance: float, source: float) -> float:
        """Voltage across the limiter [V]."""
        if self.softness > 0 and math.isfinite(self.limit):
            return Compliance(self.limit, self.softness).drop(conductance, source)
        return max(source - self.limit / conductance, 0.0) if conductance > 0 else 0.0
