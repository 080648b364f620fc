"""Observed quantities of a device: columns of its table, and values at which something is done."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True)
class Observable[S]:
    """An observed quantity: its name, its SI unit, and how a state shows it, NaN if it does not."""

    name: str
    unit: str
    read: Callable[[S], float]


@dataclass(frozen=True)
class Level:
    """Value of an observed quantity at which a state is read or stored.

    Attributes
    ----------
    quantity : str
        Name of an observed quantity; ``"drive"`` is what the source was told to give, ``"time"``
        counts from the beginning of the step.
    value : float
        In the SI unit of the quantity.
    """

    quantity: str
    value: float

    def __str__(self) -> str:
        """Return the equation, without its unit."""
        return f"{self.quantity} = {self.value:g}"


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

    @property
    def value(self) -> float:
        """The limit, as of a `Level`."""
        return self.limit

    def reached(self, before: float, after: float) -> bool:
        """Whether the limit is met on the way from one value to another."""
        sign = 1 if self.relation == ">" else -1
        return sign * before < sign * self.limit <= sign * after


@dataclass(frozen=True)
class Observables[S]:
    """What a device shows.

    Attributes
    ----------
    device : str
        With its article, for messages: ``"a film"``.
    columns : tuple of Observable
        In the order of the table ``iv.csv``.
    aliases : mapping
        Other names of some of them: ``{"V": "V_device"}``.
    """

    device: str
    columns: tuple[Observable[S], ...]
    aliases: Mapping[str, str] = field(default_factory=dict)

    @property
    def units(self) -> dict[str, str]:
        """SI unit of each column."""
        return {observable.name: observable.unit for observable in self.columns}

    def row(self, state: S) -> dict[str, float]:
        """Return all quantities of a state by name."""
        return {observable.name: observable.read(state) for observable in self.columns}

    def find(self, name: str) -> Observable[S]:
        """Return a quantity by its name or an alias.

        Raises
        ------
        ValueError
            If the device does not have it; the sentence lists what it has.
        """
        wanted = self.aliases.get(name, name)
        for observable in self.columns:
            if observable.name == wanted:
                return observable
        names = ", ".join(self.units)
        raise ValueError(f"{self.device} does not show {name}: use one of {names}")

    def of[T](self, view: Callable[[T], S]) -> "Observables[T]":
        """Return the same quantities of what holds such a state."""

        def seen(observable: Observable[S]) -> Observable[T]:
            read = observable.read
            return Observable(observable.name, observable.unit, lambda holder: read(view(holder)))

        return Observables(self.device, tuple(map(seen, self.columns)), self.aliases)
