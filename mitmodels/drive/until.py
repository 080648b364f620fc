"""Conditions that end a step of a protocol before its time."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Until:
    """Ends a step when an observed quantity comes to a limit from the other side.

    A condition that holds already when the step begins ends it only when it has ceased to hold and
    holds again: ``Until("I", "<", 1e-6)`` on a ramp from zero ends it behind the peak.

    Attributes
    ----------
    quantity : str
        Name of what is observed, such as ``"I"``, ``"V"``, ``"T_max"``; ``"time"`` counts from the
        beginning of the step.
    relation : {">", "<"}
        Whether the limit is met from below or from above.
    limit : float
        In the unit of the quantity.
    """

    quantity: str
    relation: Literal[">", "<"]
    limit: float

    def reached(self, before: float, after: float) -> float | None:
        """Fraction of the way from ``before`` to ``after`` where the limit is met, None if not."""
        sign = 1 if self.relation == ">" else -1
        if not sign * before < sign * self.limit <= sign * after:
            return None
        return (self.limit - before) / (after - before)


def first_reached(
    conditions: Iterable[Until], before: Mapping[str, float], after: Mapping[str, float]
) -> tuple[Until, float] | None:
    """Find the condition that is met first between two instants, by linear interpolation.

    Parameters
    ----------
    conditions
        Those of the step.
    before, after
        The observed quantities by name at the two instants.

    Returns
    -------
    tuple of Until and float, or None
        The condition and the fraction of the way at which it is met.
    """
    met = []
    for condition in conditions:
        name = condition.quantity
        fraction = condition.reached(before[name], after[name])
        if fraction is not None:
            met.append((condition, fraction))
    return min(met, key=lambda pair: pair[1], default=None)
