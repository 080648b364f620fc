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
    """How the active electrode recedes above the filament: s = G_w * min(v* (H - r_0), s_max)."""

    ratio: dim.Fraction
    """Speed v* of the electrode's recession over that of the filament's growth; 0 leaves it
    flat."""
    deepest: dim.LengthOrZero
    """Bound s_max of the recess, about two atomic layers."""
    width: dim.Length
    """Standard deviation of the Gaussian G_w that smooths the recess along the radius, about one
    atom; it decides where the gap is smallest."""
    nucleus: dim.Length
    """Height r_0 of the nucleus, about one atom, with which a filament begins and beyond which its
    growth makes the electrode recede."""


class Kinetics(Material):
    """Charge transfer at both interfaces of the electrolyte, by Butler and Volmer."""

    exchange_current_density: dim.CurrentDensity
    """J_0 at the reference temperature: the current density of ions, both ways, at an interface at
    rest."""
    activation_energy: dim.Energy
    """W_A, by which J_0 rises with the temperature as exp(-W_A/kT)."""
    transfer_coefficient: dim.Fraction
    """Share alpha of the overpotential that speeds up deposition; 1 - alpha speeds up
    dissolution."""
    charge_number: int = Field(ge=1, le=4)
    """Charge z of an ion in elementary charges, 1 for Cu+ and Ag+, 2 for Cu2+."""
    reference_temperature: dim.Temperature
    """Temperature T_0 at which the exchange current density is given."""


class Hopping(Material):
    """Ions in the electrolyte, which hop in its field by Mott and Gurney."""

    concentration: dim.NumberDensity
    """Number c of mobile ions per volume of oxide, to which its conductivity is proportional."""
    attempt_frequency: dim.Frequency
    """Attempts f of an ion to hop per time, a phonon frequency of some 1e12 to 1e13 Hz."""
    distance: dim.Length
    """Length a of a hop: the conductivity rises steeply where the field reaches 2kT/(z e a)."""
    activation_energy: dim.Energy
    """Barrier W that an ion crosses at each hop where there is no field."""


class Barrier(Material):
    """Energies that growth costs away from the axis and in the void."""

    mechanical: dim.Energy
    """W_m of the work W_m (exp(r/r_m) - 1) that growth costs at the radius r: the oxide gives
    way."""
    mechanical_length: dim.Length
    """r_m of that work: it decides how wide the filament gets."""
    void: dim.Energy
    """W_v of the work W_v exp((z - L)/z_v) that growth costs near the active electrode, z = L."""
    void_length: dim.Length
    """z_v of that work: it decides at which gap growth stops, and so the resistance that is
    left."""


class Oxide(Section):
    """Electrons through the oxide beside the gap."""

    leakage: Leakage | None = None
    """Resistance beside the filament and its gap, or resistivity of the oxide from which that of a
    cell without a filament follows; it does not change with growth."""

    def conductance(self, stack: "EcmStack") -> float:
        """Conductance of the leakage [S], 0 without one."""
        if self.leakage is None:
            return 0.0
        area = math.pi * stack.radius**2
        return 1 / self.leakage if self.leakage.unit == "ohm" else area / stack.oxide / self.leakage


class GrowthSection(Section):
    """What growth and dissolution depend on besides the kinetics."""

    surface_energy: SurfaceEnergy = Quantity(0.0, "J/m2", "0 J/m2", "default")
    """Energy gamma, because of which a surface of curvature K grows only above an overpotential of
    gamma M K/(z F rho), and a nucleus below the critical one not at all; 0 leaves it out."""


class Heat(Material):
    """Electrolyte, and the outer faces of both electrodes."""

    oxide: dim.ThermalConductivity
    """Thermal conductivity of the oxide around the filament."""
    ambient: dim.Temperature
    """Temperature of the outer faces of both electrodes, at which conductivities of metals are
    given, too."""


class HeatCapacity(Section):
    """Heat that the regions store, the active electrode as the filament.

    The heat of a cell is steady; with this a run says how long it takes to become so.
    """

    filament: dim.VolumetricHeatCapacity
    """Heat capacity of filament and active electrode per volume, rho c_p."""
    counter: dim.VolumetricHeatCapacity
    """Heat capacity of the counter electrode per volume, rho c_p."""
    oxide: dim.VolumetricHeatCapacity
    """Heat capacity of the oxide per volume, rho c_p."""

    def by_region(self) -> dict[str, float]:
        """Heat capacity of each region [J/(m3 K)]."""
        return {name: float(value) for name, value in (*self, ("active", self.filament))}
