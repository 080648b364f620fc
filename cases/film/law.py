"""TOML sections of what a film is made of."""

from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from mitmodels.cases.config.columns import with_columns
from mitmodels.cases.config.dimensions import (
    Fraction,
    Length,
    Resistivity,
    Temperature,
    TemperatureDifference,
    ThermalConductivity,
)
from mitmodels.cases.config.materials import Material, or_record
from mitmodels.cases.config.quantity import Dimension, Quantity
from mitmodels.cases.config.section import Section
from mitmodels.film.disorder import LognormalField
from mitmodels.film.resistivity import (
    LogarithmicSwitchingResistivity,
    SwitchingResistivity,
    TabulatedResistivity,
)

QuadraticResistivity = Annotated[
    Quantity, Dimension("a resistivity per square kelvin", "ohm m/K2", "8e-11 ohm m/K2", least=0)
]


class _Film(Material):
    """What every film has; where it is hotter than ``barrier_temperature`` it counts as barrier."""

    thermal_conductivity: ThermalConductivity
    barrier_temperature: Temperature


class SwitchingLaw(_Film):
    """Film with one resistivity below and another one above a transition temperature."""

    law: Literal["switching"]
    cold: Resistivity
    cold_quadratic: QuadraticResistivity
    hot: Resistivity
    temperature: Temperature
    width: TemperatureDifference

    def resistivity(self) -> SwitchingResistivity:
        """Return the law in SI."""
        return SwitchingResistivity(
            *map(float, (self.cold, self.cold_quadratic, self.hot, self.temperature, self.width))
        )


class LogarithmicLaw(_Film):
    """Film whose resistivities below and above the transition are orders of magnitude apart."""

    law: Literal["logarithmic"]
    cold: Resistivity
    hot: Resistivity
    temperature: Temperature
    width: TemperatureDifference

    def resistivity(self) -> LogarithmicSwitchingResistivity:
        """Return the law in SI."""
        return LogarithmicSwitchingResistivity(
            *map(float, (self.cold, self.hot, self.temperature, self.width))
        )


def _or_file(described: dict[str, Any]) -> None:
    """Let the schema of a table ask for a record, the points or their file."""
    or_record(described)
    points = {"temperatures", "resistivities"}
    others = [key for key in described["anyOf"][1]["required"] if key not in points]
    described["anyOf"].append({"required": [*others, "file"]})


class TableLaw(_Film):
    """Film whose resistivity was measured: its points, or the CSV file of their two columns."""

    model_config = ConfigDict(json_schema_extra=_or_file)
    law: Literal["table"]
    file: str | None = None  # read into the points, and none from then on
    temperatures: tuple[Temperature, ...]
    resistivities: tuple[Resistivity, ...]

    @model_validator(mode="before")
    @classmethod
    def _read(cls, data: Any) -> Any:
        """Put the points of the file in its place."""
        return with_columns(data, {"temperatures": Temperature, "resistivities": Resistivity})

    @model_validator(mode="after")
    def _is_table(self) -> Self:
        self.resistivity()
        return self

    def resistivity(self) -> TabulatedResistivity:
        """Return the law in SI."""
        points = (self.temperatures, self.resistivities)
        return TabulatedResistivity(*(tuple(map(float, values)) for values in points))

    @property
    def cold(self) -> float:
        """Resistivity at the lowest temperature [ohm m]."""
        return float(self.resistivities[0])

    @property
    def hot(self) -> float:
        """Resistivity at the highest temperature [ohm m]."""
        return float(self.resistivities[-1])


FilmLaw = Annotated[SwitchingLaw | LogarithmicLaw | TableLaw, Field(discriminator="law")]


class Inhomogeneity(Section):
    """Random variation along the film: standard deviation of the logarithm, and its extent."""

    quantity: Literal["resistivity", "loss"]
    amplitude: Fraction
    correlation_length: Length
    seed: int = Field(ge=0)

    def factor(self) -> LognormalField:
        """Return the factor of the quantity as a function of the place."""
        return LognormalField(float(self.amplitude), float(self.correlation_length), self.seed)
