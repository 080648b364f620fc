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
    highest: dim.Frequency = Quantity(1e9, "Hz", "1 GHz", "default")

    @model_validator(mode="after")
    def _is_a_range(self) -> Self:
        if self.lowest >= self.highest:
            raise ValueError(
                f"lowest = {float(self.lowest):g} Hz is not below highest = "
                f"{float(self.highest):g} Hz: exchange them"
            )
        return self


class ImpedanceAt(Frequencies):
    """States whose impedance is computed, stable or not: those with values of observed quantities.

    Frequencies go from ``lowest`` to ``highest`` with so many ``per_decade``.
    """

    states: ValuesAt = Field(default_factory=dict)
    per_decade: int = Field(default=10, ge=1, le=1000)

    @property
    def count(self) -> int:
        """Number of frequencies."""
        decades = math.log10(self.highest / self.lowest)
        return math.ceil(self.per_decade * decades * (1 - 1e-12)) + 1


class Critical(Frequencies):
    """Elements of the circuit, at whose critical value a stable state begins to oscillate.

    The value of every stable state on the branch; the other elements are those of the circuit. Its
    frequency lies between ``lowest`` and ``highest``. Where the circuit has the critical value, the
    branch has a Hopf point.
    """

    elements: tuple[Element, ...] = ()
