"""TOML section of a film whose resistivity was measured, as a table."""

from functools import lru_cache
from typing import Any, Literal, Self

import numpy as np
from pydantic import ConfigDict, Field, ValidationError, model_validator

from mitmodels.cases.config import dimensions as dim
from mitmodels.cases.config.columns import with_columns
from mitmodels.cases.config.materials import Ranges, or_record
from mitmodels.cases.config.quantity import Quantity
from mitmodels.cases.config.section import Section
from mitmodels.cases.film.laws.phases import Film
from mitmodels.film.table import Beyond, TabulatedResistivity, in_order, smoothed


def _or_file(described: dict[str, Any]) -> None:
    """Let the schema of a table ask for a record, the points or their file."""
    or_record(described)
    points = {"temperatures", "resistivities"}
    others = [key for key in described["anyOf"][1]["required"] if key not in points]
    described["anyOf"].append({"required": [*others, "file"]})


class Bar(Section):
    """Bar on which a table was measured; of a sheet resistance its thickness counts."""

    length: dim.Length | None = Field(default=None, examples=["5 mm"])
    """Length of the bar between the contacts of its voltage; of a resistance only."""
    width: dim.Length | None = Field(default=None, examples=["1 mm"])
    """Width of the bar; of a resistance only."""
    thickness: dim.Length = Field(examples=["20 nm"])
    """Thickness of the bar or film, by which a resistance or sheet resistance becomes a
    resistivity."""

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


class TableLaw(Film):
    """Film whose resistivity was measured: its points, or the CSV file of their two columns."""

    model_config = ConfigDict(json_schema_extra=_or_file)
    law: Literal["table"]
    """Resistivity from measured points, monotone between them."""
    # Read into the points, and none from then on.
    file: str | None = Field(default=None, examples=["rho.csv"])
    """Path of a CSV file with the columns `T [K],resistivity [ohm m]`, in place of the points
    here."""
    quantity: Literal["resistivity", "resistance", "sheet resistance"] = "resistivity"
    """What the second column of that file is; a resistance or sheet resistance is of a `bar`."""
    bar: Bar | None = None
    smoothing: dim.TemperatureDifference | None = Field(default=None, examples=["2 K"])
    """Standard deviation of the kernel of a local average that takes noise away; none by
    default."""
    beyond: Beyond = "end"
    """What holds where the film is hotter than the last point: the ramp ends, the value is held, or
    goes on with its slope."""
    temperatures: tuple[dim.Temperature, ...] = Field(examples=[["50 K", "340 K", "380 K"]])
    """Temperatures of the points, in any order; points of one temperature are averaged."""
    resistivities: tuple[dim.Resistivity, ...] = Field(
        examples=[["1.5e-6 ohm m", "2e-5 ohm m", "5e-5 ohm m"]]
    )
    """Resistivity at each of these temperatures."""

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
