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
    """Electrical conductivity of a metal, sigma_0/(1 + a (T - T_0))."""

    conductivity: dim.Conductivity
    """Electrical conductivity sigma_0 of the bulk metal at the ambient temperature T_0."""
    temperature_coefficient: dim.TemperatureCoefficient
    """a of its fall with the temperature, sigma_0/(1 + a (T - T_0))."""


class Metal(Conductor):
    """Conductivities of a metal."""

    thermal_conductivity: dim.ThermalConductivity
    """Thermal conductivity of the metal, through which the filament's heat leaves."""


class Filament(Conductor):
    """Metal of filament and active electrode; the filament is a thin wire of it."""

    thermal_conductivity: HeatConductivity
    """Thermal conductivity of filament and active electrode, or `"wiedemann_franz"`: L_0 sigma T of
    their electrical one, which in the filament is that of the thin wire."""
    molar_mass: dim.MolarMass
    """Molar mass M of the metal: an ionic current density J moves the surface by M J/(z F rho)."""
    density: dim.Density
    """Mass density rho of the metal in the same law of Faraday."""
    melting: dim.Temperature
    """Melting point of the metal: an event of the run when the hottest spot passes it."""
    mean_free_path: dim.LengthOrZero
    """Mean free path lambda of the electrons in the bulk: a filament of diameter d conducts less by
    1 + (1 - p)/(1 + p) lambda/d; 0 leaves it as the bulk."""
    specularity: dim.Fraction
    """Share p of the electrons that the filament's surface reflects like a mirror."""
    surface_energy: dim.SurfaceEnergy | None = None
    """Energy gamma of the surface between metal and oxide, which lets a filament relax without a
    bias (`mitmodels relax`)."""
