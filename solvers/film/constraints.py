"""Scalar equations that close a film: of its circuit, a temperature, an arclength."""

from dataclasses import dataclass
from typing import Self

from mitmodels.circuit import Compliance
from mitmodels.solvers.film.interfaces import Array, Layout, Linearised


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

    def __add__(self, other: Self) -> Self:
        """Return the sum of two drives."""
        return type(self)(self.by_voltage + other.by_voltage, self.by_current + other.by_current)


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
    """The drive at its target, or less of it where the current of the source would exceed a limit.

    Both are distances over what they are measured in.
    """

    unlimited: Linear
    limited: Linear

    def __call__(self, temperature: Array, voltage: float, current: float, /) -> Linearised:
        """The one with the larger excess, which is zero; the other one is negative."""
        both = (each(temperature, voltage, current) for each in (self.unlimited, self.limited))
        return max(both, key=lambda each: each.value)


@dataclass(frozen=True)
class SoftlyLimited:
    """The drive at its target but for what a limiter takes, whose current is the source's.

    Attributes
    ----------
    drive, target
        Voltage of the source [V].
    current, offset
        That of the source, lambda - offset [A].
    limiter : Compliance
    """

    drive: Drive
    target: float
    current: Drive
    offset: float
    limiter: Compliance

    def __call__(self, _temperature: Array, voltage: float, current: float, /) -> Linearised:
        """Current less that of the limiter, over the limit."""
        across, limit = self.target - self.drive(voltage, current), self.limiter.limit
        slope, passed = self.limiter.conductance(across), self.limiter.current(across)
        return Linearised(
            (self.current(voltage, current) - self.offset - passed) / limit,
            None,
            (self.current.by_voltage + slope * self.drive.by_voltage) / limit,
            (self.current.by_current + slope * self.drive.by_current) / limit,
        )
