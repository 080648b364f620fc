"""Observed quantities in the TOML file: conditions such as ``"I > 1 mA"`` and lists of values.

.. code-block:: toml

   until = ["I > 1 mA", "T_max > 1300 K"]
   fields_at = { V_source = ["16 V"], T_max = ["500 K"] }

Which of them a device shows, its case knows; here their units are compared.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, GetJsonSchemaHandler, model_validator
from pydantic import Field as Key
from pydantic_core import CoreSchema, PydanticCustomError

from mitmodels.cases.config.quantity import Dimension, Quantity
from mitmodels.cases.config.section import Section
from mitmodels.cell.observables import CELL_IN_CIRCUIT
from mitmodels.drive.observable import Level, Observables, Until
from mitmodels.drive.protocol import Protocol
from mitmodels.errors import InputError
from mitmodels.film.observables import FILM_IN_CIRCUIT

_EXAMPLES = {
    "V": "30 V",
    "A": "1 mA",
    "ohm": "10 kohm",
    "K": "800 K",
    "s": "1 s",
    "m": "3 nm",
    "W": "1 mW",
    "J": "1 nJ",
    "C": "1 fC",
    "m3": "1 nm3",
}
# "V" and "V_device" are taken at the terminals of the device, "time" from the beginning of a step.
UNITS = {"V": "V", "time": "s", **FILM_IN_CIRCUIT.units, **CELL_IN_CIRCUIT.units}
UNITS = {name: unit for name, unit in UNITS.items() if unit}
_DRIVE = "drive"  # what the source was told to give; its values come in lists without a name

Limit = Annotated[Quantity, Dimension("a value", " or ".join(_EXAMPLES), "1 mA", absolute=True)]


class UntilEntry(Section):
    """Condition that ends a step, ``"I > 1 mA"`` or a table."""

    quantity: str = Key(json_schema_extra={"enum": [*UNITS]})
    """Observed quantity: `V` is taken at the terminals of the device, `time` from the beginning of
    the step."""
    relation: Literal[">", "<"]
    """Whether the step ends above or below the limit."""
    limit: Limit
    """Value of the quantity at which the step ends, in its unit."""

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Describe the short form and the long one."""
        short = {"type": "string", "examples": ["I > 1 mA"]}
        return {"title": "a condition", "anyOf": [short, handler(schema)]}

    @model_validator(mode="before")
    @classmethod
    def _split(cls, given: Any) -> Any:
        if not isinstance(given, str):
            return given
        match = re.fullmatch(r"\s*(\w+)\s*([<>])\s*(.+)", given)
        if not match:
            raise PydanticCustomError(
                "quantity", 'cannot be read as a condition: write it as in "I > 1 mA"'
            )
        return dict(zip(("quantity", "relation", "limit"), match.groups(), strict=True))

    @model_validator(mode="after")
    def _compare_unit(self) -> Self:
        name, unit, limit = self.quantity, _unit(self.quantity), self.limit
        if limit.unit != unit:
            remedy = f'write "{name} > {_EXAMPLES[unit]}"'
            raise ValueError(f"{name} is not comparable to {limit.given}: {remedy}")
        return self

    def build(self) -> Until:
        """Return the condition in SI."""
        return Until(self.quantity, self.relation, float(self.limit))


def _unit(name: str) -> str:
    """SI unit of a quantity; ValueError if nothing shows it."""
    if name not in UNITS:
        raise ValueError(f"{name} is not an observed quantity: use one of {', '.join(UNITS)}")
    return UNITS[name]


def _compare_units(given: dict[str, tuple[Quantity, ...]]) -> dict[str, tuple[Quantity, ...]]:
    """Refuse quantities that nothing shows, and values in other units than theirs."""
    for value in given.get(_DRIVE, ()):
        if value.unit not in ("V", "A"):
            raise ValueError(f"the drive is never {value.given}: give voltages or currents")
    for name in (name for name in given if name != _DRIVE):
        example = _EXAMPLES[_unit(name)]
        for value in given[name]:
            if value.unit != UNITS[name]:
                raise ValueError(f'{name} is never {value.given}: write {name} = ["{example}"]')
    return given


ValuesAt = Annotated[
    dict[str, tuple[Limit, ...]],
    AfterValidator(_compare_units),
    Key(
        json_schema_extra={
            "title": "table of values of observed quantities",
            "propertyNames": {"enum": [*UNITS, _DRIVE]},
        }
    ),
]
"""Values of observed quantities by their names."""


def listed(name: str, dimension: Dimension) -> Any:
    """Type of a table of values, or of a list of values of one quantity."""

    def table(given: Any) -> Any:
        return {name: given} if isinstance(given, list | tuple) else given

    values = tuple[Annotated[Quantity, dimension], ...]
    either = values | dict[str, tuple[Limit, ...]]
    return Annotated[ValuesAt, BeforeValidator(table, json_schema_input_type=either)]


def levels(given: Mapping[str, tuple[Quantity, ...]]) -> tuple[Level, ...]:
    """Return the values of a table in SI."""
    return tuple(Level(name, float(value)) for name, values in given.items() for value in values)


def label(level: Level) -> str:
    """Return the name of what is stored at a value, ``"I=0.001A"``."""
    return f"{level.quantity}={level.value:g}{UNITS.get(level.quantity, '')}"


def check_observed(
    shown: Observables[Any],
    protocol: Protocol,
    fields: Mapping[str, tuple[Quantity, ...]],
    key: str = "output.fields_at",
) -> None:
    """Refuse conditions and values of quantities that a device does not show, and late times.

    ``key`` is that of the values.

    Raises
    ------
    InputError
        With the quantities that it shows.
    """
    for t in fields.get("t", ()):
        if not protocol.quasi_static and t > protocol.duration:
            raise InputError(
                f"{key}.t = {t.given} is never reached: the protocol ends at "
                f"{protocol.duration:g} s"
            )
    for section, names in (("protocol", protocol.observed), (key, fields)):
        for name in sorted({*names} - {_DRIVE}):
            try:
                shown.find(name)
            except ValueError as error:
                raise InputError(f"{section}: {error}") from None
