"""Conditions that end a step of a protocol before its time."""

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

    def __str__(self) -> str:
        """Return the condition as it is written, without its unit."""
        return f"{self.quantity} {self.relation} {self.limit:g}"

    def reached(self, before: float, after: float) -> bool:
        """Whether the limit is met on the way from one value to another."""
        sign = 1 if self.relation == ">" else -1
        return sign * before < sign * self.limit <= sign * after
