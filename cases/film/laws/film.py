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
    """Random variation along the film: standard deviation of the logarithm, and its extent."""

    quantity: Literal["resistivity", "loss"]
    amplitude: dim.Fraction
    correlation_length: dim.Length
    seed: int = Field(ge=0)

    def factor(self) -> LognormalField:
        """Return the factor of the quantity as a function of the place."""
        return LognormalField(float(self.amplitude), float(self.correlation_length), self.seed)
