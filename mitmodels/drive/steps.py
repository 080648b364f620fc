"""Steps of a protocol: ramps, holds, pulses, sines, tables, repetitions, and what ends them.

A step that may end early begins where the last one ended: see `mitmodels.drive.following`.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Annotated, ClassVar

from mitmodels.drive.observable import Level, Until
from mitmodels.drive.waveform import Waveform, through

# Numbers with the unit in which an input file gives them.
DriveValue = Annotated[float, "V or A"]
DriveRate = Annotated[float, "V/s or A/s"]
Duration = Annotated[float, "s"]

_DEEPEST = 4
_WHOLE = 1e-9  # how far from a whole number a number of periods may be


@dataclass(frozen=True)
class Ramp:
    """Straight line from the present value to another.

    Without rate and duration it is quasi-static: the device follows in steady states.

    Attributes
    ----------
    to : float
        Value of the source at the end of the ramp [V or A].
    rate : float or None
        Speed, whatever the direction [V/s or A/s]; with neither rate nor duration the ramp is
        quasi-static.
    duration : float or None
        Duration of the ramp, instead of its rate [s].
    until : tuple of Until
        Conditions of which the first to be met ends the step.
    read_at : tuple of Level
        Values of the drive or of an observed quantity at which the state is read.
    """

    listed: ClassVar = "drive"  # what read_at lists in an input file unless it is named

    to: DriveValue
    rate: DriveRate | None = None
    duration: Duration | None = None
    until: tuple[Until, ...] = ()
    read_at: tuple[Level, ...] = ()

    def __post_init__(self) -> None:
        """Refuse two speeds, and a speed that is none."""
        if self.rate is not None and self.duration is not None:
            raise ValueError("a ramp has a rate or a duration: leave one of them out")
        _require_positive("ramp", {"rate": self.rate, "duration": self.duration})

    def waveform(self, time: float, value: float) -> Waveform:
        """Drive from ``time`` [s] and ``value`` on; ValueError if the ramp is quasi-static."""
        if self.rate is not None:
            span = abs(self.to - value) / self.rate
            if time + span == time:  # there already, but for rounding
                return Waveform((time,), (self.to,))
        elif self.duration is not None:
            span = self.duration
        else:
            raise ValueError(f"the ramp to {self.to:g} takes no time: give it a rate or a duration")
        return through([(time, value), (time + span, self.to)])


@dataclass(frozen=True)
class Hold:
    """The present value for a time.

    Attributes
    ----------
    duration : float
        How long the present value is held [s].
    until : tuple of Until
        As of a ramp.
    read_at : tuple of Level
        Times since the beginning of the step, or values of observed quantities, at which the state
        is read.
    """

    listed: ClassVar = "time"

    duration: Duration
    until: tuple[Until, ...] = ()
    read_at: tuple[Level, ...] = ()

    def __post_init__(self) -> None:
        """Refuse times that are none."""
        _require_positive("hold", {"duration": self.duration})
        _require_within("hold", self.read_at, self.duration)

    def waveform(self, time: float, value: float) -> Waveform:
        """Drive from ``time`` [s] and ``value`` [V or A] on."""
        return through([(time, value), (time + self.duration, value)])


@dataclass(frozen=True)
class Pulse:
    """From the present value up or down to another and back.

    Attributes
    ----------
    value : float
        Value of the source on the plateau [V or A].
    width : float
        Duration of the plateau [s].
    rise : float
        Duration of the leading edge [s].
    fall : float or None
        Duration of the trailing edge [s], by default that of the leading one.
    period : float or None
        Duration of the whole step [s], by default until the end of the trailing edge.
    until : tuple of Until
        As of a ramp.
    read_at : tuple of Level
        Times since the beginning of the step, or values of observed quantities, at which the state
        is read.
    """

    listed: ClassVar = "time"

    value: DriveValue
    width: Duration
    rise: Duration
    fall: Duration | None = None
    period: Duration | None = None
    until: tuple[Until, ...] = ()
    read_at: tuple[Level, ...] = ()

    def __post_init__(self) -> None:
        """Refuse times that are none, and a period shorter than the pulse."""
        _require_positive("pulse", {"width": self.width, "rise": self.rise})
        _require_positive("pulse", {"fall": self.fall, "period": self.period})
        end = self._corners[-1]
        if self.period is not None and self.period < end:
            raise ValueError(f"a pulse of {end:g} s needs a longer period than {self.period:g} s")
        _require_within("pulse", self.read_at, max(end, self.period or 0.0))

    @property
    def _corners(self) -> tuple[float, float, float]:
        """Times since the beginning [s]: plateau reached, plateau left, back."""
        left = self.rise + self.width
        return self.rise, left, left + (self.rise if self.fall is None else self.fall)

    def waveform(self, time: float, value: float) -> Waveform:
        """Drive from ``time`` [s] and ``value`` [V or A] on."""
        top, left, back = self._corners
        corners = [(0.0, value), (top, self.value), (left, self.value), (back, value)]
        if self.period is not None:
            corners.append((self.period, value))
        return through([(time + since, corner) for since, corner in corners])


@dataclass(frozen=True)
class Sine:
    """Sine around the present value, of whole periods.

    Attributes
    ----------
    amplitude : float
        Largest distance from the present value, to which it goes first [V or A].
    period : float
        Duration of one period [s].
    duration : float
        Duration of all of them [s].
    until : tuple of Until
        As of a ramp.
    read_at : tuple of Level
        Times since the beginning of the step, or values of observed quantities, at which the state
        is read.
    """

    listed: ClassVar = "time"

    amplitude: DriveValue
    period: Duration
    duration: Duration
    until: tuple[Until, ...] = ()
    read_at: tuple[Level, ...] = ()

    def __post_init__(self) -> None:
        """Refuse times that are none, and a part of a period."""
        _require_positive("sine", {"period": self.period, "duration": self.duration})
        if abs(self.duration / self.period - self._periods) > _WHOLE or not self._periods:
            raise ValueError(
                f"a sine of {self.duration:g} s has no whole number of periods of "
                f"{self.period:g} s: give a multiple of the period"
            )
        _require_within("sine", self.read_at, self.duration)

    @property
    def _periods(self) -> int:
        return round(self.duration / self.period)

    def waveform(self, time: float, value: float) -> Waveform:
        """Drive from ``time`` [s] and ``value`` [V or A] on."""
        quarters = range(4 * self._periods + 1)
        values = (value, value + self.amplitude, value, value - self.amplitude)
        corners = [(time + n * self.period / 4, values[n % 4]) for n in quarters]
        return replace(through(corners), is_sine=True)


@dataclass(frozen=True)
class Table:
    """Straight lines through the points of a table, such as a recorded waveform.

    Attributes
    ----------
    times : tuple of float
        Times since the beginning of the step, which increase [s]; before the first one the source
        goes there from the present value.
    values : tuple of float
        Values of the source at those times [V or A].
    until : tuple of Until
        As of a ramp.
    read_at : tuple of Level
        Times since the beginning of the step, or values of observed quantities, at which the state
        is read.
    """

    listed: ClassVar = "time"

    times: tuple[Duration, ...]
    values: tuple[DriveValue, ...]
    until: tuple[Until, ...] = ()
    read_at: tuple[Level, ...] = ()

    def __post_init__(self) -> None:
        """Refuse times that do not increase, and a table without a line."""
        if len(self.times) != len(self.values):
            raise ValueError(f"a table has {len(self.times)} times and {len(self.values)} values")
        if not self.times or not self.times[-1] > 0:
            raise ValueError("a table needs a time after the beginning of its step")
        for before, after in pairwise((0.0, *self.times)):
            if after < before or (after == before and after > 0):
                raise ValueError(f"the times of a table must increase: {after:g} s does not")
        _require_within("table", self.read_at, self.times[-1])

    def waveform(self, time: float, value: float) -> Waveform:
        """Drive from ``time`` [s] and ``value`` [V or A] on."""
        if self.times[0] == 0 and self.values[0] != value:
            raise ValueError(
                f"a table begins at {self.values[0]:g} where the source is at {value:g}: give it a "
                "first time above 0, in which the source goes there"
            )
        points = zip(self.times, self.values, strict=True)
        return through([(time, value), *((time + since, drive) for since, drive in points)])


@dataclass(frozen=True)
class Repeat:
    """Steps that are done several times.

    Attributes
    ----------
    times : int
        How often.
    steps : tuple of steps
        What is repeated; repetitions may be inside.
    """

    times: int
    steps: "tuple[Step, ...]"

    def __post_init__(self) -> None:
        """Refuse to repeat nothing, and nests that nobody can read."""
        if self.times < 1 or not self.steps:
            raise ValueError(f"repeat needs steps and times of at least 1, not {self.times}")
        if self.depth > _DEEPEST:
            raise ValueError(f"repeat can be nested {_DEEPEST} deep: write fewer levels")

    @property
    def depth(self) -> int:
        """Levels of repetition, this one included."""
        return 1 + max(step.depth if isinstance(step, Repeat) else 0 for step in self.steps)


type SingleStep = Ramp | Hold | Pulse | Sine | Table
type Step = SingleStep | Repeat


def _require_positive(step: str, values: Mapping[str, float | None]) -> None:
    for name, value in values.items():
        if value is not None and not 0 < value < math.inf:
            raise ValueError(f"the {name} of a {step} must be positive, not {value:g}")


def _require_within(step: str, levels: tuple[Level, ...], duration: float) -> None:
    for level in levels:
        if level.quantity == "time" and not 0 <= level.value <= duration:
            raise ValueError(f"a {step} of {duration:g} s cannot be read after {level.value:g} s")
