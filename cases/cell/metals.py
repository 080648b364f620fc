"""Sections of the metals of a cell."""

from typing import Annotated, Literal

from mitmodels.cases.config import dimensions as dim
from mitmodels.cases.config.materials import Material
from mitmodels.cases.config.quantity import Dimension, Quantity

HeatConductivity = Annotated[
    Quantity | Literal["wiedemann_franz"],
    Dimension(
        "a thermal conductivity", "W/(m K)", "400 W/(m K)", above=0, usual=(0.01, 3000),
        word="wiedemann_franz",
    ),
]  # fmt: skip


class Conductor(Material):
    """Electrical conductivity of a metal."""

    conductivity: dim.Conductivity
    temperature_coefficient: dim.TemperatureCoefficient


class Metal(Conductor):
    """Conductivities of a metal."""

    thermal_conductivity: dim.ThermalConductivity


class Filament(Conductor):
    """Metal of filament and active electrode; the filament is a thin wire of it.

    Its ``thermal_conductivity`` is a number for both, or follows from the electrical one, in the
    filament that of the thin wire: ``"wiedemann_franz"``. Its surface energy counts in relaxation
    only.
    """

    thermal_conductivity: HeatConductivity
    molar_mass: dim.MolarMass
    density: dim.Density
    melting: dim.Temperature
    mean_free_path: dim.LengthOrZero
    specularity: dim.Fraction
    surface_energy: dim.SurfaceEnergy | None = None
