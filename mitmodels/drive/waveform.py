"""Functions of time between corners, straight lines or quarters of a sine: the drive of a step."""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True)
class Waveform:
    """Drive of one step: straight lines between corners, or quarters of a sine.

    Attributes
    ----------
    times, values : tuple of float
        The corners; times [s] increase, values in V or A.
    reads : tuple of float
        Times of read-outs [s].
    is_sine : bool
        Whether it goes along quarters of a sine, the first one from its middle.
    """

    times: tuple[float, ...]
    values: tuple[float, ...]
    reads: tuple[float, ...] = ()
    is_sine: bool = False

    @property
    def start(self) -> float:
        """First time [s]."""
        return self.times[0]

    @property
    def stop(self) -> float:
        """Last time [s]."""
        return self.times[-1]

    def __call__(self, t: float) -> float:
        """Value at the time ``t`` [s], to the last bit at corners; constant before and after."""
        after = bisect_right(self.times, t)
        if after == 0:
            return self.values[0]
        t0, v0 = self.times[after - 1], self.values[after - 1]
        if t == t0 or after == len(self.times):
            return v0
        done = (t - t0) / (self.times[after] - t0)
        if self.is_sine:
            angle = math.pi / 2 * done
            done = math.sin(angle) if after % 2 else 1 - math.cos(angle)
        return v0 + (self.values[after] - v0) * done

    def line(self, t: float) -> tuple[float, float]:
        """Return beginning and end [s] of the straight line behind a time ``t`` [s]."""
        after = min(max(bisect_right(self.times, t), 1), len(self.times) - 1)
        return self.times[after - 1], self.times[after]

    def next_stop(self, t: float) -> float | None:
        """Time [s] of the first corner or read-out after ``t``, None at the end."""
        return min((time for time in (*self.times, *self.reads) if time > t), default=None)

    def crossings(self, value: float) -> tuple[float, ...]:
        """Return the times [s] at which the drive comes to ``value``."""
        times = [] if self.values[0] != value else [self.start]
        for i in range(1, len(self.times)):
            t0, t1, v0, v1 = *self.times[i - 1 : i + 1], *self.values[i - 1 : i + 1]
            if min(v0, v1) <= value <= max(v0, v1) and v0 != value:
                part = (value - v0) / (v1 - v0)
                if self.is_sine:
                    part = 2 / math.pi * (math.asin(part) if i % 2 else math.acos(1 - part))
                times.append(t1 if v1 == value else t0 + (t1 - t0) * part)
        return tuple(times)


def through(corners: Sequence[tuple[float, float]]) -> Waveform:
    """Join corners (time [s], value) by straight lines; the same corner twice is one.

    Raises
    ------
    ValueError
        If the value jumps: a change takes less time than the clock can tell.

    Examples
    --------
    >>> pulse = through([(0.0, 0.0), (1e-6, 25.0), (100e-6, 25.0)])
    >>> pulse(0.5e-6), pulse.stop
    (12.5, 0.0001)
    """
    later = [after for before, after in pairwise(corners) if after != before]
    times, values = zip(corners[0], *later, strict=True)
    for before, after in pairwise(times):
        if not after > before:
            raise ValueError(f"the drive changes at {before:g} s in less than the clock resolves")
    return Waveform(times, values)
