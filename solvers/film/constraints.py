"""Scalar equations that close a film: of its circuit, a temperature, an arclength."""

from dataclasses import dataclass
from typing import Self

from mitmodels.circuit import Compliance
from mitmodels.solvers.film.interfaces import Array, Layout, Linearised

_REACHED = 0.95  # of a limit that is not sharp, from which on it counts as reached


@dataclass(frozen=True)
class Drive:
    """What the source controls: lambda = ``by_voltage`` * V_film + ``by_current`` * I."""

    by_voltage: float
    by_current: float

    @classmethod
    def voltage_source(cls, resistance: float = 0.0) -> Self:
        """Voltage of a source behind a series resistance [ohm]."""
        return cls(1.0, resistance)

    @classmethod
    def current_source(cls) -> Self:
        """Current of a source."""
        return cls(0.0, 1.0)

    def __call__(self, V: float, current: float) -> float:
        """Value of the drive [V or A]."""
        return self.by_voltage * V + self.by_current * current

    def __rmul__(self, factor: float) -> Self:
        """Return a multiple of the drive."""
        return type(self)(factor * self.by_voltage, factor * self.by_current)


@dataclass(frozen=True)
class Linear:
    """The constraint lambda + <row, T> = target; without a row the temperature is free."""

    drive: Drive
    target: float
    layout: Layout | None = None
    row: Array | None = None

    def __call__(self, temperature: Array, voltage: float, current: float, /) -> Linearised:
        """Distance from the target; its derivatives are constant."""
        distance = self.drive(voltage, current) - self.target
        if self.layout and self.row is not None:
            distance += self.layout.dot(self.row, temperature)
        return Linearised(distance, self.row, self.drive.by_voltage, self.drive.by_current)


def drive_at(drive: Drive, target: float, scale: float) -> Linear:
    """Return the constraint lambda = target, in units of a scale."""
    return Linear(1 / scale * drive, target / scale)


def temperature_at(layout: Layout, pick: Array, target: float) -> Linear:
    """Return the constraint T = target [K] at the node where ``pick`` is 1, not 0."""
    return Linear(Drive(0.0, 0.0), 1.0, layout, pick / target)


@dataclass(frozen=True)
class Limited:
    """The drive at its target, or less of it where the current would exceed a limit [A]."""

    unlimited: Linear
    limit: float

    def __call__(self, temperature: Array, voltage: float, current: float, /) -> Linearised:
        """The one with the larger excess, which is zero; the other one is negative."""
        limited = Linearised(current / self.limit - 1, None, 0.0, 1 / self.limit)
        return max(
            self.unlimited(temperature, voltage, current), limited, key=lambda each: each.value
        )

    def excess(self, voltage: float, current: float) -> float:
        """Positive where the current is limited, negative where it is not."""
        missing = self.unlimited.target - self.unlimited.drive(voltage, current)
        return current / self.limit - 1 + missing


@dataclass(frozen=True)
class SoftlyLimited:
    """The drive at its target but for what a limiter takes, whose current is the film's."""

    drive: Drive
    target: float
    limiter: Compliance

    def __call__(self, _temperature: Array, voltage: float, current: float, /) -> Linearised:
        """Current less that of the limiter, over the limit."""
        across, limit = self.target - self.drive(voltage, current), self.limiter.limit
        slope = self.limiter.conductance(across) / limit
        return Linearised(
            (current - self.limiter.current(across)) / limit,
            None,
            slope * self.drive.by_voltage,
            1 / limit + slope * self.drive.by_current,
        )

    def excess(self, _voltage: float, current: float) -> float:
        """Positive from 95 % of the limit on."""
        return current / (_REACHED * self.limiter.limit) - 1
