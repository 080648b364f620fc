"""TOML section of what a film lies on."""

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from mitmodels.cases.config.dimensions import (
    Length,
    LossOrZero,
    ThermalBoundaryResistance,
    ThermalConductivity,
)
from mitmodels.cases.config.materials import Material
from mitmodels.cases.config.section import Section


class HalfSpaceSection(Material):
    """Substrate as an adiabatic half-space in which the heat spreads.

    With a ``thickness`` it ends on a heat sink at the ambient temperature. Film and pads may be
    separated from it by a thermal ``boundary_resistance``.
    """

    model: Literal["half_space"]
    conductivity: ThermalConductivity
    thickness: Length | None = None
    boundary_resistance: ThermalBoundaryResistance | None = None

    def conductance(self, area: float) -> float:
        """Rough heat loss of an area [m2] per kelvin [W/K].

        A disc on a half-space loses 4 kappa a per kelvin.
        """
        spreading = 4 * self.conductivity * np.sqrt(area / np.pi)
        through = self.conductivity * area / self.thickness if self.thickness else 0.0
        return float(1 / (1 / (spreading + through) + (self.boundary_resistance or 0.0) / area))


class SheetSection(Section):
    """Substrate as a local heat loss."""

    model: Literal["sheet"]
    loss: LossOrZero

    def conductance(self, area: float) -> float:
        """Heat loss of an area [m2] per kelvin [W/K]."""
        return float(self.loss * area)


SubstrateSection = Annotated[HalfSpaceSection | SheetSection, Field(discriminator="model")]
