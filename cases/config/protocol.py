"""``[[protocol]]`` in the TOML file: the drive of an experiment, step by step.

.. code-block:: toml

   [[protocol]]
   step = "ramp"
   to = "2 V"
   rate = "1 V/s"
   until = ["I > 1 mA", "T_max > 1300 K"]

Whether the source is one of voltage or of current follows from the units. The keys of a step are
the fields of its class in `mitmodels.drive.protocol`.
"""

import re
from collections.abc import Iterator
from dataclasses import fields
from functools import reduce
from inspect import cleandoc
from operator import or_
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self, get_args, get_type_hints

from pydantic import AfterValidator, Field, create_model, model_validator

from mitmodels.cases.config.columns import with_columns
from mitmodels.cases.config.dimensions import positive
from mitmodels.cases.config.observed import UntilEntry, levels, listed
from mitmodels.cases.config.quantity import Dimension, Quantity
from mitmodels.cases.config.section import Section
from mitmodels.drive.protocol import Protocol
from mitmodels.drive.steps import Repeat, SingleStep, Step, Table

_DIMENSIONS = {
    "V or A": Dimension("a voltage or current", "V or A", "2 V", usual=(1e-15, 1e4)),
    "V/s or A/s": positive("a rate of voltage or current", "V/s or A/s", "1 V/s", 1e-15, 1e18),
    "s": positive("a duration", "s", "500 us", 1e-18, 1e10),
}
_LISTED = {"drive": _DIMENSIONS["V or A"], "time": Dimension("a duration", "s", "50 us", least=0)}
_STEPS = {kind.__name__.lower(): kind for kind in get_args(SingleStep.__value__)}


class StepEntry(Section):
    """What all steps but a repetition have."""

    step: str
    """Kind of the step."""
    until: tuple[UntilEntry, ...] = Field(default=(), examples=[["I > 1 mA", "T_max > 1300 K"]])
    """Conditions on observed quantities, of which the first to be met ends the step."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        units = {value.unit.removesuffix("/s") for value in self.drive_values()}
        if len(units) > 1:
            raise ValueError("voltages and currents cannot be mixed in one step: use one of them")
        self.build()
        return self

    def drive_values(self) -> list[Quantity]:
        """Return all values that tell whether the source is one of voltage or of current."""
        given = dict(self)
        values = [*given.values(), *given["read_at"].get("drive", ())]
        return [value for value in values if isinstance(value, Quantity) and value.unit != "s"]

    def build(self) -> SingleStep:
        """Return the step in SI."""
        kind = _STEPS[self.step]
        given = {field.name: getattr(self, field.name) for field in fields(kind)}
        given["until"] = tuple(item.build() for item in self.until)
        given["read_at"] = levels(given["read_at"])
        step: SingleStep = kind(**given)
        return step


def _entry(name: str, kind: type[SingleStep]) -> type[StepEntry]:
    doc = cleandoc(kind.__doc__ or "") + "\n"
    keys: dict[str, Any] = {"step": (Literal[name], Field(description=doc.partition("\n")[0]))}
    hints = get_type_hints(kind, include_extras=True)
    for field in fields(kind):
        found = re.search(rf"^{field.name} : .*\n((?: +.*\n)+)", doc, re.MULTILINE)
        words = re.sub(r" \[[^]]+\]", "", found[1]) if found else ""
        if field.name == "read_at":
            dimension = _LISTED[kind.listed]
            values: Any = Field({}, description=words, examples=[[dimension.example]])
            keys["read_at"] = (listed(kind.listed, dimension), values)
        elif field.name != "until":
            optional = field.default is None
            number = get_args(hints[field.name])[0] if optional else hints[field.name]
            quantity = Annotated[Quantity, _DIMENSIONS[number.__metadata__[0]]]
            described: Any = Field(None if optional else ..., description=words)
            keys[field.name] = (quantity | None if optional else quantity, described)
    brief = doc.partition("\n")[0]
    return create_model(f"{kind.__name__}Entry", __base__=StepEntry, __doc__=brief, **keys)


_Time = Annotated[Quantity, _LISTED["time"]]
_Value = Annotated[Quantity, _DIMENSIONS["V or A"]]


class TableEntry(StepEntry):
    """Straight lines through the points of a table, such as a recorded waveform."""

    step: Literal["table"]
    """Straight lines through the points of a table, such as a recorded waveform."""
    file: str | None = Field(default=None, examples=["wave.csv"])
    """CSV file of the points, in place of ``times`` and ``values``: two columns with their units
    in the first line, ``t [us],V [V]``."""
    times: tuple[_Time, ...] = Field(examples=[["1 us", "5 us"]])
    """Times since the beginning of the step, which increase; before the first one the source goes
    there from its present value."""
    values: tuple[_Value, ...] = Field(examples=[["2 V", "0 V"]])
    """Values of the source at those times."""
    read_at: listed("time", _LISTED["time"]) = Field({}, examples=[["50 us"]])  # type: ignore[valid-type]
    """Times since the beginning of the step, or values of observed quantities, at which the state
    is read."""

    @model_validator(mode="before")
    @classmethod
    def _read(cls, data: Any) -> Any:
        return with_columns(data, {"times": _Time, "values": _Value})

    def drive_values(self) -> list[Quantity]:
        """Return all values that tell whether the source is one of voltage or of current."""
        return list(self.values)


class RepeatEntry(Section):
    """Steps that are done several times."""

    step: Literal["repeat"]
    """Steps that are done several times."""
    times: int = Field(ge=1)
    """How often the steps are done."""
    steps: "tuple[Entry, ...]" = Field(min_length=1)
    """Steps of any kind that are done in turn, repetitions included."""

    def build(self) -> Repeat:
        """Return the step in SI."""
        return Repeat(self.times, tuple(item.build() for item in self.steps))


if TYPE_CHECKING:
    type Entry = StepEntry | RepeatEntry
else:
    _plain = [_entry(name, kind) for name, kind in _STEPS.items() if kind is not Table]
    _entries = [*_plain, TableEntry, RepeatEntry]
    Entry = Annotated[reduce(or_, _entries), Field(discriminator="step")]
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
