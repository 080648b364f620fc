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
from typing import ClassVar, Literal, Self

from mpi4py import MPI

from pydantic import Field, model_validator

from mitmodels.cases.cell import sections
from mitmodels.cases.config.dimensions import PositiveCurrent, Resistance
from mitmodels.cases.config.quantity import Quantity
from mitmodels.cases.console.launcher import check_crowd
from mitmodels.cases.fitting.files import Columns, FromCase
from mitmodels.cases.fitting.parameters import (
    FitConfig,
    Interval,
    check_devices,
    intervals,
    numbers,
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
    "circuit",
)
_FIXED = ("circuit.compliance",)  # it belongs to the data


class Resistances(Columns):
    """Resistance of the low state over the compliance."""

    currents: tuple[PositiveCurrent, ...] = Field(min_length=1)
    """Compliances of the SETs, each once."""
    resistances: tuple[Resistance, ...] = Field(min_length=1)
    """Resistance of the low state that each compliance left."""

    @model_validator(mode="after")
    def _is_table(self) -> Self:
        repeated = [current for current, n in Counter(self.currents).items() if n > 1]
        if repeated:
            raise ValueError(f"has {repeated[0]:g} A twice: give one resistance for each current")
        return self


class CellPrediction(FromCase):
    """A cell that is not fitted: the posterior predicts its key quantities."""

    case_key: ClassVar = "cell"
    name: str = Field(pattern=r"^[\w.+-]{1,60}$", examples=["thick"])
    """Name of the cell in tables and figures."""
    cell: sections.Config


class Config(FromCase, FitConfig):
    """The TOML file of this case."""

    case_key: ClassVar = "cell"
    case: Literal["ecm_fit"]
    cell: sections.Config
    measured: Resistances
    predict: tuple[CellPrediction, ...] = ()
    jobs: int = Field(default=1, ge=1)
    """Number of SETs that run at a time."""


def adjustable(cell: sections.Config) -> dict[str, Quantity]:
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
    check_crowd("jobs", config.jobs)
    from mitmodels.cases.cell import growth  # only here: it loads DOLFINx

    predicted = [(device.name, adjustable(device.cell)) for device in config.predict]
    check_devices(config.parameter, (), predicted)
    growth.prepare(config.cell, comm)
    for device in config.predict:
        try:
            growth.prepare(device.cell, comm)
        except InputError as error:
            raise InputError(f"predict {device.name}: {error}") from None
    return Prepared(config, intervals(config.parameter, config.cell, adjustable(config.cell)))
