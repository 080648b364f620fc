"""``[[protocol]]`` in the TOML file: the drive of an experiment, step by step.

.. code-block:: toml

   [[protocol]]
   step = "ramp"
   to = "2 V"
   rate = "1 V/s"
   until = ["I > 1 mA", "T_max > 1300 K"]

Whether the source is one of voltage or of current follows from the units.
"""

from abc import abstractmethod
from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from mitmodels.cases.config.dimensions import Duration
from mitmodels.cases.config.observed import DriveReads, TimeReads, UntilEntry, levels
from mitmodels.cases.config.quantity import Dimension, Quantity
from mitmodels.cases.config.section import Section
from mitmodels.drive.protocol import Hold, Protocol, Pulse, Ramp, Repeat, SingleStep, Step
from mitmodels.drive.until import Until

DriveValue = Annotated[Quantity, Dimension("a voltage or current", "V or A", "2 V")]
DriveRate = Annotated[
    Quantity, Dimension("a rate of voltage or current", "V/s or A/s", "1 V/s", above=0)
]


class _StepEntry(Section):
    """What all steps but a repetition have."""

    until: tuple[UntilEntry, ...] = ()

    @model_validator(mode="after")
    def _check(self) -> Self:
        units = {value.unit.removesuffix("/s") for value in self.drive_values()}
        if len(units) > 1:
            raise ValueError("voltages and currents cannot be mixed in one step: use one of them")
        self.build()
        return self

    def drive_values(self) -> list[Quantity]:
        """Return all values that tell whether the source is one of voltage or of current."""
        return []

    @abstractmethod
    def build(self) -> SingleStep:
        """Return the step in SI."""

    def _conditions(self) -> tuple[Until, ...]:
        return tuple(item.build() for item in self.until)


class RampEntry(_StepEntry):
    """From the present value to another; quasi-static without rate and duration."""

    step: Literal["ramp"]
    to: DriveValue
    rate: DriveRate | None = None
    duration: Duration | None = None
    read_at: DriveReads = Field(default_factory=dict)

    def drive_values(self) -> list[Quantity]:
        """Return target, rate and read-outs."""
        reads = self.read_at.get("drive", ())
        return [self.to, *reads, *([self.rate] if self.rate else [])]

    def build(self) -> Ramp:
        """Return the step in SI."""
        return Ramp(self.to, self.rate, self.duration, self._conditions(), levels(self.read_at))


class HoldEntry(_StepEntry):
    """The present value for a time."""

    step: Literal["hold"]
    duration: Duration
    read_at: TimeReads = Field(default_factory=dict)

    def build(self) -> Hold:
        """Return the step in SI."""
        return Hold(self.duration, self._conditions(), levels(self.read_at))


class PulseEntry(_StepEntry):
    """To another value and back."""

    step: Literal["pulse"]
    value: DriveValue
    width: Duration
    rise: Duration
    fall: Duration | None = None
    period: Duration | None = None
    read_at: TimeReads = Field(default_factory=dict)

    def drive_values(self) -> list[Quantity]:
        """Return the plateau."""
        return [self.value]

    def build(self) -> Pulse:
        """Return the step in SI."""
        times = (self.width, self.rise, self.fall, self.period)
        return Pulse(self.value, *times, self._conditions(), levels(self.read_at))


class RepeatEntry(Section):
    """Steps that are done several times."""

    step: Literal["repeat"]
    times: int = Field(ge=1)
    steps: "tuple[Entry, ...]" = Field(min_length=1)

    def build(self) -> Repeat:
        """Return the step in SI."""
        return Repeat(self.times, tuple(item.build() for item in self.steps))


Entry = Annotated[RampEntry | HoldEntry | PulseEntry | RepeatEntry, Field(discriminator="step")]


RepeatEntry.model_rebuild()


def build_protocol(entries: tuple[Entry, ...]) -> Protocol:
    """Turn the steps of a configuration into a protocol.

    Raises
    ------
    ValueError
        If voltages and currents are mixed, nothing is driven, or a read-out is never passed.
    """
    units = {value.unit for value in _drive_values(entries)}
    if len(units) != 1:
        raise ValueError(
            "a protocol drives either voltage or current: give its values in V or in A"
        )
    steps: tuple[Step, ...] = tuple(entry.build() for entry in entries)
    return Protocol("voltage" if units == {"V"} else "current", steps)


def _drive_values(entries: tuple[Entry, ...]) -> Iterator[Quantity]:
    for entry in entries:
        if isinstance(entry, RepeatEntry):
            yield from _drive_values(entry.steps)
        else:
            yield from (value for value in entry.drive_values() if not value.unit.endswith("/s"))


def _check(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    build_protocol(entries)
    return entries


ProtocolEntries = Annotated[tuple[Entry, ...], Field(min_length=1), AfterValidator(_check)]
