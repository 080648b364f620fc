"""TOML sections of films with two phases, and what every film has."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

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
    Quantity,
    Dimension(
        "a resistivity per square kelvin",
        "ohm m/K2",
        "8e-11 ohm m/K2",
        least=0,
        usual=(1e-15, 1e-3),
    ),
]


class Film(Material):
    """What every film has."""

    thermal_conductivity: dim.ThermalConductivity
    """Thermal conductivity kappa of the film, by which heat spreads along it."""
    barrier_temperature: dim.Temperature = Field(examples=["340 K"])
    """Temperature above which a place of the film counts as barrier: it defines widths and events,
    not the solution."""

    @property
    def end(self) -> float | None:
        """Temperature [K] up to which a film may get, None if any."""
        return None


class SwitchingLaw(Film):
    """Film with one resistivity below and another one above a transition temperature."""

    law: Literal["switching"]
    """rho = (1 - f) (cold + cold_quadratic T^2) + f hot, f = 1/(1 + exp(-(T -
    temperature)/width))."""
    cold: dim.Resistivity
    """Resistivity far below the transition, its part that does not depend on the temperature."""
    cold_quadratic: QuadraticResistivity
    """Coefficient of T^2 of the resistivity below the transition; 0 for none."""
    hot: dim.Resistivity
    """Resistivity of the hot phase, far above the transition."""
    temperature: dim.Temperature
    """Centre T_s of the transition, where half of the film is hot phase, f = 1/2."""
    width: dim.TemperatureDifference
    """Width w of the transition: f goes from 0.12 to 0.88 within 4 w."""

    def resistivity(self) -> SwitchingResistivity:
        """Return the law in SI."""
        return SwitchingResistivity(
            *map(float, (self.cold, self.cold_quadratic, self.hot, self.temperature, self.width))
        )


class LogarithmicLaw(Film):
    """Film whose resistivities below and above the transition are orders of magnitude apart."""

    law: Literal["logarithmic"]
    """rho = cold^(1 - f) hot^f, f = 1/(1 + exp(-(T - temperature)/width))."""
    cold: dim.Resistivity
    """Resistivity of the cold phase, far below the transition."""
    hot: dim.Resistivity
    """Resistivity of the hot phase, far above the transition, usually orders of magnitude away."""
    temperature: dim.Temperature
    """Centre T_s of the transition, where the resistivity is the geometric mean of both."""
    width: dim.TemperatureDifference
    """Width w of the transition: f goes from 0.12 to 0.88 within 4 w."""

    def resistivity(self) -> LogarithmicSwitchingResistivity:
        """Return the law in SI."""
        return LogarithmicSwitchingResistivity(
            *map(float, (self.cold, self.hot, self.temperature, self.width))
        )


class HysteresisLaw(Film):
    """Film with a memory: what turned on heating turns back on cooling only further down."""

    law: Literal["hysteresis"]
    """rho = cold^(1 - f) hot^f with a fraction f of the hot phase that remembers, for films in
    time."""
    cold: dim.Resistivity
    """Resistivity of the cold phase at `temperature_up`."""
    activation: dim.Energy = Quantity(0.0, "J", "0 eV", "default")
    """Energy E by which the cold phase conducts better when it is hotter, as exp(-E/kT)."""
    hot: dim.Resistivity
    """Resistivity of the hot phase."""
    temperature_up: dim.Temperature
    """Centre of the transition of a film that is heated all the way."""
    temperature_down: dim.Temperature
    """Centre of the transition of a film that is cooled all the way; it lies below the other."""
    width: dim.TemperatureDifference
    """Width w of both transitions, each as f = 1/(1 + exp(-(T - centre)/w))."""

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
