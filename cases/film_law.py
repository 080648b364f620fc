"""TOML sections of what a film is made of."""

from typing import Annotated, Literal

from pydantic import Field

from cases.config import Section
from cases.dimensions import (
    Fraction,
    Length,
    Resistivity,
    Temperature,
    TemperatureDifference,
    ThermalConductivity,
)
from cases.quantity import Dimension, Quantity
from mitmodels.disorder import LognormalField
from mitmodels.materials import LogarithmicSwitchingResistivity, SwitchingResistivity

QuadraticResistivity = Annotated[
    Quantity, Dimension("a resistivity per square kelvin", "ohm m/K2", "8e-11 ohm m/K2", least=0)
]


class _Film(Section):
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


FilmLaw = Annotated[SwitchingLaw | LogarithmicLaw, Field(discriminator="law")]


class Inhomogeneity(Section):
    """Random variation along the film: standard deviation of the logarithm, and its extent."""

    quantity: Literal["resistivity", "loss"]
    amplitude: Fraction
    correlation_length: Length
    seed: int = Field(ge=0)

    def factor(self) -> LognormalField:
        """Return the factor of the quantity as a function of the place."""
        return LognormalField(float(self.amplitude), float(self.correlation_length), self.seed)
