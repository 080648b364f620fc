"""Source of a film in time, and the constraint that it is over an implicit step of its circuit."""

import math
from dataclasses import dataclass

from mitmodels.circuit import CircuitState, Compliance, ImplicitStep, SeriesCircuit
from mitmodels.solvers.film.constraints import Drive, Limited, SoftlyLimited, drive_at
from mitmodels.solvers.film.interfaces import Constraint

_REACHED = 0.95  # of a limit that is not sharp, from which on it counts as reached


@dataclass(frozen=True)
class Source:
    """A source at a time point.

    Attributes
    ----------
    drives_voltage : bool
        Whether its voltage is imposed rather than its current.
    value : float
        What is imposed [V or A].
    circuit : SeriesCircuit
        Between source and device.
    contacts : float
        Resistance between film and device [ohm].
    scales : tuple of float
        Typical voltage [V] and current [A] of the film.
    """

    drives_voltage: bool
    value: float
    circuit: SeriesCircuit
    contacts: float
    scales: tuple[float, float]

    def __call__(self, step: ImplicitStep) -> Constraint:
        """Return the constraint over an implicit step, linear but for a limit of the current."""
        over, (volts, amperes) = self.circuit.over(step), self.scales
        device = Drive.voltage_source(self.contacts)
        current = over.conductance * device + Drive.current_source()
        if not self.drives_voltage:
            scale = amperes + over.conductance * volts
            return drive_at(current, self.value + over.injected, scale)
        voltage = device + over.impedance * current
        target, limit = self.value + over.emf + over.impedance * over.injected, self.circuit.limit
        if self.is_limited and self.circuit.softness:
            limiter = Compliance(limit, self.circuit.softness)
            return SoftlyLimited(voltage, target, current, over.injected, limiter)
        unlimited = drive_at(voltage, target, volts * (1 + over.impedance * over.conductance))
        if not self.is_limited:
            return unlimited
        return Limited(unlimited, drive_at(current, limit + over.injected, limit))

    def after(self, voltage: float, current: float, step: ImplicitStep) -> CircuitState:
        """Return the circuit for voltage [V] and current [A] of the device behind a step."""
        free = self.value if self.drives_voltage and not self.is_limited else None
        return self.circuit.after(voltage, current, step, free)

    @property
    def is_limited(self) -> bool:
        """Whether the current has a limit."""
        return math.isfinite(self.circuit.limit)

    def excess(self, at: CircuitState) -> float:
        """Positive where the current is limited, of a soft limit from 95 % on, else negative."""
        if self.circuit.softness:
            return at.current / (_REACHED * self.circuit.limit) - 1
        return at.current / self.circuit.limit - 1 + (self.value - at.source) / self.scales[0]
