"""A film in time: steps with error control, that land on the corners of the drive and on events."""

from dataclasses import dataclass, replace

import numpy as np

from mitmodels.drive.landing import Crossing, land
from mitmodels.drive.waveform import Waveform
from mitmodels.solvers.film.interfaces import Rejection
from mitmodels.solvers.film.transient.tr_bdf2 import Sources, Stepper, TransientState
from mitmodels.solvers.petsc import SolverError

_LARGEST_GROWTH, _SMALLEST_GROWTH, _SAFETY = 2.5, 0.2, 0.8
# Of the time between two corners of the drive: first step behind one, smallest step that is tried.
_FIRST, _SMALLEST = 1e-2, 1e-12


@dataclass(frozen=True, eq=False)
class TimeStep:
    """An accepted time step.

    Attributes
    ----------
    state : TransientState
        At its end.
    duration : float
        Its length [s].
    planned : float
        Length of the next step [s] unless a corner is nearer.
    events : tuple of str
        Names of the crossings at its end.
    rejected : tuple of Rejection
        Steps tried on the way here.
    """

    state: TransientState
    duration: float
    planned: float
    events: tuple[str, ...] = ()
    rejected: tuple[Rejection, ...] = ()

    @property
    def time(self) -> float:
        """Time at its end [s]."""
        return self.state.time


@dataclass(frozen=True, eq=False)
class Course:
    """What a time step goes along.

    Attributes
    ----------
    drive : Waveform
        Steps land on its corners and read-outs.
    condition : callable
        Condition of the source at a time [s].
    crossings : tuple of Crossing
        Values on which steps land.
    parts : int
        Steps at least between two corners of the drive.
    """

    drive: Waveform
    condition: Sources
    crossings: tuple[Crossing[TransientState], ...]
    parts: int


def advance(stepper: Stepper, before: TimeStep, course: Course) -> TimeStep:
    """Take the next accepted step, shortened to the next stop of the drive and the first crossing.

    Raises
    ------
    SolverError
        If even the smallest step fails.
    """
    now = before.time
    stop = course.drive.next_stop(now)
    assert stop is not None
    regular, smallest = _bounds(before, course)
    regular = min(regular, stepper.longest)
    rejected: list[Rejection] = []
    while True:
        duration = _fitting(regular, stop - now)
        if duration < smallest:
            raise SolverError(f"no step succeeds at {now:.9g} s: {rejected[-1].reason}")
        end = stop if duration == stop - now else None
        try:
            step = stepper.step(before.state, duration, course.condition, end)
            error = stepper.relative_error(step)
            if error <= 1:
                planned = duration * _growth(error)
                if duration < 0.7 * regular:  # shortened to land: says nothing of longer steps
                    planned = max(planned, regular)
                after = TimeStep(step.end, duration, planned, (), tuple(rejected))
                return _landed(stepper, before, after, course)
        except SolverError as failure:
            rejected.append(Rejection(now, duration, str(failure)))
            regular = duration / 4
            continue
        rejected.append(Rejection(now, duration, f"error {error:.3g} times the tolerance"))
        regular = duration * _growth(error)


def _bounds(before: TimeStep, course: Course) -> tuple[float, float]:
    """Step to try [s], and the smallest one."""
    now, times = before.time, course.drive.times
    corner = max(time for time in times if time <= now)
    span = min(time for time in times if time > now) - corner
    regular = min(before.planned, span / course.parts)
    if now == corner:
        regular = min(regular, _FIRST * span) if before.planned else _FIRST * span
    return regular, _SMALLEST * span


def _growth(error: float) -> float:
    """Factor of the next step: the error is of third order."""
    factor = _SAFETY * max(error, 1e-9) ** (-1 / 3)
    return float(min(_LARGEST_GROWTH, max(_SMALLEST_GROWTH, factor)))


def _fitting(wanted: float, left: float) -> float:
    """Step of at most the wanted length that leaves no sliver before the stop.

    Lengths are rounded down to powers of the square root of two: the operators of a length that
    comes again are at hand.
    """
    if left <= 1.01 * wanted:
        return left
    rounded = float(2 ** (np.floor(2 * np.log2(wanted)) / 2))
    return min(rounded, left / 2)


def _landed(stepper: Stepper, before: TimeStep, after: TimeStep, course: Course) -> TimeStep:
    """The accepted step, or the shorter one that ends at the first crossing in it."""

    def attempt(duration: float) -> TransientState:
        return stepper.step(before.state, duration, course.condition).end

    landed = land(before.state, after.state, after.duration, course.crossings, attempt)
    if not landed.events:
        return after
    shorter = landed.duration < after.duration
    planned = max(landed.duration, after.duration if shorter else after.planned)
    return replace(
        after, state=landed.point, duration=landed.duration, planned=planned, events=landed.events
    )
