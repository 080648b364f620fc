"""Section of electrons that tunnel between two metals."""

from typing import Annotated, Literal

from mitmodels.cases.config.dimensions import PositiveRatio, positive
from mitmodels.cases.config.materials import Material, Ranges
from mitmodels.cases.config.quantity import Dimension, Quantity
from mitmodels.cell.tunnelling import TunnelBarrier
from mitmodels.constants import ELEMENTARY_CHARGE

PositiveEnergy = Annotated[Quantity, positive("an energy", "J", "3.6 eV", 1e-23, 1e-16)]

Share = Annotated[
    Quantity | Literal["closed_form"],
    Dimension("a fraction", "", "0.5", least=0, most=1, word="closed_form"),
]


def electronvolts(energy: float) -> float:
    """Return an energy [J] in electronvolts."""
    return energy / ELEMENTARY_CHARGE


class Tunnel(Material):
    """Electrons that tunnel through the gap between filament and electrode."""

    height: PositiveEnergy
    """Height W of the barrier that the oxide in the gap is to electrons."""
    mass_ratio: PositiveRatio
    """Mass m of the tunnelling electrons over that of free ones, mostly 0.1 to 1; with W it gives
    kappa = sqrt(2 m W)/hbar, by which the current falls with the gap as exp(-2 kappa g)."""
    prefactor: PositiveRatio
    """Factor c of the current, on which the literature does not agree: 1/2, 1 or 3/2."""
    fermi_energy: PositiveEnergy
    """Fermi energy of the metal: it gives the conductance of an open contact, which bounds that of
    a gap."""
    filament_share: Share | None = None
    """Share gamma of the electrons' heat that the filament takes while the electrode is positive;
    `"closed_form"`, the default, follows from gap and voltage."""
    heating: bool = True
    """Whether the electrons that tunnel leave their heat in filament and electrode."""
    law: Literal["linear", "simmons"] = "linear"
    """Current linear in the voltage, or that of Simmons, for voltages up to the barrier's
    height."""

    @property
    def ranges(self) -> Ranges:
        """Ranges of its laws; that of the conductance is of the linear one."""
        linear = self.law == "linear"
        return {name: ends for name, ends in self.valid.items() if linear or name != "conductance"}

    @property
    def filament_fraction(self) -> float | None:
        """Fraction of the heat, None for the closed form."""
        share = self.filament_share
        return None if share is None or isinstance(share, str) else float(share)

    def barrier(self) -> TunnelBarrier:
        """Return the law in SI."""
        return TunnelBarrier(
            electronvolts(self.height),
            float(self.mass_ratio),
            float(self.prefactor),
            electronvolts(self.fermi_energy),
            self.law,
        )
