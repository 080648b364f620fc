"""TOML sections of what a film lies on."""

from typing import Annotated, Any, ClassVar, Literal, Self

import numpy as np
from pydantic import ConfigDict, Field, model_validator

from mitmodels.cases.config.columns import with_columns
from mitmodels.cases.config.dimensions import (
    Length,
    LossOrZero,
    Ratio,
    Temperature,
    ThermalBoundaryResistance,
    ThermalConductivity,
    ThermalResistance,
)
from mitmodels.cases.config.materials import Material, Ranges, or_record
from mitmodels.cases.config.quantity import Quantity
from mitmodels.cases.config.section import Section
from mitmodels.film.conductivity import TabulatedConductivity
from mitmodels.film.table import Beyond, in_order

_COLUMNS = {"temperatures": Temperature, "conductivities": ThermalConductivity}
_TABLE = frozenset({"conductivity_file", *_COLUMNS, "beyond"})
_NUMBER = frozenset({"conductivity", "conductivity_exponent"})


def _or_table(described: dict[str, Any]) -> None:
    """Let the schema ask for a record, a number, a table or its file."""
    or_record(described)
    record, others = described["anyOf"]
    choices = (["conductivity"], ["conductivity_file"], list(_COLUMNS))
    described["anyOf"] = [record, *({"required": others["required"] + keys} for keys in choices)]


class HalfSpaceSection(Material):
    """Substrate as an adiabatic half-space in which the heat spreads.

    Its conductivity is a number, falls with a power of the temperature, or is a table.
    """

    model_config = ConfigDict(json_schema_extra=_or_table)
    replaced: ClassVar = {
        "conductivity": _TABLE,
        "conductivity_file": _TABLE | _NUMBER,
        "conductivities": _TABLE | _NUMBER,
    }
    model: Literal["half_space"]
    """Half-space in which the heat spreads in three dimensions, adiabatic beside film and pads."""
    conductivity: ThermalConductivity | None = None
    """Thermal conductivity kappa as a number: it sets the voltages at which a film switches."""
    conductivity_exponent: Ratio = Field(default=Quantity(0.0, "", "0", "default"), examples=[1])
    """n of kappa (300 K/T)^n, which makes `conductivity` that at 300 K; 1 to 1.5 for a crystal, 0
    for a constant."""
    # Read into the points, and none from then on.
    conductivity_file: str | None = Field(default=None, examples=["kappa.csv"])
    """Path of a CSV file with the columns `T [K],conductivity [W/(m K)]`, in place of a number."""
    temperatures: tuple[Temperature, ...] | None = Field(
        default=None, examples=[["100 K", "200 K", "300 K"]]
    )
    """Temperatures of measured points of the conductivity, in place of a number."""
    conductivities: tuple[ThermalConductivity, ...] | None = Field(
        default=None, examples=[["18 W/(m K)", "14 W/(m K)", "11 W/(m K)"]]
    )
    """Conductivity at each of these temperatures; between them its logarithm is a monotone
    cubic."""
    beyond: Beyond = "end"
    """What holds where the surface is hotter than the last point: the ramp ends, the value is held,
    or goes on with its slope."""
    thickness: Length | None = Field(default=None, examples=["0.5 mm"])
    """Thickness d of a substrate that ends on a heat sink at the ambient temperature; without it,
    it does not end."""
    boundary_resistance: ThermalBoundaryResistance | None = None
    """Thermal resistance R of the boundary below film and pads, which are warmer than the surface
    by R times the heat flux; none by default."""
    mount_resistance: ThermalResistance | None = None
    """Thermal resistance between the back of the substrate and the ambient: all heat of the device
    warms it by so much; none by default."""
    operator: Literal["dense", "fourier"] | None = None
    """Whether the heat of the surface is a dense matrix or works by Fourier transforms, for many
    nodes; the faster one by default."""

    @model_validator(mode="before")
    @classmethod
    def _read(cls, data: Any) -> Any:
        """Put the points of the file in its place."""
        return with_columns(data, _COLUMNS, key="conductivity_file")

    @model_validator(mode="after")
    def _has_one_law(self) -> Self:
        if (self.conductivity is None) != self.is_table:
            raise ValueError(
                "give either conductivity, or a table of it, as conductivity_file or as "
                "temperatures and conductivities"
            )
        if self.conductivity_exponent and self.is_table:
            raise ValueError("conductivity_exponent is of a number: remove it from a table")
        self.law()
        return self

    @property
    def is_table(self) -> bool:
        """Whether the conductivity was measured over the temperature."""
        return self.temperatures is not None or self.conductivities is not None

    @property
    def end(self) -> float | None:
        """Last temperature [K] of the table, if nothing holds beyond it."""
        return self.law().range[1] if self.is_table and self.beyond == "end" else None

    @property
    def ranges(self) -> Ranges:
        """Where it was measured; the ramp ends there, or goes on with a warning."""
        if not self.is_table or self.beyond == "end":
            return self.valid
        low, high = self.law().range
        bounds = Quantity(low, "K", f"{low:g} K"), Quantity(high, "K", f"{high:g} K")
        return {"conductivity": bounds, **self.valid}

    def law(self) -> TabulatedConductivity:
        """Return the conductivity as a law in SI."""
        if self.conductivity is not None:
            return TabulatedConductivity.power(
                float(self.conductivity), float(self.conductivity_exponent)
            )
        T, kappa = (
            np.array(v or (), dtype=float) for v in (self.temperatures, self.conductivities)
        )
        if len(T) == len(kappa) > 0:
            T, kappa = in_order(T, kappa)
        return TabulatedConductivity(tuple(T.tolist()), tuple(kappa.tolist()), self.beyond)

    def conductance(self, area: float, ambient: float) -> float:
        """Rough heat loss of an area [m2] per kelvin [W/K], near the ambient temperature [K].

        A disc on a half-space loses 4 kappa a per kelvin.
        """
        kappa = self.law()(ambient)
        spreading = 4 * kappa * np.sqrt(area / np.pi)
        through = kappa * area / self.thickness if self.thickness else 0.0
        others = (self.boundary_resistance or 0.0) / area + (self.mount_resistance or 0.0)
        return float(1 / (1 / (spreading + through) + others))


class SheetSection(Section):
    """Substrate as a local heat loss."""

    model: Literal["sheet"]
    """Local loss of heat to the ambient temperature."""
    loss: LossOrZero
    """Heat g lost per area and kelvin: walls between the phases are sqrt(kappa t/g) wide."""

    def conductance(self, area: float, _ambient: float) -> float:
        """Heat loss of an area [m2] per kelvin [W/K]."""
        return float(self.loss * area)


SubstrateSection = Annotated[HalfSpaceSection | SheetSection, Field(discriminator="model")]
