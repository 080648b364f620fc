"""TOML sections of films with two phases, and what every film has."""

from typing import Annotated, Literal, Self

from pydantic import model_validator

from mitmodels.cases.config import dimensions as dim
from mitmodels.cases.config.materials import Material
from mitmodels.cases.config.quantity import Dimension, Quantity
from mitmodels.constants import BOLTZMANN
from mitmodels.film.resistivity import (
    HystereticResistivity,
    LogarithmicSwitchingResistivity,
    SwitchingResistivity,
)

QuadraticResistivity = Annotated[
    Quantity, Dimension("a resistivity per square kelvin", "ohm m/K2", "8e-11 ohm m/K2", least=0)
]


class Film(Material):
    """What every film has; where it is hotter than ``barrier_temperature`` it counts as barrier."""

    thermal_conductivity: dim.ThermalConductivity
    barrier_temperature: dim.Temperature

    @property
    def end(self) -> float | None:
        """Temperature [K] up to which a film may get, None if any."""
        return None


class SwitchingLaw(Film):
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


class LogarithmicLaw(Film):
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


class HysteresisLaw(Film):
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
