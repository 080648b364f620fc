"""Drive of an experiment as data: ramps, holds, pulses, repetitions, and what ends a step.

A protocol is one source, of voltage or of current, that changes along straight lines without jumps.
It knows no circuit: a load resistor or a compliance stands between source and device.

A step that may end early begins where the last one ended: see `mitmodels.drive.following`.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, ClassVar, Literal

from mitmodels.drive.observable import Level, Until
from mitmodels.drive.waveform import Waveform, through

Drive = Literal["voltage", "current"]
# Numbers with the unit in which an input file gives them.
DriveValue = Annotated[float, "V or A"]
DriveRate = Annotated[float, "V/s or A/s"]
Duration = Annotated[float, "s"]

_DEEPEST = 4


@dataclass(frozen=True)
class Ramp:
    """Straight line from the present value to another.

    Without rate and duration it is quasi-static: the device follows in steady states.

    Attributes
    ----------
    to : float
        Value at the end [V or A].
    rate : float or None
        Speed, whatever the direction [V/s or A/s].
    duration : float or None
        Instead of the rate [s].
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
        How long [s].
    until, read_at
        As of a ramp.
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
        Of the plateau [V or A].
    width : float
        Duration of the plateau [s].
    rise : float
        Duration of the leading edge [s].
    fall : float or None
        Duration of the trailing edge [s]; as ``rise`` if None.
    period : float or None
        Duration of the whole step [s]; it ends with the fall if None.
    until, read_at
        As of a ramp.
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


type SingleStep = Ramp | Hold | Pulse
type Step = SingleStep | Repeat


@dataclass(frozen=True)
class Protocol:
    """Steps of one source.

    Attributes
    ----------
    drive : {"voltage", "current"}
        What the source imposes.
    steps : tuple of steps
        At least one.
    start : float
        Value before the first step [V or A].
    """

    drive: Drive
    steps: tuple[Step, ...]
    start: float = 0.0

    def __post_init__(self) -> None:
        """Refuse an empty protocol and read-outs that no ramp passes."""
        if not self.steps:
            raise ValueError("a protocol needs at least one step")
        for step, turns in self._turns(most=2):
            for level in step.read_at:
                if level.quantity == "drive" and not min(turns) <= level.value <= max(turns):
                    name, unit = type(step).__name__.lower(), self.unit
                    raise ValueError(
                        f"the {name} from {turns[0]:g} to {turns[-1]:g} {unit} never passes its "
                        f"read_at {level.value:g} {unit}: remove that value, or go further"
                    )

    @property
    def unit(self) -> str:
        """Unit of the drive."""
        return "V" if self.drive == "voltage" else "A"

    @property
    def quasi_static(self) -> bool:
        """Whether a ramp takes no time: such a protocol has steady states only."""
        ramps = [step for step in self.unrolled(most=1) if isinstance(step, Ramp)]
        return any(ramp.rate is None and ramp.duration is None for ramp in ramps)

    @property
    def observed(self) -> set[str]:
        """Names of the quantities that steps end at or are read at."""
        steps = tuple(self.unrolled(most=1))
        ends = {until.quantity for step in steps for until in step.until}
        return ends | {level.quantity for step in steps for level in step.read_at}

    @property
    def reads(self) -> bool:
        """Whether states are read in some step."""
        return any(step.read_at for step in self.unrolled(most=1))

    @property
    def extremes(self) -> tuple[float, float]:
        """Lowest and highest value of the drive [V or A] if no condition ends a step."""
        values = [value for _, turns in self._turns(most=2) for value in turns]
        return min(values), max(values)

    @property
    def duration(self) -> float:
        """Time of all steps [s] if no condition ends one; ValueError if it is quasi-static."""
        return self.total(lambda drive: drive.stop)

    def total(self, of: Callable[[Waveform], float]) -> float:
        """Sum over all steps of what ``of`` says of their drives, which begin at 0 s."""
        return _total(self.steps, self.start, of)[0]

    @property
    def shortest(self) -> float:
        """Time of the shortest straight line [s] if no condition ends a step."""
        drives = self.waveforms(most=2)
        lines = (end - begin for drive in drives for begin, end in pairwise(drive.times))
        return min(lines, default=math.inf)

    def unrolled(self, most: float = math.inf) -> Iterator[SingleStep]:
        """Yield the steps, repetitions written out ``most`` times."""
        return _unrolled(self.steps, most)

    def waveforms(self, most: float = math.inf) -> Iterator[Waveform]:
        """Yield the drive of each step if no condition ends one; not of a quasi-static protocol."""
        time, value = 0.0, self.start
        for step in self.unrolled(most):
            drive = step.waveform(time, value)
            yield drive
            time, value = drive.stop, drive.values[-1]

    def sweeps(self, most: float = math.inf) -> Iterator[tuple[float, float]]:
        """Yield the monotone sweeps as (first value, last value) [V or A], holds left out."""
        first = last = self.start
        for value in (value for _, turns in self._turns(most) for value in turns):
            if (value - last) * (last - first) < 0:
                yield first, last
                first = last
            last = value
        if last != first:
            yield first, last

    def _turns(self, most: float = math.inf) -> Iterator[tuple[SingleStep, tuple[float, ...]]]:
        """Yield each step with the values between which it is monotone."""
        value = self.start
        for step in self.unrolled(most):
            if isinstance(step, Ramp):
                turns: tuple[float, ...] = (value, step.to)
            else:
                turns = step.waveform(0.0, value).values
            yield step, turns
            value = turns[-1]


def _unrolled(steps: tuple[Step, ...], most: float = math.inf) -> Iterator[SingleStep]:
    """Yield single steps; two passes through a repetition (``most``) show all that it can do."""
    for step in steps:
        if not isinstance(step, Repeat):
            yield step
            continue
        for _ in range(int(min(step.times, most))):
            yield from _unrolled(step.steps, most)


def _total(
    steps: tuple[Step, ...], value: float, of: Callable[[Waveform], float]
) -> tuple[float, float]:
    """Sum over steps that begin with ``value``, and the value at their end."""
    total = 0.0
    for step in steps:
        if isinstance(step, Repeat):
            first, value = _total(step.steps, value, of)
            other, value = _total(step.steps, value, of)  # from the second pass on all are alike
            total += first + (step.times - 1) * other
        else:
            drive = step.waveform(0.0, value)
            total, value = total + of(drive), drive.values[-1]
    return total, value


def _require_positive(step: str, values: Mapping[str, float | None]) -> None:
    for name, value in values.items():
        if value is not None and not 0 < value < math.inf:
            raise ValueError(f"the {name} of a {step} must be positive, not {value:g}")


def _require_within(step: str, levels: tuple[Level, ...], duration: float) -> None:
    for level in levels:
        if level.quantity == "time" and not 0 <= level.value <= duration:
            raise ValueError(f"a {step} of {duration:g} s cannot be read after {level.value:g} s")
