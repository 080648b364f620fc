"""TOML sections of what a film is made of."""

from typing import Annotated, Literal

from pydantic import Field

from mitmodels.cases.config import dimensions as dim
from mitmodels.cases.config.section import Section
from mitmodels.cases.film.laws.phases import HysteresisLaw, LogarithmicLaw, SwitchingLaw
from mitmodels.cases.film.laws.table import TableLaw
from mitmodels.film.disorder import LognormalField

FilmLaw = Annotated[
    SwitchingLaw | LogarithmicLaw | TableLaw | HysteresisLaw, Field(discriminator="law")
]


class Inhomogeneity(Section):
    """Random variation along the film, a lognormal factor of mean one."""

    quantity: Literal["resistivity", "loss"]
    """What varies: resistivity of the film, or loss of heat into a sheet substrate."""
    amplitude: dim.Fraction
    """Standard deviation a of the logarithm of its factor, mostly 0.5 to 10 %."""
    correlation_length: dim.Length
    """Length l over which the factor stays alike, with correlation exp(-d^2/(2 l^2)) at a distance
    d."""
    seed: int = Field(ge=0)
    """Seed of the random numbers: the same seed gives the same film on every mesh."""

    def factor(self) -> LognormalField:
        """Return the factor of the quantity as a function of the place."""
        return LognormalField(float(self.amplitude), float(self.correlation_length), self.seed)
