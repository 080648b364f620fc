"""Scalar equations that close a film: of its circuit, a temperature, an arclength."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mitmodels.circuit import Compliance
from mitmodels.solvers.film.layout import Layout

Array = npt.NDArray[np.float64]
_REACHED = 0.95  # of a limit that is not sharp, from which on it counts as reached


@dataclass(frozen=True)
class Drive:
    """What the source controls: lambda = ``voltage`` * V_film + ``current`` * I.

    A voltage source behind a resistance R is (1, R); a current source is (0, 1).
    """

    voltage: float
    current: float

    def __call__(self, V: float, current: float) -> float:
        """Value of the drive [V or A]."""
        return self.voltage * V + self.current * current


@dataclass(frozen=True)
class Metric:
    """Inner product of the branch: nodal weights over T_*^2 and 1 / lambda_*^2."""

    layout: Layout
    weights: Array
    drive: Drive
    scale: float

    def product(self, dT: Array, d_drive: float, other_dT: Array, other_drive: float) -> float:
        """Inner product of two directions (dT, d lambda)."""
        row, by_drive = self.row(dT, d_drive)
        return self.layout.dot(row, other_dT) + by_drive * other_drive

    def row(self, T: Array, d_drive: float) -> tuple[Array, float]:
        """Coefficients of the linear form of a direction."""
        return self.weights * T, d_drive / self.scale**2


@dataclass(frozen=True)
class DriveAt:
    """The condition lambda = target."""

    drive: Drive
    target: float
    scale: float

    def value(self, _temperature: Array, voltage: float, current: float, /) -> float:
        """Distance from the target."""
        return (self.drive(voltage, current) - self.target) / self.scale

    def gradient(
        self, _temperature: Array, _voltage: float, _current: float, /
    ) -> tuple[None, float, float]:
        """Constant derivatives of lambda."""
        return None, self.drive.voltage / self.scale, self.drive.current / self.scale


@dataclass(frozen=True)
class Limited:
    """The drive at its target, or less of it where the current would exceed a limit [A]."""

    unlimited: DriveAt
    limit: float

    def value(self, temperature: Array, voltage: float, current: float) -> float:
        """The larger of both excesses: one of them is zero and the other one negative."""
        drive = self.unlimited.value(temperature, voltage, current)
        return max(drive, current / self.limit - 1)

    def gradient(
        self, temperature: Array, voltage: float, current: float
    ) -> tuple[None, float, float]:
        """Derivatives of the one in force."""
        if self.excess(voltage, current) > 0:
            return None, 0.0, 1 / self.limit
        return self.unlimited.gradient(temperature, voltage, current)

    def excess(self, voltage: float, current: float) -> float:
        """Positive where the current is limited, negative where it is not."""
        drive = self.unlimited
        missing = (drive.target - drive.drive(voltage, current)) / drive.scale
        return current / self.limit - 1 + missing


@dataclass(frozen=True)
class SoftlyLimited:
    """The drive at its target but for what a limiter takes, whose current is the film's."""

    drive: Drive
    target: float
    limiter: Compliance

    def value(self, _temperature: Array, voltage: float, current: float, /) -> float:
        """Current less that of the limiter, over the limit."""
        through = self.limiter.current(self._across(voltage, current))
        return (current - through) / self.limiter.limit

    def gradient(
        self, _temperature: Array, voltage: float, current: float, /
    ) -> tuple[None, float, float]:
        """Derivatives by the voltage of the film and its current."""
        slope = self.limiter.conductance(self._across(voltage, current)) / self.limiter.limit
        return None, slope * self.drive.voltage, 1 / self.limiter.limit + slope * self.drive.current

    def excess(self, _voltage: float, current: float) -> float:
        """Positive from 95 % of the limit on."""
        return current / (_REACHED * self.limiter.limit) - 1

    def _across(self, voltage: float, current: float) -> float:
        return self.target - self.drive(voltage, current)


@dataclass(frozen=True)
class TemperatureAt:
    """The condition T = target at one node; ``pick`` is 1 there and 0 elsewhere."""

    layout: Layout
    pick: Array
    target: float

    def value(self, temperature: Array, _voltage: float, _current: float, /) -> float:
        """Relative distance from the target."""
        return self.layout.dot(self.pick, temperature) / self.target - 1

    def gradient(
        self, _temperature: Array, _voltage: float, _current: float, /
    ) -> tuple[Array, float, float]:
        """Picks the node."""
        return self.pick / self.target, 0.0, 0.0


@dataclass(frozen=True)
class Arclength:
    """The condition <tangent, x - origin> = length."""

    metric: Metric
    origin: Array
    origin_drive: float
    tangent: Array
    d_drive: float
    length: float

    def value(self, temperature: Array, voltage: float, current: float) -> float:
        """Length along the tangent less the length asked for."""
        change = self.metric.drive(voltage, current) - self.origin_drive
        dT = temperature - self.origin
        return self.metric.product(self.tangent, self.d_drive, dT, change) - self.length

    def gradient(
        self, _temperature: Array, _voltage: float, _current: float, /
    ) -> tuple[Array, float, float]:
        """The tangent's linear form."""
        row, by_drive = self.metric.row(self.tangent, self.d_drive)
        drive = self.metric.drive
        return row, by_drive * drive.voltage, by_drive * drive.current
