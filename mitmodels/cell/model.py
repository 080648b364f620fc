"""Laws of an electrochemical metallization cell, together."""

from dataclasses import dataclass
from typing import Any

from mitmodels.cell.electrochemistry import ButlerVolmer, Deposit, GrowthBarrier, HoppingConductor
from mitmodels.cell.metals import Conductivity, ThinWire
from mitmodels.cell.tunnelling import TunnelBarrier
from mitmodels.checks import not_negative, positive, within
from mitmodels.circuit import SeriesCircuit
from mitmodels.constants import LORENZ


@dataclass(frozen=True)
class CellModel:
    """Laws of an electrochemical metallization cell.

    Attributes
    ----------
    kinetics : ButlerVolmer
        Of both interfaces of the electrolyte.
    hopping : HoppingConductor
        Of the ions in the electrolyte.
    barrier : GrowthBarrier
        That growth meets away from the axis and in the void.
    deposit : Deposit
        The metal of filament and active electrode.
    tunnel : TunnelBarrier
        Between filament and active electrode.
    filament_heat_fraction : float or None
        Fraction of the tunnel heat that the filament takes while the active electrode is positive,
        else it takes the rest; None for the closed form of `TunnelBarrier.receiving_fraction`.
    tunnel_heating : bool
        Whether electrons that tunnel heat the cell; if not, their energy is left out.
    wire : ThinWire
        Size effect in the filament.
    filament_conductivity, counter_conductivity : Conductivity
        Electrical, of the bulk metals [S/m].
    metal_heat, counter_heat, oxide_heat : Conductivity
        Thermal, of filament and active electrode, counter electrode, electrolyte [W/(m K)]. None
        for the first is the law of Wiedemann and Franz for both, in the filament with the
        conductivity of the thin wire.
    circuit : SeriesCircuit
        In series with the cell.
    melting : float
        Melting point of the deposited metal [K], above which the model has no meaning.
    ambient : float
        Temperature of the outer faces of both electrodes [K].
    leakage : float
        Conductance of the oxide for electrons that do not tunnel from the filament [S].
    surface_energy : float
        Of the filament against the electrolyte while it grows and dissolves [J/m2].
    """

    kinetics: ButlerVolmer
    hopping: HoppingConductor
    barrier: GrowthBarrier
    deposit: Deposit
    tunnel: TunnelBarrier
    filament_heat_fraction: float | None
    tunnel_heating: bool
    wire: ThinWire
    filament_conductivity: Conductivity
    counter_conductivity: Conductivity
    metal_heat: Conductivity | None
    counter_heat: Conductivity
    oxide_heat: Conductivity
    circuit: SeriesCircuit
    melting: float
    ambient: float
    leakage: float = 0.0
    surface_energy: float = 0.0

    def __post_init__(self) -> None:
        """Refuse values without a meaning."""
        positive("ambient", self.ambient, "K")
        positive("melting", self.melting, "K")
        not_negative("leakage", self.leakage, "S")
        not_negative("surface_energy", self.surface_energy, "J/m2")
        if self.filament_heat_fraction is not None:
            within("filament_heat_fraction", self.filament_heat_fraction, 0.0, 1.0, "")

    def conductivity(self, metal: str, T: Any, thinness: Any) -> Any:
        """Electrical conductivity [S/m] of counter electrode or filament at a temperature [K].

        ``thinness`` is that of the filament over that of the bulk.
        """
        if metal == "counter":
            return self.counter_conductivity(T)
        return self.filament_conductivity(T) * thinness

    def heat_conductivity(self, region: str, T: Any, thinness: Any) -> Any:
        """Thermal conductivity [W/(m K)] of a region at a temperature [K].

        ``thinness`` as in `conductivity`.
        """
        if region in ("counter", "oxide"):
            return (self.counter_heat if region == "counter" else self.oxide_heat)(T)
        if self.metal_heat is not None:
            return self.metal_heat(T)
        thinness = thinness if region == "filament" else 1.0
        return LORENZ * self.conductivity("filament", T, thinness) * T

    def capillary(self, curvature: Any) -> Any:
        """Overpotential by the surface energy [V] at a sum of both principal curvatures [1/m].

        That of Gibbs and Thomson; metal grows where the overpotential of the voltage is below its
        negative, a sphere if its radius is above twice this voltage's length over that one.
        """
        return self.surface_energy * self.deposit.volume_per_charge * curvature
