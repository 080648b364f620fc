"""What a steady film is asked about small signals, in the TOML file."""

import math
from typing import Self

from pydantic import Field, model_validator

from mitmodels.cases.config import dimensions as dim
from mitmodels.cases.config.observed import ValuesAt
from mitmodels.cases.config.quantity import Quantity
from mitmodels.cases.config.section import Section
from mitmodels.hopf import Element


class Frequencies(Section):
    """Range of frequencies."""

    lowest: dim.Frequency = Quantity(1.0, "Hz", "1 Hz", "default")
    """Lowest frequency at which the impedance is computed or an oscillation is looked for."""
    highest: dim.Frequency = Quantity(1e9, "Hz", "1 GHz", "default")
    """Highest frequency at which the impedance is computed or an oscillation is looked for."""

    @model_validator(mode="after")
    def _is_a_range(self) -> Self:
        if self.lowest >= self.highest:
            raise ValueError(
                f"lowest = {float(self.lowest):g} Hz is not below highest = "
                f"{float(self.highest):g} Hz: exchange them"
            )
        return self


class ImpedanceAt(Frequencies):
    """States whose impedance is computed, stable or not."""

    states: ValuesAt = Field(default_factory=dict, examples=[{"V_source": ["16 V"]}])
    """Values of observed quantities: the impedance of every state of the branch with one of them is
    computed."""
    per_decade: int = Field(default=10, ge=1, le=1000)
    """Number of frequencies in each decade between the lowest and the highest."""

    @property
    def count(self) -> int:
        """Number of frequencies."""
        decades = math.log10(self.highest / self.lowest)
        return math.ceil(self.per_decade * decades * (1 - 1e-12)) + 1


class Critical(Frequencies):
    """Elements of the circuit at whose critical value a stable state begins to oscillate."""

    elements: tuple[Element, ...] = Field(default=(), examples=[["capacitance"]])
    """Elements of which the critical value is computed at every stable state; the others are those
    of the circuit, which has a Hopf point where it has that value."""
