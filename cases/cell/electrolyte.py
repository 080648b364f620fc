"""Sections of a cell's electrolyte, of what grows into it and of what recedes from it."""

import math
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from mitmodels.cases.config import dimensions as dim
from mitmodels.cases.config.materials import Material
from mitmodels.cases.config.quantity import Dimension, Quantity
from mitmodels.cases.config.section import Section

if TYPE_CHECKING:
    from mitmodels.meshes.ecm_stack import EcmStack

Leakage = Annotated[
    Quantity, Dimension("a resistance or resistivity", "ohm or ohm m", "100 Gohm", above=0)
]
SurfaceEnergy = Annotated[
    Quantity, Dimension("a surface energy", "J/m2", "1.79 J/m2", least=0, usual=(1e-3, 20))
]


class Void(Section):
    """How the active electrode recedes: see `Dissolution`."""

    ratio: dim.Fraction
    deepest: dim.LengthOrZero
    width: dim.Length
    nucleus: dim.Length


class Kinetics(Material):
    """Charge transfer at both interfaces of the electrolyte."""

    exchange_current_density: dim.CurrentDensity
    activation_energy: dim.Energy
    transfer_coefficient: dim.Fraction
    charge_number: int = Field(ge=1, le=4)
    reference_temperature: dim.Temperature


class Hopping(Material):
    """Ions in the electrolyte."""

    concentration: dim.NumberDensity
    attempt_frequency: dim.Frequency
    distance: dim.Length
    activation_energy: dim.Energy


class Barrier(Material):
    """Energies that growth costs away from the axis and in the void."""

    mechanical: dim.Energy
    mechanical_length: dim.Length
    void: dim.Energy
    void_length: dim.Length


class Oxide(Section):
    """Electrons through the oxide beside the gap.

    ``leakage`` is a resistance in parallel to the filament and its gap, or the resistivity from
    which that of the cell without a filament follows.
    """

    leakage: Leakage | None = None

    def conductance(self, stack: "EcmStack") -> float:
        """Conductance of the leakage [S], 0 without one."""
        if self.leakage is None:
            return 0.0
        area = math.pi * stack.radius**2
        return 1 / self.leakage if self.leakage.unit == "ohm" else area / stack.oxide / self.leakage


class GrowthSection(Section):
    """What growth and dissolution depend on besides the kinetics.

    With a ``surface_energy`` a curved surface grows at larger overpotentials and dissolves at
    smaller ones, and a nucleus that is smaller than the critical one does not grow.
    """

    surface_energy: SurfaceEnergy = Quantity(0.0, "J/m2", "0 J/m2", "default")


class Heat(Material):
    """Electrolyte, and the outer faces of both electrodes."""

    oxide: dim.ThermalConductivity
    ambient: dim.Temperature


class HeatCapacity(Section):
    """Heat that the regions store, the active electrode as the filament.

    The heat of a cell is steady; with this a run says how long it takes to become so.
    """

    filament: dim.VolumetricHeatCapacity
    counter: dim.VolumetricHeatCapacity
    oxide: dim.VolumetricHeatCapacity

    def by_region(self) -> dict[str, float]:
        """Heat capacity of each region [J/(m3 K)]."""
        return {name: float(value) for name, value in (*self, ("active", self.filament))}
