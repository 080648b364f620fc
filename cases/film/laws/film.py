"""TOML sections of what a film is made of."""

from functools import lru_cache
from typing import Annotated, Any, Literal, Self

import numpy as np
from pydantic import ConfigDict, Field, ValidationError, model_validator

from mitmodels.cases.config import dimensions as dim
from mitmodels.cases.config.columns import with_columns
from mitmodels.cases.config.materials import Material, Ranges, or_record
from mitmodels.cases.config.quantity import Dimension, Quantity
from mitmodels.cases.config.section import Section
from mitmodels.constants import BOLTZMANN
from mitmodels.film.disorder import LognormalField
from mitmodels.film.resistivity import (
    HystereticResistivity,
    LogarithmicSwitchingResistivity,
    SwitchingResistivity,
)
from mitmodels.film.table import Beyond, TabulatedResistivity, in_order, smoothed

QuadraticResistivity = Annotated[
    Quantity, Dimension("a resistivity per square kelvin", "ohm m/K2", "8e-11 ohm m/K2", least=0)
]


class _Film(Material):
    """What every film has; where it is hotter than ``barrier_temperature`` it counts as barrier."""

    thermal_conductivity: dim.ThermalConductivity
    barrier_temperature: dim.Temperature

    @property
    def end(self) -> float | None:
        """Temperature [K] up to which a film may get, None if any."""
        return None


class SwitchingLaw(_Film):
    """Film with one resistivity below and another one above a transition temperature."""

    law: Literal["switching"]
    cold: dim.Resistivity
    cold_quadratic: QuadraticResistivity
    hot: dim.Resistivity
    temperature: dim.Temperature
    width: dim.TemperatureDifference

    def resistivity(self) -> SwitchingResistivity:
        """Return the law in SI."""
        return SwitchingResistivity(
            *map(float, (self.cold, self.cold_quadratic, self.hot, self.temperature, self.width))
        )


class LogarithmicLaw(_Film):
    """Film whose resistivities below and above the transition are orders of magnitude apart."""

    law: Literal["logarithmic"]
    cold: dim.Resistivity
    hot: dim.Resistivity
    temperature: dim.Temperature
    width: dim.TemperatureDifference

    def resistivity(self) -> LogarithmicSwitchingResistivity:
        """Return the law in SI."""
        return LogarithmicSwitchingResistivity(
            *map(float, (self.cold, self.hot, self.temperature, self.width))
        )


class HysteresisLaw(_Film):
    """Film with a memory: it turns at ``temperature_up`` on heating, on cooling only further down.

    ``cold`` is the resistivity of its cold phase at ``temperature_up``, which falls on heating with
    the energy ``activation``.
    """

    law: Literal["hysteresis"]
    cold: dim.Resistivity
    activation: dim.Energy = Quantity(0.0, "J", "0 eV", "default")
    hot: dim.Resistivity
    temperature_up: dim.Temperature
    temperature_down: dim.Temperature
    width: dim.TemperatureDifference

    @model_validator(mode="after")
    def _turns_back(self) -> Self:
        if self.temperature_down > self.temperature_up:
            raise ValueError(
                f"temperature_down = {self.temperature_down.given} is above temperature_up = "
                f"{self.temperature_up.given}: exchange them"
            )
        return self

    def resistivity(self) -> HystereticResistivity:
        """Return the law in SI."""
        turns = float(self.temperature_up), float(self.temperature_down), float(self.width)
        activation = float(self.activation / BOLTZMANN)
        return HystereticResistivity(float(self.cold), float(self.hot), *turns, activation)


def _or_file(described: dict[str, Any]) -> None:
    """Let the schema of a table ask for a record, the points or their file."""
    or_record(described)
    points = {"temperatures", "resistivities"}
    others = [key for key in described["anyOf"][1]["required"] if key not in points]
    described["anyOf"].append({"required": [*others, "file"]})


class Bar(Section):
    """Bar on which a table was measured; of a sheet resistance its thickness counts."""

    length: dim.Length | None = None
    width: dim.Length | None = None
    thickness: dim.Length

    def resistivity(self, quantity: str) -> float:
        """Resistivity [ohm m] of one ohm, or one ohm per square.

        Raises
        ------
        ValueError
            If a length is missing.
        """
        if quantity == "sheet resistance":
            return float(self.thickness)
        if self.length is None or self.width is None:
            raise ValueError("bar needs length, width and thickness for a resistance: add them")
        return float(self.width * self.thickness / self.length)


_MOST = 100_000  # rows of a file
_MEASURED = {
    "resistivity": dim.Resistivity,
    "resistance": dim.Resistance,
    "sheet resistance": dim.SheetResistance,
}


class TableLaw(_Film):
    """Film whose resistivity was measured: its points, or the CSV file of their two columns.

    The points may stand in any order; those of one temperature are averaged. ``smoothing`` takes
    noise away: the standard deviation of the kernel of a local average. ``beyond`` says what holds
    where the film gets hotter than the last point: the ramp ends, the resistivity is held, or goes
    on with its slope. A file may hold a resistance or sheet resistance of a ``bar``.
    """

    model_config = ConfigDict(json_schema_extra=_or_file)
    law: Literal["table"]
    # Read into the points, and none from then on.
    file: str | None = None
    quantity: Literal["resistivity", "resistance", "sheet resistance"] = "resistivity"
    bar: Bar | None = None
    smoothing: dim.TemperatureDifference | None = None
    beyond: Beyond = "end"
    temperatures: tuple[dim.Temperature, ...]
    resistivities: tuple[dim.Resistivity, ...]

    @model_validator(mode="before")
    @classmethod
    def _read(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        quantity = data.get("quantity", "resistivity")
        if not isinstance(quantity, str) or quantity not in _MEASURED:
            return data
        try:
            bar = Bar.model_validate(data["bar"]) if data.get("bar") is not None else None
        except ValidationError:
            return data  # which says so itself
        if (quantity == "resistivity") != (bar is None):
            raise ValueError(
                f'bar goes with quantity = "resistance" or "sheet resistance", here it is '
                f"{quantity!r}: give both, or neither"
            )
        if bar and not isinstance(data.get("file"), str):
            raise ValueError(f"quantity = {quantity!r} is of a file: give resistivities")
        kinds = {"temperatures": dim.Temperature, "resistivities": _MEASURED[quantity]}
        read = with_columns(data, kinds, _MOST)
        return read if read is data else _as_resistivity(read, bar, quantity)

    @model_validator(mode="after")
    def _is_table(self) -> Self:
        self.resistivity()
        return self

    def resistivity(self) -> TabulatedResistivity:
        """Return the law in SI."""
        return _tabulated(
            self.temperatures, self.resistivities, float(self.smoothing or 0.0), self.beyond
        )

    @property
    def cold(self) -> float:
        """Resistivity at the lowest temperature [ohm m]."""
        return self.resistivity().resistivities[0]

    @property
    def hot(self) -> float:
        """Resistivity at the highest temperature [ohm m]."""
        return self.resistivity().resistivities[-1]

    @property
    def end(self) -> float | None:
        """Last temperature [K], if nothing holds beyond it."""
        return self.resistivity().range[1] if self.beyond == "end" else None

    @property
    def ranges(self) -> Ranges:
        """Where it was measured; the ramp ends there, or goes on with a warning."""
        if self.beyond == "end":
            return self.valid
        low, high = self.resistivity().range
        bounds = Quantity(low, "K", f"{low:g} K"), Quantity(high, "K", f"{high:g} K")
        return {"resistivity": bounds, **self.valid}


@lru_cache(maxsize=8)  # it is asked for at every point of a run, and smoothing takes 25 ms
def _tabulated(
    temperatures: tuple[Quantity, ...],
    resistivities: tuple[Quantity, ...],
    smoothing: float,
    beyond: Beyond,
) -> TabulatedResistivity:
    T, rho = (np.array(values, dtype=float) for values in (temperatures, resistivities))
    if len(T) == len(rho) > 0:
        T, rho = in_order(T, rho)
        rho = smoothed(T, rho, smoothing) if smoothing else rho
    return TabulatedResistivity(tuple(T.tolist()), tuple(rho.tolist()), beyond)


def _as_resistivity(read: dict[str, Any], bar: Bar | None, quantity: str) -> dict[str, Any]:
    """Columns of a file as so many points of the resistivity as a law keeps, in order."""
    columns = [read[name] for name in ("temperatures", "resistivities")]
    if not columns[0]:
        return read
    factor = bar.resistivity(quantity) if bar else 1.0
    T, rho = in_order(*(np.array(values, dtype=float) for values in columns))
    source = columns[0][0].source
    points = {
        name: [Quantity(float(x), unit, f"{x:g} {unit}", source, "measured") for x in values]
        for name, values, unit in (
            ("temperatures", T, "K"),
            ("resistivities", rho * factor, "ohm m"),
        )
    }
    return {**read, **points, "quantity": "resistivity", "bar": None}


FilmLaw = Annotated[
    SwitchingLaw | LogarithmicLaw | TableLaw | HysteresisLaw, Field(discriminator="law")
]


class Inhomogeneity(Section):
    """Random variation along the film: standard deviation of the logarithm, and its extent."""

    quantity: Literal["resistivity", "loss"]
    amplitude: dim.Fraction
    correlation_length: dim.Length
    seed: int = Field(ge=0)

    def factor(self) -> LognormalField:
        """Return the factor of the quantity as a function of the place."""
        return LognormalField(float(self.amplitude), float(self.correlation_length), self.seed)
