"""The TOML file of a fit: experiments with what was measured, and the parameters to adjust.

.. code-block:: toml

   case = "lsmo_fit"

   [[experiment]]
   name = "100K"
   file = "lsmo_iv.toml"                                # what is solved
   curve = { file = "iv_100K.csv", error = "1 %" }      # V [V],I [A]
   figures = { file = "figures_100K.csv" }              # quantity,value,error

   [[parameter]]
   key = "substrate.conductivity"
   min = "4 W/(m K)"
   max = "16 W/(m K)"
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

from mpi4py import MPI

from pydantic import Field, model_validator

from mitmodels.cases.config.columns import read_records
from mitmodels.cases.config.dimensions import Current, PositiveVoltage, Voltage
from mitmodels.cases.config.quantity import Dimension, Quantity
from mitmodels.cases.config.section import Section
from mitmodels.cases.film.config import SteadyConfig
from mitmodels.cases.fitting.files import Columns, FromCase, checked
from mitmodels.cases.fitting.parameters import (
    FitConfig,
    Interval,
    check_devices,
    intervals,
    numbers,
)
from mitmodels.errors import InputError
from mitmodels.film.observables import STEADY_FILM

if TYPE_CHECKING:
    from mitmodels.cases.film import steady_config

_UNITS = "V or A or W or m or ohm or K"
FigureValue = Annotated[Quantity, Dimension("a key figure", _UNITS, "16 V", least=0)]
FigureError = Annotated[Quantity, Dimension("its standard error", _UNITS, "1 V", above=0)]
# What a summary may hold, and in which unit.
FIGURES = {
    "V_up": "V",
    "V_down": "V",
    "I_up": "A",
    "I_down": "A",
    "I_max": "A",
    "V_at_I_max": "V",
    "P_switch": "W",
    "V_full": "V",
    "I_hold": "A",
    "d_nucleated": "m",
    "R_switched": "ohm",
    "hysteresis": "V",
    "d_moke": "m",
    "V_full_moke_50": "V",
    "V_full_moke_10": "V",
}
KERR = {"d_moke", "V_full_moke_50", "V_full_moke_10"}
_ADJUSTABLE = ("film", "contact", "substrate", "pads")
# One is only what counts as barrier, the other belongs to the mesh of the substrate.
_FIXED = {"film.barrier_temperature", "substrate.thickness"}


class Curve(Columns):
    """I-V curve in the order in which it was measured."""

    voltages: tuple[Voltage, ...] = Field(min_length=3, examples=[["0 V", "5 V", "10 V"]])
    """Voltages of the source in the order in which they were measured, from 0 up."""
    currents: tuple[Current, ...] = Field(min_length=3, examples=[["0 mA", "10 mA", "15 mA"]])
    """Current at each of these voltages."""

    @model_validator(mode="after")
    def _is_curve(self) -> Self:
        if min(self.voltages) < 0 or min(self.currents) < 0 or not max(self.currents) > 0:
            raise ValueError("a film is the same for both signs: give voltages and currents from 0")
        return self


class Figure(Section):
    """Measured key figure of the summary, or observed quantity at a voltage of the source."""

    quantity: str
    """Key figure of the summary that was measured, or an observed quantity `at` a voltage."""
    at: PositiveVoltage | None = Field(default=None, examples=["20 V"])
    """Voltage of the source on the way up at which the observed quantity was measured."""
    value: FigureValue
    """Measured value, in the unit of the quantity."""
    error: FigureError
    """Its standard error, in the same unit."""

    @property
    def name(self) -> str:
        """Quantity, and where it is read."""
        return f"{self.quantity} at {self.at:g} V" if self.at else self.quantity

    @model_validator(mode="after")
    def _is_figure(self) -> Self:
        known = STEADY_FILM.units if self.at else FIGURES
        unit = known.get(self.quantity)
        if unit is None:
            raise ValueError(f"{self.quantity} is not one of {', '.join(known)}")
        if not unit == self.value.unit == self.error.unit:
            raise ValueError(f"{self.quantity} is in {unit}, and so must be its value and error")
        return self


def _or_file(described: dict[str, Any]) -> None:
    """Let the schema of the figures take a file of them, too."""
    file = {"type": "object", "properties": {"file": {"type": "string"}}, "required": ["file"]}
    figures = dict(described)
    described.clear()
    described["anyOf"] = [figures, file]


class Experiment(FromCase):
    """A film case and what was measured on it."""

    case_key: ClassVar = "film"
    name: str = Field(pattern=r"^[\w.+-]{1,60}$", examples=["10x10"])
    """Name of the experiment in tables and figures."""
    film: SteadyConfig
    curve: Curve | None = None
    figures: tuple[Figure, ...] = Field(default=(), json_schema_extra=_or_file)

    @model_validator(mode="before")
    @classmethod
    def _read_figures(cls, data: Any) -> Any:
        figures = data.get("figures") if isinstance(data, dict) else None
        if not isinstance(figures, dict) or not isinstance(figures.get("file"), str):
            return data
        records = read_records(Path(figures["file"]), ("quantity", "value", "error"))
        name = Path(figures["file"]).name
        return {**data, "figures": [_measured(record, name) for record in records]}

    @model_validator(mode="after")
    def _has_data(self) -> Self:
        if self.curve is None and not self.figures:
            raise ValueError("has nothing measured: give a curve or figures")
        seen = {figure.quantity for figure in self.figures} & KERR
        if seen and self.film.output.kerr_spot is None:
            raise ValueError(
                f"{min(seen)} is read through a laser spot: set output.kerr_spot of its case"
            )
        return self


class Prediction(Experiment):
    """A film case that is not fitted: the posterior predicts its curve and its key figures.

    What was measured on it, if anything, is shown beside them.
    """

    @model_validator(mode="after")
    def _has_data(self) -> Self:
        return self


class Config(FitConfig):
    """The TOML file of this case."""

    case: Literal["lsmo_fit"]
    # Handed to the experiments.
    overrides: tuple[str, ...] = Field(default=(), examples=[["contact.heat=pads"]])
    """Changes of the files of all experiments and predictions, `section.key=value`."""
    experiment: tuple[Experiment, ...] = Field(min_length=1)
    predict: tuple[Prediction, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _share(cls, data: Any) -> Any:
        """Hand the common overrides to every experiment and prediction."""
        if not isinstance(data, dict) or "overrides" not in data:
            return data
        kept, common = dict(data), checked(data["overrides"])
        del kept["overrides"]
        for key in ("experiment", "predict"):
            if isinstance(data.get(key), list):
                kept[key] = [
                    {**item, "overrides": [*common, *checked(item.get("overrides", []))]}
                    if isinstance(item, dict)
                    else item
                    for item in data[key]
                ]
        return kept


def _measured(record: dict[str, str], source: str) -> dict[str, Any]:
    entries = {
        key: {"value": record[key], "source": source, "status": "measured"}
        for key in ("value", "error")
    }
    return {"quantity": record["quantity"], **entries}


def adjustable(film: SteadyConfig) -> dict[str, Quantity]:
    """Numbers of a case that a fit may change, by their keys."""
    return numbers(film, _ADJUSTABLE, _FIXED)


@dataclass(frozen=True, eq=False)
class Prepared:
    """A checked fit with the mesh of every experiment, and its parameters."""

    config: Config
    films: "tuple[steady_config.Prepared, ...]"
    predicted: "tuple[steady_config.Prepared, ...]"
    intervals: tuple[Interval, ...]


def prepare(config: Config, comm: MPI.Comm) -> Prepared:
    """Check what the sections mean together, and mesh.

    Raises
    ------
    InputError
        If a case cannot be solved as it is, or data, parameters and cases do not go together.
    """
    from mitmodels.cases.film import steady_config  # only here: it loads DOLFINx

    predicted = [(device.name, adjustable(device.film)) for device in config.predict]
    check_devices(config.parameter, [each.name for each in config.experiment], predicted)
    each = [
        intervals(config.parameter, experiment.film, adjustable(experiment.film))
        for experiment in config.experiment
    ]
    for experiment, found in zip(config.experiment, each, strict=True):
        _check_start(found, each[0], experiment, config.experiment[0])
    films = []
    for device in (*config.experiment, *config.predict):
        try:
            film = steady_config.prepare(device.film, comm)
        except InputError as error:
            kind = "predict" if isinstance(device, Prediction) else "experiment"
            raise InputError(f"{kind} {device.name}: {error}") from None
        films.append(film)
        _check_range(device, film)
    count = len(config.experiment)
    return Prepared(config, tuple(films[:count]), tuple(films[count:]), each[0])


def _check_start(
    found: Sequence[Interval], others: Sequence[Interval], experiment: Experiment, first: Experiment
) -> None:
    """Refuse two experiments in which a parameter does not start at the same value."""
    for here, there in zip(found, others, strict=True):
        if here.start != there.start:
            raise InputError(
                f"parameter {here.key}: starts at {there.start:g} {there.unit} in {first.name} and "
                f"at {here.start:g} {here.unit} in {experiment.name}: give both cases the same, "
                "with overrides"
            )


def _check_range(experiment: Experiment, film: "steady_config.Prepared") -> None:
    """Refuse a curve that goes further than the ramp of its case."""
    curve = experiment.curve
    if curve is None:
        return
    drive = curve.voltages if film.protocol.unit == "V" else curve.currents
    largest = max(drive)
    if largest > film.limit:
        raise InputError(
            f"experiment {experiment.name}: the curve reaches {largest.given}, but the protocol of "
            f"its case ends at {film.limit:g} {film.protocol.unit}: give it a longer ramp"
        )
