"""Oscillation of a signal in time: its periods, and whether the last ones are equal."""

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass

import numpy as np

from mitmodels.checks import FloatArray

_LEAST = 1e-3  # swing over the largest magnitude, below which nothing oscillates
_SETTLED = 2.0  # periods without another one


@dataclass(frozen=True)
class Cycle:
    """One period of a signal, between two of its rises through the middle of its extremes.

    Attributes
    ----------
    end, period : float
        When it ends, and how long it takes [s].
    low, high : float
        Extremes.
    energy : float
        What the device has taken [J].
    above : float
        How long the signal is above its middle [s].
    """

    end: float
    period: float
    low: float
    high: float
    energy: float
    above: float


@dataclass(frozen=True)
class Sample:
    """A signal at a time point: time [s], value, its rate [1/s], energy taken so far [J]."""

    time: float
    value: float
    rate: float
    energy: float


class Oscillation:
    """Finds the periods of a signal from one time point to the next.

    A period begins where the signal rises through the middle between the extremes of the period
    before. Its rise is that of the cubic through values and rates.

    Parameters
    ----------
    count : int
        Number of equal periods that make an oscillation.
    tolerance : float
        Difference of the longest and the shortest of them, and of the largest and the smallest
        swing, over their means: a transient that dies has equal periods but no equal swings.
    kept : sequence of float
        What `content` returned.

    Attributes
    ----------
    cycles : list of Cycle
        All that were found; of the first one the beginning is not known.
    """

    def __init__(self, count: int, tolerance: float, kept: Sequence[float] = ()) -> None:
        self._count, self._tolerance = count, tolerance
        values = list(map(float, kept))
        self._last = Sample(*values[:4]) if values else None
        running = values[4:10] or [np.nan, np.nan, np.nan, 0.0, 0.0, 0.0]
        self._low, self._high, self._level, self._rise, self._energy, self._above = running
        rows = np.reshape(values[10:], (-1, 6))
        self.cycles = [Cycle(*row) for row in rows.tolist()]

    def content(self) -> FloatArray:
        """Return what another one needs to go on."""
        last = astuple(self._last) if self._last else ()
        running = self._low, self._high, self._level, self._rise, self._energy, self._above
        rows = (value for cycle in self.cycles for value in astuple(cycle))
        return np.array([*last, *running, *rows] if last else [])

    def add(self, now: Sample) -> Cycle | None:
        """Take the next time point; return the period that ends before it, if one does."""
        before, self._last = self._last, now
        if before is None:
            self._low = self._high = now.value
            return None
        level = (self._low + self._high) / 2 if np.isnan(self._level) else self._level
        # The middle may have moved up since the period began: that rise goes on and is no other.
        rises = before.value < level <= now.value and self._high >= level
        at = _fraction(before, now, level) if rises or now.value < level <= before.value else 0.0
        step = now.time - before.time
        self._above += step * ((1 - at) if now.value >= level else at)
        found = None
        if rises:
            found = self._rises(before, now, at, level)
        extremes = now.value, *_extremes(before, now)
        self._low, self._high = min(self._low, *extremes), max(self._high, *extremes)
        return found

    def _rises(self, before: Sample, now: Sample, at: float, level: float) -> Cycle | None:
        """End a period within a step."""
        time = before.time + at * (now.time - before.time)
        energy = before.energy + at * (now.energy - before.energy)
        late = now.time - time  # above the middle of the period to come
        first = np.isnan(self._level)
        taken, above = energy - self._energy, self._above - late
        cycle = Cycle(time, time - self._rise, self._low, self._high, taken, above)
        swings = self._high - self._low > _LEAST * max(abs(self._high), abs(self._low))
        self._level = (self._low + self._high) / 2 if swings else level
        self._rise, self._energy, self._above = time, energy, late
        self._low = self._high = now.value
        if first or not swings:
            return None
        self.cycles.append(cycle)
        return cycle

    @property
    def equal(self) -> Sequence[Cycle]:
        """The last periods, as many as have to be equal, if they are; else none."""
        last = self.cycles[-self._count :]
        if len(last) < self._count:
            return ()
        for values in ([c.period for c in last], [c.high - c.low for c in last]):
            if max(values) - min(values) > self._tolerance * float(np.mean(values)):
                return ()
        return last

    @property
    def has_settled(self) -> bool:
        """Whether there was no period, or none since twice the last one."""
        if not self.cycles or self._last is None:
            return True
        last = self.cycles[-1]
        return self._last.time - last.end > _SETTLED * last.period


def _fraction(before: Sample, now: Sample, level: float) -> float:
    """Fraction of a step at which the cubic through both ends comes to a level."""
    cubic = _cubic(before, now)
    found = _within_step(cubic - np.poly1d([level]))
    linear = (level - before.value) / (now.value - before.value)
    return found[0] if found else linear


def _extremes(before: Sample, now: Sample) -> Iterable[float]:
    """Extremes of the cubic within a step whose ends have slopes of different signs."""
    if before.rate * now.rate >= 0:
        return ()
    cubic = _cubic(before, now)
    return (float(cubic(x)) for x in _within_step(cubic.deriv()))


def _cubic(before: Sample, now: Sample) -> np.poly1d:
    """Cubic of the fraction of a step, through values and rates at its ends."""
    step = now.time - before.time
    rise, d0, d1 = now.value - before.value, step * before.rate, step * now.rate
    return np.poly1d([d0 + d1 - 2 * rise, 3 * rise - 2 * d0 - d1, d0, before.value])


def _within_step(polynomial: np.poly1d) -> list[float]:
    """Real roots between 0 and 1."""
    return [float(x.real) for x in polynomial.roots if x.imag == 0 and 0 <= x.real <= 1]
