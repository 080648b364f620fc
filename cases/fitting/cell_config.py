"""The TOML file of a fit of a metallization cell to resistances of its low state.

.. code-block:: toml

   case = "ecm_fit"
   file = "ecm_set.toml"                                # the SET; its compliance is replaced
   measured = { file = "lrs.csv", error = "5 %" }       # I_CC [A],R_LRS [ohm]

   [[parameter]]
   key = "barrier.void_length"
   min = "0.07 nm"
   max = "0.1 nm"
"""

from collections import Counter
from dataclasses import dataclass
from typing import Any, Literal, Self

from mpi4py import MPI

from pydantic import Field, GetJsonSchemaHandler, model_validator
from pydantic_core import CoreSchema

from mitmodels.cases.cell import growth
from mitmodels.cases.config.columns import with_columns
from mitmodels.cases.config.dimensions import PositiveCurrent, PositiveRatio, Resistance
from mitmodels.cases.config.quantity import Quantity
from mitmodels.cases.config.section import CaseConfig, Section
from mitmodels.cases.fitting.parameters import (
    Interval,
    Parameter,
    either,
    intervals,
    numbers,
    with_case,
)
from mitmodels.errors import InputError

_ADJUSTABLE = (
    "geometry",
    "void",
    "kinetics",
    "hopping",
    "barrier",
    "tunnel",
    "filament",
    "counter",
    "heat",
    "compliance",
)
_FIXED = ("compliance.current",)  # it belongs to the data


class Resistances(Section):
    """Resistance of the low state over the compliance; ``error`` is a share of the resistance."""

    file: str | None = None  # read into the points, and none from then on
    currents: tuple[PositiveCurrent, ...] = Field(min_length=1)
    resistances: tuple[Resistance, ...] = Field(min_length=1)
    error: PositiveRatio

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Ask for the points or for their file."""
        return either(handler.resolve_ref_schema(handler(schema)), {"currents", "resistances"})

    @model_validator(mode="before")
    @classmethod
    def _read(cls, data: Any) -> Any:
        return with_columns(data, {"currents": PositiveCurrent, "resistances": Resistance})

    @model_validator(mode="after")
    def _is_table(self) -> Self:
        if len(self.currents) != len(self.resistances):
            raise ValueError("needs as many currents as resistances")
        repeated = [current for current, n in Counter(self.currents).items() if n > 1]
        if repeated:
            raise ValueError(f"has {repeated[0]:g} A twice: give one resistance for each current")
        return self


class Config(CaseConfig):
    """The TOML file of this case; ``jobs`` SETs are run at a time."""

    case: Literal["ecm_fit"]
    file: str | None = None  # read into the cell, and none from then on
    overrides: tuple[str, ...] = ()  # likewise
    cell: growth.Config
    measured: Resistances
    parameter: tuple[Parameter, ...] = Field(min_length=1)
    jobs: int = Field(default=1, ge=1)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Ask for the cell or for the file of its case."""
        return either(handler.resolve_ref_schema(handler(schema)), {"cell"})

    @model_validator(mode="before")
    @classmethod
    def _read(cls, data: Any) -> Any:
        return with_case(data, "cell", growth.Config)


def adjustable(cell: growth.Config) -> dict[str, Quantity]:
    """Numbers of a cell that a fit may change, by their keys."""
    return numbers(cell, _ADJUSTABLE, _FIXED)


@dataclass(frozen=True)
class Prepared:
    """A checked fit."""

    config: Config
    intervals: tuple[Interval, ...]


def prepare(config: Config, comm: MPI.Comm) -> Prepared:
    """Check what the sections mean together.

    Raises
    ------
    InputError
        If the cell cannot be solved as it is, or parameters and cell do not go together.
    """
    if comm.size > 1:
        raise InputError("jobs: a fit of a cell starts its own processes: give --jobs, not mpirun")
    growth.prepare(config.cell, comm)
    return Prepared(config, intervals(config.parameter, config.cell, adjustable(config.cell)))
