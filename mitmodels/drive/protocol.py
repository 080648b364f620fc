"""Drive of an experiment as data: the steps of one source.

A protocol is one source, of voltage or of current, that changes along straight lines without jumps.
It knows no circuit: a load resistor or a compliance stands between source and device.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from mitmodels.drive.steps import Ramp, Repeat, SingleStep, Step
from mitmodels.drive.waveform import Waveform

Drive = Literal["voltage", "current"]


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
            if value < last > first or value > last < first:
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
