"""Time steps that end where an observed quantity comes to a value."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

PRECISION = 1e-6  # of the value on which a step lands, as a fraction of it
_SHORTEST = 1e-9  # bracket of a landing, as a fraction of the step
_FAR = 10.0  # margin beyond which distances do not matter
_EXPONENTIAL = 3.0  # ratio within one step from which a quantity is compared by its logarithm


@dataclass(frozen=True)
class Crossing[P]:
    """An observed quantity that comes to a value.

    Attributes
    ----------
    name : str
        Of the event.
    read : callable
        The quantity of a point in time.
    value : float
    relation : {">", "<", "="}
        Whether the value is met from below, from above, or from either side.
    scale : float or None
        What its distances are fractions of, instead of the value.
    """

    name: str
    read: Callable[[P], float]
    value: float
    relation: Literal[">", "<", "="] = "="
    scale: float | None = None

    def margin(self, before: P, after: P) -> Callable[[P], float] | None:
        """Return what is negative until the value is met in the step from ``before`` on.

        It is a fraction of the value, or the logarithm of one where that changes much. None if the
        value has been met before.
        """
        start, end = self.read(before), self.read(after)
        sign = {">": 1, "<": -1, "=": 1 if start < self.value else -1}[self.relation]
        small, large = sorted((start, end))
        scale = self.scale or abs(self.value) or max(abs(start), abs(end)) or 1.0

        def linear(point: P) -> float:
            return sign * (self.read(point) - self.value) / scale

        def logarithmic(point: P) -> float:
            ratio = self.read(point) / self.value
            return sign * math.log(ratio) if ratio > 0 else linear(point)

        steep = self.value > 0 and 0 < _EXPONENTIAL * small < large
        margin = logarithmic if steep else linear
        near = PRECISION if self.relation == "=" else 0.0  # landed there a step ago
        return margin if margin(before) < -near else None


@dataclass(frozen=True)
class Landed[P]:
    """End of a time step, its duration [s], and the names of what is met there."""

    point: P
    duration: float
    events: tuple[str, ...]


def land[P](
    before: P,
    after: P,
    duration: float,
    crossings: Iterable[Crossing[P]],
    attempt: Callable[[float], P],
) -> Landed[P]:
    """Shorten a time step to the first value that is met in it.

    The largest margin of all values still to come is continuous and changes its sign at the first
    of them: Brent's method, each evaluation a step.

    Parameters
    ----------
    before, after
        Both ends of the step.
    duration
        Of the step [s].
    crossings
        What may be met; names must differ.
    attempt
        End of a shorter step from ``before``, of the duration [s] it is given.
    """
    margins = {crossing.name: crossing.margin(before, after) for crossing in crossings}
    ahead = {name: margin for name, margin in margins.items() if margin is not None}

    def excess(point: P) -> float:
        return max((margin(point) for margin in ahead.values()), default=-1.0) - PRECISION / 2

    known = {0.0: excess(before), duration: excess(after)}
    if known[duration] < -PRECISION / 2:
        return Landed(after, duration, ())
    point, end = after, duration

    def signed(trial: float) -> float:
        nonlocal point, end
        if (value := known.get(trial)) is None:
            trial = float(f"{trial:.8e}")  # rounding errors differ with the number of ranks
            found = attempt(trial)
            value = excess(found)
            if value >= -PRECISION / 2 and trial < end:
                point, end = found, trial
        # A quantity may begin infinite, as the resistance of a gap.
        return 0.0 if abs(value) <= PRECISION / 2 else max(-_FAR, min(value, _FAR))

    from scipy.optimize import brentq  # only here: it takes longer than the rest

    brentq(signed, 0.0, duration, xtol=_SHORTEST * duration, disp=False)
    events = tuple(name for name in sorted(ahead) if ahead[name](point) >= 0)
    return Landed(point, end, events)


def passed[P](before: P, jumped: P, crossings: Iterable[Crossing[P]]) -> tuple[str, ...]:
    """Names of the values that a jump between two points passes."""
    margins = {crossing.name: crossing.margin(before, jumped) for crossing in crossings}
    return tuple(name for name, margin in margins.items() if margin and margin(jumped) >= 0)
