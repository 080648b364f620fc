"""A film in time: steps with error control, that land on the corners of the drive and on events."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from mitmodels.drive.waveform import Waveform
from mitmodels.solvers.film.newton import SolverError
from mitmodels.solvers.film.tr_bdf2 import Conditions, Moment, Stepper

_LARGEST_GROWTH, _SMALLEST_GROWTH, _SAFETY = 2.5, 0.2, 0.8
_PRECISION = 1e-6  # of an event, as a fraction of its level


@dataclass(frozen=True)
class StepLengths:
    """Bounds of a time step.

    Attributes
    ----------
    parts : int
        Steps at least between two corners of the drive.
    first : float
        First step behind a corner, as a fraction of the way to the next one.
    smallest : float
        Below this fraction of that way no step is tried.
    """

    parts: int = 20
    first: float = 1e-2
    smallest: float = 1e-12


@dataclass(frozen=True)
class Rejected:
    """A step that was not taken: where [s], how long [s] and why."""

    time: float
    duration: float
    reason: str


@dataclass(frozen=True, eq=False)
class Instant:
    """An accepted moment.

    Attributes
    ----------
    moment : Moment
    duration : float
        Length of the step that led here [s].
    planned : float
        Length of the next step [s] unless a corner is nearer.
    events : tuple of str
        Names of the margins that became positive here.
    rejected : tuple of Rejected
        Steps tried on the way here.
    """

    moment: Moment
    duration: float
    planned: float
    events: tuple[str, ...] = ()
    rejected: tuple[Rejected, ...] = ()


@dataclass(frozen=True, eq=False)
class Course:
    """What happens in one step of a protocol.

    Attributes
    ----------
    drive : Waveform
        Steps land on its corners and read-outs.
    condition : callable
        Condition of the source at a time [s].
    margins : callable
        Quantities of a moment by name that are negative before an event and not behind it, as
        fractions of a level. Steps land on every event.
    lengths : StepLengths
    """

    drive: Waveform
    condition: Conditions
    margins: Callable[[Moment], Mapping[str, float]]
    lengths: StepLengths


def evolve(stepper: Stepper, begin: Instant, course: Course) -> Iterator[Instant]:
    """Follow the drive of one step of a protocol to its end.

    Parameters
    ----------
    stepper : Stepper
    begin : Instant
        Within the drive; it is not yielded.
    course : Course

    Yields
    ------
    Instant
        Every accepted step. The consumer may stop at an event.

    Raises
    ------
    SolverError
        If even the smallest step fails.
    """
    instant = begin
    while (stop := course.drive.next_stop(instant.moment.time)) is not None:
        instant = _advance(stepper, instant, course, stop)
        yield instant


def _advance(stepper: Stepper, before: Instant, course: Course, stop: float) -> Instant:
    """The next accepted step, shortened to land on the stop or on an event."""
    now = before.moment.time
    regular, smallest = _bounds(before, course)
    rejected: list[Rejected] = []
    while True:
        duration = _fitting(regular, stop - now)
        if duration < smallest:
            raise SolverError(f"no step succeeds at {now:.9g} s: {rejected[-1].reason}")
        end = stop if duration == stop - now else None
        try:
            step = stepper.step(before.moment, duration, course.condition, end)
        except SolverError as failure:
            rejected.append(Rejected(now, duration, str(failure)))
            regular = duration / 4
            continue
        error = stepper.relative_error(step)
        if error <= 1:
            break
        rejected.append(Rejected(now, duration, f"error {error:.3g} times the tolerance"))
        regular = duration * _growth(error)
    planned = duration * _growth(error)
    if duration < 0.7 * regular:  # shortened to land, which says nothing about longer steps
        planned = max(planned, regular)
    after = Instant(step.end, duration, planned, (), tuple(rejected))
    return _landed(stepper, before, after, course)


def _bounds(before: Instant, course: Course) -> tuple[float, float]:
    """Step to try [s], and the smallest one."""
    now, times, lengths = before.moment.time, course.drive.times, course.lengths
    corner = max(time for time in times if time <= now)
    way = min(time for time in times if time > now) - corner
    regular = min(before.planned, way / lengths.parts)
    if now == corner:
        regular = lengths.first * way if not before.planned else min(regular, lengths.first * way)
    return regular, lengths.smallest * way


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


def _landed(stepper: Stepper, before: Instant, after: Instant, course: Course) -> Instant:
    """The accepted step, or the shorter one that ends at the first event in it.

    The largest margin of all events still to come is continuous and changes its sign at the first
    of them: Illinois iteration, each evaluation a step.
    """
    pending = {name for name, margin in course.margins(before.moment).items() if margin < 0}

    def excess(moment: Moment) -> float:
        found = course.margins(moment)
        return max((found[name] for name in pending), default=-1.0) - _PRECISION / 2

    below, above = excess(before.moment), excess(after.moment)
    if above < -_PRECISION / 2:
        return after
    low, high = 0.0, after.duration
    moment, duration = after.moment, high
    while abs(excess(moment)) > _PRECISION / 2 and high - low > 1e-9 * after.duration:
        share = min(max(below / (below - above), 0.02), 0.98)
        trial = low + share * (high - low)
        found = stepper.step(before.moment, trial, course.condition).end
        value = excess(found)
        if value >= -_PRECISION / 2:
            high, moment, duration, above, below = trial, found, trial, value, below / 2
        else:
            low, below, above = trial, value, above / 2
    margins = course.margins(moment)
    events = tuple(name for name in sorted(pending) if margins[name] >= 0)
    shorter = duration < after.duration
    planned = max(duration, after.duration if shorter else after.planned)
    return replace(after, moment=moment, duration=duration, planned=planned, events=events)
